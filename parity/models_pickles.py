"""Saves the weights of a tiny model as older programs did, for `crates/trainer-models/tests/it/pickles.rs`.

    python parity/models_pickles.py

writes folders into `crates/trainer-models/tests/data/pickles/`, each with a form of `pytorch_model.bin`, and asserts that Python
loads them with the weights of `tiny_bert_3`. Made with torch 2.11 and transformers 5.23.
"""

import json
import shutil
from pathlib import Path

import torch
from safetensors.torch import load_file
from transformers import AutoModelForSequenceClassification

DATA = Path(__file__).parent / ".." / "crates" / "trainer-models" / "tests" / "data"
TINY = DATA / "tiny_bert_3"


def old_names(weights: dict) -> dict:
    """The names of the first BERT, and the buffer that models wrote until 2023."""
    renamed = {
        name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta"): weight
        for name, weight in weights.items()
    }
    return renamed | {"bert.embeddings.position_ids": torch.arange(10).view(1, -1)}


def in_one_storage(weights: dict) -> dict:
    """Parameters that are parts of one long tensor, by their names, the classifier's lying by columns."""
    ordered = sorted(weights.items())
    flat = torch.cat([weight.flatten() for _, weight in ordered])
    found, start = {}, 0
    for name, weight in ordered:
        found[name] = torch.nn.Parameter(flat[start : start + weight.numel()].view(weight.shape))
        start += weight.numel()
    found["classifier.weight"] = found["classifier.weight"].t().contiguous().t()
    return found


def write_shards(folder: Path, weights: dict) -> None:
    names = list(weights)
    shards = {"pytorch_model-00001-of-00002.bin": names[:20], "pytorch_model-00002-of-00002.bin": names[20:]}
    for shard, held in shards.items():
        torch.save({name: weights[name] for name in held}, folder / shard)
    weight_map = {name: shard for shard, held in shards.items() for name in held}
    index = {"metadata": {"total_size": 0}, "weight_map": weight_map}
    (folder / "pytorch_model.bin.index.json").write_text(json.dumps(index, indent=1) + "\n")


def main() -> None:
    weights = load_file(TINY / "model.safetensors")
    made = {
        "old_names": old_names(weights),
        "half": {name: weight.half() for name, weight in weights.items()},
        "bfloat16": {name: weight.bfloat16() for name, weight in weights.items()},
        "double": {name: weight.double() for name, weight in weights.items()},
        "one_storage": in_one_storage(weights),
        "sharded": weights,
    }
    for name, form in made.items():
        folder = DATA / "pickles" / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        write_shards(folder, form) if name == "sharded" else torch.save(form, folder / "pytorch_model.bin")
        shutil.copy(TINY / "config.json", folder)
        model, info = AutoModelForSequenceClassification.from_pretrained(
            folder, dtype=torch.float32, output_loading_info=True
        )
        assert not info["missing_keys"] and not info["unexpected_keys"], info
        kind = {"half": torch.half, "bfloat16": torch.bfloat16}.get(name, torch.float32)
        for key, weight in model.named_parameters():
            assert torch.equal(weight, weights[key].to(kind).float()), key
        (folder / "config.json").unlink()
    folder = DATA / "pickles" / "module"
    folder.mkdir(exist_ok=True)
    torch.save(torch.nn.Linear(2, 1), folder / "pytorch_model.bin")


main()
