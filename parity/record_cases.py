"""Records what Python's runs of the cases ended with, for `crates/trainer/tests/it/recorded_cases.rs`.

    python parity/record_cases.py CASES.json FOLDER FOLDER_WITHOUT_DROPOUT

takes the two folders that `parity/cases.py` filled, as `cargo xtask parity --record` calls it, and puts these cases into
`parity/recorded.json`; other cases that stand there stay. Of each case: every logged value but speeds, the norm of every weight by
its name (but the biases of attention's keys, which the softmax does not see: their gradient is nothing but rounding) and of every
tensor of the optimizer by its number, and the predictions. What dropout drops depends on the processor, so there is one recording
for each mask that was met, and values without dropout for processors that draw another. Cases that compute in 16 bits are left out:
other processors sum their products in other parts, and round each to 8 or 11 bits.
"""

import json
import sys
from pathlib import Path

import torch
from safetensors.torch import load_file

import case_lines
from compare_cases import SPEEDS, checkpoint

OUT = Path(__file__).parent / "recorded.json"
KEY_BIASES = ("key.bias", "k_lin.bias", "attn.k.bias", "key_proj.bias")


def norm(tensor: torch.Tensor) -> float:
    return float(f"{tensor.double().norm().item():.9g}")


def logged(folder: Path) -> dict:
    path = folder / "trainer_state.json"
    found = {}
    for entry in json.loads(path.read_text())["log_history"] if path.exists() else []:
        for key, value in entry.items():
            if not key.endswith(SPEEDS):
                found.setdefault(key, []).append(value)
    return found


def optimizer_norms(folder: Path) -> dict:
    path = folder / "optimizer.pt"
    found = {}
    state = torch.load(path, weights_only=True)["state"] if path.exists() else {}
    for number in sorted(state):
        for name, value in state[number].items():
            if isinstance(value, torch.Tensor) and value.numel() > 1:
                found.setdefault(name, []).append(norm(value))
    return found


def summary(folder: Path) -> dict:
    last = checkpoint(folder)
    weights = load_file(last / "model.safetensors")
    predictions = folder / "predictions.json"
    return {
        "log": logged(last),
        "weights": [norm(weights[name]) for name in sorted(weights) if not name.endswith(KEY_BIASES)],
        "optimizer": optimizer_norms(last),
        "predictions": json.loads(predictions.read_text()) if predictions.exists() else [],
    }


def in_16_bits(case: dict) -> bool:
    return any(case["args"].get(name) for name in ("bf16", "fp16", "bf16_full_eval", "fp16_full_eval"))


def dropout_mask() -> list[int]:
    torch.manual_seed(0)
    return torch.nn.functional.dropout(torch.ones(64), 0.5).bool().int().tolist()


def main() -> None:
    names = [case["name"] for case in json.loads(Path(sys.argv[1]).read_text()) if not in_16_bits(case)]
    with_dropout, without_dropout = ({n: summary(Path(f) / n) for n in names} for f in sys.argv[2:4])
    recorded = json.loads(OUT.read_text()) if OUT.exists() else {"recordings": [], "without_dropout": {}}
    mask = dropout_mask()
    ours = next((r for r in recorded["recordings"] if r["dropout_mask"] == mask), None)
    if ours is None:
        ours = {"dropout_mask": mask, "cases": {}}
        recorded["recordings"].append(ours)
    ours["cases"].update(with_dropout)
    recorded["without_dropout"].update(without_dropout)
    write(recorded)


def write(recorded: dict) -> None:
    """One case a line."""

    def lines(cases: dict) -> str:
        return "{\n" + ",\n".join(f"  {json.dumps(name)}: {json.dumps(case)}" for name, case in cases.items()) + "\n }"

    recordings = ",\n".join(
        f' {{"dropout_mask": {json.dumps(r["dropout_mask"])}, "cases": {lines(r["cases"])}}}' for r in recorded["recordings"]
    )
    text = f'{{"recordings": [\n{recordings}\n],\n"without_dropout": {lines(recorded["without_dropout"])}\n}}\n'
    OUT.write_text(text)


if __name__ == "__main__":
    main()
