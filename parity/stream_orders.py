"""Records the rows that Python's streams give, in their order, for crates/trainer-data/tests/data/stream_orders.json: of data sets in
shards and of files, through random steps, in several epochs; an exception is its class.
"""

import pathlib
import random
import tempfile

import case_lines
import datasets
import pyarrow
import pyarrow.csv
import pyarrow.parquet
from datasets import Dataset
from datasets.distributed import split_dataset_by_node

target = pathlib.Path(__file__).parent.parent / "crates/trainer-data/tests/data/stream_orders.json"
datasets.disable_progress_bars()


def parts(rows, shards):
    """Sizes of shards, as `Dataset.shard` makes them."""
    return [rows // shards + (at < rows % shards) for at in range(shards)]


def source(kind, rows, shards, folder):
    if kind == "rows":
        return Dataset.from_dict({"x": range(rows), "y": range(rows)}).to_iterable_dataset(shards)
    files, begin = [], 0
    for at, size in enumerate(parts(rows, shards)):
        table = pyarrow.table({name: range(begin, begin + size) for name in "xy"})
        file = folder / f"{at:03}.{kind}"
        write = pyarrow.parquet.write_table if kind == "parquet" else pyarrow.csv.write_csv
        write(table, file)
        files.append(str(file))
        begin += size
    return datasets.load_dataset(kind, data_files=files, split="train", streaming=True)


def apply(stream, name, *arguments):
    match name:
        case "shuffle":
            return stream.shuffle(seed=arguments[0], buffer_size=arguments[1])
        case "take":
            return stream.take(arguments[0])
        case "skip":
            return stream.skip(arguments[0])
        case "map":
            return stream.map(lambda batch: {"z": batch["x"]}, batched=True, batch_size=arguments[0])
        case "filter":
            return stream.filter(lambda row: row["x"] % 3 != 0)
        case "select":
            return stream.select_columns(["x"])
        case "remove":
            return stream.remove_columns(["y"])
        case "shard":
            return stream.shard(*arguments)
        case "node":
            return split_dataset_by_node(stream, *arguments)


def random_steps(draw):
    steps, has_y = [], True
    for _ in range(draw.choice([1, 1, 2, 2, 3, 4])):
        name = draw.choice(["shuffle"] * 4 + ["take", "skip", "map", "filter", "select", "remove", "shard", "node"])
        if name in ("select", "remove"):
            if not has_y:
                continue
            has_y = False
        count = draw.randint(1, 4)
        arguments = {
            "shuffle": lambda: [draw.choice([0, 1, 42, 7, 2**40 + 3]), draw.choice([1, 2, 3, 7, 10, 16, 25, 35, 47, 1000])],
            "take": lambda: [draw.choice([0, 1, 5, 20, 1000])],
            "skip": lambda: [draw.choice([0, 1, 5, 20, 1000])],
            "map": lambda: [draw.choice([1, 3, 10, 1000])],
            "shard": lambda: [count, draw.randrange(count)],
            "node": lambda: [draw.randrange(count), count],
        }.get(name, list)()
        steps.append([name, *arguments])
    return steps


def record(kind, rows, shards, steps, epoch):
    case = {"kind": kind, "rows": rows, "shards": shards, "steps": steps, "epoch": epoch}
    with tempfile.TemporaryDirectory() as folder:
        try:
            stream = source(kind, rows, shards, pathlib.Path(folder))
            for step in steps:
                stream = apply(stream, *step)
            stream.set_epoch(epoch)
            case["order"] = [row["x"] for row in stream]
        except Exception as error:
            case["error"] = type(error).__name__
    return case


def main():
    draw = random.Random(5)
    cases = []
    for kind, count in {"rows": 320, "parquet": 40, "csv": 40}.items():
        for _ in range(count):
            rows = draw.choice([1, 2, 9, 40, 75, 101])
            shards = min(rows, draw.choice([1, 1, 2, 3, 5, 12, 13]))
            cases.append(record(kind, rows, shards, random_steps(draw), draw.choice([0, 0, 1, 2, 5])))
    case_lines.write(target, {"orders": cases})


main()
