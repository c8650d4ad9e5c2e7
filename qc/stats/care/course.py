"""The course of each person's pace: units of successive answers, and the jumps between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import exp, log, sqrt

import numpy as np
from scipy.special import stdtrit

from qc.model import Estimate
from qc.stats.care.answers import Floats, Ints, counted, exponential
from qc.stats.care.changes import Jump, Prior, Series, between_units, fitted, largest_jump, prior_of
from qc.stats.two_way import sums

FEWEST = 100
FEWEST_IN_UNIT = 5
BLOCK = 10
FEWEST_SESSIONS = 8
FEWEST_BLOCKS = 12
MOST_UNITS = 100
# Of a stretch that is searched for a further jump, and the chance of a false one there.
FEWEST_TO_SPLIT = 8
FURTHER = 0.01


@dataclass(frozen=True, slots=True)
class Unit:
    """Successive answers whose mean is one point of the curve: `first` (from 0) of n answers, at which time (ms)."""

    first: int
    at_ms: int | None
    n: int
    seconds: Estimate


@dataclass(frozen=True, slots=True)
class Change:
    """A jump after `after` timed answers: typical seconds on either side, their ratio beyond the trend, and p."""

    after: int
    at_ms: int | None
    seconds_before: float
    seconds_after: float
    ratio: Estimate
    p: float


@dataclass(frozen=True, slots=True)
class Course:
    """A person's pace over time; p is that of the largest jump, q over all annotators and tests."""

    n: int
    units: list[Unit]
    changes: list[Change]
    p: float | None
    q: float | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Timed:
    """One person's log-seconds with the items' share taken out, in time order; sessions as codes in that order.

    level: the person's usual log-seconds, for the curve's scale. reason: why their order is not known.
    """

    seconds: Floats
    session: Ints
    ms: Floats
    level: float
    reason: str | None = None


def courses(team: Sequence[Timed]) -> list[Course]:
    """The pace of each and its changes.

    People whose units are sessions, and those with parts of sessions, each share what is known of the variance
    between units and of how it differs. Beside the largest jump further ones are sought in the stretches that it
    parts (binary segmentation, each at 1 %).
    """
    series = [None if _lack(timed) else _units(timed) for timed in team]
    result = [Course(len(timed.seconds), [], [], None, None, _lack(timed)) for timed in team]
    for by_session in (True, False):
        group = {at: each for at, each in enumerate(series) if each is not None and each.by_session is by_session}
        between = max(float(np.median([each.between for each in group.values()])), 0.0) if group else 0.0
        group = {at: replace(each, between=between) for at, each in group.items()}
        fits = {at: fitted(each) for at, each in group.items()}
        prior = prior_of([fit for fit in fits.values() if fit is not None])
        for at, each in group.items():
            fit = fits[at]
            points = [_point(each, place, team[at].level) for place in range(len(each.mean))]
            if fit is None:
                reason = "the pace does not vary, or too few sessions are long enough"
                result[at] = Course(len(team[at].seconds), points, [], None, None, reason)
                continue
            jump = largest_jump(fit, prior)
            found = _found(each, 0, len(each.mean), jump, team[at].level, prior)
            result[at] = Course(len(team[at].seconds), points, found, jump.p)
    return result


def large(change: Change) -> bool:
    """Whether the pace changed by a quarter or more: less is seldom worth a word."""
    assert change.ratio.value is not None
    return abs(log(change.ratio.value)) >= log(1.25)


def _lack(timed: Timed) -> str | None:
    n = len(timed.seconds)
    if timed.reason is not None or n >= FEWEST:
        return timed.reason
    return f"{n} timed answers in a known order; at least {FEWEST} are needed"


def _units(timed: Timed) -> Series | None:
    """Sessions where there are eight or more, merged to at most a hundred; else blocks of ten answers or more."""
    _, begins, session = np.unique(timed.session, return_index=True, return_inverse=True)
    sizes = np.bincount(session)
    by_session = int((sizes >= FEWEST_IN_UNIT).sum()) >= FEWEST_SESSIONS
    if by_session:
        unit = session // max(1, -(-len(sizes) // MOST_UNITS))
    else:
        block = max(BLOCK, -(-len(session) // MOST_UNITS))
        blocks = np.maximum(sizes // block, 1)
        within = np.minimum((np.arange(len(session)) - begins[session]) // block, blocks[session] - 1)
        unit = np.cumsum(np.r_[0, blocks[:-1]])[session] + within
    n = counted(unit, 0)
    mean = sums(unit, timed.seconds) / n
    left = timed.seconds - mean[unit]
    variance = max(float(left @ left) / max(len(left) - len(n), 1), 1e-6)
    first = np.searchsorted(unit, np.arange(len(n)))
    kept = n >= FEWEST_IN_UNIT
    if kept.sum() < (FEWEST_SESSIONS if by_session else FEWEST_BLOCKS):
        return None
    mean, n, first = mean[kept], n[kept], first[kept]
    between = between_units(mean, n, variance)
    return Series(mean, n, first, session[first], timed.ms[first], variance, between, by_session)


def _found(series: Series, begin: int, end: int, jump: Jump, level: float, prior: Prior) -> list[Change]:
    """A jump and those on either side of it, in order."""
    middle = begin + jump.place
    before = _further(series, begin, middle, level, prior)
    return [*before, _change(series, begin, end, jump, level), *_further(series, middle, end, level, prior)]


def _further(series: Series, begin: int, end: int, level: float, prior: Prior) -> list[Change]:
    fit = fitted(series.part(begin, end)) if end - begin >= FEWEST_TO_SPLIT else None
    jump = None if fit is None else largest_jump(fit, prior)
    return [] if jump is None or jump.p > FURTHER else _found(series, begin, end, jump, level, prior)


def _change(series: Series, begin: int, end: int, jump: Jump, level: float) -> Change:
    at = begin + jump.place
    half = float(stdtrit(jump.freedom, 0.975)) * jump.error
    return Change(
        int(series.first[at]),
        _time(series, at),
        _seconds(series, begin, at, level),
        _seconds(series, at, end, level),
        exponential(jump.size, half, int(series.n[begin:end].sum()), "jump beyond the trend, at the place found, 95 %"),
        jump.p,
    )


def _seconds(series: Series, begin: int, end: int, level: float) -> float:
    return exp(level + float(np.average(series.mean[begin:end], weights=series.n[begin:end])))


def _point(series: Series, at: int, level: float) -> Unit:
    n = float(series.n[at])
    half = 1.96 * sqrt(series.within / n)
    seconds = exponential(level + float(series.mean[at]), half, int(n), "geometric mean on a usual item, 95 %")
    return Unit(int(series.first[at]), _time(series, at), int(n), seconds)


def _time(series: Series, at: int) -> int | None:
    return None if np.isnan(series.at_ms[at]) else int(series.at_ms[at])
