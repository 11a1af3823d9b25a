"""Records the columns that Python's `Dataset.map` gets from tokenizers, with their types: for crates/trainer-tokenize/tests/it/mapped.rs.

Usage: HF_HUB_CACHE=<hub> HF_HUB_OFFLINE=1 python parity/mapped_tokens.py

Writes crates/trainer-tokenize/tests/data/mapped.json: for each tokenizer and kind of map the types, by the names that this project gives
them, and the values. `training` and `validation` are the rows of run_qa.py for the first examples of
question_answering.json; in `numbered` these are called by 8-bit numbers.
"""

from pathlib import Path

import datasets

import case_lines
import question_answering_features
from exact_values import type_name
from tokenizer_models import MODELS
from word_labels import align

DATA = {
    "first": ["Go.", "The café stands in a street beside the old brewery", ""],
    "second": ["there and back", "where?", "CC(=O)Oc1ccccc1C(=O)O"],
    "words": [["Ada", "Lovelace"], ["@x", ""], []],
    "tags": [[1, 0], [0, 1], []],
}
# What a map is called, the columns that it takes, and what the tokenizer is asked for.
KINDS = {
    "single": (["first"], {}),
    "pair": (["first", "second"], {"truncation": True, "max_length": 9}),
    "special_tokens": (["first"], {"return_special_tokens_mask": True}),
    "offsets": (["first", "second"], {"return_offsets_mapping": True}),
    "windows": (["first"], {"truncation": True, "max_length": 6, "stride": 2, "return_overflowing_tokens": True, "return_offsets_mapping": True}),
    "padded": (["second"], {"padding": "max_length", "truncation": True, "max_length": 12, "return_special_tokens_mask": True}),
    "words": (["words"], {"is_split_into_words": True}),
}


def described(mapped):
    types = [[name, type_name(feature)] for name, feature in mapped.features.items()]
    return {"features": types, "rows": {name: mapped[name][:] for name, _ in types}}


def labelled(tokenizer):
    def make(rows):
        made = tokenizer(rows["words"], is_split_into_words=True)
        made["labels"] = [align(made.word_ids(at), tags, False) for at, tags in enumerate(rows["tags"])]
        return made

    return make


def questions(tokenizer, wanted, numbered=False):
    names = ["id", "question", "context", "texts", "starts"]
    data = datasets.Dataset.from_dict(dict(zip(names, map(list, zip(*question_answering_features.SQUAD[:4])))))
    if numbered:
        data = data.map(lambda _, row: {"id": row}, with_indices=True).cast_column("id", datasets.Value("int8"))

    def make(rows):
        made = question_answering_features.rows(tokenizer, list(zip(*(rows[name] for name in names))), 22, 4, False)
        return {name: made[name] for name in [*tokenizer.model_input_names, *wanted]}

    return data.map(make, batched=True, remove_columns=names)


def cases(name):
    tokenizer = MODELS[name].from_pretrained(name)
    data = datasets.Dataset.from_dict(DATA)
    made = {}
    for kind, (columns, options) in KINDS.items():
        if kind == "padded" and tokenizer.pad_token is None:
            continue
        made[kind] = data.map(lambda rows: tokenizer(*(rows[column] for column in columns), **options), batched=True, remove_columns=data.column_names)
    made["labels"] = data.map(labelled(tokenizer), batched=True, remove_columns=data.column_names)
    # As there, without gpt2.
    if name in question_answering_features.MODELS[::2]:
        made["training"] = questions(tokenizer, ["start_positions", "end_positions"])
        made["validation"] = questions(tokenizer, ["offset_mapping", "example_id"])
        made["numbered"] = questions(tokenizer, ["offset_mapping", "example_id"], numbered=True)
    return {kind: described(mapped) for kind, mapped in made.items()}


if __name__ == "__main__":
    datasets.disable_progress_bars()
    target = Path(__file__).parent.parent / "crates/trainer-tokenize/tests/data/mapped.json"
    case_lines.write(target, {"data": DATA, "models": {name: cases(name) for name in MODELS}}, levels=3)
