"""Intervals for one proportion."""

from __future__ import annotations

from math import sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaincinv, ndtri

from qc.model import Estimate, undefined

NOTHING_JUDGED = "nothing judged"
FEW = 40

Floats = NDArray[np.float64]


def wilson_bounds(rate: ArrayLike, n: ArrayLike, level: float = 0.95) -> tuple[Floats, Floats]:
    """Wilson's score interval for observed rates, elementwise.

    rate in 0 to 1, n > 0 (an effective n need not be whole; infinite n gives the rate itself).
    Source: Wilson 1927.
    """
    p, size = np.broadcast_arrays(np.asarray(rate, float), np.asarray(n, float))
    z = float(ndtri((1 + level) / 2))
    shrink = 1 / (1 + z**2 / size)
    centre = (p + z**2 / (2 * size)) * shrink
    half = z * np.sqrt(p * (1 - p) / size + (z / (2 * size)) ** 2) * shrink
    # Rounding must not push the rate itself out of its interval at 0 and 1.
    return np.clip(centre - half, 0, p), np.clip(centre + half, p, 1)


def wilson(errors: float, n: float, level: float = 0.95, unit: str = "judged") -> Estimate:
    """Error rate with Wilson's score interval.

    0 <= errors <= n, not necessarily whole (an effective n); undefined ("nothing judged") when n is 0.
    Source: Wilson 1927; Newcombe 1998 gives 81/263 -> 0.2553 to 0.3662.

    >>> print(wilson(81, 263))
    0.308 (0.255–0.366), 263 judged
    """
    method = f"Wilson, {level * 100:g} %"
    if not n:
        return undefined(NOTHING_JUDGED, unit=unit, method=method)
    low, high = wilson_bounds(errors / n, n, level)
    return Estimate(errors / n, float(low), float(high), round(n), unit, method)


def jeffreys(errors: float, n: float, level: float = 0.95, unit: str = "judged") -> Estimate:
    """Error rate with the equal-tailed interval of the posterior under Jeffreys' prior Beta(1/2, 1/2).

    0 <= errors <= n; the interval ends at 0 without errors and at 1 without successes; undefined when n is 0.
    Source: Brown, Cai & DasGupta 2001; Newcombe's 81/263 -> 0.2545 to 0.3656.

    >>> print(jeffreys(81, 263))
    0.308 (0.255–0.366), 263 judged
    """
    method = f"Jeffreys, {level * 100:g} %"
    if not n:
        return undefined(NOTHING_JUDGED, unit=unit, method=method)
    a, b, tail = errors + 0.5, n - errors + 0.5, (1 - level) / 2
    low = 0.0 if errors == 0 else float(betaincinv(a, b, tail))
    high = 1.0 if errors == n else float(betaincinv(a, b, 1 - tail))
    return Estimate(errors / n, low, high, round(n), unit, method)


def clopper_pearson(errors: float, n: float, level: float = 0.95, unit: str = "judged") -> Estimate:
    """Error rate with the exact interval, which covers at least `level` whatever the rate.

    0 <= errors <= n; undefined when n is 0.
    Source: Clopper & Pearson 1934; Newcombe 1998 gives 81/263 -> 0.2527 to 0.3676.

    >>> print(clopper_pearson(81, 263))
    0.308 (0.253–0.368), 263 judged
    """
    method = f"Clopper–Pearson, {level * 100:g} %"
    if not n:
        return undefined(NOTHING_JUDGED, unit=unit, method=method)
    tail = (1 - level) / 2
    low = 0.0 if errors == 0 else float(betaincinv(errors, n - errors + 1, tail))
    high = 1.0 if errors == n else float(betaincinv(errors + 1, n - errors, 1 - tail))
    return Estimate(errors / n, low, high, round(n), unit, method)


def proportion(errors: float, n: float, level: float = 0.95, unit: str = "judged") -> Estimate:
    """A rate as it is shown: with Jeffreys' interval below FEW judged, with Wilson's from there on.

    0 <= errors <= n; undefined when n is 0. Source: Brown, Cai & DasGupta 2001 recommend these two by this bound.

    >>> print(proportion(1, 20).method, "|", proportion(81, 263).method)
    Jeffreys, 95 % | Wilson, 95 %
    """
    return (jeffreys if n < FEW else wilson)(errors, n, level, unit)


def at_most(errors: float, n: float, level: float = 0.95, unit: str = "judged") -> Estimate:
    """The rate that is not exceeded with at least `level` confidence: Clopper–Pearson's upper limit, one-sided.

    0 <= errors <= n, an effective n need not be whole; undefined when n is 0. `low` and `high` are 0 and the value.
    Source: Clopper & Pearson 1934; no error among 25, 50 and 100 gives 11.3, 5.8 and 3.0 %.

    >>> print(at_most(0, 50))
    0.0582 (0–0.0582), 50 judged
    """
    method = f"Clopper–Pearson, one-sided, {level * 100:g} %"
    if not n:
        return undefined(NOTHING_JUDGED, unit=unit, method=method)
    high = 1.0 if errors >= n else float(betaincinv(errors + 1, n - errors, level))
    return Estimate(high, 0.0, high, round(n), unit, method)


def difference(before: Estimate, after: Estimate) -> Estimate:
    """`before` minus `after` for two independent estimates, with the interval made of theirs.

    Undefined where either is, or has no interval. Source: Newcombe 1998 (square-and-add), which gives
    56/70 minus 48/80 -> 0.0524 to 0.3339 from Wilson's intervals.

    >>> print(difference(wilson(56, 70), wilson(48, 80)))
    0.2 (0.0524–0.334), 70 judged
    """
    b, a = _bounds(before), _bounds(after)
    if b is None or a is None:
        return undefined(before.reason or after.reason or "no interval", min(before.n, after.n), before.unit)
    gap = b[0] - a[0]
    return Estimate(
        gap,
        gap - sqrt((b[0] - b[1]) ** 2 + (a[2] - a[0]) ** 2),
        gap + sqrt((b[2] - b[0]) ** 2 + (a[0] - a[1]) ** 2),
        min(before.n, after.n),
        before.unit,
        f"difference of two periods; {after.method}" if after.method else "difference of two periods",
    )


def _bounds(estimate: Estimate) -> tuple[float, float, float] | None:
    if estimate.value is None or estimate.low is None or estimate.high is None:
        return None
    return estimate.value, estimate.low, estimate.high
