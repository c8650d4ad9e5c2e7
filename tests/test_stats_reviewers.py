"""How well reviewers see, true rates behind theirs, what nobody found, and ranks (3 s)."""

from __future__ import annotations

from hashlib import blake2b
from math import isnan

import numpy as np
import pandas as pd
import pytest
from benchmarks.reviewers_who_err import corrected, double
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import beta

from qc.model import Estimate, undefined
from qc.stats.capture import captured, captured_in_items, chapman
from qc.stats.corrected import corrected_rate, lang_reiczigel, over_a_range, rogan_gladen_error
from qc.stats.double_reviews import by_reviewer, of_all, overlooked, to_settle, unsettled
from qc.stats.intervals import FEW, at_most, jeffreys, proportion, wilson
from qc.stats.ranking import ranks, sentence
from qc.stats.reviewers import Accuracy, from_pairs, on_gold, pair_rates
from qc.stats.shrinkage import Beta


def double_reviews(rng, runs, n, rate, seen, passed, share):
    """Counts by own verdict and the other's, of `runs` simulated sets of n double reviews: reviewed, settled, wrong."""
    wrong = rng.random((runs, n)) < rate
    flags = [
        np.where(wrong, rng.random((runs, n)) < one, rng.random((runs, n)) >= other)
        for one, other in zip(seen, passed, strict=True)
    ]
    settled = (flags[0] != flags[1]) | (rng.random((runs, n)) < share)
    cell = flags[0] * 2 + flags[1]
    of = []
    for rows in (np.ones_like(wrong), settled, settled & wrong):
        of.append(np.stack([((cell == c) & rows).sum(axis=1) for c in range(4)], axis=1).reshape(runs, 2, 2))
    return of


def test_few_judged_have_jeffreys_interval_and_more_have_wilsons():
    """Brown, Cai & DasGupta 2001, Statistical Science 16:101, section 5: Jeffreys or Wilson up to 40, then any."""
    assert proportion(1, FEW - 1) == jeffreys(1, FEW - 1)
    assert proportion(1, FEW) == wilson(1, FEW)


@pytest.mark.parametrize(("n", "high"), [(25, 0.113), (50, 0.058), (100, 0.030)])
def test_what_no_error_guarantees(n, high):
    """1 − 0.05^(1/n): the rule of three made exact, Hanley & Lippman-Hand 1983."""
    found = at_most(0, n)
    assert found.value == pytest.approx(1 - 0.05 ** (1 / n))
    assert round(found.value, 3) == high
    assert at_most(n, n).value == 1
    assert at_most(0, 0).reason == "nothing judged"


def test_rogan_gladen_and_lang_reiczigel_as_printed():
    """60 of 500 with 0.9 and 0.95 of 100 each: 0.0824 (error 0.0292); Lang & Reiczigel 2014 have 0.0122 to 0.1350."""
    assert rogan_gladen_error(0.12, 500, 0.9, 100, 0.95, 100) == pytest.approx(0.0292, abs=5e-5)
    np.testing.assert_allclose(lang_reiczigel(0.12, 500, 0.9, 100, 0.95, 100), [0.0769, 0.0122, 0.1350], atol=5e-5)
    found = corrected_rate(wilson(60, 500), 500, on_gold(90, 100, 95, 100), "gold")
    assert found.value == pytest.approx(0.0823529, abs=1e-7)
    assert (round(found.low, 4), round(found.high, 4)) == (0.0122, 0.1350)
    assert "gold" in found.method


def test_what_is_known_of_reviewers_exactly_narrows_the_interval_to_the_reported_rates():
    """With Se = Sp = 1 known beyond doubt Lang and Reiczigel's is Agresti and Coull's interval, 1998."""
    z = 1.959964
    middle, size = (60 + z**2 / 2) / (500 + z**2), 500 + z**2
    half = z * (middle * (1 - middle) / size) ** 0.5
    np.testing.assert_allclose(
        lang_reiczigel(0.12, 500, 1, 1e12, 1, 1e12), [middle, middle - half, middle + half], atol=1e-6
    )
    everything = lang_reiczigel(0.12, float("inf"), 1, 1e12, 1, 1e12)
    np.testing.assert_allclose(everything, [0.12] * 3, atol=1e-6)


