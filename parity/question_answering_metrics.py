"""Records answers that numpy makes of scores, and SQuAD's metrics, for crates/trainer-metrics/tests/it/question_answering.rs.

    python parity/question_answering_metrics.py [--official FOLDER]

writes crates/trainer-metrics/tests/data/question_answering.json, and beside trainer-core's tests the files that Python leaves of answers
of equal scores, whose probabilities are exact. `answers` computes what `postprocess_qa_predictions` of transformers'
examples/pytorch/question-answering/utils_qa.py does, `squad` and `squad_v2` what the official scripts do; `--official` compares these
with `squad/compute_score.py` and `squad_v2/compute_score.py` in the folder `metrics` of Hugging Face's evaluate. NumPy 2.4.6, Python 3.11
(from 3.12 on `sum` rounds otherwise).
"""

import importlib.util
import json
import re
import string
import sys
from collections import Counter
from pathlib import Path

import numpy as np

import case_lines

CRATES = Path(__file__).parent.parent / "crates"
DATA = CRATES / "trainer-metrics/tests/data/question_answering.json"
FILES = CRATES / "trainer-core/tests/data/question_answering.json"

CONTEXTS = [
    "They go there.",
    "In Ångström street, beside the old brewery: 👍🏽 nobody knows since when (1890?), but many go there.",
    "東京は日本の首都です。 A cafe\u0301 an der Ecke.",
    "the",
]


def tokens(context):
    """Begin and end of words and other characters."""
    return [[m.start(), m.end()] for m in re.finditer(r"\w+|[^\w\s]", context)]


def windows(context, question, room, stride):
    """[CLS] question [SEP] context [SEP], in windows of `room` tokens of the context."""
    offsets, made, start = tokens(context), [], 0
    while True:
        part = offsets[start:start + room]
        made.append([None] * (question + 2) + part + [None])
        if start + room >= len(offsets):
            return made
        start += room - stride


def argsorted(scores, most):
    return np.argsort(scores, kind="stable")[-1:-most - 1:-1].tolist()


def answer(context, features, starts, ends, n_best, longest, negative, threshold):
    null, found = None, []
    for offsets, start_logits, end_logits in zip(features, starts, ends):
        score = start_logits[0] + end_logits[0]
        if null is None or null["score"] > score:
            null = dict(offsets=(0, 0), score=score, start_logit=start_logits[0], end_logit=end_logits[0])
        for start in argsorted(start_logits, n_best):
            for end in argsorted(end_logits, n_best):
                inside = start < len(offsets) and end < len(offsets) and offsets[start] is not None and offsets[end] is not None
                if inside and start <= end and end - start + 1 <= longest:
                    found.append(dict(offsets=(offsets[start][0], offsets[end][1]), score=start_logits[start] + end_logits[end],
                                      start_logit=start_logits[start], end_logit=end_logits[end]))
    best = sorted(found + [null] * negative, key=lambda one: one["score"], reverse=True)[:n_best]
    if negative and all(one["offsets"] != (0, 0) for one in best):
        best.append(null)
    best = [dict(start_logit=one["start_logit"], end_logit=one["end_logit"], text=context[slice(*one["offsets"])], score=one["score"])
            for one in best]
    if not best or (len(best) == 1 and best[0]["text"] == ""):
        best.insert(0, dict(text="empty", start_logit=0.0, end_logit=0.0, score=0.0))
    scores = np.array([one.pop("score") for one in best])
    shares = np.exp(scores - np.max(scores))
    for one, share in zip(best, shares / shares.sum()):
        one["probability"] = share
    odds, text = None, best[0]["text"]
    if negative:
        first = next(one for one in best if one["text"])
        odds = null["score"] - first["start_logit"] - first["end_logit"]
        text = "" if odds > threshold else first["text"]
    number = lambda value: value if isinstance(value, str) else float(value)
    return dict(text=text, odds=None if odds is None else float(odds), n_best=[{k: number(v) for k, v in one.items()} for one in best])


