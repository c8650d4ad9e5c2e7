"""Nominal agreement of units nested in items: objects of one image, spans of one text.

The units of an item are not independent, so the jackknives leave out whole items, annotators, and an annotator on an
item. Alpha as in `qc.stats.agreement.alpha`: 1 - (n - 1) · D_o / D_e over the units with two labels or more.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from qc.model import Estimate, undefined
from qc.stats.agreement.deletions import jackknife_variance
from qc.stats.agreement.jackknife import Ground, Replicated, effective_number, items_estimate, team_estimate
from qc.stats.agreement.nominal import row_squares
from qc.stats.agreement.pair_sums import NO_OVERLAP, few_items
from qc.stats.patterns import Floats, Integers

ABSENT: Final = -1
"""The code of an annotator who saw the item and did not mark the unit."""
ONE_LABEL: Final = "only one label was given: agreement beyond chance cannot show"


@dataclass(frozen=True, eq=False, slots=True)
class Units:
    """Labels of units: who gave `unit` of `item` which `code`, one row per unit and annotator, integers.

    A code is a label or ABSENT; a unit that nobody (left) marks is none. Units of different items differ.
    """

    item: Integers
    unit: Integers
    annotator: Integers
    code: Integers

    def where(self, rows: NDArray[Any]) -> Units:
        """Some of the rows, by mask or place."""
        return Units(self.item[rows], self.unit[rows], self.annotator[rows], self.code[rows])

    def marked(self) -> Units:
        """Without those who did not mark the unit: how it was classified by those who did."""
        return self.where(self.code != ABSENT)


@dataclass(frozen=True, eq=False, slots=True)
class UnitAgreement:
    """Alpha and percent agreement of units; plain names are for such a team, `_items` for these annotators.

    `without` is alpha without each annotator of `annotators` (NaN where undefined), who gave `ratings` labels; `units`
    of `items` have two labels or more.
    """

    alpha: Estimate
    alpha_items: Estimate
    percent: Estimate
    percent_items: Estimate
    annotators: Integers
    ratings: Integers
    without: Floats
    items: int
    units: int


def clustered(units: Units, nothing: str = NO_OVERLAP) -> UnitAgreement:
    """Nominal alpha, and percent agreement of two labels of a unit, with intervals over items and annotators.

    nothing: why both are undefined where no unit has two labels. Alpha is undefined where all labels are equal.
    """
    table = _table(units)
    items, place = np.unique(table.rows.item, return_inverse=True)
    annotators, who = np.unique(table.rows.annotator, return_inverse=True)
    given = np.bincount(who, minlength=len(annotators))
    if not len(items):
        none = undefined(nothing, 0, "items")
        return UnitAgreement(none, none, none, none, annotators, given, np.zeros(0), 0, 0)
    ratings, rating = np.unique(place * len(annotators) + who, return_inverse=True)
    replicates = (
        _without_items(table, np.zeros(0, dtype=np.int64), 1),
        _without_items(table, place[table.start], len(items)),
        _without_labels(table, rating, len(ratings)),
        _without_labels(table, who, len(annotators)),
    )
    alpha, percent = (
        Replicated(float(of[0][0]), *(jackknife_variance(values, np.ones(len(values), dtype=int)) for values in of[1:]))
        for of in ([each.alpha for each in replicates], [each.percent for each in replicates])
    )
    team, warnings = effective_number(given.astype(np.float64)), few_items(len(items))
    ground = Ground(len(items), team, percent.value, 1.0, 0.0, warnings)
    beyond = Ground(len(items), team, percent.value, 1 - table.chance, -1.0, warnings)
    none = undefined(ONE_LABEL, len(items), "items")
    return UnitAgreement(
        *((none, none) if np.isnan(alpha.value) else (team_estimate(alpha, beyond), items_estimate(alpha, beyond))),
        team_estimate(percent, ground),
        items_estimate(percent, ground),
        annotators,
        given,
        replicates[-1].alpha,
        len(items),
        len(table.start),
    )


@dataclass(frozen=True, eq=False)
class _Table:
    """Units with two labels or more: `rows` sorted by unit, `unit` and `label` numbered from 0.

    Unit u has the rows from start[u], size[u] of them, marks[u] of which are not ABSENT; `alike` is for each row how
    many labels of its unit equal its own.
    """

    rows: Units
    unit: Integers
    label: Integers
    start: Integers
    size: Integers
    marks: Integers
    alike: Integers

    @cached_property
    def same(self) -> Floats:
        """Ordered pairs of equal labels of each unit."""
        return np.bincount(self.unit, self.alike - 1, len(self.size)).astype(np.float64)

    @cached_property
    def totals(self) -> Floats:
        """How often each label was given."""
        return np.bincount(self.label).astype(np.float64)

    @cached_property
    def chance(self) -> float:
        """That two labels drawn from all are equal."""
        return float(self.totals @ self.totals) / len(self.label) ** 2


def _table(units: Units) -> _Table:
    rows = units.where(np.lexsort((units.annotator, units.unit)))
    size, marks, unit = _sizes(rows)
    rows = rows.where(((size >= 2) & (marks > 0))[unit])
    size, marks, unit = _sizes(rows)
    label = np.unique(rows.code, return_inverse=True)[1]
    _, cell, alike = np.unique(unit * (label.max(initial=0) + 1) + label, return_inverse=True, return_counts=True)
    return _Table(rows, unit, label, np.cumsum(size) - size, size, marks, alike[cell])


def _sizes(rows: Units) -> tuple[Integers, Integers, Integers]:
    _, unit, size = np.unique(rows.unit, return_inverse=True, return_counts=True)
    return size, np.bincount(unit[rows.code != ABSENT], minlength=len(size)), unit


@dataclass(frozen=True, eq=False)
class _Replicates:
    """What is left of each replicate: labels `n`, `units`, and the agreement within them.

    `agreeing` weighs a unit's ordered pairs of equal labels by 1/(m - 1), `shares` by 1/(m (m - 1)); `squares` are
    those of the numbers of labels.
    """

    n: Floats
    units: Floats
    agreeing: Floats
    shares: Floats
    squares: Floats

    @property
    def alpha(self) -> Floats:
        """NaN where all labels are equal."""
        expected = self.n**2 - self.squares
        some = np.where(expected > 1e-12 * self.n**2, expected, np.nan)
        return np.asarray(1 - (self.n - 1) * (self.n - self.agreeing) / some)

    @property
    def percent(self) -> Floats:
        """NaN where no unit is left."""
        return np.asarray(self.shares / np.where(self.units > 0.5, self.units, np.nan))


def _without_items(table: _Table, replicate: Integers, replicates: int) -> _Replicates:
    """Without the units of each replicate; `replicate` is that of each unit, or empty to leave out none."""
    part = slice(0, len(replicate))
    gone = np.ones(len(replicate), dtype=bool)
    rows = replicate[table.unit] if len(replicate) else replicate
    codes = csr_array((np.ones(len(rows)), (rows, table.label[: len(rows)])), shape=(replicates, len(table.totals)))
    lost = (table.size[part], gone, _over(table.same, table.size - 1)[part])
    return _left(table, replicate, *lost, _over(table.same, table.size * (table.size - 1))[part], codes)


def _without_labels(table: _Table, replicate: Integers, replicates: int) -> _Replicates:
    """Without the rows of each replicate; a unit that keeps one label, or no mark, goes with all its labels."""
    size, same = table.size[table.unit], table.same[table.unit]
    marks = table.marks[table.unit] - (table.rows.code != ABSENT)
    gone = (size < 3) | (marks < 1)
    kept, kept_same = size - 1, same - 2 * (table.alike - 1)
    weight, kept_weight = size - 1, np.where(gone, 0, kept - 1)
    agreeing = _over(same, weight) - _over(kept_same, kept_weight)
    shares = _over(same, size * weight) - _over(kept_same, kept * kept_weight)
    at = np.flatnonzero(gone)
    of_gone, spread = _rows_of(table, table.unit[at])
    rows = np.concatenate([replicate[~gone], replicate[at][spread]])
    labels = table.label[np.concatenate([np.flatnonzero(~gone), of_gone])]
    codes = csr_array((np.ones(len(rows)), (rows, labels)), shape=(replicates, len(table.totals)))
    return _left(table, replicate, np.where(gone, size, 1), gone, agreeing, shares, codes)


def _left(
    table: _Table, replicate: Integers, n: Integers, units: NDArray[Any], agreeing: Floats, shares: Floats, codes: Any
) -> _Replicates:
    def left(total: float, lost: NDArray[Any]) -> Floats:
        return total - np.bincount(replicate, lost, codes.shape[0]).astype(np.float64)

    codes.sum_duplicates()
    totals = table.totals
    return _Replicates(
        left(len(table.label), n),
        left(len(table.size), units),
        left(float(_over(table.same, table.size - 1).sum()), agreeing),
        left(float(_over(table.same, table.size * (table.size - 1)).sum()), shares),
        float(totals @ totals) - 2 * (codes @ totals) + row_squares(codes),
    )


def _rows_of(table: _Table, units: Integers) -> tuple[Integers, Integers]:
    """The rows of some units one after the other, and which of the units each belongs to."""
    size = table.size[units]
    spread = np.repeat(np.arange(len(units)), size)
    within = np.arange(len(spread)) - np.repeat(np.cumsum(size) - size, size)
    return table.start[units][spread] + within, spread


def _over(number: NDArray[Any], divisor: Integers) -> Floats:
    """number / divisor, and 0 where there is nothing to divide by."""
    return np.asarray(np.divide(number, divisor, out=np.zeros(len(divisor)), where=divisor > 0))
