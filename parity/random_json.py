"""Random files of JSON and JSON lines, the same for the same seed, for `cargo xtask parity data`: most are ordinary, the others have a few
kinds of trouble.

Values are made as texts, so that a file may have what `json.dumps` does not write.
"""

import json

from random_tables import DATES, EDGES, FOREIGN, LONG, NAMES, ROWS, decimal, sentence, whole

ESCAPED = ["\\u00e9", "\\n", "\\t", '\\"', "\\\\", "\\/", "\\ud83d\\ude00", "\\u0000", "\\b"]


def text(value):
    return json.dumps(value, ensure_ascii=False)


def words(draw):
    return text(sentence(draw))


def integer(draw):
    return whole(draw)


def floating(draw):
    value = float(decimal(draw))
    return draw.choice([repr(value), f"{value:e}", repr(value)]) if abs(value) < 1e300 else "1.5"


def foreign(draw):
    return '"' + draw.choice(FOREIGN) + draw.choice(ESCAPED) + sentence(draw).replace("\\", "") + draw.choice(ESCAPED) + '"'


def truth(draw):
    return draw.choice(["true", "false"])


def constant(values):
    return lambda draw: draw.choice(values)


def sometimes(ordinary, other, share):
    return lambda draw: other(draw) if draw.random() < share else ordinary(draw)


def listed(element, longest=4, shortest=0):
    return lambda draw: "[" + ", ".join(element(draw) for _ in range(draw.randint(shortest, longest))) + "]"


def structured(fields, missing=0.0, shuffled=False):
    """Objects of `fields`, pairs of a name and a kind of value."""

    def value(draw):
        present = [f"{text(name)}: {kind(draw)}" for name, kind in fields if not missing or draw.random() >= missing]
        if shuffled:
            draw.shuffle(present)
        return "{" + ", ".join(present) + "}"

    return value


NULL = constant(["null"])
SCALARS = [integer, integer, floating, words, words, foreign, truth]
ANSWERS = structured([("text", listed(words, 2, 1)), ("answer_start", listed(integer, 2, 1))])
MESSAGES = listed(structured([("role", constant(['"user"', '"assistant"'])), ("content", words)]), 3, 1)
ORDINARY = [
    *SCALARS, *SCALARS, listed(words), listed(integer), listed(floating), listed(listed(integer)), structured([("a", integer), ("b", words)]),
    structured([("x", floating), ("y", listed(integer))]), listed(structured([("a", integer), ("b", words)])), ANSWERS, MESSAGES, sometimes(words, NULL, 0.2),
    sometimes(integer, NULL, 0.2), sometimes(floating, NULL, 0.2), sometimes(truth, NULL, 0.2), sometimes(listed(integer), NULL, 0.2), sometimes(integer, floating, 0.3),
]
HARD = [
    constant([str(value) for value in EDGES]), sometimes(integer, constant([str(value) for value in LONG]), 0.3), constant([str(2**63), str(2**64 - 1), "5"]),
    sometimes(floating, constant([str(value) for value in LONG]), 0.2), listed(sometimes(integer, constant([str(value) for value in LONG]), 0.3)),
    constant(["0", "-0", "-0.0", "1E3", "1e-400", "0.1e1", "100e-2", "5e-324"]), constant([text(date) for date in DATES]), constant([text(DATES[0]), text("2021-05-06")]),
    constant([text(DATES[0]), "null"]), constant([text("12"), text("1.5"), text("true"), text("null")]), constant(["null"]), constant(["[]"]), constant(["{}"]),
    constant(["[]", "null", "[null]"]), sometimes(integer, words, 0.3), sometimes(words, integer, 0.2), sometimes(words, truth, 0.2), sometimes(integer, truth, 0.2),
    sometimes(words, listed(integer), 0.2), sometimes(integer, listed(integer), 0.2), sometimes(listed(integer), listed(words), 0.3),
    sometimes(structured([("a", integer)]), words, 0.2), sometimes(structured([("a", integer)]), structured([("b", integer)]), 0.3),
    structured([("a", integer), ("b", words)], missing=0.2), structured([("a", integer), ("b", words), ("c", truth)], shuffled=True),
    listed(structured([("a", integer), ("b", words)], missing=0.2)), listed(sometimes(integer, words, 0.2)), listed(sometimes(integer, NULL, 0.3)),
    structured([("a", sometimes(integer, words, 0.3))]), structured([("a", sometimes(structured([("b", floating)]), NULL, 0.3))]), listed(listed(words)),
    structured([("a", sometimes(integer, constant([str(value) for value in LONG]), 0.3)), ("b", sometimes(integer, words, 0.5))]),
    sometimes(floating, constant(["NaN", "Infinity", "-Infinity"]), 0.2), sometimes(integer, constant(["NaN"]), 0.1), listed(sometimes(floating, constant(["NaN"]), 0.2)),
    sometimes(structured([("a", floating), ("b", integer)]), structured([]), 0.2), sometimes(integer, floating, 0.1), sometimes(words, constant(['"{}"', '"[1]"', '"1"']), 0.3),
    structured([("", integer)]), structured([("a", structured([("b", structured([("c", words)]))]))]), sometimes(words, foreign, 0.5),
]


