"""Differences between parts of the work: published values, coverage and false positives where nothing differs. 15 s."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from scipy.stats import chi2, norm
from scipy.stats import t as student
from statsmodels.stats.multitest import multipletests

from qc.model import Estimate, undefined
from qc.stats.comparison import (
    Cells,
    Pace,
    Side,
    cells,
    cost_side,
    difference,
    error_side,
    estimate,
    gaps,
    median_side,
    mix_against,
    new_values,
    outside,
    paired_answers,
    standard,
)
from qc.stats.comparison.drift import standing_out
from qc.stats.comparison.gaps import flagged
from qc.stats.comparison.holding import told
from qc.stats.multiple import holm

Floats = NDArray[np.float64]


def one(errors: int, n: int) -> Side:
    """A side of one person, whose limits are Wilson's."""
    return error_side(judged(np.array([float(n)]), np.array([float(errors)])))


def judged(n: Floats, errors: Floats) -> Cells:
    rows, people = n[None, :], tuple(f"a{index}" for index in range(len(n)))
    return Cells(("x",), people, rows, errors[None, :], rows, errors[None, :], rows)


def team(rng: np.random.Generator, people: int, each: int, rate: float, spread: float) -> tuple[Floats, Floats]:
    """Answers and errors of people whose own rates follow a beta distribution with that relative spread."""
    size = (1 - rate) / (rate * spread**2) - 1
    own = rng.beta(rate * size, (1 - rate) * size, people) if spread else np.full(people, rate)
    n = rng.integers(each // 2, each * 3 // 2, people)
    return n.astype(float), rng.binomial(n, own).astype(float)


def test_independent_rates_are_newcombes() -> None:
    """Newcombe 1998, table II (method 10): 56/70 and 48/80 give 0.0524 to 0.3339."""
    gap, p = difference(one(48, 80), one(56, 70))
    assert gap.value == pytest.approx(0.2)
    assert (gap.low, gap.high) == (pytest.approx(0.0524, abs=5e-5), pytest.approx(0.3339, abs=5e-5))
    assert p is not None
    assert p < 0.05
    assert "these people only" in str(gap.warning)


def test_paired_rates_are_newcombes() -> None:
    """Newcombe 1998 on paired rates, method 10: 36, 12, 2, 0 gives 0.0569 to 0.3404 with its correction of φ.

    Without that correction, as here, the limits differ by less than 0.005.
    """
    first, second = paired_answers(36, 2, 12, 0, "items")
    gap, _ = difference(first, second)
    assert gap.value == pytest.approx(0.20)
    assert (gap.low, gap.high) == (pytest.approx(0.0569, abs=5e-3), pytest.approx(0.3404, abs=5e-3))


@pytest.mark.parametrize("level", [0.2, 0.05, 0.01])
def test_p_is_where_the_interval_ends(level: float) -> None:
    """At the level of p the interval touches 0: found by moving one of the two rates."""
    rng = np.random.default_rng(5)
    n, errors = team(rng, 12, 200, 0.05, 0.5)
    m, wrong = team(rng, 12, 200, 0.09, 0.5)
    first = error_side(judged(np.r_[n, np.zeros(12)], np.r_[errors, np.zeros(12)]))
    second = error_side(judged(np.r_[np.zeros(12), m], np.r_[np.zeros(12), wrong]))
    gap, p = difference(first, second)
    assert p is not None
    assert gap.low is not None
    assert gap.high is not None
    assert (p < 0.05) == (gap.low > 0 or gap.high < 0)
    proof = standard(first, second, level)
    assert proof.at_most is not None
    assert (proof.verdict == "holds the standard") == (proof.at_most < level)


@pytest.mark.parametrize(("people", "shared"), [(6, False), (20, False), (20, True)])
def test_nothing_differs_and_is_found_in_at_most_a_twentieth(people: int, shared: bool) -> None:
    """Rates of people spread by 60 %: under nothing at most 5 % (+ 3 standard errors of 600 runs) are found."""
    rng = np.random.default_rng(people + shared)
    found, runs = 0, 600
    for _ in range(runs):
        size = (1 - 0.05) / (0.05 * 0.36) - 1
        own = rng.beta(0.05 * size, 0.95 * size, people if shared else 2 * people)
        n = rng.integers(60, 200, (2, len(own))).astype(float)
        if not shared:
            n[0, people:], n[1, :people] = 0, 0
        errors = rng.binomial(n.astype(int), own).astype(float)
        p = difference(error_side(judged(n[0], errors[0])), error_side(judged(n[1], errors[1])))[1]
        found += p is not None and p < 0.05
    assert found / runs <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / runs)


