"""Risk-ranked review against closed forms, and what follows for managers (about 10 s)."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import beta

from qc.cost import Evidence, Judged, Riskiest, Work, cost, cut, labels_or_review, places
from qc.cost.parts import by_price, escaped_of, mean_price, part, product
from qc.model import CostPolicy, Estimate, undefined
from qc.stats.by_votes import Votes, majority_by_k
from qc.stats.escaped import Eyes
from qc.stats.inspection import Prices, curve
from qc.stats.intervals import wilson
from qc.stats.ranked import Cells, cells, cheapest, options, ranked_costs, spread, swap
from qc.stats.shrinkage import Beta

PERFECT = Prices(review=1, escaped=20, false_flag=0, sensitivity=1, specificity=1)
SHARES = (0.05, 0.1, 0.2, 0.3, 0.5)


def of_beta(a, b, parts=20_000):
    """A lot whose answers err with rates from Beta(a, b), known one by one."""
    rates = beta.ppf((np.arange(parts) + 0.5) / parts, a, b)[::-1]
    return Cells(np.full(parts, 10), rates[None, :])


@pytest.mark.parametrize(
    ("a", "b", "held"),
    [
        (1, 19, (18.9, 31.7, 50.9, 65.0, 84.0)),
        (0.5, 9.5, (25.7, 41.6, 63.1, 77.0, 92.3)),
        (5, 95, (10.4, 18.8, 33.3, 45.9, 66.9)),
    ],
)
def test_what_the_riskiest_shares_hold(a, b, held):
    """Share of errors in the top f: 1 − I_x(a + 1, b) at x = the (1 − f) quantile, printed to a tenth of a percent."""
    lot = of_beta(a, b)
    found = lot.within(SHARES)[1][0] / (lot.overall[0] * lot.lot)
    closed = 1 - beta.cdf(beta.ppf(1 - np.array(SHARES), a, b), a + 1, b)
    assert found == pytest.approx(closed, abs=2e-4)
    assert 100 * closed == pytest.approx(held, abs=0.1)


def test_the_best_share_ends_at_break_even():
    """p ~ Beta(1, 19), k1 = 1, k2 = 20, p* = 0.05: review the 1 − F(p*) = 0.95^19 riskiest; cost by integration."""
    lot = of_beta(1, 19)
    best = {option.choice: option for option in options(lot, Beta(1, 19), PERFECT)}
    share = 1 - beta.cdf(PERFECT.break_even, 1, 19)
    assert share == pytest.approx(0.95**19)
    assert best["ranked"].rate == pytest.approx(share, abs=1e-4)
    per_answer = share + 20 * (0.05 - (1 - beta.cdf(0.05, 2, 19)) * 0.05)
    assert best["ranked"].cost / lot.lot == pytest.approx(per_answer, abs=1e-4)
    assert lot.rate_at(best["ranked"].rate)[0] == pytest.approx(PERFECT.break_even, abs=1e-4)
    assert best["none"].cost / lot.lot == pytest.approx(1, abs=1e-3)
    assert best["all"].cost / lot.lot == pytest.approx(1)


def test_reviewers_who_err_move_the_best_share():
    """At Se 0.8, Sp 0.98 and a false flag of 3 the list ends at p* = 1.06 / 16.06."""
    price = Prices(1, 20, 3, 0.8, 0.98)
    ranked = next(option for option in options(of_beta(1, 19), Beta(1, 19), price) if option.choice == "ranked")
    assert ranked.rate == pytest.approx(1 - beta.cdf(1.06 / 16.06, 1, 19), abs=1e-4)


def test_no_error_is_lost_where_the_riskiest_would_all_be_wrong():
    """A tenth of the answers errs 12 times as often as the mean, which is near 0.25: more than all of it.

    What the cell cannot hold lies in the others, as 6 to 1, so that reviewing nothing costs the same on every curve.
    """
    overall, relative = Beta(25, 75), np.tile([0.9, 0.06, 0.01], (1000, 1))
    lot = cells([100, 300, 600], overall, relative, PERFECT)
    assert np.sort(lot.overall) == pytest.approx(overall.quantiles(1000))
    assert lot.rates[:, 0] == pytest.approx(1)
    assert lot.rates[:, 1] / lot.rates[:, 2] == pytest.approx(6)
    without = options(lot, overall, PERFECT)[0]
    assert without.cost == pytest.approx(curve(1000, overall, PERFECT)[0].cost)
    certain = cells([10, 10], Beta(1e9, 1e-3), np.tile([0.5, 0.1], (1000, 1)), PERFECT)
    assert certain.rates == pytest.approx(1)


def test_shares_within_two_percent_of_the_least():
    lot = of_beta(1, 19)
    found = cheapest(lot, Beta(1, 19), PERFECT)
    assert found.choice == "ranked"
    costs = ranked_costs([found.rate_low, found.rate_high], lot, PERFECT)[0]
    least = min(option.cost for option in options(lot, Beta(1, 19), PERFECT))
    assert (costs <= 1.02 * least + 1e-6).all()
    outside = ranked_costs([found.rate_low - 0.006, found.rate_high + 0.006], lot, PERFECT)[0]
    assert (outside > 1.02 * least).all()
    assert found.probability == 1


def test_the_riskiest_in_place_of_a_random_share():
    """Beta(1, 19), Se 0.9: a random tenth finds 10 %, the riskiest 6 % 1 − I(2, 19) of the errors; 4 % less review."""
    lot = of_beta(1, 19)
    price = Prices(0.5, 10, 0, 0.9, 1)
    found = swap(0.06, 0.1, lot, price)
    held = 1 - beta.cdf(beta.ppf(0.94, 1, 19), 2, 19)
    errors = 0.05 * lot.lot
    assert found.saved == pytest.approx(0.04 * lot.lot * 0.5)
    assert found.more.value == pytest.approx(0.9 * errors * (0.1 - held), rel=1e-3)
    assert found.net.value == pytest.approx(found.saved - 10 * found.more.value)


def planted(seed, answers=6000, share=0.1):
    """Answers in three classes of risk with known rates, a random tenth judged by reviewers of known accuracy."""
    rng = np.random.default_rng(seed)
    rates, sizes = np.array([0.3, 0.08, 0.01]), np.array([600, 1800, 3600])
    wrong = rng.binomial(sizes, rates)
    judged = (sizes * share).astype(int)
    bad = rng.hypergeometric(wrong, sizes - wrong, judged)
    flagged = rng.binomial(bad, 0.9) + rng.binomial(judged - bad, 0.01)
    n, found = int(judged.sum()), int(flagged.sum())
    cells = Riskiest(
        tuple(sizes.tolist()), tuple((sizes - judged).tolist()), tuple(judged), tuple(flagged), (9, 5, 1), reason=None
    )
    reported = Judged(wilson(found, n), n / (1 - share), Beta(0.5, 0.5).updated(found, n))
    known = Evidence(Work(answers, n, found), reported, undefined("one answer an item"), 3000.0, cells=cells)
    truth = wrong[0] / sizes[0], wrong.sum() / answers
    return known, truth


@pytest.mark.simulation
def test_the_interval_of_what_is_let_through_covers():
    """500 runs: 0.9 · 3,000 · (0.1·p − 0.06·p of the riskiest) is in its interval in 93 to 97 % (± 3 errors)."""
    price = Prices(0.5, 10, 1, 0.9, 0.99)
    hits = []
    for seed in range(500):
        known, (riskiest, overall) = planted(seed)
        lot = known.cells.lot(6000, known.judged.posterior, price)
        more = swap(0.06, 0.1, lot, price).more
        hits.append(more.low <= 0.9 * 6000 * (0.1 * overall - 0.06 * riskiest) <= more.high)
    assert 0.92 <= np.mean(hits) <= 0.98


def test_a_week_buys_the_riskiest_answers_that_nobody_reviewed():
    known, _ = planted(1)
    section = cost(known, CostPolicy(hours_a_week=5))
    assert section.week.answers == 300
    assert section.week.worth_it >= 540
    assert 0.15 * 300 < section.week.errors.value < 0.45 * 300
    longer = cost(known, CostPolicy(hours_a_week=1000)).week
    assert longer.answers == longer.worth_it == section.week.worth_it


def known_exactly(month=None, waiting=(800, 8000)):
    """Of 10,000 answers 1,000 err with 0.3 and 9,000 with 0.01; reviewers with 0.9 and 0.99, millions of judgements."""
    rates, sizes, many = np.array([0.3, 0.01]), np.array([1000, 9000]), 1e9
    reported = rates * 0.9 + (1 - rates) * 0.01
    whole = float(reported @ sizes / sizes.sum())
    cells = Riskiest(
        tuple(sizes.tolist()), waiting, (many, many), tuple((many * reported).tolist()), (5, 1), reason=None
    )
    judged = Judged(wilson(whole * many, many), many, Beta(1, 1).updated(whole * many, many))
    return Evidence(Work(10_000, 1200, 100), judged, undefined("one answer an item"), month, cells=cells)


def test_a_week_and_the_riskiest_by_hand():
    """300 reviews of 5 hours hold 90 errors: 81 found, 2.1 flagged in vain, at 0.5 a review and 10 an error.

    The cell of 0.01 gains 0.09 less 0.0099 and 0.5 an answer: it does not pay.
    """
    section = cost(known_exactly(), CostPolicy(hours_a_week=5))
    assert (section.week.hours, section.week.answers, section.week.worth_it) == (5, 300, 800)
    assert section.week.errors.value == pytest.approx(81, rel=1e-3)
    assert section.week.benefit.value == pytest.approx(810 - 2.1 - 150, rel=1e-3)
    assert section.cost_per_error_riskiest.value == pytest.approx(0.5 / (0.9 * 0.3), rel=1e-3)
    assert section.cost_per_error_next.value == pytest.approx(0.5 / (0.9 * 0.039), rel=1e-3)
    free = cost(known_exactly(), CostPolicy(hours_a_week=5, review_minutes=0)).week
    assert (free.answers, free.worth_it) == (8800, 8800)
    done = cost(known_exactly(waiting=(0, 0)), CostPolicy()).week
    assert (done.answers, done.errors.value, done.benefit.value) == (0, 0, 0)
    dear = cost(known_exactly(), CostPolicy(escaped_error=1.0)).week
    assert (dear.answers, dear.worth_it) == (0, 0)


def test_the_curve_of_the_riskiest_by_hand():
    """390 errors: the first tenth of the answers holds 300 of them, half of all 300 + 40."""
    section = cost(known_exactly(), CostPolicy())
    rows = {row.rate: row for row in section.curve if row.policy == "ranked"}
    for share, caught in ((0.0, 0), (0.1, 300), (0.5, 340), (1.0, 390)):
        n = 10_000 * share
        assert rows[share].escaped.value == pytest.approx(390 - 0.9 * caught, rel=1e-3)
        paid = n * 0.5 + (390 - 0.9 * caught) * 10 + (n - caught) * 0.01
        assert rows[share].cost == pytest.approx(paid, rel=1e-3)


@pytest.mark.parametrize("month", [None, 2500.0])
def test_the_riskiest_in_place_of_a_random_share_of_a_month(month):
    """6 % of the riskiest find 0.9 · 0.06 · 0.3 of the answers, a random tenth 0.9 · 0.1 · 0.039."""
    found = cost(known_exactly(month), CostPolicy()).swap
    assert found.more.value == pytest.approx((month or 10_000) * 0.9 * (0.1 * 0.039 - 0.06 * 0.3), rel=1e-2)


def test_full_review_that_makes_the_work_worse():
    """p = 4 %, Se 0.8, Sp 0.98: 0.8 % left and 1.92 % spoilt; it is worse below 0.02 / 0.82."""
    reported = 0.04 * 0.8 + 0.96 * 0.02
    judged = Judged(wilson(reported * 1e7, 1e7), 1e7, Beta(0.5, 0.5).updated(reported * 1e7, 1e7))
    known = Evidence(Work(10_000, 0, 0), judged, undefined("one answer an item"))
    full = cost(known, CostPolicy(sensitivity=0.8, specificity=0.98)).full
    assert full.left.value == pytest.approx(0.008, abs=1e-4)
    assert full.spoilt.value == pytest.approx(0.0192, abs=1e-4)
    assert full.worse_below == pytest.approx(0.02 / 0.82)
    assert full.p_worse == 0.0
    rare = Judged(wilson(0.03 * 1e5, 1e5), 1e5, Beta(0.5, 0.5).updated(0.03 * 1e5, 1e5))
    assert (
        cost(
            Evidence(Work(10_000, 0, 0), rare, undefined("x")), CostPolicy(sensitivity=0.8, specificity=0.98)
        ).full.p_worse
        == 1
    )


def test_too_little_judged_ranks_nothing():
    known = Evidence(Work(500, 50, 5), Judged(wilson(5, 50), 50, Beta(5.5, 45.5)), undefined("one answer an item"))
    section = cost(known, CostPolicy())
    assert (section.swap, section.week) == (None, None)
    assert "too few" in section.not_ranked
    assert {option.choice for option in section.options} <= {"none", "estimate", "all"}


def test_cells_keep_answers_of_one_risk_together():
    risk, answers = [3.0, 2.0, 1.0], [10, 40, 50]
    limits = cut(risk, answers)
    assert limits.tolist() == [3.0, 2.0, 1.0]
    assert places([3.5, 3.0, 2.5, 1.0, 0.5], limits).tolist() == [0, 0, 1, 2, 2]
    assert cut([1.0], [5]).tolist() == [1.0]


def test_cells_end_at_shares_of_all_answers():
    """A hundred risks of one answer each: 2, 5, 10, 20, 35, 50 and 75 of them, and the rest; in any order."""
    risk = np.random.default_rng(1).permutation(np.arange(1.0, 101.0))
    limits = cut(risk, np.ones(100))
    assert limits.tolist() == [99, 96, 91, 81, 66, 51, 26, 1]
    assert places([100, 99, 98, 96, 95, 26, 25, 1, 0.5], limits).tolist() == [0, 0, 1, 1, 2, 6, 7, 7, 7]
    assert cut([1.0, 5.0, 3.0, 2.0], [45, 10, 40, 5]).tolist() == [5.0, 3.0, 1.0]
    assert cut([2.0, 2.0], [1, 1]).tolist() == [2.0]
    assert cut([], []).tolist() == []
    assert places([1.0, 2.0], cut([], [])).tolist() == [0, 0]


def test_the_rate_of_a_cell_is_what_was_judged_in_it_and_one_answer_more():
    """15 of 200 wrong in all: (15 + 0.5)/201 = 0.0771 for one answer; Beta(12.08, 38.92), and Beta(3.08, 147.92)."""
    riskiest = Riskiest((500, 1500), (450, 1350), (50, 150), (12, 3), (5, 1), reason=None)
    usual = 15.5 / 201
    drawn = riskiest.relative()
    for column, (wrong, n) in enumerate(((12, 50), (3, 150))):
        posterior = beta(wrong + usual, n - wrong + 1 - usual)
        assert drawn[:, column].mean() == pytest.approx(posterior.mean(), abs=4 * posterior.std() / len(drawn) ** 0.5)
        assert drawn[:, column].std() == pytest.approx(posterior.std(), rel=0.15)
    by_hand = (Beta(12 + usual, 38 + 1 - usual), Beta(3 + usual, 147 + 1 - usual))
    assert drawn == pytest.approx(spread(by_hand))
    queue = riskiest.queue(Beta(15.5, 185.5), PERFECT)
    assert queue.answers.tolist() == [450, 1350]
    assert np.array_equal(queue.rates, riskiest.lot(2000, Beta(15.5, 185.5), PERFECT).rates)


def test_errors_that_others_than_reviewers_told_are_less_what_reviews_removed():
    """5 % of 1,000 by gold; 20 of 200 flagged, 2 of them in vain: 18 · 0.9 / 0.89 were removed."""
    judged = Judged(Estimate(0.05, 0.03, 0.08, 300, "answers"), 300, Beta(15, 285), by_reviewers=False)
    removed = 18 * 0.9 / 0.89
    left = escaped_of(1000, 200, 20, judged, Eyes(0.9, 0.99))
    assert (left.value, left.low, left.high) == pytest.approx((50 - removed, 30 - removed, 80 - removed))
    assert escaped_of(1000, 200, 1, judged, Eyes(0.9, 0.99)).value == pytest.approx(50)
    assert escaped_of(1000, 200, 20, judged, Eyes(0.4, 0.6)).value == pytest.approx(50)
    assert escaped_of(100, 90, 50, judged, Eyes(0.9, 0.99)).value == 0
    one = part("cat", (1000, 200, 20), judged, Eyes(0.9, 0.99), 7.0, 0.5)
    assert (one.before, one.review_cost) == (judged.rate, 100)
    assert one.after.value == pytest.approx((50 - removed) / 1000)
    assert (one.cost.value, one.cost.low) == pytest.approx((7 * (50 - removed), 7 * (30 - removed)))
    assert part("none", (0, 0, 0), judged, Eyes(0.9, 0.99), 7.0, 0.5).after.reason == "no answers"


def test_products_join_their_distances_on_the_log_scale():
    """Zou & Donner 2008, by hand: 100 (80 to 125) times 0.5 (0.4 to 0.6)."""
    found = product(Estimate(100.0, 80.0, 125.0, 9, "x"), Estimate(0.5, 0.4, 0.6, 9, "x"))
    assert found.value == 50
    assert found.low == pytest.approx(50 * np.exp(-np.hypot(np.log(0.8), np.log(0.8))))
    assert found.high == pytest.approx(50 * np.exp(np.hypot(np.log(1.25), np.log(1.2))))
    nothing = product(Estimate(100.0, 0.0, 125.0, 9, "x"), Estimate(0.5, 0.4, 0.6, 9, "x"))
    assert (nothing.low, nothing.value) == (0, 50)
    assert product(Estimate(0.0, 0.0, 3.0, 9, "x"), Estimate(0.5, 0.4, 0.6, 9, "x")).high is None
    assert product(undefined("why"), Estimate(0.5, 0.4, 0.6, 9, "x")).reason == "why"
    assert product(Estimate(0.5, 0.4, 0.6, 9, "x"), undefined("why")).reason == "why"


def test_the_mean_price_is_that_of_what_was_found():
    rows = by_price(
        {"minor": 30, "critical": 10, "odd": 0}, undefined("nothing"), {"critical": 50.0, "minor": 2.0}, 10.0
    )
    assert [row.severity for row in rows] == ["critical", "odd", "minor"]
    assert mean_price(rows) == (30 * 2 + 10 * 50) / 40
    assert mean_price(()) is None


def test_severities_divide_what_is_left():
    """30 of 40 found are minor at 2, 10 critical at 50: 100 left are 75 and 25, together 1,400."""
    left = Estimate(100.0, 80.0, 125.0, 400, "answers")
    rows = by_price({"minor": 30, "critical": 10}, left, {"critical": 50.0, "minor": 2.0}, 10.0)
    assert [(row.severity, row.escaped.value, row.cost.value) for row in rows] == [
        ("critical", 25.0, 1250.0),
        ("minor", 75.0, 150.0),
    ]
    assert rows[0].cost.low < 1250 < rows[0].cost.high
    same = product(left, Estimate(1.0, 1.0, 1.0, 1, "x"))
    assert (same.low, same.high) == (pytest.approx(80), pytest.approx(125))


def test_three_labels_or_a_review():
    """By hand: labels at 0.2, so two more buy 80 % of a review at 0.5: a third wrong at first, 0.9 of it seen."""
    rows = labels_or_review(majority_by_k([[2, 1]], [0]), 0.2, Prices(0.5, 10, 1, 0.9, 1))
    assert (rows[2].error.value, rows[2].paid) == (pytest.approx(0), pytest.approx(0.6))
    assert rows[2].review_share == pytest.approx(0.8)
    assert rows[2].reviewed_error.value == pytest.approx((1 - 0.72) / 3)
    assert rows[2].cost == pytest.approx(0.6)
    assert rows[2].review_cost == pytest.approx(0.6 + 10 * (1 - 0.72) / 3)


def test_labels_that_reviewers_flag_in_vain_are_spoilt():
    """0.4 more buys 0.8 of a review: 0.3 · (1 − 0.72) wrong, and 0.8 · 0.7 · 0.05 of what was right; 10 an error."""
    single = Estimate(0.3, 0.2, 0.4, 50, "items")
    curve = (Votes(1, single), Votes(3, Estimate(0.1, 0.05, 0.2, 50, "items")))
    one, three = labels_or_review(curve, 0.2, Prices(0.5, 10, 1, 0.9, 0.95))
    error = three.reviewed_error
    assert (error.value, error.low, error.high) == pytest.approx((0.112, 0.056 + 0.028, 0.112 + 0.028))
    assert (three.cost, three.review_cost) == pytest.approx((0.6 + 1.0, 0.2 + 0.4 + 1.12))
    assert (one.review_share, one.reviewed_error.value, one.review_cost) == pytest.approx((0, 0.3, 0.2 + 3.0))
    bare = Votes(1, Estimate(0.3, None, None, 50, "items"))
    (alone,) = labels_or_review((bare,), 0.2, Prices(0.0, 10, 1, 0.9, 0.95))
    assert (alone.reviewed_error.low, alone.reviewed_error.high, alone.review_share) == (None, None, 0.0)
    free = labels_or_review(curve, 0.2, Prices(0.0, 10, 1, 0.9, 0.95))
    assert [row.review_share for row in free] == [0.0, 1.0]
    cheap = labels_or_review(curve, 0.2, Prices(0.1, 10, 1, 0.9, 0.95))
    assert [row.review_share for row in cheap] == [0.0, 1.0]
