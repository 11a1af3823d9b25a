"""What Python's tokenizers make of texts, for `cargo xtask parity tokenizers`, which compares it with what is made here.

Usage: python parity/tokenizer_texts.py OUT [ONLY]

Tokenizers are those of the hub's cache and one for each class of transformers that can be made without network and files, trained on
MRPC: as it saves itself, and, of the classes that bring their parts here too, with nothing but the model in tokenizer.json (`… without
parts`) and from vocab.json and merges.txt (`… of two files`); where the package sentencepiece is installed also those of
sentencepiece_values.py. OUT gets a folder for each of the latter,
`tokenizers.json`, a list of names and what Python says of each, and for each of them a file with a case a line.
"""

import importlib
import importlib.util
import inspect
import json
import os
import pathlib
import pkgutil
import sys

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TRANSFORMERS_VERBOSITY"] = "critical"

import pyarrow.parquet as parquet
import transformers
from huggingface_hub import constants, snapshot_download
from transformers import AutoTokenizer, BertTokenizer, PreTrainedTokenizerFast

import random_texts

BACKEND = transformers.tokenization_utils_tokenizers.TokenizersBackend
RANDOM = 2000
BRING_PARTS = "Albert Bert Camembert ConvBert Deberta DebertaV2 DistilBert GPT2 MPNet Roberta T5 XLMRoberta".split()
OF_TWO_FILES = "Deberta GPT2 Roberta".split()
STRATEGIES = ["longest_first", "only_first", "only_second"]


def rows(repository, file):
    folder = pathlib.Path(snapshot_download(repository, repo_type="dataset"))
    return parquet.read_table(next(folder.glob(file))).to_pydict()


def lines_of_shakespeare():
    text = "".join(rows("karpathy/tiny_shakespeare", "default/train*")["text"])
    return [line for line in text.split("\n") if line]


def classes():
    found = {}
    for module in pkgutil.walk_packages(transformers.models.__path__, "transformers.models."):
        if ".tokenization_" not in module.name:
            continue
        try:
            members = vars(importlib.import_module(module.name)).values()
        except Exception:  # needs a package that is not there
            continue
        for member in members:
            if inspect.isclass(member) and issubclass(member, BACKEND) and member is not BACKEND:
                found[member.__name__] = member
    return found


def make_folders(out, corpus, only):
    """Saves a tokenizer of each class, and gives the names of those that are made and why others are not."""
    made, left_out = [], {}
    for name, tokenizer_class in sorted(classes().items()):
        if only not in name:
            continue
        try:
            tokenizer = tokenizer_class().train_new_from_iterator([corpus], 600, show_progress=False)
            tokenizer.save_pretrained(out / name)
            AutoTokenizer.from_pretrained(out / name)
        except Exception as error:
            left_out[name] = f"{type(error).__name__}: {str(error).splitlines()[0]}"
            continue
        made += [name] + variants(out, name)
    return made, left_out


def variants(out, name):
    """Other folders of the same class, and their names."""
    vocabulary = json.loads((out / name / "tokenizer.json").read_text())
    config = (out / name / "tokenizer_config.json").read_text()
    made = []
    if name.removesuffix("Tokenizer") in BRING_PARTS:
        folder = out / f"{name} without parts"
        folder.mkdir()
        vocabulary.update({part: None for part in ("normalizer", "pre_tokenizer", "post_processor", "decoder")})
        (folder / "tokenizer.json").write_text(json.dumps(vocabulary))
        (folder / "tokenizer_config.json").write_text(config)
        made.append(folder.name)
    if name.removesuffix("Tokenizer") in OF_TWO_FILES:
        folder = out / f"{name} of two files"
        folder.mkdir()
        (folder / "vocab.json").write_text(json.dumps(vocabulary["model"]["vocab"]))
        merges = [pair if isinstance(pair, str) else " ".join(pair) for pair in vocabulary["model"]["merges"]]
        (folder / "merges.txt").write_text("\n".join(["#version: 0.2"] + merges) + "\n")
        (folder / "tokenizer_config.json").write_text(config)
        made.append(folder.name)
    return made


def of_pieces(out, only):
    """Folders with the SentencePiece models of the tests, where the package that reads them is there, and their names."""
    if importlib.util.find_spec("sentencepiece") is None:
        print("tokenizers of SentencePiece models are left out: the package sentencepiece is not installed")
        return []
    import sentencepiece_values

    made = []
    for at, (model, file, others, _) in enumerate(sentencepiece_values.CASES):
        name = f"SentencePiece {at} {model}"
        if only in name:
            (out / name).mkdir()
            sentencepiece_values.load(out / name, model, file, others)
            made.append(name)
    return made


