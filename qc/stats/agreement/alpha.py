"""Krippendorff's alpha for nominal, ordinal, interval and ratio labels, of every replicate of a jackknife.

alpha = 1 - (n - 1) · D_o / D_e, where D_o sums the squared difference of every two labels of an item over its number
of labels less one, and D_e that of every two of the n labels of all items that have two or more.
Source: Krippendorff 2011, Computing Krippendorff's alpha-reliability; Content Analysis, 3rd ed., chapter 11.

Ordinal differences are differences of mid-ranks, an exact identity: Σ_{g=c..k} n_g - (n_c + n_k)/2 = r_k - r_c.
The functions expect pairable patterns and give NaN where alpha is undefined.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from qc.stats.agreement.deletions import Deletion
from qc.stats.agreement.nominal import PairedSums, labels_lost, paired_sums, sizes_left
from qc.stats.patterns import Floats, Integers, Patterns

MAX_SCALE: Final = 500
"""Distinct values beyond which the ranks (ordinal) are held fixed and ratio alpha is not computed."""

_CELLS: Final = 4_000_000
"""Cells of a dense table of replicates and labels that is held at a time."""


def nominal(patterns: Patterns, deletion: Deletion) -> Floats:
    """Alpha for labels that are names."""
    return nominal_of(paired_sums(patterns, deletion))


def nominal_of(of: PairedSums) -> Floats:
    """The same from sums over pairable patterns."""
    return _alpha(of.ratings, of.ratings - of.agreeing, of.ratings**2 - of.label_squares)


def interval(patterns: Patterns, deletion: Deletion) -> Floats:
    """Alpha for labels whose differences count; the cost does not depend on how many values there are."""
    return _on_scale(patterns, deletion, patterns.values)


def ordinal(patterns: Patterns, deletion: Deletion) -> Floats:
    """Alpha for labels in the order of their values.

    The ranks are those of each replicate; beyond MAX_SCALE distinct values they are those of the whole data.
    """
    order = np.argsort(patterns.values, kind="stable")
    counts = patterns.counts[:, order]
    totals = np.asarray(counts.T @ patterns.items, dtype=np.float64)
    if len(totals) > MAX_SCALE:
        ranks = np.empty(len(totals))
        ranks[order] = _mid_ranks(totals)
        return _on_scale(patterns, deletion, ranks)
    position = np.argsort(order)
    pairs = _coincidences(patterns)[order][:, order]
    parts = []
    for part in deletion.parts(_replicates(totals)):
        left = totals - labels_lost(patterns, part).toarray()[:, order]
        ranks = _mid_ranks(left)
        expected = _spread_of_all(left.sum(axis=1), (left * ranks).sum(axis=1), (left * ranks**2).sum(axis=1))
        observed = 2 * (ranks**2 @ totals - ((ranks @ pairs) * ranks).sum(axis=1))
        row, replicate, given = _labels_of_entries(patterns, part)
        rank = ranks[replicate, position[given.indices]]
        entries = len(part.pattern)
        lost = _spread_lost(
            patterns,
            part,
            np.bincount(row, given.data * rank, entries),
            np.bincount(row, given.data * rank**2, entries),
            np.where(part.whole, 0.0, ranks[part.replicate, position[part.code]]),
        )
        parts.append(_alpha(left.sum(axis=1), observed - part.total(lost), expected))
    return np.concatenate(parts)


def ratio(patterns: Patterns, deletion: Deletion) -> Floats:
    """Alpha for amounts whose quotients count; NaN for one below 0 and beyond MAX_SCALE distinct values."""
    if len(patterns.values) > MAX_SCALE or patterns.values.min() < 0:
        return np.full(deletion.size, np.nan)
    values, counts = patterns.values, patterns.counts
    twice_mean = values[:, None] + values
    difference = values[:, None] - values
    distance = np.divide(difference, twice_mean, out=np.zeros_like(difference), where=twice_mean != 0) ** 2
    totals = np.asarray(counts.T @ patterns.items, dtype=np.float64)
    # The distance of each label to all labels of its pattern, at the cells that occur only.
    blocks = range(0, len(patterns.items), _replicates(totals))
    to_all = np.concatenate([at_cells(counts[start : start + blocks.step], distance) for start in blocks])
    within = np.bincount(patterns.row, counts.data * to_all, len(patterns.items))
    observed = float(patterns.items @ _over(within, patterns.sizes - 1))

    parts = []
    for part in deletion.parts(_replicates(totals)):
        left = totals - labels_lost(patterns, part).toarray()
        of_pattern = within[part.pattern]
        of_one = np.zeros(len(part.pattern))
        one = ~part.whole
        of_one[one] = to_all[patterns.cell(part.pattern[one], part.code[one])]
        before, kept = patterns.sizes[part.pattern], sizes_left(patterns, part)
        lost = _over(of_pattern, before - 1) - _over(of_pattern - 2 * of_one, kept - 1)
        parts.append(_alpha(left.sum(axis=1), observed - part.total(lost), ((left @ distance) * left).sum(axis=1)))
    return np.concatenate(parts)


ALPHA: Final[Mapping[str, Callable[[Patterns, Deletion], Floats]]] = {
    "nominal": nominal,
    "ordinal": ordinal,
    "interval": interval,
    "ratio": ratio,
}


def _alpha(n: Floats, observed: Floats, expected: Floats) -> Floats:
    """From the sums of squared differences; those expected are 0 up to rounding where there is one label only."""
    scale = float(np.max(np.abs(expected), initial=0.0))
    some = np.where(expected > 1e-12 * scale, expected, np.nan)
    return np.asarray(1 - (n - 1) * observed / some, dtype=np.float64)


def _on_scale(patterns: Patterns, deletion: Deletion, values: Floats) -> Floats:
    """Interval alpha of given values, from four sums."""
    totals = np.asarray(patterns.counts.T @ patterns.items, dtype=np.float64)
    n = float(totals.sum())
    values = values - float(totals @ values) / n
    x, y = patterns.counts @ values, patterns.counts @ values**2
    row = deletion.pattern
    before, left = patterns.sizes[row], sizes_left(patterns, deletion)
    one = np.where(deletion.whole, 0.0, values[deletion.code])
    keeps = left >= 2
    n_left = n - deletion.total(np.where(keeps, 1, before))
    x_left = -deletion.total(np.where(keeps, one, x[row]))
    y_left = float(totals @ values**2) - deletion.total(np.where(keeps, one**2, y[row]))
    observed = float(patterns.items @ _spread(patterns.sizes, x, y))
    lost = deletion.total(_spread_lost(patterns, deletion, x[row], y[row], one))
    return _alpha(n_left, observed - lost, _spread_of_all(n_left, x_left, y_left))


def _spread_lost(patterns: Patterns, deletion: Deletion, x: NDArray[Any], y: NDArray[Any], one: Floats) -> Floats:
    """What each entry takes from D_o; x, y: sums of values and squares of its pattern, one: the value left out."""
    before, left = patterns.sizes[deletion.pattern], sizes_left(patterns, deletion)
    return _spread(before, x, y) - _spread(left, x - one, y - one**2)


def _spread(size: Integers, x: NDArray[Any], y: NDArray[Any]) -> Floats:
    """An item's share in D_o, from its number of labels and the sums of their values and squares."""
    return _over(2 * (size * y - x**2), size - 1)


