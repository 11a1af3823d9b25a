"""Records what seqeval computes, for crates/trainer-metrics/tests/it/seqeval.rs.

    python parity/seqeval_values.py

writes crates/trainer-metrics/tests/data/seqeval.json. Made with seqeval 1.2.2, which `evaluate.load("seqeval")` calls; the names and the
choice of values are those of `compute_metrics` of transformers' examples/pytorch/token-classification/run_ner.py.
"""

import random
import warnings
from pathlib import Path

from seqeval.metrics import accuracy_score, classification_report

import case_lines

warnings.simplefilter("ignore")
NAMES = {
    "two kinds": ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"],
    "wnut": ["O"] + [f"{place}-{kind}" for kind in ("corporation", "creative-work", "person") for place in "BI"],
    "begin to end": ["O", "B-a", "I-a", "E-a", "S-a", "B-b", "I-b", "E-b", "S-b"],
    "without kinds": ["O", "B", "I", "E", "S"],
    "inside only": ["I-x", "O", "I-y"],
}


def evaluate(names, predictions, labels):
    """What evaluate's metrics/seqeval/seqeval.py computes of the tags of labels that are not -100."""
    kept = [[(p, l) for p, l in zip(ps, ls) if l != -100] for ps, ls in zip(predictions, labels)]
    predicted = [[names[p] for p, _ in row] for row in kept]
    true = [[names[l] for _, l in row] for row in kept]
    report = classification_report(true, predicted, output_dict=True)
    report.pop("macro avg"), report.pop("weighted avg")
    overall = report.pop("micro avg")
    values = {}
    for kind, scores in report.items():
        values[f"{kind}_precision"] = float(scores["precision"])
        values[f"{kind}_recall"] = float(scores["recall"])
        values[f"{kind}_f1"] = float(scores["f1-score"])
        values[f"{kind}_number"] = float(scores["support"])
    values["overall_precision"] = float(overall["precision"])
    values["overall_recall"] = float(overall["recall"])
    values["overall_f1"] = float(overall["f1-score"])
    values["overall_accuracy"] = float(accuracy_score(true, predicted))
    return values


def main():
    draw = random.Random(3)
    cases = []
    for name, names in NAMES.items():
        for rows, length, right in ((1, 6, 0.5), (5, 9, 0.7), (12, 20, 0.9), (3, 7, 1.0)):
            tags = range(len(names))
            labels = [[draw.choice(tags) for _ in range(length)] for _ in range(rows)]
            predictions = [[tag if draw.random() < right else draw.choice(tags) for tag in row] for row in labels]
            labels = [[-100 if draw.random() < 0.2 else tag for tag in row] for row in labels]
            values = evaluate(names, predictions, labels)
            cases.append({"name": name, "predictions": predictions, "labels": labels, "values": values})
    path = Path(__file__).resolve().parent.parent / "crates/trainer-metrics/tests/data/seqeval.json"
    case_lines.write(path, {"names": NAMES, "cases": cases})


main()
