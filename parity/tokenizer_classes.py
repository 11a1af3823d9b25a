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
]


def record(make, missing, config):
    vocabulary = {**make(), **{name: None for name in missing}}
    text = ("Hello,world", "hello world") if make is not roberta else ("hi hi", "hi")
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "tokenizer.json").write_text(json.dumps(vocabulary))
        pathlib.Path(folder, "tokenizer_config.json").write_text(json.dumps(config))
        tokenizer = AutoTokenizer.from_pretrained(folder)
        encoded = tokenizer(*text, return_offsets_mapping=True)
    offsets = encoded.pop("offset_mapping")
    return {"tokenizer": vocabulary, "config": config, "texts": text, "encoded": dict(encoded), "offsets": offsets}


if __name__ == "__main__":
    case_lines.write(target, [record(*case) for case in CASES], levels=1)
