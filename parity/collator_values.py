"""Records the batches of Python's collators, for crates/trainer-collate/tests/it/recorded.rs.

Usage: python parity/collator_values.py

Writes crates/trainer-collate/tests/data/values.json: for each case the columns, the options and, for each tensor of the
batch, dtype, shape and values; null where Python raises.
"""

from pathlib import Path

from transformers import BertTokenizer, DataCollatorWithPadding, DefaultDataCollator

import case_lines

VOCAB = {token: i for i, token in enumerate(["[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "b", "[PAD]"])}
IDS = [[1, 4, 2], [1, 4, 5, 4, 5, 2], [1, 5, 4, 5, 2]]
TYPES = [[0, 0, 0], [0, 0, 0, 1, 1, 1], [0, 0, 1, 1, 1]]
MASKS = [[1] * len(ids) for ids in IDS]
SPECIAL = [[1, 0, 1], [1, 0, 0, 0, 0, 1], [1, 0, 0, 0, 1]]
BERT = {"input_ids": IDS, "token_type_ids": TYPES, "attention_mask": MASKS}

PADDED = {
    "longest": (BERT, {}),
    "left": (BERT, {"side": "left"}),
    "multiple of 8": (BERT, {"pad_to_multiple_of": 8}),
    "multiple of 4, left": (BERT, {"pad_to_multiple_of": 4, "side": "left"}),
    "max length": (BERT, {"padding": "max_length", "max_length": 10}),
    "max length, multiple of 8": (BERT, {"padding": "max_length", "max_length": 10, "pad_to_multiple_of": 8}),
    "model max length": (BERT, {"padding": "max_length", "model_max_length": 7}),
    "no padding, ragged": (BERT, {"padding": False}),
    "no padding, equal": ({"input_ids": [[1, 4, 2], [1, 5, 2]]}, {"padding": False}),
    "ids only": ({"input_ids": IDS}, {}),
    "ids and special tokens mask": ({"input_ids": IDS, "special_tokens_mask": SPECIAL}, {}),
    "an empty row": ({"input_ids": [[], [1, 2]], "token_type_ids": [[], [0, 1]]}, {}),
    "label": ({**BERT, "label": [1, 0, 1]}, {}),
    "label first": ({"label": [1, 0, 1], **BERT}, {}),
    "float label": ({**BERT, "label": [0.5, 1.0, -3.25]}, {}),
    "labels": ({**BERT, "labels": [1, 0, 1]}, {}),
    "label ids": ({**BERT, "label_ids": [[1, 0], [0, 1], [1, 1]]}, {}),
    "multi label": ({**BERT, "label": [[1.0, 0.0], [0.0, 0.0], [1.0, 1.0]]}, {}),
    "other columns": ({**BERT, "idx": [7, 8, 9], "weight": [0.1, 0.2, 0.3], "flag": [True, False, True]}, {}),
    "nested lists": ({**BERT, "boxes": [[[1, 2], [3, 4]], [[5, 6], [7, 8]], [[9, 10], [11, 12]]]}, {}),
    "ragged other column": ({**BERT, "words": [[1], [1, 2], [3]]}, {}),
    "text": ({**BERT, "sentence": ["a", "b", "c"]}, {}),
    "no ids": ({"attention_mask": MASKS}, {}),
}
DEFAULT = {
    "label int": {"label": [3, 1], "x": [[1, 2], [3, 4]]},
    "label float": {"label": [3.0, 1.5], "x": [1.0, 2.0]},
    "label bool": {"label": [True, False]},
    "label list of ints": {"label": [[1, 0], [0, 1]]},
    "label ids of ints": {"label_ids": [[1, 0], [0, 1]]},
    "label ids of floats": {"label_ids": [[1.5, 0.0], [0.0, 1.0]]},
    "label wins over label ids": {"label_ids": [[1, 0], [0, 1]], "label": [1, 2]},
    "labels": {"labels": [1, 2], "flag": [True, False]},
    "texts are left out": {"label": [0, 1], "text": ["a", "b"], "x": [5, 6]},
    "none in the first row is left out": {"label": [0, 1], "x": [None, 6]},
    "none in a later row": {"label": [0, 1], "x": [6, None]},
    "ragged": {"x": [[1], [1, 2]]},
    "nested": {"x": [[[1.0], [2.0]], [[3.0], [4.0]]]},
}


def rows(columns):
    names = list(columns)
    return [dict(zip(names, values)) for values in zip(*columns.values())]


def batch(collate, columns):
    try:
        result = collate(rows(columns))
    except Exception as error:
        return {"raises": f"{type(error).__name__}: {error}"}
    tensors = {}
    for name, tensor in result.items():
        dtype = str(tensor.dtype).removeprefix("torch.")
        tensors[name] = {"dtype": dtype, "shape": list(tensor.shape), "values": tensor.flatten().tolist()}
    return {"tensors": tensors}


def main():
    out = {"vocabulary": list(VOCAB), "padded": [], "default": []}
    for name, (columns, options) in PADDED.items():
        tokenizer = BertTokenizer(
            vocab=VOCAB, padding_side=options.get("side", "right"), model_max_length=options.get("model_max_length")
        )
        own = {key: value for key, value in options.items() if key not in ("side", "model_max_length")}
        result = batch(DataCollatorWithPadding(tokenizer, **own), columns)
        out["padded"].append({"name": name, "columns": columns, "options": options, **result})
    for name, columns in DEFAULT.items():
        out["default"].append({"name": name, "columns": columns, **batch(DefaultDataCollator(), columns)})
    path = Path(__file__).resolve().parent.parent / "crates/trainer-collate/tests/data/values.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    case_lines.write(path, out)


main()