def test_differences_are_covered_and_the_standard_is_not_granted_to_who_is_worse_by_the_margin() -> None:
    """20 people a side, 5 against 7 %: 95 % (− 3 se) cover 2 points, within which at most 5 % (+ 3 se) "hold"."""
    rng = np.random.default_rng(8)
    covered = granted = 0
    runs, none = 600, np.zeros(20)
    for _ in range(runs):
        (n, errors), (m, wrong) = team(rng, 20, 150, 0.05, 0.5), team(rng, 20, 150, 0.07, 0.5)
        first, second = (
            error_side(judged(np.r_[n, none], np.r_[errors, none])),
            error_side(judged(np.r_[none, m], np.r_[none, wrong])),
        )
        gap, _ = difference(first, second)
        assert gap.low is not None
        assert gap.high is not None
        covered += gap.low <= 0.02 <= gap.high
        granted += standard(first, second, 0.02).verdict == "holds the standard"
    assert covered / runs >= 0.95 - 3 * np.sqrt(0.05 * 0.95 / runs)
    assert granted / runs <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / runs)


def test_enough_work_as_good_holds_the_standard_and_bad_work_does_not() -> None:
    n = np.full(20, 1000.0)
    none = np.zeros(20)
    good = error_side(judged(np.r_[n, none], np.r_[n * 0.03, none]))
    same = error_side(judged(np.r_[none, n], np.r_[none, n * 0.03]))
    bad = error_side(judged(np.r_[none, n], np.r_[none, n * 0.09]))
    assert standard(good, same, 0.01).verdict == "holds the standard"
    assert standard(good, bad, 0.01).verdict == "does not hold the standard"
    few = error_side(judged(np.r_[none, np.full(20, 2.0)], np.r_[none, none]))
    assert standard(good, few, 0.01).verdict == "not yet clear"


def test_nothing_judged_is_undefined() -> None:
    nobody = error_side(judged(np.zeros(3), np.zeros(3)))
    gap, p = difference(nobody, one(1, 10))
    assert (gap.value, p, gap.reason) == (None, None, "nothing judged")
    assert standard(nobody, one(1, 10), 0.01).verdict == "not yet clear"


def test_weights_are_those_of_the_draw() -> None:
    """A stratum of 100 of which 10 were drawn weighs ten times as much as one of which all were: (10 + 10) / 200."""
    frame = pd.DataFrame(
        {
            "site": ["here", "here"],
            "annotator": ["ann", "ben"],
            "source": "review",
            "draw_id": "d",
            "stratum": ["s", "t"],
            "stratum_size": [100, 100],
            "stratum_drawn": [10, 100],
            "pi": [0.1, 1.0],
            "n": [10, 100],
            "errors": [1, 10],
        }
    )
    side = error_side(cells(frame, "site", ("ann", "ben")))
    assert estimate(side).value == pytest.approx(20 / 200)
    assert side.n == 110


def seconds(rng: np.random.Generator, people: list[str], median: float, spread: float, n: int = 80) -> pd.DataFrame:
    own = np.log(median) + rng.normal(0, spread, len(people))
    logs = own[:, None] + rng.normal(0, 0.6, (len(people), n))
    rows = pd.DataFrame({"annotator": np.repeat(people, n), "v": logs.ravel()})
    rows["bin"], rows["spent_ms"], rows["n"] = np.floor(rows["v"] / 0.01).astype(int), np.exp(rows["v"]) * 1000, 1
    return rows.groupby(["annotator", "bin"], as_index=False)[["n", "spent_ms"]].sum()


