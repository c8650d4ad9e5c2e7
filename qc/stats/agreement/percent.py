"""Percent agreement alone, from the answers themselves: quick for parts of large data, and for what is left of them.

The same figures as from patterns; what each item, annotator and answer adds is known once, and parts only select it.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import nan, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qc.stats.agreement.basis import few_items
from qc.stats.agreement.deletions import jackknife_variance
from qc.stats.agreement.jackknife import Both, Ground, Replicated, effective_number, items_estimate, team_estimate
from qc.stats.agreement.linearised import stated
from qc.stats.agreement.nominal import inverse
from qc.stats.agreement.ratings import Ratings
from qc.stats.patterns import Floats, Integers


@dataclass(frozen=True, eq=False, slots=True)
class Shares:
    """How far the labels of each item agree, and what that loses without each answer.

    size, share: labels of each item, and the share of their pairs that are equal (0 for one label alone). item,
    annotator: of each answer. lost: by how much its item's share is smaller without it; unpaired: the item then has
    one label.
    """

    size: Integers
    share: Floats
    item: Integers
    annotator: Integers
    lost: Floats
    unpaired: NDArray[np.bool_]
    items: NDArray[Any]
    annotators: NDArray[Any]

    @classmethod
    def of(cls, ratings: Ratings) -> Shares:
        """Of all answers to a question."""
        items, labels = len(ratings.items), max(len(ratings.values), 1)
        size = np.bincount(ratings.item, minlength=items)
        others_alike = _occurrences(ratings.item * labels + ratings.code, items * labels) - 1
        pairs = np.bincount(ratings.item, others_alike, items)
        share = pairs * inverse(size * (size - 1))
        left = size[ratings.item] - 1
        without = (pairs[ratings.item] - 2 * others_alike) * inverse(left * (left - 1))
        lost = share[ratings.item] - without
        return cls(size, share, ratings.item, ratings.annotator, lost, left == 1, ratings.items, ratings.annotators)

    def only(self, kept: NDArray[np.bool_]) -> Shares:
        """What is known of some of the items."""
        rows = kept[self.item]
        place = np.cumsum(kept) - 1
        return Shares(
            self.size[kept],
            self.share[kept],
            place[self.item[rows]],
            self.annotator[rows],
            self.lost[rows],
            self.unpaired[rows],
            self.items[kept],
            self.annotators,
        )

    @property
    def paired(self) -> NDArray[np.bool_]:
        """The items of two labels or more."""
        return np.asarray(self.size >= 2)

    @property
    def load(self) -> Floats:
        """How many answers to such items each annotator gave."""
        return np.bincount(self.annotator, self.paired[self.item], len(self.annotators)).astype(np.float64)

    @property
    def value(self) -> float:
        """Percent agreement; NaN without an item of two labels."""
        n = int(self.paired.sum())
        return float(self.share.sum()) / n if n else nan

    def moved(self) -> tuple[Floats, Floats, Floats]:
        """How the value moves without each item, annotator and answer; NaN where nothing is left."""
        total, n = float(self.share.sum()), int(self.paired.sum())
        who, people = self.annotator, len(self.annotators)
        lost = np.bincount(who, self.lost, people).astype(np.float64)
        unpaired = np.bincount(who[self.unpaired], minlength=people)
        return (
            _left(total - self.share, n - self.paired) - self.value,
            _left(total - lost, n - unpaired) - self.value,
            _left(total - self.lost, n - self.unpaired) - self.value,
        )


def percent_agreement(shares: Shares) -> Both:
    """For such a team and for these annotators, as `agreement` gives it."""
    used, n = int(shares.paired.sum()), len(shares.size)
    present = np.bincount(shares.annotator, minlength=len(shares.annotators)) > 0
    if not n or present.sum() < 2 or not used:
        reason = "no item has labels from two annotators" if present.sum() > 1 else "only one annotator"
        return Both.undefined(reason if n else "no answers", used, "items")
    value, load = shares.value, shares.load
    by_item, by_annotator, by_answer = shares.moved()
    of = Replicated(value, _variance(by_item), _variance(by_answer), _variance(by_annotator[load > 0]))
    ground = Ground(used, effective_number(load), value, 1.0, 0.0, few_items(used))
    away = n / used * shares.share - value
    error = sqrt(float(away @ away) / (n * (n - 1))) if n > 1 else nan
    return Both(stated(team_estimate(of, ground), error), stated(items_estimate(of, ground), error))


def _occurrences(keys: Integers, bound: int) -> Integers:
    """How often each key, below a bound, occurs."""
    if bound > 4 * len(keys) + 1_000_000:
        _, keys = np.unique(keys, return_inverse=True)
    return np.asarray(np.bincount(keys)[keys], dtype=np.int64)


def _left(total: Floats, n: NDArray[np.int64]) -> Floats:
    return np.asarray(np.divide(total, n, out=np.full(len(total), nan), where=n > 0), dtype=np.float64)


def _variance(shifts: Floats) -> float:
    return jackknife_variance(shifts, np.ones(len(shifts), dtype=np.int64))