def answers(name, seed, room=12, stride=4, n_best=20, longest=30, negative=False, threshold=0.0, scale=3.0, padding=3):
    random = np.random.default_rng(seed)
    examples, made, starts, ends, result = [], [], [], [], []
    for number, context in enumerate(CONTEXTS):
        features = windows(context, number + 1, room, stride)
        width = room + number + 3 + padding
        logits = [[np.round(random.normal(0, scale, width), 3).astype(np.float32) for _ in features] for _ in range(2)]
        examples.append({"id": f"q{number}", "context": context})
        made += [{"example_id": f"q{number}", "offset_mapping": offsets} for offsets in features]
        starts += logits[0]
        ends += logits[1]
        result.append(answer(context, features, *logits, n_best, longest, negative, np.float32(threshold)))
    lists = lambda rows: [[float(value) for value in row] for row in rows]
    options = dict(n_best_size=n_best, max_answer_length=longest, version_2_with_negative=negative, null_score_diff_threshold=threshold)
    return dict(name=name, options=options, examples=examples, windows=made, start_logits=lists(starts), end_logits=lists(ends),
                answers=result)


def normalized(text):
    text = "".join(c for c in text.lower() if c not in string.punctuation)
    return re.sub(r"\b(a|an|the)\b", " ", text).split()


def f1(prediction, truth):
    same = sum((Counter(prediction) & Counter(truth)).values())
    if same == 0:
        return 0
    precision, recall = 1.0 * same / len(prediction), 1.0 * same / len(truth)
    return 2 * precision * recall / (precision + recall)


def squad(predictions, references):
    exact = overlap = 0
    for identity, truths in references.items():
        if identity in predictions:
            words = normalized(predictions[identity][0])
            exact += max(words == normalized(truth) for truth in truths)
            overlap += max(f1(words, normalized(truth)) for truth in truths)
    return {"exact_match": 100.0 * exact / len(references), "f1": 100.0 * overlap / len(references)}


def squad_v2(predictions, references, threshold=1.0):
    has, raw = {}, ({}, {})
    for identity, truths in references.items():
        has[identity] = bool(truths)
        truths = [normalized(truth) for truth in truths if normalized(truth)] or [[]]
        words = normalized(predictions[identity][0])
        raw[0][identity] = max(int(words == truth) for truth in truths)
        raw[1][identity] = max(f1(words, truth) if words and truth else int(words == truth) for truth in truths)
    cut = [{i: float(not has[i]) if predictions[i][1] > threshold else score for i, score in scores.items()} for scores in raw]
    values = {}
    for prefix, ids in [("", list(has)), ("HasAns_", [i for i in has if has[i]]), ("NoAns_", [i for i in has if not has[i]])]:
        if ids:
            values[f"{prefix}exact"] = 100.0 * sum(cut[0][i] for i in ids) / len(ids)
            values[f"{prefix}f1"] = 100.0 * sum(cut[1][i] for i in ids) / len(ids)
            values[f"{prefix}total"] = len(ids)
    for name, scores in zip(["exact", "f1"], raw):
        best = score = sum(not h for h in has.values())
        at = 0.0
        for i in sorted((i for i in predictions if i in scores), key=lambda i: predictions[i][1]):
            score += scores[i] if has[i] else -1 if predictions[i][0] else 0
            if score > best:
                best, at = score, predictions[i][1]
        values[f"best_{name}"], values[f"best_{name}_thresh"] = 100.0 * best / len(scores), at
    return values


TRUTHS = [["the old brewery", "brewery"], ["1890"], ["Ångström street"], ["A cafe\u0301"], ["many, many go there"], ["U.S.A."], ["the"],
          ["Straße 12", "street 12"], ["x–the–y an"], ["İstanbul ΣΑΣ"], ["one two two three"], ["nobody\u001cknows"], ["a_b"]]
GUESSES = ["an Old  brewery!", "in 1890", "angström street", "cafe\u0301", "many go", "usa", "", "the street 12", "x–y", "i\u0307stanbul σας",
           "two two two one", "nobody knows", "b"]


