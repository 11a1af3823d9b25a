"""Writes what Python's BERT computes on this machine, for `crates/trainer-models/tests/bert_bits.rs` to compare bit by bit.

    HF_HUB_CACHE=... HF_HUB_OFFLINE=1 OMP_NUM_THREADS=2 python parity/models_bert_bits.py FOLDER
    TRAINER_PARITY_BITS=FOLDER OMP_NUM_THREADS=2 cargo test -p trainer-models --test bert_bits

Both sides must run with the same number of threads. Needs torch 2.11, transformers 5.23 and the hub cache with
sentence-transformers/all-MiniLM-L6-v2 and nyu-mll/glue.
"""

import json
import os
import sys

import torch
from safetensors.torch import save_file
from transformers import AutoModel, AutoModelForSequenceClassification, AutoTokenizer, BertConfig, set_seed

MINILM = "sentence-transformers/all-MiniLM-L6-v2"
SMALL = dict(vocab_size=61, hidden_size=24, num_hidden_layers=2, num_attention_heads=3, intermediate_size=40,
             max_position_embeddings=32)


def mrpc_rows():
    import pandas

    cache = os.environ["HF_HUB_CACHE"]
    root = os.path.join(cache, "datasets--nyu-mll--glue", "snapshots")
    for folder, _, files in os.walk(root):
        for name in files:
            path = os.path.join(folder, name)
            if "mrpc" in path and name.startswith("train") and name.endswith(".parquet"):
                return pandas.read_parquet(path)
    sys.exit("no mrpc in " + root)


def write(folder, name, tensors):
    save_file({key: value.detach().contiguous().clone() for key, value in tensors.items()}, os.path.join(folder, name))


def run(model, batch, seed):
    """Evaluation scores, then loss, scores and every gradient of a training pass after `seed`."""
    out = {}
    model.eval()
    with torch.no_grad():
        result = model(**batch)
    out["eval.logits"], out["eval.loss"] = result.logits, result.loss
    model.train()
    model.zero_grad()
    set_seed(seed)
    result = model(**batch)
    result.loss.backward()
    out["train.logits"], out["train.loss"] = result.logits, result.loss
    for name, weight in model.named_parameters():
        out["grad." + name] = weight.grad
    return out


def main(folder):
    os.makedirs(folder, exist_ok=True)
    tokenizer = AutoTokenizer.from_pretrained(MINILM)
    rows = mrpc_rows()
    pairs = tokenizer(list(rows["sentence1"][:200]), list(rows["sentence2"][:200]), truncation=True)["input_ids"]
    same = [index for index, ids in enumerate(pairs) if len(ids) == len(pairs[0])][:4]
    choices = {"padded": list(range(8)), "even": same}
    cases = {
        "two": dict(num_labels=2),
        "regression": dict(num_labels=1),
        "multi": dict(num_labels=3, problem_type="multi_label_classification", classifier_dropout=0.3),
    }
    for case, options in cases.items():
        set_seed(42)
        model = AutoModelForSequenceClassification.from_pretrained(MINILM, **options)
        write(folder, f"{case}.head.safetensors", {k: v for k, v in model.named_parameters() if "classifier" in k})
        for kind, picked in choices.items():
            batch = tokenizer(
                [rows["sentence1"][index] for index in picked],
                [rows["sentence2"][index] for index in picked],
                truncation=True, padding=True, return_tensors="pt",
            )
            batch = dict(batch)
            labels = [int(rows["label"][index]) for index in picked]
            if case == "two":
                batch["labels"] = torch.tensor(labels)
            elif case == "regression":
                batch["labels"] = torch.tensor(labels).float() * 2.5 + 0.1
            else:
                batch["labels"] = torch.tensor([[label, 1 - label, 1] for label in labels]).float()
            write(folder, f"{case}.{kind}.in.safetensors", batch)
            write(folder, f"{case}.{kind}.out.safetensors", run(model, batch, 7))
    set_seed(11)
    config = BertConfig(**SMALL, num_labels=3)
    write(folder, "config.safetensors", dict(AutoModelForSequenceClassification.from_config(config).named_parameters()))
    set_seed(11)
    write(folder, "config.base.safetensors", dict(AutoModel.from_config(config).named_parameters()))
    model = AutoModel.from_pretrained(MINILM).eval()
    batch = {k: v for k, v in torch_batch(folder).items() if k != "labels"}
    with torch.no_grad():
        result = model(**batch)
    write(folder, "base.out.safetensors", {"last_hidden_state": result.last_hidden_state, "pooler_output": result.pooler_output})
    with open(os.path.join(folder, "about.json"), "w") as file:
        json.dump({"threads": torch.get_num_threads(), "small": SMALL}, file)


def torch_batch(folder):
    from safetensors.torch import load_file

    return load_file(os.path.join(folder, "two.padded.in.safetensors"))


main(sys.argv[1])
