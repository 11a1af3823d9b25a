"""Records runs of the Python Trainer and a checkpoint of each, for `crates/trainer-core/tests/it/python_checkpoint.rs`.

    python parity/python_checkpoint.py

writes into `crates/trainer-core/tests/data/python_checkpoint/` a folder for each optimizer: the checkpoint as Python wrote it in
the middle of an epoch (but `training_args.bin`, which only Python reads) and `expected.json`: the arguments, the rows, and what
the run ended with, also where it went on with `ignore_data_skip`. Made with torch 2.11 and transformers 5.23. Dropout is 0,
because what it drops depends on the processor; that the generator is restored shows in where it ends.
"""

import hashlib
import random
import shutil
import tempfile
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file
from transformers import BertConfig, BertForSequenceClassification, Trainer, TrainingArguments, set_seed
from transformers.trainer_pt_utils import safe_globals

import case_lines
from record_cases import logged, norm

OUT = Path(__file__).parent.parent / "crates/trainer-core/tests/data/python_checkpoint"
BERT = dict(vocab_size=20, hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16,
            max_position_embeddings=8, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0, initializer_range=0.4)
# 22 rows in batches of 8 are 3 steps an epoch: step 4 is the first of the second epoch, step 8 the second of the third.
ARGS = dict(max_steps=8, save_steps=4, logging_steps=1, per_device_train_batch_size=8, learning_rate=5e-3, weight_decay=0.01)
OPTIMIZERS = ("adamw_torch_fused", "adafactor")
RESUMED = 4


def make_rows() -> list[dict]:
    """4 to 7 tokens a row, padded to 7; the label says whether the first is above the second."""
    rows = []
    for row in range(22):
        length = row % 4 + 4
        ids = [(row * 7 + at * 5 + row * at * 3) % 17 + 3 for at in range(length)]
        padding = [0] * (7 - length)
        rows.append({
            "input_ids": ids + padding, "attention_mask": [1] * length + padding, "label": int(ids[0] > ids[1])
        })
    return rows


def train(folder: str, args: dict, resume: str | None = None) -> Path:
    """The last checkpoint of a run."""
    set_seed(7)
    model = BertForSequenceClassification(BertConfig(**BERT, num_labels=2))
    arguments = TrainingArguments(output_dir=folder, use_cpu=True, disable_tqdm=True, **args)
    trainer = Trainer(model, arguments, train_dataset=make_rows())
    # So that the generators of Python and NumPy are no longer where the seed puts them.
    random.random(), np.random.rand()
    trainer.train(resume_from_checkpoint=resume)
    return Path(folder) / f"checkpoint-{args['max_steps']}"


def summary(checkpoint: Path) -> dict:
    """Values logged after the checkpoint, norms of weights as `record_cases.py` takes them, and the end of torch's generator."""
    weights = load_file(checkpoint / "model.safetensors")
    with safe_globals():
        generator = torch.load(checkpoint / "rng_state.pth", weights_only=True)["cpu"]
    return {
        "log": {name: values[RESUMED:] for name, values in logged(checkpoint).items()},
        "weights": {name: norm(weights[name]) for name in sorted(weights) if not name.endswith("key.bias")},
        "generator": hashlib.sha256(generator.numpy().tobytes()).hexdigest(),
    }


def record(optim: str, args: dict) -> None:
    target = OUT / optim
    shutil.rmtree(target, ignore_errors=True)
    with tempfile.TemporaryDirectory() as whole, tempfile.TemporaryDirectory() as again:
        end = train(whole, args)
        checkpoint = Path(whole) / f"checkpoint-{RESUMED}"
        shutil.copytree(checkpoint, target / checkpoint.name, ignore=shutil.ignore_patterns("training_args.bin"))
        expected = {
            "args": args,
            "rows": make_rows(),
            "whole_run": summary(end),
            "ignore_data_skip": summary(train(again, {**args, "ignore_data_skip": True}, str(checkpoint))),
        }
    case_lines.write(target / "expected.json", expected)


def main() -> None:
    for optim in OPTIMIZERS:
        record(optim, {**ARGS, "optim": optim})


if __name__ == "__main__":
    main()
