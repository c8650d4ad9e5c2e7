"""Percent agreement from the answers themselves; runs in 3 seconds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from qc.model import Estimate
from qc.stats.agreement import Ratings, agreement
from qc.stats.agreement.difference import difference, difference_of
from qc.stats.agreement.influences import of_shares
from qc.stats.agreement.percent import Shares, percent_agreement

SIZES = [(400, 90, 7, 3), (30, 12, 3, 2), (5, 2, 2, 2), (6, 6, 2, 2), (4, 1, 4, 2), (3, 3, 1, 2), (200, 40, 9, 30)]


def drawn(answers: int, items: int, people: int, labels: int, seed: int = 1) -> Ratings:
    draw = np.random.default_rng(seed)
    return Ratings.of(
        draw.integers(0, items, answers), draw.integers(0, people, answers), draw.integers(0, labels, answers)
    )


def alike(one: Estimate, other: Estimate) -> bool:
    words = ("n", "unit", "method", "warning", "reason")
    numbers = [(getattr(one, name), getattr(other, name)) for name in ("value", "low", "high")]
    return all(getattr(one, word) == getattr(other, word) for word in words) and all(
        a is b if a is None or b is None else a == pytest.approx(b, rel=1e-12) for a, b in numbers
    )


@pytest.mark.parametrize("size", SIZES)
def test_it_is_what_patterns_give(size: tuple[int, int, int, int]) -> None:
    """`agreement` makes the same figures from patterns, and is itself held to irrCAC's published values."""
    ratings = drawn(*size)
    whole, quick = agreement(ratings.patterns), percent_agreement(Shares.of(ratings))
    assert alike(whole.percent, quick.team)
    assert alike(whole.percent_items, quick.items)


def test_no_answers_say_so() -> None:
    """As `agreement` does."""
    none = percent_agreement(Shares.of(drawn(0, 1, 1, 1)))
    assert none.team.value is None
    assert none.team.reason == agreement(drawn(0, 1, 1, 1).patterns).percent.reason


def test_a_value_moves_as_far_as_it_does_without_each() -> None:
    """By leaving out each item, annotator and answer and counting again."""
    ratings = drawn(60, 15, 5, 3)
    shares = Shares.of(ratings)
    by_item, by_annotator, by_answer = shares.moved()

    def without(kept: np.ndarray) -> float:
        left = Ratings.of(ratings.item[kept], ratings.annotator[kept], ratings.code[kept])
        return Shares.of(left).value - shares.value

    assert by_item == pytest.approx([without(ratings.item != item) for item in range(len(ratings.items))])
    people = range(len(ratings.annotators))
    assert by_annotator == pytest.approx([without(ratings.annotator != who) for who in people])
    rows = np.arange(len(ratings.item))
    assert by_answer == pytest.approx([without(rows != row) for row in rows])


def test_some_of_the_items_are_as_if_counted_anew() -> None:
    """What is known of each item does not depend on the others."""
    ratings = drawn(300, 80, 8, 4)
    kept = np.arange(len(ratings.items)) % 3 > 0
    rows = kept[ratings.item]
    anew = Shares.of(
        Ratings.of(ratings.items[ratings.item[rows]], ratings.annotators[ratings.annotator[rows]], ratings.code[rows])
    )
    part = Shares.of(ratings).only(kept)
    assert alike(percent_agreement(part).team, percent_agreement(anew).team)


@pytest.mark.parametrize("shift", [0, 20, 500])
def test_what_both_sides_share_is_found_by_number_as_by_name(shift: int) -> None:
    """Numbers in rising order are merged, other names are sorted: the same difference of alpha and of percent."""
    first, second = drawn(300, 60, 8, 3), drawn(200, 50, 9, 3, seed=2)
    second = replace(second, items=second.items + shift)
    named = [replace(side, items=np.char.mod("item %04d", side.items)) for side in (first, second)]
    for name in ("alpha", "percent"):
        by_number, by_name = difference(first, second, name), difference(*named, name)
        assert alike(by_number.team, by_name.team)
        assert alike(by_number.items, by_name.items)
        assert by_number.shared_items == by_name.shared_items
        assert by_number.shared_annotators == by_name.shared_annotators == 8
    assert by_number.shared_items == len({*first.items} & {*second.items})
    turned = difference_of(of_shares(Shares.of(second)), of_shares(Shares.of(first)))
    assert turned.team.value == pytest.approx(-difference(first, second, "percent").team.value)
