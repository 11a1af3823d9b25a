"""Records what tokenizers of Python's classes make of SentencePiece models, for crates/trainer-tokenize/tests/data/sentencepiece.json.

Usage: python parity/sentencepiece_values.py [train]

Needs the package `sentencepiece` beside those of requirements.txt. With `train` the small models in tests/data/sentencepiece are learned
anew. A line has a folder's files, the model by its name, what the tokenizer says of itself, the parts of the `tokenizer.json` that it
saves, and cases in the form of tokenizer_texts.py, with tokens.
"""

import json
import pathlib
import sys
import tempfile

import case_lines
import random_texts
import sentencepiece
import tokenizer_texts
from transformers import AutoTokenizer

data = pathlib.Path(__file__).parent.parent / "crates/trainer-tokenize/tests/data"
models = data / "sentencepiece"

SENTENCES = """The trainer reads a file of pieces, and the tokenizer cuts each word into them.
A cat sat on the mat; another cat was sitting there, too.
In 1998 there were 12,000 people in the town, 3.5% more than in 1997.
Café, naïve, Ångström, İstanbul, straße and coöperate have letters with marks.
Don't say that we've not been there: it's what they'd call "quoted" (or so).
Le chat est assis sur le tapis, et l'élève mange une pomme.
Der Hund läuft über die Straße, während die Kinder spielen.
El niño comió una manzana en la mañana y después salió.
東京は日本の首都です。中文的句子没有空格。
هذا نص قصير باللغة العربية. Это короткий текст на русском языке.
What is learned of a few sentences is a small vocabulary of words and parts of words.
Reading, writing, sitting, running, walking and learning end alike.
""".splitlines()

# A few rules of cleaning: the map of characters of a whole Unicode form has 240,000 bytes.
RULES = "FB01\t66 69\nFF21\t41\nFF22\t42\n2026\t2E 2E 2E\n3000\t20\n9\t20\nA\t20\nD\t20\n65 301\tE9\n200B\t\nAD\t\n"


def train(name, vocab_size, **options):
    with tempfile.TemporaryDirectory() as folder:
        rules = pathlib.Path(folder, "rules.tsv")
        rules.write_text(RULES)
        if options.pop("rules", False):
            options["normalization_rule_tsv"] = str(rules)
        text = pathlib.Path(folder, "text")
        text.write_text("\n".join(SENTENCES * 3))
        sentencepiece.SentencePieceTrainer.train(
            input=str(text), model_prefix=f"{folder}/m", vocab_size=vocab_size, hard_vocab_limit=False, num_threads=1, minloglevel=2, **options
        )
        (models / f"{name}.model").write_bytes(pathlib.Path(folder, "m.model").read_bytes())


def train_all():
    models.mkdir(exist_ok=True)
    identity = {"normalization_rule_name": "identity"}
    ours = {"control_symbols": "[CLS],[SEP],[MASK]", "user_defined_symbols": "(,),-"}
    train("albert", 260, rules=True, pad_id=0, unk_id=1, bos_id=-1, eos_id=-1, **ours)
    train("t5", 300, normalization_rule_name="nmt_nfkc", pad_id=0, eos_id=1, unk_id=2, bos_id=-1)
    train("roberta", 280, **identity)
    train("rules", 240, rules=True)
    pieces = {"pad_piece": "[PAD]", "bos_piece": "[CLS]", "eos_piece": "[SEP]", "unk_piece": "[UNK]"}
    train("deberta", 300, pad_id=0, bos_id=1, eos_id=2, unk_id=3, **pieces, **identity, user_defined_symbols="<ent>")
    train("bytes", 480, byte_fallback=True, rules=True)
    train("bpe", 260, model_type="bpe", **identity)
    train("bpe_bytes", 480, model_type="bpe", byte_fallback=True, user_defined_symbols="<ent>", **identity)


