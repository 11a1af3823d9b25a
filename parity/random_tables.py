"""Random CSV files, the same for the same seed, for `cargo xtask parity data`: most are ordinary, the others have a few kinds of trouble."""

MISSING = ["NA", "N/A", "null", "NULL", "None", "nan", "NaN", "n/a", "<NA>", "#N/A", "-nan", "1.#IND"]
WORDS = "the quick brown fox jumps over lazy dog a film I've seen it's great poor 3.5 1st #tag x@y.org O'Hara 50% (no) [a] {b} a/b c\\d".split()
FOREIGN = ["é", "naïve", "Straße", "东京", "日本語", "한국어", "עברית", "🎉", "👩🏽", "e\u0301", "\u00a0", "\u200b", "“q”", "ﬁ", "\u2028", "\u0085", "İ"]
NAMES = "text label id idx sentence1 sentence2 score title body target x y Name Größe 名前 a-b a.b two_words _id 0 1".split()
EDGES = [0, 1, -1, 127, 255, 2**31 - 1, -(2**31), 2**53, 2**53 + 1, 2**63 - 1, -(2**63)]
LONG = [2**63, 2**64 - 1, 2**64, -(2**63) - 1, 10**20, 10**25, 18446744073709551616]
DATES = ["2020-01-01", "2021-05-06 11:12:13", "2020-01-01T10:00:00Z", "01/02/2003", "1.2.2003", "12:30", "Jan 2020"]
# How many rows there are.
ROWS = [0, 1, 2, 2, 3, 3, 3, 5, 5, 5, 8, 8, 8, 8, 13, 13, 13, 13, 20, 20, 20, 30, 30, 60]
BLANK = [" ", "  ", "\t", " \t "]


def whole(draw):
    return str(draw.choice([draw.randint(-9, 9), draw.randint(0, 1000), draw.randint(-(10**6), 10**9)]))


def decimal(draw):
    kind = draw.random()
    if kind < 0.5:
        return f"{draw.uniform(-100, 100):.{draw.randint(1, 6)}f}"
    if kind < 0.7:
        return repr(draw.uniform(-1, 1) * 10.0 ** draw.randint(-12, 20))
    return draw.choice(["1.0", "0.5", "-0.0", "1e5", "1E-3", ".5", "5.", "+1.5", "1e300", "1e-320", "0.1", "3.14159265358979", "1e22", "123456789.123456789"])


def sentence(draw):
    return " ".join(draw.choice(WORDS) for _ in range(draw.randint(1, 8)))


def quoted(text):
    return '"' + text.replace('"', '""') + '"'


def hard_text(draw):
    pieces = [sentence(draw), ",", '"', "\n", "\r\n", "''", draw.choice(FOREIGN), "  ", ";", "\t"]
    return quoted("".join(draw.choice(pieces) for _ in range(draw.randint(1, 6))))


def foreign(draw):
    return draw.choice(WORDS) + " " + draw.choice(FOREIGN) + draw.choice(FOREIGN)


def sometimes(ordinary, others, share):
    """A kind of cell that is one of `others` now and then."""

    def cell(draw):
        return draw.choice(others) if draw.random() < share else ordinary(draw)

    return cell


def constant(values):
    return lambda draw: draw.choice(values)


