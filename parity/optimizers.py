"""Records what PyTorch's optimizers do to a few weights, for `crates/trainer-core/tests/it/optimizers.rs`.

    python parity/optimizers.py

needs torch 2.11.0 and transformers 5.23.0. Weights and gradients are drawn once and recorded with the results.

Beside each weight stands its `rounding`: how large the numbers were that a step added and divided to make it, summed over the steps.
Another processor may round each of them differently, so a weight's error is measured in units of `rounding` times 2^-24, whatever
cancelled on the way; see `Rounding`.
"""

import pathlib

import torch
from transformers.optimization import Adafactor

import case_lines

OUT = pathlib.Path(__file__).parent.parent / "crates/trainer-core/tests/data/optimizers.json"
SHAPES = {"dense.weight": (5, 7), "classifier.weight": (3, 5), "dense.bias": (7,), "LayerNorm.weight": (19,)}
DECAYED = ["dense.weight", "classifier.weight"]
STEPS = 5
LR = 0.1
CASES = [
    ("adamw_torch_fused", {"betas": (0.9, 0.999), "eps": 1e-8, "fused": True}),
    ("adamw_torch", {"betas": (0.9, 0.999), "eps": 1e-8}),
    ("adamw_torch", {"betas": (0.8, 0.98), "eps": 1e-2}),
    ("adamw_torch_fused", {"betas": (0.8, 0.98), "eps": 1e-2, "fused": True}),
    ("sgd", {}),
    ("sgd", {"momentum": 0.9, "dampening": 0.1}),
    ("sgd", {"momentum": 0.9, "nesterov": True}),
    ("adagrad", {}),
    ("adagrad", {"lr_decay": 0.1, "initial_accumulator_value": 0.5, "eps": 1e-2}),
    ("rmsprop", {}),
    ("rmsprop", {"momentum": 0.9, "centered": True, "alpha": 0.95}),
    ("rmsprop", {"eps": 1e-2}),
    ("adafactor", {}),
    ("adafactor", {"beta1": 0.9}),
    ("adafactor", {"eps": (1e-3, 1e-3), "clip_threshold": 0.8, "decay_rate": -0.5}),
]
CLASSES = {
    "adamw_torch_fused": torch.optim.AdamW,
    "adamw_torch": torch.optim.AdamW,
    "sgd": torch.optim.SGD,
    "adagrad": torch.optim.Adagrad,
    "rmsprop": torch.optim.RMSprop,
    "adafactor": lambda groups, **kwargs: Adafactor(groups, scale_parameter=False, relative_step=False, **kwargs),
}


class Rounding:
    """The size of what a weight is made of, in double precision: one object a weight.

    Every rule is `weight -= lr * N / D`. `N` is a sum whose terms may cancel: its error is a few units of the sum of their absolute values,
    which goes through the same decays (`terms`). `D` is a root of a mean of squares, whose relative error is a few units, but for the centered
    RMSprop: there a square is subtracted, and the error is magnified by `mean of squares / difference`.
    """

    def __init__(self, weight):
        self.sum = torch.zeros_like(weight)
        self.terms = torch.zeros_like(weight)
        self.square = None
        self.mean = torch.zeros_like(weight)
        self.step = 0

    def add(self, name, kwargs, weight, grad, lr, weight_decay):
        self.step += 1
        self.sum += weight.abs()
        size = grad.abs()
        if name in ("sgd", "adagrad", "rmsprop"):
            size = size + weight_decay * weight.abs()
            grad = grad + weight_decay * weight
        self.sum += lr * getattr(self, name.removesuffix("_torch_fused").removesuffix("_torch"))(grad, size, **kwargs)

    def moment(self, decay, share, value):
        self.terms = decay * self.terms + share * value
        return self.terms

    def squares(self, grad, decay, share, start=0.0):
        self.square = decay * (torch.full_like(grad, start) if self.square is None else self.square) + share * grad**2
        return self.square

    def adamw(self, grad, size, betas, eps, fused=False):
        first = self.moment(betas[0], 1 - betas[0], size) / (1 - betas[0] ** self.step)
        second = self.squares(grad, betas[1], 1 - betas[1]) / (1 - betas[1] ** self.step)
        return first / (second.sqrt() + eps)

    def sgd(self, grad, size, momentum=0.0, dampening=0.0, nesterov=False):
        first = self.moment(momentum, 1 if self.step == 1 else 1 - dampening, size)
        return size + momentum * first if nesterov else first

    def adagrad(self, grad, size, lr_decay=0.0, initial_accumulator_value=0.0, eps=1e-10):
        return size / (self.squares(grad, 1, 1, initial_accumulator_value).sqrt() + eps) / (1 + (self.step - 1) * lr_decay)

    def rmsprop(self, grad, size, momentum=0.0, centered=False, alpha=0.99, eps=1e-8):
        square = self.squares(grad, alpha, 1 - alpha)
        variance = square
        if centered:
            self.mean = alpha * self.mean + (1 - alpha) * grad
            variance = square - self.mean**2
        magnified = torch.where(square > 0, square / variance, 1.0)
        return self.moment(momentum, 1, size / (variance.sqrt() + eps) * magnified)

    def adafactor(self, grad, size, beta1=None, eps=(1e-30, 1e-3), clip_threshold=1.0, decay_rate=-0.8):
        beta2 = 1 - self.step**decay_rate
        square = self.squares((grad**2 + eps[0]).sqrt(), beta2, 1 - beta2)
        if grad.dim() >= 2:
            row, column = square.mean(-1, keepdim=True), square.mean(-2, keepdim=True)
            square = row / row.mean(-2, keepdim=True) * column
        update = size / square.sqrt()
        update = update / (update.square().mean().sqrt() / clip_threshold).clamp(min=1.0)
        return self.moment(beta1, 1 - beta1, update) if beta1 else update


