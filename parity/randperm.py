"""Records torch.randperm for the tests of trainer-data's samplers: crates/trainer-data/tests/data/randperm.json."""

import hashlib
import pathlib

import torch

import case_lines

cases = []
for n, seed in [(0, 1), (1, 1), (2, 3), (10, 42), (10, 43), (10, 42 + 2**32), (100, 0), (700, 7), (3668, 42), (3668, 43), (5749, 2**32 - 1), (200000, 123)]:
    order = torch.randperm(n, generator=torch.Generator().manual_seed(seed)).tolist()
    cases.append(
        {
            "n": n,
            "seed": seed,
            "first": order[:20],
            "last": order[-20:],
            # Of the numbers in decimal, one to a line.
            "sha256": hashlib.sha256("".join(f"{row}\n" for row in order).encode()).hexdigest(),
        }
    )
# From 2**32 / 20 elements on torch draws otherwise: 2 GB and half a minute.
n = 214748364
order = torch.randperm(n, generator=torch.Generator().manual_seed(5))
wide = {"n": n, "seed": 5, "first": order[:20].tolist(), "last": order[-20:].tolist()}
folder = pathlib.Path(__file__).parent.parent / "crates/trainer-data/tests/data"
case_lines.write(folder / "randperm.json", {"torch": torch.__version__, "cases": cases, "wide": wide})