def test_what_is_wrong_and_what_is_right_may_change_places():
    """Rates of right answers, with what is known of the reviewers the other way round, are 1 − those of wrong ones."""
    there = np.array(lang_reiczigel(0.12, 500, 0.8, 40, 0.97, 400))
    back = np.array(lang_reiczigel(0.88, 500, 0.97, 400, 0.8, 40))
    np.testing.assert_allclose(there, 1 - back[[0, 2, 1]])
    assert rogan_gladen_error(0.12, 500, 0.8, 40, 0.97, 400) == pytest.approx(
        rogan_gladen_error(0.88, 500, 0.97, 400, 0.8, 40)
    )
    found = corrected_rate(wilson(60, 500), 500, on_gold(32, 40, 388, 400), "gold")
    assert (found.low, found.high) == tuple(there[1:])


def test_a_rate_that_cannot_be_corrected_says_why():
    reported = wilson(10, 500)
    assert "not identified" in corrected_rate(reported, 500, None, "gold").reason
    assert "not identified" in corrected_rate(reported, 500, on_gold(0, 0, 95, 100), "gold").reason
    assert "guess" in corrected_rate(reported, 500, on_gold(6, 10, 6, 10), "gold").reason
    open_ended = Accuracy(20, Estimate(0.9, None, None, 10), Estimate(0.9, None, None, 10), 10, 10)
    assert "guess" in corrected_rate(reported, 500, open_ended, "gold").reason
    few = corrected_rate(reported, 500, on_gold(90, 100, 90, 100), "gold").reason
    assert "false flags" in few
    assert "at most" in few
    nothing = undefined("nothing judged")
    assert corrected_rate(nothing, 0, on_gold(9, 10, 9, 10), "gold") == nothing


def test_rates_over_a_range_of_reviewers():
    rows = over_a_range(wilson(60, 500))
    assert [(row.sensitivity, row.specificity) for row in rows] == [
        (seen, passed) for seen in (0.7, 0.85, 1.0) for passed in (0.95, 0.98, 1.0)
    ]
    assert rows[1].rate.value == pytest.approx((0.12 + 0.98 - 1) / (0.7 + 0.98 - 1))
    assert {(row.sensitivity, row.specificity): row.rate.value for row in rows}[(1.0, 1.0)] == pytest.approx(0.12)
    assert over_a_range(undefined("nothing judged")) == ()


def test_gold_gives_each_reviewer_two_rates():
    """By hand: 18 of 20 wrong answers flagged, 190 of 200 right ones let pass."""
    found = on_gold(18, 20, 190, 200)
    assert (found.sensitivity.value, found.specificity.value, found.n) == (0.9, 0.95, 220)
    assert found.specificity == wilson(190, 200, unit="right answers")
    assert on_gold(0, 0, 9, 10).sensitivity.reason == "no wrong answer with a known truth was reviewed"
    assert on_gold(9, 10, 0, 0).specificity.reason == "no right answer with a known truth was reviewed"
    assert (found.sensitivity_size, found.specificity_size) == (20, 200)


def test_double_reviews_by_hand():
    """Begg & Greenes 1983: 900, 30, 20 and 50 answers, of which 90, 30, 20 and 5 settled, 1, 24, 5 and 5 wrong.

    Wrong by cell are 900/90 = 10, 24, 5 and 50; sensitivity (5 + 50)/89, specificity (890 + 6)/(890 + 6 + 15 + 0).
    """
    double, settled, wrong = [[900, 30], [20, 50]], [[90, 30], [20, 5]], [[1, 24], [5, 5]]
    seen, passed = pair_rates(double, settled, wrong)
    assert float(seen) == pytest.approx(55 / 89)
    assert float(passed) == pytest.approx(896 / 911)
    found = from_pairs(double, settled, wrong)
    assert found.sensitivity.value == pytest.approx(55 / 89)
    assert found.sensitivity.low < 55 / 89 < found.sensitivity.high
    assert found == from_pairs(double, settled, wrong)
    assert (found.n, found.sensitivity.n, found.specificity.n) == (145, 35, 110)


def test_the_interval_of_double_reviews_is_that_of_their_posterior():
    """numpy's Dirichlet and beta distributions, 200,000 draws: 0 of 5 wrong leave most open (Kerman 2011: + 1/3)."""
    double, settled, wrong = np.array([[90, 3], [2, 9]]), np.array([[5, 3], [2, 4]]), np.array([[0, 1], [1, 3]])
    rng = np.random.default_rng(11)
    cells = rng.dirichlet(double.ravel(), 200_000)
    share = rng.beta(wrong.ravel() + 1 / 3, (settled - wrong).ravel() + 1 / 3, (200_000, 4))
    bad, good = cells * share, cells * (1 - share)
    found = from_pairs(double, settled, wrong)
    for estimate, size, drawn in (
        (found.sensitivity, found.sensitivity_size, bad[:, 2:].sum(1) / bad.sum(1)),
        (found.specificity, found.specificity_size, good[:, :2].sum(1) / good.sum(1)),
    ):
        low, high = np.quantile(drawn, [0.025, 0.975])
        assert estimate.low == pytest.approx(low, abs=0.015)
        assert estimate.high == pytest.approx(max(high, estimate.value), abs=0.015)
        assert size == pytest.approx(drawn.mean() * (1 - drawn.mean()) / drawn.var(), rel=0.1)


