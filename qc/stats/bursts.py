"""Counts that are higher in the last week than the weeks before let expect."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betainc


def overdispersion(counts: ArrayLike, exposure: ArrayLike) -> float:
    """How much more counts vary from period to period than by chance; at least 1.

    counts: things by periods; exposure: judged answers of each thing and period, of the same shape. The Pearson
    statistic over its degrees of freedom, pooled over the things: given a thing's total its mean is exact, however
    small the counts.
    """
    found, seen = np.asarray(counts, float), np.asarray(exposure, float)
    total = seen.sum(axis=1, keepdims=True)
    share = np.divide(seen, total, out=np.zeros_like(seen), where=total > 0)
    expected = found.sum(axis=1, keepdims=True) * share
    terms = np.divide((found - expected) ** 2, expected, out=np.zeros_like(found), where=expected > 0)
    freedom = ((seen > 0).sum(axis=1) - 1)[found.sum(axis=1) > 0].clip(0).sum()
    return max(1.0, float(terms.sum() / freedom)) if freedom else 1.0


def at_least(found: ArrayLike, n: ArrayLike, share: ArrayLike) -> NDArray[np.float64]:
    """P(found or more of n), binomial, elementwise; `n` at least `found`, `share` in 0 to 1.

    >>> at_least([0, 1, 3], 3, 0.5).tolist()
    [1.0, 0.875, 0.125]
    """
    least, size = np.asarray(found, float), np.asarray(n, float)
    tail = betainc(np.maximum(least, 1), size - np.maximum(least, 1) + 1, share)
    return np.asarray(np.where(least > 0, tail, 1.0), float)


def burst(
    now: ArrayLike, before: ArrayLike, judged: ArrayLike, judged_before: ArrayLike, dispersion: float = 1.0
) -> NDArray[np.float64]:
    """One-sided p of finding `now` or more in `judged` answers, where `before` were found in `judged_before`.

    Exact given both together: binomial (Przyborowski & Wilenski 1940); with a dispersion above 1 beta-binomial, whose
    variance is so many times as large, as far as a count can be.

    >>> burst([5], [5], [100], [900]).round(4).tolist()
    [0.0016]
    """
    found, total = np.asarray(now, float), np.asarray(now, float) + np.asarray(before, float)
    seen, earlier = np.asarray(judged, float), np.asarray(judged_before, float)
    both = seen + earlier
    share = np.divide(seen, both, out=np.ones_like(both), where=both > 0)
    exact = at_least(found, total, share)
    spread = np.minimum(dispersion, np.maximum(total / 2, 1.0))
    wider = (spread > 1) & (share > 0) & (share < 1) & (total > 1)
    size = np.divide(total - spread, spread - 1, out=np.ones_like(total), where=wider)
    if not wider.any():
        return exact
    # Takes as long to load as all the rest of a check.
    from scipy.stats import betabinom

    loose = betabinom.sf(found - 1, total, *(np.where(wider, part * size, 1.0) for part in (share, 1 - share)))
    return np.asarray(np.clip(np.where(wider, np.maximum(exact, loose), exact), 0, 1), float)
