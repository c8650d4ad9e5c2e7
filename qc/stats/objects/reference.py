"""People's objects against known ones: what was found, and what was drawn for nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qc.model import Estimate
from qc.stats.agreement.pair_sums import PairSums, pooled
from qc.stats.objects.comparison import Comparison
from qc.stats.patterns import Floats, Integers


@dataclass(frozen=True, slots=True)
class Against:
    """Precision and recall of objects with the gold label at GATE, and how well those matched are placed.

    Precision and recall count objects; `iou` is the mean over answers of the mean similarity of an answer's matches,
    so that crowded images do not decide it. For such a team: items and annotators both a sample.
    """

    precision: Estimate
    recall: Estimate
    iou: Estimate


def best_known(comparison: Comparison) -> Integers:
    """Of each person's answer to an item with gold the pair, a row of `pairs`, with the gold that it agrees with most.

    Agreement is F1, then the similarity of what is matched, then the order of the accepted answers.
    """
    one, other, annotator = comparison.pairs.one, comparison.pairs.other, comparison.answers.annotator
    rows = np.flatnonzero((annotator[one] < 0) & (annotator[other] >= 0))
    if not len(rows):
        return rows
    both = comparison.both[rows]
    overlap = _matched(comparison)[1][rows]
    agrees = np.where(both > 0, _over(2 * comparison.found()[rows], both), 1.0)
    order = np.lexsort((one[rows], -overlap, -agrees, other[rows]))
    return np.asarray(rows[order[np.unique(other[rows][order], return_index=True)[1]]])


def against_gold(comparison: Comparison) -> Against | None:
    """None without gold. Of several accepted answers each person's is held against the one that it agrees with most."""
    rows = best_known(comparison)
    if not len(rows):
        return None
    one, other, annotator = comparison.pairs.one, comparison.pairs.other, comparison.answers.annotator
    found = comparison.found()[rows]
    matched, overlap = (sums[rows] for sums in _matched(comparison))
    item, who = comparison.answers.item[other[rows]], annotator[other[rows]]

    def share(numerator: NDArray[Any], denominator: NDArray[Any], nothing: str) -> Estimate:
        ratio = PairSums(item, who, None, numerator.astype(np.float64), denominator.astype(np.float64))
        return pooled(ratio, nothing)[0]

    return Against(
        share(found, comparison.drawn[other[rows]], "nobody drew anything on items with gold"),
        share(found, comparison.drawn[one[rows]], "the gold holds no objects"),
        share(_over(overlap, matched), matched > 0, "no object is matched with a gold one"),
    )


def _matched(comparison: Comparison) -> tuple[Floats, Floats]:
    """Of each pair of answers the matches, and the sum of their similarities."""
    matches, size = comparison.matched(), len(comparison.pairs.one)
    of_row = comparison.row[matches]
    similarity = np.bincount(of_row, comparison.near.similarity[matches], size)
    return np.bincount(of_row, minlength=size).astype(np.float64), similarity.astype(np.float64)


def _over(number: Floats, divisor: Floats) -> Floats:
    return np.asarray(np.divide(number, divisor, out=np.zeros(len(number)), where=divisor > 0))
