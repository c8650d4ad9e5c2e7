"""Fifty thousand mutated exports over all readers, in two processes: `python -m tests.benchmarks.fuzz [inputs]`."""

from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter
from multiprocessing import Pool
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from fuzzing import BrokenError, fixtures, outcome
from readers_staged import DATA, EXPORTS, read

from qc.model import InputError

FIRST = 1_000_000
"""The first seed: none of those that the tests use."""


def tried(seed: int) -> str:
    """`taken`, `refused`, or what broke."""
    files = fixtures(DATA, EXPORTS)
    path = files[seed % len(files)]
    with tempfile.TemporaryDirectory() as folder:
        try:
            return f"{outcome(path, seed, Path(folder), read, InputError)}"
        except BrokenError as error:
            return f"broke: {error}"


def main() -> None:
    """Prints how many were taken, refused and broken, and the time it took."""
    inputs = int(sys.argv[1]) if len(sys.argv) > 1 else 50_000
    began = time.perf_counter()
    with Pool(2) as pool:
        done = Counter(pool.imap_unordered(tried, range(FIRST, FIRST + inputs), 50))
    broken = [said for said in done if said.startswith("broke")]
    print(f"{inputs:,} inputs from {len(fixtures(DATA, EXPORTS))} fixtures in {time.perf_counter() - began:,.0f} s")
    print(f"taken {done['taken']:,}, refused {done['refused']:,}, broken {len(broken):,}")
    print("\n".join(broken[:20]))
    sys.exit(bool(broken))


if __name__ == "__main__":
    main()
