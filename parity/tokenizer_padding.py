"""Records how Python pads and cuts in the call, for crates/trainer-tokenize/tests/data/padding.json."""

import pathlib
import warnings

import case_lines
from transformers import BertTokenizer

target = pathlib.Path(__file__).parent.parent / "crates/trainer-tokenize/tests/data/padding.json"
VOCAB = {token: i for i, token in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "b", "c"])}
SINGLE = [["a b c a b", None], ["a", None], ["b c", None]]
PAIRS = [["a b c a b", "c"], ["a", "b b"]]
OPTIONS = [
    {"padding": False},
    {"padding": True},
    {"padding": "longest", "padding_side": "left"},
    {"padding": True, "pad_to_multiple_of": 8},
    {"padding": True, "pad_to_multiple_of": 4, "padding_side": "left"},
    {"padding": True, "max_length": 5},
    {"padding": True, "max_length": 5, "truncation": True},
    {"padding": False, "max_length": 5},
    {"padding": "max_length", "max_length": 10},
    {"padding": "max_length", "max_length": 5},
    {"padding": "max_length", "max_length": 5, "truncation": "only_first"},
    {"padding": "max_length", "max_length": 10, "pad_to_multiple_of": 8},
    {"padding": "max_length", "max_length": 10, "pad_to_multiple_of": 8, "truncation": True},
    {"padding": "max_length", "max_length": 8, "pad_to_multiple_of": 8, "truncation": True},
    {"padding": True, "max_length": 6, "truncation": "do_not_truncate"},
    {"padding": True, "pad_to_multiple_of": 8, "truncation": True, "max_length": 6},
]


def record(rows, options, limit=None):
    tokenizer = BertTokenizer(vocab=VOCAB, model_max_length=limit)
    firsts, seconds = [row[0] for row in rows], [row[1] for row in rows] if rows[0][1] else None
    case = {"rows": rows, "options": options, "model_max_length": limit}
    try:
        batch = tokenizer(firsts, seconds, return_special_tokens_mask=True, return_offsets_mapping=True, **options)
    except Exception as error:
        return {**case, "raises": str(error)}
    return {**case, "batch": dict(batch)}


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    cases = [record(rows, options) for rows in (SINGLE, PAIRS) for options in OPTIONS]
    cases += [record(SINGLE, {"padding": "max_length"}), record(SINGLE, {"padding": "max_length"}, 9)]
    cases.append(record(SINGLE, {"padding": "max_length", "truncation": True}, 6))
    case_lines.write(target, cases, levels=1)
