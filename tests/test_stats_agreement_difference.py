"""Bootstraps on patterns are those of items, and differences of two agreements are paired (about 15 s)."""

from __future__ import annotations

from dataclasses import replace
from math import sqrt

import numpy as np
import pytest
from agreement_data import Answers, from_rows, random_answers
from scipy.special import ndtr
from scipy.stats import t

from qc.stats.agreement import Ratings, agreement
from qc.stats.agreement.alpha import nominal
from qc.stats.agreement.bootstrap import bootstrap_items, drawn, resampled, resamples
from qc.stats.agreement.deletions import nothing
from qc.stats.agreement.difference import bootstrap_difference, difference, difference_of
from qc.stats.agreement.influences import of_answers, of_pairs
from qc.stats.agreement.pair_sums import PairSums, pooled
from qc.stats.agreement.statistic import NAMES, WEIGHTED, Labels, needs_pairs, statistic

BOTH = [
    *((name, "nominal") for name in NAMES),
    ("alpha", "ordinal"),
    ("alpha", "ratio"),
    *((n, "ordinal") for n in WEIGHTED),
]


def ratings(answers: Answers, shift: int = 0, people: int = 0) -> Ratings:
    values = [float(name) for name in answers.names]
    return Ratings.of(answers.item + shift, answers.annotator + people, answers.label, values)


def noisier(answers: Answers, share: float, seed: int = 5) -> Answers:
    generator = np.random.default_rng(seed)
    other = generator.integers(0, len(answers.names), len(answers.label))
    return replace(answers, label=np.where(generator.random(len(other)) < share, other, answers.label))


ANSWERS = random_answers(3, items=80, annotators=5, labels=4, share=0.8)


@pytest.mark.parametrize(("name", "level"), BOTH)
def test_a_replicate_is_the_coefficient_of_the_items_drawn(name, level):
    patterns = ANSWERS.patterns.pairable() if needs_pairs(name) else ANSWERS.patterns
    of = statistic(name, Labels.of(patterns, level, None))
    draws = drawn(patterns.items, 4, np.random.default_rng(1))
    (part,) = resamples(patterns, draws)
    for row, found in zip(draws, of(patterns, part), strict=True):
        kept = replace(patterns, counts=patterns.counts[np.flatnonzero(row)], items=row[row > 0], **_no_votes())
        labels = Labels.of(patterns, level, None)
        assert found == pytest.approx(statistic(name, labels)(kept, nothing())[0], abs=1e-9)


def _no_votes() -> dict[str, np.ndarray]:
    none = np.zeros(0, dtype=np.int64)
    return {"annotator": none, "pattern": none, "code": none, "votes": none}


@pytest.mark.parametrize(("name", "level"), BOTH)
def test_the_bootstrap_of_items_is_near_the_jackknife(name, level):
    """200 items: half as wide within a tenth, and the same value."""
    patterns = random_answers(4, items=200, annotators=4, labels=4, share=0.9).patterns
    found = bootstrap_items(patterns, name, level)
    whole = agreement(patterns, level)
    expected = whole.more[name].items if name in whole.more else getattr(whole, f"{name}_items")
    assert found.value == expected.value
    assert found.high - found.low == pytest.approx(expected.high - expected.low, rel=0.1)
    assert found.method == "items, bootstrap of 2,000, 95 %"
    assert bootstrap_items(patterns, name, level) == found


def test_bootstrap_of_what_is_undefined_says_so():
    for rows in ([], [["a"], ["b"]], [["a", None], [None, "b"]], [["a", "b"]], [["a", "a"]] * 5):
        found = bootstrap_items(from_rows(rows).patterns)
        assert found.value is None
        assert found.reason
    one_decides = bootstrap_items(from_rows([["a", "a", "a"]] * 9 + [["a", "b", "a"]]).patterns)
    assert "undefined in 3" in one_decides.warning


def test_percentiles_are_expanded_and_p_is_theirs():
    """Hesterberg 2015: of n items the tail is Φ of t(n - 1) times √(n / (n - 1)); p is .05 where a limit is 0."""
    values = np.linspace(-1, 1, 20_001)
    tail = ndtr(sqrt(10 / 9) * t.ppf(0.025, 9))
    found = resampled(values, 10)
    assert (found.low, found.high) == pytest.approx((2 * tail - 1, 1 - 2 * tail), abs=1e-4)
    assert resampled(values - found.low, 10).p_value == pytest.approx(0.05, abs=1e-3)
    assert resampled(values, 10).p_value == pytest.approx(1.0)
    assert resampled(np.append(values, np.full(2_000, np.nan)), 10).warning == "undefined in 9 % of the resamples"


