"""The benchmark of review policies on few runs, and what it promises (about 30 s).

Three fixed seeds; expected values are the exact run lengths of the chart (Reynolds & Stoumbos 1999) and the mean that
the policy states.
"""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks import chart_promises as promises
from benchmarks import review_policies as bench

from qc.levels import Judged, propose
from qc.model import LEVELS, LevelPolicy, Policy

SEEDS = (1, 2, 3)


def levels_of(rule: bench.Manual, judged: np.ndarray, wrong: np.ndarray) -> list[int]:
    found = []
    for saw, erred in zip(judged, wrong, strict=True):
        rule.see(np.array([saw]), np.array([saw and erred]))
        found.append(int(rule.level[0]))
    return found


def levels_of_product(policy: Policy, judged: np.ndarray, wrong: np.ndarray) -> list[int]:
    level, seen, found = "normal", [], []
    for saw, erred in zip(judged, wrong, strict=True):
        if saw:
            seen.append(bool(erred))
            proposal = propose(level, Judged(np.array(seen)), bench.CHART, policy, bench.TEAM)
            if proposal.proposed != level:
                level, seen = proposal.proposed, []
        found.append(LEVELS.index(level))
    return found


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("name", "rule"), [("sequential", bench.Sequential), ("lots", bench.Lots)])
def test_the_fast_copy_decides_as_the_product(name: str, rule: type[bench.Manual], seed: int) -> None:
    """Good work, bad work, good work: 1,500 answers of which two thirds are judged; levels go up and down."""
    rng = np.random.default_rng(seed)
    rates = np.r_[np.full(500, 0.005), np.full(400, 0.1), np.full(600, 0.01)]
    wrong, judged = rng.random(1500) < rates, rng.random(1500) < 2 / 3
    expected = levels_of_product(Policy(levels=LevelPolicy(name)), judged, wrong)
    assert levels_of(rule(1), judged, wrong) == expected
    assert len(set(expected)) > 1


@pytest.mark.simulation
@pytest.mark.parametrize("seed", SEEDS)
def test_quiet_months_have_the_stated_number_of_alarms(seed: int) -> None:
    """200 months, 100 annotators at p0 with 100 judged answers each: within 10 % of the stated mean."""
    alarms, stated = promises.quiet_months(200, seed)
    assert stated == pytest.approx(5, rel=0.01)
    assert alarms == pytest.approx(stated, rel=0.10)


@pytest.mark.simulation
@pytest.mark.parametrize("seed", SEEDS)
def test_the_one_who_changes_is_found_in_time(seed: int) -> None:
    """p0 to p1 in mid-stream: within 1.15 times the exact run length on average, 500 runs."""
    delay, _, exact = promises.one_among_them(500, seed)
    assert exact == pytest.approx(105, abs=0.5)
    assert delay <= 1.15 * exact


@pytest.mark.simulation
@pytest.mark.parametrize("seed", SEEDS)
def test_sequential_keeps_its_promises_with_levels_held(seed: int) -> None:
    """False alarms within 3 Monte-Carlo errors of 1 in 2,006; 2 to 6 % within 1.15 times 105 answers."""
    rng = np.random.default_rng(seed)
    quiet = bench.simulate(bench.Sequential(500, held=True), np.full(8001, bench.QUIET), 8000, rng)
    # A chart that begins at 0 has its first alarm a little later than the following ones: 8,000 answers dilute that.
    stated = 1000 / bench.CHART.anos0
    assert quiet.false_alarms == pytest.approx(stated, abs=3 * quiet.false_alarms_error + 0.02 * stated)
    seen = bench.held(bench.Sequential, 500, bench.SHIFTED, rng)
    assert seen.never == 0
    assert seen.until_alarm <= 1.15 * bench.CHART.anos1


@pytest.mark.simulation
@pytest.mark.parametrize("seed", SEEDS)
def test_draws_by_risk_leave_the_run_length_alone(seed: int) -> None:
    """Through `qc.sampling.draw`: the random share alarms as stated, a chart of all that is drawn far more often."""
    lot, everything, error = promises.risk_weighted(4, seed)
    assert lot == pytest.approx(bench.CHART.anos0, abs=3 * error)
    assert everything < bench.CHART.anos0 / 3


def test_every_rule_runs_in_every_table() -> None:
    rng = np.random.default_rng(1)
    calibrated = bench.Calibration(0.134, 16)
    for rule in bench.rules(calibrated).values():
        seen = bench.simulate(rule(20), np.full(400, 0.1), 100, rng)
        assert 0 < seen.reviewed < 1
        assert 0 <= seen.escaped < 0.1
        assert bench._row("ten", "rule", seen).count("|") == 7
    assert bench.rules(calibrated).keys() >= {"sequential", "lots", "manual", "7 days above 5 %", "3 in a row"}
