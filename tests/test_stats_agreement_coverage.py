"""The intervals of agreement keep their promise in planted data, or warn (about 40 s on a quiet core).

Reduced runs of tests/benchmarks/agreement_coverage.py and coverage_alpha.py, which print the full tables: three fixed
seeds, and the promise of 92 to 97.5 % widened by three Monte-Carlo standard errors.
"""

from __future__ import annotations

from itertools import product
from math import sqrt

import pytest
from benchmarks.agreement_coverage import Cell, Coverage, Crossed, alpha, f1, icc
from benchmarks.coverage_alpha import ALIKE, PROMISED, SEEDS, coverage

RUNS = 240
SMALL = [Cell(*design) for design in product((5, 10, 30, 100), (3, 10), ("balanced", "skewed"))]
LARGE = [Cell(5, 100, "skewed"), Cell(10, 100, "balanced")]


def kept(found: Coverage) -> bool:
    """The promise; or every run warns, or is undefined with a reason."""
    return found.kept or found.warned == 1.0


@pytest.mark.simulation
@pytest.mark.parametrize("cell", SMALL + LARGE, ids=str)
def test_alpha(cell):
    """Of such a team and of these annotators; below 50 items every run warns, with 90 and more none does."""
    team, items = alpha(cell, RUNS)
    assert team.runs == RUNS
    assert kept(team)
    assert kept(items)
    assert team.warned == items.warned
    if cell.annotators * cell.each < 50:
        assert team.warned == 1.0
    if cell.annotators * cell.each >= 90 and cell.labels == "balanced":
        assert team.warned == 0.0


@pytest.mark.simulation
def test_rare_labels_on_few_items_warn():
    """Nine in ten of 15 items have one label: far from 95 %, and every run says so."""
    team, items = alpha(Cell(5, 3, "rare"), RUNS)
    assert not items.kept
    assert team.warned == items.warned == 1.0


@pytest.mark.simulation
@pytest.mark.parametrize(("annotators", "items"), [(5, 15), (5, 50), (10, 100), (30, 90), (100, 300)])
def test_f1(annotators, items):
    for found in f1(annotators, items, RUNS):
        assert kept(found)


@pytest.mark.simulation
@pytest.mark.parametrize(("items", "annotators"), [(10, 3), (10, 10), (30, 5), (100, 10)])
def test_icc(items, annotators):
    for found in icc(Crossed(items, annotators), RUNS).values():
        assert kept(found)


@pytest.mark.simulation
def test_three_annotators_are_few_for_icc_2():
    """Satterthwaite's degrees of freedom are too many for three: a warning in every run."""
    assert icc(Crossed(10, 3), 30)["icc2"].warned == 1.0


@pytest.mark.simulation
@pytest.mark.parametrize("cell", PROMISED[:3], ids=lambda cell: f"{cell.annotators} annotators, {cell.items} items")
def test_the_interval_over_items_alone_promises_too_much_of_such_a_team(cell):
    found = coverage(cell, SEEDS, RUNS)
    assert found.team >= 0.92 - 3 * sqrt(0.92 * 0.08 / RUNS)
    assert found.team <= 0.975 + 3 * sqrt(0.975 * 0.025 / RUNS)
    assert found.items < 0.88
    assert found.warned == 0


@pytest.mark.simulation
def test_items_interval_covers_for_these_annotators():
    """With annotators who are all alike there is nothing but items to vary: the items interval then covers too."""
    found = coverage(ALIKE, SEEDS, RUNS)
    assert found.items >= 0.92 - 3 * sqrt(0.92 * 0.08 / RUNS)
    assert found.items <= 0.975 + 3 * sqrt(0.975 * 0.025 / RUNS)
