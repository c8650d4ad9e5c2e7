"""Intervals, multiple tests, weighted error rates and shrinkage."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import betabinom, norm
from scipy.stats import t as student

from qc.model import ErrorPolicy, undefined
from qc.stats.hajek import AS_IF_DRAWN, CENSUS, TAKEN_AS_DRAWN, WEIGHTED, fractions, groups
from qc.stats.intervals import clopper_pearson, difference, jeffreys, wilson, wilson_bounds
from qc.stats.multiple import benjamini_hochberg
from qc.stats.rates import error_rates, rates_by, sources, true_rate
from qc.stats.shrinkage import FALLBACK, Beta, team_prior

COLUMNS = ["source", "annotator", "draw_id", "stratum", "stratum_size", "stratum_drawn", "pi", "n", "errors"]


def drawn(annotator, size, n, errors, draw="d1", source="review", taken=None):
    taken = n if taken is None else taken
    return (source, annotator, draw, f"{annotator}|normal", size, taken, taken / size, n, errors)


def found(annotator, n, errors, source="review"):
    return (source, annotator, None, None, None, None, None, n, errors)


def counts(*rows):
    return pd.DataFrame(list(rows), columns=COLUMNS)


@pytest.mark.parametrize(
    ("interval", "errors", "n", "low", "high"),
    [
        (wilson, 81, 263, 0.2553, 0.3662),
        (wilson, 15, 148, 0.0624, 0.1605),
        (wilson, 0, 20, 0.0, 0.1611),
        (wilson, 1, 20, 0.0089, 0.2361),
        (wilson, 5, 100, 0.0215, 0.1118),
        (jeffreys, 81, 263, 0.2545, 0.3656),
        (jeffreys, 5, 100, 0.0193, 0.1061),
        (clopper_pearson, 81, 263, 0.2527, 0.3676),
        (clopper_pearson, 15, 148, 0.0578, 0.1617),
        (clopper_pearson, 0, 20, 0.0, 0.1684),
        (clopper_pearson, 1, 20, 0.0013, 0.2487),
        (clopper_pearson, 5, 100, 0.0164, 0.1128),
    ],
)
def test_intervals_agree_with_newcombe(interval, errors, n, low, high):
    """Newcombe 1998, Statistics in Medicine 17:857; Jeffreys' from Brown, Cai & DasGupta 2001 as R binom prints it."""
    estimate = interval(errors, n)
    assert estimate.value == errors / n
    assert (round(estimate.low, 4), round(estimate.high, 4)) == (low, high)
    assert estimate.n == n


@pytest.mark.parametrize("interval", [wilson, jeffreys, clopper_pearson])
def test_an_interval_of_nothing_says_so(interval):
    assert interval(0, 0).reason == "nothing judged"


@given(st.integers(1, 500), st.data())
def test_intervals_hold_the_rate_and_mirror(n, data):
    errors = data.draw(st.integers(0, n))
    for interval in (wilson, jeffreys, clopper_pearson):
        one, other = interval(errors, n), interval(n - errors, n)
        assert 0 <= one.low <= one.value <= one.high <= 1
        assert one.low == pytest.approx(1 - other.high, abs=1e-9)


def test_difference_of_two_rates():
    """Newcombe 1998, Statistics in Medicine 17:873, method 10, (a) 56/70 − 48/80: 0.0524 to 0.3339."""
    gap = difference(wilson(56, 70), wilson(48, 80))
    assert (round(gap.value, 4), round(gap.low, 4), round(gap.high, 4)) == (0.2, 0.0524, 0.3339)
    assert difference(wilson(1, 2), undefined("no overlap")).reason == "no overlap"


def test_benjamini_hochberg():
    """R 4: p.adjust(p, "BH") of these ten values."""
    p = [0.001, 0.008, 0.039, 0.041, 0.042, 0.06, 0.074, 0.205, 0.212, 0.216]
    expected = [0.01, 0.04, 0.084, 0.084, 0.084, 0.1, 0.10571, 0.216, 0.216, 0.216]
    np.testing.assert_allclose(benjamini_hochberg(p), expected, atol=5e-6)
    np.testing.assert_allclose(benjamini_hochberg(p[::-1]), expected[::-1], atol=5e-6)
    assert benjamini_hochberg([]).size == 0
    with pytest.raises(ValueError, match="between 0 and 1"):
        benjamini_hochberg([float("nan")])


