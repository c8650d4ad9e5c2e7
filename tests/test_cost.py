"""What review costs and buys, and the cheapest way to review."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from qc.cost import Evidence, Judged, Riskiest, Work, cost, prices
from qc.model import CostPolicy, Estimate, undefined
from qc.stats.corrected import corrected_rate
from qc.stats.escaped import Eyes
from qc.stats.inspection import Prices, best, curve, sampling
from qc.stats.intervals import wilson
from qc.stats.reviewers import on_gold
from qc.stats.shrinkage import Beta
from qc.workspace.assess.cost_words import swap_sentence

POLICY = CostPolicy()
PERFECT = Prices(review=1, escaped=20, false_flag=0, sensitivity=1, specificity=1)
UNASKED = undefined("one answer per item")


def assessed(work, policy=POLICY):
    return cost(evidence(work, wilson(work.errors_found, work.reviewed)), policy)


def evidence(work, reported, cells=None):
    posterior = Beta(0.5, 0.5).updated(work.errors_found, work.reviewed)
    share = min(work.reviewed / work.answers, 1) if work.answers else 0
    worth = work.reviewed / (1 - share) if share < 1 else np.inf
    return Evidence(work, Judged(reported, worth, posterior), UNASKED, cells=cells or Riskiest())


@pytest.mark.parametrize(
    ("a", "b", "lot", "without", "n", "least", "at_5", "at_10"),
    [
        (2, 48, 2000, 1600, 139, 1414, 1417, 1421),
        (1, 19, 2000, 2000, 130, 1375, 1380, 1385),
        (2, 48, 500, 400, 43, 371, 375, 372),
        (2, 98, 2000, 800, 0, 800, 856, 913),
        (4, 96, 2000, 1600, 150, 1529, 1534, 1533),
    ],
)
def test_best_estimation_sample(a, b, lot, without, n, least, at_5, at_10):
    """Preposterior analysis summed over the beta-binomial, review 1 and escape 20: least cost and its sample size."""
    plan = sampling(np.arange(lot // 4), lot, Beta(a, b), PERFECT)
    assert plan.sizes[plan.cost.argmin()] == n
    assert plan.cost.min() == pytest.approx(least, abs=0.6)
    assert plan.cost[0] == pytest.approx(min(without, lot), abs=0.6)
    assert plan.cost[[lot // 20, lot // 10]] == pytest.approx([at_5, at_10], abs=0.6)


def test_break_even_rate():
    """Deming's k1/k2 with perfect reviewers; by hand (1 + 0.02·3) / (0.8·20 + 0.02·3) with others."""
    assert PERFECT.break_even == pytest.approx(0.05)
    assert Prices(1, 20, 3, 0.8, 0.98).break_even == pytest.approx(1.06 / 16.06)
    assert Prices(1, 0, 0, 0.8, 1).break_even is None


def test_review_pays_exactly_above_break_even():
    price = Prices(0.5, 10, 1, 0.9, 0.99)
    p = np.array([0.9, 1.1]) * price.break_even
    assert (price.reviewed(p) < price.unreviewed(p)).tolist() == [False, True]


@pytest.mark.parametrize(
    ("posterior", "choice"), [(Beta(2, 98), "none"), (Beta(2, 48), "estimate"), (Beta(200, 1800), "all")]
)
def test_the_choice(posterior, choice):
    found = best(2000, posterior, PERFECT)
    assert found.choice == choice
    assert 0 <= found.rate_low <= found.rate_high <= 1
    assert 0.5 < found.probability <= 1
    assert found.reason is None


def test_range_of_rates_as_good_as_the_best():
    """Beta(2, 48), 2000 answers: whatever is in the range costs at most 1.02 · 1414."""
    found = best(2000, Beta(2, 48), PERFECT)
    costs = sampling(np.array([found.rate_low, found.rate_high]) * 2000, 2000, Beta(2, 48), PERFECT).cost
    assert (costs <= 1.02 * 1414.5).all()
    assert found.rate_low < 139 / 2000 < found.rate_high
    assert best(2000, Beta(2, 98), PERFECT).rate_low == 0
    assert best(2000, Beta(200, 1800), PERFECT).rate_high == 1


@pytest.mark.simulation
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_expected_cost_of_a_sample_is_what_it_costs(seed):
    """20,000 lots of 2000 played out with reviewers who err: within 4 Monte-Carlo errors of the formula."""
    price, prior, lot, n, runs = Prices(1, 20, 3, 0.9, 0.98), Beta(3, 47), 2000, 100, 20_000
    rng = np.random.default_rng(seed)
    reported = rng.beta(prior.a, prior.b, runs)
    flags = rng.binomial(n, reported)
    p = price.true(reported)
    mean = (prior.a + flags) / (prior.a + prior.b + n)
    review = mean > price.break_even * price.discernment + 1 - price.specificity
    paid = n * price.reviewed(p) + (lot - n) * np.where(review, price.reviewed(p), price.unreviewed(p))
    expected = sampling([n], lot, prior, price).cost[0]
    assert expected == pytest.approx(paid.mean(), abs=4 * paid.std() / np.sqrt(runs))


