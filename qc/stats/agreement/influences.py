"""How a coefficient moves when an item, an annotator or one answer is left out, by the name of each."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qc.stats.agreement.deletions import each_annotator, each_item, each_rating, nothing
from qc.stats.agreement.jackknife import effective_number
from qc.stats.agreement.pair_sums import PairSums
from qc.stats.agreement.people import linear_conger
from qc.stats.agreement.percent import Shares
from qc.stats.agreement.ratings import Ratings
from qc.stats.agreement.statistic import Labels, needs_pairs, statistic
from qc.stats.patterns import Floats, patterns_and_places

Names = NDArray[Any]


@dataclass(frozen=True, eq=False, slots=True)
class Influences:
    """A value, and how it moves without each of `items`, `annotators` and (item, annotator) of `ratings` (two columns).

    `shared` are the items compared, `team` the effective number of annotators; NaN where nothing is left.
    """

    value: float
    items: Names
    by_item: Floats
    annotators: Names
    by_annotator: Floats
    ratings: tuple[Names, Names]
    by_rating: Floats
    shared: int
    team: float


def of_answers(ratings: Ratings, name: str, level: str, declared: int | Floats | None) -> Influences:
    """Of a coefficient of NAMES, of WEIGHTED on a scale, or `conger`; NaN where it is undefined."""
    if name == "percent":
        return of_shares(Shares.of(ratings))
    used = ratings.shared() if needs_pairs(name) else ratings
    size = np.bincount(used.item, minlength=len(used.items))
    compared = size[used.item] >= 2
    load = np.bincount(used.annotator, compared, len(used.annotators)).astype(np.float64)
    shared = int(np.count_nonzero(size >= 2))
    keys = (used.items, used.annotators, (used.items[used.item], used.annotators[used.annotator]))
    if shared < 2:
        lost = np.full(len(used.items), nan), np.full(len(used.annotators), nan), np.full(len(used.item), nan)
        return _influences(nan, keys, lost, shared, effective_number(load))
    if name == "conger":
        kappa = linear_conger(used)
        shifts = (
            -kappa.by_items / len(used.items),
            kappa.without_annotators - kappa.value,
            kappa.without_ratings - kappa.value,
        )
        return _influences(kappa.value, keys, shifts, shared, effective_number(load))
    patterns, place = patterns_and_places(used.item, used.annotator, used.code, len(used.values), used.values)
    of = statistic(name, Labels.of(patterns, level, declared))
    value = float(of(patterns, nothing())[0])
    by_pattern, by_cell = (of(patterns, each(patterns)) - value for each in (each_item, each_rating))
    by_annotator = of(patterns, each_annotator(patterns)) - value
    by_rating = by_cell[patterns.cell(place[used.item], used.code)]
    return _influences(value, keys, (by_pattern[place], by_annotator, by_rating), shared, effective_number(load))


def of_shares(shares: Shares) -> Influences:
    """Of percent agreement; NaN with fewer than two items of two labels."""
    keys = (shares.items, shares.annotators, (shares.items[shares.item], shares.annotators[shares.annotator]))
    shared, team = int(shares.paired.sum()), effective_number(shares.load)
    if shared < 2:
        lost = np.full(len(shares.items), nan), np.full(len(shares.annotators), nan), np.full(len(shares.item), nan)
        return _influences(nan, keys, lost, shared, team)
    by_item, by_annotator, by_rating = shares.moved()
    return _influences(shares.value, keys, (by_item, by_annotator, by_rating), shared, team)


def of_pairs(sums: PairSums) -> Influences:
    """Of the pooled ratio of sums over pairs: F1, a mean overlap, a mean kappa (see `pair_sums.pooled`)."""
    some = sums.where(sums.denominator > 0)
    numerator, denominator = float(some.numerator.sum()), float(some.denominator.sum())
    value = numerator / denominator if denominator else nan
    people, who = np.unique(np.concatenate([some.a, some.b]), return_inverse=True)
    items, item = np.unique(some.item, return_inverse=True)
    cells, cell = np.unique(np.tile(item, 2) * max(len(people), 1) + who, return_inverse=True)

    def without(key: NDArray[np.int64], size: int) -> Floats:
        times = len(key) // max(len(some.item), 1)
        less, fewer = (np.bincount(key, np.tile(part, times), size) for part in (some.numerator, some.denominator))
        left = np.where(denominator - fewer > 1e-9 * denominator, denominator - fewer, nan)
        return np.asarray((numerator - less) / left - value)

    load = np.bincount(who, minlength=len(people)).astype(np.float64)
    of_item, of_person = np.divmod(cells, max(len(people), 1))
    keys = (items, people, (items[of_item], people[of_person]))
    shifts = (without(item, len(items)), without(who, len(people)), without(cell, len(cells)))
    return _influences(value, keys, shifts, len(items), effective_number(load))


def _influences(
    value: float,
    keys: tuple[Names, Names, tuple[Names, Names]],
    shifts: tuple[Floats, Floats, Floats],
    shared: int,
    team: float,
) -> Influences:
    items, annotators, ratings = keys
    return Influences(value, items, shifts[0], annotators, shifts[1], ratings, shifts[2], shared, team)
