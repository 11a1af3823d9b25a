"""Records what Python's fast tokenizers give, for crates/trainer-tokenize/tests/it/recorded.rs.

Usage: HF_HUB_CACHE=<hub> HF_HUB_OFFLINE=1 python parity/tokenizer_values.py

Writes crates/trainer-tokenize/tests/data/values.json. rxnmapper-albert is read with BertTokenizer: AutoTokenizer
takes AlbertTokenizer, which does not know vocab.txt and falls back to five special tokens.
"""

from pathlib import Path

import transformers
from huggingface_hub import snapshot_download

import case_lines
from tokenizer_models import MODELS

TEXTS = [
    "",
    " ",
    "Hello world",
    "The quick brown fox jumps over the lazy dog.",
    "  leading,  double  and trailing spaces  ",
    "tabs\tand\nnew\r\nlines\u00a0and\u2003wide\u200bzero-width spaces",
    "Café naïve façade coöperate Ångström İstanbul straße ﬁne",
    "cafe\u0301 with a combining accent",
    "don't won't it's we've they're I'm y'all'd've",
    "$3.50, 1,234,567.89 and 50% (approx.) -- e.g. U.S.A. @user #tag http://a.b/c?d=e&f=g",
    "東京は日本の首都です。 你好，世界",
    "한국어 문장 और हिन्दी العربية עברית ไทย",
    "emoji 😀👍🏽👩‍👩‍👧‍👦🇩🇪 and symbols ©®™ ∑√∞ ½ ²",
    "\u0000control\u0007 \ufffd\ufeff characters\u202e",
    "[CLS] literal [SEP] special [MASK] tokens [PAD] <s> </s> <mask> <pad> <|endoftext|>",
    "UPPER lower MiXeD CamelCase snake_case kebab-case",
    "Donaudampfschifffahrtsgesellschaftskapitän pneumonoultramicroscopicsilicovolcanoconiosis",
    "x" * 120,
    "a" * 99 + "b " + "!" * 30,
    "CC(=O)Oc1ccccc1C(=O)O.[Na+]>>c C c 1",
    "def f(x):\n    return x ** 2  # comment",
]
PAIRS = [
    ("", ""),
    ("Hello", ""),
    ("", "world"),
    ("The company said profits rose.", "Profits rose, the company said."),
    ("short", "a much longer second sentence that goes on and on until it must be cut"),
    ("a much longer first sentence that goes on and on until it must be cut", "short"),
    ("both of these sentences are rather long ones", "and so it is that both of them must be cut here"),
]
LENGTHS = [3, 4, 5, 7, 8, 12, 16]


def row(encoding):
    return {key: list(encoding[key]) for key in encoding.keys()}


def texts(tokenizer):
    out = []
    for text in TEXTS:
        encoding = tokenizer(text, return_offsets_mapping=True, return_special_tokens_mask=True)
        ids = encoding["input_ids"]
        out.append(
            {
                "text": text,
                **row(encoding),
                "decoded": tokenizer.decode(ids),
                "decoded_skip": tokenizer.decode(ids, skip_special_tokens=True),
                "bare": tokenizer(text, add_special_tokens=False)["input_ids"],
                "cut": [tokenizer(text, truncation=True, max_length=n)["input_ids"] for n in LENGTHS],
            }
        )
    return out


def attempt(tokenizer, first, second, **options):
    try:
        return row(tokenizer([first], [second], **options))
    except BaseException as error:  # the Rust side panics into a BaseException
        if isinstance(error, KeyboardInterrupt):
            raise
        return None


def pairs(tokenizer):
    out = []
    for first, second in PAIRS:
        cuts = []
        for side in ("right", "left"):
            tokenizer.truncation_side = side
            for strategy in ("longest_first", "only_first", "only_second"):
                for length in LENGTHS:
                    result = attempt(tokenizer, first, second, truncation=strategy, max_length=length)
                    cuts.append({"side": side, "strategy": strategy, "max_length": length, "result": result})
        tokenizer.truncation_side = "right"
        out.append({"first": first, "second": second, "whole": attempt(tokenizer, first, second), "cuts": cuts})
    return out


def main():
    out = {"transformers": transformers.__version__, "lengths": LENGTHS, "models": {}}
    for name, cls in MODELS.items():
        tokenizer = cls.from_pretrained(snapshot_download(name))
        limit = tokenizer.model_max_length
        out["models"][name] = {
            "model_input_names": tokenizer.model_input_names,
            "model_max_length": None if limit > 1e20 else limit,
            "padding_side": tokenizer.padding_side,
            "pad_token_id": tokenizer.pad_token_id,
            "special_tokens": tokenizer.special_tokens_map,
            "size": len(tokenizer),
            "texts": texts(tokenizer),
            "pairs": pairs(tokenizer),
        }
    path = Path(__file__).resolve().parent.parent / "crates/trainer-tokenize/tests/data/values.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    case_lines.write(path, out, levels=4)


main()
