"""Records what small tokenizers of Python's classes make of texts, for crates/trainer-tokenize/tests/data/class_values.json.

A line has a tokenizer: the folder's files, as tokenizer_texts.py makes them with a small vocabulary, what it says of itself, and cases in
that script's form. `cargo xtask parity tokenizers` compares more of everything.
"""

import pathlib
import tempfile

import case_lines
import random_texts
import tokenizer_texts as texts
from transformers import AutoTokenizer

target = pathlib.Path(__file__).parent.parent / "crates/trainer-tokenize/tests/data/class_values.json"
CLASSES = [f"{name}Tokenizer" for name in texts.BRING_PARTS] + ["FNetTokenizer", "Qwen2Tokenizer", "LlamaTokenizer"]
TEXTS = [
    "",
    " ",
    "Hello, worldho!\n",
    "  two  spaces\tand\r\nlines\u00a0and\u200bzero ",
    "Café İstanbul straße ﬁne e\u0301 Ångström",
    "don't we've I'm . ! ? , n't",
    "東京 한국어 עברית हिन्दी",
    "👩\u200d👩\u200d👧 👍🏽 🇩🇪 ½",
    "\x00control\x07 \ufffd\ufeff\ud7ff\ue000\U0010ffff",
    "[CLS] a [SEP] <s> </s> x<mask> b <mask>c [MASK] d <pad> <unk> <|endoftext|> <extra_id_0>",
    "``quoted'' ▁x Ġy ##ing <0x41>",
] + random_texts.texts(10, seed=3)[6:]
WORDS = [["Hello", "world"], ["a b", "", "don't", " c"], ["é", "👩\u200d👧", "<mask>"]]
CORPUS = ["Hello hello world of words, and the other words! don't 1 2 3 say a b c d e f g h i j k l m n o p q r s t u v w x y z é"] * 3


def short(case):
    """Without what follows from the rest."""
    if case["result"] is None:
        return case
    result = {name: value for name, value in case["result"].items() if name not in ("mask", "special", "sequences")}
    return {**case, "result": result}


def record(folder):
    tokenizer = AutoTokenizer.from_pretrained(folder)
    if " " in folder.name:
        data = {"texts": TEXTS[2:8], "pairs": list(zip(TEXTS[2:4], TEXTS[3:5])), "words": WORDS[:1]}
    else:
        data = {"texts": TEXTS, "pairs": list(zip(TEXTS[2:8], TEXTS[3:9])), "words": WORDS}
    files = {file.name: file.read_text() for file in sorted(folder.iterdir())}
    return {"name": folder.name, "files": files, "about": texts.about(tokenizer), "cases": [short(case) for case in texts.cases(tokenizer, data)]}


def main():
    recorded = []
    with tempfile.TemporaryDirectory() as out:
        for name, tokenizer_class in sorted(texts.classes().items()):
            if name not in CLASSES:
                continue
            folder = pathlib.Path(out, name)
            tokenizer_class().train_new_from_iterator([CORPUS], 110, show_progress=False).save_pretrained(folder)
            recorded += [record(pathlib.Path(out, made)) for made in [name] + texts.variants(pathlib.Path(out), name)]
    case_lines.write(target, recorded, levels=1)


main()
