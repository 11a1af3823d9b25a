"""Writes what Python's `datasets` writes of a data set of all kinds: crates/trainer-data/tests/data/written.

`kinds` is a folder of `DatasetDict.save_to_disk`; the rows of its split `train`, which are those of each other file too, stand in
`kinds.json`, in the form of `support/recorded.rs`. `flat.csv`, `flat.jsonl` and their like are of columns that
the texts of pandas keep.

    python parity/written.py                    # writes them
    python parity/written.py --check FOLDER     # does Python read what a program wrote there: saved/, kinds.parquet, kinds.jsonl?
"""

import argparse
import datetime
import decimal
import json
import shutil
from pathlib import Path

import datasets
from datasets import ClassLabel, Dataset, DatasetDict, Features, Json, List, Value

folder = Path(__file__).parent.parent / "crates/trainer-data/tests/data/written"
utc = datetime.timezone.utc

FEATURES = Features(
    {
        "text": Value("string"),
        "label": ClassLabel(names=["neg", "pos"]),
        "ids": List(Value("int32")),
        "tags": List(ClassLabel(names=["O", "B"])),
        "deep": List(List(Value("string"))),
        "struct": {"a": Value("int64"), "b": List(Value("string"))},
        "day": Value("date32"),
        "at": Value("timestamp[us, tz=UTC]"),
        "time": Value("time64[us]"),
        "price": Value("decimal128(5, 2)"),
        "blob": Value("binary"),
        "nothing": Value("null"),
        "yes": Value("bool"),
        "small": Value("int32"),
        "large": Value("uint64"),
        "i8": Value("int8"),
        "i16": Value("int16"),
        "u8": Value("uint8"),
        "u16": Value("uint16"),
        "u32": Value("uint32"),
        "masks": List(Value("int8")),
        "narrow": {"x": Value("uint16"), "y": List(List(Value("uint32")))},
        "single": Value("float32"),
        "double": Value("float64"),
        "json": Json(),
    }
)
ROWS = [
    {
        "text": 'a,"b"\nc',
        "label": 1,
        "ids": [1, 2],
        "tags": [0, 1],
        "deep": [["x"], [], ["é", "y"]],
        "struct": {"a": 1, "b": ["x", None]},
        "day": datetime.date(2020, 1, 2),
        "at": datetime.datetime(2020, 1, 2, 3, 4, 5, 6, tzinfo=utc),
        "time": datetime.time(1, 2, 3, 4),
        "price": decimal.Decimal("1.25"),
        "blob": b"\x00\xff",
        "yes": True,
        "small": -3,
        "large": 2**62,
        "i8": -128,
        "i16": -(2**15),
        "u8": 255,
        "u16": 2**16 - 1,
        "u32": 2**32 - 1,
        "masks": [1, None, -128],
        "narrow": {"x": 2**16 - 1, "y": [[2**32 - 1], []]},
        "single": 0.1,
        "double": 1e-7,
        "json": {"k": [1, "é"]},
    },
    {},
    {
        "text": "é 😀 / \u2028 \x01\x7f<&>\t\\",
        "label": 0,
        "ids": [],
        "tags": None,
        "deep": [],
        "struct": {"a": None, "b": []},
        "day": datetime.date(1969, 1, 2),
        "at": datetime.datetime(1960, 1, 2, tzinfo=utc),
        "time": datetime.time(0, 0, 0),
        "price": decimal.Decimal("-1"),
        "blob": b"",
        "yes": False,
        "small": 2**31 - 1,
        "large": 1,
        "i8": 127,
        "i16": 2**15 - 1,
        "u8": 0,
        "u16": 0,
        "u32": 0,
        "masks": [],
        "narrow": {"x": None, "y": [None, [0, None]]},
        "single": 2.5,
        "double": -0.0,
        "json": ["a", None],
    },
    {"text": "", "label": 0, "ids": [7], "double": 123456789.125, "small": 0, "single": 0.5},
]
FLAT = ["text", "label", "yes", "small", "large", "i8", "i16", "u8", "u16", "u32"]


def kinds():
    rows = [{name: row.get(name) for name in FEATURES} for row in ROWS]
    return Dataset.from_list(rows, features=FEATURES)


def plain(value):
    """As `support/recorded.rs` has it."""
    if isinstance(value, dict):
        return {name: plain(field) for name, field in value.items()}
    if isinstance(value, list):
        return [plain(element) for element in value]
    if isinstance(value, float):
        return {"f": value}
    if isinstance(value, bytes):
        return f"<bytes {value!r}>"
    if isinstance(value, (datetime.date, datetime.time, decimal.Decimal)):
        kind = type(value).__name__
        return f"<{kind} {str(value).replace('+00:00', 'Z')}>"
    return value


def described(data):
    types = {name: named(feature) for name, feature in data.features.items()}
    return {"features": types, "n": len(data), "rows": [plain(row) for row in data]}


def named(feature):
    if isinstance(feature, List):
        return f"list<{named(feature.feature)}>"
    if isinstance(feature, ClassLabel):
        return f"class_label({', '.join(feature.names)})"
    if isinstance(feature, Json):
        return "json"
    if isinstance(feature, dict):
        return f"struct<{', '.join(f'{name}: {named(field)}' for name, field in feature.items())}>"
    return feature.dtype


def record():
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    data = kinds()
    splits = DatasetDict(train=data, test=data.select([2, 0]))
    splits.save_to_disk(folder / "kinds", num_shards={"train": 2, "test": 1})
    data.to_parquet(folder / "kinds.parquet")
    (folder / "kinds.json").write_text(json.dumps({"train": described(data)}, indent=1) + "\n")
    flat = data.select_columns(FLAT)
    flat.to_json(folder / "flat.jsonl")
    flat.to_json(folder / "flat.json", lines=False)
    flat.to_json(folder / "unicode.jsonl", force_ascii=False)
    flat.to_csv(folder / "flat.csv")
    flat.to_csv(folder / "semicolons.csv", sep=";", header=False, na_rep="NA")
    data.select_columns(["struct", "deep", "json", "nothing"]).select([0, 2]).to_json(folder / "nested.jsonl")


def check(written):
    expected = described(kinds())
    splits = datasets.load_from_disk(written / "saved")
    parquet = Dataset.from_parquet(str(written / "kinds.parquet"))
    for name, data in [("saved", splits["train"]), ("kinds.parquet", parquet)]:
        assert data.features == FEATURES, (name, data.features)
        assert repr(described(data)) == repr(expected), name
    assert len(splits["test"]) == 2
    rows = Dataset.from_json(str(written / "kinds.jsonl"))
    for name in FLAT + ["ids", "double"]:
        # The sign of a zero is in the file, and lost by the reader.
        ours, theirs = rows[name][:], kinds()[name][:]
        assert ours == theirs, (name, ours, theirs)
    print("Python reads all of it")


if __name__ == "__main__":
    datasets.disable_progress_bars()
    parser = argparse.ArgumentParser()
    parser.add_argument("--check", type=Path)
    arguments = parser.parse_args()
    check(arguments.check) if arguments.check else record()
