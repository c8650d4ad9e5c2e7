"""Intraclass correlations of numbers that every annotator gave to every item.

Sources: Shrout & Fleiss 1979, doi:10.1037/0033-2909.86.2.420; McGraw & Wong 1996, doi:10.1037/1082-989X.1.1.30.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import isfinite, sqrt
from typing import Final

import numpy as np
from scipy.special import fdtri, stdtrit

from qc.model import Estimate, undefined
from qc.stats.agreement.deletions import jackknife_variance
from qc.stats.agreement.jackknife import LEVEL, Both
from qc.stats.patterns import Floats

FEW_ITEMS: Final = 10
FEW_ANNOTATORS: Final = 5
NOT_CROSSED: Final = "fewer than two items have numbers from all annotators"
ALIKE: Final = "items differ too little: the mean of all has no coefficient"
NO_REST: Final = "annotators differ by their level at most: the data do not show how sure that is"
ONE_VALUE: Final = "all items and annotators have the same number"


@dataclass(frozen=True, eq=False, slots=True)
class MeanSquares:
    """Mean squares of n items by k annotators, one value per replicate: of items, annotators, rest, within items."""

    n: int
    k: int
    items: Floats
    annotators: Floats
    rest: Floats
    within: Floats


Coefficient = Callable[[MeanSquares], Floats]


def one_way(of: MeanSquares) -> Floats:
    """ICC(1): one number of an annotator drawn anew for each item."""
    return _over(of.items - of.within, of.items + (of.k - 1) * of.within)


def agreement(of: MeanSquares) -> Floats:
    """ICC(2), that is ICC(A,1): one number, annotators a sample, their differences of level count as disagreement."""
    annotators = of.k * (of.annotators - of.rest) / of.n
    return _over(of.items - of.rest, of.items + (of.k - 1) * of.rest + annotators)


def consistency(of: MeanSquares) -> Floats:
    """ICC(3), that is ICC(C,1): one number of these annotators, whose differences of level do not count."""
    return _over(of.items - of.rest, of.items + (of.k - 1) * of.rest)


SINGLE: Final[Mapping[str, Coefficient]] = {"icc1": one_way, "icc2": agreement, "icc3": consistency}
"""Coefficients of single numbers; `stepped_up` makes those of the mean of k."""


def stepped_up(single: float, k: int) -> float:
    """The coefficient of the mean of k numbers (Spearman 1910; Brown 1910); -inf where it has no lower bound."""
    room = 1 + (k - 1) * single
    return k * single / room if room > 1e-12 else -np.inf


def intraclass(values: Floats) -> dict[str, Both]:
    """ICC(1), ICC(2), ICC(3) and those of the mean of all annotators (`icc1k` …).

    values: items x annotators, no gaps. For such a team: the F intervals of the models, in which annotators are a
    sample; for these annotators: F for ICC(3), the item jackknife with t(items - 1) for the others. Undefined for
    fewer than two items or annotators and where all numbers are the same. F supposes normal errors; few items or
    annotators warn. Shrout & Fleiss' 6 x 4 numbers give .1657, .2898, .7148 and .4428, .6201, .9093.
    """
    n, k = values.shape
    names = [*SINGLE, *(f"{name}k" for name in SINGLE)]
    if n < 2 or k < 2:
        return dict.fromkeys(names, Both.undefined("only one annotator" if n and k == 1 else NOT_CROSSED, n, "items"))
    if np.ptp(values) == 0:
        return dict.fromkeys(names, Both.undefined(ONE_VALUE, n, "items"))
    values = values - values.mean()
    whole, without = _whole(values), _without_each_item(values)
    warnings = [f"fewer than {FEW_ITEMS} items"] if n < FEW_ITEMS else []
    if not whole.rest[0] > 0:
        warnings.append(NO_REST)
    scarce = [f"fewer than {FEW_ANNOTATORS} annotators"] if k < FEW_ANNOTATORS else []
    found = {}
    for name, coefficient in SINGLE.items():
        value = float(coefficient(whole)[0])
        by_f = _INTERVALS[name](whole)
        by_items = by_f if name == "icc3" else _by_items(value, coefficient(without), k)
        limits = (by_f, warnings + (scarce if name == "icc2" else [])), (by_items, warnings)
        methods = "items and annotators, F", "items, F" if name == "icc3" else "items"
        for suffix, size in (("", 1), ("k", k)):
            team, items = (
                _estimate(value, low, high, size, n, method, said)
                for ((low, high), said), method in zip(limits, methods, strict=True)
            )
            found[name + suffix] = Both(team, items)
    return {name: found[name] for name in names}


def _estimate(value: float, low: float, high: float, size: int, n: int, method: str, warnings: list[str]) -> Estimate:
    """Of the mean of `size` numbers, from the limits for one; the mean of k may lie anywhere below 1."""
    stepped = stepped_up(value, size)
    if not isfinite(value) or not isfinite(stepped):
        return undefined(ALIKE, n, "items")
    floor = -1.0 if size == 1 else min(stepped, -1.0)
    least, most = (stepped_up(min(limit, 1.0), size) for limit in (low, high))
    least, most = min(max(least, floor), stepped), max(min(most, 1.0), stepped)
    return Estimate(stepped, least, most, n, "items", f"{method}, {LEVEL * 100:g} %", "; ".join(warnings) or None)


def _by_items(value: float, without: Floats, k: int) -> tuple[float, float]:
    """The item jackknife with t(items - 1), on the scale of Fisher's z for k numbers, where it is nearly symmetric."""
    n = len(without)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.log(1 + (k - 1) * np.append(without, value)) - np.log(1 - np.append(without, value))
        variance = jackknife_variance(z[:-1], np.ones(n, dtype=np.int64))
    if not isfinite(variance) or not isfinite(z[-1]):
        return -1.0, 1.0
    half = float(stdtrit(n - 1, (1 + LEVEL) / 2)) * sqrt(variance)
    low, high = (float(np.exp(limit)) for limit in (z[-1] - half, min(z[-1] + half, 700.0)))
    return (low - 1) / (low + k - 1), (high - 1) / (high + k - 1)


