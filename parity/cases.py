"""The Python Trainer's side of `cargo xtask parity`: runs cases and leaves for each the checkpoint of its last step and the state.

    python parity/cases.py CASES.json OUTPUT_FOLDER

`README.md` says what the cases of CASES.json are; `examples/parity_case` reads them too.
"""

import json
import sys
from pathlib import Path

import numpy as np
import torch
import transformers
from datasets import Sequence, Value, load_dataset
from huggingface_hub import snapshot_download
from sklearn.metrics import accuracy_score, f1_score
from transformers import (
    AutoConfig,
    AutoModelForMaskedLM,
    AutoModelForMultipleChoice,
    AutoModelForQuestionAnswering,
    AutoModelForSequenceClassification,
    AutoModelForTokenClassification,
    DataCollatorForLanguageModeling,
    DataCollatorWithPadding,
    Trainer,
    TrainingArguments,
    default_data_collator,
    set_seed,
)

# The tasks whose rows are of one length, this one.
PADDED = ("tokens", "answers", "masked", "choices")
LENGTH = 64
CHOICES = 3
# What is 0 in a case without dropout.
DROPOUTS = (
    "hidden_dropout_prob",
    "attention_probs_dropout_prob",
    "classifier_dropout",
    "classifier_dropout_prob",
    "dropout",
    "attention_dropout",
    "seq_classif_dropout",
    "qa_dropout",
    "pooler_dropout",
    "cls_dropout",
    "embedding_dropout",
    "mlp_dropout",
)


def load_rows(task: str):
    config = "stsb" if task == "stsb" else "mrpc"
    snapshot = Path(snapshot_download("nyu-mll/glue", repo_type="dataset"))
    files = {s: sorted(map(str, (snapshot / config).glob(f"{s}-*.parquet"))) for s in ("train", "validation")}
    rows = load_dataset("parquet", data_files=files)
    if task in ("multi_label", "shares"):
        rows = rows.map(lambda row: {"labels": labels_of(row)}, remove_columns=["label"])
        rows = rows.cast_column("labels", Sequence(Value("float32")))
    return rows


def labels_of(row) -> list[float]:
    """Three labels that follow from a row: its own, and two from its number."""
    return [float(row["label"]), float(row["idx"] % 2), float(row["idx"] % 3 == 0)]


def uncounted(row) -> dict:
    return {"label": -100 if row["idx"] % 5 == 0 else row["label"]}


def encode(case: dict, tokenizer, batch) -> dict:
    texts = (batch["sentence1"], batch["sentence2"])
    if "collator" in case:
        return tokenizer(*texts, truncation=True, max_length=LENGTH)
    if case["task"] not in PADDED:
        return tokenizer(*texts, truncation=True)
    encoded = tokenizer(*texts, truncation=True, padding="max_length", max_length=LENGTH)
    if case["task"] == "choices":
        return choices(encoded, batch["idx"], tokenizer.pad_token_id)
    return encoded | LABELS[case["task"]](encoded["input_ids"], batch["idx"], tokenizer)


def choices(encoded, numbers, padding) -> dict:
    def other(token, choice):
        return token if token == padding else (token + choice) % 30_000

    columns = {name: [[row] * CHOICES for row in rows] for name, rows in encoded.items()}
    columns["input_ids"] = [
        [[other(token, choice) for token in row] for choice in range(CHOICES)] for row in encoded["input_ids"]
    ]
    return columns | {"labels": [number % CHOICES for number in numbers]}


def label_tokens(rows, _, tokenizer) -> dict:
    padding = tokenizer.pad_token_id
    return {"labels": [[-100 if token == padding else token % 3 for token in row] for row in rows]}


def place_answers(_, numbers, __) -> dict:
    """Some end behind the row, where they do not count."""
    starts = [number % 31 for number in numbers]
    return {"start_positions": starts, "end_positions": [start + number % 37 for start, number in zip(starts, numbers)]}


def choose_words(rows, numbers, tokenizer) -> dict:
    """A seventh of all tokens; nothing is masked, which is the collator's work."""
    padding = tokenizer.pad_token_id

    def label(token, number):
        return token if token != padding and (token + number) % 7 == 0 else -100

    return {"labels": [[label(token, number) for token in row] for row, number in zip(rows, numbers)]}


