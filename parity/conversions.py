"""Records what Python's `datasets` makes of values in `cast_column`, and of the classes of `class_encode_column`, for
crates/trainer-data/tests/data/conversions.json: `to` is a type or the names of classes, and a value that is missing in the
result is an error.
"""

import pathlib

import case_lines
import datasets

target = pathlib.Path(__file__).parent.parent / "crates/trainer-data/tests/data/conversions.json"
CLASSES = ["neg", "pos"]
CASTS = {
    "label": [["pos", None], [" pos"], ["1"], [" 1 "], ["-1"], ["2"], [""], [1.0, 0.0], [1.5], [True, False], [-1]],
    "bool": [[0, 1], [0.0, 1.0], ["true", "False"], ["1", "0"], ["yes"], [None]],
    "int64": [["1"], ["-7", None], ["x"], ["nan"], [""], [1.0], [1.5], [True]],
    "int32": [["1"], [2**40], [1.0]],
    "float64": [["1"], ["1.5"], ["1e3"], ["x"], [True], [2**40], [""]],
    "string": [[True, False], [5, -3], [None]],
    "timestamp[s]": [["2020-01-01", "2020-01-01T12:00:00"], ["1.1.2020"], [""]],
    "date32": [["2020-01-01"], ["2020-02-30"]],
}
ENCODED = [[True, False], [True], [1.5, 0.5, 1.0], [1e16, 2.0], [3, 1, 2], [10, 9], ["b", "a", None], [None, 1.0]]


def cast(values, name):
    feature = datasets.ClassLabel(names=CLASSES) if name == "label" else datasets.Value(name)
    case = {"values": values, "to": name}
    try:
        made = datasets.Dataset.from_dict({"a": values}).cast_column("a", feature)["a"]
        return {**case, "made": [value if value is None or isinstance(value, (bool, int, float, str)) else value.isoformat() for value in made]}
    except Exception as error:
        return {**case, "error": type(error).__name__}


def encoded(values):
    made = datasets.Dataset.from_dict({"a": values}).class_encode_column("a")
    return {"values": values, "names": made.features["a"].names, "made": list(made["a"])}


if __name__ == "__main__":
    datasets.disable_progress_bars()
    casts = [cast(values, name) for name, all_values in CASTS.items() for values in all_values]
    case_lines.write(target, {"casts": casts, "encoded": [encoded(values) for values in ENCODED]})
