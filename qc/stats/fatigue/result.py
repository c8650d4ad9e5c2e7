"""The shape of the fatigue section; `asdict` gives its JSON."""

from __future__ import annotations

from dataclasses import dataclass

from qc.model import Estimate


@dataclass(frozen=True, slots=True)
class OverallFatigue:
    """The team's verdict for one source; slopes are fractions per hour or per 100 answers."""

    verdict: str
    sentence: str
    error_per_hour: Estimate
    error_per_100: Estimate
    seconds_per_hour: Estimate
    adjusted_for: list[str]
    reason: str | None


@dataclass(frozen=True, slots=True)
class AnnotatorFatigue:
    """One annotator's slopes, drawn towards the team's, and the q value of a rise (None: not tested)."""

    annotator: str
    verdict: str
    error_per_hour: Estimate
    error_per_100: Estimate
    q: float | None
    n: int
    sessions: int


@dataclass(frozen=True, slots=True)
class HourBin:
    """Error rate of the quarter of an hour that begins `hour` hours into the session, adjusted for nothing."""

    hour: float
    n: int
    rate: Estimate


@dataclass(frozen=True, slots=True)
class Fatigue:
    """The fatigue of one source of judgement; the break is None unless errors rise and their price is known."""

    source: str
    overall: OverallFatigue
    by_annotator: list[AnnotatorFatigue]
    by_hour: list[HourBin]
    break_after_minutes: float | None
