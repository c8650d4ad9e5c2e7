"""Single weeks that stand out from all others, where nothing lasting has changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt

from scipy.special import stdtr, stdtrit

from qc.model import Estimate
from qc.stats.disagreement.shifts import FALSE_ALARMS, FEWEST_WEEKS, LEVEL, Shift, Week, weighted


@dataclass(frozen=True, slots=True)
class Outlier:
    """In week `place` agreement lay `difference` from the mean of the others; p allows for the number of weeks."""

    place: int
    difference: Estimate
    p: float


def outliers(weeks: Sequence[Week], lasting: Sequence[Shift] = ()) -> tuple[Outlier, ...]:
    """The weeks that stand out from all others between the same lasting shifts, in order.

    Each week against the mean of the others with t, weeks weighted as for shifts and by how far the others scatter
    beyond that; p by Bonferroni over all weeks, the clearest taken out before the next is looked for (Rosner 1983).
    None of fewer than FEWEST_WEEKS weeks between shifts.
    """
    cuts = [0, *(shift.place for shift in lasting), len(weeks)]
    found: list[Outlier] = []
    for begin, end in pairwise(cuts):
        left = list(range(begin, end))
        while len(left) >= FEWEST_WEEKS:
            outlier = min((_against(weeks, left, place, len(weeks)) for place in left), key=lambda one: one.p)
            if outlier.p >= FALSE_ALARMS:
                break
            found.append(outlier)
            left.remove(outlier.place)
    return tuple(sorted(found, key=lambda outlier: outlier.place))


def _against(weeks: Sequence[Week], left: Sequence[int], place: int, tests: int) -> Outlier:
    others = [weeks[other] for other in left if other != place]
    values, weight, variance = weighted(others, weeks[place].items)
    total = float(weight.sum())
    mean = float(weight @ values) / total
    freedom = len(values) - 1
    scatter = max(float(weight @ (values - mean) ** 2) / freedom, 1.0)
    error = sqrt(scatter * (variance + 1 / total))
    size = weeks[place].value - mean
    half = float(stdtrit(freedom, (1 + LEVEL) / 2)) * error
    p = min(2 * float(stdtr(freedom, -abs(size) / error)) * tests, 1.0)
    method = f"this week less the others, t, {LEVEL * 100:g} %"
    return Outlier(
        place, Estimate(size, size - half, size + half, sum(week.items for week in others), "items", method), p
    )