def row(draw, names, kinds, trouble):
    fields = [(name, kind(draw)) for name, kind in zip(names, kinds)]
    if trouble == "missing fields" and draw.random() < 0.3:
        fields.pop(draw.randrange(len(fields)))
    elif trouble == "other order" and draw.random() < 0.5:
        draw.shuffle(fields)
    elif trouble == "a field twice" and draw.random() < 0.3:
        fields.append((fields[0][0], kinds[0](draw)))
    elif trouble == "later field" and draw.random() < 0.3:
        fields.append(("later", whole(draw)))
    elif trouble == "null row" and draw.random() < 0.2:
        return "null"
    elif trouble == "empty row" and draw.random() < 0.2:
        return "{}"
    elif trouble == "no object" and draw.random() < 0.2:
        return draw.choice(["1", '"x"', "[1]", "true"])
    elif trouble == "not json" and draw.random() < 0.3:
        fields[0] = (fields[0][0], draw.choice(["tru", "01", "+1", ".5", "1.", "'x'", '"x', '"\\x"', '"\t"', '"\\ud83d"', "1e400", "nan", "undefined", "[1,]", "[1 2]", "{a: 1}"]))
    colon, comma = draw.choice([(": ", ", "), (":", ","), (" : ", " , ")])
    return "{" + comma.join(f"{text(name)}{colon}{value}" for name, value in fields) + "}"


TROUBLE = ["missing fields", "missing fields", "other order", "a field twice", "later field", "null row", "empty row", "no object", "not json"]


def as_lines(draw, rows):
    end = draw.choice(["\n", "\n", "\n", "\r\n"])
    layout = draw.random()
    if layout < 0.04:
        rows = [row.replace("{", "{\n  ", 1) for row in rows]
    elif layout < 0.08:
        rows.insert(draw.randint(0, len(rows)), draw.choice(["", "  ", "\t"]))
    elif layout < 0.10:
        return draw.choice([" ", ", ", ""]).join(rows) + end
    elif layout < 0.12:
        rows = [row + draw.choice([",", " ", " garbage"]) for row in rows]
    return end.join(rows) + draw.choice([end, end, ""])


def as_array(draw, rows):
    layout = draw.random()
    if layout < 0.5:
        return "[" + ", ".join(rows) + "]"
    if layout < 0.9:
        return "[\n  " + ",\n  ".join(rows) + "\n]\n"
    return draw.choice(["[" + ", ".join(rows) + ",]", "[" + " ".join(rows) + "]", " \n[" + ",".join(rows) + "]", "[" + ",".join(rows) + "] ", "[" + ",".join(rows)])


def make(draw):
    """The bytes of a file, and the ending of its name."""
    count = draw.choice([1, 2, 2, 3, 3, 4, 5])
    is_hard = draw.random() < 0.5
    kinds = [draw.choice(HARD if is_hard and draw.random() < 0.5 else ORDINARY) for _ in range(count)]
    trouble = draw.choice(TROUBLE) if draw.random() < 0.2 else None
    number = draw.choice(ROWS)
    names = draw.sample(NAMES, count)
    if draw.random() < 0.05:
        rows = [kinds[0](draw) for _ in range(number)]
    else:
        rows = [row(draw, names, kinds, trouble) for _ in range(number)]
    is_array = draw.random() < 0.45
    content = (as_array if is_array else as_lines)(draw, rows).encode()
    ending = draw.choice(["json", "json", "json", "jsonl"]) if is_array else draw.choice(["jsonl", "jsonl", "jsonl", "json"])
    if draw.random() < 0.04:
        content = b"\xef\xbb\xbf" + content
    if draw.random() < 0.01:
        at = draw.randint(0, len(content))
        content = content[:at] + draw.choice([b"\xff", b"\xed\xa0\x80"]) + content[at:]
    return content, ending