def test_medians_and_costs_of_teams_are_covered_and_nothing_is_found_under_nothing() -> None:
    """Two teams of 10 whose people differ by a quarter: p < 5 % in at most 5 % (+ 3 se) of 400 runs."""
    rng = np.random.default_rng(4)
    names = [f"a{index:02d}" for index in range(20)]
    found = dear = covered = 0
    runs = 400
    for _ in range(runs):
        sides = [Pace.of(seconds(rng, part, 20.0, 0.25), tuple(names), 0.01) for part in (names[:10], names[10:])]
        first, second = (median_side(side) for side in sides)
        whole = estimate(first)
        assert whole.low is not None
        assert whole.high is not None
        covered += whole.low <= 20 <= whole.high
        p, q = (difference(*pair)[1] for pair in ((first, second), [cost_side(side, 20.0) for side in sides]))
        found += p is not None and p < 0.05
        dear += q is not None and q < 0.05
    error = 3 * np.sqrt(0.05 * 0.95 / runs)
    assert found / runs <= 0.05 + error
    assert dear / runs <= 0.05 + error
    assert covered / runs >= 0.95 - error


def test_a_slower_team_is_found_and_its_price_follows() -> None:
    rng = np.random.default_rng(1)
    names = [f"a{index:02d}" for index in range(20)]
    sides = [
        Pace.of(seconds(rng, part, median, 0.1), tuple(names), 0.01)
        for part, median in ((names[:10], 20.0), (names[10:], 40.0))
    ]
    gap, p = difference(*[median_side(side) for side in sides])
    assert gap.value == pytest.approx(20, abs=4)
    assert p is not None
    assert p < 1e-4
    dearer, _ = difference(*[cost_side(side, 36.0) for side in sides])
    means = [side.seconds.sum() / side.counts.sum() for side in sides]
    assert dearer.value == pytest.approx((means[1] - means[0]) / 100)


def test_groups_are_flagged_only_where_they_differ() -> None:
    """Of 12 groups under nothing, runs with any flag: at most 5 % (+ 3 se); one of eight times the rate is found."""
    rng = np.random.default_rng(3)
    people = tuple(f"a{index}" for index in range(15))
    runs, any_flag = 200, 0
    for run in range(runs):
        own = rng.beta(5, 95, len(people))
        n = rng.integers(5, 25, (12, len(people))).astype(float)
        rate = np.tile(own, (12, 1))
        if run == 0:
            rate[4] = 0.4
        errors = rng.binomial(n.astype(int), rate).astype(float)
        keys = tuple(f"g{index:02d}" for index in range(12))
        parts = Cells(keys, people, n, errors, n, errors, n)
        total, wrong = n.sum(axis=0)[None, :], errors.sum(axis=0)[None, :]
        whole = Cells(("all",), people, total, wrong, total, wrong, total)
        verdicts = {gap.key: gap.verdict for gap in gaps(parts, whole, 30, 0.02, 0.05)}
        if run == 0:
            assert verdicts["g04"] == "worse than the rest"
        else:
            any_flag += bool({"worse than the rest", "better than the rest"} & set(verdicts.values()))
    assert any_flag / (runs - 1) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / runs)


def test_a_small_group_is_not_judged() -> None:
    part = judged(np.array([10.0, 10.0]), np.array([9.0, 9.0]))
    whole = judged(np.array([500.0, 500.0]), np.array([20.0, 20.0]))
    assert [gap.verdict for gap in gaps(part, whole, 30, 0.02, 0.05)] == ["too little data"]


def answers(rng: np.random.Generator, items: int, shares: list[float], begin: int) -> tuple[NDArray[np.int64], ...]:
    """Three answers to each item, nine in ten of them its own label."""
    truth = rng.choice(len(shares), items, p=shares)
    other = rng.choice(len(shares), (items, 3), p=shares)
    code = np.where(rng.random((items, 3)) < 0.9, truth[:, None], other)
    return np.repeat(np.arange(begin, begin + items), 3), code.ravel().astype(np.int64)


def test_a_label_mix_that_did_not_move_is_left_alone() -> None:
    """Three like answers an item would make Pearson's test cry wolf; corrected: at most 5 % (+ 3 se) of 600."""
    rng = np.random.default_rng(6)
    runs, found = 600, 0
    for _ in range(runs):
        own, before = answers(rng, 120, [0.5, 0.3, 0.2], 10_000), answers(rng, 500, [0.5, 0.3, 0.2], 0)
        p = mix_against(*own, *before).p
        found += p is not None and p < 0.05
    assert found / runs <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / runs)
    assert found / runs >= 0.02


def test_a_label_mix_that_moved_is_found_with_the_label() -> None:
    rng = np.random.default_rng(6)
    found = mix_against(*answers(rng, 200, [0.3, 0.3, 0.4], 10_000), *answers(rng, 500, [0.5, 0.3, 0.2], 0))
    assert found.p is not None
    assert found.p < 0.001
    assert int(found.labels[found.z.argmax()]) == 2
    assert found.moved == pytest.approx(0.2, abs=0.06)


