"""Errors: too many of one person, more of all than before, or more of one sort than before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from qc.alerts.finding import CRITICAL, WARNING, Evidence, Finding, Subject, counts, cusum, episode, rate
from qc.alerts.rules.rule import found, of, percent, row
from qc.stats.drift import Drift
from qc.stats.intervals import wilson
from qc.stats.mix import NOTED
from qc.stats.rates import ABOVE, TOO_LITTLE, AnnotatorRate


@dataclass(frozen=True, slots=True)
class RateCase:
    """An annotator's error rate by one source of judgement, against the policy's target and limit.

    `lately`: P(the rate of the last answers, as many as levels remember, is above the target); None where too few of
    them were judged, or their order is unknown.
    """

    subject: Subject
    row: AnnotatorRate
    source: str
    target: float
    limit: float
    items: tuple[str, ...] = ()
    lately: float | None = None


@dataclass(frozen=True, slots=True)
class DriftCase:
    """The control chart of the errors of a team or label against its own first judged answers.

    `recent`: whether it alarmed in the last four weeks; drift is None where too little was judged.
    """

    subject: Subject
    drift: Drift | None
    recent: bool
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PatternCase:
    """How often one error type, or one label for another, was found in the last week, and in the weeks before.

    `expected`: as many as the weeks before give for `judged` answers. `q`: false discovery rate among all patterns.
    """

    subject: Subject
    found: int
    expected: float
    judged: int
    judged_before: int
    q: float | None
    fewest: int = 5
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ErrorRateAboveTarget:
    """An annotator's error rate is above target, and the last answers do not say that this is over."""

    name: ClassVar[str] = "error rate above target"
    judges: ClassVar[type] = RateCase
    false_alarms: ClassVar[str] = "half of what the policy's certainty leaves: one alert in forty at 95 %"
    severity: str = WARNING
    holds_from: float = 0.8
    fires_lately: float = 0.5
    holds_lately: float = 0.2

    def evaluate(self, case: RateCase) -> Finding | None:
        """Fires at the verdict "above target"; critical where the interval lies above the limit, too.

        The verdict is on all that was judged: whoever has got better since is left alone.
        """
        shrunk = case.row.shrunk
        if case.lately is not None and case.lately < self.fires_lately:
            return None
        if case.row.verdict != ABOVE or shrunk.value is None or shrunk.low is None:
            return None
        message = (
            f"{case.subject.key} errs in {percent(case.row.rate)}, {case.row.n:,} answers judged by {case.source}, "
            f"{case.row.errors:,} of them wrong; drawn towards the team, that is {percent(shrunk)} against a target of "
            f"{100 * case.target:.1f} %."
        )
        severity = CRITICAL if shrunk.low > case.limit else self.severity
        proof = rate([row(case.subject.key, case.row.rate), row("drawn towards the team", shrunk)], case.target)
        return found(self, case.subject, message, of(shrunk, case.target, case.items, proof), severity)

    def holds(self, case: RateCase) -> tuple[str, ...]:
        """While the rate is more likely than `holds_from` above the target, and lately too, or nobody can tell."""
        p = case.row.p_above_target
        if case.lately is not None and case.lately < self.holds_lately:
            return ()
        stays = case.row.verdict == TOO_LITTLE or p is None or p > self.holds_from
        return (episode(self.name, case.subject),) if stays else ()


@dataclass(frozen=True, slots=True)
class ErrorDrift:
    """Errors of the whole team, or at one label, have become more frequent than they were at first."""

    name: ClassVar[str] = "error drift"
    judges: ClassVar[type] = DriftCase
    false_alarms: ClassVar[str] = (
        "at most as many a month, on average, as the policy allows for the team, and as many again for all labels "
        "together, however often it is checked"
    )
    severity: str = WARNING
    holds_from: float = 0.5

    def evaluate(self, case: DriftCase) -> Finding | None:
        """Fires where the chart alarmed in the last four weeks."""
        if case.drift is None or not case.recent:
            return None
        drift = case.drift
        wrong, n = drift.lately
        message = (
            f"Errors of {_of(case.subject)} became more frequent: {wrong:,} of the {n:,} judged answers up to the "
            f"latest alarm, each person's by their share of the work, were wrong, "
            f"{percent(wilson(wrong, n, unit='answers'))}, where at most "
            f"{100 * drift.chart.p0:.1f} % were expected from the first {drift.baseline:,}."
        )
        proof = cusum(drift.values, drift.chart.h)
        evidence = Evidence(drift.peak, drift.chart.h, drift.n, items=case.items, proof=proof)
        return found(self, case.subject, message, evidence)

    def holds(self, case: DriftCase) -> tuple[str, ...]:
        """While the chart stands above half of its threshold, or nobody can tell."""
        stays = case.drift is None or case.drift.values[-1] >= self.holds_from * case.drift.chart.h
        return (episode(self.name, case.subject),) if stays else ()


@dataclass(frozen=True, slots=True)
class RecurringPattern:
    """One error type, or one label given for another, is found far more often than in the weeks before."""

    name: ClassVar[str] = "recurring pattern"
    judges: ClassVar[type] = PatternCase
    false_alarms: ClassVar[str] = (
        "of all patterns that are named in a week, at most 5 % on average are chance, however often it is checked"
    )
    severity: str = WARNING
    holds_to: float = 0.2

    def evaluate(self, case: PatternCase) -> Finding | None:
        """Fires where the false discovery rate is under 5 %, at `fewest` or more and twice as many as expected."""
        if case.q is None or case.q >= NOTED or case.found < max(case.fewest, 2 * case.expected):
            return None
        message = (
            f"{case.subject.key} was found {case.found:,} times in {case.judged:,} judged answers of the last week, "
            f"each person's by their share of the work; the weeks before let expect {case.expected:.1f}."
        )
        bars: list[dict[str, Any]] = [{"name": case.subject.key, "value": case.found, "expected": case.expected}]
        proof = counts(bars, case.judged, case.judged_before)
        return found(self, case.subject, message, Evidence(case.q, NOTED, case.judged, items=case.items, proof=proof))

    def holds(self, case: PatternCase) -> tuple[str, ...]:
        """While the false discovery rate stays under `holds_to`, or nobody can tell."""
        stays = case.q is None or case.q <= self.holds_to
        return (episode(self.name, case.subject),) if stays else ()


def _of(subject: Subject) -> str:
    return subject.key if subject.kind == "team" else f"{subject.kind} {subject.key}"
