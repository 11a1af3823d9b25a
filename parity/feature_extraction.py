"""Records what Python's pipeline("feature-extraction") gives, for crates/trainer/tests/it/feature_extraction.rs.

    $(cargo xtask python) parity/feature_extraction.py

writes crates/trainer/tests/data/feature_extraction.json: for each model its configuration, the name of its tokenizer (see
`token_classification.py`) and for each text the states of its tokens; of the hub's MiniLM, read from HF_HUB_CACHE, the first eight
numbers of each token. `mean` is the mean over the tokens, which Python's pipeline does not give, computed of its states in double
precision. Made with torch 2.11 and transformers 5.23.
"""

import os
import warnings
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"

from transformers import AutoModel, AutoTokenizer, pipeline

import case_lines
import tiny_models

DATA = Path(__file__).parent.parent / "crates/trainer/tests/data/feature_extraction.json"
TEXTS = ["the old cat sees Berlin now.", "", "\U0001f600 \u732b cat", "dogs"]
MINILM = "sentence-transformers/all-MiniLM-L6-v2"


def record(pipe, texts, width):
    states = [pipe(text, return_tensors=True) for text in texts]
    largest = max(state.abs().max().item() for state in states)
    return {"texts": texts, "largest": largest, "shapes": [list(state.shape) for state in states],
            "states": [state[0, :, :width].tolist() for state in states],
            "mean": [state[0].double().mean(0)[:width].tolist() for state in states]}


def main():
    warnings.filterwarnings("ignore")
    recorded = {}
    for name, (config, tokenizer) in tiny_models.MODELS.items():
        if tokenizer == "byte pairs in words":
            continue
        config = {**tiny_models.SIZES, **config}
        with tiny_models.folder_of(AutoModel, config, tiny_models.TOKENIZERS[tokenizer]) as folder:
            pipe = pipeline("feature-extraction", model=folder, tokenizer=AutoTokenizer.from_pretrained(folder), device="cpu")
            recorded[name] = {"config": config, "tokenizer": tokenizer, **record(pipe, TEXTS, 8)}
    pipe = pipeline("feature-extraction", model=MINILM, device="cpu")
    recorded[MINILM] = {"config": None, "tokenizer": MINILM, **record(pipe, TEXTS[:3], 8)}
    case_lines.write(DATA, recorded, levels=2)


if __name__ == "__main__":
    main()
