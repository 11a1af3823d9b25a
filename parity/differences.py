"""Records what the Python Trainer does where it is wrong, for `crates/trainer-core/tests/it/differences.rs`.

    python parity/differences.py

writes `differences.json` into `crates/trainer-core/tests/data/`. Made with torch 2.11 and transformers 5.23. The model and
the rows are those of `crates/trainer-core/tests/it/support`; where numbers are recorded dropout is 0, because what it drops
depends on the processor.
"""

import tempfile
from pathlib import Path

import torch
from transformers import BertConfig, BertForSequenceClassification, Trainer, TrainingArguments, set_seed

import case_lines

OUT = Path(__file__).parent.parent / "crates/trainer-core/tests/data/differences.json"
BERT = dict(vocab_size=40, hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32,
            max_position_embeddings=16)


def make_model(dropout: float):
    set_seed(7)
    return BertForSequenceClassification(
        BertConfig(**BERT, num_labels=2, hidden_dropout_prob=dropout, attention_probs_dropout_prob=dropout)
    )


def rows(count: int, uncounted: int = 0) -> list[dict]:
    """Six tokens a row, the label says whether the first is above the second; -100 in every row before `uncounted`."""
    found = []
    for row in range(count):
        ids = [(row * 31 + at * 17 + row * at * 7) % 37 + 3 for at in range(6)]
        label = -100 if row < uncounted else int(ids[0] > ids[1])
        found.append({"input_ids": ids, "attention_mask": [1] * 6, "label": label})
    return found


def make_trainer(folder: str, dropout: float = 0.0, eval_rows=None, **args) -> Trainer:
    given = {"use_cpu": True, "disable_tqdm": True, "learning_rate": 1e-3, "num_train_epochs": 2, "logging_steps": 1}
    args = TrainingArguments(output_dir=folder, **{**given, **args})
    return Trainer(make_model(dropout), args, train_dataset=rows(30), eval_dataset=eval_rows or rows(11))


def logged(trainer: Trainer, key: str) -> list:
    return [entry[key] for entry in trainer.state.log_history if key in entry]


def accumulation() -> dict:
    """Losses and gradient norms of one batch of 8 a step, and of two of 4."""
    found = {}
    for name, batch, accumulated in (("one_batch", 8, 1), ("two_batches", 4, 2)):
        with tempfile.TemporaryDirectory() as folder:
            trainer = make_trainer(folder, per_device_train_batch_size=batch, gradient_accumulation_steps=accumulated)
            trainer.train()
            found[name] = {key: logged(trainer, key) for key in ("loss", "grad_norm")}
    return found


def evaluation_loss() -> dict:
    """The loss over 11 rows of which the first 6 do not count, in batches of 8, and the mean over the 5 that do."""
    with tempfile.TemporaryDirectory() as folder:
        trainer = make_trainer(folder, eval_rows=rows(11, uncounted=6))
        output = trainer.predict(rows(11, uncounted=6))
        scores, labels = torch.tensor(output.predictions), torch.tensor(output.label_ids)
        mean = torch.nn.functional.cross_entropy(scores, labels).item()
        return {"eval_loss": trainer.evaluate()["eval_loss"], "mean_over_labels": mean}


def damaged_checkpoint() -> dict:
    """What resuming does when the newest checkpoint lost its tail."""
    with tempfile.TemporaryDirectory() as folder:
        make_trainer(folder, save_steps=1).train()
        damaged = Path(folder) / "checkpoint-8" / "model.safetensors"
        content = damaged.read_bytes()
        damaged.write_bytes(content[: len(content) // 2])
        try:
            make_trainer(folder, save_steps=1).train(resume_from_checkpoint=True)
        except Exception as error:
            return {"error": f"{type(error).__name__}: {error}"}
        return {"error": None}


def end_of_epoch() -> dict:
    """Evaluations of a whole run of two epochs, and of one resumed from the checkpoint at the end of the first."""
    with tempfile.TemporaryDirectory() as folder:
        whole = make_trainer(folder, dropout=0.1, save_steps=1, eval_strategy="epoch")
        whole.train()
        resumed = make_trainer(folder, dropout=0.1, save_steps=1, eval_strategy="epoch")
        resumed.train(resume_from_checkpoint=str(Path(folder) / "checkpoint-4"))
        pairs = zip(whole.model.parameters(), resumed.model.parameters())
        return {
            "whole_evaluations": len(logged(whole, "eval_loss")),
            "resumed_evaluations": len(logged(resumed, "eval_loss")),
            "same_weights": all(torch.equal(a, b) for a, b in pairs),
        }


def complete_run() -> dict:
    """The last step of a run that was complete, inside an epoch, and is resumed."""
    with tempfile.TemporaryDirectory() as folder:
        make_trainer(folder, max_steps=3).train()
        trainer = make_trainer(folder, max_steps=3)
        trainer.train(resume_from_checkpoint=True)
        return {"max_steps": 3, "global_step": trainer.state.global_step}


def training_metrics() -> list:
    with tempfile.TemporaryDirectory() as folder:
        return sorted(make_trainer(folder).train().metrics)


def main() -> None:
    found = {
        "accumulation": accumulation(),
        "evaluation_loss": evaluation_loss(),
        "damaged_checkpoint": damaged_checkpoint(),
        "end_of_epoch": end_of_epoch(),
        "complete_run": complete_run(),
        "training_metrics": training_metrics(),
    }
    case_lines.write(OUT, found, levels=1)


if __name__ == "__main__":
    main()
