"""Writes random data files, and lists them and the data sets of the hub's cache, for `cargo xtask parity data`.

Usage: python parity/random_data.py OUT FILES SEED

Half of the files in OUT/files are CSV (random_tables.py), half JSON or JSON lines (random_json.py). A file depends on the seed and its number
alone. OUT/list.jsonl has a line for each, and for each data set and configuration, in the form that data_values.py takes.
"""

import json
import os
import pathlib
import random
import sys

os.environ["HF_HUB_OFFLINE"] = "1"

import datasets
from huggingface_hub import constants, snapshot_download

import random_json
import random_tables


def file(folder, number, seed):
    draw = random.Random(f"{seed} {number}")
    if number % 2:
        content, ending = random_json.make(draw)
        entry = {"builder": "json"}
    else:
        content, separator = random_tables.make(draw)
        ending = "csv"
        entry = {"builder": "csv", "sep": separator}
    path = folder / f"{number:05}.{ending}"
    path.write_bytes(content)
    return {"name": path.name, "file": str(path), **entry}


def of_the_hub():
    cached = sorted(path.name for path in pathlib.Path(constants.HF_HUB_CACHE).glob("datasets--*"))
    for name in cached:
        repository = name.removeprefix("datasets--").replace("--", "/")
        for config in datasets.get_dataset_config_names(snapshot_download(repository, repo_type="dataset")):
            yield {"name": f"{repository} {config}", "path": repository, "config": config}


def main(out, files, seed):
    out = pathlib.Path(out).resolve()
    folder = out / "files"
    folder.mkdir()
    entries = [*of_the_hub(), *(file(folder, number, seed) for number in range(int(files)))]
    (out / "list.jsonl").write_text("".join(json.dumps(entry) + "\n" for entry in entries))


if __name__ == "__main__":
    main(*sys.argv[1:])
