"""Ratios of sums over pairs of annotators within items: F1, the mean overlap of matches, agreement of a pair.

The value is Σ numerator / Σ denominator: F1 is Σ 2 TP / Σ (n_a + n_b), a mean over matches Σ overlap / matches. Its
jackknives leave out an item, an annotator (all pairs that they are in) or one annotator on one item.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from qc.model import Estimate, undefined
from qc.stats.agreement.deletions import jackknife_variance
from qc.stats.agreement.jackknife import Ground, Replicated, effective_number, items_estimate, team_estimate
from qc.stats.patterns import Floats, Integers

FEW_ITEMS: Final = 50
NO_OVERLAP: Final = "no item has answers from two annotators"


@dataclass(frozen=True, eq=False, slots=True)
class PairSums:
    """One row per item and two annotators a ≠ b who both answered it (integer codes); which is a does not matter.

    b is None where a's answer is held against a reference, which is nobody's.
    """

    item: Integers
    a: Integers
    b: Integers | None
    numerator: Floats
    denominator: Floats

    @property
    def people(self) -> tuple[Integers, ...]:
        """Whose rows they are."""
        return (self.a,) if self.b is None else (self.a, self.b)

    def where(self, rows: NDArray[Any]) -> PairSums:
        """Some of the rows, by mask or place."""
        b = None if self.b is None else self.b[rows]
        return PairSums(self.item[rows], self.a[rows], b, self.numerator[rows], self.denominator[rows])


@dataclass(frozen=True, eq=False, slots=True)
class Without:
    """The value without each annotator (NaN where nothing is left), and on how many items they are compared."""

    annotator: Integers
    items: Integers
    value: Floats


def pooled(sums: PairSums, nothing: str, floor: float = 0.0) -> tuple[Estimate, Estimate]:
    """The ratio of the sums for such a team (items and annotators both a sample), and for these annotators.

    nothing: why the value is undefined where the denominators are all 0; floor: the least that it can be. Undefined as
    well without two annotators who share an item. Source of the variance: Cameron, Gelbach & Miller 2011.
    """
    return grouped(sums, np.zeros(len(sums.item), dtype=np.int64), 1, nothing, floor)[0]


def grouped(
    sums: PairSums, group: Integers, groups: int, nothing: str, floor: float = 0.0
) -> Sequence[tuple[Estimate, Estimate]]:
    """`pooled` of the rows of each group, 0 … groups - 1; a row may stand in for several by being repeated."""
    shared = np.bincount(group, minlength=groups)
    counts = sums.denominator > 0
    used, group = sums.where(counts), group[counts]
    numerator, denominator = _total(group, used.numerator, groups), _total(group, used.denominator, groups)
    of_item = _replicates(used, group, [used.item], numerator, denominator)
    width = int(max(who.max(initial=0) for who in used.people)) + 1
    ratings = [used.item * width + who for who in used.people]
    of_rating = _replicates(used, group, ratings, numerator, denominator)
    of_annotator = _replicates(used, group, used.people, numerator, denominator)
    found = []
    for place in range(groups):
        if not denominator[place]:
            reason = nothing if shared[place] else NO_OVERLAP
            found.append((undefined(reason, 0, "items"),) * 2)
            continue
        items, of_ratings, annotators = (part.of(place) for part in (of_item, of_rating, of_annotator))
        value = float(numerator[place] / denominator[place])
        compared = len(items.values)
        team = effective_number(annotators.rows)
        ground = Ground(compared, team, min(max(value, 0.0), 1.0), 1.0, floor, few_items(compared))
        of = Replicated(value, *(_variance(part) for part in (items, of_ratings, annotators)))
        found.append((team_estimate(of, ground), items_estimate(of, ground)))
    return found


def without_each(sums: PairSums) -> Without:
    """The pooled value without each annotator."""
    counts = sums.denominator > 0
    used = sums.where(counts)
    group = np.zeros(len(used.item), dtype=np.int64)
    totals = used.numerator.sum(keepdims=True), used.denominator.sum(keepdims=True)
    left = _replicates(used, group, used.people, *totals)
    items = int(used.item.max(initial=0)) + 1
    answered = np.unique(np.concatenate(used.people) * items + np.tile(used.item, len(used.people)))
    return Without(left.key, np.unique(answered // items, return_counts=True)[1], left.values)


def few_items(items: int) -> tuple[str, ...]:
    """The warning of an interval on few items."""
    return (f"fewer than {FEW_ITEMS} items are compared",) if items < FEW_ITEMS else ()


@dataclass(frozen=True, eq=False, slots=True)
class _Replicates:
    """Values with one thing left out, sorted by group; `rows` are how many rows went with it."""

    group: Integers
    key: Integers
    values: Floats
    rows: Floats

    def of(self, group: int) -> _Replicates:
        low, high = np.searchsorted(self.group, [group, group + 1])
        part = slice(int(low), int(high))
        return _Replicates(self.group[part], self.key[part], self.values[part], self.rows[part])


def _replicates(
    sums: PairSums, group: Integers, keys: Sequence[Integers], numerator: Floats, denominator: Floats
) -> _Replicates:
    """Without each key of each group; a row that has several keys goes with each of them."""
    times = len(keys)
    key = np.concatenate(keys)
    width = int(key.max(initial=-1)) + 1
    found, place = np.unique(np.tile(group, times) * width + key, return_inverse=True)
    of_group, of_key = np.divmod(found, max(width, 1))
    size = len(found)
    left = denominator[of_group] - _total(place, np.tile(sums.denominator, times), size)
    # What is left of a sum of floats may be rounding.
    some = np.where(left > 1e-9 * denominator[of_group], left, np.nan)
    values = (numerator[of_group] - _total(place, np.tile(sums.numerator, times), size)) / some
    return _Replicates(of_group, of_key, values, _total(place, np.ones(len(place)), size))


def _variance(of: _Replicates) -> float:
    return jackknife_variance(of.values, np.ones(len(of.values), dtype=np.int64))


def _total(place: Integers, weights: Floats, size: int) -> Floats:
    return np.bincount(place, weights, size).astype(np.float64)