def test_batches_that_cannot_be_compared_have_no_p() -> None:
    empty = np.zeros(0, np.int64)
    assert mix_against(empty, empty, empty, empty).p is None
    same = np.arange(20), np.zeros(20, np.int64)
    assert mix_against(*same, *same).p is None


def test_values_and_lengths_that_were_not_seen_before() -> None:
    assert new_values({"cat": 4, "owl": 2}, {"cat": 90}) == {"owl": 2}
    rng = np.random.default_rng(2)
    before = rng.normal(100, 10, 4000)
    alike = [outside(rng.normal(100, 10, 300), before)[1] for _ in range(300)]
    assert np.mean(np.array(alike) < 0.05) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 300)
    share, p, (low, high) = outside(rng.normal(140, 10, 300), before)
    assert p < 1e-6
    assert share.value is not None
    assert share.value > 0.8
    assert 60 < low < 100 < high < 140


def test_holm_is_as_in_statsmodels() -> None:
    p = np.random.default_rng(1).random(20) ** 3
    assert holm(p) == pytest.approx(multipletests(p, method="holm")[1])
    assert holm([]).size == 0


def plain(value: float, error: float, shifts: list[float], weights: list[float]) -> Side:
    """A side whose limits lie one standard error times q away."""
    each = np.array(shifts)
    return Side(
        value, 100, "answers", lambda q: (value - q * error, value + q * error), error**2, each, np.array(weights)
    )


def test_people_of_one_side_alone_are_tested_by_welchs_t() -> None:
    """scipy's t at (v1 + v2)²/(v1²/f1 + v2²/f2), with 3 and 1.6 people of equal size: f 2 and 1 (at least)."""
    first = plain(0.10, 0.03, [0.02, 0.01, 0.02, 0, 0], [10, 10, 10, 0, 0])
    second = plain(0.25, 0.04, [0, 0, 0, 0.03, 0.02], [0, 0, 0, 20, 60])
    assert (first.freedom, second.freedom) == (pytest.approx(2), 1)
    own = estimate(first)
    assert (own.low, own.high) == pytest.approx(
        (0.1 - 0.03 * student.ppf(0.975, 2), 0.1 + 0.03 * student.ppf(0.975, 2))
    )
    gap, p = difference(first, second)
    v1, v2 = 0.0009, 0.0016
    freedom = (v1 + v2) ** 2 / (v1**2 / 2 + v2**2 / 1)
    assert gap.value == pytest.approx(0.15)
    half = 0.05 * student.ppf(0.975, freedom)
    assert (gap.low, gap.high) == (pytest.approx(0.15 - half), pytest.approx(0.15 + half))
    assert p == pytest.approx(2 * student.sf(3, freedom))
    back, same = difference(second, first)
    assert (back.value, back.low, same) == (pytest.approx(-0.15), pytest.approx(-gap.high), pytest.approx(p))
    held = standard(first, second, 0.2)
    assert held.p == pytest.approx(student.cdf(-1, freedom))
    assert held.p_worse == pytest.approx(student.sf(-1, freedom))
    assert held.at_most == pytest.approx(0.15 + 0.05 * student.ppf(0.95, freedom))
    even = standard(first, second, second.value - first.value)
    assert (even.p, even.p_worse, even.verdict) == (0.5, 0.5, "not yet clear")
    beyond = standard(first, second, 0.1)
    assert (beyond.p, beyond.p_worse) == (pytest.approx(student.cdf(1, freedom)), pytest.approx(student.sf(1, freedom)))


def test_what_lies_farthest_has_the_p_of_sixty_standard_errors() -> None:
    first, second = plain(0.1, 1e-4, [0.1, 0, 0], [10, 10, 10]), plain(0.9, 1e-4, [0, 0.1, 0], [10, 10, 10])
    for pair in ((first, second), (second, first)):
        assert difference(*pair)[1] == pytest.approx(2 * student.sf(60, 2))