def test_no_decision_without_stakes_answers_or_eyes():
    assert "stake" in best(100, Beta(1, 19), Prices(1, 0, 0, 0.9, 1)).reason
    assert best(0, Beta(1, 19), PERFECT).reason == "no answers"
    assert "cannot tell" in best(100, Beta(1, 19), Prices(1, 20, 1, 0.4, 0.5)).reason
    assert curve(0, Beta(1, 19), PERFECT) == ()


@pytest.mark.parametrize("lot", [1, 2, 1_000_000])
def test_small_and_large_lots(lot):
    found = best(lot, Beta(2, 48), PERFECT)
    assert found.choice in ("none", "estimate", "all")
    rows = curve(lot, Beta(2, 48), PERFECT)
    assert all(row.escaped.low <= row.escaped.value <= row.escaped.high for row in rows)


def test_curve_of_random_review_is_linear_and_ends_at_what_reviewers_miss():
    price = Prices(0.5, 10, 1, 0.9, 0.99)
    rows = {row.rate: row for row in curve(5000, Beta(15, 235), price) if row.policy == "random"}
    assert rows[0.5].cost == pytest.approx((rows[0.0].cost + rows[1.0].cost) / 2)
    assert rows[1.0].escaped.value == pytest.approx(0.1 * rows[0.0].escaped.value)


def test_a_section_by_hand():
    """5,000 answers, 250 reviewed, 15 reported; a minute each at 30 an hour; perfect reviewers."""
    policy = CostPolicy(sensitivity=1.0, specificity=1.0)
    section = assessed(Work(5000, 250, 15), policy)
    assert section.review_hours == pytest.approx(250 / 60)
    assert section.review_cost == pytest.approx(125)
    assert section.error_before.value == pytest.approx(0.06)
    assert section.errors_escaped.value == pytest.approx(300 - 15)
    assert section.error_after.value == pytest.approx(285 / 5000)
    assert section.error_after.low < section.error_after.value < section.error_after.high
    assert section.cost_per_error_found.value == pytest.approx(125 / 15)
    share = wilson(15, 250)
    found = section.cost_per_error_found
    assert (found.low, found.high) == pytest.approx((0.5 / share.high, 0.5 / share.low))
    assert section.break_even_rate == pytest.approx(0.05)
    assert section.currency == "EUR"
    assert section.disagreement_rate is UNASKED


def test_reviewers_who_err_leave_errors_behind_in_what_they_reviewed():
    """All 300 reviewed, 40 reported at 0.9 and 0.99: p = (40/300 − 0.01)/0.89, of which a tenth is missed."""
    section = assessed(Work(300, 300, 40))
    p = (40 / 300 - 0.01) / 0.89
    assert section.error_before.value == pytest.approx(p)
    assert section.errors_escaped.value == pytest.approx(0.1 * p * 300)


def test_measured_times_win_and_the_rest_is_assumed():
    work = Work(1000, 100, 5, review_seconds=2400.0, timed=80)
    section = assessed(work)
    assert section.review_hours == pytest.approx((2400 + 20 * 60) / 3600)
    assert section.review_hours_from == (
        "measured for 80 of 100 reviews; the others 1 minute a review, as set in the policy"
    )
    assert prices(evidence(work, wilson(5, 100)), POLICY).review == pytest.approx((2400 + 20 * 60) / 100 / 3600 * 30)
    assert assessed(Work(1000, 100, 5, 2400.0, 100)).review_hours_from == "measured"
    assert assessed(Work(1000, 100, 5)).review_hours_from == "1 minute a review, as set in the policy"


def test_the_first_review_takes_as_long_as_the_policy_says():
    slow = CostPolicy(review_minutes=2.5)
    assert Work(10, 0, 0).seconds_per_review(slow) == 150
    assert Work(10, 4, 0).seconds_per_review(slow) == 150
    assert Work(10, 4, 0).hours_from(slow) == "2.5 minutes a review, as set in the policy"


