"""The Bernoulli CUSUM: designs, exact run lengths, promised false alarms."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qc.model import InputError
from qc.stats.charts import answers_to_signal, design, from_false_alarms, path


@pytest.mark.parametrize(
    ("p0", "p1", "gamma", "m", "h", "threshold", "anos0", "anos1"),
    [
        (0.01, 0.02, 0.01444, 69, 2.855, 197, 2010, 350),
        (0.01, 0.03, 0.01824, 55, 2.491, 137, 2040, 168),
        (0.02, 0.04, 0.02889, 35, 3.657, 128, 2037, 238),
        (0.02, 0.06, 0.03655, 27, 2.926, 79, 2006, 105),
        (0.03, 0.06, 0.04336, 23, 4.043, 93, 2038, 185),
        (0.05, 0.10, 0.07236, 14, 4.643, 65, 2030, 130),
        (0.05, 0.15, 0.09193, 11, 3.636, 40, 2142, 54),
        (0.10, 0.15, 0.12355, 8, 6.625, 53, 2058, 190),
    ],
)
def test_designs(p0, p1, gamma, m, h, threshold, anos0, anos1):
    """Design after Reynolds & Stoumbos 1999 for at least 2000 answers between false alarms; exact Markov chain."""
    chart = design(p0, p1, 2000)
    assert (chart.m, chart.threshold, round(chart.anos0), round(chart.anos1)) == (m, threshold, anos0, anos1)
    assert (round(chart.gamma, 5), round(chart.h, 3)) == (gamma, h)


@pytest.mark.parametrize(
    ("rate", "m", "threshold"), [(0.1, 14, 40), (0.3, 2, 1), (0.3, 2, 5), (0.5, 5, 3), (0.2, 9, 30)]
)
def test_run_length_solves_the_chain(rate, m, threshold):
    """The full transition matrix, written out; a threshold of one error gives the geometric mean 1/p."""
    chain = np.zeros((threshold, threshold))
    for state in range(threshold):
        chain[state, max(0, state - 1)] += 1 - rate
        if state + m - 1 < threshold:
            chain[state, state + m - 1] += rate
    expected = np.linalg.solve(np.eye(threshold) - chain, np.ones(threshold))[0]
    assert answers_to_signal(rate, m, threshold) == pytest.approx(expected)


def test_one_error_alone_never_alarms():
    chart = design(0.02, 0.06, 1)
    assert not path([1], chart).alarms.size
    assert path([1, 1], chart).alarms.tolist() == [1]


def test_threshold_follows_the_false_alarms_that_the_team_bears():
    """1000 reviewed answers a month and half a false alarm a month: 2000 answers between false alarms."""
    chart = from_false_alarms(0.02, 0.06, 0.5, 1000)
    assert chart == design(0.02, 0.06, 2000)
    assert chart.false_alarms(1000) <= 0.5
    assert chart.weeks(35) == pytest.approx(chart.anos1 / 35)
    assert chart.weeks(0) is None
    assert from_false_alarms(0.02, 0.06, 1, 10_000).h > from_false_alarms(0.02, 0.06, 5, 10_000).h
    assert from_false_alarms(0.02, 0.06, 1, 0).threshold == chart.m


@pytest.mark.parametrize(
    "wrong", [lambda: design(0.06, 0.02, 2000), lambda: design(0, 0.1, 2000), lambda: design(1e-5, 2e-5, 1000)]
)
def test_impossible_designs_say_what_to_change(wrong):
    with pytest.raises(InputError, match=r"errors\.limit"):
        wrong()
    with pytest.raises(InputError, match="false_alarms_per_month"):
        from_false_alarms(0.02, 0.06, 0, 1000)


def test_path_by_hand():
    """m = 27: an error is +26/27, a right answer −1/27 down to 0; threshold 79/27; it restarts after the alarm."""
    trace = path([0, 1, 0, 1, 1, 1, 0, 1], design(0.02, 0.06, 2000))
    assert (trace.values * 27).round().astype(int).tolist() == [0, 26, 25, 51, 77, 103, 0, 26]
    assert trace.alarms.tolist() == [5]
    assert path([], design(0.02, 0.06, 2000)).values.size == 0


@given(st.lists(st.integers(0, 1), max_size=200))
def test_an_alarm_leaves_the_past_behind(errors):
    chart = design(0.05, 0.15, 200)
    trace = path(errors, chart)
    assert (trace.values >= 0).all()
    assert ((trace.values >= chart.h - 1e-12).nonzero()[0] == trace.alarms).all()
    if trace.alarms.size:
        first = int(trace.alarms[0]) + 1
        np.testing.assert_array_equal(path(errors[first:], chart).values, trace.values[first:])


@pytest.mark.simulation
@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("rate", ["p0", "p1"])
def test_mean_time_to_an_alarm_is_as_stated(seed, rate):
    """Mean gap between alarms, within 3 Monte-Carlo errors of the exact chain: 1M answers at p0, 100k at p1."""
    chart = design(0.02, 0.06, 2000)
    p, answers, stated = (0.02, 1_000_000, chart.anos0) if rate == "p0" else (0.06, 100_000, chart.anos1)
    gaps = np.diff(path(np.random.default_rng(seed).random(answers) < p, chart).alarms, prepend=-1)
    assert gaps.mean() == pytest.approx(stated, abs=3 * gaps.std() / np.sqrt(gaps.size))


@pytest.mark.simulation
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_team_at_target_gets_the_false_alarms_that_it_bears(seed):
    """40 annotators at p0 with 2,400 answers each, 8,000 a month for a year: 12 alarms a year were agreed to."""
    chart = from_false_alarms(0.02, 0.06, 1.0, 8000)
    rng = np.random.default_rng(seed)
    alarms = np.array([path(rng.random(2400) < 0.02, chart).alarms.size for _ in range(40 * 5)])
    years = alarms.reshape(5, 40).sum(axis=1)
    # A chart that starts at 0 alarms a little later than one that has run for long: fewer, never more.
    assert years.mean() <= 12 + 3 * np.sqrt(12 / 5)
    assert years.mean() >= 12 * 0.5
