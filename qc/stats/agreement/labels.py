"""Agreement on single labels."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan
from typing import Any, Final

import numpy as np
from scipy.sparse import csr_array

from qc.model import Estimate
from qc.stats.agreement.deletions import Deletion
from qc.stats.agreement.jackknife import Ground, Jackknife, Replicated, effective_number, team_estimate
from qc.stats.agreement.nominal import inverse, labels_lost, lost, sizes_left
from qc.stats.patterns import Floats, Patterns

MOST_LABELS: Final = 5_000


@dataclass(frozen=True, slots=True)
class LabelAgreement:
    """Specific agreement: given that one annotator chose `label`, how often another of the item chose it too.

    `n` counts the ratings with the label on items of two labels or more; `label` is the code of the measures.
    """

    label: int
    n: int
    agreement: Estimate


def by_label(patterns: Patterns, jackknife: Jackknife) -> tuple[LabelAgreement, ...]:
    """Specific agreement of every label that occurs on paired items, with the interval for such a team.

    Of more than MOST_LABELS labels, those given most. Source: Spitzer & Fleiss 1974; for more than two annotators and
    missing ratings Uebersax 1982.
    """
    counts, items = patterns.counts, patterns.items
    given = np.asarray(counts.T @ items, dtype=np.float64)
    weight = inverse(patterns.sizes - 1) * items
    agreeing = np.asarray(_pairs(patterns).T @ weight, dtype=np.float64)
    variances = [
        _variances(patterns, deletion, agreeing, given)
        for deletion in (jackknife.items, jackknife.ratings, jackknife.annotators)
    ]
    on_items = np.asarray((counts > 0).T @ items)
    loads = csr_array(
        (patterns.votes, (patterns.annotator, patterns.code)), shape=(len(patterns.annotators), len(given))
    )
    loads = loads.astype(np.float64).tocsc()
    found = []
    for code in np.sort(np.argsort(-given, kind="stable")[: min(MOST_LABELS, int(np.count_nonzero(given)))]):
        value = float(agreeing[code] / given[code])
        spread = (float(variance[code]) for variance in variances)
        ground = Ground(
            int(on_items[code]),
            effective_number(loads.data[loads.indptr[code] : loads.indptr[code + 1]]),
            value,
            1.0,
            0.0,
        )
        estimate = team_estimate(Replicated(value, *spread), ground)
        found.append(LabelAgreement(int(patterns.labels[code]), int(given[code]), estimate))
    return tuple(found)


def _pairs(patterns: Patterns) -> Any:
    """Sparse P x C: ordered pairs of equal labels on one item."""
    pairs = patterns.counts.astype(np.float64)
    pairs.data = pairs.data * (pairs.data - 1)
    return pairs


def _variances(patterns: Patterns, deletion: Deletion, agreeing: Floats, given: Floats) -> Floats:
    """The jackknife variance of every label's agreement; NaN where a replicate has none of the label left.

    A replicate's ratio (a - Δa) / (g - Δg) differs from a / g by (a / g · Δg - Δa) / (g - Δg): zero, and not stored,
    for the labels that it does not touch.
    """
    before, left = patterns.sizes[deletion.pattern], sizes_left(patterns, deletion)
    kept = inverse(np.where(left >= 2, left - 1, 0))
    one = ~deletion.whole
    others = np.zeros(len(before))
    others[one] = patterns.counts.data[patterns.cell(deletion.pattern[one], deletion.code[one])] - 1
    agreeing_lost = lost(_pairs(patterns), deletion, inverse(before - 1) - kept, 2 * others * kept)
    given_lost = labels_lost(patterns, deletion).tocoo()
    _, label = given_lost.coords
    exhausted = given_lost.data > given[label] - 0.5

    left_more = np.where(exhausted, 0.0, inverse(given[label] - given_lost.data) - 1 / given[label])
    more = csr_array((left_more, given_lost.coords), shape=given_lost.shape)
    numerator = (given_lost * (agreeing * inverse(given)) - agreeing_lost).tocsr()
    shift = (numerator * inverse(given) + numerator * more).tocsr()
    n = int(deletion.repeats.sum())
    squares = deletion.repeats @ shift.power(2) - (deletion.repeats @ shift) ** 2 / n
    variance = (n - 1) / n * np.maximum(squares, 0.0)
    variance[label[exhausted]] = nan
    return np.asarray(variance)
