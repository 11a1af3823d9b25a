"""The Python Trainer's side of `cargo xtask gpu`: trains and predicts with random weights, on the same rows and in the same way as
`examples/gpu_check`, and prints a line of JSON for each.

    python parity/gpu.py --sizes examples/gpu_check/sizes.json --tiny --device cpu --precision fp32 --batch 16

Needs torch and transformers; without transformers it ends with status 4.
"""

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

try:
    import torch
    from transformers import AutoConfig, AutoModelForSequenceClassification, Trainer, TrainerCallback, TrainingArguments, set_seed
except ImportError as error:
    print(error, file=sys.stderr)
    sys.exit(4)

# As in examples/gpu_check/rows.rs.
FIRST_WORD = 104


def make_rows(lengths, count, vocabulary):
    words = vocabulary - FIRST_WORD

    def word(row, at):
        return (row * 7919 + at * 104729) % words

    return [
        {
            "input_ids": [FIRST_WORD + word(row, at) for at in range(lengths[row * 13 % len(lengths)])],
            "labels": int(word(row, 0) >= words // 2),
        }
        for row in range(count)
    ]


def collate(rows):
    lengths = [len(row["input_ids"]) for row in rows]
    width = max(lengths)
    return {
        "input_ids": torch.tensor([row["input_ids"] + [0] * (width - len(row["input_ids"])) for row in rows]),
        "attention_mask": torch.tensor([[1] * length + [0] * (width - length) for length in lengths]),
        "labels": torch.tensor([row["labels"] for row in rows]),
    }


class Clock(TrainerCallback):
    """Notes when every so many steps have ended, from a first one on."""

    def __init__(self, first, every, waits):
        self.first, self.every, self.waits, self.times = first, every, waits, []

    def on_step_end(self, args, state, control, **kwargs):
        since = state.global_step - self.first
        if since >= 0 and since % self.every == 0:
            if self.waits:
                torch.cuda.synchronize()
            self.times.append(time.perf_counter())


def trainer(size, options, **more):
    set_seed(42)
    config = AutoConfig.for_model(**size["config"], num_labels=2)
    model = AutoModelForSequenceClassification.from_config(config)
    args = TrainingArguments(
        save_strategy="no",
        disable_tqdm=True,
        report_to="none",
        use_cpu=options.device == "cpu",
        per_device_train_batch_size=options.batch,
        per_device_eval_batch_size=options.batch,
        **more.pop("arguments"),
    )
    return Trainer(model=model, args=args, data_collator=collate, **more)


def training(sizes, size, options, folder):
    """Rows a second, in the median of blocks of steps, and the bytes of the device's memory that are in use afterwards."""
    steps = size["warm_up"] + size["steps"]
    on_gpu = options.device == "cuda"
    clock = Clock(size["warm_up"], size["block"], on_gpu)
    rows = make_rows(sizes["lengths"], steps * options.batch, size["config"]["vocab_size"])
    arguments = {"output_dir": folder, "max_steps": steps, "bf16": options.precision == "bf16"}
    trainer(size, options, arguments=arguments, train_dataset=rows, callbacks=[clock]).train()
    blocks = sorted(end - begin for begin, end in zip(clock.times, clock.times[1:]))
    memory = None
    if on_gpu:
        free, total = torch.cuda.mem_get_info()
        memory = total - free
    return size["block"] * options.batch / blocks[len(blocks) // 2], memory


def prediction(sizes, size, options, folder):
    """Rows a second."""
    rows = make_rows(sizes["lengths"], size["predicted"], size["config"]["vocab_size"])
    arguments = {"output_dir": folder, "bf16_full_eval": options.precision == "bf16"}
    made = trainer(size, options, arguments=arguments)
    # Once for the kernels, which a GPU loads when they are first asked for.
    made.predict(rows)
    return made.predict(rows).metrics["test_samples_per_second"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=Path, required=True)
    parser.add_argument("--tiny", action="store_true", help="a model at which a CPU is soon done")
    parser.add_argument("--device", choices=["cuda", "cpu"], default="cuda")
    parser.add_argument("--precision", choices=["fp32", "bf16"], required=True)
    parser.add_argument("--batch", type=int, required=True)
    options = parser.parse_args()
    if options.device == "cuda" and not torch.cuda.is_available():
        sys.exit("Python's torch finds no CUDA device")
    sizes = json.loads(options.sizes.read_text())
    size = sizes["tiny" if options.tiny else "base"]

    def tell(work, rows_per_second, memory=None):
        line = {
            "side": "python",
            "work": work,
            "precision": options.precision,
            "batch": options.batch,
            "rows_per_second": rows_per_second,
            "ms_a_batch": 1e3 * options.batch / rows_per_second,
            "memory_mb": memory and memory // 1_000_000,
        }
        print(json.dumps(line), flush=True)

    with tempfile.TemporaryDirectory() as folder:
        tell("training", *training(sizes, size, options, folder))
        tell("prediction", prediction(sizes, size, options, folder))


if __name__ == "__main__":
    main()
