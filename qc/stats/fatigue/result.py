"""The shape of the fatigue section; `asdict` gives its JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from qc.model import Estimate
from qc.stats.fatigue.monotony import Monotony


@dataclass(frozen=True, slots=True)
class OverallFatigue:
    """The team's verdict for one source; slopes are fractions per hour or per 100 answers, means over the team's work.

    `left` is the share of the variance of time at work left once items are taken out, `residual` the bias of
    error_per_hour that difficulty strata may leave; both None where unknown.
    """

    verdict: str
    sentence: str
    error_per_hour: Estimate
    error_per_100: Estimate
    error_per_day_hour: Estimate
    seconds_per_hour: Estimate
    seconds_per_100: Estimate
    seconds_per_day_hour: Estimate
    adjusted_for: list[str]
    left: float | None
    residual: float | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class AnnotatorFatigue:
    """One annotator's slopes, drawn towards the team's, and the q value of a rise (None: not tested)."""

    annotator: str
    verdict: str
    sentence: str
    error_per_hour: Estimate
    error_per_100: Estimate
    q: float | None
    n: int
    sessions: int


@dataclass(frozen=True, slots=True)
class HourBin:
    """Error rate of the quarter of an hour that begins `hour` hours into the session, raw and adjusted."""

    hour: float
    n: int
    rate: Estimate
    adjusted: Estimate


@dataclass(frozen=True, slots=True)
class PlaceBin:
    """Error rate of the answers from place `position` of the session on, up to the next bin, raw and adjusted."""

    position: int
    n: int
    rate: Estimate
    adjusted: Estimate


@dataclass(frozen=True, slots=True)
class ClockRate:
    """Error rate at a shift or an hour of the day, beside annotator, difficulty and time on task."""

    key: str
    n: int
    rate: Estimate


@dataclass(frozen=True, slots=True)
class SiteSlope:
    """The slope of those who mostly work at a site."""

    site: str
    annotators: int
    n: int
    error_per_hour: Estimate


@dataclass(frozen=True, slots=True)
class Fatigue:
    """The fatigue of one source of judgement.

    The break is None unless errors rise, breaks are seen to restore and the price is known; `adjusted` is None unless
    the model was asked for. `day_hours` is the median day of an annotator.
    """

    source: str
    overall: OverallFatigue
    by_annotator: list[AnnotatorFatigue]
    by_hour: list[HourBin]
    by_position: list[PlaceBin]
    recovery: Estimate
    monotony: Monotony
    by_shift: list[ClockRate]
    by_clock: list[ClockRate]
    by_site: list[SiteSlope]
    advice: list[str]
    answers_per_hour: float | None
    day_hours: float | None
    day_limit_hours: float | None
    break_after_minutes: float | None
    adjusted: dict[str, Any] | None = None
