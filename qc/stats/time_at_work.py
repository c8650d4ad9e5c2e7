"""Where the pauses between answers part into work and rest, and medians with their intervals."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import Any, Final

import numpy as np

from qc.model import Estimate, undefined

PER_DECADE: Final = 10
MINUTE_MS: Final = 60_000
HOUR_MS: Final = 3_600_000

# Pauses shorter than ten minutes are part of work, and after eight hours everybody has rested.
SHORTEST_MINUTES, LONGEST_MINUTES = 10.0, 480.0
_FEWEST: Final = 200
_BANDWIDTH: Final = 1.5
# A hump rises to half as much again over the valley before it, by three standard errors.
_RISE, _Z = 1.5, 3.0
_RUNS: Final = 200
_CERTAIN: Final = 0.9
_SECOND: Final = 30  # 10^(30/10) milliseconds
_BINS: Final = 70
_METHOD: Final = "antimode of the smoothed logarithms, bootstrap 95 %"


def edge_seconds(place: int) -> float:
    """Where a bin of the logarithm begins.

    >>> edge_seconds(30), edge_seconds(40)
    (1.0, 10.0)
    """
    return float(10.0 ** (place / PER_DECADE) / 1000)


def session_gap(bins: Sequence[int], counts: Sequence[int], draw: np.random.Generator) -> Estimate:
    """The pause, in minutes, that parts work from rest: the first antimode of the pauses beyond the usual one.

    bins, counts: pauses by bin of the logarithm, ten to a power of ten of milliseconds. The density is smoothed with a
    Gaussian of one and a half bins; of a flat valley the middle is taken. Undefined with fewer than 200 pauses, and
    where no second hump rises over its valley by half and by three standard errors (in nine of ten resamples, too).
    Source: Halfaker et al. 2015 find sessions by the two humps of the logarithm of the time between actions.
    """
    histogram = np.zeros(_BINS)
    for place, n in zip(bins, counts, strict=True):
        if 0 <= place - _SECOND < _BINS:
            histogram[place - _SECOND] += n
    n = int(histogram.sum())
    if n < _FEWEST:
        return undefined(f"fewer than {_FEWEST} pauses", n, "pauses", _METHOD)
    found = _antimode(histogram)
    if found is None:
        return undefined("pauses of every length occur: nothing parts work from rest", n, "pauses", _METHOD)
    again = [_antimode(draw.poisson(histogram)) for _ in range(_RUNS)]
    known = [value for value in again if value is not None]
    if len(known) < _CERTAIN * _RUNS:
        return undefined("too few long pauses to see where work ends and rest begins", n, "pauses", _METHOD)
    low, high = np.quantile(known, [0.025, 0.975])
    return Estimate(found, min(float(low), found), max(float(high), found), n, "pauses", _METHOD)


def _antimode(histogram: Any) -> float | None:
    """The middle of the first valley between the usual pause and a second hump, in minutes."""
    at = np.arange(_BINS)
    kernel = np.exp(-0.5 * ((at[:, None] - at[None, :]) / _BANDWIDTH) ** 2)
    kernel /= kernel.sum(axis=1, keepdims=True)
    density = kernel @ histogram
    noise = 1 / (2 * sqrt(np.pi) * _BANDWIDTH)
    first = max(_place(SHORTEST_MINUTES), int(density.argmax()) + 1)
    last = _place(LONGEST_MINUTES)
    lowest = first
    for place in range(first + 1, _BINS):
        here, valley = density[place], density[lowest]
        if here < valley:
            lowest = place
        elif here > _RISE * valley and here - valley > _Z * sqrt(noise * (here + valley)):
            flat = density <= valley + sqrt(noise * valley) + 0.1
            left = lowest
            while left > 0 and flat[left - 1]:
                left -= 1
            right = lowest
            while right + 1 < _BINS and flat[right + 1]:
                right += 1
            rising_in = left == lowest == first and density[first - 1] < valley
            if lowest > last:
                return None
            if not rising_in:
                return float(np.clip(_minutes((left + right) / 2), SHORTEST_MINUTES, LONGEST_MINUTES))
            lowest = place
    return None


def _place(minutes: float) -> int:
    return int(np.log10(minutes * MINUTE_MS) * PER_DECADE) - _SECOND


def _minutes(place: float) -> float:
    """The middle of a bin."""
    return float(10 ** ((place + _SECOND + 0.5) / PER_DECADE) / MINUTE_MS)


def median(values: Sequence[float], unit: str) -> Estimate:
    """The median with the interval of its order statistics, which needs no shape of the distribution.

    Undefined of nothing; without an interval below six values, where no two of them cover it in 95 % of cases. Source:
    the binomial ranks of the sign test.

    >>> print(median([3, 1, 2, 5, 4, 9, 7], "sessions"))
    4 (1–9), 7 sessions
    """
    ordered = np.sort(np.asarray(values, dtype=float))
    n = len(ordered)
    if not n:
        return undefined("nothing was timed", 0, unit)
    # Takes as long to load as most commands take.
    from scipy.stats import binom

    rank = int(binom.ppf(0.025, n, 0.5))
    # Of rank and n − rank + 1, counted from 1, the interval covers with at least 95 %.
    low, high = (float(ordered[rank - 1]), float(ordered[n - rank])) if rank else (None, None)
    return Estimate(float(np.median(ordered)), low, high, n, unit, "median, ranks 95 %")


def active_ms(counted_ms: int, unknown_starts: int, usual_ms: float | None, cap_ms: int) -> float:
    """Time at work under a cap: pauses cut at it, and for each first answer of unknown start the usual pause.

    Source: Geiger and Halfaker 2013 add the mean pause for the first action of each session; the median is taken here.

    >>> active_ms(600_000, 2, 20_000.0, 60_000)
    640000.0
    """
    return float(counted_ms + unknown_starts * min(usual_ms or 0.0, cap_ms))
