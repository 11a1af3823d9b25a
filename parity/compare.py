"""The Python Trainer's side of `cargo xtask compare` and `cargo xtask bench`: fine-tune, evaluate, save and predict
on a GLUE task; with any of --do_train, --do_eval and --do_predict only what these ask for.

The same program as `examples/glue_mrpc.rs`, with the same flags: every field of TrainingArguments, and those of
`Program` below. Hub names are resolved in the hub's cache (HF_HUB_CACHE, HF_HUB_OFFLINE); a local folder with
`train.jsonl` and `validation.jsonl` serves as a data set too.

    HF_HUB_CACHE=../shared/assets/hub HF_HUB_OFFLINE=1 python parity/compare.py \
        --model sentence-transformers/all-MiniLM-L6-v2 --output_dir out/python --max_steps 60
"""

import json
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Optional

import numpy as np
from datasets import ClassLabel, DatasetDict, load_dataset
from huggingface_hub import snapshot_download
from scipy.stats import pearsonr, spearmanr
from sklearn.metrics import accuracy_score, f1_score, matthews_corrcoef
from transformers import (
    AutoModelForSequenceClassification,
    AutoTokenizer,
    DataCollatorWithPadding,
    HfArgumentParser,
    Trainer,
    TrainingArguments,
    set_seed,
)

# The columns of the sentences, by task, as `run_glue.py` has them.
SENTENCES = {
    "cola": ("sentence", None),
    "mnli": ("premise", "hypothesis"),
    "mrpc": ("sentence1", "sentence2"),
    "qnli": ("question", "sentence"),
    "qqp": ("question1", "question2"),
    "rte": ("sentence1", "sentence2"),
    "sst2": ("sentence", None),
    "stsb": ("sentence1", "sentence2"),
    "wnli": ("sentence1", "sentence2"),
}


@dataclass
class Program:
    model: str = field(default="bert-base-cased", metadata={"help": "hub name or local folder of the model"})
    dataset: str = field(default="glue", metadata={"help": "hub name or local folder of the data set"})
    dataset_config: str = field(default="mrpc", metadata={"help": "configuration of the data set: the GLUE task"})
    predict_split: str = field(default="validation", metadata={"help": "the split whose rows are predicted"})
    logits_file: Optional[str] = field(
        default=None, metadata={"help": "write the logits of the validation rows here, a JSON list of rows"}
    )


def load_splits(name: str, config: str) -> DatasetDict:
    """Train, validation and where there is one test from a local folder, or the parquet files of a hub data set."""
    folder = Path(name)
    if folder.is_dir():
        files = {s: folder / f"{s}.jsonl" for s in ("train", "validation", "test")}
        return load_dataset("json", data_files={s: str(f) for s, f in files.items() if s != "test" or f.is_file()})
    name = "nyu-mll/glue" if name == "glue" else name
    snapshot = Path(snapshot_download(name, repo_type="dataset", allow_patterns=["README.md", f"{config}/*"]))
    files = {s: sorted(map(str, (snapshot / config).glob(f"{s}-*.parquet"))) for s in ("train", "validation", "test")}
    if not files["test"]:
        del files["test"]
    missing = [split for split, found in files.items() if not found]
    if missing:
        raise SystemExit(f"{snapshot / config}: no parquet file of the split {missing[0]!r}")
    return load_dataset("parquet", data_files=files)


def glue_metric(task: str):
    """GLUE's metric of a task by scikit-learn and SciPy: `evaluate` would fetch its scripts from the network."""

    def compute(prediction):
        logits, labels = prediction.predictions, prediction.label_ids
        if task == "stsb":
            scores = np.squeeze(logits)
            return {"pearson": float(pearsonr(scores, labels)[0]), "spearmanr": float(spearmanr(scores, labels)[0])}
        classes = np.argmax(logits, axis=-1)
        if task == "cola":
            return {"matthews_correlation": float(matthews_corrcoef(labels, classes))}
        found = {"accuracy": float(accuracy_score(labels, classes))}
        if task in ("mrpc", "qqp"):
            found["f1"] = float(f1_score(labels, classes))
        return found

    return compute


def main() -> None:
    program, args = HfArgumentParser((Program, TrainingArguments)).parse_args_into_dataclasses()
    set_seed(args.seed)

    raw = load_splits(program.dataset, program.dataset_config)
    first, second = SENTENCES.get(program.dataset_config, SENTENCES["mrpc"])
    label = raw["train"].features["label"]
    num_labels = 1 if label.dtype.startswith("float") else 2
    if isinstance(label, ClassLabel):
        num_labels = label.num_classes

    tokenizer = AutoTokenizer.from_pretrained(program.model)
    pair = (lambda rows: (rows[first],)) if second is None else (lambda rows: (rows[first], rows[second]))
    tokenized = raw.map(lambda rows: tokenizer(*pair(rows), truncation=True), batched=True)
    model = AutoModelForSequenceClassification.from_pretrained(program.model, num_labels=num_labels)

    trainer = Trainer(
        model=model,
        args=args,
        train_dataset=tokenized["train"],
        eval_dataset=tokenized["validation"],
        data_collator=DataCollatorWithPadding(tokenizer),
        processing_class=tokenizer,
        compute_metrics=glue_metric(program.dataset_config),
    )
    # TrainingArguments sets do_eval by itself where eval_strategy asks for evaluations.
    steps = {"--do_train", "--do_eval", "--do_predict"}
    asked = steps.intersection(sys.argv) or steps
    if "--do_train" in asked:
        result = trainer.train(resume_from_checkpoint=args.resume_from_checkpoint)
        trainer.save_model()
        trainer.log_metrics("train", result.metrics)
        trainer.save_metrics("train", result.metrics)
        trainer.save_state()
    if "--do_eval" in asked:
        metrics = trainer.evaluate()
        trainer.log_metrics("eval", metrics)
        trainer.save_metrics("eval", metrics)
    if "--do_predict" not in asked:
        return
    output = trainer.predict(tokenized[program.predict_split])
    trainer.log_metrics("test", output.metrics)
    trainer.save_metrics("test", output.metrics)
    print(output.predictions.shape, output.label_ids.shape)
    if program.logits_file is not None:
        rows = output.predictions.astype(np.float64).tolist()
        Path(program.logits_file).write_text(json.dumps(rows))


if __name__ == "__main__":
    main()
