"""Every published value of review that the figures are held to, in one table, to the digits printed (about 4 s).

A row names its source, what is meant, the digits as printed and how they are found here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from scipy.stats import hypergeom

from qc.model import Estimate, InputError
from qc.stats.acceptance import (
    AQLS,
    INSPECTIONS,
    NORMAL,
    REDUCED,
    SEVERITIES,
    TIGHTENED,
    Csp1,
    Inspection,
    LotPlan,
    SinglePlan,
    after,
    average_inspected,
    average_outgoing,
    code_letter,
    find_plan,
    lot_plan,
    sprt,
    zero_failure_size,
)
from qc.stats.acceptance.plans import hypergeometric, poisson
from qc.stats.acceptance.standard import LETTERS, UP_TO, letter_plan
from qc.stats.charts import design
from qc.stats.intervals import clopper_pearson, jeffreys, wilson
from qc.stats.multiple import benjamini_hochberg
from qc.stats.p_chart import rate_chart
from qc.stats.rates import true_rate
from qc.stats.shrinkage import Beta


@dataclass(frozen=True)
class Oracle:
    """A printed number and how it is found here."""

    source: str
    what: str
    printed: str
    found: Callable[[], float]

    @property
    def tolerance(self) -> float:
        """Half a unit in the last digit, and a trace for rounding."""
        digits = self.printed.split(".")[1] if "." in self.printed else ""
        return 0.501 * 10.0 ** -len(digits)


# Reynolds & Stoumbos 1999 for at least 2,000 answers between false alarms: p0, p1, gamma, m, h, H, ANOS at p0, at p1.
CUSUMS = """
.01 .02 0.01444 69 2.855 197 2010 350
.01 .03 0.01824 55 2.491 137 2040 168
.02 .04 0.02889 35 3.657 128 2037 238
.02 .06 0.03655 27 2.926 79 2006 105
.03 .06 0.04336 23 4.043 93 2038 185
.05 .10 0.07236 14 4.643 65 2030 130
.05 .15 0.09193 11 3.636 40 2142 54
.10 .15 0.12355 8 6.625 53 2058 190
"""
# R AcceptanceSampling 1.0-11, find.plan: model, lot, two points, n, c.
PLANS = """
binomial - .05 .95 .15 .075 80 7
binomial - .01 .95 .05 .10 132 3
binomial - .01 .95 .08 .10 65 2
binomial - .02 .95 .08 .10 98 4
binomial - .02 .95 .06 .10 194 7
binomial - .05 .95 .10 .10 233 17
binomial - .03 .95 .10 .05 129 7
hypergeometric 100 .05 .95 .15 .075 47 4
hypergeometric 1000 .01 .95 .05 .10 128 3
hypergeometric 500 .02 .95 .08 .10 94 4
hypergeometric 2000 .05 .95 .10 .10 207 15
poisson - .05 .95 .15 .075 91 8
"""
MONTGOMERY_OC = """
.005 0.9897
.01 0.9397
.02 0.7366
.03 0.4985
.04 0.3042
.05 0.1721
.06 0.0919
.07 0.0468
.08 0.0230
.09 0.0109
"""
# errors, n, and the interval as printed by Wilson's, Jeffreys' and Clopper and Pearson's method.
INTERVALS = """
81 263 wilson 0.2553 0.3662
81 263 clopper_pearson 0.2527 0.3676
81 263 jeffreys 0.2545 0.3656
15 148 wilson 0.0624 0.1605
15 148 clopper_pearson 0.0578 0.1617
0 20 wilson 0 0.1611
0 20 clopper_pearson 0 0.1684
1 20 wilson 0.0089 0.2361
1 20 clopper_pearson 0.0013 0.2487
5 100 wilson 0.0215 0.1118
5 100 jeffreys 0.0193 0.1061
5 100 clopper_pearson 0.0164 0.1128
"""
METHODS = {"wilson": wilson, "jeffreys": jeffreys, "clopper_pearson": clopper_pearson}
EIGHT_WEEKS = ([52, 75, 40, 80, 45, 90, 38, 66], [1000, 1200, 900, 1100, 1000, 1300, 950, 1050])


def table(text: str) -> list[list[str]]:
    return [line.split() for line in text.strip().splitlines()]


def charts() -> Iterator[Oracle]:
    for p0, p1, gamma, m, h, threshold, anos0, anos1 in table(CUSUMS):
        chart = design(float(p0), float(p1), 2000)
        printed = {"gamma": gamma, "m": m, "h": h, "threshold": threshold, "anos0": anos0, "anos1": anos1}
        for name, value in printed.items():
            yield Oracle("Reynolds & Stoumbos 1999", f"{p0} to {p1}: {name}", value, partial(getattr, chart, name))
    yield Oracle("Laney 2002", "centre", "0.0571765", lambda: rate_chart(*EIGHT_WEEKS).centre)
    yield Oracle("Laney 2002", "sigma z", "2.842008", lambda: rate_chart(*EIGHT_WEEKS).sigma_z)
    yield Oracle("Laney 2002", "upper limit 1", "0.11978", lambda: float(rate_chart(*EIGHT_WEEKS).high[0]))
    yield Oracle("Shewhart p chart", "upper limit 1", "0.07920", lambda: float(rate_chart(*EIGHT_WEEKS, 1.0).high[0]))


def single_plans() -> Iterator[Oracle]:
    for model, lot, good, accepted, bad, missed, n, accept in table(PLANS):
        points = [float(point) for point in (good, accepted, bad, missed)]
        size = None if lot == "-" else int(lot)
        for name, printed in (("n", n), ("accept", accept)):
            found = partial(lambda name, *plan: getattr(find_plan(*plan), name), name, *points, size, model)
            yield Oracle("R AcceptanceSampling 1.0-11", f"{model} {lot} {good} {bad}: {name}", printed, found)
    for rate, accepts in table(MONTGOMERY_OC):
        yield Oracle("Montgomery", f"n 89, c 2 at {rate}", accepts, partial(SinglePlan(89, 2).accepts, float(rate)))
    for plan, rate, accepts in (
        (SinglePlan(80, 1), 0.058, "0.0498"),
        (SinglePlan(80, 1), 0.0044, "0.9512"),
        (SinglePlan(125, 2), 0.05, "0.0477"),
        (SinglePlan(125, 2), 0.0065, "0.9513"),
    ):
        yield Oracle("UK SI 1996/2636", f"{plan} at {rate}", accepts, partial(plan.accepts, rate))
    for rate, printed in ((0.01, "0.2650"), (0.001, "0.9982")):
        found = partial(poisson, 500, 3, np.array(rate), None)
        yield Oracle("7 CFR 42.140", f"n 500, c 3 at {rate}, Poisson", printed, found)
    for bad, missed, lot, n in (
        (0.05, 0.10, None, "45"),
        (0.05, 0.05, None, "59"),
        (0.01, 0.05, None, "299"),
        (0.05, 0.05, 500, "56"),
    ):
        yield Oracle("zero failures", f"{bad} {missed} {lot}", n, partial(zero_failure_size, bad, missed, lot))


def sequential() -> Iterator[Oracle]:
    for name, printed in (("low", "1.2211"), ("high", "1.5678"), ("slope", "0.02811")):
        yield Oracle("Montgomery, SPRT", name, printed, partial(getattr, sprt(0.01, 0.06), name))
    dodge = Csp1(50, 0.1)
    for name, printed in (("checking", "87.30"), ("sampling", "500"), ("inspected", "0.2338"), ("outgoing", "0.01532")):
        yield Oracle("Dodge 1943", f"50, 0.1 at 0.02: {name}", printed, partial(getattr(dodge, name), 0.02))
    for clean, fraction, printed in (
        (100, 0.1, "0.0109"),
        (50, 0.05, "0.0297"),
        (38, 0.1, "0.0282"),
        (20, 0.1, "0.0523"),
    ):
        yield Oracle("Dodge 1943", f"AOQL of {clean}, {fraction}", printed, Csp1(clean, fraction).limit)


def rates() -> Iterator[Oracle]:
    reported = Estimate(60 / 500, 0.0, 1.0, 500)
    yield Oracle(
        "Rogan & Gladen 1978", "60 of 500, 0.9, 0.95", "0.0823529", lambda: true_rate(reported, 0.9, 0.95).value
    )
    corrected = true_rate(wilson(60, 500), 0.9, 0.95)
    yield Oracle("epiR 2.0.57", "60 of 500, low", "0.0522058", lambda: corrected.low)
    yield Oracle("epiR 2.0.57", "60 of 500, high", "0.1193172", lambda: corrected.high)
    few = true_rate(wilson(4, 80), 0.9, 0.99)
    for name, printed in (("value", "0.0449438"), ("low", "0.0108017"), ("high", "0.1254188")):
        yield Oracle("epiR 2.0.57", f"4 of 80: {name}", printed, partial(getattr, few, name))
    for errors, n, method, low, high in table(INTERVALS):
        found = METHODS[method](int(errors), int(n))
        yield Oracle("Newcombe 1998", f"{errors} of {n}, {method}, low", low, partial(getattr, found, "low"))
        yield Oracle("Newcombe 1998", f"{errors} of {n}, {method}, high", high, partial(getattr, found, "high"))
    p = [0.001, 0.008, 0.039, 0.041, 0.042, 0.06, 0.074, 0.205, 0.212, 0.216]
    adjusted = ("0.01", "0.04", "0.084", "0.084", "0.084", "0.1", "0.10571", "0.216", "0.216", "0.216")
    for place, printed in enumerate(adjusted):
        found = partial(lambda at: float(benjamini_hochberg(p)[at]), place)
        yield Oracle("Benjamini & Hochberg 1995", f"p {place}", printed, found)
    for errors, printed in ((6, "0.9508"), (1, "0.1055")):
        found = partial(Beta(0.5, 0.5).updated(errors, 60).p_above, 0.05)
        yield Oracle("Jeffreys", f"P(rate > 5 %) after {errors} of 60", printed, found)


ORACLES = [*charts(), *single_plans(), *sequential(), *rates()]


@pytest.mark.parametrize("one", ORACLES, ids=lambda one: f"{one.source}: {one.what}")
def test_published_value(one: Oracle) -> None:
    assert one.found() == pytest.approx(float(one.printed), abs=one.tolerance)


# MIL-STD-105E (1989), Table I: lots up to, then the letters of S-1 to S-4, I, II and III.
CODE_LETTERS = """
8 A A A A A A B
15 A A A A A B C
25 A A B B B C D
50 A B B C C D E
90 B B C C C E F
150 B B C D D F G
280 B C D E E G H
500 B C D E F H J
1200 C C E F G J K
3200 C D E G H K L
10000 C D F G J L M
35000 C D F H K M N
150000 D E G J L N P
500000 D E G J M P Q
900000 D E H K N Q R
"""
# Tables II-A to II-C: n/Ac/Re of normal, tightened and reduced inspection at a code letter and an AQL.
CELLS = """
F 4.0 20/2/3 20/1/2 8/1/3
G 2.5 32/2/3 32/1/2 13/1/3
H 1.0 50/1/2 80/1/2 20/0/2
H 2.5 50/3/4 50/2/3 20/1/4
J 1.0 80/2/3 80/1/2 32/1/3
J 1.5 80/3/4 80/2/3 32/1/4
J 4.0 80/7/8 80/5/6 32/3/6
J 10.0 80/14/15 80/12/13 32/7/10
K 0.10 125/0/1 200/0/1 50/0/1
K 0.15 80/0/1 125/0/1 32/0/1
K 0.25 200/1/2 315/1/2 80/0/2
K 0.40 125/1/2 200/1/2 50/0/2
K 0.65 125/2/3 125/1/2 50/1/3
K 1.0 125/3/4 125/2/3 50/1/4
K 1.5 125/5/6 125/3/4 50/2/5
K 2.5 125/7/8 125/5/6 50/3/6
K 4.0 125/10/11 125/8/9 50/5/8
K 6.5 125/14/15 125/12/13 50/7/10
K 10.0 125/21/22 125/18/19 50/10/13
L 1.0 200/5/6 200/3/4 80/2/5
L 1.5 200/7/8 200/5/6 80/3/6
L 4.0 200/14/15 200/12/13 80/7/10
M 1.0 315/7/8 315/5/6 125/3/6
N 0.65 500/7/8 500/5/6 200/3/6
"""
# Whole columns, where the arrows are: sample sizes from letter A to R.
COLUMNS = {
    (NORMAL, 0.010): [1250] * 16,
    (NORMAL, 0.015): [800] * 16,
    (NORMAL, 0.025): [500] * 14 + [2000] * 2,
    (NORMAL, 0.040): [315] * 13 + [1250, 1250, 2000],
    (NORMAL, 6.5): [2, 2, 8, 8, 13, 20, 32, 50, 80, 125] + [200] * 6,
    (NORMAL, 10.0): [5, 5, 5, 8, 13, 20, 32, 50, 80] + [125] * 7,
    (TIGHTENED, 0.010): [2000] * 16,
    (TIGHTENED, 0.015): [1250] * 16,
    (TIGHTENED, 0.025): [800] * 14 + [3150] * 2,
    (TIGHTENED, 0.040): [500] * 13 + [2000] * 3,
    (TIGHTENED, 6.5): [3, 3, 13, 13, 13, 20, 32, 50, 80, 125] + [200] * 6,
    (TIGHTENED, 10.0): [8, 8, 8, 8, 13, 20, 32, 50, 80] + [125] * 7,
    (REDUCED, 0.010): [500] * 16,
    (REDUCED, 0.015): [315] * 16,
    (REDUCED, 0.025): [200] * 14 + [800] * 2,
    (REDUCED, 0.040): [125] * 13 + [500, 500, 800],
    (REDUCED, 6.5): [2, 2, 3, 3, 5, 8, 13, 20, 32, 50] + [80] * 6,
    (REDUCED, 10.0): [2, 2, 2, 3, 5, 8, 13, 20, 32] + [50] * 7,
}


@pytest.mark.parametrize("row", table(CODE_LETTERS), ids=lambda row: row[0])
def test_code_letters(row: list[str]) -> None:
    lot, *letters = row
    assert [code_letter(int(lot), level) for level in INSPECTIONS] == letters


def test_code_letters_change_right_after_the_end_of_a_row() -> None:
    for (end, *_), (_, *letters) in pairwise(table(CODE_LETTERS)):
        assert int(end) in UP_TO
        assert [code_letter(int(end) + 1, level) for level in INSPECTIONS] == letters


@pytest.mark.parametrize("row", table(CELLS), ids=lambda row: " ".join(row[:2]))
def test_plans_of_the_standard(row: list[str]) -> None:
    letter, aql, *plans = row
    found = [letter_plan(letter, float(aql), severity) for severity in SEVERITIES]
    assert [f"{plan.n}/{plan.accept}/{plan.reject}" for plan in found] == plans


@pytest.mark.parametrize(("severity", "aql"), COLUMNS)
def test_arrows_lead_to_a_plan_with_its_own_size(severity: str, aql: float) -> None:
    assert [letter_plan(letter, aql, severity).n for letter in LETTERS[:16]] == COLUMNS[severity, aql]


def test_reduced_numbers_leave_a_gap_and_others_leave_none() -> None:
    for aql in AQLS:
        for letter in LETTERS[:16]:
            for severity in (NORMAL, TIGHTENED):
                plan = letter_plan(letter, aql, severity)
                assert plan.reject == plan.accept + 1
            assert letter_plan(letter, aql, REDUCED).reject > letter_plan(letter, aql, REDUCED).accept


def test_a_small_lot_is_checked_whole() -> None:
    assert lot_plan(12, 1.0, "II", NORMAL) == LotPlan(12, 0, 1, None, NORMAL)
    assert lot_plan(13, 1.0, "II", NORMAL) == LotPlan(13, 0, 1, None, NORMAL)
    assert lot_plan(14, 1.0, "II", NORMAL) == LotPlan(13, 0, 1, "E", NORMAL)
    assert lot_plan(1, 1.0, "II", NORMAL) == LotPlan(1, 0, 1, None, NORMAL)


def test_what_the_standard_does_not_know_is_refused() -> None:
    with pytest.raises(InputError, match="AQL"):
        lot_plan(500, 2.0, "II", NORMAL)
    with pytest.raises(InputError, match="inspection level"):
        lot_plan(500, 2.5, "IV", NORMAL)
    with pytest.raises(InputError, match="two answers"):
        code_letter(1, "II")
    with pytest.raises(InputError, match="above the rate to accept"):
        find_plan(0.05, 0.95, 0.05, 0.1)
    with pytest.raises(InputError, match="No plan"):
        find_plan(0.05, 0.95, 0.06, 0.05, 40, "hypergeometric")


def inspected(lots: str, state: Inspection, accept: int, tighter: int) -> list[str]:
    """The severity after each lot; A has no error, R one more than is accepted."""
    found = []
    for lot in lots:
        state = after(state, 0 if lot == "A" else accept + 1, accept, accept + 1, tighter)
        found.append(state.severity)
    return found


# MIL-STD-105E, 4.7.3; ISO 2859-1:1999, 9.3.3 for `reduced`: lots, where it began, Ac, where it ends, after which lot.
SEQUENCES = """
AAAAAAAAAA normal 2 reduced 10
AAAAAAAAAAAAAAA normal 1 reduced 15
ARAAR normal 2 tightened 5
ARAAAR normal 2 tightened 6
ARAAAAR normal 2 normal 7
AAAAA tightened 2 normal 5
RARRARAR tightened 2 discontinued 8
RARRARARAAAAAA tightened 2 discontinued 8
AAAR reduced 2 normal 4
"""


@pytest.mark.parametrize("row", table(SEQUENCES), ids=lambda row: " ".join(row[:2]))
def test_switching(row: list[str]) -> None:
    lots, began, accept, ends, at = row
    found = inspected(lots, Inspection(began), int(accept), int(accept) - 1)
    assert found[int(at) - 1] == ends
    assert set(found[: int(at) - 1]) <= {began}
    assert found[-1] == ends


def test_in_the_gap_a_lot_passes_and_inspection_is_normal_again() -> None:
    """K 1.0 reduced: Ac 1, Re 4."""
    assert after(Inspection(REDUCED), 1, 1, 4).severity == REDUCED
    assert after(Inspection(REDUCED), 3, 1, 4).severity == NORMAL


def test_a_lot_that_a_tighter_plan_would_refuse_takes_the_score_away() -> None:
    state = Inspection()
    for errors in (0, 1, 2):
        state = after(state, errors, 2, 3, 1)
    assert state.score == 0
    assert after(state, 1, 2, 3, 1).score == 3


def test_30_points_reduce_and_29_do_not() -> None:
    """ISO 2859-1:1999, 9.3.3: 2 points for a lot accepted with Ac 0 or 1, 3 for one that a tighter plan accepts too."""
    assert after(Inspection(score=27), 1, 1, 2) == Inspection(lots=(True,), score=29)
    assert after(Inspection(score=28), 0, 0, 1) == Inspection(REDUCED)
    assert after(Inspection(score=27), 2, 3, 4, 2) == Inspection(REDUCED)
    assert after(Inspection(score=27), 3, 3, 4, 2) == Inspection(lots=(True,))


def test_sequential_test_truncated() -> None:
    """Wald's lines by simulation: accepts 0.971 at 1 % and 0.095 at 6 %, after 63 and 50 answers of 110."""
    test = sprt(0.01, 0.06)
    assert test.most == 3 * 110
    accepted, answers = test.run(0.01)
    assert accepted == pytest.approx(0.971, abs=0.004)
    assert answers == pytest.approx(63, abs=1.0)
    accepted, answers = test.run(0.06)
    assert accepted == pytest.approx(0.095, abs=0.006)
    assert answers == pytest.approx(50, abs=1.0)
    assert test.decide(0, 43) is None
    assert test.decide(0, 44) is True
    assert test.decide(2, 15) is False
    assert test.decide(2, 16) is None
    assert test.decide(3, 16) is False
    assert test.decide(9, 330) is True
    assert test.decide(10, 330) is False


