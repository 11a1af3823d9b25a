"""Loads what trainer-tokenize saved with Python's AutoTokenizer and compares ids on MRPC's validation pairs.

Usage: HF_HUB_CACHE=<hub> HF_HUB_OFFLINE=1 python parity/tokenizer_saved.py

Runs `cargo test -p trainer-tokenize --test it saving::` with TOKENIZERS_OUT, which leaves the folders, and prints one line a
tokenizer. Exits with 1 at the first difference.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pyarrow.parquet as parquet
from huggingface_hub import snapshot_download
from transformers import AutoTokenizer

from tokenizer_models import MODELS


def main():
    glue = Path(snapshot_download("nyu-mll/glue", repo_type="dataset"))
    table = parquet.read_table(next(glue.glob("mrpc/validation*.parquet"))).to_pydict()
    pairs = (table["sentence1"], table["sentence2"])
    with tempfile.TemporaryDirectory() as out:
        root = Path(__file__).resolve().parent.parent
        command = ["cargo", "test", "--quiet", "-p", "trainer-tokenize", "--test", "it", "saving::saved_tokenizers"]
        subprocess.run(command, check=True, cwd=root, env={**os.environ, "TOKENIZERS_OUT": out})
        for name, original in MODELS.items():
            python = original.from_pretrained(snapshot_download(name))
            saved = AutoTokenizer.from_pretrained(str(Path(out) / name))
            same = [type(saved).__name__ == type(python).__name__, saved.special_tokens_map == python.special_tokens_map]
            same += [getattr(saved, key) == getattr(python, key) for key in ("model_max_length", "model_input_names")]
            same += [dict(saved(*pairs)) == dict(python(*pairs))]
            same += [dict(saved(*pairs, truncation=True, max_length=n)) == dict(python(*pairs, truncation=True, max_length=n)) for n in (16, 64)]
            print(name, type(saved).__name__, "equal" if all(same) else f"DIFFERS {same}")
            if not all(same):
                sys.exit(1)


main()