def _spread_of_all(n: Floats, x: Floats, y: Floats) -> Floats:
    return np.asarray(2 * (n * y - x**2))


def _over(number: NDArray[Any], divisor: Integers) -> Floats:
    """number / divisor, and 0 for an item that has no two labels."""
    return np.asarray(np.divide(number, divisor, out=np.zeros(len(divisor)), where=divisor > 0))


def _mid_ranks(totals: Floats) -> Floats:
    return np.asarray(np.cumsum(totals, axis=-1) - totals / 2)


def _coincidences(patterns: Patterns) -> Any:
    """Krippendorff's matrix of coincidences (C x C, dense)."""
    weight = patterns.items / (patterns.sizes - 1)
    counts = patterns.counts.astype(np.float64)
    weighted = counts.multiply(weight[:, None]).tocsr()
    return (counts.T @ weighted).toarray() - np.diag(np.asarray(weighted.sum(axis=0)).reshape(-1))


def _labels_of_entries(patterns: Patterns, deletion: Deletion) -> tuple[Integers, Integers, Any]:
    """The labels of each entry's pattern as sparse rows, and for each of its cells the entry and the replicate."""
    given = patterns.counts[deletion.pattern]
    row = np.repeat(np.arange(given.shape[0]), np.diff(given.indptr))
    return row, deletion.replicate[row], given


def at_cells(counts: Any, matrix: Floats) -> Floats:
    """The product counts @ matrix, at the stored cells of `counts`."""
    return np.asarray((counts @ matrix)[counts.tocoo().coords])


def _replicates(totals: Floats) -> int:
    return max(1, _CELLS // max(1, len(totals)))
