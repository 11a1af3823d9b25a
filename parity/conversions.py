"""Records what Python's `datasets` makes of values in `cast_column`, of the classes of `class_encode_column`, and of Parquet files
whose columns differ in type, for crates/trainer-data/tests/data/conversions.json: `to` is a type or the names of classes, and
a value that is missing in the result is an error.
"""

import pathlib
import tempfile

import case_lines
import datasets
import pyarrow as pa
import pyarrow.parquet as pq

target = pathlib.Path(__file__).parent.parent / "crates/trainer-data/tests/data/conversions.json"
CLASSES = ["neg", "pos"]
CASTS = {
    "label": [["pos", None], [" pos"], ["1"], [" 1 "], ["-1"], ["2"], [""], [1.0, 0.0], [1.5], [True, False], [-1]],
    "bool": [[0, 1], [0.0, 1.0], ["true", "False"], ["1", "0"], ["yes"], [None]],
    "int64": [["1"], ["-7", None], ["x"], ["nan"], [""], [1.0], [1.5], [True]],
    "int32": [["1"], [2**40], [1.0]],
    "int8": [["-128"], ["128"], [-128, None, 127], [128], [-129], [5.0], [True, False]],
    "int16": [[-(2**15), 2**15 - 1], [2**15], [-(2**15) - 1]],
    "uint8": [["255"], ["256"], ["-1"], [0, 255], [256], [-1], [1.0], [1.5], [-1.0]],
    "uint16": [[0, 2**16 - 1], [2**16], [-1]],
    "uint32": [[0, 2**32 - 1], [2**32], [-1], ["4294967295"]],
    "float64": [["1"], ["1.5"], ["1e3"], ["x"], [True], [2**40], [""]],
    "string": [[True, False], [5, -3], [None]],
    "timestamp[s]": [["2020-01-01", "2020-01-01T12:00:00"], ["1.1.2020"], [""]],
    "date32": [["2020-01-01"], ["2020-02-30"]],
}
ENCODED = [[True, False], [True], [1.5, 0.5, 1.0], [1e16, 2.0], [3, 1, 2], [10, 9], ["b", "a", None], [None, 1.0]]

# The types and the values of a column in two files of a split, in order.
JOINED = [
    ("int8", [1], "int64", [5]), ("int8", [1], "int64", [300]), ("int64", [300], "int8", [1]), ("uint8", [1], "int8", [1]), ("uint8", [1], "int8", [-1]),
    ("int8", [1], "uint8", [200]), ("int32", [1], "uint32", [2**31]), ("uint32", [2**31], "int32", [1]), ("uint16", [1], "uint32", [2**16]),
    ("int16", [-1], "uint8", [255]), ("uint64", [2**40], "int16", [5]), ("int8", [1], "float64", [1.0]), ("int8", [1], "float64", [1.5]),
    ("float64", [1.5], "uint8", [255]),
]  # fmt: skip


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


def joined(first, values, second, others):
    case = {"types": [first, second], "values": [values, others]}
    with tempfile.TemporaryDirectory() as folder:
        files = [str(pathlib.Path(folder) / name) for name in ("0.parquet", "1.parquet")]
        for file, name, numbers in zip(files, (first, second), (values, others)):
            pq.write_table(pa.table({"a": pa.array(numbers, getattr(pa, name)())}), file)
        try:
            data = datasets.load_dataset("parquet", data_files=files, cache_dir=folder)["train"]
            return {**case, "type": data.features["a"].dtype, "made": list(data["a"])}
        except datasets.exceptions.DatasetGenerationError as error:
            return {**case, "error": type(error.__cause__).__name__}


if __name__ == "__main__":
    datasets.disable_progress_bars()
    casts = [cast(values, name) for name, all_values in CASTS.items() for values in all_values]
    datasets.logging.set_verbosity(datasets.logging.CRITICAL)
    case_lines.write(target, {"casts": casts, "encoded": [encoded(values) for values in ENCODED], "joined": [joined(*case) for case in JOINED]})
