"""Records which rows Python's `datasets` chooses, and in which order, for crates/trainer-data/tests/data/dataset_orders.json: an
exception is its class.
"""

import hashlib
import pathlib

import case_lines
import datasets
from datasets import ClassLabel, Dataset, Features, Value

target = pathlib.Path(__file__).parent.parent / "crates/trainer-data/tests/data/dataset_orders.json"
SIZES = [0, 1, 2, 3, 10, 100, 1000, 65_537]
SEEDS = [0, 1, 42, 2**32 - 1, 2**32, 2**63 + 5]
SPLITS = [
    {},
    {"test_size": 0.2},
    {"test_size": 0.21},
    {"test_size": 7},
    {"train_size": 0.5},
    {"train_size": 60},
    {"train_size": 0.3, "test_size": 0.4},
    {"train_size": 10, "test_size": 0.1},
    {"test_size": 0.2, "shuffle": False},
    {"train_size": 30, "test_size": 20, "shuffle": False},
    {"test_size": 0.999},
    {"test_size": 1.0},
    {"test_size": 100},
    {"train_size": 0.6, "test_size": 0.6},
    {"train_size": 0.001},
]
LABELS = {
    "even": [row % 2 for row in range(100)],
    "rare": [int(row % 25 == 0) for row in range(100)],
    "three": [row * row % 3 for row in range(97)],
    "many": [row % 37 for row in range(200)],
    "without": [-1] * 30 + [0] * 30,
    "single": [0] * 20 + [1],
}
SORTED = {
    "ints": {"a": [3, 1, None, 2, 1, 3], "b": [0, 1, 2, 3, 4, 5]},
    "floats": {"a": [1.5, float("nan"), -1.0, None, 1.5, float("inf")], "b": [0, 1, 2, 3, 4, 5]},
    "texts": {"a": ["b", "ä", "", "B", None, "b"], "b": [0, 1, 2, 3, 4, 5]},
    "bools": {"a": [True, False, None, True, False, True], "b": [5, 4, 3, 2, 1, 0]},
}
KEYS = [(["a"], [False]), (["a"], [True]), (["a", "b"], [False, True]), (["a", "b"], [True, False])]
LENGTHS = [[3, 4, 5], [5, 5], [1, 7], [4, 0], [12, 30, 7]]
WEIGHTS = {2: [[0.5, 0.5], [0.9, 0.1]], 3: [[0.7, 0.2, 0.1], [0.1, 0.1, 0.8]]}
STRATEGIES = ["first_exhausted", "all_exhausted", "all_exhausted_without_replacement"]


def numbers(count):
    return Dataset.from_dict({"x": list(range(count))})


def tried(make):
    try:
        return make()
    except Exception as error:
        return {"error": type(error).__name__}


def both(data, **options):
    made = data.train_test_split(**options)
    return {"train": made["train"]["x"][:], "test": made["test"]["x"][:]}


def shuffled(count, seed):
    order = numbers(count).shuffle(seed=seed)["x"][:]
    digest = hashlib.sha256("".join(f"{row}\n" for row in order).encode()).hexdigest()
    return {"n": count, "seed": seed, "first": order[:20], "sha256": digest}


def stratified(name, seed, test_size):
    labels = LABELS[name]
    features = Features({"x": Value("int64"), "label": ClassLabel(num_classes=max(labels) + 1)})
    data = Dataset.from_dict({"x": list(range(len(labels))), "label": labels}, features=features)
    made = tried(lambda: both(data, test_size=test_size, seed=seed, stratify_by_column="label"))
    return {"labels": name, "seed": seed, "test_size": test_size, **made}


def interleaved(lengths, strategy, weights, seed):
    sets = [Dataset.from_dict({"x": list(range(100 * at, 100 * at + length))}) for at, length in enumerate(lengths)]
    made = tried(lambda: datasets.interleave_datasets(sets, probabilities=weights, seed=seed, stopping_strategy=strategy)["x"][:])
    return {"lengths": lengths, "strategy": strategy, "weights": weights, "seed": seed, "made": made}


def sort(name, keys, reverse, placement):
    data = Dataset.from_dict({**SORTED[name], "x": list(range(6))})
    return {"data": name, "by": keys, "reverse": reverse, "nulls": placement, "made": data.sort(keys, reverse, placement)["x"][:]}


if __name__ == "__main__":
    datasets.disable_progress_bars()
    case_lines.write(
        target,
        {
            "shuffle": [shuffled(count, seed) for count in SIZES for seed in SEEDS],
            "split": [{"options": options, "seed": seed, **tried(lambda: both(numbers(100), seed=seed, **options))} for options in SPLITS for seed in (0, 42)],
            "labels": LABELS,
            "stratified": [stratified(name, seed, size) for name in LABELS for seed in (0, 42) for size in (0.1, 0.25, 0.5)],
            "shard": [
                {"n": n, "count": count, "index": index, "contiguous": contiguous, "made": tried(lambda: numbers(n).shard(count, index, contiguous)["x"][:])}
                for n, count in ((10, 3), (2, 4), (9, 3))
                for index in range(count)
                for contiguous in (True, False)
            ],
            "columns": {name: {key: [str(value) if isinstance(value, float) else value for value in values] for key, values in columns.items()} for name, columns in SORTED.items()},
            "sort": [sort(name, keys, reverse, placement) for name in SORTED for keys, reverse in KEYS for placement in ("at_end", "at_start")],
            "interleave": [
                interleaved(lengths, strategy, weights, seed)
                for lengths in LENGTHS
                for strategy in STRATEGIES
                for weights, seed in [(None, None)] + [(weights, seed) for weights in WEIGHTS[len(lengths)] for seed in (0, 42) if 0 not in lengths]
            ],
        },
    )
