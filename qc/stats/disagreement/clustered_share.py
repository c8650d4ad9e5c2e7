"""A share of answers that come in clusters: several to an item, or several of a person."""

from __future__ import annotations

from qc.model import Estimate, undefined
from qc.stats.intervals import wilson_bounds

LEVEL = 0.95


def clustered_share(
    same: float, n: float, squares: tuple[float, float, float], clusters: int, unit: str, over: str, nothing: str
) -> Estimate:
    """same / n with Wilson's interval at the n that independent answers would need for the same variance.

    squares: over clusters, Σ same², Σ same · n and Σ n². The variance is that of a ratio of cluster totals (Cochran
    1977, 6.13), the n in effect no more than n itself; a single cluster tells nothing of it. Undefined (`nothing`)
    without answers.
    """
    if not n:
        return undefined(nothing, 0, unit)
    rate = same / n
    effective = n
    if clusters > 1:
        spread = squares[0] - 2 * rate * squares[1] + rate**2 * squares[2]
        variance = clusters / (clusters - 1) * max(spread, 0.0) / n**2
        effective = min(n, rate * (1 - rate) / variance) if variance > 0 else n
    low, high = wilson_bounds(rate, effective, LEVEL)
    return Estimate(rate, float(low), float(high), round(n), unit, f"{over}, Wilson, {LEVEL * 100:g} %")
