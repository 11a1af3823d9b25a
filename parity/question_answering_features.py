"""Records the windows that Python's fast tokenizers make of long texts, and the rows that run_qa.py makes of questions.

Usage: HF_HUB_CACHE=<hub> HF_HUB_OFFLINE=1 python parity/question_answering_features.py

Writes crates/trainer-tokenize/tests/data/windows.json and question_answering.json, for tests of the same names. `rows` is what
`prepare_train_features` and `prepare_validation_features` of transformers' examples/pytorch/question-answering/run_qa.py compute.
A result that is null is an exception in Python.
"""

from pathlib import Path

import pandas
from huggingface_hub import snapshot_download
from transformers import AutoTokenizer

import case_lines

DATA = Path(__file__).parent.parent / "crates/trainer-tokenize/tests/data"
MODELS = ["sentence-transformers/all-MiniLM-L6-v2", "openai-community/gpt2", "FacebookAI/roberta-base"]
FIRST = "Where does the naïve café stand?"
SECOND = "It stands in Ångström street, beside the old brewery; nobody knows since when, but many go there."
TEXTS = [(SECOND, None), (FIRST, SECOND), (SECOND, FIRST), ("", SECOND)]
WINDOWS = [("only_first", 22, 3), ("only_second", 22, 3), ("only_second", 60, 20), ("longest_first", 22, 3), ("longest_first", 12, 0),
           ("longest_first", 24, 16), ("longest_first", 8, 40), ("only_second", 16, 5)]

SQUAD = [
    ("q1", "  Where does it stand?", SECOND, ["Ångström street"], [13]),
    ("q2", "\u001c\u00a0What is beside it?", SECOND, ["the old brewery", "brewery"], [37, 45]),
    ("q3", "Who built it?", SECOND, [], []),
    ("q4", "What does nobody know?", SECOND, ["since when"], [67]),
    ("q5", "Where do many go?", "They go there", ["there"], [8]),
    ("q6", "What?", "They go there", ["They go there"], [0]),
    ("q7", "How?", "They go there", ["go there and further"], [5]),
    ("q8", "When?", "They go there", ["hey"], [1]),
    ("q9", "Wrong place?", "They go there", ["go"], [6]),
    ("q10", "Before?", "They go there", ["go"], [-3]),
    ("q11", "Emoji?", "😀 they 👍🏽 go 東京 there, é e\u0301 end", ["東京"], [13]),
    ("q12", "In many windows?", SECOND * 2, ["brewery"], [len(SECOND) + 45]),
    ("q13", "Empty?", "They go there", [""], [5]),
]
FEATURES = [(384, 128), (22, 4)]


def encode(tokenizer, first, second, strategy, length, stride):
    try:
        made = tokenizer([first], None if second is None else [second], truncation=strategy, max_length=length, stride=stride,
                         return_overflowing_tokens=True, return_offsets_mapping=True)
    except BaseException:  # the tokenizers' panics are no Exception
        return None
    rows = {key: made[key] for key in ["input_ids", "token_type_ids", "offset_mapping"] if key in made}
    return {**rows, "sequence_ids": [made.sequence_ids(i) for i in range(len(made["input_ids"]))]}


def windows(name):
    cases = []
    for side in ["right", "left"]:
        tokenizer = AutoTokenizer.from_pretrained(snapshot_download(name), truncation_side=side)
        for first, second in TEXTS:
            for strategy, length, stride in WINDOWS:
                case = dict(side=side, first=first, second=second, strategy=strategy, max_length=length, stride=stride)
                cases.append({**case, "result": encode(tokenizer, first, second, strategy, length, stride)})
    return cases


def tokenize(tokenizer, examples, length, stride, pad):
    right = tokenizer.padding_side == "right"
    questions, contexts = [row[1].lstrip() for row in examples], [row[2] for row in examples]
    texts = (questions, contexts) if right else (contexts, questions)
    return tokenizer(*texts, truncation="only_second" if right else "only_first", max_length=length, stride=stride,
                     return_overflowing_tokens=True, return_offsets_mapping=True, padding="max_length" if pad else False)


