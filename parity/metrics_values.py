"""Records what scikit-learn and SciPy compute, for crates/trainer-metrics/tests/it/recorded.rs.

    python parity/metrics_values.py

writes crates/trainer-metrics/tests/data/metrics.json. Made with scikit-learn 1.9.1, SciPy 1.17.1 and NumPy 2.4.6.
"""

import warnings
from pathlib import Path

import numpy as np
from scipy.special import expit, softmax
from scipy.stats import pearsonr, spearmanr
from sklearn.metrics import (
    accuracy_score,
    balanced_accuracy_score,
    brier_score_loss,
    confusion_matrix,
    f1_score,
    log_loss,
    matthews_corrcoef,
    mean_absolute_error,
    mean_squared_error,
    precision_score,
    recall_score,
    roc_auc_score,
    top_k_accuracy_score,
)

import case_lines

warnings.simplefilter("ignore")
AVERAGED = {"precision": precision_score, "recall": recall_score, "f1": f1_score}


def classification(name, logits, labels):
    """A case with logits of [rows, classes]; labels of -100 are left out, as the Trainer's models do."""
    kept = labels != -100
    predicted, true = logits.argmax(-1)[kept], labels[kept]
    by_row = lambda array: array.reshape(len(labels), -1)
    right = by_row((logits.argmax(-1) == labels) | ~kept).all(1)
    values = {
        "accuracy": accuracy_score(true, predicted),
        "exact_match": right[by_row(kept).any(1)].mean(),
        "balanced_accuracy": balanced_accuracy_score(true, predicted),
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


def finite(values):
    """As JSON, which has no NaN."""
    return {key: None if np.isnan(value) else float(value) for key, value in values.items()}


def class_scores(name, scores, labels, kind="logits"):
    """A case with the scores of two or more classes, in double precision, as this project works."""
    kept = labels != -100
    given, true = scores.astype(np.float64)[kept], labels[kept]
    probabilities = softmax(given, axis=-1) if kind == "logits" else given
    classes = range(scores.shape[-1])
    values = {
        "log_loss": log_loss(true, probabilities, labels=classes),
        "brier_score": brier_score_loss(true, probabilities, labels=classes),
    }
    if len(classes) == 2:
        values["roc_auc"] = roc_auc_score(true, probabilities[:, 1])
    else:
        values |= {f"top_{k}_accuracy": top_k_accuracy_score(true, given, k=k, labels=classes) for k in (1, 2, 3)}
        auc = lambda how, average: roc_auc_score(true, probabilities, multi_class=how, average=average, labels=classes)
        values |= {f"roc_auc_ovr_{average}": auc("ovr", average) for average in ("macro", "weighted", "micro")}
        if len(set(true)) > 1:
            values |= {f"roc_auc_ovo_{average}": auc("ovo", average) for average in ("macro", "weighted")}
    return {
        "name": name,
        "scores": kind,
        "shape": list(scores.shape),
        "predictions": scores.ravel().tolist(),
        "labels": labels.ravel().tolist(),
        "values": finite(values),
    }


def one_score(name, scores, labels, kind="logits"):
    """A case with the score of class 1."""
    kept = labels != -100
    given, true = scores.astype(np.float64)[kept], labels[kept]
    one, zero = (expit(given), expit(-given)) if kind == "logits" else (given, 1 - given)
    probabilities = np.stack([zero, one], axis=1)
    values = {
        "roc_auc": roc_auc_score(true, given),
        "log_loss": log_loss(true, probabilities, labels=[0, 1]),
        "brier_score": brier_score_loss(true, probabilities, labels=[0, 1]),
    }
    return {
        "name": name,
        "scores": kind,
        "shape": [len(labels)],
        "predictions": scores.tolist(),
        "labels": labels.tolist(),
        "values": finite(values),
    }


def label_scores(name, scores, labels):
    """A case with a score for each label of 0 or 1."""
    averages = ("macro", "weighted", "micro", "samples")
    values = {f"roc_auc_{average}": roc_auc_score(labels, scores, average=average) for average in averages}
    return {
        "name": name,
        "shape": list(labels.shape),
        "predictions": scores.ravel().tolist(),
        "labels": labels.ravel().tolist(),
        "values": finite(values),
    }


def matrix(name, predictions, labels, classes=None):
    """A case of a confusion matrix, and what it is divided by."""
    kept = labels != -100
    of = lambda how: confusion_matrix(
        labels[kept], predictions[kept], normalize=how, labels=None if classes is None else range(classes)
    )
    return {
        "name": name,
        "classes": classes,
        "shape": [len(labels)],
        "predictions": predictions.tolist(),
        "labels": labels.tolist(),
        "values": {str(how): of(how).ravel().tolist() for how in (None, "true", "pred", "all")},
    }


def perplexity(name, logits, labels, sizes):
    """A case of batches of these sizes with the mean loss of each; the perplexity of all their labels."""
    of = lambda rows: log_loss(
        labels[rows][labels[rows] != -100],
        softmax(logits.astype(np.float64), axis=-1)[rows][labels[rows] != -100],
        labels=range(logits.shape[-1]),
    )
    ends = np.cumsum(sizes)
    return {
        "name": name,
        "shape": list(labels.shape),
        "labels": labels.ravel().tolist(),
        "sizes": sizes,
        "losses": [of(slice(end - size, end)) for end, size in zip(ends, sizes)],
        "value": float(np.exp(of(slice(None)))),
    }


def regression(name, predictions, labels):
    """A case with one value a row, or several: in double precision, as this project works, and in single precision."""

    def values(x, y):
        values = {"mse": mean_squared_error(y, x), "mae": mean_absolute_error(y, x)}
        if x.ndim == 1:
            values |= {"pearsonr": pearsonr(x, y)[0], "spearmanr": spearmanr(x, y)[0]}
        return finite(values)

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
    kinds = of_classes(rng)
    kinds |= of_scores(np.random.default_rng(8))
    path = Path(__file__).parent.parent / "crates/trainer-metrics/tests/data/metrics.json"
    case_lines.write(path, kinds)


def of_classes(rng):
    """Cases of chosen classes and of real values."""
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
    return {"classification": cases, "label_sets": sets, "regression": regressions}


def of_scores(rng):
    """Cases of scores, of matrices and of losses."""
    logits = lambda *shape: (rng.normal(size=shape) * 2).astype(np.float32)
    labels = lambda rows, classes: rng.integers(0, classes, rows)
    with_ignored = lambda labels: np.where(rng.random(labels.shape) < 0.2, -100, labels)
    single = lambda *shape: softmax(logits(*shape), axis=-1)
    eighths = rng.multinomial(8, [0.5, 0.3, 0.2], 50).astype(np.float32) / 8
    missing = np.where(labels(40, 4) == 2, 3, 1)
    classes = [
        class_scores("two classes", logits(80, 2), labels(80, 2)),
        class_scores("two classes, many equal", rng.integers(-3, 3, (80, 2)).astype(np.float32), labels(80, 2)),
        class_scores("two classes, one of them rare", logits(60, 2), (rng.random(60) < 0.05).astype(int)),
        class_scores("four classes", logits(70, 4), labels(70, 4)),
        class_scores("ignored labels", logits(60, 5), with_ignored(labels(60, 5))),
        class_scores("tokens", logits(6, 7, 4), with_ignored(rng.integers(0, 4, (6, 7)))),
        class_scores("classes without labels", logits(40, 4), missing),
        class_scores("labels all of one class", logits(12, 3), np.ones(12, int)),
        class_scores("two classes, labels all of one", logits(5, 2), np.ones(5, int)),
        class_scores("one row", logits(1, 4), np.array([2])),
        class_scores("all scores equal", np.zeros((9, 4), np.float32), labels(9, 4)),
        class_scores("sure and wrong", np.float32([[90, 0, -90], [-90, 60, 0], [5, 5, 90]]), np.array([2, 1, 0])),
        class_scores("probabilities", single(50, 3), labels(50, 3), "probabilities"),
        class_scores("probabilities, many equal", eighths, labels(50, 3), "probabilities"),
        class_scores("probabilities of two classes", single(50, 2), labels(50, 2), "probabilities"),
        class_scores("probabilities of 0 and 1", np.eye(3, dtype=np.float32)[labels(30, 3)], labels(30, 3), "probabilities"),
    ]
    chances = rng.random(50).astype(np.float32)
    ones = [
        one_score("logits", logits(50), with_ignored(labels(50, 2))),
        one_score("many equal", rng.integers(-2, 3, 60).astype(np.float32), labels(60, 2)),
        one_score("whole numbers", rng.integers(-20, 20, 60), labels(60, 2)),
        one_score("all of one class", logits(10), np.zeros(10, int)),
        one_score("one row", logits(1), np.ones(1, int)),
        one_score("all right", np.float32([-2, -1, 1, 2]), np.array([0, 0, 1, 1])),
        one_score("probabilities", chances, labels(50, 2), "probabilities"),
        one_score("probabilities, some of them 0 and 1", np.round(chances, 1), labels(50, 2), "probabilities"),
    ]
    sets = [
        label_scores("logits", logits(40, 5), rng.integers(0, 2, (40, 5))),
        label_scores("many equal", rng.integers(-2, 3, (40, 3)).astype(np.float32), rng.integers(0, 2, (40, 3))),
        label_scores("a label that is never true", logits(20, 3), rng.integers(0, 2, (20, 3)) * np.array([1, 0, 1])),
        label_scores("a label that is always true", logits(20, 3), rng.integers(0, 2, (20, 3)) | np.array([0, 0, 1])),
        label_scores("nothing true", logits(6, 3), np.zeros((6, 3), int)),
        label_scores("every row has both", logits(4, 2), np.array([[0, 1], [1, 0], [1, 0], [0, 1]])),
        label_scores("one row", logits(1, 4), np.array([[0, 1, 0, 1]])),
    ]
    matrices = [
        matrix("four classes", labels(60, 4), with_ignored(labels(60, 4))),
        matrix("classes never predicted", np.zeros(20, int), labels(20, 3)),
        matrix("classes never labelled", labels(20, 3), np.zeros(20, int)),
        matrix("classes never seen", labels(20, 2), labels(20, 2), 5),
        matrix("numbers with gaps", labels(30, 3) * 7 - 7, labels(30, 3) * 7 - 7),
        matrix("one class", np.ones(3, int), np.ones(3, int)),
        matrix("one row", np.array([0]), np.array([1])),
    ]
    losses = [
        perplexity("tokens", logits(8, 6, 9), with_ignored(rng.integers(0, 9, (8, 6))), [3, 3, 2]),
        perplexity("classes", logits(7, 3), labels(7, 3), [4, 3]),
        perplexity("one row", logits(1, 4), np.array([2]), [1]),
    ]
    return {
        "class_scores": classes,
        "one_score": ones,
        "label_scores": sets,
        "confusion_matrix": matrices,
        "perplexity": losses,
    }


main()