def test_people_of_both_sides_make_the_difference_surer() -> None:
    """Σ shifts · shifts is 0.0006, twice which the variance loses; as many degrees as there are people, less one."""
    first = plain(0.10, 0.03, [0.03, 0, 0, 0], [10, 10, 10, 10])
    second = plain(0.16, 0.05, [0.02, 0.04, 0.02, 0.01], [10, 10, 10, 10])
    gap, p = difference(first, second)
    error = np.sqrt(0.0009 + 0.0025 - 2 * 0.0006)
    half = error * student.ppf(0.975, 3)
    assert (gap.low, gap.high) == (pytest.approx(0.06 - half), pytest.approx(0.06 + half))
    assert p == pytest.approx(2 * student.sf(0.06 / error, 3))
    assert difference(first, plain(0.10, 0.03, [0, 0, 0, 0.03], [10] * 4))[1] == 1.0


def test_cells_are_sums_of_people_by_hand() -> None:
    """1/π of what was drawn (10 of 100), and one each of what nobody drew; who is not asked for is left out."""
    columns = ["site", "annotator", "draw_id", "stratum", "stratum_size", "stratum_drawn", "pi", "n", "errors"]
    drawn = [("a", "ann", "d", "s", 100, 10, 0.1, 6, 2), ("a", "ann", "d", "s", 100, 10, 0.1, 4, 1)]
    others = [
        ("a", "ben", None, None, None, None, None, 5, 2),
        ("b", "ben", None, None, None, None, None, 3, 0),
        ("b", "cy", None, None, None, None, None, 9, 9),
        (None, "ann", None, None, None, None, None, 9, 9),
        ("b", "ann", None, None, None, None, None, 0, 0),
    ]
    found = cells(pd.DataFrame([*drawn, *others], columns=columns), "site", ("ann", "ben"))
    assert found.keys == ("a", "b")
    assert found.n.tolist() == [[10, 5], [0, 3]]
    assert found.errors.tolist() == [[3, 2], [0, 0]]
    assert found.weight.tolist() == [[100, 5], [0, 3]]
    assert found.wrong.tolist() == [[30, 2], [0, 0]]
    assert found.square.tolist() == [[1000, 5], [0, 3]]
    assert found.row("c").n.tolist() == [[0, 0]]
    assert found.row("b").less(found.row("b")).weight.tolist() == [[0, 0]]
    undrawn = cells(pd.DataFrame(others, columns=columns), "site", ("ann", "ben"))
    assert undrawn.weight.tolist() == [[0, 5], [0, 3]]


def test_a_rate_is_as_sure_as_its_weights_and_its_people_leave_it() -> None:
    """By hand, two people: 20/100 and 5/100 differ by more than chance; 12/100 and 13/100 do not."""
    z = 1.96
    for errors, people_differ in (([20.0, 5.0], True), ([12.0, 13.0], False)):
        n, wrong = np.array([100.0, 100.0]), np.array(errors)
        side = error_side(judged(n, wrong))
        p = wrong.sum() / 200
        between = 2 * (((wrong - p * n) / 200) ** 2).sum()
        chance = p * (1 - p) / 200
        assert bool(between > chance) is people_differ
        assert side.variance == pytest.approx(max(between, chance))
        worth = p * (1 - p) / side.variance
        low, high = wilson_bounds_at(p, worth, z)
        assert side.limits(z) == pytest.approx((low, high))
    none_wrong = error_side(judged(np.array([30.0]), np.array([0.0])))
    assert none_wrong.limits(z) == pytest.approx((0, z**2 / (30 + z**2)))


def wilson_bounds_at(p: float, n: float, z: float) -> tuple[float, float]:
    """The roots of (p − x)² = z²x(1 − x)/n (Wilson 1927)."""
    low, high = np.sort(np.roots([1 + z**2 / n, -(2 * p + z**2 / n), p**2]).real)
    return float(low), float(high)


