"""What explains that a CSV file is read here otherwise than in Python: rules of compare_data.py.

Each rule first asks that what is here is, to the bit, what docs/differences.md says of the file's own cells, which pandas gives as texts.
What Python made of them is looked at only then, so that no rule can hide a fault of this project.
"""

import io
import re

import pandas

from exact_values import float_of

WORDS = set("#N/A|#N/A N/A|#NA|-1.#IND|-1.#QNAN|-NaN|-nan|1.#IND|1.#QNAN|<NA>|N/A|NA|NULL|NaN|None|n/a|nan|null".split("|"))
BLANKS = " \t\x0b\x0c"
INT = re.compile(r"[+-]?[0-9]+")
FLOAT = re.compile(r"[+-]?(([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?|inf|infinity)", re.IGNORECASE)


def cells(content, separator):
    """The columns of a file, each a name and the texts of its cells, and the texts of the index that pandas makes, if it does."""
    table = pandas.read_csv(io.BytesIO(content), sep=separator, dtype=str, na_filter=False, keep_default_na=False)
    index = None if isinstance(table.index, pandas.RangeIndex) else list(table.index)
    columns = [(str(name), [str(cell) for cell in table.iloc[:, at]]) for at, name in enumerate(table.columns)]
    return columns, index


def without_blank_lines(content, separator):
    """A file without the lines of blanks, or of nothing, that end with CR and stand before a line that begins with the separator."""
    blanks = b" \t".replace(separator.encode(), b"")
    return re.sub(rb"\r[%b]*(?=\r%b)" % (blanks, re.escape(separator.encode())), b"", content)


def documented(texts):
    """The type and the values of a column of cells, as the documents say."""
    known = [text.strip(BLANKS) for text in texts if text != "" and text not in WORDS]
    if all(text == "" for text in texts):
        return "null", [None] * len(texts)
    if known and all(INT.fullmatch(text) for text in known):
        least, most = min(map(int, known)), max(map(int, known))
        if -(2**63) <= least and most < 2**63:
            return "int64", [None if text == "" or text in WORDS else int(text.strip(BLANKS)) for text in texts]
        if 0 <= least and most < 2**64 and not any(text.startswith("-") for text in known):
            return "uint64", [None if text == "" or text in WORDS else int(text.strip(BLANKS)) for text in texts]
    elif known and all(FLOAT.fullmatch(text) for text in known) and not any(is_long(text) for text in known):
        return "float64", [None if text == "" or text in WORDS else float_of(float(text.strip(BLANKS))) for text in texts]
    elif known and all(text.lower() in ("true", "false") for text in texts if text != "" and text not in WORDS):
        return "bool", [None if text == "" or text in WORDS else text.lower() == "true" for text in texts]
    return "string", [text or None for text in texts]


def is_long(text):
    """Whether a text is a whole number of more than 64 bits."""
    return bool(INT.fullmatch(text)) and not -(2**63) <= int(text) < 2**64


def are_long(texts):
    """Whether there is a whole number of more than 64 bits, or texts are whole numbers of which no type of 64 bits has all."""
    if any(map(is_long, texts)):
        return True
    known = [text for text in texts if text != "" and text not in WORDS]
    return bool(known) and all(INT.fullmatch(text) for text in known) and min(map(int, known)) < 0 and max(map(int, known)) >= 2**63


def column_rule(texts, python, here):
    """The rule that explains how a column differs, if one does. `python` and `here` are a type and values."""
    if here != documented(texts):
        return None
    (python_type, theirs), (here_type, ours) = python, here
    if here_type == "null" and python_type == "float64" and all(value is None for value in theirs):
        return "csv-empty-column"
    if here_type in ("int64", "uint64") and python_type == "float64":
        as_floats = [None if value is None else float_of(float(value)) for value in ours]
        if None in ours and theirs == as_floats:
            return "csv-whole-numbers"
    return text_rule(texts, python_type, theirs, here_type, ours)


