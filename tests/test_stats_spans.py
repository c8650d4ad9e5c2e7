"""Agreement on spans and intervals, against Krippendorff's tables and definitions written out (about 20 s)."""

from __future__ import annotations

from importlib.util import find_spec
from itertools import combinations, permutations
from math import sqrt

import numpy as np
import pytest
from benchmarks.marked import coverage
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment
from scipy.stats import t

from qc.stats.objects.people import by_person
from qc.stats.spans import Marks, mark_agreement, marks_of, unitizing
from qc.stats.spans.agreement import EXACT, NOTHING_MARKED
from qc.stats.spans.gamma import NONE_SMALL, NOT_INSTALLED, gamma
from qc.stats.spans.marks import overlaps, united
from qc.stats.spans.marks import together as joined
from qc.stats.spans.unitizing import alpha_of

Row = tuple[int, int, int, int, int]
"""item, annotator, code, first, last"""


def marks(answers: list[tuple[int, int, float]], rows: list[Row]) -> Marks:
    """From (item, annotator, extent) and rows."""
    columns = np.array(answers, dtype=float).reshape(-1, 3).T
    return marks_of(
        (columns[0].astype(int), columns[1].astype(int), columns[2]),
        tuple(np.array(rows, dtype=np.int64).reshape(-1, 5).T),
    )


def together(people: int, extent: int, rows: list[Row], items: int = 1) -> Marks:
    """Everybody answers every item."""
    return marks([(item, who, extent) for item in range(items) for who in range(people)], rows)


# --- alpha for unitizing ---------------------------------------------------------------------------------------------

BOOK = [
    *[(0, 0, "ck".index(c), b - 150, b - 150 + size) for b, size, c in [(225, 70, "c"), (370, 30, "c")]],
    *[(0, 1, 0, b - 150, b - 150 + size) for b, size in [(220, 80), (355, 20), (400, 20)]],
    *[(0, who, 1, b - 150, b - 150 + size) for who in (0, 1) for b, size in [(180, 60), (300, 50)]],
]
"""Krippendorff 2004, Content Analysis, 2nd ed., p. 254: two observers, labels c (0) and k (1) on 150-450."""


@pytest.mark.parametrize(("codes", "expected"), [((0, 1), 0.858665), ((0,), 0.728599), ((1,), 1.0)])
def test_unitizing_of_the_book(codes: tuple[int, ...], expected: float) -> None:
    """The book prints .8591, .7286 and 1 from rounded terms; DKPro's tests allow it .0005."""
    found = alpha_of(together(2, 300, [row for row in BOOK if row[2] in codes]))
    assert found == pytest.approx(expected, abs=5e-7)


BERTHA = {
    "A": ([(2, 8), (14, 6)], [(4, 4), (15, 2)]),
    "B": ([(0, 18)], [(0, 2), (2, 1), (3, 1), (4, 1), (5, 1), (6, 3), (9, 1)]),
    "C": ([(2, 6), (10, 2), (14, 4), (20, 2)], [(0, 2), (4, 4), (10, 4), (16, 2), (20, 2)]),
    "D": ([(0, 2), (2, 8), (10, 4), (14, 6), (20, 4)], [(0, 4), (4, 4), (8, 7), (15, 2), (17, 7)]),
}


@pytest.mark.parametrize(("label", "expected"), [("A", 0.553), ("B", -0.926), ("C", 0.679), ("D", 0.066)])
def test_unitizing_of_four_examples(label: str, expected: float) -> None:
    """Krippendorff 1995, p. 57, in the limit of a continuum; DKPro's tests allow .02 (an error in the paper's D_e)."""
    stretch = 50_000
    rows = [
        (0, who, 0, first * stretch, (first + length) * stretch)
        for who, units in enumerate(BERTHA[label])
        for first, length in units
    ]
    assert alpha_of(together(2, 24 * stretch, rows)) == pytest.approx(expected, abs=0.02)