def encoded(tokenizer, texts, pairs=None, **options):
    """For each text what the tokenizer gives, or None where it fails."""
    wanted = {f"return_{name}": True for name in ("offsets_mapping", "special_tokens_mask", "token_type_ids", "attention_mask")}
    try:
        batch = tokenizer(texts, pairs, **wanted, **options)
    except BaseException as error:  # the Rust side panics into a BaseException
        if isinstance(error, KeyboardInterrupt):
            raise
        if len(texts) == 1:
            return [None]
        each = [encoded(tokenizer, texts[i : i + 1], pairs and pairs[i : i + 1], **options) for i in range(len(texts))]
        return [one for [one] in each]
    return [
        {
            "ids": batch["input_ids"][i],
            "types": batch["token_type_ids"][i],
            "mask": batch["attention_mask"][i],
            "special": batch["special_tokens_mask"][i],
            "offsets": batch["offset_mapping"][i],
            "words": batch.word_ids(i),
            "sequences": batch.sequence_ids(i),
        }
        for i in range(len(texts))
    ]


def decoded(tokenizer, ids):
    return [
        tokenizer.decode(ids, skip_special_tokens=skip, clean_up_tokenization_spaces=clean) for clean in (False, True) for skip in (False, True)
    ]


def cases(tokenizer, data):
    for text, result in zip(data["texts"], encoded(tokenizer, data["texts"])):
        yield {"text": text, "result": result, "decoded": result and decoded(tokenizer, result["ids"])}
    firsts, seconds = zip(*data["pairs"])
    for (first, second), result in zip(data["pairs"], encoded(tokenizer, list(firsts), list(seconds))):
        yield {"text": first, "pair": second, "result": result}
    for at, (first, second) in enumerate(data["pairs"]):
        options = {"truncation": STRATEGIES[at % 3], "max_length": 8 + at % 13}
        tokenizer.truncation_side = "left" if at % 5 == 4 else "right"
        [result] = encoded(tokenizer, [first], [second], **options)
        yield {"text": first, "pair": second, **options, "side": tokenizer.truncation_side, "result": result}
    tokenizer.truncation_side = "right"
    for words, result in zip(data["words"], encoded(tokenizer, data["words"], is_split_into_words=True)):
        yield {"parted": words, "result": result}
    bare = encoded(tokenizer, data["texts"][:200], add_special_tokens=False)
    for text, result in zip(data["texts"], bare):
        yield {"text": text, "add_special_tokens": False, "result": result}


def about(tokenizer):
    limit = tokenizer.model_max_length
    return {
        "columns": sorted(tokenizer.model_input_names),
        "limit": None if limit > 1e20 else limit,
        "padding_side": tokenizer.padding_side,
        "pad_id": tokenizer.pad_token_id,
        "special_tokens": tokenizer.special_tokens_map,
        "size": len(tokenizer),
    }


def gather(every):
    """The texts, pairs and words of which each tokenizer gets one of `every` of the data sets, and all random ones."""
    made = random_texts.texts(RANDOM)
    mrpc = rows("nyu-mll/glue", "mrpc/train*")
    squad = rows("google/xquad", "xquad.en/*train*")
    words = rows("leondz/wnut_17", "wnut_17/train*")["tokens"]
    pairs = list(zip(mrpc["sentence1"], mrpc["sentence2"])) + list(zip(squad["question"], squad["context"]))
    return {
        "texts": made + lines_of_shakespeare()[::every] + random_texts.smiles(4000 // every),
        "pairs": list(zip(made[::2], made[1::2])) + pairs[::every],
        "words": [text.split(" ") for text in made[::2]] + [row for row in words[::every] if row],
    }


def hub_tokenizers():
    folders = sorted(pathlib.Path(constants.HF_HUB_CACHE).glob("models--*"))
    return [folder.name.removeprefix("models--").replace("--", "/") for folder in folders]


def load(out, name):
    if name == "rxn4chemistry/rxnmapper-albert":  # AutoTokenizer takes AlbertTokenizer, which does not know vocab.txt
        return BertTokenizer.from_pretrained(snapshot_download(name))
    return AutoTokenizer.from_pretrained(out / name if (out / name).is_dir() else snapshot_download(name))


def main():
    out, only = pathlib.Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else ""
    made, left_out = make_folders(out, rows("nyu-mll/glue", "mrpc/validation*")["sentence1"], only)
    made += of_pieces(out, only)
    of_hub = [name for name in hub_tokenizers() if only in name]
    for name, reason in left_out.items():
        print(f"{name} is left out: {reason[:120]}")
    listed = []
    for at, name in enumerate(of_hub + made):
        folder = str(out / name) if name in made else snapshot_download(name)
        entry = {"name": name, "folder": folder, "cases": f"{at}.jsonl"}
        try:
            tokenizer = load(out, name)
        except Exception as error:
            listed.append({**entry, "refused": f"{type(error).__name__}: {error}"})
            continue
        listed.append({**entry, "about": about(tokenizer)})
        with open(out / entry["cases"], "w") as file:
            for case in cases(tokenizer, gather(4 if name in of_hub else 40)):
                file.write(json.dumps(case) + "\n")
    (out / "tokenizers.json").write_text(json.dumps(listed))


if __name__ == "__main__":
    main()