def _interval_one_way(of: MeanSquares) -> tuple[float, float]:
    return _by_f(of, float(of.within[0]), of.n * (of.k - 1))


def _interval_consistency(of: MeanSquares) -> tuple[float, float]:
    return _by_f(of, float(of.rest[0]), (of.n - 1) * (of.k - 1))


def _by_f(of: MeanSquares, error: float, freedom: int) -> tuple[float, float]:
    """Exact for normal errors: items / error has an F distribution but for a factor."""
    if error <= 0:
        return 1.0, 1.0
    upper = (1 + LEVEL) / 2
    ratio = float(of.items[0]) / error
    low, high = ratio / float(fdtri(of.n - 1, freedom, upper)), ratio * float(fdtri(freedom, of.n - 1, upper))
    return (low - 1) / (low + of.k - 1), (high - 1) / (high + of.k - 1)


def _interval_agreement(of: MeanSquares) -> tuple[float, float]:
    """Satterthwaite's degrees of freedom for annotators and rest together (Shrout & Fleiss 1979, p. 425)."""
    n, k = of.n, of.k
    items, annotators, rest = float(of.items[0]), float(of.annotators[0]), float(of.rest[0])
    value = float(agreement(of)[0])
    if rest <= 0 and annotators <= 0:
        return 1.0, 1.0
    level = n * (1 + (k - 1) * value) - k * value
    above = (k - 1) * (n - 1) * (k * value * annotators + level * rest) ** 2
    below = (n - 1) * (k * value * annotators) ** 2 + (level * rest) ** 2
    freedom = max(above / below, 1.0) if below > 0 else 1.0
    upper = (1 + LEVEL) / 2
    least, most = float(fdtri(n - 1, freedom, upper)), float(fdtri(freedom, n - 1, upper))
    error = k * annotators + (k * n - k - n) * rest
    low, high = n * (items - least * rest), n * (most * items - rest)
    return low / (least * error + n * items), high / (error + n * most * items)


_INTERVALS: Final[Mapping[str, Callable[[MeanSquares], tuple[float, float]]]] = {
    "icc1": _interval_one_way,
    "icc2": _interval_agreement,
    "icc3": _interval_consistency,
}


def _whole(values: Floats) -> MeanSquares:
    n, k = values.shape
    total, squares = np.array([values.sum()]), np.array([(values**2).sum()])
    rows, columns = values.sum(axis=1), values.sum(axis=0)
    return _mean_squares(n, k, squares, np.array([rows @ rows]), np.array([columns @ columns]), total)


def _without_each_item(values: Floats) -> MeanSquares:
    """Without one item of two, the other has no mean square: NaN."""
    n, k = values.shape
    rows, columns = values.sum(axis=1), values.sum(axis=0)
    squares = (values**2).sum() - (values**2).sum(axis=1)
    return _mean_squares(
        n - 1, k, squares, rows @ rows - rows**2, ((columns - values) ** 2).sum(axis=1), values.sum() - rows
    )


def _mean_squares(n: int, k: int, squares: Floats, rows: Floats, columns: Floats, total: Floats) -> MeanSquares:
    centre = total**2 / (n * k)
    items, annotators = rows / k - centre, columns / n - centre
    # Sums of squares that cancel leave rounding, below or above 0.
    trace = 1e-12 * squares.max(initial=0.0)
    rest = squares - centre - items - annotators
    parts = [np.where(part < trace, 0.0, part) for part in (items, annotators, rest, squares - centre - items)]
    freedom = (n - 1, k - 1, (n - 1) * (k - 1), n * (k - 1))
    means = (part / free if free else np.full(len(part), np.nan) for part, free in zip(parts, freedom, strict=True))
    return MeanSquares(n, k, *means)


def _over(number: Floats, divisor: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(np.abs(divisor) > 0, number / divisor, np.nan))