@pytest.mark.parametrize("most", [1, 20, 60])
@pytest.mark.parametrize("rate", [0.01, 0.06, 0.5])
def test_the_run_of_a_sequential_test_is_that_of_its_decisions(rate: float, most: int) -> None:
    """Answer by answer, with the probability of each number of errors that asks for another one."""
    test = replace(sprt(0.01, 0.06), most=most)
    going, accepted, answers = {0: 1.0}, 0.0, 0.0
    for n in range(1, most + 1):
        answers += sum(going.values())
        reached: dict[int, float] = {}
        for errors, chance in going.items():
            for more, part in ((0, 1 - rate), (1, rate)):
                reached[errors + more] = reached.get(errors + more, 0.0) + chance * part
        verdicts = {errors: test.decide(errors, n) for errors in reached}
        accepted += sum(reached[errors] for errors, verdict in verdicts.items() if verdict)
        going = {errors: reached[errors] for errors, verdict in verdicts.items() if verdict is None}
    assert not going
    assert test.run(rate) == pytest.approx((accepted, answers), abs=1e-12)


def test_rectified_lots() -> None:
    """By hand: of 1,000 answers 50 are checked and half of the lots accepted."""
    assert average_outgoing(0.5, 0.04, 50, 1000) == pytest.approx(0.019)
    assert average_inspected(0.5, 50, 1000) == pytest.approx(525)


