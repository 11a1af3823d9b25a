"""Writes a checkpoint's binary files with Python, and checks those that Rust wrote.

    python parity/checkpoint_files.py write [FOLDER]   # default: crates/trainer-torch/tests/data
    python parity/checkpoint_files.py check FOLDER     # what `cargo test -p trainer-torch python_files::` wrote

needs torch 2.11.0, transformers 5.23.0 and numpy. The check takes the very calls of Hugging Face's Trainer.
"""

import collections
import pathlib
import random
import sys

import numpy as np
import torch
from transformers.optimization import get_scheduler
from transformers.trainer_pt_utils import safe_globals
from transformers.trainer_utils import set_seed

DATA = pathlib.Path(__file__).parent.parent / "crates/trainer-torch/tests/data"


def make():
    """A small net after three steps of AdamW and a linear schedule."""
    torch.manual_seed(0)
    net = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.Tanh(), torch.nn.Linear(3, 2))
    weights = [parameter for name, parameter in net.named_parameters() if "weight" in name]
    biases = [parameter for name, parameter in net.named_parameters() if "bias" in name]
    groups = [{"params": weights, "weight_decay": 0.01}, {"params": biases, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=1e-2, fused=True)
    scheduler = get_scheduler("linear", optimizer, 2, 10)
    for _ in range(3):
        net(torch.randn(8, 4)).square().mean().backward()
        optimizer.step()
        scheduler.step()
        optimizer.zero_grad()
    return optimizer, scheduler


def rng_state():
    return {"python": random.getstate(), "numpy": np.random.get_state(), "cpu": torch.random.get_rng_state()}


def write(folder):
    optimizer, scheduler = make()
    torch.save(optimizer.state_dict(), folder / "optimizer.pt")
    torch.save(scheduler.state_dict(), folder / "scheduler.pt")
    set_seed(42)
    torch.rand(5), random.random(), np.random.rand()
    random.gauss(0, 1), np.random.randn()
    torch.save(rng_state(), folder / "rng_state.pth")
    whole = torch.arange(24.0)
    defaults = collections.defaultdict(dict)
    defaults["a"][1] = 2
    mixed = {
        "none": None, "bools": [True, False], "ints": [0, 255, 256, 65536, -1, 2**31, -(2**40), 2**62], "float": 0.1,
        "text": "naïve ✓", "tuple": (), "nested": ((1,), [(2, 3), {}]), 7: "seven", 1.5: "one and a half",
        "defaultdict": defaults, "ordered": collections.OrderedDict([("z", 1), ("a", 2)]),
        "shared": [whole, whole[4:10], whole.view(4, 6).t()],
        "dtypes": [torch.tensor([1, 2]).to(dtype) for dtype in (
            torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.int64, torch.int32, torch.int16,
            torch.int8, torch.uint8, torch.bool, torch.complex64)],
        "scalar": torch.tensor(3.5), "empty": torch.empty(0, 3), "numpy": np.float64(2.5), "size": torch.Size([2, 3]),
        "parameter": torch.nn.Parameter(torch.ones(2)), "bytes": b"\x00\xff",
    }
    torch.save(mixed, folder / "mixed.pt")
    torch.save({"run": print}, folder / "refused.pt")


def same(left, right, where=""):
    assert type(left) is type(right), (where, type(left), type(right))
    if isinstance(left, dict):
        assert list(left) == list(right), (where, list(left), list(right))
        for key in left:
            same(left[key], right[key], f"{where}[{key!r}]")
    elif isinstance(left, (list, tuple)):
        assert len(left) == len(right), where
        for index, (a, b) in enumerate(zip(left, right)):
            same(a, b, f"{where}[{index}]")
    elif isinstance(left, torch.Tensor):
        assert left.dtype == right.dtype and torch.equal(left, right), where
    elif isinstance(left, np.ndarray):
        assert left.dtype == right.dtype and (left == right).all(), where
    else:
        assert left == right, (where, left, right)


def check(folder):
    for name in ("optimizer.pt", "scheduler.pt"):
        read = torch.load(folder / name, map_location="cpu", weights_only=True)
        same(torch.load(DATA / name, weights_only=True), read, name)
        torch.load(folder / name, map_location="cpu", weights_only=True, mmap=True)
    optimizer, scheduler = make()
    optimizer.load_state_dict(torch.load(folder / "optimizer.pt", weights_only=True))
    scheduler.load_state_dict(torch.load(folder / "scheduler.pt", weights_only=True))
    with safe_globals():
        read = torch.load(folder / "rng_state.pth", weights_only=True)
        same(torch.load(DATA / "rng_state.pth", weights_only=True), read, "rng_state.pth")
    random.setstate(read["python"])
    np.random.set_state(read["numpy"])
    torch.random.set_rng_state(read["cpu"])
    seeded = folder / "seeded.pth"
    with safe_globals():
        read = torch.load(seeded, weights_only=True)
    set_seed(1234)
    same(rng_state(), read, "seeded.pth")
    print("Python reads what Rust wrote, and it is the same")


if __name__ == "__main__":
    task, folder = sys.argv[1], pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else DATA)
    {"write": write, "check": check}[task](folder)
