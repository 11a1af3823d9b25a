"""What explains that a file of JSON is read here otherwise than in Python: rules of compare_data.py.

Each rule first asks that what is here is, to the bit, what json_truth.py says of the file. What Python made of it is looked at only then, so
that no rule can hide a fault of this project.
"""

import datetime
import json
import re

from pandas.io.json import ujson_dumps, ujson_loads

import json_truth
from exact_values import float_of

SPECIAL = [float_of(float(name)) for name in ("nan", "inf", "-inf")]
# How errors of Python about a file without rows begin.
NO_ROWS = ("StopIteration", "ArrowInvalid: JSON parse error: The document is empty", "ArrowInvalid: Empty JSON file")
MISCOUNTED = re.compile(r"ArrowInvalid: Column (\d+): In chunk 0: Invalid: Length spanned by list offsets \((\d+)\) larger than values array .*")
UNMERGED = re.compile(r"ArrowTypeError: Unable to merge: Field (.*) has incompatible types: (double vs int64|int64 vs double)")


def parsed(value):
    """A value with texts of JSON as what they say."""
    if isinstance(value, list):
        return [parsed(element) for element in value]
    if isinstance(value, dict) and "json" in value:
        try:
            return {"json": json_truth.decoder(False).decode(value["json"])}
        except (json.JSONDecodeError, json_truth.Refused):
            return {"no json": value["json"]}
    if isinstance(value, dict) and "fields" in value:
        return {"fields": [[name, parsed(field)] for name, field in value["fields"]]}
    return value


def explain(entry, content, python, here):
    """The rules that explain how a file differs, or None."""
    try:
        truth = json_truth.columns(content)
    except json_truth.Refused as refused:
        return refused_here(str(refused), here)
    if "error" in here:
        is_empty = "has a column" in here["error"] and not truth
        return {"json-null-rows"} if is_empty else None
    if here["splits"]["train"]["columns"] != truth:
        return None
    if "error" in python:
        return error_there(content, truth, python["error"])
    return columns_rules(content, truth, python["splits"]["train"]["columns"])


def refused_here(reason, here):
    if "error" not in here:
        return None
    return {"json-rows"} if reason == "a row that is no object" else {"json-strict"}


def error_there(content, truth, error):
    """The rule that explains an error of Python, where what is here is the truth."""
    if not truth:
        return {"json-no-rows"} if error.startswith(NO_ROWS) or "no data" in error else None
    found = json_truth.values(content)
    if is_miscounted(truth, found, error):
        return {"json-miscounted-lists"}
    if "ValueError: Value is too " in error and is_long(found):
        return {"json-long-numbers"}
    if None in found:
        return {"json-null-rows"}
    if not all(map(json_truth.is_object, found)):
        return {"json-rows"}
    return None if is_plain(content) else {"json-layout"}


def is_miscounted(truth, found, error):
    """Whether an error is one of Arrow about lists that it counted wrongly itself, or of Python's attempt to do without it, which takes a column
    of whole and floating-point numbers for one of two types.
    """
    lists = [column for column in truth if column["type"].startswith("list<")]
    if miscounted := MISCOUNTED.fullmatch(error):
        column = truth[int(miscounted[1])]
        return column in lists and sum(len(value) for value in column["values"] if value) == int(miscounted[2])
    if not (unmerged := UNMERGED.fullmatch(error)) or not lists:
        return False
    values = [dict(row["fields"]).get(unmerged[1]) for row in found if json_truth.is_object(row)]
    return {type(value) for value in values if value is not None} == {int, dict} and all(map(is_number, values))


def is_number(value):
    return value is None or type(value) is int or is_float(value)


def is_plain(content):
    """Whether a file is an array from its first byte on, or has one object in each line."""
    if content.removeprefix(b"\xef\xbb\xbf").startswith(b"["):
        return True
    for line in content.splitlines():
        try:
            if not isinstance(json.loads(line), dict):
                return False
        except ValueError:
            return False
    return True


def is_long(value):
    """Whether a number of more than 64 bits, or of 2^63 and more, is in a value."""
    if isinstance(value, dict):
        return any(is_long(part) for part in value.values() if not isinstance(part, str))
    if isinstance(value, list):
        return any(map(is_long, value))
    return isinstance(value, int) and not -(2**63) <= value < 2**63


def read_again(content):
    """The columns of a file as pandas' own parser of JSON reads its numbers, and as its writer writes them, once or, where columns are
    of mixed types, twice; and each read by it once more, as Python does where Arrow has counted lists wrongly. None if it cannot.
    """
    try:
        content = content.removeprefix(b"\xef\xbb\xbf").lstrip()
        rows = ujson_loads(content) if content.startswith(b"[") else [ujson_loads(line) for line in content.splitlines()]
    except ValueError:
        return
    twice = lambda row: ujson_dumps(ujson_loads(ujson_dumps(row)))
    for write in (ujson_dumps, twice, json.dumps, lambda row: json.dumps(ujson_loads(ujson_dumps(row))), lambda row: json.dumps(ujson_loads(twice(row)))):
        try:
            yield json_truth.columns(("[" + ",".join(map(write, rows)) + "]").encode())
        except (ValueError, OverflowError, json_truth.Refused):
            pass


