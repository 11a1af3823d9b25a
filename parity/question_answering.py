"""Records what Python's pipeline("question-answering") answers, for crates/trainer/tests/it/question_answering.rs.

    pip install --target FOLDER --no-deps transformers==4.57.6 'tokenizers<0.23' 'huggingface_hub<1' requests urllib3 certifi idna charset-normalizer
    PYTHONPATH=FOLDER $(cargo xtask python) parity/question_answering.py

writes crates/trainer/tests/data/question_answering.json. transformers 5 has this pipeline no more: 4.57.6 is the last that has it. As for
`text_classification.py` the test makes the same folders: the weights follow from a formula, see `formula_weights.py`, in numbers that float32 holds
exactly. `logits` is the largest of the outputs that the answers were made of, for the tolerance. Made with torch 2.11.
"""

import json
import tempfile
import warnings
from pathlib import Path

from transformers import AutoConfig, AutoModelForQuestionAnswering, AutoTokenizer, QuestionAnsweringPipeline

import case_lines
from formula_weights import fill

DATA = Path(__file__).parent.parent / "crates/trainer/tests/data/question_answering.json"
WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "cat", "dog", "sees", "hears", "the", "old", "bird", "now", ".", "##s",
         "who", "what", "?", "##dog", "é", "in", "house", "##é"]
SIZES = dict(vocab_size=len(WORDS), hidden_size=8, num_hidden_layers=2, num_attention_heads=2, intermediate_size=16,
             max_position_embeddings=64, type_vocab_size=2)
TOKENIZER = dict(tokenizer_class="BertTokenizer", do_lower_case=True, strip_accents=False, model_max_length=48)

LONG = ("The old cat sees a dog now. Cats hears the birds in the old house; a catdog é the bird. The dogs now hears what the cat sees "
        "in a house \U0001f600 . Now the old bird sees the old cat, who hears dogs. ") * 2
QUESTIONS = [
    ["who sees the dog ?", "The old cat sees a dog now."],
    ["what ?", LONG],
    ["who hears what the cats sees ?", LONG[40:]],
    ["who ?", "Cats"],
    ["the cat ?", "cat Cat cat CAT cats é\u00e9 \U0001f600 birds"],
]
OPTIONS = [
    {}, {"top_k": 5}, {"top_k": 4, "align_to_words": False}, {"align_to_words": False}, {"handle_impossible_answer": True, "top_k": 3},
    {"handle_impossible_answer": True}, {"max_answer_len": 2, "top_k": 3}, {"max_seq_len": 24, "doc_stride": 8, "top_k": 2},
    {"max_seq_len": 32, "top_k": 3}, {"doc_stride": 0, "top_k": 3},
]
MODELS = {"bert": (dict(model_type="bert"), {}), "electra": (dict(model_type="electra", embedding_size=8), {})}


def record(config, tokenizer):
    config, tokenizer = {**SIZES, **config}, {**TOKENIZER, **tokenizer}
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "config.json").write_text(json.dumps(config))
        model = AutoModelForQuestionAnswering.from_config(AutoConfig.from_pretrained(folder))
        fill(model)
        model.eval()
        Path(folder, "vocab.txt").write_text("\n".join(WORDS))
        Path(folder, "tokenizer_config.json").write_text(json.dumps(tokenizer))
        pipe = QuestionAnsweringPipeline(model=model, tokenizer=AutoTokenizer.from_pretrained(folder), device="cpu")
        largest = 0.0

        def look(_module, _inputs, output):
            nonlocal largest
            largest = max(largest, output.start_logits.abs().max().item(), output.end_logits.abs().max().item())

        model.register_forward_hook(look)
        calls = []
        for options in OPTIONS:
            answers = [pipe(question=question, context=context, **options) for question, context in QUESTIONS]
            rows = [[one] if isinstance(one, dict) else one for one in answers]
            calls.append({"options": options, "answers": [[[a["score"], a["start"], a["end"], a["answer"]] for a in row] for row in rows]})
    return {"config": config, "tokenizer": tokenizer, "words": WORDS, "logits": largest, "questions": QUESTIONS, "calls": calls}


def main():
    warnings.filterwarnings("ignore")
    case_lines.write(DATA, {name: record(*model) for name, model in MODELS.items()}, levels=3)


main()
