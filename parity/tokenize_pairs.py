"""The other side of benches/tokenize_pairs.rs: Python's `map` over the same pairs.

Usage: HF_HUB_CACHE=<hub> HF_HUB_OFFLINE=1 python parity/tokenize_pairs.py PAIRS FOLDER PROCESSES

FOLDER has `pairs`, the data set that the bench saved. Prints the seconds of the clock and of the processors that `map` took. What it made has
to be what the bench left in FOLDER/here-PROCESSES.arrow, with the same types.
"""

import os
import resource
import sys
import time

from datasets import Dataset, disable_progress_bars, load_from_disk
from transformers import AutoTokenizer


def processors():
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def main():
    count, folder, processes = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    disable_progress_bars()
    pairs = load_from_disk(os.path.join(folder, "pairs")).select(range(count))
    tokenizer = AutoTokenizer.from_pretrained("sentence-transformers/all-MiniLM-L6-v2")
    begun, used = time.perf_counter(), processors()
    mapped = pairs.map(
        lambda batch: tokenizer(batch["sentence1"], batch["sentence2"], truncation=True),
        batched=True,
        num_proc=processes if processes > 1 else None,
        cache_file_name=os.path.join(folder, f"python-{processes}.arrow"),
        load_from_cache_file=False,
    )
    print(f"python {processes} {time.perf_counter() - begun:.3f} {processors() - used:.3f}", flush=True)
    here = Dataset.from_file(os.path.join(folder, f"here-{processes}.arrow"))
    if mapped.data.table.select(here.column_names) != here.data.table:
        sys.exit("what was written here is not what Python made")


if __name__ == "__main__":
    main()
