"""Writes the small files in which trainer-data's tests read what pyarrow and datasets write: crates/trainer-data/tests/data."""

import decimal
import json
import pathlib
import random
import shutil

import datasets
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

folder = pathlib.Path(__file__).parent.parent / "crates/trainer-data/tests/data"

table = pa.table(
    {
        "small": pa.array([1, None, -3], pa.int8()),
        "unsigned": pa.array([1, 2, 2**32 - 1], pa.uint32()),
        "single": pa.array([0.5, None, 2.0], pa.float32()),
        "word": pa.array(["a", "b", "a"]).dictionary_encode(),
        "large": pa.array(["x", None, "zé"], pa.large_string()),
        "pair": pa.array([[1, 2], [3, 4], None], pa.list_(pa.int16(), 2)),
        "nested": pa.array([[["a"], []], [], None], pa.list_(pa.large_list(pa.string()))),
        "struct": pa.array([{"x": 1, "y": "u"}, None, {"x": 3, "y": None}]),
        "nothing": pa.nulls(3),
        "coded": pa.array([7, None, -7], pa.int8()).dictionary_encode(),
        "inside": pa.array([{"x": 255, "y": [65535]}, None, {"x": None, "y": []}], pa.struct([("x", pa.uint8()), ("y", pa.list_(pa.uint16()))])),
    }
)
pq.write_table(table, folder / "types.parquet", row_group_size=2)
with pa.OSFile(str(folder / "types.arrow"), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
    writer.write_table(table, max_chunksize=2)
# Layouts and types that came to Arrow late, and a dictionary that grows between batches.
late = pa.schema(
    [
        ("word", pa.dictionary(pa.int8(), pa.string())),
        ("view", pa.list_view(pa.string_view())),
        ("map", pa.map_(pa.string(), pa.int64())),
        ("half", pa.float16()),
        ("when", pa.timestamp("ms", "UTC")),
        ("span", pa.duration("s")),
        ("time", pa.time32("s")),
        ("price", pa.decimal128(5, 2)),
        ("bytes", pa.binary(2)),
        ("large", pa.uint64()),
    ]
)


def batch(words, keys, rest):
    columns = [pa.DictionaryArray.from_arrays(pa.array(keys, pa.int8()), pa.array(words))]
    columns += [pa.array([value, None], field.type) for value, field in zip(rest, list(late)[1:])]
    return pa.record_batch(columns, schema=late)


options = pa.ipc.IpcWriteOptions(emit_dictionary_deltas=True, compression="zstd")
price = decimal.Decimal("-1.50")
with pa.OSFile(str(folder / "late.arrow"), "wb") as sink, pa.ipc.new_stream(sink, late, options=options) as writer:
    rest = [["a", "a text that does not fit a view"], [("k", 1)], np.float16(1.5), 1_577_836_800_001, 90, 3_661, price, b"\0\xff", 2**64 - 1]
    writer.write_batch(batch(["a", "b"], [1, 0], rest))
    writer.write_batch(batch(["a", "b", "c"], [2, None], [[], [], np.float16(0), 0, 0, 0, price, b"ab", 0]))

# A page of the second version has levels before what is packed; a table without rows has a column without pages of data.
words = pa.table({"text": pa.array(["é" * length if length % 7 else None for length in range(300)])})
pq.write_table(words, folder / "brotli_v2.parquet", compression="brotli", data_page_version="2.0", data_page_size=1000)
pq.write_table(words.slice(0, 0), folder / "no_rows.parquet", compression="zstd")
# Texts by their lengths, and by what they share with the one before, on many pages; one row has all that there may be of a list.
texts = [None if row % 11 == 5 else f"{row * row:o}" * (row % 9) for row in range(500)]
lists = [None if row % 7 == 3 else texts[row : row + row % 4] for row in range(500)]
blobs = [f"{row % 37:04}".encode() for row in range(500)]
shared = pa.table({"text": texts, "list": lists, "blob": pa.array(blobs, pa.binary(4))})
for name, version, column in [("lengths", "1.0", "DELTA_LENGTH_BYTE_ARRAY"), ("prefixes", "2.0", "DELTA_BYTE_ARRAY")]:
    encodings = {"text": column, "list.list.element": column, "blob": "DELTA_BYTE_ARRAY"}
    pq.write_table(
        shared, folder / f"{name}.parquet", compression="zstd", use_dictionary=False, column_encoding=encodings,
        data_page_version=version, data_page_size=700, write_batch_size=64, row_group_size=400,
    )
spans = pa.table({"text": ["a"], "span": pa.array([(1, 2, 3)], pa.month_day_nano_interval())})
with pa.OSFile(str(folder / "interval.arrow"), "wb") as sink, pa.ipc.new_file(sink, spans.schema) as writer:
    writer.write_table(spans)
features = datasets.Features({"label": datasets.ClassLabel(names=["no", "yes"])})
bad = pa.table({"label": pa.array([0, 1, 2])}).replace_schema_metadata(features.arrow_schema.metadata)
pq.write_table(bad, folder / "label_out_of_range.parquet")

features = datasets.Features(
    {
        "text": datasets.Value("string"),
        "label": datasets.ClassLabel(names=["no", "yes"]),
        "tags": datasets.List(datasets.ClassLabel(names=["O", "B"])),
    }
)
rows = {"text": ["a", "b", "c"], "label": [1, 0, -1], "tags": [[0, 1], [], [1]]}
data = datasets.Dataset.from_dict(rows, features=features)
splits = datasets.DatasetDict({"train": data, "dev": data.select([2, 0])})
shutil.rmtree(folder / "saved", ignore_errors=True)
splits.save_to_disk(str(folder / "saved"))

# Nested columns with missing values at every depth, on many pages and in several row groups.
random.seed(1)


def maybe(make):
    return None if random.random() < 0.2 else make()


def some(make, most):
    return [maybe(make) for _ in range(random.randrange(most))]


def word():
    return random.choice(["", "a", "bb", "é", "long " * 9])


rows = [
    {
        "i": maybe(lambda: random.randrange(-9, 9)),
        "f": maybe(lambda: random.randrange(99) / 8),
        "b": maybe(lambda: random.random() < 0.5),
        "s": maybe(word),
        "li": maybe(lambda: some(lambda: random.randrange(99), 5)),
        "lls": maybe(lambda: some(lambda: some(word, 3), 4)),
        "st": maybe(lambda: {"x": maybe(word), "l": maybe(lambda: some(lambda: random.randrange(9), 4))}),
        "lst": maybe(lambda: some(lambda: {"x": maybe(word), "y": maybe(lambda: random.randrange(9))}, 4)),
    }
    for _ in range(300)
]
table = pa.Table.from_pylist(rows)
small = {"row_group_size": 130, "data_page_size": 256, "write_batch_size": 16}
pq.write_table(table, folder / "nested_v1.parquet", compression="gzip", dictionary_pagesize_limit=64, **small)
# arrow2 does not read truth values of version 2 pages.
without = table.drop_columns(["b"])
pq.write_table(without, folder / "nested_v2.parquet", compression="zstd", data_page_version="2.0", version="2.6", **small)
options = pa.ipc.IpcWriteOptions(compression="lz4")
with pa.OSFile(str(folder / "nested.arrow"), "wb") as sink, pa.ipc.new_stream(sink, table.schema, options=options) as writer:
    writer.write_table(table, max_chunksize=70)
(folder / "nested.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