TEXTS = [
    "",
    " ",
    "   ",
    "\n",
    "\t\r\n \u00a0\u3000\u2003",
    "The cat sat on the mat.",
    "the trainer reads",
    "  two  spaces\tand\r\nlines\u00a0and\u200bzero ",
    "ends with a blank ",
    " begins with one",
    "a   b",
    "Don't say (or so): \"quoted\" ``quoted'' 'x'",
    "12,000 in 1998, 3.5%; 7,",
    "9,9,9, a, 1,",
    "Café naïve Ångström İSTANBUL straße coöperate",
    "Cafe\u0301 A\u030angstro\u0308m e\u0301\u0302 \u0301alone",
    "\ufb01ne \uff21\uff22 \u2026 \u2460 \u00bd \u2122 \u01c6",
    "soft\u00adhyphen zero\u200bwidth join\u200der non\u200cjoin bom\ufeff",
    "東京は日本の首都です。",
    "中文的句子没有空格。混 with English 中",
    "\uff76\uff9e \u30d5\u309a 한국어 \u1112\u1161\u11ab",
    "هذا نص قصير باللغة العربية.",
    "مُحَمَّد ـــ عَرَبِيّ",
    "Это короткий текст на русском языке.",
    "हिन्दी में एक वाक्य",
    "ภาษาไทยไม่มีช่องว่าง",
    "עברית שָׁלוֹם",
    "\U0001f600 smile \U0001f44d\U0001f3fd thumbs",
    "\U0001f469\u200d\U0001f469\u200d\U0001f467 \U0001f1e9\U0001f1ea",
    "a\U0001f600b\U0001f600\U0001f600c",
    "\x00",
    "a\x00b \x00 c",
    "\x01control\x07 \x1b \x7f\x80\x9f",
    "\ufffd\ufeff\ud7ff\ue000\U0010ffff",
    "a" * 200,
    "cat" * 60,
    "\u00e9" * 50,
    "\u4e2d" * 70,
    "\U0001f600" * 30,
    "the " * 40,
    " " * 50 + "x" + " " * 50,
    "." * 80,
    "\u2581",
    "\u2581the \u2581\u2581cat x\u2581y",
    "the\u2581cat",
    "[CLS] a [SEP] [MASK] b[MASK]c  [MASK] d [PAD] [UNK]",
    "<s> a </s> <mask> b<mask>c  <mask> d <pad> <unk>",
    "<s>NOTUSED</s>NOTUSED <unk>NOTUSED",
    "<extra_id_0> a<extra_id_1>b <extra_id_99> <extra_id_100>",
    "x<ent>y <ent> - ( ) a-b (c)",
    "<0x41> <0x0A> <0xE4>",
    "[cls] [Mask] <MASK>",
    "ALL CAPITALS And Mixed CASE",
    "\u0130 \u0131 \u1e9e \u01c5 \u03a3\u03c2",
    "http://example.org/a?b=c&d=e#f",
    "snake_case CamelCase x=y+z; {a: [1, 2]}",
    "word-word\u2014dash\u2013dash\u2019s \u201cx\u201d",
    "l'élève mange",
    "\u0915\u093c\u094d\u0937 \u0958",
    "z\u0335\u0321\u031b\u0318a\u0337\u0322l\u0336go",
    "\U0001d54f\U0001d504 \u210c \u2075\u2082",
] + [text for text in random_texts.texts(14, seed=11)[6:]]

SHORT = [TEXTS[at] for at in (0, 1, 4, 5, 7, 11, 12, 14, 15, 27, 31, 43, 45, 46, 47, 48, 49, 50, 52)]