def test_medians_are_woodruffs_by_hand() -> None:
    """Bins of e-fold width; one person: 0.5/√4 each way. Two who differ by two of four answers: √(2 · 2/64) = 0.25."""
    alone = median_side(Pace(np.arange(4.0), np.ones((1, 4)), np.array([40.0])))
    assert alone.value == pytest.approx(np.e**2)
    assert alone.limits(1.0) == pytest.approx((np.e, np.e**3))
    assert alone.limits(0.5) == pytest.approx((np.e**1.5, np.e**2.5))
    assert alone.limits(9.0) == pytest.approx((1, np.e**4))
    assert alone.variance == pytest.approx(((np.e**3 - np.e) / 2) ** 2)
    half = median_side(Pace(np.arange(4.0) / 2, np.ones((1, 4)), np.array([40.0])))
    assert half.value == pytest.approx(np.e)
    assert half.limits(0.5) == pytest.approx((np.e**0.75, np.e**1.25))
    two = median_side(Pace(np.arange(2.0), np.array([[3.0, 1.0], [1.0, 3.0]]), np.array([9.0, 9.0])))
    assert two.value == pytest.approx(np.e)
    assert two.limits(1.0) == pytest.approx((np.e**0.5, np.e**1.5))
    unit = (np.e**1.5 - np.e**0.5) / 2 / 0.25
    assert two.shifts == pytest.approx(np.array([-1, 1]) * np.sqrt(2) / 8 * unit)
    assert median_side(Pace(np.zeros(1), np.zeros((1, 1)), np.zeros(1))).reason == "no durations are known"


def test_costs_are_mean_seconds_at_a_wage_by_hand() -> None:
    """10 answers in 100 s and 30 in 500 s: 15 s at 36 an hour, 0.15; the two move it by 50/40 s, times √2."""
    frame = pd.DataFrame({"annotator": ["a", "b"], "bin": [2, 5], "n": [10, 30], "spent_ms": [100_000, 500_000]})
    pace = Pace.of(frame, ("a", "b"), 0.5)
    assert pace.bins.tolist() == [1.0, 1.5, 2.0, 2.5]
    assert pace.counts.tolist() == [[10, 0, 0, 0], [0, 0, 0, 30]]
    assert pace.seconds.tolist() == [100, 500]
    side = cost_side(pace, 36.0)
    assert side.value == pytest.approx(0.15)
    error = np.sqrt(2 * 2 * (50 / 40 / 100) ** 2)
    assert side.shifts == pytest.approx(np.array([-1, 1]) * 50 / 40 / 100 * np.sqrt(2))
    assert side.limits(2.0) == pytest.approx((0.15 - 2 * error, 0.15 + 2 * error))
    assert side.limits(20.0)[0] == 0
    assert "how much people differ" in str(cost_side(Pace.of(frame[:1], ("a", "b"), 0.5), 36.0).reason)


def test_two_labels_move_by_their_z() -> None:
    """Items are clusters: a share's variance is the sum of (count − share · size)² over n², times m/(m − 1)."""
    own = np.array([1, 1, 2, 3, 3, 3, 4, 5, 6]), np.array([0, 0, 1, 0, 0, 1, 0, 0, 1])
    before = np.repeat(np.arange(20), 2), np.array([0, 1] * 8 + [1, 1] * 10 + [0, 0] * 2)
    found = mix_against(*own, *before)
    shares, variances = [], []
    for item, code in (own, before):
        share, n, names = (code == 1).mean(), len(code), np.unique(item)
        gaps_of = [(code[item == name] == 1).sum() - share * (item == name).sum() for name in names]
        shares.append(share)
        variances.append(np.square(gaps_of).sum() / n**2 * len(names) / (len(names) - 1))
    z = (shares[0] - shares[1]) / np.sqrt(sum(variances))
    assert found.z == pytest.approx([-z, z])
    assert found.p is None or found.p == pytest.approx(2 * norm.sf(abs(z)))
    assert (found.items, found.items_before, found.moved) == (6, 20, pytest.approx(abs(shares[0] - shares[1])))
    more = tuple(np.concatenate([part + (at == 0) * 100 * time for time in range(4)]) for at, part in enumerate(own))
    z_more = mix_against(*more, *before)
    assert z_more.p == pytest.approx(2 * norm.sf(abs(z_more.z[0])))


def test_two_items_on_a_side_are_enough_for_p_and_one_is_not() -> None:
    code = np.array([0, 1, 1, 0, 1] * 4)
    before = np.repeat([7, 8, 9], 10), np.array([0, 0, 1, 0, 1] * 6)
    assert mix_against(np.repeat([1, 2], 10), code, *before).p is not None
    assert mix_against(np.repeat([1], 20), code, *before).p is None


