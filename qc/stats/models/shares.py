"""Shares of answers that were chosen with known probabilities."""

from __future__ import annotations

from math import sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from qc.model import Estimate, undefined
from qc.stats.intervals import NOTHING_JUDGED, proportion, wilson_bounds

Floats = NDArray[np.float64]

FEWEST_PAIRS = 20
UNIT = "answers"


def weights(pi: ArrayLike) -> Floats:
    """1/pi; 1 where pi is NaN: what nobody drew stands for itself."""
    p = np.asarray(pi, float)
    return np.where(np.isnan(p), 1.0, 1.0 / np.where(np.isnan(p), 1.0, p))


def worth(hits: ArrayLike, weight: ArrayLike) -> float:
    """The effective n of a weighted share: of how many equally weighted answers its variance is.

    Kish's (Σw)²/Σw² where all or none are hits. Source: Kish 1965, 8.2; the ratio's linearised variance otherwise.
    """
    y, w = np.asarray(hits, float), np.asarray(weight, float)
    share = float(w @ y / w.sum())
    spread = float((w**2 * (y - share) ** 2).sum() / w.sum() ** 2)
    return share * (1 - share) / spread if spread > 0 else float(w.sum() ** 2 / (w**2).sum())


def weighted_share(hits: ArrayLike, weight: ArrayLike, unit: str = UNIT) -> Estimate:
    """Hájek's share of hits, in Wilson's interval at the effective n; with equal weights the plain share.

    hits: 0 or 1, weight > 0, of the same length; undefined without any. Source: Hájek 1971.
    """
    y, w = np.asarray(hits, float), np.asarray(weight, float)
    if not len(y):
        return undefined(NOTHING_JUDGED, unit=unit)
    if np.ptp(w) == 0:
        return proportion(float(y.sum()), len(y), unit=unit)
    share, size = float(w @ y / w.sum()), worth(y, w)
    low, high = wilson_bounds(share, size)
    method = f"weighted by 1/π, Wilson at an effective n of {size:.0f}, 95 %"
    return Estimate(share, float(low), float(high), len(y), unit, method)


def paired_difference(first: ArrayLike, second: ArrayLike, weight: ArrayLike, unit: str = "items") -> Estimate:
    """The share of hits of the second minus that of the first, on the same items.

    first, second: 0 or 1 by item. One item and one loss are added (Agresti & Min 2005), so that an interval never
    shrinks to a point; undefined under 20 items.
    """
    a, b, w = (np.asarray(values, float) for values in (first, second, weight))
    if len(a) < FEWEST_PAIRS:
        return undefined(f"{len(a)} items judged for both; at least {FEWEST_PAIRS} are needed", len(a), unit)
    mean = float(w.mean())
    gaps, w = np.append(b - a, [1.0, -1.0]), np.append(w, [mean, mean])
    middle = float(w @ gaps / w.sum())
    half = float(ndtri(0.975)) * sqrt(float((w**2 * (gaps - middle) ** 2).sum())) / float(w.sum())
    value = float(w[:-2] @ gaps[:-2] / w[:-2].sum())
    low, high = max(-1.0, middle - half), min(1.0, middle + half)
    method = "paired by item, Agresti–Min, 95 %"
    return Estimate(value, min(low, value), max(high, value), len(a), unit, method)