def test_true_rate_behind_reviewers_who_err():
    """Rogan–Gladen with Wilson's limits as R epiR 2.0.57 epi.prev gives them for 60/500 and 4/80."""
    estimate = true_rate(wilson(60, 500), 0.9, 0.95)
    np.testing.assert_allclose(
        [estimate.value, estimate.low, estimate.high], [0.0823529, 0.0522058, 0.1193172], atol=1e-7
    )
    estimate = true_rate(wilson(4, 80), 0.9, 0.99)
    np.testing.assert_allclose(
        [estimate.value, estimate.low, estimate.high], [0.0449438, 0.0108017, 0.1254188], atol=1e-7
    )


def test_true_rate_says_when_it_cannot_be_told():
    assert "false flags" in true_rate(wilson(1, 500), 0.9, 0.95).reason
    assert "cannot tell" in true_rate(wilson(60, 500), 0.5, 0.5).reason
    assert true_rate(wilson(0, 0), 0.9, 0.95).reason == "nothing judged"


def test_equal_weights_give_the_naive_rate():
    """Hájek's estimator with one pi everywhere is the plain rate."""
    rates = error_rates(counts(drawn("a", 200, 20, 2), drawn("b", 400, 40, 1)), ErrorPolicy())
    assert rates.overall.value == pytest.approx(3 / 60)
    assert rates.overall.n == 60


def test_weights_undo_an_uneven_draw():
    """By hand: 1/10 of 100 answers and 10/40 of 900 answers are 10 + 225 errors of 1000."""
    rates = error_rates(counts(drawn("a", 100, 10, 1), drawn("b", 900, 40, 10)), ErrorPolicy())
    assert rates.overall.value == pytest.approx(0.235)
    assert "inclusion probability" in rates.overall.method


def test_stratified_variance_by_hand():
    """Cochran 1977, 5.3: v = Σ W²(1 − f)s²/n with s² = p(1 − p)n/(n − 1); the interval is Wilson's at p(1 − p)/v."""
    overall = error_rates(counts(drawn("a", 100, 10, 1), drawn("b", 900, 40, 10)), ErrorPolicy()).overall
    variance = 0.1**2 * 0.9 * 0.1 * 0.9 / 9 + 0.9**2 * (1 - 40 / 900) * 0.25 * 0.75 / 39
    same = wilson(0.235 * 0.235 * 0.765 / variance, 0.235 * 0.765 / variance)
    assert (overall.low, overall.high) == (pytest.approx(same.low), pytest.approx(same.high))


def test_everything_judged_leaves_no_sampling_error():
    row = error_rates(counts(drawn("a", 30, 30, 3)), ErrorPolicy()).annotators[0]
    assert (row.rate.low, row.rate.value, row.rate.high) == (0.1, 0.1, 0.1)
    assert row.rate.method == CENSUS
    assert row.shrunk.low < 0.1 < row.shrunk.high


def test_the_verdict_on_a_team_follows_the_interval_of_its_rate():
    """All judged: the rate decides. One stratum of few great weights: the interval holds the target, so no verdict."""
    policy = ErrorPolicy(target=0.05)
    assert error_rates(counts(drawn("a", 100, 100, 6)), policy).standing(policy) == (1.0, "above target")
    unsure = error_rates(counts(drawn("a", 10000, 10, 2), drawn("b", 100, 100, 20)), policy)
    assert unsure.overall.low < 0.2
    assert unsure.standing(policy)[1] == "not yet clear"
    assert error_rates(counts(), policy).standing(policy) == (None, "too little data")


def test_errors_only_where_everything_was_judged_still_leave_an_interval():
    overall = error_rates(counts(drawn("a", 20, 20, 4), drawn("b", 500, 25, 0)), ErrorPolicy()).overall
    assert overall.low < overall.value < overall.high


def test_answers_still_waiting_do_not_bias_the_overall_rate():
    """Half of a's draw is judged: with `stratum_judged` his 10 answers stand for all 100 of his."""
    frame = counts(drawn("a", 100, 10, 5, taken=20), drawn("b", 100, 20, 0))
    known = error_rates(frame.assign(stratum_judged=[10, 20]), ErrorPolicy())
    assert known.overall.value == pytest.approx(0.25)


