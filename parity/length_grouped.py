"""Records orders of rows grouped by length, and batches of similar cost: crates/trainer-data/tests/data/{length_grouped,batch_rebalance}.json,
and those of runs of the Python Trainer in the files of the same names in crates/trainer-core/tests/data.

Row `i` has the length `i * i * 7 % modulus + 1`; the model and the rows of the run are those of `crates/trainer-core/tests/it/support`,
without dropout.
"""

import tempfile
from pathlib import Path

import datasets
import torch
from differences import make_model, rows
from transformers import Trainer, TrainingArguments
from transformers.trainer_pt_utils import BatchRebalanceSampler, LengthGroupedSampler

import case_lines

crates = Path(__file__).parent.parent / "crates"


def lengths(count: int, modulus: int) -> list[int]:
    return [row * row * 7 % modulus + 1 for row in range(count)]


def orders() -> list[dict]:
    cases = []
    for count, modulus, batch, seed in [(1, 5, 4, 0), (6, 5, 2, 42), (10, 1, 3, 1), (37, 11, 4, 7), (100, 97, 8, 42), (500, 13, 2, 3), (701, 503, 3, 9)]:
        generator = torch.Generator().manual_seed(seed)
        sampler = LengthGroupedSampler(batch, lengths=lengths(count, modulus), generator=generator)
        cases.append({"count": count, "modulus": modulus, "batch": batch, "seed": seed, "order": list(sampler)})
    return cases


def batches() -> list[dict]:
    cases = []
    for count, modulus, rows_of_step, batches_of_step, seed, drop_last in [
        (0, 5, 4, 2, 42, False), (1, 5, 8, 4, 1, False), (6, 5, 2, 1, 42, True), (7, 5, 2, 2, 42, False), (10, 1, 3, 3, 1, False), (37, 11, 8, 4, 7, True),
        (37, 11, 8, 4, 7, False), (100, 97, 32, 8, 42, False), (101, 97, 64, 4, 5, True), (500, 13, 100, 2, 3, False),
        (701, 503, 128, 16, 9, False), (701, 1009, 700, 3, 9, False), (300, 40009, 60, 6, 2, True)]:
        sampler = BatchRebalanceSampler(
            lengths(count, modulus), rows_of_step, 1, batches_of_step, seed=seed, drop_last=drop_last)
        epochs = []
        for epoch in range(2):
            sampler.set_epoch(epoch)
            epochs.append(list(sampler))
            assert len(epochs[-1]) == len(sampler)
        cases.append({
            "count": count, "modulus": modulus, "rows_of_step": rows_of_step, "batches_of_step": batches_of_step, "seed": seed,
            "drop_last": drop_last, "epochs": epochs})
    return cases


def run(strategy="group_by_length", **args) -> list[list[int]]:
    """The rows of the batches of two epochs of 30, in batches of 4, or of several sizes, of which two are a step."""
    data = datasets.Dataset.from_list(rows(30)).add_column("size", lengths(30, 17))
    seen = []

    def noting(outputs, labels, num_items_in_batch=None):
        return torch.nn.functional.cross_entropy(outputs.logits, labels)

    class Noting(Trainer):
        def training_step(self, model, inputs, num_items_in_batch=None):
            inputs.pop("size", None)
            first = inputs["input_ids"][:, 0]
            seen.append(((first - 3) * 6 % 37).tolist())
            return super().training_step(model, inputs, num_items_in_batch)

    with tempfile.TemporaryDirectory() as folder:
        arguments = TrainingArguments(
            output_dir=folder, use_cpu=True, disable_tqdm=True, num_train_epochs=2, per_device_train_batch_size=4,
            gradient_accumulation_steps=2, save_strategy="no", report_to=[], train_sampling_strategy=strategy, **args)
        Noting(make_model(0.0), arguments, train_dataset=data, compute_loss_func=noting).train()
    return seen


if __name__ == "__main__":
    case_lines.write(crates / "trainer-data/tests/data/length_grouped.json", {"torch": torch.__version__, "cases": orders()})
    case_lines.write(crates / "trainer-data/tests/data/batch_rebalance.json", {"cases": batches()})
    runs = {
        # By default Python drops the column before it reads the lengths.
        "dropped": run(length_column_name="size"),
        "by_column": run(length_column_name="size", remove_unused_columns=False),
        "by_input_ids": run(),
        "other_seed": run(length_column_name="size", remove_unused_columns=False, seed=5, data_seed=9),
    }
    runs = {name: sum(batches, []) for name, batches in runs.items()}
    case_lines.write(crates / "trainer-core/tests/data/length_grouped.json", {"torch": torch.__version__, **runs})
    by_column = {"strategy": "batch_rebalance", "length_column_name": "size", "remove_unused_columns": False}
    runs = {
        "by_column": run(**by_column),
        "other_seed": run(**by_column, seed=5, data_seed=9),
        "drop_last": run(**by_column, dataloader_drop_last=True),
    }
    case_lines.write(crates / "trainer-core/tests/data/batch_rebalance.json", runs)
