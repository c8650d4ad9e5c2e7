"""Krippendorff's alpha for unitizing: where people mark units of a continuum, and with which label.

Per item and label D_o is the mean squared difference of two annotators' units: of two that overlap the squares of both
ends' distances, of one that meets none of the other's the square of its length; D_e is that of the same units laid
anywhere. Source: Krippendorff 2004, Measuring the reliability of qualitative text analysis data, and Content Analysis,
2nd ed., 251-256. Items are pooled by their squared differences, in characters or milliseconds, weighted by their
answers; with one item it is Krippendorff's value.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qc.model import Estimate, undefined
from qc.stats.agreement.deletions import jackknife_variance
from qc.stats.agreement.jackknife import Ground, Replicated, effective_number, items_estimate, team_estimate
from qc.stats.agreement.pair_sums import NO_OVERLAP, few_items
from qc.stats.patterns import Floats, Integers
from qc.stats.spans.marks import Marks, Pairs, overlaps, pairs_of, united

NOTHING_MARKED = "nobody marked anything on items with two answers"
ONE_ITEM = "only one item has two answers or more"


@dataclass(frozen=True, slots=True)
class Unitizing:
    """Alpha for such a team and for these annotators, and without each of `annotators` (NaN where undefined)."""

    alpha: Estimate
    alpha_items: Estimate
    annotators: Integers
    without: Floats


def unitizing(marks: Marks) -> Unitizing:
    """Alpha of marks; what one answer marks twice with one label counts once, and points do not count.

    Undefined without two annotators who share items, and where nothing is marked. Of one item, the value without
    interval is `alpha_of`.
    """
    sums = _sums(marks)
    names, who = np.unique(marks.annotator[sums.shared], return_inverse=True)
    marked = sums.expected > 0
    items = int(marked.sum())
    if not len(names) or not items:
        none = undefined(NOTHING_MARKED if len(names) else NO_OVERLAP, 0, "items")
        return Unitizing(none, none, names, np.full(len(names), np.nan))
    observed, expected = float(sums.observed.sum()), float(sums.expected.sum())
    of_item = sums.item[sums.shared]
    lost = [
        (sums.observed[marked], sums.expected[marked]),
        tuple(each[of_item] - kept for each, kept in _rated(sums)),
        tuple(_total(who, each[of_item] - kept, len(names)) for each, kept in _rated(sums)),
    ]
    replicates = [_alpha(observed - gone, expected - chance, expected) for gone, chance in lost]
    value = 1 - observed / expected
    if items < 2:
        none = undefined(ONE_ITEM, items, "items")
        return Unitizing(none, none, names, replicates[2])
    of = Replicated(value, *(jackknife_variance(each, np.ones(len(each), dtype=np.int64)) for each in replicates))
    team = effective_number(np.bincount(who).astype(np.float64))
    ground = Ground(items, team, min(max(value, 0.0), 1.0), 1.0, -1.0, few_items(items))
    return Unitizing(team_estimate(of, ground), items_estimate(of, ground), names, replicates[2])


def alpha_of(marks: Marks) -> float:
    """The value alone, NaN where undefined."""
    sums = _sums(marks)
    expected = float(sums.expected.sum())
    return 1 - float(sums.observed.sum()) / expected if expected > 0 else float("nan")


@dataclass(frozen=True, eq=False, slots=True)
class _Sums:
    """Squared differences of each item, times its answers, and what is left of them without each answer.

    `item` numbers the item of each answer, `shared` the answers to items with two or more.
    """

    item: Integers
    shared: Integers
    observed: Floats
    expected: Floats
    observed_without: Floats
    expected_without: Floats


def _rated(sums: _Sums) -> tuple[tuple[Floats, Floats], tuple[Floats, Floats]]:
    return (
        (sums.observed, sums.observed_without[sums.shared]),
        (sums.expected, sums.expected_without[sums.shared]),
    )


def _alpha(observed: Floats, expected: Floats, whole: float) -> Floats:
    # What is left of a sum of floats may be rounding.
    return np.asarray(1 - observed / np.where(expected > 1e-9 * whole, expected, np.nan))


def _sums(marks: Marks) -> _Sums:
    units = united(marks)
    _, item, size = np.unique(units.item, return_inverse=True, return_counts=True)
    pairs = pairs_of(units)
    differences = _differences(units, pairs)
    answers = len(item)
    of_answer = np.bincount(pairs.one, differences, answers) + np.bincount(pairs.other, differences, answers)
    of_item = np.bincount(item, of_answer, len(size)) / 2
    whole, left = _chance(units, item, size)
    m = size[item]
    return _Sums(
        item,
        np.flatnonzero(m >= 2),
        _over(2 * of_item, size - 1),
        np.where(size >= 2, size * whole, 0.0),
        _over(2 * (of_item[item] - of_answer), m - 2),
        np.where(m >= 3, (m - 1) * left, 0.0),
    )


def _over(number: Floats, divisor: Integers) -> Floats:
    return np.divide(number, divisor, out=np.zeros(len(number)), where=divisor > 0)


def _total(place: Integers, weights: Floats, size: int) -> Floats:
    return np.bincount(place, weights, size).astype(np.float64)


def _differences(units: Marks, pairs: Pairs) -> Floats:
    """The sum of squared differences between the units of every two answers."""
    squares = units.length.astype(np.float64) ** 2
    total, size = np.bincount(units.answer, squares, len(units.item)), len(pairs.one)
    apart = total[pairs.one] + total[pairs.other]
    for found in overlaps(units):
        same = found.where(units.code[found.i] == units.code[found.j])
        i, j = same.i, same.j
        row = pairs.of(units.answer[i], units.answer[j])
        ends = (units.first[i] - units.first[j]).astype(np.float64) ** 2 + (units.last[i] - units.last[j]) ** 2
        apart += np.bincount(row, ends, size)
        for mark in (i, j):
            # A unit that meets one of the other's counts no longer as one that meets none.
            met = np.unique(row * len(squares) + mark)
            apart -= np.bincount(met // len(squares), squares[met % len(squares)], size)
    return np.asarray(apart)


def _chance(units: Marks, item: Integers, size: Integers) -> tuple[Floats, Floats]:
    """D_e in squared units summed over labels: of each item, and of its item without each answer."""
    answers = len(item)
    start = np.cumsum(size) - size
    # Groups are labels on items; a cell is a group's answer, with its units and the gaps between them.
    width = int(units.code.max(initial=0) - units.code.min(initial=0)) + 1
    groups, group = np.unique(item[units.answer] * width + units.code - units.code.min(initial=0), return_inverse=True)
    of_item = groups // width
    first_cell = np.cumsum(size[of_item]) - size[of_item]
    cell_group = np.repeat(np.arange(len(groups)), size[of_item])
    cell_answer = np.arange(len(cell_group)) - first_cell[cell_group] + start[of_item[cell_group]]
    cell = first_cell[group] + units.answer - start[item[units.answer]]
    order = np.lexsort((units.first, cell))
    cell, length = cell[order], units.length[order].astype(np.float64)
    gap_cell, gap = _gaps(cell, units.first[order], units.last[order], units.extent[cell_answer])

    cells = len(cell_group)
    spread = 2 * length**3 - 3 * length**2 + length
    inside = length * (length - 1)
    own = [_total(cell, each, cells) for each in (np.ones(len(cell)), spread / 3, inside)]
    in_gaps, of_gaps = _fits(cell_group[cell], length, cell_group[gap_cell], gap)
    own_gaps, _ = _fits(cell, length, gap_cell, gap)
    units_fit, gaps_fit = _total(cell, in_gaps, cells), _total(gap_cell, of_gaps, cells)
    both_fit = _total(cell, own_gaps, cells)
    n, cubes, lengths, fit = (_total(cell_group, each, len(groups)) for each in (*own, units_fit))
    m, extent = size[of_item].astype(np.float64), units.extent[start[of_item]].astype(np.float64)
    whole = _expected(n, cubes, lengths, fit, m, extent)
    left = _expected(
        n[cell_group] - own[0],
        cubes[cell_group] - own[1],
        lengths[cell_group] - own[2],
        fit[cell_group] - units_fit - gaps_fit + both_fit,
        m[cell_group] - 1,
        extent[cell_group],
    )
    return _total(of_item, whole, len(size)), _total(cell_answer, left, answers)


def _expected(n: Floats, cubes: Floats, lengths: Floats, fit: Floats, m: Floats, extent: Floats) -> Floats:
    """Krippendorff's D_e of one label, times the squared extent; n units, m annotators."""
    pairs = m * extent * (m * extent - 1) - lengths
    total = 2 * extent * ((n - 1) * cubes + fit)
    return np.divide(total, pairs, out=np.zeros(len(pairs)), where=(pairs > 0) & (n > 0.5))


