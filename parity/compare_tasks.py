"""The Python Trainer's side of `cargo xtask compare --task ner|qa|mlm`: train on a hub data set, evaluate, save.

The same jobs as `examples/run_ner.rs`, `run_qa.rs` and `run_mlm.rs`, with the flags of theirs that stand in `Program`, and every field of
TrainingArguments. Hub names are resolved in the hub's cache (HF_HUB_CACHE, HF_HUB_OFFLINE).

    HF_HUB_CACHE=../shared/assets/hub HF_HUB_OFFLINE=1 python parity/compare_tasks.py --task ner --dataset_name leondz/wnut_17 \
        --model_name_or_path sentence-transformers/all-MiniLM-L6-v2 --output_dir out/python --max_steps 60
"""

import math
from dataclasses import dataclass, field
from itertools import chain
from typing import Optional

import numpy as np
from datasets import Dataset, load_dataset
from huggingface_hub import snapshot_download
from transformers import (
    AutoModelForMaskedLM,
    AutoModelForQuestionAnswering,
    AutoModelForTokenClassification,
    AutoTokenizer,
    DataCollatorForLanguageModeling,
    DataCollatorForTokenClassification,
    DataCollatorWithPadding,
    HfArgumentParser,
    Trainer,
    TrainingArguments,
    set_seed,
)

import question_answering_features
import question_answering_metrics
import seqeval_values


@dataclass
class Program:
    task: str = field(metadata={"help": "ner, qa or mlm"})
    model_name_or_path: str = field(metadata={"help": "hub name or local folder of the model"})
    dataset_name: str = field(metadata={"help": "hub name of the data set"})
    max_seq_length: Optional[int] = field(default=None, metadata={"help": "the most tokens of a row"})
    doc_stride: int = field(default=128, metadata={"help": "qa: how many tokens two windows have in common"})
    pad_to_max_length: bool = field(default=True, metadata={"help": "qa: pad all windows to the most tokens"})


def ner(program, raw, tokenizer):
    """Words by their first piece, as run_ner.py labels them by default; entities by seqeval."""
    names = raw["train"].features["ner_tags"].feature.names

    def encode(rows):
        made = tokenizer(rows["tokens"], truncation=True, max_length=program.max_seq_length, is_split_into_words=True)
        made["labels"] = []
        for number, tags in enumerate(rows["ner_tags"]):
            words = made.word_ids(batch_index=number)
            before = [None] + words[:-1]
            made["labels"].append([tags[word] if word is not None and word != last else -100 for word, last in zip(words, before)])
        return made

    def entities(prediction):
        classes = np.argmax(prediction.predictions, axis=2)
        found = seqeval_values.evaluate(names, classes.tolist(), prediction.label_ids.tolist())
        return {key: found[f"overall_{key}"] for key in ("precision", "recall", "f1", "accuracy")}

    rows = raw.map(encode, batched=True, remove_columns=raw["train"].column_names)
    model = AutoModelForTokenClassification.from_pretrained(program.model_name_or_path, num_labels=len(names))
    return rows["train"], rows["validation"], model, DataCollatorForTokenClassification(tokenizer), entities, None


def qa(program, raw, tokenizer):
    """Windows as run_qa.py makes them; answers and SQuAD's metrics after the prediction, as it has them."""
    length = program.max_seq_length or 384

    def windows(rows):
        examples = [(r["id"], r["question"], r["context"], r["answers"]["text"], r["answers"]["answer_start"]) for r in rows]
        return question_answering_features.rows(tokenizer, examples, length, program.doc_stride, program.pad_to_max_length)

    train = windows(raw["train"])
    del train["example_id"], train["offset_mapping"]
    rows = windows(raw["validation"])
    places = [rows.pop(name) for name in ("example_id", "offset_mapping")]
    del rows["start_positions"], rows["end_positions"]

    def answers(predictions):
        starts, ends = predictions
        of_example = {}
        for window, identity in enumerate(places[0]):
            of_example.setdefault(identity, []).append(window)
        found = {}
        for row in raw["validation"]:
            own = of_example[row["id"]]
            scores = [[scores[window] for window in own] for scores in (starts, ends)]
            offsets = [places[1][window] for window in own]
            best = question_answering_metrics.answer(row["context"], offsets, *scores, 20, 30, False, 0.0)
            found[row["id"]] = (best["text"], None)
        truths = {row["id"]: row["answers"]["text"] for row in raw["validation"]}
        return question_answering_metrics.squad(found, truths)

    model = AutoModelForQuestionAnswering.from_pretrained(program.model_name_or_path)
    train, rows = Dataset.from_dict(train), Dataset.from_dict(rows)
    return train, rows, model, DataCollatorWithPadding(tokenizer), None, answers


def mlm(program, raw, tokenizer):
    """All texts behind one another, cut into rows, as run_mlm.py does; a row is masked anew whenever it is drawn."""
    most = min(program.max_seq_length or tokenizer.model_max_length, tokenizer.model_max_length, 1024)

    def cut(rows):
        joined = {key: list(chain(*rows[key])) for key in rows}
        total = len(joined["input_ids"]) // most * most
        return {key: [tokens[at:at + most] for at in range(0, total, most)] for key, tokens in joined.items()}

    encoded = raw.map(lambda rows: tokenizer(rows["text"], return_special_tokens_mask=True), batched=True, remove_columns=["text"])
    rows = encoded.map(cut, batched=True)
    model = AutoModelForMaskedLM.from_pretrained(program.model_name_or_path)
    collator = DataCollatorForLanguageModeling(tokenizer, mlm_probability=0.15)
    return rows["train"], rows["validation"], model, collator, None, None


TASKS = {"ner": ner, "qa": qa, "mlm": mlm}


def main() -> None:
    program, args = HfArgumentParser((Program, TrainingArguments)).parse_args_into_dataclasses()
    set_seed(args.seed)
    raw = load_dataset(snapshot_download(program.dataset_name, repo_type="dataset"))
    tokenizer = AutoTokenizer.from_pretrained(program.model_name_or_path)
    train, rows, model, collator, compute_metrics, answers = TASKS[program.task](program, raw, tokenizer)
    trainer = Trainer(
        model=model,
        args=args,
        train_dataset=train,
        eval_dataset=rows,
        data_collator=collator,
        processing_class=tokenizer,
        compute_metrics=compute_metrics,
    )
    result = trainer.train()
    trainer.save_model()
    trainer.log_metrics("train", result.metrics)
    trainer.save_metrics("train", result.metrics)
    trainer.save_state()
    if answers is None:
        metrics = trainer.evaluate()
    else:
        output = trainer.predict(rows, metric_key_prefix="eval")
        metrics = output.metrics | {f"eval_{key}": value for key, value in answers(output.predictions).items()}
    if program.task == "mlm":
        metrics["perplexity"] = math.exp(metrics["eval_loss"])
    trainer.log_metrics("eval", metrics)
    trainer.save_metrics("eval", metrics)


if __name__ == "__main__":
    main()
