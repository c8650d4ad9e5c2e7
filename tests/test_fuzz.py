"""Thousands of mutated exports over all readers: nothing but a refusal in a sentence, and the counts add up each time.

Fifty thousand: `python -m tests.benchmarks.fuzz`.
"""

from collections import Counter

import pytest
from fuzzing import fixtures, outcome
from readers_staged import DATA, EXPORTS, read

from qc.model import InputError

SEEDS = 3_000
PARTS = 6


@pytest.mark.parametrize("part", range(PARTS))
def test_mutated_exports_are_taken_or_refused(tmp_path, part: int) -> None:
    files = fixtures(DATA, EXPORTS)
    done = Counter(
        outcome(files[seed % len(files)], seed, tmp_path, read, InputError) for seed in range(part, SEEDS, PARTS)
    )
    assert done["taken"] > SEEDS / PARTS / 10
    assert done["refused"] > SEEDS / PARTS / 10
