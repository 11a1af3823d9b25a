"""Records the learning rates of every schedule of transformers, for `crates/trainer-core/tests/it/schedules.rs`.

    python parity/schedules.py

needs torch 2.11.0 and transformers 5.23.0.
"""

import pathlib

import torch
from transformers.optimization import get_scheduler

import case_lines

OUT = pathlib.Path(__file__).parent.parent / "crates/trainer-core/tests/data/schedules.json"
STEPS = [
    ("linear", {}),
    ("cosine", {}),
    ("cosine", {"num_cycles": 1.25}),
    ("cosine_with_restarts", {"num_cycles": 2}),
    ("polynomial", {"power": 2.0, "lr_end": 1e-7}),
    ("polynomial", {}),
    ("constant", {}),
    ("constant_with_warmup", {}),
    ("inverse_sqrt", {}),
    ("inverse_sqrt", {"timescale": 7}),
    ("cosine_with_min_lr", {"min_lr": 1e-6}),
    ("cosine_with_min_lr", {"min_lr_rate": 0.3, "num_cycles": 1.0}),
    ("cosine_warmup_with_min_lr", {"min_lr": 1e-6}),
    ("cosine_warmup_with_min_lr", {"min_lr_rate": 0.1, "warmup_lr_rate": 0.2}),
    ("warmup_stable_decay", {"num_decay_steps": 3, "min_lr_ratio": 0.1}),
    ("warmup_stable_decay", {"num_decay_steps": 3, "decay_type": "1-sqrt"}),
    ("warmup_stable_decay", {"num_decay_steps": 4, "num_stable_steps": 2, "warmup_type": "cosine", "decay_type": "linear"}),
    ("warmup_stable_decay", {"num_decay_steps": 4, "warmup_type": "1-sqrt"}),
]
METRICS = [
    ("reduce_lr_on_plateau", {"patience": 1, "factor": 0.5}),
    ("reduce_lr_on_plateau", {"mode": "max", "patience": 0, "threshold_mode": "abs", "cooldown": 2, "min_lr": [1e-6, 1e-5]}),
    ("greedy", {"patience": 1, "min_lr": 1e-6, "max_lr": 1e-4}),
    ("greedy", {"patience": 0, "min_lr": 4.6e-5, "smooth": True, "window_size": 3, "reset_start": 2, "warmup": 1}),
    ("greedy", {"mode": "max", "patience": 0, "cooldown": 1, "threshold_mode": "rel", "min_lr": [1e-6, 1e-5], "max_lr": 1e-3}),
]
VALUES = [0.9, 0.8, 0.7, 0.71, 0.72, 0.73, 0.69, 0.69, 0.6900001, 0.7, 0.71, 0.72, 0.5, 0.6, 0.7, 0.8, 0.81, 0.82, 0.83, 0.84]


def groups(lr):
    """Two groups with the same rate, as the Trainer makes them."""
    parameters = [torch.nn.Parameter(torch.zeros(1)) for _ in range(2)]
    return torch.optim.SGD([{"params": [parameter]} for parameter in parameters], lr=lr)


def plain(value):
    """Infinity is no JSON."""
    return {key: str(entry) if entry in (float("inf"), float("-inf")) else entry for key, entry in value.items()}


def main():
    cases = []
    for kind, kwargs in STEPS:
        for lr, warmup, total in [(5e-5, 2, 10), (5e-5, 0, 7), (3e-4, 7, 23)]:
            optimizer = groups(lr)
            scheduler = get_scheduler(kind, optimizer, warmup, total, kwargs)
            rates = [scheduler.get_last_lr()[0]]
            for _ in range(total + 3):
                optimizer.step()
                scheduler.step()
                rates.append(scheduler.get_last_lr()[1])
            cases.append({"kind": kind, "kwargs": kwargs, "lr": lr, "warmup": warmup, "total": total, "rates": rates,
                          "state": scheduler.state_dict()})
    metrics = []
    for kind, kwargs in METRICS:
        optimizer = groups(5e-5)
        scheduler = get_scheduler(kind, optimizer, 0, 10, kwargs)
        rates = []
        for value in VALUES:
            scheduler.step(value)
            rates.append([group["lr"] for group in optimizer.param_groups])
        metrics.append({"kind": kind, "kwargs": kwargs, "lr": 5e-5, "values": VALUES, "rates": rates,
                        "state": plain(scheduler.state_dict())})
    case_lines.write(OUT, {"torch": torch.__version__, "steps": cases, "metrics": metrics})


if __name__ == "__main__":
    main()