def test_risk_share_is_weighted_by_its_own_pi():
    """By hand: 10 answers at pi 0.1 with 1 error and 20 at pi 0.5 with 8: (10 + 16) / (100 + 40)."""
    frame = counts(
        ("review", "a", "d1", "a|normal", 140, 30, 0.1, 10, 1), ("review", "a", "d1", "a|normal", 140, 30, 0.5, 20, 8)
    )
    overall = error_rates(frame, ErrorPolicy()).overall
    assert overall.value == pytest.approx(26 / 140)
    assert overall.low < overall.value < overall.high


@pytest.mark.parametrize(
    ("source", "says"),
    [("gold", "gold items are not a random sample"), ("review", "does not say how these were chosen")],
)
def test_unweighted_sources_say_why(source, says):
    rate = error_rates(counts(found("a", 50, 5, source)), ErrorPolicy()).annotators[0].rate
    assert says in rate.method
    assert (rate.low, rate.high) == (wilson(5, 50).low, wilson(5, 50).high)


def test_undrawn_reviews_never_mix_with_drawn_ones():
    frame = counts(found("a", 400, 80), drawn("a", 100, 10, 1), found("b", 50, 5))
    rates = error_rates(frame, ErrorPolicy())
    assert rates.overall.n == 10
    assert "450 further judged answers are left out" in rates.overall.warning
    assert [(row.annotator, row.n) for row in rates.annotators] == [("a", 10), ("b", 50)]
    assert "does not say" in rates.annotators[1].rate.method
    assert {name: int(part["n"].sum()) for name, part in sources(frame).items()} == {
        "review": 10,
        "review, not drawn": 450,
    }


def test_nothing_judged_gives_reasons_and_no_rows():
    for frame in (counts(), counts(found("a", 0, 0))):
        rates = error_rates(frame, ErrorPolicy())
        assert rates.overall.reason == "nothing judged"
        assert rates.annotators == ()
        assert rates_by(frame, "annotator") == ()


def test_rates_by_a_key_that_cuts_across_strata():
    """By hand: label x has (1·10 + 2·5) / (4·10 + 6·5) with weights 10 and 5."""
    frame = pd.DataFrame(
        [
            ("review", "x", "d1", "a", 100, 10, 0.1, 4, 1),
            ("review", "y", "d1", "a", 100, 10, 0.1, 6, 0),
            ("review", "x", "d1", "b", 50, 10, 0.2, 6, 2),
            ("review", "y", "d1", "b", 50, 10, 0.2, 4, 4),
            ("review", None, "d1", "b", 50, 10, 0.2, 4, 4),
        ],
        columns=["label" if name == "annotator" else name for name in COLUMNS],
    )
    x, y = rates_by(frame, "label")
    assert (x.key, x.n, x.errors, y.key) == ("x", 10, 3, "y")
    assert x.rate.value == pytest.approx(20 / 70)
    assert x.rate.low < x.rate.value < x.rate.high


def test_row_order_and_names_change_nothing():
    frame = counts(drawn("a", 100, 10, 1), drawn("b", 900, 40, 10), drawn("a", 50, 5, 1, draw="d2"))
    one, other = error_rates(frame, ErrorPolicy()), error_rates(frame[::-1], ErrorPolicy())
    assert one.overall.value == pytest.approx(other.overall.value)
    assert [row.annotator for row in other.annotators] == ["a", "b"]


def test_objects_warn_that_they_are_not_independent():
    assert "too narrow" in error_rates(counts(drawn("a", 100, 40, 4)), ErrorPolicy(), unit="objects").overall.warning


def test_verdicts():
    policy = ErrorPolicy(target=0.05, min_judged=30)
    team = [found(f"p{index}", 400, 8) for index in range(8)]
    rates = error_rates(counts(*team, found("bad", 200, 40), found("new", 20, 9), found("so", 60, 3)), policy)
    verdicts = {row.annotator: row.verdict for row in rates.annotators}
    assert verdicts["bad"] == "above target"
    assert verdicts["new"] == "too little data"
    assert verdicts["so"] == "not yet clear"
    assert verdicts["p0"] == "within target"
    for row in rates.annotators:
        if row.verdict == "above target":
            assert row.shrunk.low > policy.target
            assert row.p_above_target > 0.95


