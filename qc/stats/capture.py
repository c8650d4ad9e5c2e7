"""What nobody found, from what two found independently: capture and recapture, as a lower bound."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log, sqrt
from typing import Final

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri

from qc.model import Estimate, undefined

METHOD: Final = "capture–recapture (Chapman), a lower bound: what is easy is found by both"
NONE_SHARED: Final = "the two found nothing in common, so what both missed cannot be told"
NOTHING_FOUND: Final = "nobody found anything"


@dataclass(frozen=True, slots=True)
class Capture:
    """How many there are (`total`), the share that neither found (`unseen`), and that one alone misses (`missed`)."""

    found: int
    total: Estimate
    unseen: Estimate
    missed: Estimate


def chapman(first: float, second: float, both: float) -> tuple[float, float]:
    """How many there are when one finds `first`, another `second`, and `both` are common; and its standard error.

    0 <= both <= first, second. Source: Chapman 1951, Seber 1970; 10, 15 and 5 give 28.33 (standard error 5.91), where
    Lincoln and Petersen's is 30.

    >>> print(*(round(each, 2) for each in chapman(10, 15, 5)))
    28.33 5.91
    """
    total = (first + 1) * (second + 1) / (both + 1) - 1
    variance = (first + 1) * (second + 1) * (first - both) * (second - both) / ((both + 1) ** 2 * (both + 2))
    return total, sqrt(variance)


def captured(first: ArrayLike, second: ArrayLike, both: ArrayLike, unit: str = "objects") -> Capture:
    """How many objects there are, and are missed, from what two people found, one entry per pair of people.

    Each pair is estimated by itself (people differ in what they see) and the totals are added. Intervals are
    log-normal in what neither found (Chao 1987), so that they never fall below what was found. Undefined where nothing
    was found, or nothing by both.
    """
    one, other, shared = (np.asarray(each, float).ravel() for each in (first, second, both))
    found = float((one + other - shared).sum())
    if not shared.sum():
        none = undefined(NONE_SHARED if found else NOTHING_FOUND, round(found), unit, METHOD)
        return Capture(round(found), none, none, none)
    estimates = [chapman(a, b, m) for a, b, m in zip(one.tolist(), other.tolist(), shared.tolist(), strict=True)]
    total = max(sum(each for each, _ in estimates), found)
    variance = sum(error**2 for _, error in estimates)
    low, high = _around(total, variance, found)
    per_person = float((one + other).sum()) / 2
    return Capture(
        round(found),
        Estimate(total, low, high, round(found), unit, METHOD),
        _share(found, total, low, high, unit),
        _share(per_person, total, low, high, unit),
    )


def captured_in_items(
    item: ArrayLike, people: tuple[ArrayLike, ArrayLike], first: ArrayLike, second: ArrayLike, both: ArrayLike
) -> Capture:
    """`captured` from what two people found in each item, a row each; of an item's rows the first counts.

    people: the codes of the two. Rows of the same two are added before they are estimated.
    """
    once = np.unique(np.asarray(item), return_index=True)[1]
    who = np.stack([np.asarray(each)[once] for each in people], axis=1)
    pairs, group = np.unique(who, axis=0, return_inverse=True)
    one, other, shared = (
        np.bincount(group.ravel(), np.asarray(each, float)[once], len(pairs)) for each in (first, second, both)
    )
    return captured(one, other, shared)


def _around(total: float, variance: float, found: float) -> tuple[float, float]:
    if variance <= 0:
        return found, total
    unseen = total - found
    spread = exp(float(ndtri(0.975)) * sqrt(log(1 + variance / unseen**2)))
    return found + unseen / spread, found + unseen * spread


def _share(found: float, total: float, low: float, high: float, unit: str) -> Estimate:
    """Of the total the share that is not among the found."""
    value, bottom, top = (max(0.0, 1 - found / each) for each in (total, low, high))
    return Estimate(value, bottom, top, round(found), unit, METHOD)
