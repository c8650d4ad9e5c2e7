"""Coefficients that take labels for names: all from a few sums over the items."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from qc.stats.agreement.deletions import Deletion
from qc.stats.patterns import Floats, Integers, Patterns


@dataclass(frozen=True, eq=False, slots=True)
class PairedSums:
    """Sums over items, one value per replicate.

    With n_uc labels c and m_u labels in all on item u: `items` and `paired` count the items with m_u ≥ 1 and ≥ 2,
    `agreement` sums Σ_c n_uc (n_uc - 1) / (m_u (m_u - 1)), `agreeing` m_u times that, and `ratings` the m_u of paired
    items. `label_squares` is Σ_c n_c² over paired items.
    """

    items: Floats
    paired: Floats
    agreement: Floats
    agreeing: Floats
    ratings: Floats
    label_squares: Floats


@dataclass(frozen=True, eq=False, slots=True)
class Sums(PairedSums):
    """The same with `share_squares`, Σ_c (Σ_u n_uc / m_u)² over all items, for chance that single labels inform."""

    share_squares: Floats


@dataclass(frozen=True, slots=True)
class Chance:
    """Agreement expected by chance, `constant` + `slope` · Σ_c π_c²: all that four of the coefficients differ in."""

    constant: float
    slope: float

    def expected(self, of: Sums) -> Floats:
        """The agreement by chance of every replicate."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(self.constant + self.slope * of.share_squares / of.items**2)


PERCENT: Final = Chance(0.0, 0.0)
FLEISS: Final = Chance(0.0, 1.0)


def gwet(labels: int) -> Chance:
    """Chance in Gwet's AC1, given how many labels could be chosen; certain agreement if only one."""
    return Chance(1 / (labels - 1), -1 / (labels - 1)) if labels > 1 else Chance(1.0, 0.0)


def brennan_prediger(labels: int) -> Chance:
    """Chance in Brennan and Prediger's coefficient, given how many labels could be chosen."""
    return Chance(1 / labels, 0.0)


def sums(patterns: Patterns, deletion: Deletion) -> Sums:
    """The sums of every replicate; the cost grows with the number of patterns, not of items."""
    of = paired_sums(patterns, deletion)
    shares = patterns.counts.T @ (patterns.items * inverse(patterns.sizes))
    squares = _squares_without(shares, shares_lost(patterns, deletion))
    return Sums(of.items, of.paired, of.agreement, of.agreeing, of.ratings, of.label_squares, squares)


def paired_sums(patterns: Patterns, deletion: Deletion) -> PairedSums:
    """The sums of every replicate but that of shares."""
    size, items = patterns.sizes, patterns.items
    pairs = row_squares(patterns.counts) - size
    before, left = size[deletion.pattern], sizes_left(patterns, deletion)
    totals = _of_items(pairs, size) @ items
    lost_here = _of_items(pairs[deletion.pattern], before) - _of_items(_pairs_left(patterns, deletion, pairs), left)
    all_items, paired, agreement, agreeing, ratings = (
        total - deletion.total(gone) for total, gone in zip(totals, lost_here, strict=True)
    )
    labels = patterns.counts.T @ np.where(size >= 2, items, 0)
    squares = _squares_without(labels, labels_lost(patterns, deletion))
    return PairedSums(all_items, paired, agreement, agreeing, ratings, squares)


def coefficient(chance: Chance, of: Sums) -> Floats:
    """(observed - expected) / (1 - expected) agreement of every replicate; NaN where undefined.

    Sources: Fleiss 1971 and Gwet 2008 in Gwet's form for missing ratings (Handbook of Inter-Rater Reliability, 2014);
    Brennan & Prediger 1981.
    """
    return beyond(of, chance.expected(of))


def beyond(of: PairedSums, expected: Floats) -> Floats:
    """(observed - expected) / (1 - expected) agreement of every replicate; NaN where undefined."""
    # Shares that should sum to 1 carry a trace of rounding: a single label expects agreement of exactly 1.
    room = np.where(expected > 1 - 1e-12, np.nan, 1 - expected)
    # Nothing left is a trace of rounding over 0.
    observed = of.agreement / np.where(of.paired > 0.5, of.paired, np.nan)
    return np.asarray((observed - expected) / room)


def scott_chance(of: PairedSums) -> Floats:
    """Chance in Scott's pi, for more than two annotators Siegel and Castellan's: of all labels on paired items."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(of.label_squares / of.ratings**2)


def scott(of: PairedSums) -> Floats:
    """Scott's pi of every replicate, extended by Siegel & Castellan 1988; expects pairable patterns."""
    return beyond(of, scott_chance(of))


def sizes_left(patterns: Patterns, deletion: Deletion) -> Integers:
    """How many labels the item of each entry keeps."""
    return np.where(deletion.whole, 0, patterns.sizes[deletion.pattern] - 1)


def labels_lost(patterns: Patterns, deletion: Deletion) -> Any:
    """Sparse replicates x labels: the ratings that leave the paired ones.

    An item that keeps one label is no longer paired, so its last label leaves too.
    """
    before, left = patterns.sizes[deletion.pattern], sizes_left(patterns, deletion)
    all_of_it = ((before >= 2) & (left < 2)).astype(np.float64)
    return lost(patterns.counts, deletion, all_of_it, (left >= 2).astype(np.float64))


def lost(matrix: Any, deletion: Deletion, of_pattern: Floats, of_label: Floats) -> Any:
    """Sparse replicates x labels, from weights of the entries.

    Each entry takes `of_pattern` times the row of its pattern in `matrix`, and `of_label` from the label left out.
    """
    one = np.where(deletion.whole, 0, deletion.code)
    rows: Any = deletion.matrix(deletion.pattern, of_pattern, matrix.shape[0]) @ matrix
    return rows + deletion.matrix(one, np.where(deletion.whole, 0.0, of_label), matrix.shape[1])


def inverse(size: NDArray[Any]) -> Floats:
    """1 / size, and 0 for 0."""
    return np.asarray(np.divide(1.0, size, out=np.zeros(len(size)), where=size > 0))


def row_squares(matrix: Any) -> Floats:
    """The sum of the squares in each row of a sparse matrix."""
    return np.asarray(matrix.multiply(matrix).sum(axis=1), dtype=np.float64).reshape(-1)


def shares_lost(patterns: Patterns, deletion: Deletion) -> Any:
    """Sparse replicates x labels: what each label's share Σ_u n_uc / m_u loses."""
    before, left = patterns.sizes[deletion.pattern], sizes_left(patterns, deletion)
    return lost(patterns.counts, deletion, inverse(before) - inverse(left), inverse(left))


def _of_items(pairs: NDArray[Any], size: Integers) -> Floats:
    """The additive fields of Sums for single items of `size` labels and `pairs` ordered pairs that agree."""
    paired = size >= 2
    agreeing = np.divide(pairs, size - 1, out=np.zeros(len(size)), where=paired)
    return np.array([size >= 1, paired, agreeing * inverse(size), agreeing, size * paired], dtype=np.float64)


def _pairs_left(patterns: Patterns, deletion: Deletion, pairs: Floats) -> Floats:
    left = np.zeros(len(deletion.pattern))
    one = ~deletion.whole
    row = deletion.pattern[one]
    given = patterns.counts.data[patterns.cell(row, deletion.code[one])]
    left[one] = pairs[row] - 2 * (given - 1)
    return left


def _squares_without(totals: Floats, lost: Any) -> Floats:
    """Σ_c (totals_c - lost_rc)² without making `lost` dense."""
    return np.asarray(float(totals @ totals) - 2 * (lost @ totals) + row_squares(lost))