def parts(units: list[tuple[int, int]], extent: int) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Units and the gaps between them."""
    units = sorted(units)
    ends = [0, *(end for _, end in units)]
    starts = [*(start for start, _ in units), extent]
    return units, [(a, b) for a, b in zip(ends, starts, strict=True) if b > a]


def by_definition(of: Marks) -> float:
    """D_o and D_e as Krippendorff writes them, section by section; items pooled as the module says."""
    whole = united(of)
    observed = expected = 0.0
    for item in np.unique(of.item):
        answers = np.flatnonzero(of.item == item)
        m, extent = len(answers), int(of.extent[answers[0]])
        if m < 2:
            continue
        for code in np.unique(whole.code):
            section = [
                parts(
                    [
                        (int(whole.first[i]), int(whole.last[i]))
                        for i in np.flatnonzero((whole.answer == answer) & (whole.code == code))
                    ],
                    extent,
                )
                for answer in answers
            ]
            apart = 0.0
            for (units, gaps), (other_units, other_gaps) in permutations(section, 2):
                for b, e in units:
                    for c, f in other_units:
                        if b < f and c < e:
                            apart += (b - c) ** 2 + (e - f) ** 2
                    apart += sum((e - b) ** 2 for c, f in other_gaps if c <= b and e <= f)
                for c, f in gaps:
                    apart += sum((e - b) ** 2 for b, e in other_units if c <= b and e <= f)
            lengths = [e - b for units, _ in section for b, e in units]
            gaps = [e - b for _, gaps in section for b, e in gaps]
            if not lengths:
                continue
            total = sum(
                (len(lengths) - 1) / 3 * (2 * n**3 - 3 * n**2 + n) + n**2 * sum(g - n + 1 for g in gaps if g >= n)
                for n in lengths
            )
            observed += m * apart / (m * (m - 1))
            expected += (
                m * extent**2 * 2 / extent * total / (m * extent * (m * extent - 1) - sum(n * (n - 1) for n in lengths))
            )
    return 1 - observed / expected if expected else float("nan")


def random_marks(seed: int, items: int, people: int, share: float = 0.8) -> Marks:
    generator = np.random.default_rng(seed)
    answers = [(item, who, 40) for item in range(items) for who in range(people) if generator.random() < share]
    rows = []
    for item, who, _ in answers:
        for _ in range(int(generator.integers(0, 5))):
            first = int(generator.integers(0, 36))
            rows.append((item, who, int(generator.integers(0, 3)), first, first + int(generator.integers(0, 12))))
    return marks(answers, rows)


def without(of: Marks, gone: np.ndarray) -> Marks:
    """The marks without some answers."""
    keep = ~gone[of.answer]
    rows = np.stack([of.item[of.answer], of.annotator[of.answer], of.code, of.first, of.last])[:, keep]
    return marks_of((of.item[~gone], of.annotator[~gone], of.extent[~gone]), tuple(rows))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 4), st.integers(2, 4))
def test_unitizing_and_its_replicates_by_definition(seed: int, items: int, people: int) -> None:
    of = random_marks(seed, items, people)
    assert alpha_of(of) == pytest.approx(by_definition(of), nan_ok=True)
    found = unitizing(of)
    for who, value in zip(found.annotators, found.without, strict=True):
        assert value == pytest.approx(by_definition(without(of, of.annotator == who)), nan_ok=True)


def test_the_item_interval_of_unitizing_is_the_jackknife() -> None:
    of = random_marks(11, 12, 3, 1.0)
    found = unitizing(of)
    marked = np.unique(of.item[of.answer[of.last > of.first]])
    left = np.array([by_definition(without(of, of.item == item)) for item in marked])
    n = len(marked)
    error = np.sqrt((n - 1) / n * ((left - left.mean()) ** 2).sum())
    assert found.alpha_items.high - found.alpha_items.value == pytest.approx(t.ppf(0.975, n - 1) * error)


# --- F1 and how people differ ----------------------------------------------------------------------------------------


def f1_by_definition(of: Marks, gate: float) -> float:
    """Every two answers matched by scipy's Hungarian method, most matches first."""
    hits = total = 0
    for a, b in combinations(range(len(of.item)), 2):
        if of.item[a] != of.item[b]:
            continue
        one, other = (np.flatnonzero(of.answer == answer) for answer in (a, b))
        total += len(one) + len(other)
        table = np.zeros((len(one), len(other)))
        for (i, p), (j, q) in ((x, y) for x in enumerate(one) for y in enumerate(other)):
            ends = of.first + np.maximum(of.last - of.first, 1)
            common = min(ends[p], ends[q]) - max(of.first[p], of.first[q])
            union = ends[p] - of.first[p] + ends[q] - of.first[q] - common
            if common > 0 and common / union >= gate and of.code[p] == of.code[q]:
                table[i, j] = 1
        rows, columns = linear_sum_assignment(table, maximize=True)
        hits += int(table[rows, columns].sum())
    return 2 * hits / total if total else float("nan")


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 3), st.integers(2, 4), st.sampled_from([0.0, 0.5, 1.0]))
def test_f1_by_definition(seed: int, items: int, people: int, gate: float) -> None:
    of = random_marks(seed, items, people)
    found = mark_agreement(of, gate)
    expected = f1_by_definition(of, gate)
    if np.isnan(expected):
        assert found.f1.reason
    else:
        assert found.f1.value == pytest.approx(expected)
        assert dict(found.f1_at)[gate].value == pytest.approx(expected)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 3), st.integers(2, 4))