def scored(name, pick, probability, none=(), skip=(), threshold=1.0):
    references = {f"q{i}": [] if i in none else truths for i, truths in enumerate(TRUTHS)}
    predictions = {f"q{i}": (pick(i), float(np.float32(probability(i)))) for i in range(len(TRUTHS)) if i not in skip}
    v1 = None if none else squad(predictions, references)
    v2 = None if skip else squad_v2(predictions, references, threshold)
    return dict(name=name, predictions=predictions, references=references, threshold=threshold, squad=v1, squad_v2=v2)


def official(folder, case):
    def load(name):
        path = Path(folder, name, "compute_score.py")
        spec = importlib.util.spec_from_file_location(name, path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    texts = {i: p[0] for i, p in case["predictions"].items()}
    chances = {i: p[1] for i, p in case["predictions"].items()}
    if case["squad"]:
        qas = [{"id": i, "answers": [{"text": t} for t in truths]} for i, truths in case["references"].items()]
        assert load("squad").compute_score([{"paragraphs": [{"qas": qas}]}], texts) == case["squad"], case["name"]
    if case["squad_v2"]:
        script = load("squad_v2")
        data = [{"paragraphs": [{"qas": [{"id": i, "answers": {"text": truths}} for i, truths in case["references"].items()]}]}]
        has = script.make_qid_to_has_ans(data)
        raw = script.get_raw_scores(data, texts)
        cut = [script.apply_no_ans_threshold(scores, chances, has, case["threshold"]) for scores in raw]
        values = script.make_eval_dict(*cut)
        for prefix, wanted in [("HasAns", True), ("NoAns", False)]:
            ids = [i for i, h in has.items() if h == wanted]
            if ids:
                script.merge_eval(values, script.make_eval_dict(*cut, qid_list=ids), prefix)
        script.find_all_best_thresh(values, texts, *raw, chances, has)
        assert dict(values) == case["squad_v2"], case["name"]


def files():
    score, contexts = np.float32(1e-5), ["é b", "\U0001f600", "c"]
    offsets = [[None] + tokens(context) for context in contexts]
    found = {f"q{i}": answer(context, [o], [np.full(len(o), score)], [np.full(len(o), score)], 20, 30, True, np.float32(-1.0))
             for i, (context, o) in enumerate(zip(contexts, offsets))}
    dumped = lambda key: json.dumps({i: one[key] for i, one in found.items()}, indent=4) + "\n"
    return dict(score=float(score), contexts=contexts, offsets=offsets, predictions=dumped("text"), nbest_predictions=dumped("n_best"),
                null_odds=dumped("odds"))


def main():
    random = np.random.default_rng(7)
    chance = random.uniform(0, 1, len(TRUTHS)).tolist()
    scores = [
        scored("guesses", lambda i: GUESSES[i], lambda i: 0.0),
        scored("all right", lambda i: TRUTHS[i][-1], lambda i: chance[i]),
        scored("some without an answer", lambda i: GUESSES[i], lambda i: chance[i], none=(2, 6, 9)),
        scored("some without an answer, cut", lambda i: GUESSES[i] if i % 3 else "", lambda i: chance[i], none=(3, 6, 8), threshold=0.4),
        scored("ties", lambda i: GUESSES[i] if i % 2 else "", lambda i: round(chance[i], 1), none=(0, 5, 7, 11), threshold=0.5),
        scored("none has an answer", lambda i: "" if i % 2 else "x", lambda i: chance[i], none=range(len(TRUTHS))),
        scored("some not answered", lambda i: GUESSES[i], lambda i: 0.0, skip=(0, 4)),
    ]
    if len(sys.argv) > 2:
        for case in scores:
            official(sys.argv[2], case)
        print("equal to the official scripts")
    made = [
        answers("defaults", 0),
        answers("few and short", 1, n_best=3, longest=2),
        answers("one window each", 2, room=60),
        answers("none is left", 3, n_best=1, longest=1, scale=6.0),
        answers("may have none", 4, negative=True),
        answers("may have none, few", 5, n_best=2, negative=True, threshold=-2.5, scale=6.0),
        answers("may have none, and none is left", 6, n_best=1, longest=1, negative=True, threshold=1.5, scale=6.0),
    ]
    case_lines.write(DATA, {"answers": made, "scores": scores})
    case_lines.write(FILES, files(), levels=1)


if __name__ == "__main__":
    main()
