"""Records what Python's pipeline("token-classification") answers, for crates/trainer/tests/it/token_classification.rs.

    $(cargo xtask python) parity/token_classification.py

writes crates/trainer/tests/data/token_classification.json: for each model its configuration, the name of its tokenizer (those of
`tiny_models.py` stand in `tokenizers.json` beside it, others are models on the hub, read from HF_HUB_CACHE), and calls with their answers.
`logits` is the largest of the outputs that the answers were made of, for the tolerance. Made with torch 2.11 and transformers 5.23.
"""

import os
import shutil
import warnings
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"

from huggingface_hub import snapshot_download
from transformers import AutoModelForTokenClassification, pipeline

import case_lines
import tiny_models

DATA = Path(__file__).parent.parent / "crates/trainer/tests/data"
KINDS = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]
NAMES = dict(id2label={str(number): name for number, name in enumerate(KINDS)},
             label2id={name: number for number, name in enumerate(KINDS)})

LONG = ("The old cat in Berlin sees dogs, now birds-cats; who hears a catdog \u00e9 in the house? \u732b\u732b Paris  and \U0001f600"
        "\U0001f469\u200d\U0001f680. ") * 2
TEXTS = ["the old cat sees Berlin now.", "Cats, dogs-birds in Paris", "", "  ", "\U0001f600 Berlin\u00e9 \U0001f469\u200d\U0001f680cat x",
         "[SEP] <s> [MASK] </s><mask>", "Who  hears\n\tthe bird's house?", "\u732bcat e\u0301 \u00e9", "a", LONG[:120]]
SPLIT = [["the", "old-cats", "in", "Berlin"], ["\U0001f600\u00e9", "cats.", "", "now"], ["Paris"], [""], ["a", "cat sees", "dogs-"]]
STRATEGIES = ["none", "simple", "first", "average", "max"]
PLAIN = [(TEXTS, {"aggregation_strategy": name}) for name in STRATEGIES] + [
    (TEXTS, {"aggregation_strategy": "simple", "ignore_labels": []}), (TEXTS, {"ignore_labels": ["B-PER", "O", "I-LOC", "LABEL_1"]}),
    (TEXTS, {"aggregation_strategy": "max", "ignore_labels": ["PER"]}), ([LONG], {})]
WINDOWS = [([LONG, TEXTS[0], LONG[7:], ""], {"aggregation_strategy": name, "stride": stride, "ignore_labels": labels})
           for name in STRATEGIES[1:] for stride, labels in [(0, ["O"]), (8, ["O"]), (40, [])]]
PARTED = [(SPLIT, {"is_split_into_words": True, "aggregation_strategy": name}) for name in STRATEGIES] + [
    (SPLIT, {"is_split_into_words": True, "aggregation_strategy": "first", "delimiter": delimiter}) for delimiter in ["", "\u732b--"]] + [
    ([LONG.split(" ")], {"is_split_into_words": True, "aggregation_strategy": "simple", "stride": 6, "ignore_labels": []})]

REAL = dict(model_type="bert", **{**tiny_models.SIZES, "max_position_embeddings": 512})
MODELS = {
    "bert": PLAIN + WINDOWS + PARTED, "distilbert": PLAIN, "electra": PLAIN[:3], "roberta": PLAIN + WINDOWS, "modernbert": PLAIN[:4],
    "roberta in words": PLAIN[:3] + PARTED, "albert": PLAIN + WINDOWS + PARTED, "deberta": PLAIN[:3] + WINDOWS[:2],
}
OTHERS = {
    "google-bert/bert-base-cased": (28996, PLAIN[:5] + PARTED[:5]), "FacebookAI/roberta-base": (50265, PLAIN[:5]),
    "sentence-transformers/all-MiniLM-L6-v2": (30522, PLAIN[:5]),
}


def hub_tokenizer(name):
    def copy(folder):
        for path in Path(snapshot_download(name, local_files_only=True)).glob("*"):
            if path.name != "config.json" and not path.name.startswith("model"):
                shutil.copy(path, folder)

    return copy


def plain(answer):
    name = answer.get("entity", answer.get("entity_group"))
    return [name, float(answer["score"]), answer.get("index"), answer["word"], answer["start"], answer["end"]]


def record(config, tokenizer, write, calls):
    with tiny_models.folder_of(AutoModelForTokenClassification, config, write) as folder:
        pipe = pipeline("token-classification", model=folder, device="cpu")
        largest = 0.0

        def look(_module, _inputs, output):
            nonlocal largest
            largest = max(largest, output.logits.abs().max().item())

        pipe.model.register_forward_hook(look)
        recorded = []
        for texts, options in calls:
            answers = [[plain(one) for one in pipe([text], **options)[0]] for text in texts]
            recorded.append({"texts": texts, "options": options, "answers": answers})
    return {"config": config, "tokenizer": tokenizer, "logits": largest, "calls": recorded}


def main():
    warnings.filterwarnings("ignore")
    recorded = {}
    for name, calls in MODELS.items():
        config, tokenizer = tiny_models.MODELS[name]
        names = {} if name == "distilbert" else NAMES
        config = {**tiny_models.SIZES, **config, **names}
        recorded[name] = record(config, tokenizer, tiny_models.TOKENIZERS[tokenizer], calls)
    for name, (size, calls) in OTHERS.items():
        recorded[name] = record({**REAL, "vocab_size": size, **NAMES}, name, hub_tokenizer(name), calls)
    case_lines.write(DATA / "token_classification.json", recorded, levels=3)


if __name__ == "__main__":
    main()