# The model, under which name, what the folder has beside it, and whether all texts are recorded.
CASES = [
    ("albert", "spiece.model", {"tokenizer_config.json": {"tokenizer_class": "AlbertTokenizer"}}, True),
    ("albert", "spiece.model", {"config.json": {"model_type": "albert"}, "tokenizer_config.json": {"do_lower_case": False, "keep_accents": True}}, False),
    ("albert", "spiece.model", {"tokenizer_config.json": {"tokenizer_class": "AlbertTokenizer", "add_prefix_space": False, "model_max_length": 512, "extra_special_tokens": ["<new>"]}}, False),
    ("t5", "spiece.model", {"tokenizer_config.json": {"tokenizer_class": "T5Tokenizer"}}, True),
    ("t5", "spiece.model", {"tokenizer_config.json": {"tokenizer_class": "T5Tokenizer", "extra_ids": 3}}, False),
    ("t5", "spiece.model", {"tokenizer_config.json": {"tokenizer_class": "T5TokenizerFast", "additional_special_tokens": [f"<extra_id_{i}>" for i in range(100)]}}, False),
    ("t5", "spiece.model", {"config.json": {"model_type": "t5"}, "special_tokens_map.json": {"additional_special_tokens": ["<extra_id_0>"], "eos_token": "</s>"}}, False),
    ("roberta", "sentencepiece.bpe.model", {"tokenizer_config.json": {"tokenizer_class": "XLMRobertaTokenizer"}}, True),
    ("roberta", "sentencepiece.bpe.model", {"config.json": {"model_type": "xlm-roberta"}, "special_tokens_map.json": {"mask_token": {"content": "<mask>", "lstrip": True, "rstrip": False, "normalized": False, "single_word": False}}}, False),
    ("rules", "sentencepiece.bpe.model", {"tokenizer_config.json": {"tokenizer_class": "XLMRobertaTokenizer", "add_prefix_space": False}}, False),
    ("bpe", "sentencepiece.bpe.model", {"tokenizer_config.json": {"tokenizer_class": "XLMRobertaTokenizer"}}, False),
    ("rules", "sentencepiece.bpe.model", {"tokenizer_config.json": {"tokenizer_class": "CamembertTokenizer"}}, True),
    ("roberta", "sentencepiece.bpe.model", {"config.json": {"model_type": "camembert"}, "tokenizer_config.json": {"additional_special_tokens": ["<s>NOTUSED", "</s>NOTUSED"]}}, False),
    ("deberta", "spm.model", {"tokenizer_config.json": {"tokenizer_class": "DebertaV2Tokenizer"}}, True),
    ("deberta", "spm.model", {"config.json": {"model_type": "deberta-v2"}, "tokenizer_config.json": {"do_lower_case": True, "split_by_punct": True, "mask_token": "[MASK]"}, "added_tokens.json": {"[MASK]": 300}}, False),
    ("deberta", "spm.model", {"tokenizer_config.json": {"tokenizer_class": "DebertaV2Tokenizer", "add_prefix_space": False, "added_tokens_decoder": {"300": {"content": "[MASK]", "lstrip": True, "special": True, "normalized": False, "rstrip": False, "single_word": False}, "301": {"content": "cat", "special": False, "normalized": True, "lstrip": False, "rstrip": False, "single_word": True}}}}, False),
    ("bpe_bytes", "tokenizer.model", {"tokenizer_config.json": {"tokenizer_class": "PreTrainedTokenizerFast", "add_bos_token": True}}, True),
    ("bpe", "tokenizer.model", {"tokenizer_config.json": {"tokenizer_class": "TokenizersBackend", "add_eos_token": True, "pad_token": "<pad>"}}, False),
    ("bytes", "tokenizer.model", {"tokenizer_config.json": {"tokenizer_class": "TokenizersBackend"}}, True),
    ("rules", "tokenizer.model", {}, False),
]


def load(folder, model, file, others):
    (folder / file).write_bytes((models / f"{model}.model").read_bytes())
    for name, content in others.items():
        (folder / name).write_text(json.dumps(content))
    return AutoTokenizer.from_pretrained(folder)


def parts(tokenizer):
    """The parts of `tokenizer.json`, a map of characters by its length."""
    saved = json.loads(tokenizer.backend_tokenizer.to_str())

    def shorten(value):
        if isinstance(value, dict):
            return {name: len(part) if name == "precompiled_charsmap" else shorten(part) for name, part in value.items()}
        return [shorten(part) for part in value] if isinstance(value, list) else value

    return shorten(saved)


def short(tokenizer, case):
    if case["result"] is None:
        return case
    result = {name: value for name, value in case["result"].items() if name not in ("mask", "special", "sequences")}
    if "pair" not in case and "parted" not in case and "add_special_tokens" not in case:
        result["tokens"] = tokenizer(case["text"]).tokens()
    return {**case, "result": result}


def record(model, file, others, all_texts):
    with tempfile.TemporaryDirectory() as folder:
        tokenizer = load(pathlib.Path(folder), model, file, others)
        texts = TEXTS if all_texts else SHORT
        inputs = {"texts": texts, "pairs": list(zip(texts[3:9], texts[4:10])), "words": [["Hello", "cat"], ["a b", "", "don't", "<mask>"]]}
        cases = [short(tokenizer, case) for case in tokenizer_texts.cases(tokenizer, inputs) if case.get("add_special_tokens") is None]
        tokenizer = AutoTokenizer.from_pretrained(folder)
        about = tokenizer_texts.about(tokenizer)
        named = type(tokenizer).__name__
    entry = {"model": model, "file": file, "files": others, "class": named, "about": about, "extra": tokenizer.extra_special_tokens}
    return {**entry, "saved": parts(tokenizer), "cases": cases}


def main():
    if sys.argv[1:] == ["train"]:
        train_all()
    case_lines.write(data / "sentencepiece.json", [record(*case) for case in CASES], levels=1)


if __name__ == "__main__":
    main()
