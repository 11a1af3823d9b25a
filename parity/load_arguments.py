"""Records what Python's `load_dataset` makes of its arguments, for crates/trainer-data/tests/data/load_arguments.json: rows of the same
files, one of which each case names, and rows of splits by texts.
"""

import os
import pathlib
import tempfile

os.environ["HF_HUB_OFFLINE"] = "1"
tempfile.tempdir = tempfile.mkdtemp()
os.environ["HF_DATASETS_CACHE"] = tempfile.tempdir

import case_lines
import datasets
from datasets import ClassLabel, Features, Value
from folders import as_bytes, table

target = pathlib.Path(__file__).parent.parent / "crates/trainer-data/tests/data/load_arguments.json"
CARD = "---\nconfigs:\n- config_name: default\n  data_files: one/a1.csv\n  default: true\n- config_name: semicolons\n  data_files: odd.csv\n  sep: \";\"\n---\n"
FILES = {
    "README.md": CARD,
    "one/a1.csv": "text,label\na1,0\n",
    "one/a2.csv": "text,label\na2,1\n",
    "one/b1.csv": "text,label\nb1,0\n",
    "two/deep/a3.csv": "text,label\na3,1\n",
    "two/.hidden.csv": "text,label\nhidden,1\n",
    "by_name/train.csv": "text,label\ntrain,1\n",
    "by_name/test.csv": "text,label\ntest,0\n",
    "odd.dat": "x;y\n1;2\n",
    "odd.csv": "x;y\n3;4\n",
    "bare.txt": "a|1\nb|0\n",
    "latin.csv": {"hex": "text,label\né,1\n".encode("latin-1").hex()},
    "utf16.txt": {"hex": "é\nß\n".encode("utf-16").hex()},
    "rows.json": '{"version": 1, "data": [{"a": 1}, {"a": 2}]}',
    "lines.jsonl": '{"text": "a", "label": "pos"}\n{"text": "b", "label": "neg"}\n',
    "packed.csv.bz2": {"bz2": "text,label\npacked,1\n"},
}
LOADS = [
    ("csv", {"data_files": "one/a1.csv"}),
    ("csv", {"data_files": ["one/b1.csv", "one/a1.csv"]}),
    ("csv", {"data_files": {"train": "one/a*.csv", "test": ["one/b1.csv"]}}),
    ("csv", {"data_files": {"validation": ["one/*.csv", "one/a1.csv"]}}),
    ("csv", {"data_files": "**/a*.csv"}),
    ("csv", {"data_files": "two/**"}),
    ("csv", {"data_files": "one/[ab]1.csv"}),
    ("csv", {"data_files": "two/.hidden.csv"}),
    ("csv", {"data_files": "a1.csv", "data_dir": "one"}),
    ("csv", {"data_dir": "by_name"}),
    ("csv", {"data_files": "none*.csv"}),
    ("csv", {}),
    ("csv", {"data_files": "odd.dat", "sep": ";"}),
    ("csv", {"data_files": "bare.txt", "sep": "|", "names": ["text", "label"]}),
    ("csv", {"data_files": "latin.csv", "encoding": "latin-1"}),
    ("csv", {"data_files": "latin.csv"}),
    ("csv", {"data_files": "one/a1.csv", "features": {"text": "string", "label": ["no", "yes"]}}),
    ("csv", {"data_files": "one/a1.csv", "features": {"label": "float64"}}),
    ("csv", {"data_files": "one/a1.csv", "field": "data"}),
    ("csv", {"data_files": "packed.csv.bz2"}),
    ("text", {"data_files": "utf16.txt", "encoding": "utf-16"}),
    ("text", {"data_files": {"train": "bare.txt"}}),
    ("json", {"data_files": "rows.json", "field": "data"}),
    ("json", {"data_files": "rows.json", "field": "none"}),
    ("json", {"data_files": "lines.jsonl", "features": {"text": "string", "label": ["neg", "pos"]}}),
    ("json", {"data_files": "lines.jsonl", "sep": ";"}),
    ("json", {"data_files": "lines.jsonl", "features": {"text": "string", "label": "string", "more": "int64"}}),
    ("../folder", {}),
    ("../folder", {"name": "semicolons"}),
    ("../folder", {"data_files": "one/b1.csv"}),
    ("../folder", {"data_files": {"test": "two/**/*.csv"}}),
    ("../folder", {"data_dir": "by_name"}),
    ("../folder", {"data_dir": "one", "data_files": "b1.csv"}),
    ("../folder", {"features": {"text": "string", "label": "string"}}),
    ("one", {"data_files": "b1.csv"}),
]
SIZES = {"train": 205, "test": 7}
SPLITS = (
    "train test all train+test train[:10] train[-3:] train[3:5] train[:] train[5:3] train[300:] test[:50%] test[50%:] test[:10%] test[10%:11%] train[:1%] train[33%:67%] "
    "train[-10%:] train[:-90%] test[-50%:-10%] train[10:50%] train[10%:50] test[3:100%] train[:33%](closest) train[:33%](pct1_dropremainder) "
    "test[:33%](pct1_dropremainder) train[:101%] train[-101%:] train[:10%](up) train[:10](closest) train[:10%]() train[:1_0] train[1__0:] train[_:] train[] train[5] "
    "train[:5%%] train[5.5:] none train[:5]+none train(closest) train+ +train train[:5%]+test[:5%](pct1_dropremainder) test[:2]+test[:2] train[99999999999999999999:] "
    "train[:-99999999999999999999] train-x Train"
).split() + ["train[:2] + test[:1]", "train[:2]+  test[:1]", " train", "train ", "train[ :2]", "train [:2]", ""]


def features(given):
    return Features({name: ClassLabel(names=kind) if isinstance(kind, list) else Value(kind) for name, kind in given.items()})


def tried(make):
    try:
        return {"ok": make()}
    except Exception as error:
        cause = error.__cause__ if isinstance(error, datasets.exceptions.DatasetGenerationError) else None
        return {"error": type(cause or error).__name__}


def load(path, arguments):
    known = {**arguments, "features": features(arguments["features"])} if "features" in arguments else arguments
    return tried(lambda: {split: table(data) for split, data in datasets.load_dataset(path, cache_dir=tempfile.mkdtemp(), **known).items()})


if __name__ == "__main__":
    datasets.disable_progress_bars()
    datasets.logging.set_verbosity(datasets.logging.CRITICAL)
    folder = pathlib.Path(tempfile.mkdtemp(), "folder")
    folder.mkdir()
    os.chdir(folder)
    for name, content in FILES.items():
        pathlib.Path(name).parent.mkdir(parents=True, exist_ok=True)
        pathlib.Path(name).write_bytes(as_bytes(content))
    loads = [{"path": path, "arguments": arguments, **load(path, arguments)} for path, arguments in LOADS]
    for split, size in SIZES.items():
        pathlib.Path(f"{split}_rows.csv").write_text("x\n" + "".join(f"{row}\n" for row in range(size)))
    files = {split: f"{split}_rows.csv" for split in SIZES}
    cache = tempfile.mkdtemp()
    splits = [{"split": split, **tried(lambda: datasets.load_dataset("csv", data_files=files, split=split, cache_dir=cache)["x"][:])} for split in SPLITS]
    written = {name: content if isinstance(content, str) else {"hex": as_bytes(content).hex()} for name, content in FILES.items()}
    case_lines.write(target, {"files": written, "loads": loads, "sizes": SIZES, "splits": splits})
