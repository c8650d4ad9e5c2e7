"""Where and why people disagree: identities, brute force, planted causes. Takes about ten seconds."""

from __future__ import annotations

from collections import Counter
from itertools import combinations
from math import sqrt

import numpy as np
import pytest
from scipy.special import stdtrit
from scipy.stats import binomtest

from qc.stats.agreement import Ratings, agreement
from qc.stats.agreement.deletions import team_variance
from qc.stats.agreement.difference import difference
from qc.stats.disagreement import (
    HOLDS,
    Week,
    certain,
    clustered_share,
    confusions,
    drift,
    error_of,
    hardest,
    held,
    held_agreement,
    leanings,
    leanings_of,
    moved,
    outliers,
    parted,
    shifts,
)
from qc.stats.intervals import wilson
from qc.stats.multiple import benjamini_hochberg
from qc.stats.patterns import Patterns, patterns_from_answers


def team(seed: int, items: int = 200, people: int = 6, labels: int = 4) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """item, annotator, label: one to three of the people an item, a fifth of the answers wrong."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, labels, items)
    cells = [(i, a) for i in range(items) for a in rng.permutation(people)[: rng.integers(1, 4)]]
    item, annotator = np.array(cells).T
    wrong = rng.random(len(item)) < 0.2
    return item, annotator, np.where(wrong, rng.integers(0, labels, len(item)), truth[item])


def patterns(answers: tuple[np.ndarray, np.ndarray, np.ndarray], labels: int = 4) -> Patterns:
    return patterns_from_answers(*answers, labels)


@pytest.mark.parametrize("seed", range(3))
def test_what_a_label_is_confused_with_is_all_that_specific_agreement_leaves(seed: int) -> None:
    found = patterns(team(seed))
    left = Counter({row.label: row.agreement.value for row in agreement(found).by_label})
    for row in confusions(found, 100):
        left[row.label] += row.share.value
        left[row.other] += row.mirror.value
    assert list(left.values()) == pytest.approx([1.0] * 4)


def test_confusions_are_jackknifed_exactly() -> None:
    """The three jackknives by leaving out items, annotators and single answers one by one."""
    item, annotator, label = answers = team(5, items=80)
    row = confusions(patterns(answers), 1)[0]

    def share(kept: np.ndarray) -> float:
        given = parting = 0.0
        for one in np.unique(item[kept]):
            here = label[kept][item[kept] == one].tolist()
            if len(here) >= 2:
                given += here.count(row.label)
                parting += here.count(row.label) * here.count(row.other) / (len(here) - 1)
        return parting / given

    shared = [one for one in np.unique(item) if np.sum(item == one) >= 2]
    rows = np.flatnonzero(np.isin(item, shared))
    every = [
        [share(item != one) for one in shared],
        [share(annotator != one) for one in np.unique(annotator[rows])],
        [share(np.arange(len(item)) != one) for one in rows],
    ]
    variances = [(len(each) - 1) / len(each) * np.sum((each - np.mean(each)) ** 2) for each in map(np.array, every)]
    of_items, of_people, of_ratings = variances
    assert row.share.value == pytest.approx(share(item >= 0))
    given = np.bincount(annotator[rows][label[rows] == row.label])
    freedom = given.sum() ** 2 / (given**2).sum() - 1
    half = stdtrit(freedom, 0.975) * sqrt(team_variance(of_items, of_people, of_ratings))
    assert row.share.high == pytest.approx(min(row.share.value + half, 1.0))
    assert row.share.low == pytest.approx(max(row.share.value - half, 0.0))
    assert row.items == sum({row.label, row.other} <= set(label[item == one]) for one in shared)


def test_who_leans_is_found_by_the_exact_sign_test() -> None:
    item, annotator, label = team(7, items=600, people=5, labels=3)
    rng = np.random.default_rng(3)
    leaning = (annotator == 2) & (label == 0) & (rng.random(len(item)) < 0.5)
    label = np.where(leaning, 1, label)
    found = leanings(patterns((item, annotator, label), 3), 100)
    first = found[0]
    assert (first.annotator, first.says, first.others_say) == (2, 1, 0)
    assert first.q < 1e-4
    said: Counter[tuple[int, int, int]] = Counter()
    for one in np.unique(item):
        here = item == one
        for who, what in zip(annotator[here], label[here], strict=True):
            for other in set(label[here]) - {what}:
                said[int(who), int(what), int(other)] += 1
    for row in found:
        assert (row.n, row.mirror) == tuple(
            said[int(row.annotator), *pair] for pair in ((row.says, row.others_say), (row.others_say, row.says))
        )
        assert row.share.value == row.n / (row.n + row.mirror)
    p = [binomtest(row.n, row.n + row.mirror).pvalue for row in found]
    assert [row.q for row in found] == pytest.approx(benjamini_hochberg(p).tolist())


def test_nobody_leans_where_people_are_alike() -> None:
    """200 teams without a direction: with the false discovery rate at 5 % at most one in ten shows any."""
    noted = sum(any(row.q <= 0.05 for row in leanings(patterns(team(seed)), 9)) for seed in range(200))
    assert noted <= 20


@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval"])
def test_by_how_much_each_person_moves_alpha(level: str) -> None:
    """As the difference of two agreements that share their items."""
    item, annotator, label = team(13)
    found = patterns((item, annotator, label))
    whole = agreement(found, level)
    rows = moved(found, level)
    for row in whole.influence:
        kept = annotator != row.annotator
        both = [Ratings.of(*(column[rows] for column in (item, annotator, label))) for rows in (kept | True, kept)]
        expected = difference(*both, "alpha", level).items
        one = rows[row.annotator]
        assert one.value == pytest.approx(row.alpha_without - whole.alpha.value)
        assert (one.low + one.high) / 2 == pytest.approx(one.value)
        assert one.high - one.low == pytest.approx(expected.high - expected.low, rel=0.02)


def test_without_one_of_two_nothing_is_left_to_compare() -> None:
    assert {row.value for row in moved(two_raters([[5, 1], [1, 5]]), "nominal").values()} == {None}
    none = np.zeros(0, dtype=np.int64)
    assert moved(patterns((none, none, none)), "nominal") == {}


@pytest.mark.parametrize("on_scale", [False, True])
def test_the_hardest_items_are_those_that_counting_finds(on_scale: bool) -> None:
    item, annotator, label = team(9, items=60)
    found = hardest(Ratings.of(item, annotator, label), 8, on_scale)
    counted = []
    for one in np.unique(item):
        here = label[item == one].tolist()
        pairs = list(combinations(here, 2))
        if len(set(here)) > 1:
            apart = max(here) - min(here) if on_scale else 0
            counted.append((-apart, sum(a == b for a, b in pairs) / len(pairs), -len(here), one))
    counted.sort()
    assert [row.item for row in found] == [row[-1] for row in counted[:8]]
    assert [row.agreement for row in found] == pytest.approx([row[1] for row in counted[:8]])
    for row in found:
        assert dict(zip(row.annotators, row.codes, strict=True)) == {
            who: what for one, who, what in zip(item, annotator, label, strict=True) if one == row.item
        }


def test_nothing_is_hard_of_nothing() -> None:
    none = np.zeros(0, dtype=np.int64)
    assert hardest(Ratings.of(none, none, none), 5, False) == ()
    assert confusions(patterns((none, none, none)), 5) == leanings(patterns((none, none, none)), 5) == ()


def two_raters(table: list[list[int]]) -> Patterns:
    pairs = [pair for i, row in enumerate(table) for j, n in enumerate(row) for pair in [(i, j)] * n]
    items = np.repeat(np.arange(len(pairs)), 2)
    return patterns_from_answers(items, np.tile([0, 1], len(pairs)), np.array(pairs).ravel(), len(table))


def why(found: Patterns):
    of = agreement(found)
    return parted(found, of.percent.value, of.alpha.value, of.influence)


def test_raw_and_corrected_agreement_part_where_somebody_never_uses_a_label() -> None:
    """93 of 100 items alike, the other seven labelled by one of the two: alpha −0.03."""
    cause = why(two_raters([[93, 0], [7, 0]]))
    assert (cause.cause, cause.annotator, cause.label, cause.items) == ("unused label", 1, 1, 7)


def test_or_where_one_label_is_nearly_all_of_it() -> None:
    """Both use both labels, one of them in 240 of 250 answers (after Feinstein & Cicchetti 1990)."""
    cause = why(two_raters([[116, 4], [4, 1]]))
    assert (cause.cause, cause.label) == ("one label", 0)
    assert cause.share == pytest.approx(240 / 250)


def test_or_where_one_of_many_differs() -> None:
    rng = np.random.default_rng(2)
    truth = (rng.random(300) < 0.1).astype(int)
    label = np.tile(truth, (5, 1))
    label[4] = rng.permutation(truth)
    item, annotator = np.tile(np.arange(300), 5), np.repeat(np.arange(5), 300)
    cause = why(patterns_from_answers(item, annotator, label.ravel(), 2))
    assert (cause.cause, cause.annotator) == ("one annotator", 4)
    assert cause.share == 1


def test_nothing_is_said_where_they_do_not_part() -> None:
    assert why(two_raters([[50, 2], [3, 45]])) is None
    assert parted(two_raters([[5, 0], [0, 0]]), 1.0, None) is None


def test_a_set_is_compared_label_by_label() -> None:
    """Sets of two labels as codes 0 {}, 1 {a}, 2 {b}, 3 {a, b}: each label as if it had been asked alone."""
    answers = item, annotator, code = team(11)
    whole = patterns(answers)
    for holds in ([False, True, False, True], [False, False, True, True]):
        alone = patterns_from_answers(item, annotator, np.array(holds)[code].astype(int), 2)
        made = held(whole, np.array(holds))
        of_made, of_alone = agreement(made), agreement(alone)
        assert of_made.alpha == of_alone.alpha
        assert of_made.by_label == of_alone.by_label
        assert leanings(made, 9) == leanings(alone, 9)
        row = held_agreement(made)
        assert (row.n, row.agreement) == (of_alone.by_label[HOLDS].n, of_alone.by_label[HOLDS].agreement)
        assert row.alpha.value == of_alone.alpha.value
    assert held_agreement(held(whole, np.zeros(4, bool))) is None


def test_the_positive_agreement_of_two_people_is_f1() -> None:
    """Both hold the label on 20 items, one alone on 5, the other alone on 3: 2 · 20 / (2 · 20 + 8)."""
    found = held_agreement(two_raters([[50, 3], [5, 20]]))
    assert found.agreement.value == pytest.approx(40 / 48)
    assert found.n == 48


def test_who_never_gives_a_label_is_named_though_raw_and_alpha_do_not_part() -> None:
    """Dee says spam for fraud; the others differ now and then, in any direction."""
    rng = np.random.default_rng(1)
    truth = rng.choice(3, 300, p=[0.45, 0.45, 0.1])
    label = np.where(rng.random((4, 300)) < 0.1, rng.integers(0, 2, (4, 300)), truth)
    label[3] = np.where(label[3] == 2, 1, label[3])
    found = patterns_from_answers(np.tile(np.arange(300), 4), np.repeat(np.arange(4), 300), label.ravel(), 3)
    assert why(found) is None
    place, cause = certain([found], leanings_of([found], 9))
    others = (label[:3] == 2).any(axis=0).sum()
    assert (place, cause.cause, cause.annotator, cause.label, cause.items) == (0, "unused label", 3, 2, others)
    assert 0.5 < cause.share <= 1
    # Half of the time only: a leaning.
    some = rng.random(300) < 0.3
    label[3] = np.where(some & (truth == 2), 2, label[3])
    found = patterns_from_answers(np.tile(np.arange(300), 4), np.repeat(np.arange(4), 300), label.ravel(), 3)
    _, cause = certain([found], leanings_of([found], 9))
    assert (cause.cause, cause.annotator, cause.says, cause.label) == ("leaning", 3, 1, 2)
    assert certain([found], ()) is None


def test_of_two_who_differ_nobody_is_said_to_lean() -> None:
    """40 items A against B, 4 the other way round: the direction is sure, whose it is is not."""
    found = two_raters([[100, 40], [4, 100]])
    assert leanings(found, 1)[0].q < 1e-6
    assert certain([found], leanings_of([found], 9)) is None


def test_who_alone_gives_a_label_is_not_hidden_behind_those_who_never_do() -> None:
    label = np.zeros((4, 100), int)
    label[:, 50:] = 1
    label[2, :12] = 2
    found = patterns_from_answers(np.tile(np.arange(100), 4), np.repeat(np.arange(4), 100), label.ravel(), 3)
    _, cause = certain([found], leanings_of([found], 9))
    assert (cause.cause, cause.annotator, cause.says, cause.label) == ("leaning", 2, 2, 0)


def test_of_people_who_are_alike_nothing_is_certain() -> None:
    """200 teams: not more than the false discovery rate of 5 % and three standard errors."""
    named = sum(certain([found], leanings_of([found], 9)) is not None for found in map(patterns, map(team, range(200))))
    assert named / 200 <= 0.05 + 3 * sqrt(0.05 * 0.95 / 200)


def weeks(rng: np.random.Generator, m: int, between: float = 0.03, jump: float = 0.0) -> list[Week]:
    items = rng.integers(40, 250, m)
    error = 0.3 / np.sqrt(items)
    value = 0.7 + rng.normal(0, between, m) + rng.normal(0, error) + jump * (np.arange(m) >= m // 2)
    seen = error * rng.uniform(0.8, 1.25, m)
    return [Week(float(v), float(e), int(n)) for v, e, n in zip(value, seen, items, strict=True)]


@pytest.mark.parametrize("m", [6, 12, 30])
def test_a_steady_series_rarely_seems_to_shift(m: int) -> None:
    """600 series without a shift, weeks vary twice as much as their items: 5 % and three standard errors."""
    rng = np.random.default_rng(m)
    assert sum(bool(shifts(weeks(rng, m))) for _ in range(600)) / 600 <= 0.05 + 3 * sqrt(0.05 * 0.95 / 600)


def test_a_planted_shift_is_found_in_its_weeks() -> None:
    """200 series of 16 weeks that fall by 0.2 in the ninth: found in nine of ten, the band holds the true week."""
    rng = np.random.default_rng(4)
    found = [shifts(weeks(rng, 16, jump=-0.2)) for _ in range(200)]
    hits = [row[0] for row in found if row]
    assert len(hits) >= 180
    assert np.mean([row.first <= 8 <= row.last for row in hits]) >= 0.93
    assert np.mean([row.change.low <= -0.2 <= row.change.high for row in hits]) >= 0.85
    assert np.mean([row.change.value for row in hits]) == pytest.approx(-0.2, abs=0.02)


@pytest.mark.parametrize("m", [6, 12, 30])
def test_a_steady_series_rarely_has_a_week_that_stands_out(m: int) -> None:
    """300 series, weeks vary twice as much as their items: 5 % and three standard errors (1,000 series: 0 to 3 %)."""
    rng = np.random.default_rng(m)
    assert sum(bool(outliers(weeks(rng, m))) for _ in range(300)) / 300 <= 0.05 + 3 * sqrt(0.05 * 0.95 / 300)


def test_a_single_bad_week_is_found_and_is_no_lasting_shift() -> None:
    """200 series of ten weeks of which the seventh is 0.3 lower: found in more than four of five."""
    rng = np.random.default_rng(4)
    hits = []
    for _ in range(200):
        series = weeks(rng, 10)
        series[6] = Week(series[6].value - 0.3, series[6].error, series[6].items)
        hits += [one for one in outliers(series, shifts(series)) if one.place == 6]
    assert len(hits) >= 160
    assert np.mean([one.difference.value for one in hits]) == pytest.approx(-0.3, abs=0.03)
    assert np.mean([one.difference.low <= -0.3 <= one.difference.high for one in hits]) >= 0.9
    assert outliers([Week(0.8, 0.01, 50)] * 20) == outliers(weeks(rng, 5)) == ()


def test_between_shifts_a_week_is_held_against_its_own_stretch() -> None:
    rng = np.random.default_rng(9)
    series = [Week(0.9 - 0.4 * (k >= 10) + float(rng.normal(0, 0.01)), 0.01, 200) for k in range(20)]
    found = shifts(series)
    assert [one.place for one in found] == [10]
    assert outliers(series, found) == ()


def test_few_weeks_and_equal_weeks_have_no_shift() -> None:
    rng = np.random.default_rng(5)
    assert shifts(weeks(rng, 5, jump=0.5)) == ()
    assert shifts([Week(0.8, 0.01, 50)] * 20) == ()


def test_a_drift_is_no_shift() -> None:
    rng = np.random.default_rng(6)
    line = [Week(0.9 - 0.01 * k + float(rng.normal(0, 0.002)), 0.002, 100) for k in range(20)]
    slope = drift(line)
    assert slope.low < -0.01 < slope.high
    assert shifts(line) == ()
    assert drift(line[:3]).value is None


def test_the_error_behind_an_interval() -> None:
    found = agreement(patterns(team(1))).alpha_items
    assert error_of(found) == pytest.approx((found.high - found.low) / 2 / 1.97, rel=0.01)
    assert error_of(agreement(patterns_from_answers(*np.zeros((3, 1), int), 1)).alpha_items) is None


def test_a_share_of_clusters_of_one_is_wilsons_and_of_copies_that_of_the_items() -> None:
    one = clustered_share(30, 50, (30, 30, 50), 50, "answers", "items", "none")
    plain = wilson(30, 50)
    assert (one.value, one.low, one.high) == pytest.approx((plain.value, plain.low, plain.high), abs=2e-3)
    copies = clustered_share(90, 150, (270, 270, 450), 50, "answers", "items", "none")
    assert (copies.low, copies.high) == pytest.approx((one.low, one.high), abs=1e-9)
    assert clustered_share(0, 0, (0, 0, 0), 0, "answers", "items", "none").reason == "none"
