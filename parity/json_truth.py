"""What files of JSON say, by Python's own parser, and what docs/differences.md says that they become here: for json_rules.py.

Values are those of exact_values.py, objects {"fields": [[name, value], …]} and floats {"float": bits}.
"""

import json
import re

from exact_values import float_of

BLANKS = re.compile(r"[ \t\n\r]*")


class Refused(Exception):
    """The file is not strictly JSON, or not rows: why."""


def real(text):
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise Refused("a number out of range")
    return float_of(value)


def fields(pairs):
    """An object, in which the last of several values of one name counts."""
    return {"fields": [list(pair) for pair in dict(pairs).items()]}


def fields_once(pairs):
    if len({name for name, _ in pairs}) < len(pairs):
        raise Refused("a name twice in one object")
    return fields(pairs)


def checked(value):
    """A parsed value in which no text has half a surrogate pair."""
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            raise Refused("half a surrogate pair") from None
    elif isinstance(value, list):
        for element in value:
            checked(element)
    elif isinstance(value, dict):
        for name, field in value.get("fields", []):
            checked(name)
            checked(field)
    return value


def decoder(is_array):
    """Of an array, in which `NaN` is no value, or of lines, in which no name may stand twice."""

    def constant(name):
        return None if is_array and name == "NaN" else float_of(float(name))

    return json.JSONDecoder(object_pairs_hook=fields if is_array else fields_once, parse_float=real, parse_constant=constant)


def text_of(content):
    try:
        return content.decode().lstrip("\ufeff")
    except UnicodeDecodeError:
        raise Refused("not UTF-8") from None


def values(content):
    """The rows of a file, as values."""
    text = text_of(content)
    is_array = text.lstrip(" \t\n\r").startswith("[")
    parser = decoder(is_array)
    found, at = [], BLANKS.match(text).end()
    try:
        while at < len(text):
            value, at = parser.raw_decode(text, at)
            found.append(checked(value))
            at = BLANKS.match(text, at).end()
            if is_array and at < len(text):
                raise Refused("something behind the array")
    except json.JSONDecodeError as error:
        raise Refused(f"not JSON: {error}") from None
    return found[0] if is_array else found


def is_object(value):
    return isinstance(value, dict) and "fields" in value


def rows(content):
    """The rows of a file, each a dict."""
    found = values(content)
    first = next((value for value in found if value is not None), {"fields": []})
    if is_object(first):
        if not all(value is None or is_object(value) for value in found):
            raise Refused("a row that is no object")
        return [dict(value["fields"]) if value else {} for value in found]
    if not text_of(content).lstrip(" \t\n\r").startswith("[") or any(has_objects(value) for value in found):
        raise Refused("a row that is no object")
    return [{"text": value} for value in found]


def has_objects(value):
    """Whether a value is a list in which an object is."""
    return isinstance(value, list) and any(is_object(element) or has_objects(element) for element in value)


def is_float(value):
    return isinstance(value, dict) and "float" in value


def kind(found):
    """The type of a column of values, a name, or a pair of "list" or "struct" and what is in it."""
    present = [value for value in found if value is not None]
    if not present:
        return "null"
    if all(isinstance(value, bool) for value in present):
        return "bool"
    numbers = [value for value in present if isinstance(value, int) and not isinstance(value, bool)]
    if len(numbers) == len(present):
        if -(2**63) <= min(numbers) and max(numbers) < 2**63:
            return "int64"
        if max(numbers) < 2**64 and min(numbers) >= -(2**63):
            return "uint64" if min(numbers) >= 0 else "json"
        return "float64"
    if all(is_float(value) for value in present if value not in numbers or isinstance(value, bool)):
        return "float64"
    if all(isinstance(value, str) for value in present):
        return "string"
    if all(isinstance(value, list) for value in present):
        return ("list", kind([element for value in present for element in value]))
    if all(map(is_object, present)):
        names = [name for name, _ in present[0]["fields"]]
        if names and all({name for name, _ in value["fields"]} == set(names) for value in present):
            return ("struct", [(name, kind([dict(value["fields"])[name] for value in present])) for name in names])
    return "json"


def type_name(a_kind):
    if isinstance(a_kind, str):
        return a_kind
    if a_kind[0] == "list":
        return f"list<{type_name(a_kind[1])}>"
    return "struct<" + ", ".join(f"{name}: {type_name(field)}" for name, field in a_kind[1]) + ">"


def as_kind(value, a_kind):
    """A value as one of a column."""
    if value is None:
        return None
    if a_kind == "json":
        return {"json": value}
    if a_kind == "float64":
        return float_of(float(value)) if isinstance(value, int) else value
    if isinstance(a_kind, str):
        return value
    if a_kind[0] == "list":
        return [as_kind(element, a_kind[1]) for element in value]
    by_name = dict(value["fields"])
    return {"fields": [[name, as_kind(by_name[name], field)] for name, field in a_kind[1]]}


def columns(content):
    """What a file becomes here, the columns in the order in which they come, and the values that the rows have themselves."""
    all_rows = rows(content)
    names = list(dict.fromkeys(name for row in all_rows for name in row))
    found = []
    for name in names:
        there = [row.get(name) for row in all_rows]
        a_kind = kind(there)
        found.append({"name": name, "type": type_name(a_kind), "values": [as_kind(value, a_kind) for value in there]})
    return found