def test_rare_labels_count_as_one() -> None:
    """60 and 100 single answers: labels 2 and 3 are expected under 5 times of 60; Rao & Scott 1981 by sums."""
    own, before = np.repeat([0, 1, 2, 3], [25, 28, 4, 3]), np.repeat([0, 1, 2, 3], [55, 40, 3, 2])
    found = mix_against(np.arange(60), own, np.arange(100), before)
    a, b = np.bincount(own) / 60, np.bincount(before) / 100
    variance = a * (1 - a) / 59 + b * (1 - b) / 99
    both = (np.bincount(own) + np.bincount(before)) / 160
    gap, spread, share = (np.array([x[0], x[1], x[2] + x[3]]) for x in (a - b, variance, both))
    statistic = (gap**2 / share).sum() / ((spread / share).sum() / 2)
    assert found.p == pytest.approx(chi2.sf(statistic, 2))
    assert found.moved == pytest.approx(np.abs(a - b).sum() / 2)


def test_lengths_outside_by_hand() -> None:
    """Of 1,000 before, 5 and 995 are the limits; 3 of 20 are beyond, 1 % and two order statistics are expected."""
    share, p, limits = outside(np.r_[np.full(17, 500.0), 1.0, 998.0, 2000.0], np.arange(1000.0))
    expected = 0.01 + 2 * 0.99 / 1001
    error = np.sqrt(expected * (1 - expected) * (1 / 20 + 1 / 1000))
    assert limits == pytest.approx((4.995, 994.005))
    assert (share.value, share.n) == (0.15, 20)
    assert p == pytest.approx(norm.sf((0.15 - expected - 0.025) / error))
    assert outside(np.full(20, 500.0), np.arange(1000.0))[1] == 0.5
    assert standing_out(np.zeros(4)) == pytest.approx(norm.ppf(1 - 0.05 / 8))


@pytest.mark.parametrize(
    ("gap", "q", "said"),
    [
        (0.05, 0.01, "worse than the rest"),
        (-0.05, 0.01, "better than the rest"),
        (0.02, 0.01, "worse than the rest"),
        (0.019, 0.01, "no more than noise"),
        (0.05, 0.05, "no more than noise"),
        (0.05, None, "too little data"),
        (None, 0.01, "too little data"),
    ],
)
def test_what_may_be_said_of_a_gap(gap: float | None, q: float | None, said: str) -> None:
    number = undefined("nothing judged") if gap is None else Estimate(gap, gap - 0.1, gap + 0.1, 50, "answers")
    assert flagged(number, q, 0.02, 0.05) == said
    if said.endswith("the rest"):
        other = {"worse than the rest": "better than the rest", "better than the rest": "worse than the rest"}[said]
        assert flagged(number, q, 0.02, 0.05, more_is="better than the rest") == other


def test_groups_are_tested_from_so_many_answers_on_and_adjusted_together() -> None:
    """30 judged are enough, 29 are not; the p-values of those tested are Benjamini and Hochberg's."""
    people = ("a", "b")
    n = np.array([[15.0, 15.0], [15.0, 14.0], [400.0, 400.0]])
    errors = np.array([[8.0, 9.0], [8.0, 9.0], [20.0, 22.0]])
    parts = Cells(("x", "y", "z"), people, n, errors, n, errors, n)
    total, wrong = n.sum(axis=0)[None, :], errors.sum(axis=0)[None, :]
    whole = Cells(("all",), people, total, wrong, total, wrong, total)
    x, y, z = gaps(parts, whole, 30, 0.02, 0.05)
    assert (y.p, y.p_adjusted, y.verdict) == (None, None, "too little data")
    assert x.p is not None
    assert z.p is not None
    assert [x.p_adjusted, z.p_adjusted] == pytest.approx(multipletests([x.p, z.p], method="fdr_bh")[1])
    assert (x.n, x.errors, x.rate.value) == (30, 17, pytest.approx(17 / 30))
    assert x.rest.value == pytest.approx((wrong.sum() - 17) / (total.sum() - 30))
    assert x.gap.value == pytest.approx(x.rate.value - x.rest.value)


@pytest.mark.parametrize(
    ("p", "p_worse", "verdict"),
    [
        (0.049, 0.951, "holds the standard"),
        (0.951, 0.049, "does not hold the standard"),
        (0.0501, 0.9499, "not yet clear"),
        (0.9499, 0.0501, "not yet clear"),
        (None, 0.01, "does not hold the standard"),
        (None, None, "not yet clear"),
    ],
)
def test_a_verdict_needs_one_of_two_tests(p: float | None, p_worse: float | None, verdict: str) -> None:
    assert told(p, p_worse) == verdict
