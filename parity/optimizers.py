"""Records what PyTorch's optimizers do to a few weights, for `crates/trainer-core/tests/optimizers.rs`.

    python parity/optimizers.py

needs torch 2.11.0 and transformers 5.23.0. Weights and gradients are drawn once and recorded with the results.
"""

import json
import pathlib

import torch
from transformers.optimization import Adafactor

OUT = pathlib.Path(__file__).parent.parent / "crates/trainer-core/tests/data/optimizers.json"
SHAPES = {"dense.weight": (5, 7), "classifier.weight": (3, 5), "dense.bias": (7,), "LayerNorm.weight": (19,)}
DECAYED = ["dense.weight", "classifier.weight"]
STEPS = 5
LR = 3e-3
CASES = [
    ("adamw_torch_fused", {"betas": (0.9, 0.999), "eps": 1e-8, "fused": True}),
    ("adamw_torch", {"betas": (0.9, 0.999), "eps": 1e-8}),
    ("adamw_torch", {"betas": (0.8, 0.98), "eps": 1e-6}),
    ("sgd", {}),
    ("sgd", {"momentum": 0.9, "dampening": 0.1}),
    ("sgd", {"momentum": 0.9, "nesterov": True}),
    ("adagrad", {}),
    ("adagrad", {"lr_decay": 0.1, "initial_accumulator_value": 0.5}),
    ("rmsprop", {}),
    ("rmsprop", {"momentum": 0.9, "centered": True, "alpha": 0.95}),
    ("adafactor", {}),
    ("adafactor", {"beta1": 0.9}),
]
CLASSES = {
    "adamw_torch_fused": torch.optim.AdamW,
    "adamw_torch": torch.optim.AdamW,
    "sgd": torch.optim.SGD,
    "adagrad": torch.optim.Adagrad,
    "rmsprop": torch.optim.RMSprop,
    "adafactor": lambda groups, **kwargs: Adafactor(groups, scale_parameter=False, relative_step=False, **kwargs),
}


def record(tensor):
    """Float32 numbers as the float64 that they are."""
    return tensor.detach().double().reshape(-1).tolist()


def main():
    torch.manual_seed(0)
    weights = {name: torch.randn(shape) for name, shape in SHAPES.items()}
    # The third step has no gradient for one weight; the gradients of the others grow, so that clipping matters.
    grads = [{name: torch.randn(shape) * (step + 1) / 4 for name, shape in SHAPES.items()} for step in range(STEPS)]
    del grads[2]["classifier.weight"]
    cases = []
    for name, kwargs in CASES:
        parameters = {key: torch.nn.Parameter(value.clone()) for key, value in weights.items()}
        groups = [
            {"params": [value for key, value in parameters.items() if key in DECAYED], "weight_decay": 0.01},
            {"params": [value for key, value in parameters.items() if key not in DECAYED], "weight_decay": 0.0},
        ]
        optimizer = CLASSES[name](groups, lr=LR, **kwargs)
        steps = []
        for step in range(STEPS):
            for key, parameter in parameters.items():
                parameter.grad = grads[step][key].clone() if key in grads[step] else None
            norm = torch.nn.utils.clip_grad_norm_(parameters.values(), 1.0)
            for group in optimizer.param_groups:
                group["lr"] = LR * (1 - step / 8)
            optimizer.step()
            steps.append({"norm": norm.item(), "weights": {key: record(value) for key, value in parameters.items()}})
        state = optimizer.state_dict()
        cases.append({
            "optimizer": name,
            "kwargs": kwargs,
            "steps": steps,
            "group_keys": list(state["param_groups"][0]),
            "state_keys": {str(number): list(entry) for number, entry in state["state"].items()},
        })
    OUT.write_text(json.dumps({
        "torch": torch.__version__,
        "lr": LR,
        "shapes": SHAPES,
        "decayed": DECAYED,
        "weights": {key: record(value) for key, value in weights.items()},
        "grads": [{key: record(value) for key, value in step.items()} for step in grads],
        "cases": cases,
    }) + "\n")


if __name__ == "__main__":
    main()
