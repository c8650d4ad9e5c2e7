"""Ratios of sums over answers: precision and recall of people against gold, shares of what they prefer."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qc.model import Estimate, undefined
from qc.stats.agreement.deletions import jackknife_variance
from qc.stats.agreement.jackknife import Ground, Replicated, effective_number, items_estimate, team_estimate
from qc.stats.agreement.pair_sums import few_items
from qc.stats.patterns import Floats, Integers


def ratio(item: Integers, annotator: Integers, numerator: Floats, denominator: Floats, nothing: str) -> Estimate:
    """Σ numerator / Σ denominator in [0, 1] for such a team, one row per answer, items and annotators in codes.

    Undefined, with the reason `nothing`, where the denominators are all 0. The jackknives leave out an item, an
    annotator or one answer; with one annotator the interval holds for that one.
    """
    counts = denominator > 0
    if not counts.any():
        return undefined(nothing, 0, "items")
    numerator, denominator = numerator[counts].astype(np.float64), denominator[counts].astype(np.float64)
    items, who = (np.unique(codes[counts], return_inverse=True)[1] for codes in (item, annotator))
    ratings = np.bincount(who).astype(np.float64)
    value = float(numerator.sum() / denominator.sum())
    n = int(items.max()) + 1
    ground = Ground(n, effective_number(ratings), min(max(value, 0.0), 1.0), 1.0, 0.0, few_items(n))
    of = Replicated(value, *(_variance(numerator, denominator, code) for code in (items, np.arange(len(who)), who)))
    return team_estimate(of, ground) if len(ratings) > 1 else items_estimate(of, ground)


def _variance(numerator: Floats, denominator: Floats, code: NDArray[np.int64]) -> float:
    left = denominator.sum() - np.bincount(code, denominator)
    total = numerator.sum() - np.bincount(code, numerator)
    some = left > 1e-9 * denominator.sum()
    values = np.divide(total, left, out=np.full(len(left), np.nan), where=some)
    return jackknife_variance(values, np.ones(len(values), dtype=np.int64))
