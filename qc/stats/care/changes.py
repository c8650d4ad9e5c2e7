"""Sudden changes of pace: where a person's log-seconds jump, beyond learning, tiring and the ups and downs of days."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import inf, log, sqrt

import numpy as np
from scipy.optimize import brentq
from scipy.special import digamma, ndtr, ndtri, owens_t, polygamma, stdtr

from qc.stats.care.answers import Floats, Ints

# Of each side of a jump.
FEWEST_UNITS = 2
# Fewer people say nothing of how their variances differ.
FEWEST_PEOPLE = 5
# A jump that the trend nearly explains is none.
LEAST_LEFT = 0.1
MEDIAN_OF_SQUARE = 0.4549364
TO_DEVIATION = 1.4826


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """Units in time order: mean log-seconds (items taken out), answers, where the next begins, session, time.

    `within` is the variance of single answers, `between` that of units beyond it; `by_session` says whether each unit
    is a session or a part of one.
    """

    mean: Floats
    n: Floats
    first: Ints
    session: Ints
    at_ms: Floats
    within: float
    between: float
    by_session: bool

    def part(self, begin: int, end: int) -> Series:
        """Some of the units, in a row."""
        names = ("mean", "n", "first", "session", "at_ms")
        return replace(self, **{name: getattr(self, name)[begin:end] for name in names})


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """A series less its trend, and what a jump before each of `places` explains of it.

    size: standardised by the norm of the jump's own part; square: Σ of what is left of the series; near: correlation
    of the sizes at neighbouring places; alike: of successive residuals once the largest jump is out.
    """

    places: Ints
    size: Floats
    norm: Floats
    near: Floats
    square: float
    freedom: int
    alike: float


@dataclass(frozen=True, slots=True)
class Prior:
    """What a team says of the variance of one series: its usual value, and the freedom that this is worth."""

    variance: float
    freedom: float


@dataclass(frozen=True, slots=True)
class Jump:
    """The likeliest place of one jump (units before it), its size with standard error and freedom, and its p-value."""

    place: int
    size: float
    error: float
    freedom: float
    p: float


NOTHING_KNOWN = Prior(0.0, 0.0)


def fitted(series: Series) -> Fit | None:
    """Least squares with weights for the variance between and within units; None where nothing is left to vary.

    Taken out: a level (of each session, where units lie within sessions), a straight line and the logarithm of the
    answers given, so that learning and slow drifts are no jumps; for units within sessions the line is one
    through each session.
    """
    m = len(series.mean)
    weight = np.sqrt(1.0 / (series.between + series.within / series.n))
    basis = _orthonormal(_trend(series) * weight[:, None])
    y = series.mean * weight
    y = y - basis @ (basis.T @ y)
    places = np.arange(FEWEST_UNITS, m - FEWEST_UNITS + 1)
    steps: Floats = np.where(np.arange(m)[:, None] >= places, weight[:, None], 0.0)
    raw = np.sqrt(np.minimum((steps**2).sum(axis=0), (weight**2).sum() - (steps**2).sum(axis=0)))
    steps = steps - basis @ (basis.T @ steps)
    norm = np.sqrt((steps**2).sum(axis=0))
    seen = norm > LEAST_LEFT * raw
    freedom, square = m - basis.shape[1] - 1, float(y @ y)
    if not seen.any() or freedom < 2 or square < 1e-9:
        return None
    places, norm = places[seen], norm[seen]
    steps = steps[:, seen] / norm
    size = y @ steps
    best = int(np.argmax(np.abs(size)))
    near = np.clip((steps[:, 1:] * steps[:, :-1]).sum(axis=0), -1.0, 1.0)
    return Fit(places, size, norm, near, square, freedom, _alike(y - size[best] * steps[:, best], series, freedom))


def prior_of(fits: list[Fit]) -> Prior:
    """How much the variances of several series are alike, robustly against those that jump.

    log χ² with a scaled F prior by its median and median deviation. Source: Smyth 2004 (Stat Appl Genet Mol Biol
    3:3); Phipson et al. 2016 (Ann Appl Stat 10:946) for robustness.
    """
    if len(fits) < FEWEST_PEOPLE:
        return NOTHING_KNOWN
    freedom = np.array([fit.freedom + 1.0 for fit in fits])
    logs = np.log([fit.square / (fit.freedom + 1) for fit in fits]) - digamma(freedom / 2) + np.log(freedom / 2)
    middle = float(np.median(logs))
    spread = (TO_DEVIATION * float(np.median(np.abs(logs - middle)))) ** 2 - float(polygamma(1, freedom / 2).mean())
    if spread <= 0:
        return Prior(float(np.exp(middle)), inf)
    half = float(brentq(lambda x: float(polygamma(1, np.exp(x))) - spread, log(1e-3), log(1e6)))
    worth = 2 * float(np.exp(half))
    return Prior(float(np.exp(middle + digamma(worth / 2) - log(worth / 2))), worth)


def largest_jump(fit: Fit, prior: Prior = NOTHING_KNOWN) -> Jump:
    """The jump that explains most, with a p-value that bounds its chance over all places.

    It sums the chances that t first exceeds the largest one at each place in turn, exact for neighbours (Worsley
    1983, Biometrika 70:455, with Owen's T for the two); residuals' dependence on the one before is allowed for.
    """
    freedom = fit.freedom + prior.freedom
    own = np.maximum(fit.square - fit.size**2, 1e-12)
    if np.isinf(freedom):
        variance, freedom = np.full(len(own), prior.variance), 1e9
    else:
        variance = (own + prior.freedom * prior.variance) / freedom
    variance = variance * (1 + fit.alike) / (1 - fit.alike)
    t = fit.size / np.sqrt(variance)
    best = int(np.argmax(np.abs(t)))
    z = -float(ndtri(max(float(stdtr(freedom, -abs(float(t[best])))), 1e-300)))
    p = 2 * float(ndtr(-z) + crossings(z, fit.near))
    error = sqrt(float(variance[best])) / float(fit.norm[best])
    return Jump(int(fit.places[best]), float(fit.size[best] / fit.norm[best]), error, freedom, min(p, 1.0))


def crossings(z: float, correlation: Floats) -> float:
    """Expected first passages above z between neighbours of standard normals with these correlations.

    >>> round(crossings(1.96, np.array([1.0])), 6), round(crossings(1.96, np.array([0.0])), 4)
    (0.0, 0.0244)
    """
    return float(2 * owens_t(z, np.sqrt((1 - correlation) / (1 + correlation + 1e-300))).sum())


def between_units(mean: Floats, n: Floats, within: float) -> float:
    """The variance between units that the noise of their answers does not explain, from successive differences.

    Jumps and trends hardly move the median of these.
    """
    typical = float(np.median(np.diff(mean) ** 2)) / MEDIAN_OF_SQUARE
    noise = within * float(np.median(1 / n[1:] + 1 / n[:-1]))
    return (typical - noise) / 2


def _trend(series: Series) -> Floats:
    done = series.first + series.n / 2
    logs = np.log1p(done - series.first[0])
    if series.by_session:
        return np.column_stack([np.ones(len(done)), done, logs])
    _, session = np.unique(series.session, return_inverse=True)
    levels = np.eye(int(session.max()) + 1)[session]
    start = np.array([series.first[session == each].min() for each in range(levels.shape[1])])
    return np.column_stack([levels, done - start[session], logs])


def _orthonormal(design: Floats) -> Floats:
    scaled = design / np.maximum(np.sqrt((design**2).sum(axis=0)), 1e-12)
    left, values, _ = np.linalg.svd(scaled, full_matrices=False)
    basis: Floats = left[:, values > 1e-6]
    return basis


def _alike(left: Floats, series: Series, freedom: int) -> float:
    """The correlation of successive residuals, 0 to 0.9.

    Residuals are less alike than what they estimate; half the share of freedom spent makes up for it.
    """
    joined = np.ones(len(left) - 1, bool) if series.by_session else series.session[1:] == series.session[:-1]
    power = float(left @ left) / len(left)
    if not power > 0 or not joined.any():
        return 0.0
    alike = float((left[1:] * left[:-1])[joined].mean()) / power
    return min(alike + (len(left) - freedom) / len(left) / 2, 0.9) if alike > 0 else 0.0