def no_answer(tokenizer, ids):
    for token in [tokenizer.cls_token_id, tokenizer.bos_token_id]:
        if token in ids:
            return ids.index(token)
    return 0


def position(offsets, sequences, context, begin, end):
    """The tokens of characters `begin..end`, None where this window has not all of them."""
    first = sequences.index(context)
    last = len(sequences) - 1 - sequences[::-1].index(context)
    if offsets[first][0] > begin or offsets[last][1] < end:
        return None
    start = first
    while start < len(offsets) and offsets[start][0] <= begin:
        start += 1
    while offsets[last][1] >= end:
        last -= 1
    return start - 1, last + 1


def rows(tokenizer, examples, length, stride, pad):
    made = tokenize(tokenizer, examples, length, stride, pad)
    context = 1 if tokenizer.padding_side == "right" else 0
    result = {key: made[key] for key in tokenizer.model_input_names}
    result.update(start_positions=[], end_positions=[], example_id=[], offset_mapping=[])
    for window, number in enumerate(made["overflow_to_sample_mapping"]):
        identity, _, _, texts, starts = examples[number]
        offsets, sequences = made["offset_mapping"][window], made.sequence_ids(window)
        place = no_answer(tokenizer, made["input_ids"][window])
        found = None
        if starts:
            found = position(offsets, sequences, context, starts[0], starts[0] + len(texts[0]))
        start, end = found or (place, place)
        result["start_positions"].append(start)
        result["end_positions"].append(end)
        result["example_id"].append(identity)
        result["offset_mapping"].append([list(o) if s == context else None for o, s in zip(offsets, sequences)])
    return result


def features(name):
    cases = []
    for side in ["right", "left"]:
        tokenizer = AutoTokenizer.from_pretrained(snapshot_download(name), padding_side=side)
        for length, stride in FEATURES:
            if side == "left" and length == 384:
                continue  # as long as the others together
            for pad in [True] if side == "left" else [False, True] if length == 22 else [False]:
                made = rows(tokenizer, SQUAD, length, stride, pad)
                cases.append(dict(side=side, max_length=length, stride=stride, pad=pad, rows=made))
    return cases


def checksum(numbers):
    total = 0
    for number in numbers:
        total = (total * 31 + number) % 1_000_003
    return total


def xquad():
    """All questions of a real data set, as counts and checksums."""
    files = sorted(Path(snapshot_download("google/xquad", repo_type="dataset")).rglob("*.parquet"))
    table = pandas.concat(pandas.read_parquet(file) for file in files if "train" in file.name or "validation" in file.name)
    examples = [(r.id, r.question, r.context, list(r.answers["text"]), [int(s) for s in r.answers["answer_start"]])
                for r in table.itertuples()]
    tokenizer = AutoTokenizer.from_pretrained(snapshot_download(MODELS[0]))
    cases = []
    for length, stride in [(384, 128), (96, 32)]:
        made = rows(tokenizer, examples, length, stride, False)
        flat = [0 if o is None else o[0] * 7 + o[1] for row in made["offset_mapping"] for o in row]
        cases.append(dict(max_length=length, stride=stride, rows=len(made["input_ids"]), starts=checksum(made["start_positions"]),
                          ends=checksum(made["end_positions"]), offsets=checksum(flat),
                          ids=checksum(i for row in made["input_ids"] for i in row)))
    return {"files": [file.name for file in files], "cases": cases}


def main():
    case_lines.write(DATA / "windows.json", {name: windows(name) for name in MODELS})
    # gpt2 adds no special tokens, has no token to pad with, and Python forgets in further windows which token is of which text.
    made = {name: features(name) for name in MODELS if "gpt2" not in name}
    columns = ["id", "question", "context", "text", "answer_start"]
    case_lines.write(DATA / "question_answering.json", {"examples": [dict(zip(columns, row)) for row in SQUAD], "models": made,
                                                        "xquad": xquad()}, levels=3)


if __name__ == "__main__":
    main()