def test_posterior_by_hand():
    """Jeffreys' prior, 6 of 60 and 1 of 60: P(rate > 0.05) = 0.9508 and 0.1055 (pbeta in R)."""
    assert Beta(0.5, 0.5).updated(6, 60).p_above(0.05) == pytest.approx(0.9508, abs=5e-5)
    assert Beta(0.5, 0.5).updated(1, 60).p_above(0.05) == pytest.approx(0.1055, abs=5e-5)


def test_a_team_that_does_not_differ_is_pooled_strongly_but_never_completely():
    """Everybody 5 of 100 is underdispersed: the likelihood of the strength has no maximum."""
    team = team_prior(np.full(10, 5), np.full(10, 100))
    assert not team.distinct
    assert team.note == "no detectable difference between annotators"
    assert np.isfinite(team.beta.a + team.beta.b)
    assert team.beta.mean == pytest.approx(0.05, abs=3e-3)
    assert team.posterior(30, 100).mean > 0.08


def test_a_team_that_differs_is_hardly_pooled():
    team = team_prior([1, 2, 40, 60, 5], np.full(5, 200))
    assert team.distinct
    assert team.note is None
    assert team.posterior(60, 200).mean == pytest.approx(0.3, abs=0.02)


@pytest.mark.parametrize(("errors", "n"), [([], []), ([1, 0], [10, 10]), ([0, 0, 0], [0, 5, 5])])
def test_few_annotators_fall_back(errors, n):
    beta = team_prior(errors, n).beta
    assert (beta.a, beta.b) == (pytest.approx(FALLBACK.a), pytest.approx(FALLBACK.b))


def test_a_team_without_errors_has_a_proper_prior():
    team = team_prior(np.zeros(6), np.full(6, 50))
    assert 0 < team.beta.mean < 0.01


@pytest.mark.simulation
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_fitted_prior_is_near_the_planted_one(seed):
    """300 annotators with rates from Beta(2, 38): mean 0.05, strength 40."""
    rng = np.random.default_rng(seed)
    n = rng.integers(30, 200, 300)
    team = team_prior(betabinom.rvs(n, 2, 38, random_state=rng), n)
    assert team.beta.mean == pytest.approx(0.05, abs=0.008)
    assert 25 < team.beta.a + team.beta.b < 70


@pytest.mark.simulation
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_shrunk_intervals_cover_and_beat_the_raw_rates(seed):
    """100 teams of 20 with rates from Beta(2, 38): 95 % intervals cover 93 to 97 % of the annotators' true rates."""
    rng = np.random.default_rng(seed)
    inside, raw, shrunk = [], [], []
    for _ in range(100):
        p, n = rng.beta(2, 38, 20), rng.integers(20, 120, 20)
        errors = rng.binomial(n, p)
        rows = error_rates(counts(*(found(f"{k:02}", n[k], errors[k]) for k in range(20))), ErrorPolicy()).annotators
        inside += [row.shrunk.low <= truth <= row.shrunk.high for row, truth in zip(rows, p, strict=True)]
        raw += [(row.rate.value - truth) ** 2 for row, truth in zip(rows, p, strict=True)]
        shrunk += [(row.shrunk.value - truth) ** 2 for row, truth in zip(rows, p, strict=True)]
    assert 0.93 <= np.mean(inside) <= 0.97
    assert np.mean(shrunk) < np.mean(raw)


def simulate(seed, sizes, rates, share, floor, runs=2000):
    """Rows of `runs` draws from finite populations: a fixed number per stratum, at least the floor."""
    rng = np.random.default_rng(seed)
    strata = len(sizes)
    n = np.minimum(sizes, np.maximum(floor, np.ceil(share * sizes))).astype(int)
    wrong = rng.binomial(sizes, rates, (runs, strata))
    errors = rng.hypergeometric(wrong, sizes - wrong, n)
    run = np.repeat(np.arange(runs), strata)
    frame = pd.DataFrame(
        {"source": "review", "run": run, "draw_id": run, "stratum": np.tile(np.arange(strata), runs)}
        | {"stratum_size": np.tile(sizes, runs), "stratum_drawn": np.tile(n, runs), "pi": np.tile(n / sizes, runs)}
        | {"n": np.tile(n, runs), "errors": errors.ravel()}
    )
    return frame, wrong.sum(axis=1) / sizes.sum()


