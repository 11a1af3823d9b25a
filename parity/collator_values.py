"""Records the batches of Python's collators, for crates/trainer-collate/tests/it/recorded.rs.

Usage: python parity/collator_values.py

Writes crates/trainer-collate/tests/data/values.json: for each case the columns, the options and, for each tensor of the
batch, dtype, shape and values, or what Python raises. Where tokens are drawn there is a second batch of the same rows, and
libtorch's generator has the seed 5.
"""

from pathlib import Path

import torch
from transformers import (
    BertTokenizer,
    DataCollatorForLanguageModeling,
    DataCollatorForMultipleChoice,
    DataCollatorForPermutationLanguageModeling,
    DataCollatorForSeq2Seq,
    DataCollatorForTokenClassification,
    DataCollatorWithFlattening,
    DataCollatorWithPadding,
    DefaultDataCollator,
)

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

LABELS = [[-100, 3, -100], [-100, 1, 2, -100, 0, -100], [-100, 0, 0, 0, -100]]
TOKENS = {
    "labels": ({**BERT, "labels": LABELS}, {}),
    "left": ({**BERT, "labels": LABELS}, {"side": "left"}),
    "multiple of 8": ({**BERT, "labels": LABELS}, {"pad_to_multiple_of": 8}),
    "max length": ({"input_ids": IDS, "labels": LABELS}, {"padding": "max_length", "max_length": 9}),
    "other label": ({"input_ids": IDS, "labels": LABELS}, {"label_pad_token_id": -1}),
    "no labels": (BERT, {}),
}
CHOICES = {
    "two": ({"input_ids": [IDS[:2], IDS[1:]], "label": [1, 0]}, {}),
    "three": ({"input_ids": [IDS, IDS[::-1]], "attention_mask": [MASKS, MASKS[::-1]], "labels": [2, 0]}, {}),
    "types": ({"input_ids": [IDS, IDS], "token_type_ids": [TYPES, TYPES], "label": [2, 0]}, {"side": "left"}),
    "multiple of 4": ({"input_ids": [IDS[:1], IDS[2:]], "label": [0, 0]}, {"pad_to_multiple_of": 4}),
    "max length": ({"input_ids": [IDS[:1], IDS[2:]], "label": [0, 0]}, {"padding": "max_length", "max_length": 9}),
    "fewer choices later": ({"input_ids": [IDS, IDS[:2]], "label": [1, 0]}, {}),
    "no ids": ({"attention_mask": [MASKS], "label": [0]}, {}),
}
LONG = {"input_ids": [[1] + [4 + (i * i + j) % 2 for i in range(60 + j)] + [2] for j in range(0, 12, 3)]}
EVEN = [[1] + [4 + (i * i + j) % 2 for i in range(20)] + [2] for j in range(3)]
SPANS = [[0, 0]] + [[i + i // 3, i + i // 3 + 1] for i in range(20)] + [[0, 0]]
WORDS = {"input_ids": EVEN, "offset_mapping": [SPANS] * 3, "special_tokens_mask": [[1] + [0] * 20 + [1]] * 3}
MASKED = {
    "default": (LONG, {}),
    "left, multiple of 8": (LONG, {"side": "left", "pad_to_multiple_of": 8}),
    "more": (LONG, {"mlm_probability": 0.5}),
    "all": (LONG, {"mlm_probability": 1.0, "mask_replace_prob": 0.3, "random_replace_prob": 0.7}),
    "masks alone": (LONG, {"mask_replace_prob": 1.0, "random_replace_prob": 0.0}),
    "no random ones": (LONG, {"mask_replace_prob": 0.5, "random_replace_prob": 0.0}),
    "random ones alone": (LONG, {"mask_replace_prob": 0.0, "random_replace_prob": 1.0}),
    "special tokens by a column": (
        {**BERT, "special_tokens_mask": [[0] * len(ids) for ids in IDS]},
        {"mlm_probability": 0.5},
    ),
    "whole words": (WORDS, {"whole_word_mask": True, "mask_replace_prob": 1.0, "random_replace_prob": 0.0}),
    "many whole words": (
        {key: WORDS[key] for key in ("input_ids", "offset_mapping")},
        {"whole_word_mask": True, "mlm_probability": 0.6, "mask_replace_prob": 1.0, "random_replace_prob": 0.0},
    ),
    "own generator": (LONG, {"seed": 11}),
    "causal": ({**BERT, "special_tokens_mask": SPECIAL}, {"mlm": False}),
    "more than one": (LONG, {"mask_replace_prob": 0.8, "random_replace_prob": 0.3}),
    "no probability": (LONG, {"mlm_probability": 1.5}),
    "whole words without masks": (WORDS, {"whole_word_mask": True, "mlm": False}),
    "whole words without offsets": (LONG, {"whole_word_mask": True}),
}
SUMMARIES = [[4, 5, 4, 2], [5, 2], [4, 4, 4, 5, 5, 5, 2]]
SEQ2SEQ = {
    "labels": ({**BERT, "labels": SUMMARIES}, {}),
    "label": ({"input_ids": IDS, "label": SUMMARIES}, {}),
    "both": ({"labels": [[1], [1], [1]], "input_ids": IDS, "label": SUMMARIES}, {}),
    "left": ({**BERT, "labels": SUMMARIES}, {"side": "left"}),
    "multiple of 4": ({**BERT, "labels": SUMMARIES}, {"pad_to_multiple_of": 4}),
    "max length": ({**BERT, "labels": SUMMARIES}, {"padding": "max_length", "max_length": 9, "pad_to_multiple_of": 2}),
    "model max length": ({**BERT, "labels": SUMMARIES}, {"padding": "max_length", "model_max_length": 12}),
    "longer than max length": ({**BERT, "labels": SUMMARIES}, {"padding": "max_length", "max_length": 6}),
    "other label": ({**BERT, "labels": SUMMARIES}, {"label_pad_token_id": 6}),
    "no padding, equal": ({"input_ids": [[1, 4], [5, 2]], "labels": [[4, 2, 2], [5, 2, 2]]}, {"padding": False}),
    "no padding, ragged labels": ({"input_ids": [[1, 4], [5, 2]], "labels": [[4, 2], [2]]}, {"padding": False}),
    "an empty label": ({"input_ids": [[1, 4], [5, 2]], "labels": [[4, 2], []]}, {}),
    "no labels": (BERT, {}),
    "labels of none": ({"input_ids": IDS, "labels": [None, None, None]}, {}),
    "labels of some": ({"input_ids": IDS, "labels": [[1, 2], None, [3]]}, {}),
    "decoder": ({**BERT, "labels": SUMMARIES}, {"decoder_start": 1}),
    "decoder without labels": (BERT, {"decoder_start": 1}),
}
EVENLY = {"input_ids": [[1] + [4 + (i * i + j) % 2 for i in range(16 + j)] + [2] for j in (0, 4)]}
PERMUTED = {
    "default": (EVENLY, {}),
    "left": (EVENLY, {"side": "left"}),
    "more": (EVENLY, {"plm_probability": 0.5, "max_span_length": 3}),
    "all": (EVENLY, {"plm_probability": 1.0, "max_span_length": 2}),
    "other columns": ({**BERT, "label": [1, 0, 1]}, {"max_span_length": 1}),
    "odd": ({"input_ids": IDS[:1]}, {}),
    "no span": (EVENLY, {"max_span_length": 0}),
    "more than one": (EVENLY, {"plm_probability": 1.5}),
    "no probability": (EVENLY, {"plm_probability": 0.0}),
    "no ids": ({"ids": IDS}, {}),
}
BOUNDS = {"return_flash_attn_kwargs": True, "return_seq_idx": True}
FLATTENED = {
    "ids": ({"input_ids": IDS}, {}),
    "labels": ({"input_ids": IDS, "labels": LABELS}, {}),
    "other columns": ({**BERT, "label": [1, 0, 1]}, {}),
    "bounds": ({"input_ids": IDS}, BOUNDS),
    "one row": ({"input_ids": IDS[:1]}, BOUNDS),
    "rows of one token": ({"input_ids": [[1], [4], [2]]}, BOUNDS),
    "no positions": ({"input_ids": IDS}, {"return_position_ids": False}),
    "positions from 2": ({"input_ids": IDS}, {"position_ids_start": 2, "return_seq_idx": True}),
    "other separator": ({"input_ids": IDS, "labels": LABELS}, {"separator_id": -1}),
    "no ids": ({"ids": IDS}, {}),
}


class ShiftsRight:
    """The part of a model that DataCollatorForSeq2Seq asks for."""

    def __init__(self, start):
        self.start = start

    def prepare_decoder_input_ids_from_labels(self, labels):
        shifted = labels.roll(1, 1)
        shifted[:, 0] = self.start
        return shifted.masked_fill(shifted == -100, VOCAB["[PAD]"])


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
        # Without labels DataCollatorForSeq2Seq says so.
        if tensor is None:
            continue
        # What flash attention takes as a plain number.
        tensor = torch.as_tensor(tensor)
        dtype = str(tensor.dtype).removeprefix("torch.")
        tensors[name] = {"dtype": dtype, "shape": list(tensor.shape), "values": tensor.flatten().tolist()}
    return {"tensors": tensors}


def record(collator_class, cases):
    recorded = []
    for name, (columns, options) in cases.items():
        tokenizer = BertTokenizer(
            vocab=VOCAB, padding_side=options.get("side", "right"), model_max_length=options.get("model_max_length")
        )
        own = {
            key: value for key, value in options.items() if key not in ("side", "model_max_length", "decoder_start")
        }
        if "decoder_start" in options:
            own["model"] = ShiftsRight(options["decoder_start"])
        case = {"name": name, "columns": columns, "options": options}
        torch.manual_seed(5)
        try:
            collator = collator_class(tokenizer, **own)
        except ValueError as error:
            recorded.append({**case, "raises": f"ValueError: {error}"})
            continue
        case.update(batch(collator, columns))
        if collator_class in (DataCollatorForLanguageModeling, DataCollatorForPermutationLanguageModeling):
            case["second"] = batch(collator, columns)
        recorded.append(case)
    return recorded


def main():
    out = {
        "vocabulary": list(VOCAB),
        "padded": record(DataCollatorWithPadding, PADDED),
        "tokens": record(DataCollatorForTokenClassification, TOKENS),
        "choices": record(DataCollatorForMultipleChoice, CHOICES),
        "masked": record(DataCollatorForLanguageModeling, MASKED),
        "seq2seq": record(DataCollatorForSeq2Seq, SEQ2SEQ),
        "permuted": record(DataCollatorForPermutationLanguageModeling, PERMUTED),
        "flattened": [],
        "default": [],
    }
    for name, (columns, options) in FLATTENED.items():
        collator = DataCollatorWithFlattening(**options)
        out["flattened"].append({"name": name, "columns": columns, "options": options, **batch(collator, columns)})
    for name, columns in DEFAULT.items():
        out["default"].append({"name": name, "columns": columns, **batch(DefaultDataCollator(), columns)})
    path = Path(__file__).resolve().parent.parent / "crates/trainer-collate/tests/data/values.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    case_lines.write(path, out)


main()
