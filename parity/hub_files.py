"""What huggingface_hub makes of a hub, for crates/trainer-data/tests/it/hub_python.rs.

`HF_ENDPOINT=… hub_files.py CACHE REPOSITORY [FILE] [--revision R] [--token T] [--offline]` prints a file of a data set,
or the names of all its files, brought into the cache; or else, with exit status 1, the name of the error.
"""

import argparse
import sys
from pathlib import Path

from huggingface_hub import hf_hub_download, snapshot_download

parser = argparse.ArgumentParser()
parser.add_argument("cache")
parser.add_argument("repository")
parser.add_argument("file", nargs="?")
parser.add_argument("--revision")
parser.add_argument("--token")
parser.add_argument("--offline", action="store_true")
args = parser.parse_args()

common = {
    "repo_type": "dataset",
    "cache_dir": args.cache,
    "revision": args.revision,
    "token": args.token or False,
    "local_files_only": args.offline,
}
try:
    if args.file:
        path = Path(hf_hub_download(args.repository, args.file, **common))
        sys.stdout.write(path.read_text())
    else:
        folder = Path(snapshot_download(args.repository, **common))
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        print("\n".join(str(path.relative_to(folder)) for path in files))
except Exception as error:
    print(type(error).__name__)
    sys.exit(1)
