"""Records what PyTorch's gradient scaler does, for `crates/trainer-core/tests/it/grad_scaler.rs`.

    python parity/grad_scaler.py

writes crates/trainer-core/tests/data/grad_scaler.json and, of the same scaler at its end, scaler.pt beside it. Needs torch 2.11.0.
Each of `steps` has the factor of the loss, which may overflow, and what came of it: the scaled loss, the gradient after
`unscale_`, whether the optimizer was called, and the state after `update`.
"""

import pathlib

import torch

import case_lines

DATA = pathlib.Path(__file__).parent.parent / "crates/trainer-core/tests/data"
NUMBERS = {"init_scale": 3.0e37, "growth_factor": 1.7, "backoff_factor": 0.3, "growth_interval": 3}
WEIGHT = [0.1, -2.7, 3.3]
FACTORS = [1.0, 30.0, 1.1, 0.7, 0.9, 1.3, 1.7, 1e-3, 2.9, float("nan"), 0.3, 0.1, 0.2]


class Noted(torch.optim.SGD):
    """Tells whether it was called."""

    called = False

    def step(self, closure=None):
        self.called = True


def main():
    scaler = torch.amp.GradScaler("cpu", **NUMBERS)
    steps = []
    for factor in FACTORS:
        weight = torch.tensor(WEIGHT, requires_grad=True)
        optimizer = Noted([weight], lr=0.1)
        loss = (weight * weight).sum() * factor
        scaled = scaler.scale(loss)
        scaled.backward()
        scaler.unscale_(optimizer)
        grad = weight.grad.tolist()
        scaler.step(optimizer)
        scaler.update()
        texts = {"factor": str(factor), "scaled": str(scaled.item()), "grad": [str(value) for value in grad]}
        steps.append({**texts, "called": optimizer.called, "state": scaler.state_dict()})
    case_lines.write(DATA / "grad_scaler.json", {"weight": WEIGHT, "numbers": NUMBERS, "steps": steps})
    torch.save(scaler.state_dict(), DATA / "scaler.pt")


if __name__ == "__main__":
    main()
