"""Whether two agreements differ: before and after a guideline, two sites, this week and the last.

What stands in both data sets is left out of both at once, so items and annotators that they share make the difference
surer, and disjoint ones are independent. Sources: McKenzie et al. 1996 (paired resampling of kappas); Cameron,
Gelbach & Miller 2011 (items and annotators).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite, isnan, nan, sqrt
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr, stdtrit

from qc.model import Estimate, undefined
from qc.stats.agreement.bootstrap import TIMES, drawn, resampled, resamples
from qc.stats.agreement.deletions import jackknife_variance, nothing, team_variance
from qc.stats.agreement.influences import Influences, of_answers
from qc.stats.agreement.jackknife import LEVEL
from qc.stats.agreement.ratings import Ratings
from qc.stats.agreement.statistic import Labels, needs_pairs, statistic
from qc.stats.patterns import Floats, patterns_and_places

FEW_ITEMS: Final = 50
NO_SPREAD: Final = 1e-15


@dataclass(frozen=True, slots=True)
class Difference:
    """The second agreement less the first, for such a team and for these annotators, each with p against 0.

    p is two-sided and None where the difference is undefined. `shared_items` and `shared_annotators` stand in both.
    """

    team: Estimate
    p_team: float | None
    items: Estimate
    p_items: float | None
    shared_items: int
    shared_annotators: int


def difference(
    first: Ratings,
    second: Ratings,
    name: str = "alpha",
    level: str = "nominal",
    declared: int | Floats | None = None,
) -> Difference:
    """Of any coefficient of NAMES, of WEIGHTED on a scale, or `conger`; codes stand for the same labels in both.

    Items and annotators are the same where their names are. Undefined where either agreement is. The jackknives of
    the difference give t intervals with the smaller of the two numbers of items, or of effective annotators, less 1.
    """
    return difference_of(*(of_answers(ratings, name, level, declared) for ratings in (first, second)))


def difference_of(first: Influences, second: Influences) -> Difference:
    """Of two coefficients by what moves them."""
    by_item = _aligned((first.items,), first.by_item, (second.items,), second.by_item)
    by_annotator = _aligned((first.annotators,), first.by_annotator, (second.annotators,), second.by_annotator)
    # What stands in both is one key there, and two here.
    shared_items = len(first.items) + len(second.items) - len(by_item)
    shared_people = len(first.annotators) + len(second.annotators) - len(by_annotator)
    n = first.shared + second.shared
    if isnan(first.value) or isnan(second.value):
        which = "the first" if isnan(first.value) else "the second"
        none = undefined(f"agreement of {which} is undefined", n, "items")
        return Difference(none, None, none, None, shared_items, shared_people)
    value = second.value - first.value
    items, people = _variance(by_item), _variance(by_annotator)
    ratings = _variance(_aligned(first.ratings, first.by_rating, second.ratings, second.by_rating))
    fewest = min(first.shared, second.shared)
    few = (f"fewer than {FEW_ITEMS} items on one side",) if fewest < FEW_ITEMS else ()
    of_items = _estimate(value, items, fewest - 1, n, "paired by item", few)
    team = team_variance(items, people, ratings)
    if isnan(team):
        few = ("too few annotators to show how they differ: the interval holds for these annotators only", *few)
        of_team = _estimate(value, items, fewest - 1, n, "paired by item", few)
    else:
        over = "paired by item and annotator"
        of_team = _estimate(value, team, max(min(first.team, second.team) - 1, 1.0), n, over, few)
    return Difference(*of_team, *of_items, shared_items, shared_people)


def bootstrap_difference(
    first: Ratings,
    second: Ratings,
    name: str = "alpha",
    level: str = "nominal",
    declared: int | Floats | None = None,
    times: int = TIMES,
    seed: int = 0,
) -> tuple[Estimate, float | None]:
    """The second less the first and p against 0, for these annotators, by drawing items; not for `conger`.

    Items in both are drawn together, those in one alone among themselves. As items with the same pair of patterns are
    alike, only how many are drawn of each pair matters: exact, at a cost that does not grow with the items.
    """
    sides = [ratings.shared() if needs_pairs(name) else ratings for ratings in (first, second)]
    n = sum(len(side.items) for side in sides)
    if min(len(side.shared().items) for side in sides) < 2:
        return undefined("one of the two has fewer than two items with two labels", n, "items"), None
    made = [patterns_and_places(side.item, side.annotator, side.code, len(side.values), side.values) for side in sides]
    names, place = np.unique(np.concatenate([side.items for side in sides]), return_inverse=True)
    of_first, of_second = np.full((2, len(names)), -1)
    of_first[place[: len(sides[0].items)]] = made[0][1]
    of_second[place[len(sides[0].items) :]] = made[1][1]
    joint, counts = np.unique(np.stack([of_first, of_second]), axis=1, return_counts=True)
    generator = np.random.default_rng(seed)
    draws = np.zeros((times, len(counts)), dtype=np.int64)
    presence = (joint[0] >= 0) + 2 * (joint[1] >= 0)
    for stratum in np.unique(presence):
        here = presence == stratum
        draws[:, here] = drawn(counts[here], times, generator)
    values, replicates = [], []
    for (patterns, _), row in zip(made, joint, strict=True):
        of = statistic(name, Labels.of(patterns, level, declared))
        table = np.zeros((times, len(patterns.items)), dtype=np.int64)
        known = np.flatnonzero(row >= 0)
        order = known[np.argsort(row[known], kind="stable")]
        starts = np.searchsorted(row[order], np.arange(len(patterns.items)))
        table[:] = np.add.reduceat(draws[:, order], starts, axis=1)
        values.append(float(of(patterns, nothing())[0]))
        replicates.append(np.concatenate([of(patterns, part) for part in resamples(patterns, table)]))
    if not np.isfinite(values).all():
        return undefined("one of the two agreements is undefined", n, "items"), None
    value = values[1] - values[0]
    fewest = min(len(side.items) for side in sides)
    limits = resampled(replicates[1] - replicates[0], fewest)
    method = f"items, paired bootstrap of {times:,}, {LEVEL * 100:g} %"
    low, high = min(limits.low, value), max(limits.high, value)
    return Estimate(value, low, high, n, "items", method, limits.warning), limits.p_value


def _aligned(
    first: tuple[NDArray[Any], ...], by_first: Floats, second: tuple[NDArray[Any], ...], by_second: Floats
) -> Floats:
    """How far the difference moves without each key of either side; a key of one side moves that side alone."""
    if (numbers := _numbers(first, second)) is not None:
        return _merged(*numbers, by_first, by_second)
    codes = np.zeros(len(by_first) + len(by_second), dtype=np.int64)
    for one, other in zip(first, second, strict=True):
        names, code = np.unique(np.concatenate([one, other]), return_inverse=True)
        codes = codes * len(names) + code
    keys, place = np.unique(codes, return_inverse=True)
    return np.bincount(place, np.concatenate([-by_first, by_second]), len(keys)).astype(np.float64)


def _numbers(
    first: tuple[NDArray[Any], ...], second: tuple[NDArray[Any], ...]
) -> tuple[NDArray[np.int64], NDArray[np.int64]] | None:
    """The keys of both sides as single numbers, if they are whole numbers in rising order: nothing is sorted then."""
    if any(names.dtype.kind not in "iu" or names.min(initial=0) < 0 for names in (*first, *second)):
        return None
    keys = [np.zeros(len(side[0]), dtype=np.int64) for side in (first, second)]
    for one, other in zip(first, second, strict=True):
        width = int(max(one.max(initial=0), other.max(initial=0))) + 1
        keys = [key * width + names for key, names in zip(keys, (one, other), strict=True)]
    return (keys[0], keys[1]) if all((np.diff(key) > 0).all() for key in keys) else None


def _merged(one: NDArray[np.int64], other: NDArray[np.int64], by_one: Floats, by_other: Floats) -> Floats:
    """`_aligned` by keys in rising order: the shorter side is looked up in the longer."""
    if len(one) > len(other):
        return -_merged(other, one, by_other, by_one)
    if not len(one):
        return by_other
    at = np.minimum(np.searchsorted(other, one), len(other) - 1)
    both = other[at] == one
    moved = by_other.astype(np.float64)
    moved[at[both]] -= by_one[both]
    return np.concatenate([moved, -by_one[~both]])


def _variance(shifts: Floats) -> float:
    return jackknife_variance(shifts, np.ones(len(shifts), dtype=np.int64)) if len(shifts) > 1 else nan


def _estimate(
    value: float, variance: float, freedom: float, n: int, over: str, warnings: tuple[str, ...]
) -> tuple[Estimate, float]:
    if not isfinite(variance):
        said = ("one item decides one of the two", *warnings)
        return Estimate(value, -2.0, 2.0, n, "items", over, "; ".join(said)), 1.0
    if variance < NO_SPREAD:
        said = ("without one disagreement the data do not show how sure this is", *warnings)
        return Estimate(value, -2.0, 2.0, n, "items", over, "; ".join(said)), 1.0
    error = sqrt(variance)
    half = float(stdtrit(freedom, (1 + LEVEL) / 2)) * error
    p_value = 2 * float(stdtr(freedom, -abs(value) / error))
    limits = max(value - half, -2.0), min(value + half, 2.0)
    return Estimate(value, *limits, n, "items", f"{over}, {LEVEL * 100:g} %", "; ".join(warnings) or None), p_value