def test_when_everything_is_settled_the_rates_are_plain_shares():
    """All truths known: Se = 70/80 and Sp = 905/920, and the posterior is worth about 80 and 920 answers."""
    found = from_pairs([[905, 10], [15, 70]], [[905, 10], [15, 70]], [[0, 10], [0, 70]])
    assert found.sensitivity.value == 70 / 80
    assert found.specificity.value == 905 / 920
    assert 60 < found.sensitivity_size < 100
    assert 700 < found.specificity_size < 1000


def test_double_reviews_without_a_settled_truth_identify_nothing():
    found = from_pairs([[900, 30], [20, 50]], [[0, 30], [20, 5]], [[0, 24], [5, 5]])
    assert "both let pass" in found.sensitivity.reason
    assert not found.known
    assert isnan(float(pair_rates([[900, 30], [20, 50]], np.zeros((2, 2)), np.zeros((2, 2)))[0]))
    none = from_pairs(np.zeros((2, 2)), np.zeros((2, 2)), np.zeros((2, 2)))
    assert none.sensitivity.reason == "no wrong answer with a known truth was reviewed"
    nobody = from_pairs([[5, 0], [0, 0]], np.zeros((2, 2)), np.zeros((2, 2)))
    assert nobody.sensitivity.reason.startswith("no answer that both let pass was settled")


def test_double_reviews_with_a_tenth_of_agreements_settled_are_unbiased():
    """Simulated, seed 7: 300 sets of 4,000 double reviews, Se 0.8 and Sp 0.96; within 3 Monte-Carlo errors.

    Taking the settled answers as they are would give a sensitivity of about 0.5.
    """
    rng = np.random.default_rng(7)
    counts = double_reviews(rng, 300, 4000, 0.1, (0.8, 0.75), (0.96, 0.97), 0.1)
    for found, truth in zip(pair_rates(*counts), (0.8, 0.96), strict=True):
        assert abs(found.mean() - truth) < 3 * found.std(ddof=1) / np.sqrt(len(found))
    naive = counts[2][:, 1].sum(1) / counts[2].sum((1, 2))
    assert naive.mean() < 0.7


@given(st.integers(0, 60), st.integers(0, 60), st.data())
def test_what_is_estimated_is_at_least_what_was_found(first, second, data):
    both = data.draw(st.integers(0, min(first, second)))
    found = captured(first, second, both)
    if found.total.value is None:
        assert not both
        return
    assert found.found <= found.total.low <= found.total.value <= found.total.high
    assert 0 <= found.unseen.low <= found.unseen.value <= found.unseen.high <= 1


def test_chapman_as_printed():
    """Wikipedia, Mark and recapture: 10 marked, 15 caught, 5 of them marked: 28.33 (standard error 5.91)."""
    total, error = chapman(10, 15, 5)
    assert (round(total, 2), round(error, 2)) == (28.33, 5.91)
    found = captured(10, 15, 5)
    assert found.found == 20
    assert found.unseen.value == pytest.approx(1 - 20 / total)
    assert found.missed.value == pytest.approx(1 - 12.5 / total)
    assert "lower bound" in found.total.method


def test_intervals_of_what_nobody_found_by_hand():
    """Chao 1987: what neither found over and times exp(1.96·√ln(1 + variance/unseen²)); pairs add their variances.

    10, 15 and 5: variance 8800/252 and 25/3 unseen; 1.96·√ln(1.5029) = 1.2510. Twice that: √ln(1.2514), 0.9282.
    """
    one, two = captured(10, 15, 5).total, captured([10, 10], [15, 15], [5, 5]).total
    assert (one.low, one.high) == (pytest.approx(20 + 8.3333 / 3.4937, abs=1e-3), pytest.approx(49.114, abs=2e-3))
    assert (two.low, two.high) == (pytest.approx(40 + 16.6667 / 2.5300, abs=1e-3), pytest.approx(82.166, abs=2e-3))
    found = captured([10, 10], [15, 15], [5, 5])
    assert found.missed.value == pytest.approx(1 - 25 / two.value)
    assert (found.unseen.low, found.unseen.high) == (pytest.approx(1 - 40 / two.low), pytest.approx(1 - 40 / two.high))