def test_token_f1_counts_characters(seed: int, items: int, people: int) -> None:
    of = random_marks(seed, items, people)
    held = [
        {(int(of.code[i]), at) for i in np.flatnonzero(of.answer == k) for at in range(of.first[i], of.last[i])}
        for k in range(len(of.item))
    ]
    pairs = [(a, b) for a, b in combinations(range(len(held)), 2) if of.item[a] == of.item[b]]
    total = sum(len(held[a]) + len(held[b]) for a, b in pairs)
    found = mark_agreement(of, EXACT)
    if total:
        assert found.token_f1.value == pytest.approx(sum(2 * len(held[a] & held[b]) for a, b in pairs) / total)


def test_overlaps_are_all_overlaps() -> None:
    for seed in range(20):
        of = random_marks(seed, 3, 3)
        ends = of.first + np.maximum(of.last - of.first, 1)
        expected = {
            (i, j)
            for i, j in permutations(range(len(of.answer)), 2)
            if of.answer[i] < of.answer[j]
            and of.item[of.answer[i]] == of.item[of.answer[j]]
            and of.first[i] < ends[j]
            and of.first[j] < ends[i]
        }
        for block in (1, 7, 10**6):
            found = joined(list(overlaps(of, block)))
            assert set(zip(found.i.tolist(), found.j.tolist(), strict=True)) == expected
            assert len(found.i) == len(expected)


def test_marks_that_all_lie_within_each_other_are_compared_with_so_many_only(monkeypatch: pytest.MonkeyPatch) -> None:
    nested = together(2, 1000, [(0, who, 0, at, 1000 - at) for who in range(2) for at in range(50)])
    monkeypatch.setattr("qc.stats.spans.marks.MOST_OF_ITEM", 300)
    found = joined(list(overlaps(nested)))
    assert 50 <= len(found.i) <= 300
    assert mark_agreement(nested, EXACT).f1.value == 1


def test_disagreement_by_hand() -> None:
    """Two people: one mark alike, one of another label, one with other ends, and one that only the first has."""
    found = mark_agreement(
        together(
            2,
            100,
            [
                *[(0, 0, 1, 0, 5), (0, 0, 1, 10, 15), (0, 0, 1, 20, 30), (0, 0, 1, 40, 45)],
                *[(0, 1, 1, 0, 5), (0, 1, 2, 10, 15), (0, 1, 1, 22, 30)],
            ],
        ),
        EXACT,
    )
    assert [(row.type, row.n, row.share.value) for row in found.disagreement] == [
        ("missed", 1, 0.25),
        ("mislabelled", 1, 0.25),
        ("mislocated", 1, 0.25),
    ]
    assert found.f1.value == pytest.approx(2 / 7)
    assert [each.value for _, each in found.f1_at] == pytest.approx([4 / 7, 4 / 7, 2 / 7])
    assert found.iou.value == pytest.approx((1 + 1 + 0.8) / 3)
    assert [(code, n, each.value) for code, n, each in found.by_label] == [
        (1, 6, pytest.approx(2 / 6)),
        (2, 1, 0.0),
    ]
    assert found.percent.value == 0
    assert found.foremost is None


