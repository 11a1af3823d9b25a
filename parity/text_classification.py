"""Records what Python's pipeline("text-classification") answers, for crates/trainer/tests/it/text_classification.rs.

    $(cargo xtask python) parity/text_classification.py

writes crates/trainer/tests/data/text_classification.json: for each model its folder's files, the class of its weights and calls with
their answers. The test makes the same folders: the weights follow from a formula, see `formula_weights.py`, in numbers that float32 holds exactly.
`logits` is the largest of the outputs that the answers were made of, for the tolerance. Made with torch 2.11 and transformers 5.23.
"""

import json
import tempfile
import warnings
from pathlib import Path

import torch
from transformers import AutoConfig, AutoModelForSequenceClassification, pipeline

import case_lines
from formula_weights import fill

DATA = Path(__file__).parent.parent / "crates/trainer/tests/data/text_classification.json"
WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "cat", "dog", "sees", "hears", "the", "old", "bird", "now", ".", "##s"]
SIZES = dict(vocab_size=len(WORDS), hidden_size=8, num_hidden_layers=2, num_attention_heads=2, intermediate_size=16,
             max_position_embeddings=16, type_vocab_size=2)
TOKENIZER = dict(tokenizer_class="BertTokenizer", do_lower_case=True, model_max_length=16)
ANIMALS = {"0": "cats", "1": "dogs", "2": "birds"}
THREE = dict(id2label=ANIMALS, label2id={name: int(number) for number, name in ANIMALS.items()})

TEXTS = ["the cat sees", "a dog hears the old bird now .", "", "birds", "the old old cats", "unheard of", "a", "now now now ."]
PAIRS = [["the cat sees", "a dog hears now"], ["", "a bird"], ["the old dog sees the cat .", "birds now"], ["birds", "birds hears"]]
LONG = ["the cat", "the old dog sees a bird " * 5, "now"]
LONG_PAIRS = [["the old dog sees a bird " * 3, "a cat hears " * 4], ["a", "the bird " * 20]]
ALL = [(TEXTS, {}), (TEXTS, {"top_k": None}), (TEXTS, {"top_k": 2}), (PAIRS, {}), (PAIRS, {"top_k": None})]
FUNCTIONS = [(TEXTS, {"function_to_apply": name, "top_k": None}) for name in ["sigmoid", "softmax", "none"]]

MODELS = {
    "one of three labels": (dict(model_type="bert", **THREE), {}, ALL + FUNCTIONS + [
        (LONG, {"truncation": True, "top_k": None}), (LONG_PAIRS, {"truncation": True, "top_k": None}),
        (LONG[1:2], {"truncation": True, "max_length": 7, "top_k": None}), (TEXTS[:2], {"top_k": 0})]),
    "one of three labels, said": (
        dict(model_type="bert", problem_type="single_label_classification", **THREE), {}, ALL[:2]),
    "several labels": (dict(model_type="bert", problem_type="multi_label_classification", **THREE), {}, ALL + FUNCTIONS),
    "regression": (dict(model_type="bert", problem_type="regression", num_labels=1), {}, ALL + FUNCTIONS),
    "regression of three numbers": (dict(model_type="bert", problem_type="regression", **THREE), {}, ALL[:2]),
    "one output": (dict(model_type="bert", num_labels=1), {}, ALL + FUNCTIONS[:1]),
    "two labels without names": (dict(model_type="bert"), {}, ALL[:2]),
    "roberta": (dict(model_type="roberta", pad_token_id=0, **THREE), {}, ALL),
    "padding on the left, in one batch": (dict(model_type="bert", **THREE), {"padding_side": "left"}, [
        (TEXTS, {"top_k": None, "batch_size": 8})]),
}


def plain(answer):
    return [answer["label"], answer["score"]] if isinstance(answer, dict) else [plain(one) for one in answer]


def empty_second(pipe, text):
    """A text with an empty second one: by the pipeline, and where both are tokenized in a list, as training does."""
    with torch.no_grad():
        logits = pipe.model(**pipe.tokenizer([text], [""], return_tensors="pt")).logits[0]
    scores = logits.softmax(-1).tolist()
    best = max(range(len(scores)), key=scores.__getitem__)
    return {
        "text": text,
        "in_pipeline": plain(pipe({"text": text, "text_pair": ""})),
        "in_training": [pipe.model.config.id2label[best], scores[best]],
    }


def record(config, tokenizer, calls):
    config, tokenizer = {**SIZES, **config}, {**TOKENIZER, **tokenizer}
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "config.json").write_text(json.dumps(config))
        model = AutoModelForSequenceClassification.from_config(AutoConfig.from_pretrained(folder))
        fill(model)
        model.save_pretrained(folder)
        Path(folder, "vocab.txt").write_text("\n".join(WORDS))
        Path(folder, "tokenizer_config.json").write_text(json.dumps(tokenizer))
        pipe = pipeline("text-classification", model=folder, device="cpu")
        largest = 0.0

        def look(_module, _inputs, output):
            nonlocal largest
            largest = max(largest, output.logits.abs().max().item())

        pipe.model.register_forward_hook(look)
        recorded = []
        for texts, options in calls:
            inputs = [text if isinstance(text, str) else dict(text=text[0], text_pair=text[1]) for text in texts]
            recorded.append({"texts": texts, "options": options, "answers": plain(pipe(inputs, **options))})
        empty = empty_second(pipe, "the old dog sees the cat .")
    return {"config": config, "tokenizer": tokenizer, "words": WORDS, "logits": largest, "empty_second": empty, "calls": recorded}


def main():
    warnings.filterwarnings("ignore")
    DATA.parent.mkdir(exist_ok=True)
    case_lines.write(DATA, {name: record(*model) for name, model in MODELS.items()}, levels=3)


main()
