"""Records what scikit-learn and SciPy compute, for crates/trainer-metrics/tests/it/recorded.rs.

    python parity/metrics_values.py

writes crates/trainer-metrics/tests/data/metrics.json. Made with scikit-learn 1.9.1, SciPy 1.17.1 and NumPy 2.4.6.
"""

import warnings
from pathlib import Path

import numpy as np
from scipy.stats import pearsonr, spearmanr
from sklearn.metrics import (
    accuracy_score,
    f1_score,
    matthews_corrcoef,
    mean_absolute_error,
    mean_squared_error,
    precision_score,
    recall_score,
)

import case_lines

warnings.simplefilter("ignore")
AVERAGED = {"precision": precision_score, "recall": recall_score, "f1": f1_score}


def classification(name, logits, labels):
    """A case with logits of [rows, classes]; labels of -100 are left out, as the Trainer's models do."""
    kept = labels != -100
    predicted, true = logits.argmax(-1)[kept], labels[kept]
    values = {
        "accuracy": accuracy_score(true, predicted),
        "matthews_correlation": matthews_corrcoef(true, predicted),
    }
    averages = ["micro", "macro", "weighted"]
    if set(np.concatenate([predicted, true])) <= {0, 1}:
        averages.append("binary")
    for metric, function in AVERAGED.items():
        for average in averages:
            values[f"{metric}_{average}"] = function(true, predicted, average=average, zero_division=0)
    return {
        "name": name,
        "shape": list(logits.shape),
        "predictions": logits.ravel().tolist(),
        "labels": labels.ravel().tolist(),
        "values": {key: float(value) for key, value in values.items()},
    }


def label_sets(name, scores, labels, threshold=None):
    """A case with one score, or one 0 or 1, for each label of 0 or 1: [rows, labels]. With a threshold what is above it is 1."""
    predicted = scores if threshold is None else (scores > np.float32(threshold)).astype(int)
    values = {"accuracy": accuracy_score(labels, predicted), "exact_match": accuracy_score(labels, predicted)}
    for metric, function in AVERAGED.items():
        for average in ["micro", "macro", "weighted", "samples"]:
            values[f"{metric}_{average}"] = function(labels, predicted, average=average, zero_division=0)
    return {
        "name": name,
        "shape": list(labels.shape),
        "threshold": threshold,
        "predictions": scores.ravel().tolist(),
        "labels": labels.ravel().tolist(),
        "values": {key: float(value) for key, value in values.items()},
    }


def regression(name, predictions, labels):
    """A case with one value a row, or several: in double precision, as this project works, and in single precision."""

    def values(x, y):
        values = {"mse": mean_squared_error(y, x), "mae": mean_absolute_error(y, x)}
        if x.ndim == 1:
            values |= {"pearsonr": pearsonr(x, y)[0], "spearmanr": spearmanr(x, y)[0]}
        return {key: None if np.isnan(value) else float(value) for key, value in values.items()}

    return {
        "name": name,
        "shape": list(labels.shape),
        "predictions": predictions.ravel().tolist(),
        "labels": labels.ravel().tolist(),
        "values": values(predictions.astype(np.float64), labels.astype(np.float64)),
        "single": values(predictions, labels),
    }


def main():
    rng = np.random.default_rng(7)
    logits = lambda rows, classes: rng.normal(size=(rows, classes)).astype(np.float32)
    floats = lambda rows: rng.normal(size=rows).astype(np.float32)
    ignored = rng.integers(0, 3, 40)
    ignored[::5] = -100
    good = logits(200, 2)
    base = floats(150)
    cases = [
        classification("two classes", logits(97, 2), rng.integers(0, 2, 97)),
        classification("mostly right", good, np.where(rng.random(200) < 0.8, good.argmax(-1), 0)),
        classification("five classes", logits(64, 5), rng.integers(0, 5, 64)),
        classification("classes never predicted", logits(30, 2), rng.integers(0, 6, 30)),
        classification("classes never labelled", logits(30, 6), rng.integers(0, 2, 30)),
        classification("ignored labels", logits(40, 3), ignored),
        classification("tokens", rng.normal(size=(6, 7, 4)).astype(np.float32), rng.integers(0, 4, (6, 7))),
        classification("equal scores", np.ones((9, 2), np.float32), rng.integers(0, 2, 9)),
        classification("all right", np.eye(3, dtype=np.float32)[[0, 1, 2, 1]], np.array([0, 1, 2, 1])),
        classification("all wrong", np.eye(2, dtype=np.float32)[[0, 1, 0, 1]], np.array([1, 0, 1, 0])),
        classification("one class", np.eye(2, dtype=np.float32)[[0, 0, 0]], np.array([0, 0, 0])),
        classification("only the positive class", np.eye(2, dtype=np.float32)[[1, 1]], np.array([1, 1])),
    ]
    regressions = [
        regression("noise", floats(120), floats(120)),
        regression("nearly a line", base, (base * 3 - 1 + floats(150) * 0.1).astype(np.float32)),
        regression("far from zero", (floats(80) + 10000).astype(np.float32), (floats(80) - 3000).astype(np.float32)),
        regression("many equal values", rng.integers(0, 5, 60).astype(np.float32), rng.integers(0, 4, 60).astype(np.float32)),
        regression("two rows", np.float32([1, 2]), np.float32([5, 3])),
        regression("constant labels", floats(10), np.full(10, 0.1, np.float32)),
        regression("constant predictions", np.full(7, 0.3, np.float32), floats(7)),
        regression("three values a row", logits(30, 3), logits(30, 3)),
    ]
    zeros_and_ones = lambda rows, labels: rng.integers(0, 2, (rows, labels))
    rare = (rng.random((40, 4)) < 0.15).astype(int)
    sets = [
        label_sets("zeros and ones", zeros_and_ones(50, 5), zeros_and_ones(50, 5)),
        label_sets("mostly right", np.where(rng.random((40, 4)) < 0.9, rare, 1), rare),
        label_sets("two labels", zeros_and_ones(9, 2), zeros_and_ones(9, 2)),
        label_sets("one row", np.array([[1, 0, 1]]), np.array([[1, 1, 0]])),
        label_sets("labels never true", np.ones((6, 3), int), np.zeros((6, 3), int)),
        label_sets("labels never said", np.zeros((6, 3), int), zeros_and_ones(6, 3)),
        label_sets("nothing true, nothing said", np.zeros((4, 2), int), np.zeros((4, 2), int)),
        label_sets("all right", rare, rare),
        label_sets("logits", logits(40, 6), zeros_and_ones(40, 6), 0.0),
        label_sets("probabilities at the threshold", rng.integers(0, 11, (40, 4)).astype(np.float32) / np.float32(10), rare, 0.3),
    ]
    path = Path(__file__).parent.parent / "crates/trainer-metrics/tests/data/metrics.json"
    case_lines.write(path, {"classification": cases, "label_sets": sets, "regression": regressions})


main()
