"""Since when people agree more, or less: changes in a series of weeks that its own ups and downs do not explain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, sqrt
from typing import Final

import numpy as np
from scipy.special import stdtrit

from qc.model import Estimate, undefined
from qc.stats.care.changes import NOTHING_KNOWN, Fit, between_units, largest_jump
from qc.stats.patterns import Floats

LEVEL: Final = 0.95
FALSE_ALARMS: Final = 0.05
FURTHER: Final = 0.01
"""Chance of any shift found in a series without one; and of a further one on either side of the first."""

FEWEST_WEEKS: Final = 6
FEWEST_DRIFTING: Final = 4
OF_EACH_SIDE: Final = 2
# P(the likelihood ratio of the likeliest place and the true one stays below x) = (1 − e^−x)² is 0.95 here.
_PLACES: Final = 3.676


@dataclass(frozen=True, slots=True)
class Week:
    """Agreement in one stretch of time (a week, a day), its standard error, and the items behind it (at least one)."""

    value: float
    error: float
    items: int


@dataclass(frozen=True, slots=True)
class Shift:
    """From week `place` on agreement differs by `change`; the true first week lies within `first` … `last`."""

    place: int
    first: int
    last: int
    change: Estimate
    p: float


def shifts(weeks: Sequence[Week]) -> tuple[Shift, ...]:
    """The weeks from which agreement differs, in order; none in fewer than FEWEST_WEEKS.

    The largest standardised difference between all weeks before and all from then on, weeks weighted by their own and
    the usual variance between weeks, the latter estimated, with t; p bounds its chance over all places (Worsley 1983)
    and allows for weeks that follow the one before. Where a straight line explains as much, it is a drift and no shift.
    Further shifts by binary segmentation. The weeks that the first one may be are those within the likelihood ratio of
    a two-sided random walk (Hinkley 1970; Bai 1997).
    """
    found = list(_search(list(weeks), 0, FALSE_ALARMS))
    return tuple(sorted(found, key=lambda shift: shift.place))


def _search(weeks: list[Week], begin: int, at_most: float) -> list[Shift]:
    shift = _largest(weeks, begin)
    if shift is None or shift.p >= at_most:
        return []
    cut = shift.place - begin
    return [shift, *_search(weeks[:cut], begin, FURTHER), *_search(weeks[cut:], shift.place, FURTHER)]


def _largest(weeks: list[Week], begin: int) -> Shift | None:
    if len(weeks) < FEWEST_WEEKS:
        return None
    values, weight, _ = weighted(weeks)
    fit = _fitted(values, weight)
    if fit is None or fit.square - float((fit.size**2).max()) >= _line(values, weight).left:
        return None
    jump = largest_jump(fit, NOTHING_KNOWN)
    half = float(stdtrit(jump.freedom, (1 + LEVEL) / 2)) * jump.error
    left = np.maximum(fit.square - fit.size**2, 1e-12)
    near = fit.places[left <= left.min() * exp(2 * _PLACES / fit.freedom)]
    items = sum(week.items for week in weeks)
    change = Estimate(jump.size, jump.size - half, jump.size + half, items, "items", f"weeks, t, {LEVEL * 100:g} %")
    return Shift(begin + jump.place, begin + int(near.min()), begin + int(near.max()), change, jump.p)


def drift(weeks: Sequence[Week]) -> Estimate:
    """By how much agreement changes from one week to the next, on a straight line: weighted least squares, t(m − 2).

    Undefined in fewer than FEWEST_DRIFTING weeks.
    """
    items = sum(week.items for week in weeks)
    if len(weeks) < FEWEST_DRIFTING:
        return undefined(f"fewer than {FEWEST_DRIFTING} weeks have an alpha", items, "items")
    line = _line(*weighted(weeks)[:2])
    half = float(stdtrit(len(weeks) - 2, (1 + LEVEL) / 2)) * line.error
    return Estimate(line.slope, line.slope - half, line.slope + half, items, "items", f"weeks, t, {LEVEL * 100:g} %")


@dataclass(frozen=True, slots=True)
class _Line:
    slope: float
    error: float
    left: float


def _line(values: Floats, weight: Floats) -> _Line:
    """The weighted least squares line over equally spaced weeks; `left` is the sum of squares that it leaves."""
    at = np.arange(len(values), dtype=np.float64)
    total = float(weight.sum())
    at, y = at - float(weight @ at) / total, values - float(weight @ values) / total
    spread = float(weight @ at**2)
    slope = float(weight @ (at * y)) / spread
    left = float(weight @ (y - slope * at) ** 2)
    return _Line(slope, sqrt(left / (len(values) - 2) / spread), left)


def weighted(weeks: Sequence[Week], items: int = 1) -> tuple[Floats, Floats, float]:
    """The values, one over the variance of each (its own, and the usual one between weeks), and that of another week.

    `items` are those of the other week, whose value does not count. A week's own variance is that of the usual week by
    its number of items: what a few items say of it is noise.
    """
    values = np.array([week.value for week in weeks])
    each = np.array([week.items for week in weeks], dtype=np.float64)
    single = float(np.median([week.items * week.error**2 for week in weeks]))
    between = max(between_units(values, each, single), 0.0)
    return values, 1 / (between + single / each + 1e-12), between + single / items + 1e-12


def _fitted(values: Floats, weight: Floats) -> Fit | None:
    """The series less its weighted mean, and what a shift before each week explains of it."""
    m = len(values)
    root = np.sqrt(weight)
    mean = float(weight @ values) / float(weight.sum())
    y = (values - mean) * root
    places = np.arange(OF_EACH_SIDE, m - OF_EACH_SIDE + 1)
    after = np.arange(m)[:, None] >= places
    steps = after - (weight @ after) / weight.sum()
    steps = steps * root[:, None]
    norm = np.sqrt((steps**2).sum(axis=0))
    steps = steps / norm
    size, square, freedom = y @ steps, float(y @ y), m - 2
    if square < 1e-9:
        return None
    near = np.clip((steps[:, 1:] * steps[:, :-1]).sum(axis=0), -1.0, 1.0)
    best = int(np.argmax(np.abs(size)))
    return Fit(places, size, norm, near, square, freedom, _alike(y - size[best] * steps[:, best], freedom))


def _alike(left: Floats, freedom: int) -> float:
    """The correlation of successive residuals, 0 to 0.9; half the freedom spent makes up for what fitting takes."""
    power = float(left @ left) / len(left)
    if not power > 0:
        return 0.0
    alike = float((left[1:] * left[:-1]).mean()) / power
    return min(alike + (len(left) - freedom) / len(left) / 2, 0.9) if alike > 0 else 0.0


def error_of(estimate: Estimate) -> float | None:
    """The standard error behind an interval over items with t(items − 1), from the side that no bound cuts."""
    if estimate.value is None or estimate.low is None or estimate.high is None or estimate.n < 2:
        return None
    half = max(estimate.value - estimate.low, estimate.high - estimate.value)
    return half / float(stdtrit(estimate.n - 1, (1 + LEVEL) / 2)) if half > 0 else None
