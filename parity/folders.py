"""Records what Python's `datasets` makes of small folders, a folder a line: of those that stand in
crates/trainer-data/tests/cases (expected.json there, and expected_long.json.gz for those of many rows) and of those that the
cases beside this script make (tests/data/folders.json).

Of the latter a file is its text, {"gz": text} (or "bz2", or "xz"), {"zip": {name: text}} or {"hex": bytes}. A result is
{"ok": {split: {"features": {column: type}, "n": rows, "rows": [...]}}}, or {"error": the exception's class}.
"""

import bz2
import gzip
import io
import json
import lzma
import math
import os
import pathlib
import shutil
import tempfile
import zipfile

os.environ["HF_HUB_OFFLINE"] = "1"
tempfile.tempdir = tempfile.mkdtemp()
os.environ["HF_DATASETS_CACHE"] = tempfile.tempdir

import case_lines
import datasets
import folders_cards
import folders_csv
import folders_encodings
import folders_json
import folders_splits
from exact_values import type_name

tests = pathlib.Path(__file__).parent.parent / "crates/trainer-data/tests"


def as_bytes(content):
    if isinstance(content, str):
        return content.encode()
    if "gz" in content:
        return gzip.compress(content["gz"].encode(), mtime=0)
    if "bz2" in content:
        return bz2.compress(content["bz2"].encode())
    if "xz" in content:
        return lzma.compress(content["xz"].encode())
    if "zip" in content:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in content["zip"].items():
                archive.writestr(zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0)), text, zipfile.ZIP_DEFLATED)
        return packed.getvalue()
    return bytes.fromhex(content["hex"])


def plain(value):
    if isinstance(value, float):
        return {"f": repr(value)} if math.isfinite(value) else f"<{value}>"
    if isinstance(value, list):
        return [plain(element) for element in value]
    if isinstance(value, dict):
        return {name: plain(field) for name, field in value.items()}
    return value if value is None or isinstance(value, (bool, int, str)) else f"<{type(value).__name__} {value}>"


def table(data):
    features = {name: type_name(feature) for name, feature in data.features.items()}
    return {"features": features, "n": len(data), "rows": [plain(row) for row in data]}


def loaded(folder):
    try:
        return {"ok": {split: table(data) for split, data in datasets.load_dataset(folder, cache_dir=tempfile.mkdtemp()).items()}}
    except Exception as error:
        cause = error.__cause__ if isinstance(error, datasets.exceptions.DatasetGenerationError) else None
        return {"error": type(cause or error).__name__}


def record(files):
    with tempfile.TemporaryDirectory() as folder:
        written = {}
        for name, content in files.items():
            path = pathlib.Path(folder, "folder", name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(as_bytes(content))
            written[name] = content if isinstance(content, str) else {"hex": as_bytes(content).hex()}
        return {"files": written, **loaded(str(pathlib.Path(folder, "folder")))}


if __name__ == "__main__":
    datasets.disable_progress_bars()
    datasets.logging.set_verbosity(datasets.logging.CRITICAL)
    cases = {**folders_splits.CASES, **folders_cards.CASES, **folders_csv.CASES, **folders_json.CASES, **folders_encodings.CASES}
    case_lines.write(tests / "data/folders.json", {name: record(files) for name, files in cases.items()}, levels=1)
    reported = {path.name: loaded(str(path)) for path in sorted((tests / "cases").iterdir()) if path.is_dir()}
    is_long = {name: len(json.dumps(result)) > 4000 for name, result in reported.items()}
    case_lines.write(tests / "cases/expected.json", {name: reported[name] for name in reported if not is_long[name]}, levels=1)
    packed = case_lines.lay_out({name: reported[name] for name in reported if is_long[name]}, 1, None)
    (tests / "cases/expected_long.json.gz").write_bytes(gzip.compress(packed.encode(), mtime=0))
    shutil.rmtree(tempfile.tempdir)
