"""Writes recorded values as JSON with one case a line, so that a change of one case is a change of one line.

    case_lines.write(path, values)

Values that hold cases are opened to `levels` of nesting: 2 where each case stands in a list or an object of its own,
`{"cases": [...]}`, 1 where the whole is a list of cases.
"""

import json
from pathlib import Path


def write(path, values, levels=2, default=None):
    """Writes `values`; `default` gives what json does not know as something that it does, as in `json.dumps`."""
    Path(path).write_text(lay_out(values, levels, default) + "\n")


def lay_out(value, levels, default, indent=0):
    children = value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else ()
    if levels == 0 or not any(isinstance(child, (dict, list, tuple)) for child in children):
        return json.dumps(value, default=default)
    inner = [lay_out(child, levels - 1, default, indent + 1) for child in children]
    if isinstance(value, dict):
        inner = [f"{json.dumps(key)}: {text}" for key, text in zip(value, inner)]
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    lines = ",\n".join(" " * (indent + 1) + line for line in inner)
    return f"{opening}\n{lines}\n{' ' * indent}{closing}"