def test_who_found_all_that_the_other_found_misses_nothing():
    """One finds 8, the other 5 of these: Chapman has 8, with no error."""
    total = captured(8, 5, 5).total
    assert (total.value, total.low, total.high) == (8, 8, 8)


def test_pairs_of_people_are_added():
    one, two = captured([10, 10], [15, 15], [5, 5]), captured(10, 15, 5)
    assert one.total.value == pytest.approx(2 * two.total.value)
    assert one.total.high < 2 * two.total.high


def test_nothing_in_common_says_nothing_of_what_both_missed():
    assert "nothing in common" in captured(3, 4, 0).total.reason
    assert captured([], [], []).total.reason == "nobody found anything"


def test_independent_finders_are_estimated_without_bias():
    """Simulated, seed 3: 200 objects, found with 0.8 and 0.7: the mean of Chapman's estimate is 200."""
    rng = np.random.default_rng(3)
    a, b = rng.random((400, 200)) < 0.8, rng.random((400, 200)) < 0.7
    totals = [chapman(x.sum(), y.sum(), (x & y).sum())[0] for x, y in zip(a, b, strict=True)]
    assert np.mean(totals) == pytest.approx(200, abs=3 * np.std(totals) / 20)


def test_two_people_have_equal_chances_if_their_rates_are():
    """Four people of one rate: each is among three with probability 3/4, at any rank."""
    found = ranks([Beta(5, 95)] * 4)
    np.testing.assert_allclose(found.p_top, 0.75, atol=0.05)
    assert found.low.tolist() == [1] * 4
    assert found.high.tolist() == [4] * 4
    assert found.together == pytest.approx(0.25, abs=0.05)
    assert "may be chance" in sentence(found, distinct=True)
    assert "Nothing shows" in sentence(found, distinct=False)


def test_who_clearly_errs_most_is_told():
    found = ranks([Beta(1, 999), Beta(100, 900), Beta(120, 880), Beta(2, 998), Beta(300, 700)])
    assert found.first.tolist() == [1, 2, 4]
    assert found.together > 0.99
    assert found.high[4] == 1
    assert "err most" in sentence(found, distinct=True)
    assert "chance" not in sentence(found, distinct=True)


@pytest.mark.parametrize(("better", "worse"), [((5, 95), (12, 88)), ((4, 96), (10, 90))])
def test_ranks_hold_so_much_of_their_distribution(better, worse):
    """Two people: the better one is first with P(A > B): scipy has 0.0325 and 0.0408."""
    beyond = quad(lambda x: beta.pdf(x, *better) * beta.cdf(x, *worse), 0, 1)[0]
    assert 0.03 < beyond < 0.045
    wide, narrow = (ranks([Beta(*better), Beta(*worse)], level) for level in (0.95, 0.9))
    assert (wide.low.tolist(), wide.high.tolist()) == ([1, 1], [2, 2])
    assert (narrow.low.tolist(), narrow.high.tolist()) == ([2, 1], [2, 1])


def test_the_highest_are_those_of_the_highest_mean_and_not_of_most_errors():
    assert ranks([Beta(300, 2700), Beta(3, 7), Beta(4, 6), Beta(5, 5)]).first.tolist() == [1, 2, 3]


def test_ranks_of_nobody_and_of_three():
    assert (len(ranks([]).p_top), len(ranks([]).low), ranks([]).together) == (0, 0, 1.0)
    assert sentence(ranks([]), distinct=False) is None
    assert sentence(ranks([Beta(1, 9)] * 3), distinct=True) is None
    assert ranks([Beta(1, 9)] * 3).p_top.tolist() == [1.0] * 3


def test_of_three_people_two_are_compared_on_each_item():
    """Items 1 and 2 by people 0 and 1, item 1 by 2 as well: rows of the same two are added, others of item 1 left."""
    rows = ([1, 1, 1, 2], ([0, 0, 1, 0], [1, 2, 2, 1]), [4, 4, 9, 6], [9, 9, 9, 6], [3, 1, 1, 2])
    assert captured_in_items(*rows) == captured(10, 15, 5)


