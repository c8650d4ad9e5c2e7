"""Figures of two parts of the work, and their difference with annotators as clusters.

A person who worked on both sides makes the difference surer, people of one side alone make it less sure. Intervals of
the two are put together by the method of variance estimates recovery; p-values are where these intervals end, so that
the two never contradict each other. Sources: Newcombe 1998 (method 10 and square-and-add); Zou & Donner 2008.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import copysign, isfinite, sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import stdtr, stdtrit

from qc.model import Estimate, undefined

Floats = NDArray[np.float64]

LEVEL: Final = 0.95
PEOPLE: Final = "annotators as clusters"
FARTHEST: Final = 60.0
FEW_PEOPLE: Final = 5
ONE_PERSON: Final = "one annotator on a side: the interval holds for these people only"
FEW: Final = f"fewer than {FEW_PEOPLE} annotators on a side, so that only large differences can be seen"


@dataclass(frozen=True, slots=True)
class Side:
    """The figure of one part: its value, its limits at a quantile of Student's t, and what made it.

    `shifts`: what each person (or item, where `over` says so) moves it by, in the same order on both sides, 0 for who
    is not in it; `weights`: the work of each. `reason` says why there is no value.
    """

    value: float
    n: int
    unit: str
    limits: Callable[[float], tuple[float, float]]
    variance: float
    shifts: Floats
    weights: Floats
    reason: str | None = None
    over: str = PEOPLE

    @property
    def clusters(self) -> int:
        """People or items in it."""
        return int((self.weights > 0).sum())

    @property
    def freedom(self) -> float:
        """Degrees of freedom of its variance; infinite where that does not come from people."""
        alone = self.clusters < 2 or self.over != PEOPLE
        return float("inf") if alone else max(1.0, effective(self.weights) - 1)


def effective(weights: Floats) -> float:
    """The number of clusters of equal size that tell as much; 0 without any. Source: Kish 1965."""
    total = float(weights.sum())
    return total**2 / float((weights**2).sum()) if total > 0 else 0.0


def none(reason: str, unit: str, weights: Floats) -> Side:
    """A side without a value."""
    return Side(float("nan"), 0, unit, lambda _q: (float("nan"), float("nan")), 0.0, weights * 0, weights, reason)


def unbiased(shifts: Floats, weights: Floats) -> Floats:
    """What each person moves a figure by, so that the sum of squares is its variance; 0 where there is only one."""
    m = int((weights > 0).sum())
    return shifts * sqrt(m / (m - 1)) if m > 1 else shifts * 0


def estimate(side: Side) -> Estimate:
    """The figure with its interval over such people."""
    if side.reason is not None:
        return undefined(side.reason, side.n, side.unit)
    low, high = side.limits(float(stdtrit(side.freedom, (1 + LEVEL) / 2)))
    return Estimate(side.value, low, high, side.n, side.unit, _method(side), _warning(side))


def difference(first: Side, second: Side) -> tuple[Estimate, float | None]:
    """The second less the first, and p against no difference (two-sided); both undefined where one of them is."""
    lacking = first.reason or second.reason
    n = first.n + second.n
    if lacking is not None:
        return undefined(lacking, n, first.unit), None
    gap = Gapped(first, second)
    low, high = gap.limits(float(stdtrit(gap.freedom, (1 + LEVEL) / 2)))
    p = min(1.0, 2 * gap.beyond(0.0))
    return Estimate(gap.value, low, high, n, first.unit, _method(first), _warning(first, second)), p


class Gapped:
    """The second side less the first."""

    def __init__(self, first: Side, second: Side) -> None:
        self.first, self.second = first, second
        self.value = second.value - first.value
        shared = float((first.shifts * second.shifts).sum())
        spread = sqrt(first.variance * second.variance)
        self.correlation = min(1.0, max(-1.0, shared / spread)) if spread > 0 else 0.0
        self.freedom = self._freedom()

    def _freedom(self) -> float:
        """Welch's, and no more than there are people on both sides together."""
        variances = np.array([self.first.variance, self.second.variance])
        each = np.array([self.first.freedom, self.second.freedom])
        total = float(variances.sum())
        if total == 0:
            return float(each.min())
        welch = total**2 / float((variances**2 / each).sum()) if np.isfinite(each).any() else float("inf")
        weights = self.first.weights / self.first.weights.sum() + self.second.weights / self.second.weights.sum()
        return max(1.0, min(welch, effective(weights) - 1)) if isfinite(welch) else welch

    def limits(self, q: float) -> tuple[float, float]:
        """Its limits where those of the sides are taken at a quantile."""
        (l1, u1), (l2, u2) = self.first.limits(q), self.second.limits(q)
        below1, above1 = self.first.value - l1, u1 - self.first.value
        below2, above2 = self.second.value - l2, u2 - self.second.value
        down = below2**2 + above1**2 - 2 * self.correlation * below2 * above1
        up = above2**2 + below1**2 - 2 * self.correlation * above2 * below1
        return self.value - sqrt(max(down, 0.0)), self.value + sqrt(max(up, 0.0))

    def beyond(self, other: float) -> float:
        """P of data as far from `other` as these, or farther on the same side: one-sided, at most one half."""
        gap = self.value - other
        if gap == 0:
            return 0.5

        def left(q: float) -> float:
            low, high = self.limits(q)
            return (low if gap > 0 else high) - other

        sign = copysign(1.0, gap)
        if sign * left(FARTHEST) > 0:
            return float(stdtr(self.freedom, -FARTHEST))
        if sign * left(1e-9) <= 0:
            return 0.5
        return float(stdtr(self.freedom, -brentq(left, 1e-9, FARTHEST, xtol=1e-9)))


def paired_answers(both: int, only_first: int, only_second: int, neither: int, unit: str) -> tuple[Side, Side]:
    """Two error rates on the same items, each with what the kinds of items move it by (Newcombe's method 10).

    both: items wrong on both sides. Undefined without any item.
    """
    counts = np.array([both, only_first, only_second, neither], float)
    n = round(counts.sum())
    if not n:
        empty = none("no item that was judged on both sides", unit, counts)
        return empty, empty
    wrong = np.array([[1, 1, 0, 0], [1, 0, 1, 0]], float)

    def side(of: Floats) -> Side:
        rate = float(of @ counts) / n
        # As many items of one kind move the rate by as much as the root of their number of one.
        shifts = (of - rate) * np.sqrt(counts) / n
        variance = rate * (1 - rate) / n
        return Side(rate, n, unit, lambda q: wilson_at(rate, n, q), variance, shifts, counts, over="paired by item")

    return side(wrong[0]), side(wrong[1])


def wilson_at(rate: float, n: float, q: float) -> tuple[float, float]:
    """Wilson's limits of a rate at a quantile. Source: Wilson 1927."""
    shrink = 1 / (1 + q * q / n)
    centre = (rate + q * q / (2 * n)) * shrink
    half = q * sqrt(rate * (1 - rate) / n + (q / (2 * n)) ** 2) * shrink
    return max(0.0, min(centre - half, rate)), min(1.0, max(centre + half, rate))


def _method(side: Side) -> str:
    return f"{side.over}, {LEVEL * 100:g} %"


def _warning(*sides: Side) -> str | None:
    if any(side.over != PEOPLE for side in sides):
        return None
    fewest = min(side.clusters for side in sides)
    return ONE_PERSON if fewest == 1 else FEW if fewest < FEW_PEOPLE else None