ORDINARY = [
    whole, whole, decimal, sentence, sentence, foreign, lambda draw: quoted(sentence(draw)), hard_text, constant(["pos", "neg"]), constant(["0", "1"]),
    constant(["True", "False"]), constant(["true", "false"]), constant(["O", "B-PER", "I-PER"]),
]
HARD = [
    sometimes(whole, [""], 0.2), sometimes(whole, MISSING, 0.2), sometimes(decimal, ["", *MISSING], 0.2), sometimes(sentence, [""], 0.2),
    sometimes(sentence, MISSING, 0.2), sometimes(whole, [str(value) for value in EDGES], 0.4), sometimes(whole, [str(value) for value in LONG], 0.3),
    constant([str(2**63), str(2**64 - 1), "5"]), constant([str(value) for value in LONG]), sometimes(decimal, [str(value) for value in LONG], 0.2),
    sometimes(whole, [" 1", "2 ", "\t3", " -4 "], 0.4), sometimes(decimal, [" 1.5", "2.5 "], 0.4), sometimes(sentence, [" x", "y ", " z "], 0.4),
    sometimes(whole, ["1.0", "1.5", "1e3"], 0.3), sometimes(whole, ["x", "1a", "0x10", "1_000", "1,0"], 0.1), sometimes(decimal, ["inf", "-inf", "Infinity", "+inf"], 0.3),
    sometimes(constant(["True", "False"]), ["", "TRUE", "true", "x", "1"], 0.2), sometimes(constant(["true", "FALSE"]), MISSING, 0.2), constant(["yes", "no", "Y", "N"]),
    constant(DATES), constant(["01", "007", "1"]), constant(["+1", "-0", "00"]), constant([""]), constant(["", "NA"]), constant(MISSING), constant([" ", "  ", "a"]),
    sometimes(sentence, ['""', '" "', '"NA"', "''"], 0.3), sometimes(whole, ['"1"', '" 2"', '""'], 0.3), sometimes(sentence, ['a"b', 'a""b', '"a"b', "'a,b'"], 0.1),
    constant(["1/2", "50%", "$5", "1-2", "١٢", "½", "1e", "e5", "--1", "1.2.3"]), sometimes(decimal, ["1e400", "-1e999", "1e-400", "1" * 30, "0." + "3" * 30], 0.3),
    sometimes(sentence, ["\x00", "a\x00b", "\x0b", "\x0c", "\x1a", "\x7f"], 0.1),
]


def header(draw, count):
    names = draw.sample(NAMES, count)
    if draw.random() < 0.12:
        for _ in range(draw.randint(1, 2)):
            names[draw.randrange(count)] = draw.choice(["", " ", "text", "text.1", "a", "a.1", "Unnamed: 0", " label", quoted("a,b"), quoted(""), quoted("x\ny"), "NA"])
    return names


def shortened(draw, row):
    return row[: draw.randint(1, len(row))]


def lengthened(draw, row):
    return row + [draw.choice(["", "x", "1"])] * draw.randint(1, 2)


def rows_of(draw, kinds, count):
    rows = [[kind(draw) for kind in kinds] for _ in range(count)]
    trouble = draw.random()
    if trouble < 0.05:
        rows = [shortened(draw, row) if draw.random() < 0.3 else row for row in rows]
    elif trouble < 0.08:
        rows = [lengthened(draw, row) if draw.random() < 0.2 else row for row in rows]
    elif trouble < 0.10:
        rows = [[*row, ""] for row in rows]
    elif trouble < 0.13:
        rows = [[str(number + (draw.random() < 0.02)), *row] for number, row in enumerate(rows)]
    elif trouble < 0.14:
        rows = [[whole(draw), *row] for row in rows]
    return rows


def make(draw):
    """The bytes of a file, and what stands between its fields."""
    separator = draw.choice([",", ",", ",", ",", ";", "\t"])
    count = draw.choice([1, 2, 2, 3, 3, 4, 5, 8])
    is_hard = draw.random() < 0.6
    kinds = [draw.choice(HARD if is_hard and draw.random() < 0.4 else ORDINARY) for _ in range(count)]
    rows = rows_of(draw, kinds, draw.choice(ROWS))
    lines = [separator.join(row) for row in [header(draw, count), *rows]]
    end = draw.choice(["\n", "\n", "\n", "\r\n", "\r\n", "\r"])
    if draw.random() < 0.12:
        for _ in range(draw.randint(1, 3)):
            lines.insert(draw.randint(0, len(lines)), draw.choice(["", "", *BLANK, quoted(""), separator * (count - 1)]))
    if draw.random() < 0.02:
        lines.insert(draw.randint(1, len(lines)), draw.choice(['"open', "# comment", "garbage", '"a" "b"']))
    if end == "\n" and draw.random() < 0.03:
        text = "".join(line + draw.choice(["\n", "\r\n", "\r"]) for line in lines)
    else:
        text = end.join(lines) + draw.choice([end, end, end, "", end * 2])
    mark = b"\xef\xbb\xbf" if draw.random() < 0.05 else b""
    content = mark + text.encode()
    if draw.random() < 0.01:
        at = draw.randint(0, len(content))
        content = content[:at] + draw.choice([b"\xff", b"\xe9", b"\xed\xa0\x80"]) + content[at:]
    return content, separator
