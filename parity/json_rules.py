"""What explains that a file of JSON is read here otherwise than in Python: rules of compare_data.py.

Each rule first asks that what is here is, to the bit, what json_truth.py says of the file. What Python made of it is looked at only then, so
that no rule can hide a fault of this project.
"""

import datetime
import json

from pandas.io.json import ujson_dumps, ujson_loads

import json_truth
from exact_values import float_of

SPECIAL = [float_of(float(name)) for name in ("nan", "inf", "-inf")]
# Of both signs.
ZEROS = {float_of(0.0)["float"], float_of(-0.0)["float"]}


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
        return {"json-no-rows"} if error.startswith(("StopIteration", "ArrowInvalid: JSON parse error: The document is empty")) or "no data" in error else None
    found = json_truth.values(content)
    if "ValueError: Value is too " in error and is_long(found):
        return {"json-long-numbers"}
    if None in found:
        return {"json-null-rows"}
    if not all(map(json_truth.is_object, found)):
        return {"json-rows"}
    return None if is_plain(content) else {"json-layout"}


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
    of mixed types, twice. None if it cannot.
    """
    try:
        content = content.removeprefix(b"\xef\xbb\xbf").lstrip()
        rows = ujson_loads(content) if content.startswith(b"[") else [ujson_loads(line) for line in content.splitlines()]
    except ValueError:
        return
    for write in (ujson_dumps, lambda row: ujson_dumps(ujson_loads(ujson_dumps(row))), json.dumps):
        try:
            yield json_truth.columns(("[" + ",".join(map(write, rows)) + "]").encode())
        except (ValueError, OverflowError, json_truth.Refused):
            pass


def columns_rules(content, truth, theirs):
    if [column["name"] for column in truth] != [column["name"] for column in theirs]:
        return None
    for again in [*read_again(content), truth]:
        rules = together(column_rules(ours, other, again) for ours, other in zip(truth, theirs))
        if rules is not None:
            break
    else:
        return None
    if "json-long-numbers" in rules and not is_long(json_truth.values(content)):
        return None
    if "json-objects" in rules and is_plain(content) and list(read_again(content)):
        return None
    return rules


def column_rules(ours, other, again):
    """The rules that explain how a column differs; `again` are the columns that pandas reads again."""
    if ours["values"] == other["values"]:
        return set() if ours["type"] == other["type"] else None
    values = next((column["values"] for column in again if column["name"] == ours["name"]), ours["values"])
    return together(map(value_rules, ours["values"], values, other["values"]))


def value_rules(value, again, python):
    """The rules that explain how Python's value differs from the one that is here; `again` is what pandas writes of it."""
    if python == value:
        return set()
    if is_float(value) and is_float(python) and is_float(again) and (python == again or {python["float"], again["float"]} == ZEROS):
        return {"json-floats"}
    if isinstance(value, str) and isinstance(python, dict) and "is" in python:
        return {"json-times"} if python["is"] == as_time(value) else None
    if value in SPECIAL and python is None and again is None:
        return {"json-special-numbers"}
    if is_float(value) and value["float"] == min(ZEROS) and python == {"float": max(ZEROS)}:
        return {"json-minus-zero"}
    if isinstance(value, int) and python == float_of(float(value)):
        return {"json-long-numbers"}
    if isinstance(value, list) and isinstance(python, list) and len(value) == len(python):
        again = again if isinstance(again, list) and len(again) == len(value) else value
        return together(map(value_rules, value, again, python))
    if isinstance(value, dict) and isinstance(python, dict):
        return object_rules(value, again, python)
    return None


def object_rules(value, again, python):
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