def test_what_most_of_the_difference_is_needs_its_interval() -> None:
    """Five people, each of whom misses one mark in five of 60 items: all that differs is missed."""
    rows = [
        (item, who, 1, 10 * k, 10 * k + 5)
        for item in range(60)
        for who in range(5)
        for k in range(5)
        if k != (item + who) % 5
    ]
    found = mark_agreement(together(5, 100, rows, items=60), EXACT)
    assert found.foremost == "missed"
    # One person who moves everything of a third of the items is not enough for another such team.
    rows = [(item, who, 1, 0, 5 + (who == 0)) for item in range(60) for who in range(3) if who or item % 3]
    assert mark_agreement(together(3, 100, rows, items=60), EXACT).foremost is None


def test_marks_by_person() -> None:
    """On 30 items both mark one span alike, one with two labels, one apart; the first has one more, the second two."""
    rows = []
    for item in range(30):
        rows += [(item, 0, 1, 0, 5), (item, 0, 1, 10, 15), (item, 0, 1, 20, 30), (item, 0, 1, 40, 45)]
        rows += [
            (item, 1, 1, 0, 5),
            (item, 1, 2, 10, 15),
            (item, 1, 1, 25, 30),
            (item, 1, 1, 50, 55),
            (item, 1, 1, 60, 65),
        ]
    first, second = sorted(
        by_person(*mark_agreement(together(2, 100, rows, items=30), EXACT).everyone), key=lambda row: row.annotator
    )
    assert (first.n, second.n) == (120, 150)
    assert (first.f1.value, second.f1.value) == pytest.approx((2 / 9, 2 / 9))
    assert (first.missed.value, first.extra.value) == pytest.approx((2 / 5, 1 / 4))
    assert (second.missed.value, second.extra.value) == pytest.approx((1 / 4, 2 / 5))
    assert (first.mislabelled.value, first.mislocated.value) == pytest.approx((1 / 3, 1 / 3))
    assert first.iou.value == pytest.approx((1 + 1 + 1 / 2) / 3)


def test_chance_of_tokens_is_what_marks_laid_anywhere_share() -> None:
    """Half and a quarter of 1,000 characters: 2 · 125 of 750."""
    found = mark_agreement(together(2, 1000, [(0, 0, 0, 0, 500), (0, 1, 0, 700, 950)]), EXACT)
    assert found.token_chance == pytest.approx(250 / 750)


def test_order_and_names_do_not_matter_and_an_item_of_one_person_changes_nothing() -> None:
    of = random_marks(3, 8, 4)
    first = mark_agreement(of, 0.5)
    order = np.random.default_rng(0).permutation(len(of.answer))
    answers = (np.append(of.item + 7, 99), np.append(9 - of.annotator, 3), np.append(of.extent, 50))
    rows = np.stack([of.item[of.answer] + 7, 9 - of.annotator[of.answer], of.code + 4, of.first, of.last])[:, order]
    other = mark_agreement(marks_of(answers, tuple(np.append(rows, [[99], [3], [5], [0], [9]], axis=1))), 0.5)
    assert (other.f1.value, other.f1.low) == pytest.approx((first.f1.value, first.f1.low))
    assert [(row.type, row.n) for row in other.disagreement] == [(row.type, row.n) for row in first.disagreement]
    assert other.label_alpha.value == pytest.approx(first.label_alpha.value)
    assert other.token_f1.value == pytest.approx(first.token_f1.value)


# --- undefined, and explained ----------------------------------------------------------------------------------------