def columns_rules(content, truth, theirs):
    if [column["name"] for column in truth] != [column["name"] for column in theirs]:
        return None
    ways = [*read_again(content), truth]
    pairs = list(zip(truth, theirs))
    rules = any_of(together(column_rules(ours, other, again) for ours, other in pairs) for again in ways)
    if rules is None:
        return None
    if "json-long-numbers" in rules and not is_long(json_truth.values(content)):
        return None
    if "json-whole-floats" in rules and is_plain(content):
        return None
    if "json-objects" in rules and is_plain(content) and list(read_again(content)):
        return None
    return rules


def any_of(found):
    """The first rules of those that explain, or None."""
    return next((rules for rules in found if rules is not None), None)


def column_rules(ours, other, again):
    """The rules that explain how a column differs; `again` are the columns that pandas reads again."""
    if ours["values"] == other["values"]:
        return set() if ours["type"] == other["type"] else None
    again = next((column for column in again if column["name"] == ours["name"]), ours)
    if (ours["type"], other["type"]) == ("float64", "int64"):
        return whole_rules(ours["values"], again, other["values"])
    return together(map(value_rules, ours["values"], again["values"], other["values"]))


def whole_rules(ours, again, theirs):
    """Of a column of floating-point numbers here, and of whole numbers in Python."""
    if again["type"] == "int64" and again["values"] == theirs:
        # What made it a column of floating-point numbers is missing there.
        return {"json-special-numbers"} if ours == [SPECIAL[0] if value is None else float_of(float(value)) for value in theirs] else None
    if again["type"] == "float64" and None not in theirs and without_sign(again["values"]) == [float_of(float(value)) for value in theirs]:
        return {"json-whole-floats"}
    return None


def without_sign(values):
    """Values in which zeros have none."""
    return [float_of(0.0) if value == float_of(-0.0) else value for value in values]


def value_rules(value, again, python):
    """The rules that explain how Python's value differs from the one that is here; `again` is what pandas writes of it."""
    if python == value:
        return set()
    if value == float_of(0.0) and python == float_of(-0.0):
        return {"json-minus-zero"}
    if is_float(value) and is_float(python) and python == again:
        return {"json-floats"}
    if isinstance(value, str) and isinstance(python, dict) and "is" in python:
        return {"json-times"} if python["is"] == as_time(value) else None
    if value in SPECIAL and python is None and again is None:
        return {"json-special-numbers"}
    if type(value) is int and python == float_of(float(value)):
        return {"json-long-numbers"}
    if isinstance(value, list) and isinstance(python, list) and len(value) == len(python):
        again = again if isinstance(again, list) and len(again) == len(value) else value
        return together(map(value_rules, value, again, python))
    if isinstance(value, dict) and isinstance(python, dict):
        return object_rules(value, again, python)
    return None


def object_rules(value, again, python):
    if type(value.get("json")) is int and python == float_of(float(value["json"])):
        # Beside negative ones; no type of numbers has both.
        return {"json-long-numbers"}
    if "json" in value and "json" in python:
        if isinstance(value["json"], str):
            return {"json-texts"} if python == parsed({"json": value["json"]}) else None
        return value_rules(value["json"], again["json"] if isinstance(again, dict) and "json" in again else value["json"], python["json"])
    if "json" in value and "fields" in python and json_truth.is_object(value["json"]):
        present = dict(value["json"]["fields"])
        if any(field is not None for name, field in python["fields"] if name not in present):
            return None
        merged = {"fields": [[name, field] for name, field in python["fields"] if name in present]}
        found = value_rules({"fields": sorted(value["json"]["fields"])}, None, {"fields": sorted(merged["fields"], key=lambda field: field[0])})
        return None if found is None else found | {"json-objects"}
    if "fields" in value and "fields" in python and [name for name, _ in value["fields"]] == [name for name, _ in python["fields"]]:
        others = dict(again["fields"]) if isinstance(again, dict) and "fields" in again else {}
        return together(value_rules(field, others.get(name, field), other) for (name, field), (_, other) in zip(value["fields"], python["fields"]))
    return None


def together(found):
    rules = set()
    for some in found:
        if some is None:
            return None
        rules |= some
    return rules


def is_float(value):
    return isinstance(value, dict) and "float" in value


def as_time(text):
    """A text as the date and time that Arrow takes it for."""
    try:
        return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).replace(tzinfo=None).isoformat()
    except ValueError:
        return None