def test_hypergeometric_agrees_with_scipy() -> None:
    rates = np.array([0.0, 0.02, 0.1, 0.5, 0.95, 1.0])
    for lot, n, accept in ((50, 10, 1), (50, 45, 3), (20, 20, 2)):
        expected = hypergeom.cdf(accept, lot, np.round(rates * lot).astype(int), n)
        np.testing.assert_allclose(hypergeometric(n, accept, rates, lot), expected, atol=1e-12)


def smallest_plan(good: float, accepted: float, bad: float, missed: float, lot: int) -> tuple[int, int]:
    for accept in range(lot):
        for n in range(accept + 1, lot + 1):
            at_good, at_bad = (hypergeom.cdf(accept, lot, round(rate * lot), n) for rate in (good, bad))
            if at_bad <= missed and at_good >= accepted:
                return n, accept
    raise AssertionError


def test_plans_of_small_lots_are_the_smallest_of_all() -> None:
    """By trying every n and c in scipy's hypergeometric distribution; 45 without error: log 0.1 / log 0.95 = 44.9."""
    points = ((0.05, 0.95, 0.10, 0.05, 20), (0.02, 0.9, 0.2, 0.1, 50), (0.1, 0.95, 0.2, 0.001, 20))
    for *point, lot in points:
        plan = find_plan(*point, lot=lot, model="hypergeometric")
        assert (plan.n, plan.accept) == smallest_plan(*point, lot)
    assert find_plan(0.05, 0.95, 0.10, 0.05, lot=20, model="hypergeometric").n == 20
    without = find_plan(0.001, 0.95, 0.05, 0.10)
    assert (without.n, without.accept) == (45, 0)


