"""Small models of several families with weights that follow from a formula, and small tokenizers, for the scripts that record what
pipelines answer. The tests make the same folders (crates/trainer/tests/it/support/pipelines.rs), with the tokenizers' files that

    $(cargo xtask python) parity/tiny_models.py

writes into crates/trainer/tests/data/tokenizers.json."""

import json
import tempfile
from contextlib import contextmanager
from pathlib import Path

from transformers import AlbertTokenizer, AutoConfig, RobertaTokenizer

import case_lines
from formula_weights import fill

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "the", "old", "cat", "dog", "bird", "sees", "hears", "in", "now", "paris",
         "ber", "##lin", "##s", "##dog", "##é", "é", "house", ".", ",", "who", "\u732b", "-", "##-"]
STEMS = ["the", "\u0120the", "\u0120old", "\u0120cat", "\u0120dog", "\u0120bird", "\u0120sees", "\u0120in", "\u0120now", "Paris",
         "\u0120Ber", "lin", "\u0120house", "\u0120who"]
PIECES = ["\u2581the", "\u2581old", "\u2581cat", "\u2581dog", "\u2581bird", "s", "\u2581sees", "\u2581hears", "\u2581in", "\u2581now",
          "\u2581paris", "\u2581ber", "lin", "\u2581", ".", ",", "-", "\u2581house", "\u2581who", "\u732b", "e", "a", "t"]

SIZES = dict(hidden_size=8, num_hidden_layers=2, num_attention_heads=2, intermediate_size=16, max_position_embeddings=64,
             type_vocab_size=2)


def words(folder):
    Path(folder, "vocab.txt").write_text("\n".join(WORDS))
    config = dict(tokenizer_class="BertTokenizer", do_lower_case=True, strip_accents=False, model_max_length=48)
    Path(folder, "tokenizer_config.json").write_text(json.dumps(config))


def byte_letters():
    """The letters that stand for bytes, as GPT-2's."""
    plain = [*range(ord("!"), ord("~") + 1), *range(ord("\u00a1"), ord("\u00ac") + 1), *range(ord("\u00ae"), ord("\u00ff") + 1)]
    others = [byte for byte in range(256) if byte not in plain]
    return [chr(byte) for byte in plain] + [chr(256 + number) for number in range(len(others))]


def byte_pairs(folder):
    vocabulary, merges = ["<s>", "<pad>", "</s>", "<unk>", "<mask>", *byte_letters()], []
    for stem in STEMS:
        for end in range(1, len(stem)):
            merge = (stem[:end], stem[end])
            if merge not in merges:
                merges.append(merge)
                vocabulary.append(stem[:end + 1])
    numbered = {token: number for number, token in enumerate(dict.fromkeys(vocabulary))}
    RobertaTokenizer(vocab=numbered, merges=merges, model_max_length=48).save_pretrained(folder)


def byte_pairs_in_words(folder):
    """The same, for texts that are parted into words: each gets a space before it."""
    byte_pairs(folder)
    tokenizer = RobertaTokenizer.from_pretrained(folder, add_prefix_space=True)
    tokenizer.save_pretrained(folder)


def pieces(folder):
    special = [("<pad>", 0.0), ("<unk>", 0.0), ("[CLS]", 0.0), ("[SEP]", 0.0), ("[MASK]", 0.0)]
    scored = [(piece, -1.0 - number / 4) for number, piece in enumerate(PIECES)]
    AlbertTokenizer(vocab=special + scored, model_max_length=48).save_pretrained(folder)


TOKENIZERS = {"words": words, "byte pairs": byte_pairs, "byte pairs in words": byte_pairs_in_words, "pieces": pieces}

BYTES = dict(vocab_size=400, pad_token_id=1, bos_token_id=0, eos_token_id=2)
PIECE = dict(vocab_size=5 + len(PIECES), pad_token_id=0, bos_token_id=2, eos_token_id=3)
WORD = dict(vocab_size=len(WORDS), pad_token_id=0)
MODELS = {
    "bert": (dict(model_type="bert", **WORD), "words"),
    "distilbert": (dict(model_type="distilbert", dim=8, n_layers=2, n_heads=2, hidden_dim=16, **WORD), "words"),
    "electra": (dict(model_type="electra", embedding_size=8, **WORD), "words"),
    "roberta": (dict(model_type="roberta", **BYTES), "byte pairs"),
    "modernbert": (dict(model_type="modernbert", local_attention=8, cls_token_id=0, sep_token_id=2, **BYTES), "byte pairs"),
    "roberta in words": (dict(model_type="roberta", **BYTES), "byte pairs in words"),
    "albert": (dict(model_type="albert", embedding_size=8, **PIECE), "pieces"),
    "deberta": (dict(model_type="deberta-v2", relative_attention=True, pos_att_type=["p2c", "c2p"], position_buckets=8,
                     norm_rel_ebd="layer_norm", share_att_key=True, **PIECE), "pieces"),
}


@contextmanager
def folder_of(auto_model, config, tokenizer):
    """A folder with the model of a configuration and a tokenizer, for as long as it is needed."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "config.json").write_text(json.dumps(config))
        model = auto_model.from_config(AutoConfig.from_pretrained(folder))
        fill(model)
        model.save_pretrained(folder)
        tokenizer(folder)
        yield folder


def recorded_tokenizer(name):
    """The files of a tokenizer: their names and what they hold."""
    with tempfile.TemporaryDirectory() as folder:
        TOKENIZERS[name](folder)
        return {path.name: path.read_text() for path in sorted(Path(folder).iterdir())}


def main():
    data = Path(__file__).parent.parent / "crates/trainer/tests/data/tokenizers.json"
    case_lines.write(data, {name: recorded_tokenizer(name) for name in TOKENIZERS}, levels=1)


if __name__ == "__main__":
    main()
