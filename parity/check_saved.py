"""Does Python read what the Rust program saved, and compute the same logits from it?

Loads a saved folder with `from_pretrained`, tokenizes the validation rows itself, computes their logits and compares
them with those that the program wrote (`glue_mrpc --predictions_file FILE`, a JSON list of rows).

    python parity/check_saved.py out predictions.json
"""

import argparse
import json
from pathlib import Path

import torch
from compare import SENTENCES, load_splits
from transformers import AutoModelForSequenceClassification, AutoTokenizer


def logits_of(folder: str, dataset: str, task: str) -> torch.Tensor:
    """The logits of the validation rows, in order, by the model and the tokenizer saved in `folder`."""
    rows = load_splits(dataset, task)["validation"]
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForSequenceClassification.from_pretrained(folder).eval()
    logits = []
    with torch.no_grad():
        for start in range(0, len(rows), 8):
            window = rows[start : start + 8]
            texts = [window[column] for column in SENTENCES[task] if column is not None]
            batch = tokenizer(*texts, truncation=True, padding=True, return_tensors="pt")
            logits.append(model(**batch).logits)
    return torch.cat(logits)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", help="folder with the saved model and tokenizer")
    parser.add_argument("predictions", help="JSON list of rows: the program's logits of the validation rows")
    parser.add_argument("--dataset", default="glue")
    parser.add_argument("--dataset_config", default="mrpc")
    parser.add_argument("--tolerance", type=float, default=1e-4, help="largest absolute difference allowed")
    args = parser.parse_args()

    ours = torch.tensor(json.loads(Path(args.predictions).read_text()), dtype=torch.float32)
    theirs = logits_of(args.folder, args.dataset, args.dataset_config)
    if ours.shape != theirs.shape:
        raise SystemExit(f"{args.predictions}: shape {list(ours.shape)}, Python's logits {list(theirs.shape)}")
    differences = (ours - theirs).abs()
    largest = differences.max().item()
    row = differences.max(dim=1).values.argmax().item()
    print(f"logits {list(ours.shape)}: largest absolute difference {largest:.3e} (row {row})")
    if not largest <= args.tolerance:  # also true for NaN
        raise SystemExit(f"differs by more than {args.tolerance:g}: {ours[row].tolist()} here, {theirs[row].tolist()} in Python")


if __name__ == "__main__":
    main()
