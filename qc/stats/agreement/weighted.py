"""Coefficients that give part of the credit to labels that lie near: AC2, weighted Fleiss and Brennan–Prediger.

Agreement on an item is Σ_kl w_kl n_k (n_l - [k = l]) / (m (m - 1)); with identity weights all of these are the
unweighted coefficients. Source: Gwet, Handbook of Inter-Rater Reliability, 4th ed. 2014, chapters 3 to 5.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from qc.stats.agreement.alpha import at_cells
from qc.stats.agreement.deletions import Deletion
from qc.stats.agreement.nominal import Chance, Sums, inverse, shares_lost, sizes_left, sums
from qc.stats.patterns import Floats, Patterns

_CELLS: Final = 4_000_000
"""Cells of a dense table of replicates and labels that is held at a time."""


def gwet_weighted(weights: Floats) -> Chance:
    """Chance in AC2, from the weights of all labels that could be chosen (C x C)."""
    labels = len(weights)
    if labels < 2:
        return Chance(1.0, 0.0)
    credit = float(weights.sum()) / (labels * (labels - 1))
    return Chance(credit, -credit)


def brennan_prediger_weighted(weights: Floats) -> Chance:
    """Chance in the weighted coefficient of Brennan and Prediger, from the weights of all labels (C x C)."""
    return Chance(float(weights.sum()) / len(weights) ** 2, 0.0)


def weighted_sums(patterns: Patterns, deletion: Deletion, weights: Floats) -> Sums:
    """The sums of every replicate with weighted agreement; `share_squares` stays that of the shares themselves.

    weights: C x C over the labels of the patterns.
    """
    within, credit = credits_given(patterns, weights)
    size, items = patterns.sizes, patterns.items
    before, left = size[deletion.pattern], sizes_left(patterns, deletion)
    one = ~deletion.whole
    of_one = np.zeros(len(before))
    of_one[one] = credit[patterns.cell(deletion.pattern[one], deletion.code[one])]
    kept = np.where(deletion.whole, 0.0, within[deletion.pattern] - 2 * of_one + 1)
    agreement = inverse(size * (size - 1)) * (within - size)
    agreement_left = inverse(left * (left - 1)) * (kept - left)
    lost_here = agreement[deletion.pattern] - agreement_left
    return replace(
        sums(patterns, deletion),
        agreement=float(items @ agreement) - deletion.total(lost_here),
        agreeing=float(items @ (size * agreement))
        - deletion.total(before * agreement[deletion.pattern])
        + deletion.total(left * agreement_left),
    )


def share_products(patterns: Patterns, deletion: Deletion, weights: Floats) -> Floats:
    """Σ_kl w_kl s_k s_l of every replicate, s_k = Σ_u n_uk / m_u: with `items` squared, chance in weighted Fleiss."""
    shares = patterns.counts.T @ (patterns.items * inverse(patterns.sizes))
    found = []
    for part in deletion.parts(max(1, _CELLS // max(1, len(shares)))):
        left = shares - shares_lost(patterns, part).toarray()
        found.append(((left @ weights) * left).sum(axis=1))
    return np.concatenate(found)


def credits_given(patterns: Patterns, weights: Floats) -> tuple[Floats, Floats]:
    """Σ_kl w_kl n_k n_l of each pattern, and Σ_l w_kl n_l at each stored cell of `counts`."""
    counts = patterns.counts
    step = max(1, _CELLS // max(1, counts.shape[1]))
    blocks = (counts[start : start + step] for start in range(0, counts.shape[0], step))
    credit = np.concatenate([np.zeros(0), *(at_cells(block, weights) for block in blocks)])
    return np.bincount(patterns.row, counts.data * credit, counts.shape[0]).astype(np.float64), credit
