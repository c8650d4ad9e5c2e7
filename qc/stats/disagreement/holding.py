"""Answers that are sets of labels, label by label: whether an answer holds it or not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from qc.model import Estimate
from qc.stats.agreement import krippendorff
from qc.stats.agreement.jackknife import Jackknife
from qc.stats.agreement.labels import by_label
from qc.stats.patterns import Patterns

HOLDS_NOT: Final = 0
HOLDS: Final = 1


@dataclass(frozen=True, slots=True)
class HeldAgreement:
    """Of the `n` answers that hold a label, how often another's to the item holds it too; alpha of holding it or not.

    `agreement` is the F1 of two people's uses of the label; both intervals are for such a team.
    """

    n: int
    agreement: Estimate
    alpha: Estimate


def held(patterns: Patterns, holds: NDArray[np.bool_]) -> Patterns:
    """The patterns of holding a label (HOLDS) or not; holds (C): which of the patterns' labels, which are sets, do."""
    given = np.asarray(patterns.counts @ holds.astype(np.int64), dtype=np.int64)
    width = int(patterns.sizes.max(initial=0)) + 1
    kinds, row = np.unique(patterns.sizes * width + given, return_inverse=True)
    size, given = np.divmod(kinds, width)
    bound = len(kinds) * 2
    key = (patterns.annotator * len(kinds) + row[patterns.pattern]) * 2 + holds[patterns.code]
    votes = np.bincount(key, patterns.votes, len(patterns.annotators) * bound).astype(np.int64)
    cells = np.flatnonzero(votes)
    annotator, rest = np.divmod(cells, max(bound, 1))
    pattern, code = np.divmod(rest, 2)
    items = np.bincount(row, patterns.items, len(kinds)).astype(np.int64)
    labels = np.array([HOLDS_NOT, HOLDS])
    counts: Any = csr_array(np.stack([size - given, given], axis=1))
    return Patterns(
        counts, items, annotator, pattern, code, votes[cells], patterns.annotators, labels, labels.astype(np.float64)
    )


def held_agreement(patterns: Patterns) -> HeldAgreement | None:
    """Of patterns of `held`; None where no answer to an item with two answers holds the label.

    Sources: Spitzer & Fleiss 1974, Uebersax 1982; Krippendorff 2011.
    """
    shared = patterns.pairable()
    if not len(shared.items):
        return None
    rows = {row.label: row for row in by_label(shared, Jackknife.of(shared))}
    if HOLDS not in rows:
        return None
    return HeldAgreement(rows[HOLDS].n, rows[HOLDS].agreement, krippendorff(patterns).team)