def test_reviewers_as_they_were_found_take_the_place_of_the_policys():
    """18 of 20 wrong and 190 of 200 right; 60 of 500 reported: (0.12 − 0.05)/0.85, of which 0.9 is found."""
    seen = on_gold(18, 20, 190, 200)
    reported = wilson(60, 500)
    known = replace(evidence(Work(5000, 500, 60), reported), seen=("gold", seen))
    assert known.eyes(POLICY) == Eyes(0.9, 0.95, 20, 200)
    assert known.judged.before(known.eyes(POLICY), known.seen) == corrected_rate(reported, 500 / 0.9, seen, "gold")
    unsized = replace(known, seen=("gold", replace(seen, sensitivity_size=0.0, specificity_size=0.0)))
    assert unsized.eyes(POLICY) == Eyes(0.9, 0.95, 1, 1)
    section = cost(known, POLICY)
    assert (section.reviewers.sensitivity, section.reviewers.specificity) == (0.9, 0.95)
    assert (section.reviewers.source, assessed(Work(5000, 500, 60)).reviewers.source) == ("gold", "the policy")
    rate = section.error_before
    assert rate.value == pytest.approx(0.07 / 0.85)
    each = section.cost_per_error_next
    assert (each.value, each.low, each.high) == pytest.approx(
        tuple(0.5 / (0.9 * p) for p in (rate.value, rate.high, rate.low))
    )


def test_what_others_than_reviewers_told_is_not_corrected():
    known = replace(evidence(Work(5000, 500, 60), UNASKED), seen=("gold", on_gold(18, 20, 190, 200)))
    assert known.judged.before(known.eyes(POLICY), known.seen) is UNASKED
    gold = Judged(wilson(60, 500), 500, Beta(60, 440), by_reviewers=False)
    assert gold.before(Eyes(0.9, 0.95), known.seen) is gold.rate
    assert gold.reported(Eyes(0.9, 0.95)).mean == pytest.approx(0.12 * 0.9 + 0.88 * 0.05)
    assert prices(replace(known, error_price=7.0), POLICY).escaped == 7
    assert prices(known, POLICY).escaped == POLICY.escaped_error


@pytest.mark.parametrize("work", [Work(0, 0, 0), Work(500, 0, 0)])
def test_nothing_reviewed_gives_reasons(work):
    section = assessed(work)
    assert section.review_cost == 0
    for estimate in (section.errors_escaped, section.error_before, section.error_after):
        assert estimate.reason == "nothing judged"
    assert section.cost_per_error_found.reason == "nothing reviewed"
    assert (section.best.choice, section.best.reason, section.curve) == (None, "nothing judged", ())


def test_fewer_reports_than_false_flags_are_not_an_error_rate():
    section = assessed(Work(5000, 250, 1))
    assert "false flags" in section.error_before.reason
    assert "false flags" in section.error_after.reason
    assert section.best.choice == "none"


def test_no_error_found_has_no_price():
    assert assessed(Work(500, 50, 0)).cost_per_error_found.reason == "no error was found yet"
    nothing = assessed(Work(500, 50, 0), CostPolicy(sensitivity=1.0, specificity=1.0))
    assert nothing.cost_per_error_next.reason == "no error is to be found"
    blind = assessed(Work(500, 50, 5), CostPolicy(sensitivity=0.0, specificity=1.0))
    assert blind.cost_per_error_next.reason is not None


def test_an_estimate_without_an_interval_stays_without():
    rate = Estimate(0.06, None, None, 250, "answers")
    section = cost(evidence(Work(5000, 250, 15), rate), POLICY)
    assert section.error_after.value is not None
    assert section.error_after.low is None


def test_nothing_is_sampled_to_learn_what_is_known():
    """A rate known from ten thousand answers, far above break-even: a sample first would change no decision."""
    known = best(5000, Beta(1000.5, 9000.5), Prices(0.5, 10, 1, 0.9, 0.99))
    assert known.choice == "all"
    rare = best(5000, Beta(10.5, 99_990.5), Prices(0.5, 10, 1, 0.9, 0.99))
    assert rare.choice == "none"


def test_true_rates_as_reviewers_would_report_them():
    """By hand: 0.1 * 0.9 + 0.9 * 0.01 = 0.099, as sure as before."""
    reported = Beta(10, 90).reported(0.9, 0.99)
    assert reported.mean == pytest.approx(0.099)
    assert reported.a + reported.b == pytest.approx(100)
    assert Beta(10, 90).reported(1, 1) == Beta(10, 90)


def test_a_swap_is_told_by_the_month_with_what_its_errors_are_worth():
    more = {"value": -282.0, "low": -360.0, "high": -205.0}
    swap = {"saved": 195.64, "more": more, "share": 0.06, "random": 0.1, "answers": 9000}
    section = {"currency": "EUR", "month_answers": 9000.0, "escaped_price": 5.0}
    begins = "Review the riskiest 6 % instead of a random 10 %:"
    fewer = "lets through 282 fewer errors (205–360)"
    assert swap_sentence(section, swap) == (
        f"{begins} saves 195.64 EUR a month on review, and {fewer} a month, worth 1,410.00 EUR at 5.00 EUR each."
    )
    free = {**section, "month_answers": None, "escaped_price": 0.0}
    assert swap_sentence(free, {**swap, "saved": -2.0}) == (
        f"{begins} costs 2.00 EUR more for 9,000 answers on review, and {fewer} for 9,000 answers."
    )
