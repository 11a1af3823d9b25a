"""Runs what `cargo xtask gpu` packed, on a machine with a GPU and PyTorch: checks, examples, times here and in Python; prints one table.

`run.sh` beside the programs starts it. It needs nothing but Python and its torch. Status 0: all held. 1: something failed. 3: this
machine does not fit, and why. Each step has a time limit, and one that fails does not keep the next from running.
"""

import argparse
import importlib.util
import json
import os
import platform
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
UNFIT = 3
# Of gpu.py, where Python has no transformers.
NO_TRANSFORMERS = 4
BATCHES = [16, 64]


class Unfit(Exception):
    """This machine does not fit."""


def find_torch(given):
    """The folder of the torch package, without importing it."""
    if given:
        return given.resolve()
    spec = importlib.util.find_spec("torch")
    if spec is None or not spec.submodule_search_locations:
        raise Unfit(f"{sys.executable} has no torch\nfix: ./run.sh PYTHON, one that has it, or --torch FOLDER")
    return Path(next(iter(spec.submodule_search_locations)))


def check_machine(torch, built, on_gpu):
    """Whether the programs can be started here: what they were built for, and the version of PyTorch."""
    if platform.machine() != built["machine"]:
        raise Unfit(f"the programs are for {built['machine']}, this machine is {platform.machine()}")
    name, glibc = platform.libc_ver()
    numbers = re.match(r"2\.(\d+)", glibc)
    if name == "glibc" and numbers and int(numbers[1]) < built["glibc"]:
        raise Unfit(f"the programs need glibc 2.{built['glibc']} or newer, this machine has {glibc}")
    told = {}
    try:
        exec((torch / "version.py").read_text(), told)
        version = str(told["__version__"])
    except (OSError, KeyError) as error:
        raise Unfit(f"{torch} is no PyTorch: {error}") from None
    if version.split(".")[:2] != built["torch"].split(".")[:2]:
        raise Unfit(f"{torch} is PyTorch {version}; the programs need {built['torch']}")
    needed = ["libtorch_cpu.so", "libc10.so"] + ["libtorch_cuda.so"] * on_gpu
    missing = [library for library in needed if not (torch / "lib" / library).is_file()]
    if missing:
        raise Unfit(f"{torch / 'lib'} lacks {', '.join(missing)}: PyTorch {version} for CUDA is needed")
    return version


class Steps:
    """Runs programs one after another, each within its time, all within a time of their own, and keeps what they print."""

    def __init__(self, out, seconds, torch, on_gpu):
        self.out, self.end, self.failed = out, time.monotonic() + seconds, False
        self.environment = dict(os.environ, HF_HUB_OFFLINE="1", PYTHONUNBUFFERED="1")
        if not on_gpu:
            self.environment["CUDA_VISIBLE_DEVICES"] = ""
        others = [path for path in os.environ.get("LD_LIBRARY_PATH", "").split(":") if path]
        self.libraries = ":".join([str(torch / "lib"), *others])

    def run(self, name, command, limit, ours=True, may_fail=(), says=""):
        """The lines of JSON that a program printed, why it failed (None where it did not, and has said `says`), and its status."""
        limit = min(limit, self.end - time.monotonic())
        if limit <= 1:
            self.failed = True
            return [], "left out: the time was over", None
        print(f"{name} ...", file=sys.stderr, flush=True)
        environment = dict(self.environment, LD_LIBRARY_PATH=self.libraries) if ours else self.environment
        begin = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            try:
                process = subprocess.Popen(
                    [str(part) for part in command], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace", start_new_session=True,
                )
            except OSError as error:
                self.failed = True
                return [], str(error), None
            try:
                said, errors = process.communicate(timeout=limit)
                status, why = process.returncode, None
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                said, errors = process.communicate()
                status, why = None, f"stopped after {limit:.0f} s"
        seconds = time.monotonic() - begin
        (self.out / f"{name}.log").write_text(f"{command}\n{said}\n{errors}\nstatus {status}, {seconds:.1f} s\n")
        if status and why is None:
            lines = [line.strip() for line in errors.splitlines() if line.strip() and not line.startswith("frame #")]
            of_error = [line for line in lines if line.lower().startswith("error")]
            why = (of_error or lines[-1:] or [f"status {status}"])[0]
        if why is None and says not in errors:
            why = f"it did not say {says!r}"
        if why and status not in may_fail:
            self.failed = True
        return list(json_lines(said)), why, status


def json_lines(text):
    for line in text.splitlines():
        if line.startswith("{"):
            try:
                yield json.loads(line)
            except ValueError:
                continue