@pytest.mark.parametrize("name", [*NAMES, "conger"])
def test_disjoint_items_and_people_are_independent(name):
    """The squares of the two half-widths add up, both over items and for such a team."""
    first, second = ratings(ANSWERS), ratings(noisier(ANSWERS, 0.3), 1_000, 100)
    found = difference(first, second, name)
    parts = [of_answers(one, name, "nominal", None) for one in (first, second)]
    errors = [np.sqrt(np.var(one.by_item) * len(one.by_item)) for one in parts]
    freedom = min(one.shared for one in parts) - 1
    half = t.ppf(0.975, freedom) * np.hypot(*errors)
    assert found.items.value == pytest.approx(parts[1].value - parts[0].value)
    assert found.items.high - found.items.value == pytest.approx(half, rel=0.01)
    assert (found.shared_items, found.shared_annotators) == (0, 0)
    z = abs(found.items.value) / np.hypot(*errors)
    assert found.p_items == pytest.approx(2 * t.sf(z, freedom), rel=0.1)


@pytest.mark.parametrize(("name", "level"), [*BOTH, ("conger", "nominal")])
def test_shared_items_make_a_difference_surer(name, level):
    other = noisier(ANSWERS, 0.1)
    paired = difference(ratings(ANSWERS), ratings(other), name, level)
    apart = difference(ratings(ANSWERS), ratings(other, 1_000, 100), name, level)
    assert paired.items.value == pytest.approx(apart.items.value)
    assert paired.items.high - paired.items.low < 0.8 * (apart.items.high - apart.items.low)
    assert paired.team.high - paired.team.low < apart.team.high - apart.team.low
    assert paired.p_items < apart.p_items
    assert (paired.shared_items, paired.shared_annotators) == (len(np.unique(ANSWERS.item)), 5) or needs_pairs(name)


@pytest.mark.parametrize(("name", "level"), BOTH)
@pytest.mark.parametrize("shift", [0, 1_000])
def test_paired_bootstrap_and_jackknife_are_alike(name, level, shift):
    first, second = ratings(ANSWERS), ratings(noisier(ANSWERS, 0.2), shift)
    found, p_value = bootstrap_difference(first, second, name, level)
    expected = difference(first, second, name, level)
    assert found.value == pytest.approx(expected.items.value)
    assert found.high - found.low == pytest.approx(expected.items.high - expected.items.low, rel=0.15)
    assert p_value == pytest.approx(expected.p_items, abs=0.05)


def test_team_difference_is_brute_force():
    """Items, annotators and (item, annotator) left out of both sides at once."""
    first, second = ANSWERS, noisier(ANSWERS, 0.2)
    full = np.bincount(ANSWERS.item)[ANSWERS.item] >= 3
    first, second = first.without(~full), second.without(~full)

    def value(gone: np.ndarray) -> float:
        sides = (nominal(one.without(gone).patterns.pairable(), nothing())[0] for one in (second, first))
        return next(sides) - next(sides)

    variances = []
    for by in (first.item, first.annotator, np.arange(len(first.item))):
        values = np.array([value(by == one) for one in np.unique(by)])
        variances.append((len(values) - 1) * values.var())
    items, annotators, rows = variances
    found = difference(ratings(first), ratings(second))
    parts = of_answers(ratings(first), "alpha", "nominal", None)
    half = t.ppf(0.975, parts.team - 1) * max(items + annotators - rows, items) ** 0.5
    assert found.team.high - found.team.value == pytest.approx(half, rel=1e-6)


def test_two_runs_that_differ_by_chance_are_told_apart_in_a_twentieth_of_cases():
    """240 pairs of data sets of one population, items of their own: p below .05 in 1 to 9 % (three standard errors)."""
    low, boot = [], []
    for seed in range(240):
        one, other = (ratings(random_answers(2 * seed + k, 60, 4, 3, 0.9), 100 * k, 10 * k) for k in (0, 1))
        low.append(difference(one, other).p_items < 0.05)
        if seed < 60:
            boot.append(bootstrap_difference(one, other, times=500)[1] < 0.05)
    assert 0.008 <= np.mean(low) <= 0.092
    assert np.mean(boot) <= 0.135


def test_pooled_sums_of_pairs_have_differences_too():
    generator = np.random.default_rng(1)
    item = np.repeat(np.arange(60), 3)
    a, b = np.tile([0, 0, 1], 60), np.tile([1, 2, 2], 60)
    sums = [PairSums(item, a, b, generator.binomial(5, p, 180) * 1.0, np.full(180, 5.0)) for p in (0.6, 0.8)]
    found = difference_of(*(of_pairs(one) for one in sums))
    values = [pooled(one, "nothing")[1].value for one in sums]
    assert found.items.value == pytest.approx(values[1] - values[0])
    assert found.p_items < 1e-4
    assert found.items.low > 0.1


def test_undefined_differences_say_which():
    empty, full = from_rows([[1], [2]]), from_rows([[1, 2], [2, 2], [1, 1], [2, 1]])
    found = difference(ratings(full), ratings(empty))
    assert found.team.value is found.p_team is None
    assert found.items.reason == "agreement of the second is undefined"
    none, p_value = bootstrap_difference(ratings(empty), ratings(full))
    assert none.value is p_value is None
    assert none.reason
    same = difference(ratings(full), ratings(full))
    assert same.items.value == 0
    assert same.p_items == 1.0
    assert same.items.low < 0 < same.items.high
