"""What Python's `datasets` makes of data files: Python's side of `cargo xtask parity data`, the other is examples/parity_data.

Usage: python parity/data_values.py LIST OUT

A line of LIST is a file, {"name", "builder", "file", "sep"}, or a data set of the hub, {"name", "path", "config"}. A line of OUT is
{"name", "splits": {split: {"rows", "columns": [{"name", "type", "values"}]}}}, or {"name", "error"} with the class and the first
line of the exception that says why, or with the signal that ended the process. Lines are in the order of LIST. What `datasets` caches is removed again.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading

os.environ["HF_HUB_OFFLINE"] = "1"

import datasets
from huggingface_hub import snapshot_download

from exact_values import exact, type_name


def values(data):
    columns = []
    for name, feature in data.features.items():
        stored = data.data.column(name).to_pylist()
        columns.append({"name": name, "type": type_name(feature), "values": [exact(value, feature) for value in stored]})
    return {"rows": len(data), "columns": columns}


def load(entry, cache):
    if "file" in entry:
        options = {"sep": entry["sep"]} if "sep" in entry else {}
        return datasets.load_dataset(entry["builder"], data_files=entry["file"], cache_dir=cache, **options)
    # Without network `datasets` finds what it has made before, and no repository of the hub's cache.
    return datasets.load_dataset(snapshot_download(entry["path"], repo_type="dataset"), entry["config"], cache_dir=cache)


def outcome(entry):
    cache = tempfile.mkdtemp()
    try:
        return {"name": entry["name"], "splits": {split: values(data) for split, data in load(entry, cache).items()}}
    except Exception as error:
        cause = error.__cause__ if isinstance(error, datasets.exceptions.DatasetGenerationError) else None
        cause = cause or error
        return {"name": entry["name"], "error": f"{type(cause).__name__}: {str(cause).split(chr(10))[0]}"}
    finally:
        shutil.rmtree(cache)


def serve(folder):
    """Answers each line of standard input, a line of LIST, with the line of OUT."""
    tempfile.tempdir = folder
    datasets.disable_progress_bars()
    datasets.logging.set_verbosity(datasets.logging.CRITICAL + 1)
    for line in sys.stdin:
        print(json.dumps(outcome(json.loads(line))), flush=True)


def ask(folder, entries, results):
    """Lets a process answer entries until there are none; another goes on where one dies, as Arrow lets it with a few files."""
    server = None
    for at, entry in entries:
        server = server or subprocess.Popen(
            [sys.executable, __file__, "--serve", folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        server.stdin.write(json.dumps(entry) + "\n")
        server.stdin.flush()
        results[at] = server.stdout.readline()
        if not results[at]:
            results[at] = json.dumps({"name": entry["name"], "error": f"the process died of signal {-server.wait()}"}) + "\n"
            server = None
    if server:
        server.stdin.close()
        server.wait()


def main(listed, out):
    lines = enumerate(pathlib.Path(listed).read_text().splitlines())
    lock, results = threading.Lock(), {}

    def entries():
        while True:
            with lock:
                at, line = next(lines, (None, None))
            if line is None:
                return
            yield at, json.loads(line)

    with tempfile.TemporaryDirectory() as folder:
        threads = [threading.Thread(target=ask, args=(folder, entries(), results)) for _ in range(os.cpu_count())]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    pathlib.Path(out).write_text("".join(results[at] for at in sorted(results)))


if __name__ == "__main__":
    serve(sys.argv[2]) if sys.argv[1] == "--serve" else main(*sys.argv[1:])