def test_corrected_rates_are_covered_and_unbiased() -> None:
    """The benchmark with 300 runs of each case: coverage 0.95 and means within 3 Monte-Carlo errors and rounding."""
    for row in corrected(300, seed=2):
        assert row["covered"] > 0.95 - 3 * (0.95 * 0.05 / 300) ** 0.5, row
        assert row["mean"] == pytest.approx(row["truth"], abs=0.008), row


def test_intervals_of_double_reviews_cover() -> None:
    """The benchmark with 100 runs of each case: coverage 0.95 within 3 Monte-Carlo errors, no bias beyond 3 of them."""
    for row in double(100, seed=2):
        assert row["covered"] > 0.95 - 3 * (0.95 * 0.05 / 100) ** 0.5, row
        assert abs(row["errors"]) < 3.3, row


def in_the_tenth(name: str, question: str = "q") -> bool:
    return int.from_bytes(blake2b(f"{name}\x1f{question}".encode(), digest_size=8).digest()) < 2**64 // 10


def reviewed_twice(*rows: tuple[int, int, int, int | None, int, bool]) -> pd.DataFrame:
    """How often, verdicts of both (1: flagged), wrong by the final call, comparable, and whether of the tenth."""
    names = {tenth: iter([f"a{n}" for n in range(400) if in_the_tenth(f"a{n}") is tenth]) for tenth in (True, False)}
    found = [
        (next(names[tenth]), first, second, wrong, comparable)
        for times, first, second, wrong, comparable, tenth in rows
        for _ in range(times)
    ]
    columns = ["annotation_id", "first_flagged", "second_flagged", "wrong", "comparable"]
    frame = pd.DataFrame(found, columns=columns).astype({"wrong": "Int64"})
    return frame.assign(question="q", first="ann", second="bo")


TWICE = (
    (2, 1, 1, 1, 1, True),
    (3, 1, 1, 1, 1, False),
    (4, 1, 0, 1, 1, False),
    (1, 0, 1, 0, 1, False),
    (2, 0, 1, None, 1, True),
    (5, 0, 0, 0, 1, True),
    (7, 0, 0, None, 1, False),
    (1, 1, 0, None, 0, True),
)
# By own verdict and the other's, of ann: reviewed twice, settled (agreements of the tenth alone), of these wrong.
OF_ANN = np.array([[12, 3], [5, 5]]), np.array([[5, 1], [4, 2]]), np.array([[0, 0], [4, 2]])


def test_what_a_lead_should_settle():
    """All that differs and a tenth of the rest, by digest; nothing that no final call could tell."""
    frame = reviewed_twice(*TWICE)
    assert to_settle(frame).tolist() == [True] * 2 + [False] * 3 + [True] * 4 + [True] * 3 + [True] * 5 + [False] * 8
    many = pd.DataFrame({"annotation_id": range(5000), "first_flagged": 0, "second_flagged": 0, "comparable": 1})
    asked = to_settle(many.assign(question=None))
    assert asked.tolist() == [in_the_tenth(str(name), "") for name in range(5000)]
    assert asked.mean() == pytest.approx(0.1, abs=0.013)
    assert unsettled(frame) == 2


def test_both_reviewers_are_counted_from_their_own_side():
    frame = reviewed_twice(*TWICE)
    assert by_reviewer(frame) == {"ann": from_pairs(*OF_ANN), "bo": from_pairs(*(table.T for table in OF_ANN))}


def test_an_answer_that_two_of_the_same_reviewed_tells_no_more_for_that():
    """Of ann alone her own table; of both the mean of the two, since each answer stands in either."""
    frame = reviewed_twice(*TWICE)
    assert of_all(frame, ["ann"]) == from_pairs(*OF_ANN)
    assert of_all(frame, ["ann", "bo"]) == from_pairs(*((table + table.T) / 2 for table in OF_ANN))
    more = pd.concat([frame, frame.assign(second="cy")])
    assert of_all(more, ["ann", "bo"]) == from_pairs(*((2 * table + table.T) / 1.5 for table in OF_ANN))


def test_what_two_reviewers_overlooked_is_told_from_flags_that_stood():
    """Ann flagged 9 that stood (2 + 3 + 4), bo 5 and 2 unsettled, both 5; what no call can tell is left out."""
    frame = reviewed_twice(*TWICE)
    assert overlooked(frame) == captured([9], [7], [5], "wrong answers")
    pairs = pd.concat([frame, frame.assign(second="cy")])
    assert overlooked(pairs) == captured([9, 9], [7, 7], [5, 5], "wrong answers")
