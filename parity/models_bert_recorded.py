"""Records what Python's BERT computes, for `crates/trainer-models/tests/it/bert_recorded.rs`.

    python parity/models_bert_recorded.py

writes two tiny models with random weights and `bert_recorded.json` into `crates/trainer-models/tests/data/`. Dropout is 0,
because what it drops depends on the processor. Made with torch 2.11 and transformers 5.23.
"""

import os

import torch
from transformers import AutoModelForSequenceClassification, BertConfig, set_seed

import case_lines

DATA = os.path.join(os.path.dirname(__file__), "..", "crates", "trainer-models", "tests", "data")
TINY = dict(vocab_size=20, hidden_size=8, num_hidden_layers=2, num_attention_heads=2, intermediate_size=12,
            max_position_embeddings=10, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
INPUTS = dict(
    input_ids=[[2, 7, 9, 3, 11, 3], [2, 5, 3, 4, 3, 0], [2, 19, 3, 0, 0, 0]],
    token_type_ids=[[0, 0, 0, 0, 1, 1], [0, 0, 0, 1, 1, 0], [0, 0, 0, 0, 0, 0]],
    attention_mask=[[1] * 6, [1] * 5 + [0], [1] * 3 + [0] * 3],
)
CASES = {
    "regression": ("tiny_bert_1", dict(num_labels=1), [0.5, -1.25, 3.0], "float"),
    "single_label_classification": ("tiny_bert_3", dict(num_labels=3), [2, 0, -100], "int"),
    "multi_label_classification": (
        "tiny_bert_3", dict(num_labels=3), [[1.0, 0.0, 1.0], [0.0, 0.0, 0.0], [0.0, 1.0, 1.0]], "float"),
}


def spread(model):
    """Weights far enough from zero that every operation shows in the results."""
    with torch.no_grad():
        for weight in model.parameters():
            weight.copy_(weight + torch.randn_like(weight) * 0.4)


def main():
    recorded = {"inputs": INPUTS, "cases": {}}
    for problem, (folder, options, labels, kind) in CASES.items():
        set_seed(5)
        model = AutoModelForSequenceClassification.from_config(BertConfig(**TINY, **options))
        spread(model)
        model.save_pretrained(os.path.join(DATA, folder))
        model = AutoModelForSequenceClassification.from_pretrained(os.path.join(DATA, folder))
        batch = {name: torch.tensor(rows) for name, rows in INPUTS.items()}
        batch["labels"] = torch.tensor(labels, dtype=torch.float32 if kind == "float" else torch.int64)
        model.train()
        result = model(**batch)
        result.loss.backward()
        assert model.config.problem_type == problem
        recorded["cases"][problem] = {
            "model": folder,
            "labels": labels,
            "logits": result.logits.tolist(),
            "loss": result.loss.item(),
            "gradient_norms": {name: weight.grad.double().norm().item() for name, weight in model.named_parameters()},
        }
    set_seed(11)
    drawn = AutoModelForSequenceClassification.from_config(BertConfig(**TINY, num_labels=3))
    recorded["drawn_from_seed_11"] = {
        name: [weight.flatten()[0].item(), weight.double().sum().item(), weight.double().norm().item()]
        for name, weight in drawn.named_parameters()
    }
    case_lines.write(os.path.join(DATA, "bert_recorded.json"), recorded)


main()
