"""Distances between answers, against published values, nltk and definitions written out."""

from __future__ import annotations

from collections import Counter
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nltk.metrics.agreement import AnnotationTask
from nltk.metrics.distance import jaccard_distance, masi_distance
from scipy.stats import friedmanchisquare, kendalltau

from qc.stats.agreement.distance import DistanceAgreement, distance_agreement
from qc.stats.distances import chrf, edit, jaccard, kendall, masi, mean_w, position_bias, taxonomy, token_f1

EXAMPLE = ["", " ", "A ", "A A", "A B", "AB A", "AB AC", "ABC ABC", "C AC", "C AC"]
"""Nine items, two sets each: the example of DKPro Statistics (Apache-2.0), SetAnnotationsTest, in its order."""
PAIRS = [tuple(frozenset(part) for part in row.split(" ")) for row in EXAMPLE[1:]]

labels = st.frozensets(st.sampled_from("abcd"), max_size=4)
words = st.text(alphabet="ab c\u4e2d", max_size=12)


def between(distance, i: int = 0, j: int = 1) -> float:
    return float(distance(np.array([i]), np.array([j]))[0])


def alpha_of(items: list[tuple], make) -> DistanceAgreement:
    """Agreement of answers given item by item, the annotators in order."""
    values = list(dict.fromkeys(value for row in items for value in row))
    rows = [(item, who, values.index(value)) for item, row in enumerate(items) for who, value in enumerate(row)]
    return distance_agreement(*np.array(rows).T, make(values))


@pytest.mark.parametrize(
    ("one", "other", "expected"), [("A", "AB", 2 / 3), ("AB", "BC", 8 / 9), ("AB", "AB", 0), ("", "", 0), ("", "A", 1)]
)
def test_masi(one: str, other: str, expected: float) -> None:
    """By the definition of Passonneau 2006: 1 - 1/2 · 2/3 and 1 - 1/3 · 1/3."""
    assert between(masi([one, other])) == pytest.approx(expected)


@pytest.mark.parametrize(("make", "expected"), [(jaccard, 0.315620), (masi, 0.273081)])
def test_alpha_of_nine_items(make, expected: float) -> None:
    """The data of DKPro; the values were computed once by a prototype (DKPro weighs MASI otherwise: .252)."""
    assert alpha_of(PAIRS, make).alpha.value == pytest.approx(expected, abs=5e-7)


@pytest.mark.parametrize(("make", "expected"), [(jaccard, 0.2032258), (masi, 0.1772152)])
def test_alpha_of_the_seven_items_without_empty_sets(make, expected: float) -> None:
    """nltk 3.10, which divides by nothing where both sets are empty."""
    assert alpha_of(PAIRS[2:], make).alpha.value == pytest.approx(expected, abs=5e-8)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(labels, labels, labels), min_size=2, max_size=12))
def test_alpha_of_sets_equals_nltk(items: list[tuple]) -> None:
    """Where nltk does not divide by nothing: every set has a label."""
    items = [tuple(value or frozenset("a") for value in row) for row in items]
    if len({value for row in items for value in row}) == 1:
        return
    triples = [(str(who), str(item), value) for item, row in enumerate(items) for who, value in enumerate(row)]
    for make, theirs in ((jaccard, jaccard_distance), (masi, masi_distance)):
        assert alpha_of(items, make).alpha.value == pytest.approx(AnnotationTask(triples, distance=theirs).alpha())


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("animal/dog/poodle", "animal/dog/beagle", 1 / 3),
        ("animal > dog", "animal>cat", 1 / 2),
        ("animal", "animal/dog", 1 / 3),
        ("animal/dog", "plant/rose", 1),
        ("animal/dog; plant/rose", "animal/dog", 1 / 3),
        ("", "", 0),
        ("", "animal", 1),
        ("dog", "dog", 0),
    ],
)
def test_taxonomy(one: str, other: str, expected: float) -> None:
    """Wu & Palmer 1994 by hand: 1 - 2 · depth of the common node / (depth of one + of the other)."""
    assert between(taxonomy([one, other])) == pytest.approx(expected)


@given(st.permutations(list("abcdefg")))
def test_kendall_of_complete_rankings(ranking: list[str]) -> None:
    """(1 - tau) / 2, tau as scipy has it."""
    places = [ranking.index(entry) for entry in "abcdefg"]
    assert between(kendall(["abcdefg", ranking])) == pytest.approx((1 - kendalltau(range(7), places)[0]) / 2)


@settings(max_examples=60, deadline=None)
@given(st.permutations(list("abcde")), st.permutations(list("cdefg")), st.integers(0, 5), st.integers(0, 5))
def test_kendall_of_partial_rankings(one: list[str], other: list[str], some: int, more: int) -> None:
    """By the definition of Fagin et al. 2006 with penalty 1/2, pair by pair."""
    one, other = one[:some], other[:more]
    cost, pairs = 0.0, 0
    for a, b in combinations(sorted({*one, *other}), 2):
        signs = []
        for ranking in (one, other):
            at = [ranking.index(entry) if entry in ranking else len(ranking) for entry in (a, b)]
            signs.append((at[0] > at[1]) - (at[0] < at[1]))
        cost += abs(signs[0] - signs[1]) / 2
        pairs += 1
    found = kendall([one, other])
    assert between(found) == pytest.approx(cost / pairs if pairs else 0.0)
    assert between(found) == between(found, 1, 0)


THREE = ["abcdef", "bacdfe", "acbedf"]
"""The same three rankings as the matrix [[1..6], [2,1,3,4,6,5], [1,3,2,5,4,6]] of ranks."""


