"""Promises about fatigue held to simulated teams: the full table is tests/benchmarks/fatigue_scenarios.py. About 50 s.

Limits are the promise ± 3 Monte-Carlo standard errors (2 for the false discovery rate) over three fixed seeds.
"""

from collections import Counter
from dataclasses import replace
from math import sqrt

import numpy as np
import pytest
from benchmarks.fatigue_scenarios import SCENARIOS, SEEDS, Tally, Team, run

pytestmark = pytest.mark.simulation

RUNS = 20


def tallies(name: str, **size: int) -> list[Tally]:
    team: Team = replace(SCENARIOS[name], **size)
    return [run(team, RUNS, seed) for seed in SEEDS]


def share(tallies: list[Tally], verdict: str) -> float:
    verdicts = sum((tally.verdicts for tally in tallies), Counter[str]())
    return verdicts[verdict] / verdicts.total()


def mean(tallies: list[Tally], column: str) -> float:
    return float(np.mean([getattr(tally, column) for tally in tallies]))


def at_most(promise: float, errors: float) -> float:
    return promise + errors * sqrt(promise * (1 - promise) / (RUNS * len(SEEDS)))


SMALLER = {"annotators": 20, "sessions": 4, "answers": 80}


@pytest.mark.parametrize(
    "name",
    [
        "nothing",
        "nothing, items judged once",
        "learning and selection",
        "speed-up",
        "queue hardens, order differs",
    ],
)
def test_without_fatigue_nothing_is_called_rising(name: str) -> None:
    """The team's error interval has 95 %, and one annotator in twenty at most is called rising among those who are."""
    found = tallies(name, **SMALLER)
    assert share(found, "rising") <= at_most(0.05, 3)
    assert mean(found, "false_discoveries") <= at_most(0.05, 2)
    assert mean(found, "covered") >= 1 - at_most(0.05, 3)


def test_three_annotators_are_judged_as_themselves() -> None:
    found = tallies("nothing, 3 annotators", sessions=15, answers=80)
    assert share(found, "rising") <= at_most(0.05, 3)
    assert mean(found, "false_discoveries") <= at_most(0.05, 2)


@pytest.mark.parametrize("name", ["queue hardens, same for all", "queue hardens, shared by clock"])
def test_a_hardening_queue_in_the_same_order_cannot_be_separated(name: str) -> None:
    found = tallies(name, **SMALLER)
    assert share(found, "cannot separate from item") >= 0.95
    assert mean(found, "false_discoveries") == 0


def test_planted_fatigue_is_found_and_measured() -> None:
    """3.6 points an hour in everybody; half-width about 2 points at this size."""
    found = tallies("fatigue in all", annotators=20, sessions=6, answers=100)
    assert share(found, "rising") >= 0.9
    assert mean(found, "covered") >= 1 - at_most(0.05, 3)
    assert mean(found, "mean") == pytest.approx(mean(found, "truth"), abs=3 * mean(found, "spread") / sqrt(60))


def test_those_who_tire_are_found_one_by_one() -> None:
    found = tallies("fatigue in 30 %", annotators=20, sessions=8, answers=120)
    assert mean(found, "power") >= 0.4
    assert mean(found, "false_discoveries") <= at_most(0.05, 2)
