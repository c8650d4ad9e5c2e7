"""From a jackknife to an interval, for these annotators on such items and for such a team."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import isnan, sqrt
from typing import Final, TypeVar

from scipy.special import stdtrit

from qc.model import Estimate, undefined
from qc.stats.agreement.deletions import (
    Deletion,
    each_annotator,
    each_item,
    each_rating,
    jackknife_variance,
    nothing,
    team_variance,
)
from qc.stats.intervals import wilson_bounds
from qc.stats.patterns import Floats, Patterns

T = TypeVar("T")

LEVEL: Final = 0.95


@dataclass(frozen=True, slots=True)
class Both:
    """A coefficient with the interval for such a team and with that for these annotators."""

    team: Estimate
    items: Estimate

    @classmethod
    def undefined(cls, reason: str, n: int = 0, unit: str = "") -> Both:
        """Neither has a value."""
        none = undefined(reason, n, unit)
        return cls(none, none)


@dataclass(frozen=True, eq=False, slots=True)
class Jackknife:
    """The data as they are, and what is left out of one set of patterns."""

    nothing: Deletion
    items: Deletion
    ratings: Deletion
    annotators: Deletion

    @classmethod
    def of(cls, patterns: Patterns) -> Jackknife:
        """All four."""
        return cls(nothing(), each_item(patterns), each_rating(patterns), each_annotator(patterns))

    def each(self, statistic: Callable[[Deletion], T]) -> tuple[T, T, T, T]:
        """A statistic on all four."""
        return statistic(self.nothing), statistic(self.items), statistic(self.ratings), statistic(self.annotators)


@dataclass(frozen=True, slots=True)
class Replicated:
    """A value and its three jackknife variances, NaN where undefined."""

    value: float
    items: float
    ratings: float
    annotators: float


def replicated(jackknife: Jackknife, values: tuple[Floats, Floats, Floats, Floats]) -> Replicated:
    """From the values of a statistic on the data and on every replicate."""
    value, items, ratings, annotators = values
    return Replicated(
        float(value[0]),
        jackknife_variance(items, jackknife.items.repeats),
        jackknife_variance(ratings, jackknife.ratings.repeats),
        jackknife_variance(annotators, jackknife.annotators.repeats),
    )


@dataclass(frozen=True, slots=True)
class Ground:
    """What an interval stands on.

    `items` are those with two labels or more; `annotators` is the effective number of people who gave them,
    (Σ ratings)² / Σ ratings², as a few who did most of the work weigh like a few. `agreement` is the percent agreement
    and `room` what chance leaves of it (1 for percent agreement itself); `floor` is the least a coefficient can be.
    """

    items: int
    annotators: float
    agreement: float
    room: float
    floor: float
    warnings: tuple[str, ...] = ()


def items_estimate(of: Replicated, ground: Ground) -> Estimate:
    """The interval for these annotators on such items: the item jackknife with t(items - 1)."""
    if isnan(of.items) or ground.items < 2:
        return _estimate(of.value, ground, (ground.floor, 1.0), "items", ("one item decides this value",))
    if of.items < _NO_SPREAD:
        return _estimate(of.value, ground, _by_percent(of.value, ground), "items, Wilson", ())
    half = float(stdtrit(ground.items - 1, (1 + LEVEL) / 2)) * sqrt(of.items)
    return _estimate(of.value, ground, (of.value - half, of.value + half), "items", ())


def team_estimate(of: Replicated, ground: Ground) -> Estimate:
    """The interval for such a team: items and annotators both a sample, with t(effective annotators - 1).

    Where the data cannot show how far annotators differ, it is the interval for these annotators, with a warning.
    """
    these = items_estimate(of, ground)
    variance = team_variance(of.items, of.annotators, of.ratings)
    if isnan(of.items) or variance < _NO_SPREAD:
        return these
    if isnan(variance):
        few = (
            "without one of the annotators too little is left to compare: the interval holds for these annotators only"
        )
        return replace(these, warning=few if these.warning is None else f"{few}; {these.warning}")
    half = float(stdtrit(max(ground.annotators - 1, 1.0), (1 + LEVEL) / 2)) * sqrt(variance)
    return _estimate(of.value, ground, (of.value - half, of.value + half), "items and annotators", ())


def effective_number(weights: Floats) -> float:
    """(Σ w)² / Σ w²: as many equal weights would vary as much (Kish 1965); 0 for nothing."""
    squares = float(weights @ weights)
    return float(weights.sum()) ** 2 / squares if squares else 0.0


_NO_SPREAD: Final = 1e-15
"""A variance below this is rounding: every replicate has the same value."""


def _by_percent(value: float, ground: Ground) -> tuple[float, float]:
    """Where all replicates agree, Wilson's limits of percent agreement, carried over to the coefficient.

    Where nothing agrees, percent agreement cannot say how far below chance it may lie.
    """
    low, high = (
        (float(bound) - ground.agreement) / ground.room
        for bound in wilson_bounds(ground.agreement, ground.items, LEVEL)
    )
    return value + low if ground.agreement > 0 else ground.floor, value + high


def _estimate(value: float, ground: Ground, limits: tuple[float, float], over: str, more: tuple[str, ...]) -> Estimate:
    value = min(value, 1.0)
    low = min(max(limits[0], ground.floor), value)
    high = max(min(limits[1], 1.0), value)
    warning = "; ".join(more + ground.warnings) or None
    return Estimate(value, low, high, ground.items, "items", f"{over}, {LEVEL * 100:g} %", warning)
