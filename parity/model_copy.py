"""Copies a model's folder and adds files to it, for cases of `cargo xtask parity` with `add_files`.

    python parity/model_copy.py MODEL FOLDER '{"merges.txt": ""}'
"""

import json
import shutil
import sys
from pathlib import Path

from huggingface_hub import snapshot_download


def main() -> None:
    model, folder, files = sys.argv[1], Path(sys.argv[2]), json.loads(sys.argv[3])
    given = Path(model)
    shutil.copytree(given if given.is_dir() else snapshot_download(model), folder)
    for name, text in files.items():
        (folder / name).write_text(text)


if __name__ == "__main__":
    main()