@pytest.mark.parametrize(("good", "bad"), [(0.0, 0.1), (0.1, 0.1), (0.2, 0.1), (0.1, 1.0)])
def test_a_plan_needs_two_rates_that_differ(good: float, bad: float) -> None:
    with pytest.raises(InputError, match="must lie above"):
        find_plan(good, 0.95, bad, 0.1)


@pytest.mark.parametrize(("bad", "missed"), [(0.05, 0.05), (0.001, 0.05), (0.5, 0.5), (0.07, 0.01), (0.99, 0.5)])
def test_whoever_passes_without_error_has_fewer_wrong(bad: float, missed: float) -> None:
    """Of 100 the fewest that miss all of at least 100·bad wrong ones at the risk, counted by scipy; of 10 as well."""
    for lot in (10, 100):
        wrong = next(count for count in range(1, lot + 1) if count >= round(bad * lot, 9))
        expected = next(n for n in range(1, lot + 1) if hypergeom.pmf(0, lot, wrong, n) <= missed)
        assert zero_failure_size(bad, missed, lot) == expected


def test_chart_of_rates_without_differences() -> None:
    assert rate_chart([0, 0, 0], [10, 10, 10]).centre == 0
    single: Any = rate_chart([1], [10])
    assert single.sigma_z == 1


def test_limits_of_rates_lie_as_far_below_as_above_and_within_0_to_1() -> None:
    """Montgomery, Introduction to Statistical Quality Control, example 7.1: 347 of 30 samples of 50, 0.0524 to 0.4102.

    Two rates differ by as much as there is to see: z moves by |z1 − z2|, over 1.128.
    """
    wrong = [11] * 17 + [12] * 10 + [13, 13, 14]
    assert sum(wrong) == 347
    chart = rate_chart(wrong, [50] * 30, 1.0)
    assert (chart.low[0], chart.high[0]) == (pytest.approx(0.0524, abs=5e-5), pytest.approx(0.4102, abs=5e-5))
    near_0, near_1 = rate_chart([1] * 5, [20] * 5, 1.0), rate_chart([19] * 5, [20] * 5, 1.0)
    assert (near_0.low[0], near_1.high[0]) == (0.0, 1.0)
    two = rate_chart([1, 3], [20, 20])
    assert two.sigma_z == pytest.approx(2 / 20 / np.sqrt(0.1 * 0.9 / 20) / 1.128)
