"""Records what Python makes of configurations and activations, for `crates/trainer-models/tests/it/configs.rs`.

    python parity/models_configs.py

writes `configs.json` into `crates/trainer-models/tests/data/`. A configuration is that of a tiny model and the keys of the case; of each:
its labels and what of it is saved, or `refused`. Made with torch 2.11 and transformers 5.23.
"""

import json
import tempfile
from pathlib import Path

import torch
from transformers import AutoConfig, AutoModelForSequenceClassification
from transformers.activations import ACT2FN

import case_lines

DATA = Path(__file__).parent / ".." / "crates" / "trainer-models" / "tests" / "data"
TINY = dict(model_type="bert", vocab_size=20, hidden_size=8, num_hidden_layers=1, num_attention_heads=2,
            intermediate_size=12, max_position_embeddings=10)
ROBERTA = dict(TINY, model_type="roberta")
SAVED = ("id2label", "label2id", "num_labels", "problem_type", "pad_token_id", "hidden_act")
CASES = {
    "numbers_as_names": {"id2label": {"0": 0, "1": 1}},
    "other_names": {"id2label": {"0": "a", "1": 1.5, "2": None, "3": True, "4": ["x"]}},
    "from_1": {"id2label": {"1": "a", "2": "b"}},
    "with_a_gap": {"id2label": {"0": "a", "5": "b"}},
    "any_order": {"id2label": {"10": "c", "2": "b", "1": "a"}, "label2id": {"c": 10, "b": 2, "a": 1}},
    "as_int_reads": {"id2label": {"-1": "a", "1_0": "b", "+2": "c", " 3 ": "d"}},
    "twice_a_number": {"id2label": {"01": "a", "1": "b"}},
    "twice_a_name": {"id2label": {"0": "z", "1": "z"}},
    "text_as_number": {"id2label": {"x": "a"}},
    "fraction_as_number": {"id2label": {"0.0": "a"}},
    "underscore_first": {"id2label": {"_1": "a"}},
    "list_of_names": {"id2label": ["a", "b"]},
    "text_of_names": {"id2label": "ab"},
    "more_than_names": {"num_labels": 3, "id2label": {"0": "a", "1": "b"}, "label2id": {"a": 0, "b": 1}},
    "fewer_than_names": {"num_labels": 2, "id2label": {"0": "a", "1": "b", "2": "c"}},
    "as_many_as_names": {"num_labels": 2, "id2label": {"3": "a", "1": "b"}},
    "count_alone": {"num_labels": 3},
    "count_and_null": {"num_labels": 3, "id2label": None},
    "count_is_true": {"num_labels": True},
    "count_is_text": {"num_labels": "3"},
    "count_is_a_fraction": {"num_labels": 3.0},
    "count_is_null": {"num_labels": None},
    "count_is_a_list": {"num_labels": [2]},
    "ids_alone": {"label2id": {"a": 0, "b": 1}},
    "ids_and_count": {"label2id": {"b": 0, "a": 1}, "num_labels": 3},
    "ids_that_differ": {"id2label": {"0": "b", "1": "a"}, "label2id": {"b": 0, "a": 7}},
    "default_names": {"id2label": {"0": "LABEL_0", "1": "LABEL_1"}},
    "one_label_of_several": {"problem_type": "single_label_classification", "id2label": {"3": "x"}},
    "padding_from_the_end": {"pad_token_id": -1},
    "padding_far_from_the_end": {"pad_token_id": -20},
    "padding_before_the_table": {"pad_token_id": -21},
    "padding_behind_the_table": {"pad_token_id": 20},
    "padding_is_text": {"pad_token_id": "0"},
    "padding_is_a_fraction": {"pad_token_id": 1.0},
    "no_padding": {"pad_token_id": None},
    "quick_gelu": {"hidden_act": "quick_gelu"},
    "unknown_activation": {"hidden_act": "maxout"},
    "no_activation": {"hidden_act": None},
}
INPUT_IDS = [[2, 5, 19, 3]]
NUMBERS = [-60.0, -9.5, -3.0, -1.25, -0.5, -1e-3, 0.0, 1e-3, 0.5, 0.75, 1.25, 3.0, 5.75, 6.5, 9.5, 25.0]


def taken(keys: dict) -> dict:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "config.json"
        path.write_text(json.dumps(keys))
        try:
            config = AutoConfig.from_pretrained(folder)
            model = AutoModelForSequenceClassification.from_config(config)
        except Exception as error:
            return {"refused": type(error).__name__}
        model.save_pretrained(folder)
        saved = json.loads(path.read_text())
    return {
        "outputs": model.classifier.out_features,
        "names": [[number, name] for number, name in sorted(config.id2label.items())],
        "padding": model.bert.embeddings.word_embeddings.padding_idx,
        "saved": json.dumps({key: saved[key] for key in SAVED if key in saved}),
    }


def activations() -> dict:
    found = {}
    for name in ACT2FN:
        function = ACT2FN[name]
        if list(function.parameters()) if hasattr(function, "parameters") else False:
            continue
        numbers = torch.tensor(NUMBERS, requires_grad=True)
        values = function(numbers)
        values.sum().backward()
        found[name] = [values.tolist(), numbers.grad.tolist()]
    return found


def roberta_padding() -> dict:
    """The places of tokens, and which rows of the tables get no gradient, where padding counts from the end."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "config.json").write_text(json.dumps({**ROBERTA, "pad_token_id": -1}))
        model = AutoModelForSequenceClassification.from_config(AutoConfig.from_pretrained(folder))
    embeddings = model.roberta.embeddings
    ids = torch.tensor(INPUT_IDS)
    return {
        "input_ids": INPUT_IDS,
        "position_ids": embeddings.create_position_ids_from_input_ids(ids, embeddings.padding_idx).tolist(),
        "zero_rows": [embeddings.word_embeddings.padding_idx, embeddings.position_embeddings.padding_idx],
    }


def main() -> None:
    cases = {name: {"keys": keys, **taken({**TINY, **keys})} for name, keys in CASES.items()}
    recorded = {
        "tiny": TINY, "cases": cases, "numbers": NUMBERS, "activations": activations(), "roberta": roberta_padding(),
    }
    case_lines.write(DATA / "configs.json", recorded)


main()