def _gaps(cell: Integers, first: Integers, last: Integers, extent: Integers) -> tuple[Integers, Floats]:
    """Between the units of each cell, before and after them: the cell and the length of every gap."""
    new = np.concatenate([[True], cell[1:] != cell[:-1]])[: len(cell)]
    previous = np.where(new, 0, np.concatenate([[0], last[:-1]])[: len(cell)])
    reached = np.zeros(len(extent), dtype=np.int64)
    np.maximum.at(reached, cell, last)
    cells = np.concatenate([cell, np.arange(len(extent))])
    lengths = np.concatenate([first - previous, extent - reached])
    return cells[lengths > 0], lengths[lengths > 0].astype(np.float64)


def _fits(group: Integers, length: Floats, gap_group: Integers, gap: Floats) -> tuple[Floats, Floats]:
    """l² · (gap - l + 1) over all gaps of its group that a unit fits into, and over all units that fit into a gap."""
    known, place = np.unique(np.concatenate([length, gap]), return_inverse=True)
    width = len(known) + 1
    unit_key, gap_key = group * width + place[: len(length)], gap_group * width + place[len(length) :]
    gap_order, unit_order = np.argsort(gap_key), np.argsort(unit_key)
    gap_keys, unit_keys = gap_key[gap_order], unit_key[unit_order]
    low, high = np.searchsorted(gap_keys, unit_key), np.searchsorted(gap_keys, (group + 1) * width)
    gaps = np.concatenate([[0.0], np.cumsum(gap[gap_order])])
    of_units = length**2 * (gaps[high] - gaps[low] - (high - low) * (length - 1))
    low, high = np.searchsorted(unit_keys, gap_group * width), np.searchsorted(unit_keys, gap_key, "right")
    squares, cubes = (np.concatenate([[0.0], np.cumsum(length[unit_order] ** power)]) for power in (2, 3))
    return of_units, (gap + 1) * (squares[high] - squares[low]) - (cubes[high] - cubes[low])