@pytest.mark.simulation
@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("rates", [0.02, 0.05, 0.2, None], ids=["2 %", "5 %", "20 %", "2 to 20 %"])
@pytest.mark.parametrize("strata", [5, 20])
def test_weighted_rates_are_unbiased_and_covered(seed, rates, strata):
    """2,000 draws of 5 % with a floor of 5: bias within 3 Monte-Carlo errors, 95 % intervals cover 93 to 97 %."""
    rng = np.random.default_rng(100 + seed)
    sizes = rng.integers(30, 600, strata)
    spread = rng.uniform(0.02, 0.2, strata) if rates is None else np.full(strata, rates)
    frame, truth = simulate(seed, sizes, spread, 0.05, 5)
    found = [row.rate for row in rates_by(frame, "run")]
    values, low, high = (np.array([getattr(rate, name) for rate in found]) for name in ("value", "low", "high"))
    error = values - truth
    assert abs(error.mean()) < 3 * error.std() / np.sqrt(len(error))
    assert 0.93 <= ((low <= truth) & (truth <= high)).mean() <= 0.97


@pytest.mark.simulation
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_risk_weighted_sample_is_unbiased_where_the_naive_rate_is_not(seed):
    """4,000 answers, Poisson draws with pi up to 0.6 growing with risk: Hájek is unbiased, the naive rate doubled."""
    rng = np.random.default_rng(seed)
    pi = np.array([0.05, 0.1, 0.3, 0.6])
    sizes, p, runs = np.array([2000, 1000, 700, 300]), np.array([0.02, 0.05, 0.1, 0.3]), 2000
    wrong = rng.binomial(sizes, p, (runs, 4))
    errors = rng.binomial(wrong, pi)
    n = errors + rng.binomial(sizes - wrong, pi)
    run = np.repeat(np.arange(runs), 4)
    frame = pd.DataFrame(
        {"source": "review", "run": run, "draw_id": run, "stratum": "all", "stratum_size": 4000}
        | {"stratum_drawn": np.repeat(n.sum(axis=1), 4), "pi": np.tile(pi, runs), "n": n.ravel()}
        | {"errors": errors.ravel()}
    )
    truth = wrong.sum(axis=1) / sizes.sum()
    found = [row.rate for row in rates_by(frame, "run")]
    values, low, high = (np.array([getattr(rate, name) for rate in found]) for name in ("value", "low", "high"))
    error = values - truth
    assert abs(error.mean()) < 3 * error.std() / np.sqrt(runs) + 1e-4
    assert 0.93 <= ((low <= truth) & (truth <= high)).mean() <= 0.97
    assert (errors.sum(axis=1) / n.sum(axis=1)).mean() > 1.9 * truth.mean()


DESIGN = [
    "source",
    "label",
    "draw_id",
    "stratum",
    "stratum_size",
    "stratum_drawn",
    "pi",
    "stratum_judged",
    "stratum_offered",
]


