"""Compares what two programs left of the same cases, bit by bit, and prints a table.

    python parity/compare_cases.py CASES.json PYTHON_FOLDER RUST_FOLDER [--resumed]

Of each case the checkpoint of its last step and the state at the end are compared: every value of the state and its log
except speeds, every weight, the optimizer's and the schedule's state, the state of the CPU's generator, and the
predictions. A whole number is the same as an int and as a float. With --resumed one side is a run that was resumed and the
other one that was not: `train_loss`, the mean over the steps of the last call, is left out. Ends with status 1 if anything
differs.
"""

import json
import sys
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file

SPEEDS = ("_runtime", "_per_second")


def checkpoint(folder: Path) -> Path:
    found = sorted(folder.glob("checkpoint-*"), key=lambda path: int(path.name.rsplit("-", 1)[1]))
    if not found:
        raise FileNotFoundError(f"{folder} has no checkpoint")
    return found[-1]


def state(folder: Path, ending: str, left_out: tuple) -> dict:
    """Every value of a `trainer_state.json` but those left out, and paths, which cannot be equal."""
    path = folder / "trainer_state.json"
    if not path.exists():
        return {}
    found = json.loads(path.read_text())
    del found["best_model_checkpoint"]
    found["log_history"] = [
        {key: value for key, value in entry.items() if not key.endswith(left_out)} for entry in found["log_history"]
    ]
    return flattened(f"state {ending}", found)


def flattened(prefix: str, value) -> dict:
    if isinstance(value, dict):
        pairs = value.items()
    elif isinstance(value, (list, tuple)):
        pairs = enumerate(value)
    else:
        return {prefix: value}
    return {key: leaf for name, part in pairs for key, leaf in flattened(f"{prefix} {name}", part).items()}


def everything(folder: Path, left_out: tuple) -> dict:
    """Every value that must be equal, by a name that tells where it stands."""
    last = checkpoint(folder)
    values = {**state(last, "of the last checkpoint", left_out), **state(folder, "at the end", left_out)}
    values.update({f"weight {name}": tensor for name, tensor in load_file(last / "model.safetensors").items()})
    for name in ("optimizer.pt", "scheduler.pt"):
        if (last / name).exists():
            values.update(flattened(name, torch.load(last / name, weights_only=True, map_location="cpu")))
    if (last / "rng_state.pth").exists():
        values["generator"] = torch.load(last / "rng_state.pth", weights_only=False)["cpu"]
    if (folder / "predictions.json").exists():
        values["predictions"] = torch.tensor(json.loads((folder / "predictions.json").read_text()))
    return values


def bits(value):
    if isinstance(value, torch.Tensor):
        return (tuple(value.shape), value.dtype, value.contiguous().numpy().tobytes())
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return np.float64(value).tobytes()
    return value


def size(value) -> int:
    return value.numel() if isinstance(value, torch.Tensor) else 1


def difference(name: str, python, rust) -> str:
    if isinstance(python, torch.Tensor) and isinstance(rust, torch.Tensor) and python.shape == rust.shape:
        apart = (python.double() - rust.double()).abs()
        return f"{name}: {int((apart > 0).sum())} of {apart.numel()} differ, by up to {apart.max().item():.3g}"
    return f"{name}: {python!r} in Python, {rust!r} in Rust"[:200]


def compare(python: Path, rust: Path, left_out: tuple) -> tuple[int, list[str]]:
    left, right = everything(python, left_out), everything(rust, left_out)
    wrong = [f"only Python has {name}" for name in left if name not in right]
    wrong += [f"only Rust has {name}" for name in right if name not in left]
    both = [name for name in left if name in right]
    wrong += [difference(name, left[name], right[name]) for name in both if bits(left[name]) != bits(right[name])]
    return sum(size(left[name]) for name in both), wrong


def main() -> None:
    cases = json.loads(Path(sys.argv[1]).read_text())
    python, rust = Path(sys.argv[2]), Path(sys.argv[3])
    left_out = (*SPEEDS, "train_loss") if "--resumed" in sys.argv else SPEEDS
    failed = 0
    print(f"{'case':<40} {'values compared':>16}  first difference")
    for case in cases:
        name = case["name"]
        count, wrong = compare(python / name, rust / name, left_out)
        failed += bool(wrong)
        print(f"{name:<40} {count:>16,}  {wrong[0] if wrong else 'none'}")
    print(f"{len(cases) - failed} of {len(cases)} cases are equal to the last bit")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
