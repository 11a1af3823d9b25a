"""Records what Python makes of a small `tokenizer.json` that lacks parts which the tokenizer's class brings, or has others, for
crates/trainer-tokenize/tests/data/classes.json."""

import json
import os
import pathlib
import tempfile

os.environ["HF_HUB_OFFLINE"] = "1"

import case_lines
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import AutoTokenizer

target = pathlib.Path(__file__).parent.parent / "crates/trainer-tokenize/tests/data/classes.json"


def numbered(tokens):
    return {token: number for number, token in enumerate(tokens)}


def bert():
    vocabulary = numbered(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "hello", "Hello", "world", ","])
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    template = {"single": "[CLS] $A [SEP]", "pair": "[CLS] $A [SEP] $B:1 [SEP]:1"}
    tokenizer.post_processor = processors.TemplateProcessing(**template, special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    return json.loads(tokenizer.to_str())


def roberta():
    vocabulary = numbered(["<s>", "<pad>", "</s>", "<unk>", "<mask>", "h", "i", "Ġ", "Ġh"])
    tokenizer = Tokenizer(models.BPE(vocabulary, [("Ġ", "h")]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), trim_offsets=False, add_prefix_space=False)
    return json.loads(tokenizer.to_str())


def bare():
    changed = bert()
    changed["post_processor"]["single"].pop(0)
    return changed


def deberta():
    words = ["[PAD]", "[CLS]", "[SEP]", "[UNK]", "▁hello", "▁Hello", "▁world", "▁", ",", "h", "o", "wor", "ld", "é", "!"]
    scores = [0.0 if word.startswith("[") else -float(number) for number, word in enumerate(words)]
    tokenizer = Tokenizer(models.Unigram(list(zip(words, scores)), 3))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Replace("\n", " "), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="never")
    tokenizer.decoder = decoders.Metaspace()
    template = {"single": "$A [SEP]", "pair": "$A [SEP] $B [SEP]"}
    tokenizer.post_processor = processors.TemplateProcessing(**template, special_tokens=[("[SEP]", 2)])
    return json.loads(tokenizer.to_str())


def other_unknown():
    changed = deberta()
    changed["model"]["vocab"][3][1] = -9.0
    return changed


TEXTS = {
    roberta: ("hi hi", "hi"),
    deberta: ("Hello,  worldho!\n", " hello\tworld e\u0301 x "),
    other_unknown: ("Hello x", "\u2581x"),
}
CASES = [
    (bert, [], {"tokenizer_class": "BertTokenizer"}),
    (bert, ["post_processor"], {"tokenizer_class": "BertTokenizer"}),
    (bert, ["normalizer"], {"tokenizer_class": "BertTokenizerFast"}),
    (bert, ["normalizer"], {"tokenizer_class": "BertTokenizer", "do_lower_case": False}),
    (bert, ["pre_tokenizer"], {"tokenizer_class": "BertTokenizer"}),
    (bert, ["post_processor", "normalizer"], {"tokenizer_class": "DistilBertTokenizer"}),
    (bert, ["post_processor"], {"tokenizer_class": "PreTrainedTokenizerFast"}),
    (bare, [], {"tokenizer_class": "BertTokenizer"}),
    (bare, [], {"tokenizer_class": "PreTrainedTokenizerFast"}),
    (bert, [], {"tokenizer_class": "DPRQuestionEncoderTokenizer"}),
    (bert, [], {"tokenizer_class": "DPRContextEncoderTokenizerFast"}),
    (bert, [], {"tokenizer_class": "DPRReaderTokenizer"}),
    (roberta, [], {"tokenizer_class": "RobertaTokenizer"}),
    (roberta, [], {"tokenizer_class": "RobertaTokenizer", "trim_offsets": False}),
    (roberta, [], {"tokenizer_class": "RobertaTokenizer", "add_prefix_space": True}),
    (roberta, ["post_processor"], {"tokenizer_class": "RobertaTokenizer"}),
    (roberta, ["post_processor", "pre_tokenizer"], {"tokenizer_class": "BartTokenizer"}),
    (roberta, ["post_processor"], {"tokenizer_class": "LongformerTokenizer"}),
    (roberta, [], {"tokenizer_class": "PreTrainedTokenizerFast"}),
    (deberta, [], {"tokenizer_class": "DebertaV2Tokenizer"}),
    (deberta, ["normalizer", "pre_tokenizer", "post_processor"], {"tokenizer_class": "DebertaV2TokenizerFast"}),
    (deberta, [], {"tokenizer_class": "DebertaV2Tokenizer", "do_lower_case": True}),
    (deberta, [], {"tokenizer_class": "DebertaV2Tokenizer", "split_by_punct": True}),
    (deberta, [], {"tokenizer_class": "DebertaV2Tokenizer", "add_prefix_space": False}),
    (other_unknown, [], {"tokenizer_class": "DebertaV2Tokenizer"}),
    (other_unknown, [], {"tokenizer_class": "DebertaV2Tokenizer", "unk_id": 2}),
    (deberta, [], {"tokenizer_class": "PreTrainedTokenizerFast"}),
    (bert, ["post_processor"], {"tokenizer_class": "BertTokenizer"}, "modernbert"),
    (bert, ["post_processor"], {"tokenizer_class": "BertTokenizer"}, "roberta"),
]


def record(make, missing, config, model_type=None):
    vocabulary = {**make(), **{name: None for name in missing}}
    text = TEXTS.get(make, ("Hello,world", "hello world"))
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "tokenizer.json").write_text(json.dumps(vocabulary))
        pathlib.Path(folder, "tokenizer_config.json").write_text(json.dumps(config))
        if model_type is not None:
            pathlib.Path(folder, "config.json").write_text(json.dumps({"model_type": model_type}))
        tokenizer = AutoTokenizer.from_pretrained(folder)
        encoded = tokenizer(*text, return_offsets_mapping=True)
    offsets = encoded.pop("offset_mapping")
    named = {} if model_type is None else {"model_type": model_type}
    return {"tokenizer": vocabulary, "config": config, **named, "texts": text, "encoded": dict(encoded), "offsets": offsets}


if __name__ == "__main__":
    case_lines.write(target, [record(*case) for case in CASES], levels=1)