def text_rule(texts, python_type, theirs, here_type, ours):
    """Of a column that is text here or there."""
    if here_type == "string" and python_type in ("string", "float64"):
        # pandas takes words for missing values in texts too; where there is nothing else it has no text.
        without_words = [None if text in WORDS or text == "" else text for text in texts]
        if theirs == without_words and any(text in WORDS for text in texts):
            return "csv-words-in-texts"
    long = are_long([text.strip(BLANKS) for text in texts])
    if here_type == python_type == "string" and long and theirs == texts:
        # Here pandas does not look for missing values.
        return "csv-long-numbers"
    if here_type == "uint64" and python_type == "string":
        # As above.
        if theirs == texts and any(text == "" or text in WORDS or text != text.strip(BLANKS) for text in texts):
            return "csv-whole-numbers"
    if here_type == "string" and python_type == "float64" and long:
        floats = [None if text == "" or text in WORDS else float_of(float(text)) for text in texts]
        if theirs == floats:
            return "csv-long-numbers"
    return None


def explain(entry, content, python, here):
    """The rules that explain how a file differs, or None."""
    without = without_blank_lines(content, entry["sep"])
    try:
        columns, index = cells(without, entry["sep"])
        as_pandas = cells(content, entry["sep"])[0] if without != content else columns
    except ValueError:
        # No table to pandas, whose errors are all of this kind.
        return None
    if as_pandas != columns and index is None:
        return blank_lines_rules(columns, as_pandas, python, here)
    if "error" in here:
        return refused_here(index, here["error"])
    if "error" in python:
        return error_there(columns, python["error"], here)
    if index == ["0"]:
        # pandas leaves out an index of several such numbers, for which it has a type of its own.
        last = python["splits"]["train"]["columns"].pop()
        return columns_rules(columns, python, here) | {"csv-index"} if (last["name"], last["values"]) == ("__index_level_0__", [0]) else None
    return columns_rules(columns, python, here)


def blank_lines_rules(columns, as_pandas, python, here):
    """Of a file that pandas reads otherwise with lines of blanks in it than without."""
    if "error" in here or not is_documented(columns, here):
        return None
    read = {"splits": {"train": {"columns": [dict(zip(("name", "type", "values"), (name, *documented(texts)))) for name, texts in as_pandas]}}}
    found = error_there(as_pandas, python["error"], read) if "error" in python else columns_rules(as_pandas, python, read)
    return None if found is None else found | {"csv-blank-lines"}


def columns_rules(columns, python, here):
    theirs, ours = python["splits"]["train"], here["splits"]["train"]
    names = [name for name, _ in columns]
    if names != [column["name"] for column in theirs["columns"]] or names != [column["name"] for column in ours["columns"]]:
        return None
    rules = set()
    for (_, texts), one, other in zip(columns, theirs["columns"], ours["columns"]):
        if one == other:
            continue
        rule = column_rule(texts, (one["type"], one["values"]), (other["type"], other["values"]))
        if rule is None:
            return None
        rules.add(rule)
    return rules


def is_documented(columns, here):
    ours = here["splits"]["train"]["columns"]
    return [(name, *documented(texts)) for name, texts in columns] == [(column["name"], column["type"], column["values"]) for column in ours]


def error_there(columns, error, here):
    if not is_documented(columns, here):
        return None
    if not columns[0][1] and "corresponds to no data" in error:
        return {"csv-no-rows"}
    if "too large to convert" in error and any(is_long(text.strip(BLANKS)) for _, texts in columns for text in texts):
        return {"csv-long-numbers"}
    return None


def refused_here(index, error):
    is_numbered = index == [str(number) for number in range(len(index or []))]
    words = ("fields where the first line has", "the rows have a field more than the first line")
    return {"csv-more-fields"} if index is not None and not is_numbered and any(text in error for text in words) else None
