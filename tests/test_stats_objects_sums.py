"""Ratios of sums over pairs, and agreement of units within items: jackknives against deletion by hand."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qc.stats.agreement import agreement
from qc.stats.agreement.clustered import ABSENT, ONE_LABEL, Units, clustered
from qc.stats.agreement.deletions import jackknife_variance, team_variance
from qc.stats.agreement.pair_sums import NO_OVERLAP, PairSums, grouped, pooled, without_each
from qc.stats.patterns import patterns_from_answers


def some_pairs(seed, items=12, annotators=5):
    """Random counts of the pairs of the two to five people who answered each item."""
    rng = np.random.default_rng(seed)
    rows = []
    for item in range(items):
        people = rng.permutation(annotators)[: rng.integers(2, annotators + 1)]
        for a, b in combinations(sorted(people.tolist()), 2):
            found = rng.integers(0, 5, 2)
            rows.append((item, a, b, 2 * rng.integers(0, min(found) + 1), found.sum()))
    item, a, b, numerator, denominator = np.array(rows).T
    return PairSums(item, a, b, numerator.astype(float), denominator.astype(float))


def ratio(sums, keep):
    return sums.numerator[keep].sum() / sums.denominator[keep].sum()


def half(estimate, t):
    return max(estimate.high - estimate.value, estimate.value - estimate.low) / t


@pytest.mark.parametrize("seed", range(4))
def test_the_variance_of_a_ratio_is_that_of_deleting_by_hand(seed):
    sums = some_pairs(seed)
    team, items = pooled(sums, "nothing")
    used = sums.where(sums.denominator > 0)
    by_item = [ratio(used, used.item != item) for item in np.unique(used.item)]
    people = np.unique([used.a, used.b])
    by_person = [ratio(used, (used.a != who) & (used.b != who)) for who in people]
    ratings = {(i, who) for i, *pair in zip(used.item, used.a, used.b, strict=True) for who in pair}
    by_rating = [ratio(used, (used.item != i) | ((used.a != who) & (used.b != who))) for i, who in sorted(ratings)]
    variance = [
        jackknife_variance(np.array(values), np.ones(len(values), int)) for values in (by_item, by_person, by_rating)
    ]
    from scipy.stats import t

    assert items.value == team.value == pytest.approx(ratio(used, slice(None)))
    assert half(items, t.ppf(0.975, len(by_item) - 1)) == pytest.approx(variance[0] ** 0.5)
    weights = np.bincount(np.concatenate([used.a, used.b]))
    effective = weights.sum() ** 2 / (weights**2).sum()
    assert half(team, t.ppf(0.975, effective - 1)) == pytest.approx(team_variance(*variance) ** 0.5)
    left = without_each(sums)
    assert left.value == pytest.approx(by_person)
    assert left.annotator.tolist() == people.tolist()


def test_groups_are_what_each_would_be_alone():
    sums = some_pairs(7, 30)
    group = np.array([item % 3 for item in sums.item])
    for place, found in enumerate(grouped(sums, group, 3, "nothing")):
        assert found == pooled(sums.where(group == place), "nothing")


def test_ratios_without_ground_say_why():
    none = np.zeros(0, dtype=int)
    team, items = pooled(PairSums(none, none, none, none.astype(float), none.astype(float)), "nobody marked anything")
    assert (team.reason, items.reason) == (NO_OVERLAP, NO_OVERLAP)
    one = np.zeros(1, dtype=int)
    team, _ = pooled(PairSums(one, one, one + 1, np.zeros(1), np.zeros(1)), "nobody marked anything")
    assert team.reason == "nobody marked anything"


def some_units(seed, items=8, annotators=4, labels=3):
    rng = np.random.default_rng(seed)
    rows = []
    unit = 0
    for item in range(items):
        people = rng.permutation(annotators)[: rng.integers(2, annotators + 1)]
        for _ in range(rng.integers(1, 5)):
            codes = rng.integers(ABSENT, labels, len(people))
            if (codes != ABSENT).any():
                rows += [(item, unit, who, code) for who, code in zip(people, codes, strict=True)]
                unit += 1
    return Units(*np.array(rows).T)


def by_hand(units):
    """Alpha by the patterns of units that somebody marks, and its value alone."""
    marked = np.isin(units.unit, units.unit[units.code != ABSENT])
    part = units.where(marked)
    return agreement(patterns_from_answers(part.unit, part.annotator, part.code + 1, part.code.max() + 2))


@pytest.mark.parametrize("seed", range(4))
def test_alpha_of_units_and_its_variance_are_those_of_deleting_by_hand(seed):
    from scipy.stats import t

    units = some_units(seed)
    found = clustered(units)
    whole = by_hand(units)
    assert found.alpha.value == pytest.approx(whole.alpha.value)
    assert found.percent.value == pytest.approx(whole.percent.value)
    assert found.units == whole.items_used
    by_item = [by_hand(units.where(units.item != item)).alpha.value for item in np.unique(units.item)]
    people = np.unique(units.annotator)
    by_person = [by_hand(units.where(units.annotator != who)).alpha.value for who in people]
    pairs = sorted(set(zip(units.item.tolist(), units.annotator.tolist(), strict=True)))
    by_rating = [
        by_hand(units.where((units.item != item) | (units.annotator != who))).alpha.value for item, who in pairs
    ]
    variance = [
        jackknife_variance(np.array(values), np.ones(len(values), int)) for values in (by_item, by_person, by_rating)
    ]
    assert half(found.alpha_items, t.ppf(0.975, len(by_item) - 1)) == pytest.approx(variance[0] ** 0.5)
    effective = found.ratings.sum() ** 2 / (found.ratings**2).sum()
    assert half(found.alpha, t.ppf(0.975, effective - 1)) == pytest.approx(team_variance(*variance) ** 0.5)
    assert found.without == pytest.approx(by_person)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_order_and_names_do_not_matter(seed):
    units = some_units(seed)
    rng = np.random.default_rng(seed)
    shuffled = units.where(rng.permutation(len(units.unit)))
    labels = np.append(rng.permutation(9)[:3], ABSENT)
    renamed = Units(
        rng.permutation(100)[shuffled.item],
        rng.permutation(1000)[shuffled.unit],
        rng.permutation(100)[shuffled.annotator],
        labels[shuffled.code],
    )
    one, two = clustered(units), clustered(renamed)
    for name in ("alpha", "alpha_items", "percent", "percent_items"):
        before, after = getattr(one, name), getattr(two, name)
        assert after.reason == before.reason
        if before.value is not None:
            assert (after.value, after.low, after.high) == pytest.approx((before.value, before.low, before.high))


def test_units_without_ground_say_why():
    none = np.zeros(0, dtype=int)
    assert clustered(Units(none, none, none, none)).alpha.reason == NO_OVERLAP
    assert clustered(Units(none, none, none, none), "nobody drew anything").percent.reason == "nobody drew anything"
    same = Units(np.array([0, 0, 1, 1]), np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1]), np.zeros(4, dtype=int))
    assert clustered(same).alpha.reason == ONE_LABEL
    assert clustered(same).percent.value == 1
