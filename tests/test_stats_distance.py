"""Alpha of any distance, against `krippendorff`, the nominal path and definitions written out."""

from __future__ import annotations

from itertools import combinations, permutations

import krippendorff
import numpy as np
import pytest
from agreement_data import Answers, from_rows, random_answers
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import t

from qc.stats.agreement import agreement, chance
from qc.stats.agreement.chance import Drawn, Leave
from qc.stats.agreement.distance import ALL_ALIKE, distance_agreement
from qc.stats.agreement.within import pairs_within


def nominal(i: np.ndarray, j: np.ndarray) -> np.ndarray:
    return (i != j).astype(float)


def plane(seed: int, values: int):
    """A distance that is neither nominal nor on a line: between points of a square, at most 1."""
    points = np.random.default_rng(seed).random((values, 2)) / np.sqrt(2)
    return lambda i, j: np.sqrt(((points[i] - points[j]) ** 2).sum(axis=1))


def of(answers: Answers, distance, **more):
    return distance_agreement(answers.item, answers.annotator, answers.label, distance, **more)


def by_definition(answers: Answers, distance) -> float:
    """Krippendorff's D_o and D_e, one pair after the other."""
    by_item: dict[int, list[int]] = {}
    for item, label in zip(answers.item, answers.label, strict=True):
        by_item.setdefault(int(item), []).append(int(label))
    shared = [labels for labels in by_item.values() if len(labels) > 1]
    every = [label for labels in shared for label in labels]
    if not every:
        return np.nan

    def d(i: int, j: int) -> float:
        return float(distance(np.array([i]), np.array([j]))[0])

    observed = sum(d(i, j) / (len(labels) - 1) for labels in shared for i, j in permutations(labels, 2)) / len(every)
    expected = sum(d(i, j) for i, j in permutations(every, 2)) / (len(every) * (len(every) - 1))
    return 1 - observed / expected if expected else np.nan


@pytest.mark.parametrize("level", ["nominal", "interval"])
def test_equals_krippendorff(level: str) -> None:
    """The package `krippendorff` of its author's test data and of random answers, with gaps."""
    for seed in range(5):
        answers = random_answers(seed, 40, 6, 5, 0.5)
        scale = np.arange(1, 6)
        distance = nominal if level == "nominal" else lambda i, j, at=scale: (at[i] - at[j]) ** 2.0
        expected = krippendorff.alpha(answers.matrix, level_of_measurement=level)
        assert of(answers, distance).alpha.value == pytest.approx(expected, abs=1e-12)


def test_intervals_of_the_nominal_distance_are_those_of_nominal_alpha() -> None:
    for seed in range(4):
        answers = random_answers(seed, 60, 5, 4, 0.6)
        one, other = of(answers, nominal), agreement(answers.patterns)
        for name in ("alpha", "alpha_items"):
            found, expected = getattr(one, name), getattr(other, name)
            assert (found.value, found.n) == (pytest.approx(expected.value), expected.n)
            assert (found.low, found.high) == pytest.approx((expected.low, expected.high))
        assert (one.items_used, one.items_dropped) == (other.items_used, other.items_dropped)
        assert [row.annotator for row in one.influence] == [row.annotator for row in other.influence]


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 8), st.integers(2, 5), st.integers(2, 6))
def test_every_replicate_is_what_is_left(seed: int, items: int, annotators: int, labels: int) -> None:
    """Without each annotator in turn, by the definition."""
    answers = random_answers(seed, items, annotators, labels, 0.8)
    distance = plane(seed, labels)
    found = of(answers, distance)
    expected = by_definition(answers, distance)
    if found.alpha.value is not None:
        assert found.alpha.value == pytest.approx(min(expected, 1.0))
    for row in found.influence:
        left = by_definition(answers.without(answers.annotator == row.annotator), distance)
        if found.alpha.value is None or np.isnan(left):
            assert row.alpha_without is None
        else:
            assert row.alpha_without == pytest.approx(left)


def test_the_item_interval_is_the_jackknife() -> None:
    answers, distance = random_answers(3, 30, 4, 6, 0.7), plane(3, 6)
    shared = [u for u in np.unique(answers.item) if (answers.item == u).sum() > 1]
    left = np.array([by_definition(answers.without(answers.item == u), distance) for u in shared])
    error = np.sqrt((len(left) - 1) / len(left) * ((left - left.mean()) ** 2).sum())
    found = of(answers, distance).alpha_items
    half = t.ppf(0.975, len(shared) - 1)
    assert (found.high - found.value) / half == pytest.approx(error)


def test_alpha_is_what_the_stated_distances_leave() -> None:
    answers = random_answers(3, items=30, annotators=4, labels=6, share=0.8)
    found = of(answers, plane(3, 6))
    assert found.alpha.value == pytest.approx(1 - found.observed / found.expected)
    assert found.similarity.value == pytest.approx(1 - found.observed, abs=0.1)