def check_rows(steps, device):
    """Rows of the table: the checks, and the examples."""
    rows = []
    found, why, _ = steps.run("check", [HERE / "gpu_check", "check", "--device", device], 120)
    for line in found:
        rows.append([line["check"], line["state"], "–", line["seen"]])
    if why and not any(line["state"] == "failed" for line in found):
        rows.append(["checks", "failed", "–", why])
    for name, says in [("quickstart", f"Device = {device.capitalize()}"), ("custom_model", "")]:
        begin = time.monotonic()
        _, why, _ = steps.run(name, [HERE / name], 60, says=says)
        rows.append([f"the example {name}", "failed" if why else "ok", "–", why or f"{time.monotonic() - begin:.1f} s"])
    return rows


def time_rows(steps, device, tiny):
    """Rows of the table: speed and memory here and in Python, in turn."""
    rows, python_has = [], True
    for precision in ["bf16", "fp32"]:
        for batch in BATCHES:
            flags = ["--device", device, "--precision", precision, "--batch", batch, *["--tiny"] * tiny]
            name = f"{precision}-{batch}"
            ours, why, _ = steps.run(f"time-{name}", [HERE / "gpu_check", "time", *flags], 60)
            pythons, without = [], "transformers is not installed"
            if python_has:
                command = [sys.executable, HERE / "gpu.py", "--sizes", HERE / "sizes.json", *flags]
                pythons, without, status = steps.run(
                    f"python-{name}", command, 60, ours=False, may_fail=[NO_TRANSFORMERS])
                python_has = status != NO_TRANSFORMERS
            for work in ["training", "prediction"]:
                here, there = of_work(ours, work), of_work(pythons, work)
                title = f"{work}, {precision}, batch {batch}"
                remark = why or without
                rows.append(speed_row(title, "rows/s", here, there, "rows_per_second", remark))
                if work == "training" and (here or there):
                    rows.append(speed_row(title, "ms a step", here, there, "ms_a_batch", remark))
                if here.get("memory_mb") or there.get("memory_mb"):
                    rows.append(speed_row(title, "MB of the device in use", here, there, "memory_mb", remark))
    return rows


def of_work(lines, work):
    return next((line for line in lines if line.get("work") == work), {})


def speed_row(title, unit, here, there, key, why):
    ours, pythons = here.get(key), there.get(key)
    show = lambda value: "–" if value is None else f"{value:.4g}" if value < 1000 else f"{value:.0f}"
    ratio = why or "–"
    if ours and pythons:
        # Of milliseconds and memory less is more.
        ratio = f"{ours / pythons if key != 'ms_a_batch' else pythons / ours:.2f}"
    return [f"{title}, {unit}", show(ours), show(pythons), ratio]


def table(heading, rows):
    lines = [heading, "", "| | here | Python Trainer | ratio, or what was seen |", "|---|---|---|---|"]
    plain = lambda cell: re.sub(r"\s+", " ", cell).replace("|", "/")[:200]
    return "\n".join(lines + ["| " + " | ".join(map(plain, row)) + " |" for row in rows]) + "\n"


def run(options):
    on_gpu = options.device == "cuda"
    built = json.loads((HERE / "built.json").read_text())
    torch = find_torch(options.torch)
    version = check_machine(torch, built, on_gpu)
    options.out.mkdir(parents=True, exist_ok=True)
    steps = Steps(options.out, options.seconds, torch, on_gpu)
    found, why, status = steps.run("device", [HERE / "gpu_check", "device", "--device", options.device], 60)
    if why or not found:
        raise Unfit(why or "gpu_check said nothing")
    device = found[0]
    about = f", {device['memory_mb']} MB, compute capability {device['capability']}" if on_gpu else ""
    heading = f"{device['device']}{about}; PyTorch {version}, {platform.node()}, trainer {built['commit']}"
    rows = check_rows(steps, options.device) + time_rows(steps, options.device, options.device == "cpu" or options.tiny)
    text = table(heading, rows)
    (options.out / "table.md").write_text(text)
    (options.out / "results.json").write_text(json.dumps({"device": device, "built": built, "rows": rows}, indent=1))
    print(text)
    print(f"all of it lies in {options.out}", file=sys.stderr)
    return 1 if steps.failed else 0


def main():
    parser = argparse.ArgumentParser(prog="run.sh [PYTHON]", description=__doc__.splitlines()[0])
    parser.add_argument("--torch", type=Path, help="the folder of the torch package, in place of this Python's")
    parser.add_argument("--device", choices=["cuda", "cpu"], default="cuda", help="cpu: the same at tiny sizes, to try it")
    parser.add_argument("--tiny", action="store_true", help="times of tiny sizes on the GPU too")
    parser.add_argument("--seconds", type=float, default=300, help="the time for all steps")
    parser.add_argument("--out", type=Path, default=HERE / "results", help="where the table and the logs go")
    try:
        return run(parser.parse_args())
    except Unfit as error:
        print(f"this machine does not fit: {error}", file=sys.stderr)
        return UNFIT


if __name__ == "__main__":
    sys.exit(main())