def record(tensor):
    """Float32 numbers as the float64 that they are."""
    return tensor.detach().double().reshape(-1).tolist()


def main():
    torch.manual_seed(0)
    weights = {name: torch.randn(shape) for name, shape in SHAPES.items()}
    # The third step has no gradient for one weight; the gradients of the others grow, so that clipping matters. One element's gradient is
    # always zero: what is added to a denominator matters there, however small.
    grads = [{name: torch.randn(shape) * (step + 1) / 4 for name, shape in SHAPES.items()} for step in range(STEPS)]
    del grads[2]["classifier.weight"]
    for grad in grads:
        grad["LayerNorm.weight"][3] = 0.0
    cases = []
    for name, kwargs in CASES:
        parameters = {key: torch.nn.Parameter(value.clone()) for key, value in weights.items()}
        groups = [
            {"params": [value for key, value in parameters.items() if key in DECAYED], "weight_decay": 0.1},
            {"params": [value for key, value in parameters.items() if key not in DECAYED], "weight_decay": 0.0},
        ]
        optimizer = CLASSES[name](groups, lr=LR, **kwargs)
        rounding = {key: Rounding(value.double()) for key, value in weights.items()}
        steps = []
        for step in range(STEPS):
            for key, parameter in parameters.items():
                parameter.grad = grads[step][key].clone() if key in grads[step] else None
            norm = torch.nn.utils.clip_grad_norm_(parameters.values(), 1.0)
            for group in optimizer.param_groups:
                group["lr"] = LR * (1 - step / 8)
                for key, parameter in parameters.items():
                    if parameter.grad is not None and any(parameter is member for member in group["params"]):
                        before, grad = parameter.detach().double(), parameter.grad.double()
                        rounding[key].add(name, kwargs, before, grad, group["lr"], group["weight_decay"])
            optimizer.step()
            steps.append({
                "norm": norm.item(),
                "weights": {key: record(value) for key, value in parameters.items()},
                "rounding": {key: [float(f"{size:.3g}") for size in record(value.sum)] for key, value in rounding.items()},
            })
        state = optimizer.state_dict()
        cases.append({
            "optimizer": name,
            "kwargs": kwargs,
            "steps": steps,
            "group_keys": list(state["param_groups"][0]),
            "state_keys": {str(number): list(entry) for number, entry in state["state"].items()},
            "state_numbers": {
                str(number): {key: float(value) for key, value in entry.items() if key in ("step", "RMS")}
                for number, entry in state["state"].items()
            },
        })
    recorded = {
        "torch": torch.__version__,
        "lr": LR,
        "shapes": SHAPES,
        "decayed": DECAYED,
        "weights": {key: record(value) for key, value in weights.items()},
        "grads": [{key: record(value) for key, value in step.items()} for step in grads],
        "cases": cases,
    }
    case_lines.write(OUT, recorded)


if __name__ == "__main__":
    main()