def test_order_names_and_copies_do_not_matter() -> None:
    answers, distance = random_answers(5, 50, 5, 6, 0.6), plane(5, 6)
    first = of(answers, distance)
    order = np.random.default_rng(1).permutation(len(answers.item))
    other = distance_agreement(
        1000 - answers.item[order], np.array(list("zyxwv"))[answers.annotator[order]], answers.label[order], distance
    )
    assert other.alpha.value == pytest.approx(first.alpha.value)
    assert (other.alpha.low, other.sigma) == (pytest.approx(first.alpha.low), first.sigma)


@pytest.mark.parametrize("share", [0.5, 1.0])
def test_drawn_chance_is_near_the_exact_one(monkeypatch: pytest.MonkeyPatch, share: float) -> None:
    """100,000 pairs of distances with a standard deviation below 0.3 leave an error below 0.004 (four of its own)."""
    answers, distance = random_answers(7, 400, 6, 80, share), plane(7, 80)
    exact = of(answers, distance)
    monkeypatch.setattr(chance, "MOST_VALUES", 10)
    drawn = of(answers, distance, seed=3)
    assert drawn.expected == pytest.approx(exact.expected, abs=0.004)
    assert drawn.alpha.value == pytest.approx(exact.alpha.value, abs=0.01)
    assert drawn.alpha.high - drawn.alpha.low == pytest.approx(exact.alpha.high - exact.alpha.low, rel=0.2)
    assert drawn == of(answers, distance, seed=3)


def test_drawn_pairs_leave_once_with_whoever_takes_an_end() -> None:
    """Four answers of two items: without person 0 nothing of item 0 is left, and of item 1 the two others."""
    own, other = np.array([0, 1, 1, 2]), np.array([1, 0, -1, -1])
    pairs = list(combinations(range(4), 2))
    first, second = np.array(pairs).T
    distances = np.arange(1.0, 7.0)
    leave = Leave(own, other, np.zeros(3), 0.0, np.ones(3, dtype=np.int64), None)
    found = Drawn(0.0, None, first, second, distances).without(leave)
    gone = [{0, 1}, {0, 1, 2}, {3}]
    for value, ends in zip(found, gone, strict=True):
        left = [d for d, pair in zip(distances, pairs, strict=True) if not ends & {*pair}]
        assert np.isnan(value) if not left else value == pytest.approx(np.mean(left))


def test_sigma_is_one_where_people_are_closer_than_any_two_answers() -> None:
    """Each item has a place of its own on a line, and its answers differ by little."""
    items, people = np.repeat(np.arange(40), 3), np.tile(np.arange(3), 40)
    place = items + np.tile([0.0, 0.001, 0.002], 40)
    found = distance_agreement(items, people, np.arange(120), lambda i, j: np.abs(place[i] - place[j]) / 41)
    assert found.sigma.value == 1
    shuffled = np.random.default_rng(0).permutation(120)
    chaos = distance_agreement(items, people, shuffled, lambda i, j: np.abs(place[i] - place[j]) / 41)
    assert chaos.sigma.value < 0.15
    assert chaos.alpha.low < 0 < chaos.alpha.high


def test_sigma_is_undefined_where_equal_answers_are_common() -> None:
    found = of(random_answers(1, 50, 4, 2, 0.8), nominal)
    assert found.sigma.value is None
    assert "equal" in found.sigma.reason


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([], "no answers"),
        ([[1], [2]], "only one annotator"),
        ([[1, None], [None, 2]], "no item has answers from two annotators"),
    ],
)
def test_nothing_to_compare(rows: list[list[int | None]], reason: str) -> None:
    found = of(from_rows(rows), nominal)
    assert {e.reason for e in (found.alpha, found.alpha_items, found.similarity, found.sigma)} == {reason}
    assert (found.observed, found.expected, found.influence) == (None, None, ())


def test_answers_that_are_all_alike_leave_alpha_undefined_and_similarity_whole() -> None:
    found = of(from_rows([[1, 1], [1, 1], [1, 1]]), nominal)
    assert found.alpha.reason == ALL_ALIKE
    assert found.similarity.value == 1


def test_one_item_cannot_have_an_alpha() -> None:
    found = of(from_rows([[1, 2, 1], [None, None, 2]]), nominal)
    assert found.alpha.reason == "only one item has two answers or more"
    assert found.similarity.value == pytest.approx(1 / 3)
    assert found.items_dropped == 1


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 6), max_size=30), st.integers(1, 8))
def test_pairs_within_are_all_pairs(items: list[int], block: int) -> None:
    item = np.sort(np.array(items, dtype=np.int64))
    found = [pair for first, second in pairs_within(item, block) for pair in zip(first, second, strict=True)]
    assert found == [(a, b) for a, b in combinations(range(len(item)), 2) if item[a] == item[b]]