def by_answer(rows, label):
    """Hájek's ratio answer by answer: its value, what its variance is worth (Student's t for z), and Kish's n.

    Särndal, Swensson & Wretman 1992, 5.8 (the linearised ratio), 3.7 (lots in strata), 3.2 (Poisson): a stratum of
    which m are judged tells for all of it, and others are drawn one by one.
    """
    weights, residuals, certain, strata = [], [], [], {}
    for row in rows:
        strata[row.stratum] = strata.get(row.stratum, 0) + row.n
    for row in rows:
        judged = max(strata[row.stratum], row.stratum_judged)
        lot = row.pi == row.stratum_drawn / row.stratum_size
        part = judged / row.stratum_size if lot else row.pi * judged / max(row.stratum_offered, judged)
        if row.label == label:
            for place in range(row.n):
                weights.append(1 / part)
                residuals.append((row.stratum, judged if lot else 0, float(place < row.errors)))
                certain.append(part)
    weights, certain = np.array(weights), np.array(certain)
    wrong = np.array([each for *_, each in residuals])
    p = weights @ wrong / weights.sum()
    free, variance = weights**2 * (1 - certain), 0.0
    for stratum, judged in {(name, judged) for name, judged, _ in residuals}:
        own = np.array([(name, m) == (stratum, judged) for name, m, _ in residuals])
        # Answers with other labels are in the stratum, too, and add 0.
        e = np.append(wrong[own] - p, np.zeros(max(judged - own.sum(), 0)))
        if judged:
            variance += free[own][0] * judged * e.var(ddof=1)
        else:
            variance += (free[own] * e[: own.sum()] ** 2).sum()
    worth, most = p * (1 - p) * weights.sum() ** 2 / variance, weights.sum() ** 2 / free.sum()
    freedom = max(p * (1 - p) * free.sum() ** 2 / (free**2).sum(), 1.0)
    trusted = worth * (norm.ppf(0.975) / student.ppf(0.975, freedom)) ** 2
    return p, max(trusted, min(worth, most)), weights.sum() ** 2 / (weights**2).sum()


def test_weighted_rates_are_those_of_a_ratio_answer_by_answer():
    """Labels across four strata: two by lot (one with answers that wait), two by risk (one with answers that wait)."""
    frame = pd.DataFrame(
        [
            ("review", "x", "d1", "ann", 100, 20, 0.2, 15, 20, 9, 2),
            ("review", "y", "d1", "ann", 100, 20, 0.2, 15, 20, 6, 1),
            ("review", "x", "d1", "bo", 60, 30, 0.5, 3, 30, 20, 5),
            ("review", "y", "d1", "bo", 60, 30, 0.5, 3, 30, 10, 4),
            ("review", "x", "d1", "cy", 80, 16, 0.3, 12, 24, 7, 3),
            ("review", "x", "d1", "cy", 80, 16, 0.6, 12, 24, 3, 1),
            ("review", "y", "d1", "cy", 80, 16, 0.3, 12, 24, 2, 0),
            ("review", "y", "d2", "di", 50, 9, 0.4, 11, 5, 11, 3),
        ],
        columns=[*DESIGN, "n", "errors"],
    )
    rows = list(frame.itertuples(index=False))
    for group in groups(frame, "label", "answers"):
        value, worth, informative = by_answer(rows, group.key)
        assert group.rate.value == pytest.approx(value)
        assert group.worth == pytest.approx(worth)
        assert group.informative_as == pytest.approx(informative)
        assert (group.rate.low, group.rate.high) == pytest.approx(tuple(map(float, wilson_bounds(value, worth))))
        assert group.rate.warning is None
    assert [group.errors for group in groups(frame, "label", "answers")] == [11, 8]
    part = fractions(frame)
    assert part[[0, 2, 4]] == pytest.approx([15 / 100, 30 / 60, 0.3 * 12 / 24])
    assert part[7] == pytest.approx(0.4)


def test_judged_objects_that_nobody_drew_warn_as_well():
    frame = counts(found("a", 40, 4, "gold"))
    assert "too narrow" in groups(frame, "annotator", "objects")[0].rate.warning
    assert groups(frame, "annotator", "answers")[0].rate.warning is None


def test_no_error_seen_is_worth_what_the_finite_population_makes_of_it():
    """20 of 100 by lot without an error: n/(1 − f) = 25 answers; taken as if drawn where nobody drew them."""
    (group,) = groups(counts(drawn("a", 100, 20, 0)), "annotator", "answers")
    assert group.worth == pytest.approx(25)
    assert group.rate.high == pytest.approx(1.959964**2 / (25 + 1.959964**2))
    assert group.rate.method == WEIGHTED
    (taken,) = groups(counts(drawn("a", 100, 20, 0, draw=AS_IF_DRAWN)), "annotator", "answers")
    assert taken.rate.method == TAKEN_AS_DRAWN
    (everything,) = groups(counts(drawn("a", 20, 20, 3)), "annotator", "answers")
    assert (everything.worth, everything.rate.low, everything.rate.high) == (np.inf, 0.15, 0.15)