def test_mean_w_of_one_item() -> None:
    """W = χ² of Friedman / (m (n - 1)), as scipy has it: .8730159."""
    found, chance = mean_w(np.zeros(3, dtype=int), np.arange(3), THREE)
    assert chance == pytest.approx(1 / 3)
    assert found.value == pytest.approx(0.8730159, abs=5e-8)
    ranks = [[ranking.index(entry) for entry in "abcdef"] for ranking in THREE]
    assert found.value == pytest.approx(friedmanchisquare(*np.array(ranks).T)[0] / 15)


def test_orders_by_chance_have_the_mean_w_that_is_stated() -> None:
    rng = np.random.default_rng(3)
    rankings = ["".join(rng.permutation(list("abcde"))) for _ in range(2000 * 4)]
    found, chance = mean_w(np.repeat(np.arange(2000), 4), np.arange(8000), rankings)
    assert chance == 0.25
    assert found.low < chance < found.high


def test_mean_w_leaves_out_items_whose_rankings_order_different_things() -> None:
    item = np.array([0, 0, 0, 1, 1, 2, 2, 3, 4, 4])
    rankings = [*THREE, "xy", "yx", "ab", "abc", "ab", "a"]
    found, chance = mean_w(item, np.array([0, 1, 2, 3, 4, 5, 6, 5, 8, 8]), rankings)
    assert chance == pytest.approx((1 / 3 + 1 / 2) / 2)
    assert (found.value, found.n) == (pytest.approx((0.8730159 + 0) / 2, abs=5e-8), 2)
    none = np.zeros(0, dtype=int)
    assert "no item has two rankings" in mean_w(none, none, [])[0].reason


def test_an_entry_that_is_ranked_twice_keeps_its_first_place() -> None:
    assert between(kendall([["a", "b", "a"], ["a", "b"]])) == 0


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("the cat sat", "The CAT sat", 0),
        ("the cat sat", "sat the cat", 0),
        ("the cat", "the dog", 1 / 2),
        ("no no no", "no", 1 / 2),
        ("", "", 0),
        ("", "cat", 1),
        ("重要的", "重要", 1 / 5),
        ("👍", "👎", 1),
        ("हिन्दी भाषा", "हिन्दी", 1 / 3),
    ],
)
def test_token_f1(one: str, other: str, expected: float) -> None:
    """By hand: 1 - 2 · words in common / words of both."""
    assert between(token_f1([one, other])) == pytest.approx(expected)


def test_edit_distance() -> None:
    """Three edits of seven letters, the textbook's kitten."""
    assert between(edit(["kitten", "sitting"])) == pytest.approx(3 / 7)
    assert between(edit(["", ""])) == 0
    assert between(edit(["", "ab"])) == 1


@settings(max_examples=100, deadline=None)
@given(words, words)
def test_chrf_by_definition(one: str, other: str) -> None:
    """Popović 2015 with beta 1: mean precision and recall of runs of 1 to 6 characters without spaces."""
    precision, recall = [], []
    for order in range(1, 7):
        runs = []
        for text in (one, other):
            squeezed = "".join(text.split())
            runs.append(Counter(squeezed[at : at + order] for at in range(len(squeezed) - order + 1)))
        shared = (runs[0] & runs[1]).total()
        if runs[0] or runs[1]:
            precision.append(shared / runs[0].total() if runs[0] else 0.0)
            recall.append(shared / runs[1].total() if runs[1] else 0.0)
    p, r = (np.mean(each) if each else 1.0 for each in (precision, recall))
    expected = 1 - (2 * p * r / (p + r) if p + r else 0.0)
    assert between(chrf([one, other])) == pytest.approx(expected, abs=1e-6)


@settings(max_examples=40, deadline=None)
@given(st.lists(words, min_size=2, max_size=6, unique=True))
def test_distances_of_texts_are_distances(texts: list[str]) -> None:
    places = np.arange(len(texts))
    for make in (token_f1, chrf, edit):
        distance = make(texts)
        assert distance(places, places) == pytest.approx(0, abs=1e-6)
        rolled = np.roll(places, 1)
        found = distance(places, rolled)
        assert found == pytest.approx(distance(rolled, places))
        assert ((found >= -1e-9) & (found <= 1 + 1e-9)).all()


def test_long_texts_are_compared_by_how_they_begin() -> None:
    long = ["a" * 1000 + "b" * 10**6, "a" * 1000 + "c" * 10**6]
    assert between(chrf(long)) == pytest.approx(0, abs=1e-6)
    assert between(edit(long)) == 0


def test_hostile_texts_have_distances() -> None:
    texts = ["\ud800 lone", "\x00", "a" * 5000, "\u202eabc", "=cmd()"]
    for make in (token_f1, chrf, edit):
        places = np.arange(len(texts))
        assert np.isfinite(make(texts)(places, np.roll(places, 1))).all()


def test_position_bias_by_hand() -> None:
    """Three of four answers prefer what was first; the means without each item, answer and person by hand."""
    found = position_bias(np.array([0, 0, 1, 1]), np.array([5, 6, 5, 6]), np.array([1, 1, 1, 0]))
    assert (found.value, found.n, found.unit) == (0.75, 4, "answers")
    assert found.low <= 0.5 <= found.value <= found.high
    assert "fewer than 50 items" in found.warning


def test_no_position_bias_in_fair_answers_and_a_clear_one_in_biased_ones() -> None:
    generator = np.random.default_rng(4)
    items, people = np.repeat(np.arange(400), 3), np.tile(np.arange(12), 100)
    fair = position_bias(items, people, generator.random(1200) < 0.5)
    biased = position_bias(items, people, generator.random(1200) < 0.65)
    assert fair.low < 0.5 < fair.high
    assert biased.low > 0.5


def test_position_bias_without_a_known_order_is_undefined() -> None:
    none = np.zeros(0, dtype=np.int64)
    assert "shown first" in position_bias(none, none, none).reason