def test_marks_of_nobody() -> None:
    found = mark_agreement(together(3, 100, [], items=4), EXACT)
    assert {each.reason for each in (found.f1, found.token_f1)} == {NOTHING_MARKED}
    assert found.percent.value == 1
    assert found.token_chance is None
    assert unitizing(together(3, 100, [], items=4)).alpha.reason == NOTHING_MARKED


@pytest.mark.parametrize("answers", [[], [(0, 1, 10)], [(0, 1, 10), (1, 1, 10)], [(0, 1, 10), (1, 2, 10)]])
def test_nobody_shares_an_item(answers: list[tuple[int, int, float]]) -> None:
    of = marks(answers, [(item, who, 0, 2, 4) for item, who, _ in answers])
    found = mark_agreement(of, EXACT)
    reasons = {each.reason for each in (found.f1, found.token_f1, found.iou, found.label_alpha, found.percent)}
    assert reasons == {"no item has answers from two annotators"}
    assert unitizing(of).alpha.reason == "no item has answers from two annotators"


def test_equal_answers_everywhere_agree_wholly_and_one_label_has_no_alpha() -> None:
    of = together(3, 50, [(item, who, 0, item, item + 5) for item in range(6) for who in range(3)], items=6)
    found, units = mark_agreement(of, EXACT), unitizing(of)
    assert (found.f1.value, found.percent.value, found.iou.value, units.alpha.value) == (1, 1, 1, 1)
    assert found.f1.low < 1
    assert "one label" in found.label_alpha.reason
    assert [row.n for row in found.disagreement] == [0, 0, 0]


def test_marks_that_nobody_can_own_points_and_an_extent_that_is_not_known() -> None:
    """A mark without an answer is left out; a point has no length to unitize; the last end stands for the extent."""
    of = marks(
        [(0, 0, float("nan")), (0, 1, float("nan")), (5, 1, 3)],
        [(0, 0, -1, 4, 4), (0, 1, -1, 4, 4), (0, 1, -1, 4, 4), (0, 7, 0, 0, 2), (5, 1, 0, 0, 9)],
    )
    assert len(of.answer) == 3
    assert of.extent.tolist() == [4, 4, 9]
    assert mark_agreement(of, EXACT).f1.value == 1
    assert unitizing(of).alpha.reason == NOTHING_MARKED


# --- gamma ------------------------------------------------------------------------------------------------------------


def test_gamma_says_what_it_needs() -> None:
    if find_spec("pygamma_agreement") is None:
        assert gamma(together(2, 10, [(0, 0, 0, 1, 5), (0, 1, 0, 2, 6)]), 0).reason == NOT_INSTALLED


def test_gamma_is_for_small_documents(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qc.stats.spans.gamma.find_spec", lambda name: object())
    many = together(4, 100, [(0, who, 0, 1, 5) for who in range(4)])
    assert gamma(many, 0).reason == NONE_SMALL
    one_marks_nothing = together(2, 100, [(0, 0, 0, 1, 5)])
    assert gamma(one_marks_nothing, 0).reason == NONE_SMALL


def test_gamma_of_the_package() -> None:
    """Six documents whose marks are the same for both: gamma is 1 for each of the three that are drawn."""
    pytest.importorskip("pygamma_agreement", reason="the extra `gamma` is not installed")
    rows = [(item, who, code, 10 * code, 10 * code + 5) for item in range(6) for who in range(2) for code in range(3)]
    found = gamma(together(2, 100, rows, items=6), 0)
    assert (found.value, found.n) == (pytest.approx(1), 3)
    assert found == gamma(together(2, 100, rows, items=6), 0)


# --- intervals --------------------------------------------------------------------------------------------------------


@pytest.mark.simulation
def test_intervals_for_such_a_team_hold_the_population() -> None:
    """A reduced run of tests/benchmarks/marked.py: 92 to 97.5 %, widened by three Monte-Carlo standard errors."""
    runs = 200
    for found in coverage(10, 10, runs):
        assert 0.92 - 3 * sqrt(0.92 * 0.08 / runs) <= found <= 0.975 + 3 * sqrt(0.975 * 0.025 / runs)
