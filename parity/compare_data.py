"""Compares what Python and this project made of data files, for `cargo xtask parity data`.

Usage: python parity/compare_data.py LIST PYTHON HERE

PYTHON is what data_values.py wrote of LIST, HERE what examples/parity_data wrote. What is not the same must be explained by a rule of
data_rules.py, each of which docs/differences.md has under its name. Prints how many files each rule explains, and each file that none does;
then it fails.
"""

import collections
import json
import pathlib
import re
import sys

import data_rules

SHOWN = 300


def lines(path):
    with open(path) as opened:
        for line in opened:
            yield json.loads(line)


def documented_rules():
    documents = pathlib.Path(__file__).parent.parent / "docs/differences.md"
    return set(re.findall(r"^\* \*\*`([a-z-]+)`\*\*", documents.read_text(), re.MULTILINE))


def show(entry, python, here):
    print(f"UNEXPLAINED {entry['name']}: {entry.get('file', '')}")
    if "error" in python or "error" in here:
        pairs = [("", outcome.get("error") or str(outcome["splits"])) for outcome in (python, here)]
        different = [("", pairs[0][1], pairs[1][1])]
    else:
        different = list(data_rules.different_columns(python, here))
    for name, theirs, ours in different:
        print(f"  {name}\n    python {theirs[:SHOWN]}\n    here   {ours[:SHOWN]}")


def main(listed, python_file, here_file):
    counts, rules, unexplained = collections.Counter(), collections.Counter(), 0
    for entry, python, here in zip(lines(listed), lines(python_file), lines(here_file), strict=True):
        assert entry["name"] == python["name"] == here["name"]
        found = data_rules.compare(entry, python, here)
        if found is None:
            unexplained += 1
            show(entry, python, here)
            continue
        counts["refused by both" if "error" in python and "error" in here else "explained" if found else "the same"] += 1
        rules.update(found)
    print(f"\n{sum(counts.values()) + unexplained} files and data sets: {', '.join(f'{count} {what}' for what, count in counts.items())}, {unexplained} unexplained")
    for rule, count in rules.most_common():
        print(f"{count:>8} {rule}")
    undocumented = set(rules) - documented_rules()
    if undocumented:
        print(f"docs/differences.md lacks {', '.join(sorted(undocumented))}")
    return 1 if unexplained or undocumented else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
