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
from qc.stats.agreement.jackknife import Ground, Replicated, items_estimate, team_estimate
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


def pooled(sums: PairSums, nothing: str, floor: float = 0.0, chance: float = 0.0) -> tuple[Estimate, Estimate]:
    """The ratio of the sums for such a team (items and annotators both a sample), and for these annotators.

    nothing: why the value is undefined where the denominators are all 0; floor: the least that it can be; chance: the
    agreement that it leaves out, so that Wilson's limits are those of what was observed. Undefined as well without two
    annotators who share an item. Source of the variance: Cameron, Gelbach & Miller 2011.
    """
    return grouped(sums, np.zeros(len(sums.item), dtype=np.int64), 1, nothing, floor, chance)[0]


def grouped(
    sums: PairSums, group: Integers, groups: int, nothing: str, floor: float = 0.0, chance: float = 0.0
) -> Sequence[tuple[Estimate, Estimate]]:
    """`pooled` of the rows of each group, 0 … groups - 1; a row may stand in for several by being repeated."""
    shared = np.bincount(group, minlength=groups)
    counts = sums.denominator > 0
    used, group = sums.where(counts), group[counts]
    numerator, denominator = _total(group, used.numerator, groups), _total(group, used.denominator, groups)
    width = int(max(who.max(initial=0) for who in used.people)) + 1
    left_out = ([used.item], [used.item * width + who for who in used.people], used.people)
    of = [_replicates(used, group, keys, numerator, denominator) for keys in left_out]
    spread = np.stack([_variances(each, groups) for each in of], axis=1).tolist()
    items = np.bincount(of[0].group, minlength=groups).tolist()
    rows, squares = (np.bincount(of[2].group, of[2].rows ** power, groups) for power in (1, 2))
    found = []
    for place in range(groups):
        if not denominator[place]:
            reason = nothing if shared[place] else NO_OVERLAP
            found.append((undefined(reason, 0, "items"),) * 2)
            continue
        value = float(numerator[place] / denominator[place])
        team = float(rows[place] ** 2 / squares[place])
        observed = min(max(chance + (1 - chance) * value, 0.0), 1.0)
        ground = Ground(items[place], team, observed, 1 - chance, floor, few_items(items[place]))
        replicated = Replicated(value, *spread[place])
        found.append((team_estimate(replicated, ground), items_estimate(replicated, ground)))
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
    """Values with one thing left out; `rows` are how many rows went with it."""

    group: Integers
    key: Integers
    values: Floats
    rows: Floats


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


def _variances(of: _Replicates, groups: int) -> Floats:
    """The jackknife variance of each group, NaN where one of its values is undefined (Efron & Stein 1981)."""
    n = np.maximum(_total(of.group, np.ones(len(of.group)), groups), 1)
    off = of.values - (_total(of.group, of.values, groups) / n)[of.group]
    return np.asarray((n - 1) / n * _total(of.group, off**2, groups))


def _total(place: Integers, weights: Floats, size: int) -> Floats:
    return np.bincount(place, weights, size).astype(np.float64)
