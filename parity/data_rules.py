"""Whether what Python and this project made of a file is the same, and what explains where it is not: for compare_data.py."""

import pathlib

import json_rules
import table_rules

# Types that are stored here as wider ones.
WIDER = {"large_string": "string", "float16": "float32"}


def canonical(outcome):
    """An outcome with types by this project's names, and texts of JSON as what they say."""
    for data in outcome.get("splits", {}).values():
        for column in data["columns"]:
            column["type"] = WIDER.get(column["type"], column["type"].replace("large_string", "string").replace("Json(decode=True)", "json"))
            column["values"] = [json_rules.parsed(value) for value in column["values"]]
    return outcome


def compare(entry, python, here):
    """The names of the rules that explain how the outcomes differ: none where they do not, and None where nothing explains it."""
    python, here = canonical(python), canonical(here)
    if "error" in python and "error" in here and here["error"] != "a panic":
        return set()
    if python.get("splits") == here.get("splits") and "splits" in python:
        return set()
    if "file" not in entry or here.get("error") == "a panic":
        return None
    rules = table_rules if entry["builder"] == "csv" else json_rules
    return rules.explain(entry, pathlib.Path(entry["file"]).read_bytes(), python, here)


def different_columns(python, here):
    """What differs, as texts."""
    for split in python["splits"].keys() | here["splits"].keys():
        theirs, ours = (outcome["splits"].get(split, {"columns": []})["columns"] for outcome in (python, here))
        by_name = {column["name"]: column for column in ours}
        if [column["name"] for column in theirs] != list(by_name):
            yield "names", str([column["name"] for column in theirs]), str(list(by_name))
        for column in theirs:
            other = by_name.get(column["name"], {"type": None, "values": []})
            if column == other:
                continue
            at = next((at for at, pair in enumerate(zip(column["values"], other["values"])) if pair[0] != pair[1]), 0)
            shown = lambda one: f"{one['type']}, row {at} of {len(one['values'])}: {one['values'][at : at + 3]}"
            yield column["name"], shown(column), shown(other)
