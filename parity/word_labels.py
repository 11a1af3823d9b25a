"""Records what Python's tokenizers make of words, and run_ner.py of their labels, for crates/trainer-tokenize/tests/it/words.rs.

Usage: HF_HUB_CACHE=<hub> HF_HUB_OFFLINE=1 python parity/word_labels.py

Writes crates/trainer-tokenize/tests/data/words.json: for each tokenizer and length (null: not truncated) and list of words the ids, the
words and offsets of tokens, and the labels of tokens, of the first of each word alone and of all.
"""

from pathlib import Path

from transformers import AutoTokenizer

import case_lines

MODELS = [
    "google-bert/bert-base-cased",
    "sentence-transformers/all-MiniLM-L6-v2",
    "openai-community/gpt2",
    "FacebookAI/roberta-base",
]
NAMES = ["O", "B-person", "I-person", "B-place", "B-", "I-"]
ROWS = [
    (["Ada", "Lovelace", "lived", "in", "Marylebone", "."], [1, 2, 0, 0, 3, 0]),
    (["@paulwalk", "It", "'s", "the", "view", "from", "where", "I", "'m", "living"], [1, 0, 0, 0, 0, 0, 0, 4, 0, 5]),
    ([], []),
    ([""], [3]),
    (["", "two words", "", "\u200b", "d'accord", "e\u0301te\u0301", "東京"], [1, 1, 2, 2, 3, 4, 1]),
    (["[SEP]", "<s>", "<|endoftext|>", "😀👍🏽"], [0, 1, 2, 3]),
    (["x" * 120, "Donaudampfschifffahrt"], [1, 3]),
]


def inside(label):
    name = NAMES[label]
    wanted = name.replace("B-", "I-") if name.startswith("B-") else name
    return NAMES.index(wanted) if wanted in NAMES else label


def align(word_ids, labels, label_all_tokens):
    """The loop of `tokenize_and_align_labels` in transformers' examples/pytorch/token-classification/run_ner.py."""
    previous, aligned = None, []
    for word in word_ids:
        if word is None:
            aligned.append(-100)
        elif word != previous:
            aligned.append(labels[word])
        else:
            aligned.append(inside(labels[word]) if label_all_tokens else -100)
        previous = word
    return aligned


def record(tokenizer, words, labels, max_length):
    truncation = {"truncation": True, "max_length": max_length} if max_length else {}
    encoding = tokenizer(words, is_split_into_words=True, return_offsets_mapping=True, **truncation)
    word_ids = encoding.word_ids()
    return {
        "max_length": max_length,
        "words": words,
        "word_labels": labels,
        "input_ids": encoding["input_ids"],
        "word_ids": word_ids,
        "offset_mapping": encoding["offset_mapping"],
        "first": align(word_ids, labels, False),
        "all": align(word_ids, labels, True),
    }


def main():
    cases = {}
    for name in MODELS:
        tokenizer = AutoTokenizer.from_pretrained(name)
        cases[name] = [record(tokenizer, *row, length) for length in (None, 7) for row in ROWS]
    path = Path(__file__).parent.parent / "crates/trainer-tokenize/tests/data/words.json"
    case_lines.write(path, {"names": NAMES, "cases": cases})


if __name__ == "__main__":
    main()
