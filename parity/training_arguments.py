"""Records Python's TrainingArguments for crates/trainer-core/tests/it/training_arguments.rs.

    python parity/training_arguments.py

writes crates/trainer-core/tests/data/training_arguments.json. Made with transformers 5.23.0 on a machine without a GPU.
`fields` are the names and defaults; each of `cases` is what was given, and either the error or what `to_dict` gives back, with
warm-up steps for runs of some lengths, and for some the text of `to_json_string`. What is the same as in the first case is left
out of `values`.
"""

import dataclasses
import itertools
from pathlib import Path

from transformers import TrainingArguments

import case_lines

OUT = Path(__file__).parent.parent / "crates/trainer-core/tests/data/training_arguments.json"
LENGTHS = [1, 7, 100, 1377]


def case(given):
    try:
        args = TrainingArguments(output_dir="out", **given)
    except ValueError as error:
        return {"given": given, "error": str(error).split("\n")[0]}
    warmup = [args.get_warmup_steps(length) for length in LENGTHS]
    recorded = {"given": given, "values": args.to_dict(), "warmup": warmup}
    if len(given) != 1 and not any(name.endswith("_strategy") for name in given):
        recorded["json"] = args.to_json_string()
    return recorded


def cases():
    yield {}
    for steps in [0, 0.05, 0.1, 0.3, 0.999, 1, 1.5, 7, -1]:
        yield {"warmup_steps": steps}
    for name in ["logging", "eval", "save"]:
        for strategy, steps in itertools.product(["no", "steps", "epoch"], [0.1, 1, 1.5, 10, 10.0, 10.5]):
            yield {f"{name}_strategy": strategy, f"{name}_steps": steps}
    for strategy, steps in itertools.product(["no", "steps", "epoch"], [0, 0.25, 3]):
        yield {"logging_strategy": strategy, "logging_steps": steps, "eval_strategy": "steps"}
        yield {"logging_steps": steps or 5, "eval_strategy": strategy, "eval_steps": 0}
    for save, eval_ in itertools.product(["no", "steps", "epoch", "best"], ["steps", "epoch"]):
        yield {"load_best_model_at_end": True, "save_strategy": save, "eval_strategy": eval_}
        yield {"save_strategy": save, "eval_strategy": eval_, "metric_for_best_model": "f1"}
    for save, eval_ in [(10, 5), (10, 4), (0.5, 0.25), (0.3, 0.1), (0.5, 0.3), (10, 0.5), (0.5, 10), (10, 10.0), (7, 1)]:
        yield {"load_best_model_at_end": True, "eval_strategy": "steps", "save_steps": save, "eval_steps": eval_}
    for metric, greater in itertools.product([None, "loss", "eval_loss", "accuracy", "my_loss_x"], [None, True, False]):
        yield {"metric_for_best_model": metric, "greater_is_better": greater}
        yield {
            "metric_for_best_model": metric,
            "greater_is_better": greater,
            "load_best_model_at_end": True,
            "eval_strategy": "epoch",
            "save_strategy": "epoch",
        }
    for schedule, eval_ in itertools.product(["reduce_lr_on_plateau", "greedy", "cosine"], ["no", "epoch"]):
        yield {"lr_scheduler_type": schedule, "eval_strategy": eval_}
    for workers, factor in itertools.product([0, 2], [None, 2]):
        yield {"dataloader_num_workers": workers, "dataloader_prefetch_factor": factor}
    for report in ["none", ["none"], []]:
        yield {"report_to": report}
    for tokens in ["all", "non_padding", "no", True, False]:
        yield {"include_num_input_tokens_seen": tokens}
    yield {"use_cpu": True}
    yield {"do_eval": False, "eval_strategy": "epoch"}
    yield {"learning_rate": 3e-5, "num_train_epochs": 1.5, "weight_decay": 0.01, "adam_epsilon": 1e-16, "max_grad_norm": 1e22}
    yield {"lr_scheduler_type": "polynomial", "lr_scheduler_kwargs": {"lr_end": 1e-7, "power": 2}, "label_names": ["a", "b"]}
    yield {"fp16": True, "bf16": True, "use_cpu": True}
    yield {"fp16_full_eval": True, "bf16_full_eval": True, "use_cpu": True}
    for name in ["bf16", "bf16_full_eval", "fp16_full_eval"]:
        yield {name: True, "use_cpu": True}
    yield {"tf32": False, "use_cpu": True}
    yield {"torch_empty_cache_steps": 0}
    yield {"optim": "sgd", "optim_args": "momentum=0.9", "seed": 7, "data_seed": 8, "save_total_limit": 2, "run_name": "ä\n\"😀\x7f"}
    yield {"disable_tqdm": True, "hub_token": "secret", "max_steps": 10, "gradient_accumulation_steps": 4}


def main():
    fields = [
        {
            "name": field.name,
            "default": field.default_factory() if field.default is dataclasses.MISSING else field.default,
        }
        for field in dataclasses.fields(TrainingArguments)
        if field.init
    ]
    recorded = {"fields": fields, "lengths": LENGTHS, "cases": [case(given) for given in cases()]}
    base = recorded["cases"][0]["values"]
    for each in recorded["cases"][1:]:
        if "values" in each:
            each["values"] = {name: value for name, value in each["values"].items() if value != base[name]}
    case_lines.write(OUT, recorded, default=str)


main()
