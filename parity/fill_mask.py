"""Records what Python's pipeline("fill-mask") answers, for crates/trainer/tests/it/fill_mask.rs.

    $(cargo xtask python) parity/fill_mask.py

writes crates/trainer/tests/data/fill_mask.json: for each model its configuration, the name of its tokenizer (see
`token_classification.py`) and calls with their answers, for each text those to each mask. RxnMapper is the model of the hub itself, read
from HF_HUB_CACHE, with the tokenizer class that its files are made for. Made with torch 2.11 and transformers 5.23.
"""

import os
import warnings
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"

from transformers import AutoModelForMaskedLM, AutoTokenizer, BertTokenizer, pipeline

import case_lines
import tiny_models

DATA = Path(__file__).parent.parent / "crates/trainer/tests/data/fill_mask.json"
TEXTS = ["the old M sees Berlin now.", "M", "\U0001f600 M\u732b cat,M  in the M house", "M M", "a dog hears the bird now , M ."]
TARGETS = ["cat", "\u0120dog", "\u2581bird", "birds", "nowhere to be", "", "cat", "\u732b"]
CALLS = [(TEXTS, {}), (TEXTS, {"top_k": 1}), (TEXTS[:3], {"top_k": 20}), (TEXTS[:3], {"targets": TARGETS}),
         (TEXTS[:3], {"targets": "cat", "top_k": 3}), (TEXTS, {"targets": TARGETS[:4], "top_k": 2}),
         (["M" + " the cat" * 60], {"tokenizer_kwargs": {"truncation": True}})]
MODELS = ["bert", "distilbert", "electra", "roberta", "modernbert", "albert", "deberta"]
REACTIONS = ["CC(M)Oc1ccccc1C(=O)O>>M", "CCO.M>>CC(=O)OCC"]


def record(pipe, calls):
    largest = 0.0

    def look(_module, _inputs, output):
        nonlocal largest
        largest = max(largest, output.logits.abs().max().item())

    pipe.model.register_forward_hook(look)
    recorded = []
    for texts, options in calls:
        texts = [text.replace("M", pipe.tokenizer.mask_token) for text in texts]
        answers = [pipe(text, **options) for text in texts]
        masks = [[answer] if not answer or isinstance(answer[0], dict) else answer for answer in answers]
        plain = [[[[one["score"], one["token"], one["token_str"], one["sequence"]] for one in mask] for mask in text] for text in masks]
        recorded.append({"texts": texts, "options": options, "answers": plain})
    return {"logits": largest, "calls": recorded}


def main():
    warnings.filterwarnings("ignore")
    recorded = {}
    for name in MODELS:
        config, tokenizer = tiny_models.MODELS[name]
        config = {**tiny_models.SIZES, **config}
        with tiny_models.folder_of(AutoModelForMaskedLM, config, tiny_models.TOKENIZERS[tokenizer]) as folder:
            pipe = pipeline("fill-mask", model=folder, tokenizer=AutoTokenizer.from_pretrained(folder), device="cpu")
            recorded[name] = {"config": config, "tokenizer": tokenizer, **record(pipe, CALLS)}
    name = "rxn4chemistry/rxnmapper-albert"
    pipe = pipeline("fill-mask", model=name, tokenizer=BertTokenizer.from_pretrained(name), device="cpu")
    recorded[name] = {"config": None, "tokenizer": name, **record(pipe, [(REACTIONS, {}), (REACTIONS, {"targets": ["C", "O", "N"]})])}
    case_lines.write(DATA, recorded, levels=3)


if __name__ == "__main__":
    main()