LABELS = {"tokens": label_tokens, "answers": place_answers, "masked": choose_words}


def make_collator(case: dict, tokenizer):
    if "collator" in case:
        return DataCollatorForLanguageModeling(tokenizer, **case["collator"])
    return default_data_collator if case["task"] in PADDED else DataCollatorWithPadding(tokenizer)


def accuracy_and_f1(prediction):
    classes = np.argmax(prediction.predictions, axis=-1)
    return {
        "accuracy": float(accuracy_score(prediction.label_ids, classes)),
        "f1": float(f1_score(prediction.label_ids, classes)),
    }


def make_model(case: dict):
    options = {
        "mrpc": {"num_labels": 2},
        "stsb": {"num_labels": 1},
        "multi_label": {"num_labels": 3, "problem_type": "multi_label_classification"},
        "shares": {"num_labels": 3},
        "tokens": {"num_labels": 3},
    }.get(case["task"], {})
    auto_model = {
        "tokens": AutoModelForTokenClassification,
        "answers": AutoModelForQuestionAnswering,
        "masked": AutoModelForMaskedLM,
        "choices": AutoModelForMultipleChoice,
    }.get(case["task"], AutoModelForSequenceClassification)
    config = configuration(case, options)
    if case.get("from_config"):
        return auto_model.from_config(config)
    return auto_model.from_pretrained(case["model"], config=config)


def configuration(case: dict, options: dict):
    keys = case.get("config", {})
    if "model_type" in keys:
        config = AutoConfig.for_model(**keys, **options)
    else:
        config = AutoConfig.from_pretrained(case["model"], **keys, **options)
    if not case.get("dropout", True):
        for name in DROPOUTS:
            if isinstance(getattr(config, name, None), (int, float)):
                setattr(config, name, 0.0)
    return config


class RepairedTrainer(Trainer):
    """Weights the mean of each micro-batch by its labels over all labels of the window."""

    def compute_loss(self, model, inputs, return_outputs=False, num_items_in_batch=None):
        loss, outputs = super().compute_loss(model, inputs, True, num_items_in_batch)
        labels = inputs["labels"]
        if model.training and num_items_in_batch is not None:
            weight = int(labels.ne(-100).sum()) / float(num_items_in_batch)
            loss = loss * weight if weight != 1.0 else loss
        return (loss, outputs) if return_outputs else loss


def run(case: dict, output_dir: Path) -> None:
    args = TrainingArguments(output_dir=str(output_dir), use_cpu=True, disable_tqdm=True, **case["args"])
    set_seed(args.seed)
    tokenizer = getattr(transformers, case.get("tokenizer_class", "AutoTokenizer")).from_pretrained(case["model"])
    rows = load_rows(case["task"]).map(lambda batch: encode(case, tokenizer, batch), batched=True)
    if case["task"] in PADDED:
        rows = rows.remove_columns("label")
    if case.get("uncounted_labels"):
        rows = rows.cast_column("label", Value("int64")).map(uncounted)
    train, validation = rows["train"], rows["validation"]
    train = train.select(range(case.get("train_rows", len(train))))
    validation = validation.select(range(case.get("eval_rows", len(validation))))
    model = make_model(case)
    if case["args"].get("max_steps") == 0:
        model.save_pretrained(output_dir / "checkpoint-0")
        return
    trainer_class = RepairedTrainer if case.get("repair_accumulation") else Trainer
    trainer = trainer_class(
        model=model,
        args=args,
        train_dataset=train,
        eval_dataset=validation,
        data_collator=make_collator(case, tokenizer),
        processing_class=tokenizer,
        compute_metrics=accuracy_and_f1 if case["task"] == "mrpc" and not case.get("uncounted_labels") else None,
    )
    trainer.train(resume_from_checkpoint=args.resume_from_checkpoint)
    trainer.save_state()
    if case.get("predict"):
        scores = trainer.predict(validation).predictions
        scores = np.stack(scores, axis=-1) if isinstance(scores, tuple) else scores
        (output_dir / "predictions.json").write_text(json.dumps(scores.astype(np.float64).tolist()))


def main() -> None:
    cases, output = json.loads(Path(sys.argv[1]).read_text()), Path(sys.argv[2])
    for case in cases:
        run(case, output / case["name"])
        print(f"python: {case['name']} done", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
