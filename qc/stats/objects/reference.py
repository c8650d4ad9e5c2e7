"""People's objects against known ones: what was found, and what was drawn for nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qc.model import Estimate
from qc.stats.agreement.pair_sums import PairSums, pooled
from qc.stats.objects.comparison import Comparison
from qc.stats.patterns import Floats


@dataclass(frozen=True, slots=True)
class Against:
    """Precision and recall of objects with the gold label at GATE, and how well those matched are placed.

    Precision and recall count objects; `iou` is the mean over answers of the mean similarity of an answer's matches,
    so that crowded images do not decide it. For such a team: items and annotators both a sample.
    """

    precision: Estimate
    recall: Estimate
    iou: Estimate


def against_gold(comparison: Comparison) -> Against | None:
    """None without gold. Of several accepted answers each person's is held against the one that it agrees with most."""
    annotator = comparison.answers.annotator
    one, other = comparison.pairs.one, comparison.pairs.other
    rows = np.flatnonzero((annotator[one] < 0) & (annotator[other] >= 0))
    if not len(rows):
        return None
    matches = comparison.matched()
    of_row = comparison.row[matches]
    size = len(one)
    found = comparison.found()[rows]
    matched = np.bincount(of_row, minlength=size)[rows].astype(np.float64)
    overlap = np.bincount(of_row, comparison.near.similarity[matches], size)[rows].astype(np.float64)
    both = comparison.both[rows]
    agrees = np.where(both > 0, _over(2 * found, both), 1.0)
    order = np.lexsort((one[rows], -overlap, -agrees, other[rows]))
    best = order[np.unique(other[rows][order], return_index=True)[1]]
    rows, found, matched, overlap = rows[best], found[best], matched[best], overlap[best]
    item, who = comparison.answers.item[other[rows]], annotator[other[rows]]

    def share(numerator: NDArray[Any], denominator: NDArray[Any], nothing: str) -> Estimate:
        ratio = PairSums(item, who, None, numerator.astype(np.float64), denominator.astype(np.float64))
        return pooled(ratio, nothing)[0]

    return Against(
        share(found, comparison.drawn[other[rows]], "nobody drew anything on items with gold"),
        share(found, comparison.drawn[one[rows]], "the gold holds no objects"),
        share(_over(overlap, matched), matched > 0, "no object is matched with a gold one"),
    )


def _over(number: Floats, divisor: Floats) -> Floats:
    return np.asarray(np.divide(number, divisor, out=np.zeros(len(number)), where=divisor > 0))
