"""How many are flagged falsely, and how many of the careless are found. Takes about forty seconds.

The promise: a false discovery share of at most 5 % plus two Monte-Carlo standard errors, over all flags together.
tests/benchmarks/care_scenarios.py has every scenario, with more teams.
"""

from __future__ import annotations

import sys
from math import sqrt
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent / "benchmarks"))
from care_scenarios import SCENARIOS, SEEDS, run

pytestmark = pytest.mark.simulation
RUNS = 20


@pytest.mark.parametrize(
    "name",
    [
        "nobody",
        "nobody, speeds far apart",
        "nobody, learning",
        "nobody, learning all along",
        "nobody, queue sorted by class",
        "nobody, the fast answers are worse",
        "nobody, 6 people",
        "nobody, items answered once",
    ],
)
def test_where_nobody_is_careless_hardly_anybody_is_flagged(name: str) -> None:
    tallies = [run(SCENARIOS[name], RUNS, seed) for seed in SEEDS]
    rate, runs = sum(tally.any_false for tally in tallies) / len(SEEDS), RUNS * len(SEEDS)
    assert rate <= 0.05 + 2 * sqrt(0.05 * 0.95 / runs)


@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("guessing, a third of the answers", {"guessing": 0.85}),
        ("repeating, queue sorted by class", {"repeating": 0.9}),
        ("hurrying, 17 sessions", {"hurrying": 0.4}),
        ("all four, sorted, learning", {"guessing": 0.6, "repeating": 0.9, "trusting": 0.6}),
    ],
)
def test_the_careless_are_found_and_few_others(name: str, least: dict[str, float]) -> None:
    tally = run(SCENARIOS[name], 30, SEEDS[0])
    assert tally.false_discoveries <= 0.05 + 2 * sqrt(0.05 * 0.95 / 30)
    assert all(tally.power[kind] >= floor for kind, floor in least.items())
