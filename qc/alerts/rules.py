"""The alert rules: what each fires on, and what keeps it open.

Every rule has a `name`, the type of case that it `judges`, the way its false alarms are bounded (`false_alarms`), a
`severity`, and two pure methods: `evaluate(case)` gives a Finding where the rule fires, and `holds(case)` the keys of
the episodes that may stay open. It holds more easily than it fires, so that an alert does not flicker, and always
where the case tells nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar, Final, Protocol

from qc.alerts.finding import (
    CRITICAL,
    INFO,
    MOST_ITEMS,
    WARNING,
    AgreementCase,
    CareCase,
    Evidence,
    FatigueCase,
    Finding,
    GuessingCase,
    LevelCase,
    PrelabelCase,
    RateCase,
    RunCase,
    Subject,
    episode,
)
from qc.model import LEVELS, Estimate
from qc.stats.care import LIKELY
from qc.stats.intervals import difference
from qc.stats.rates import ABOVE, TOO_LITTLE

# Fatigue verdicts that exclude a slope that matters.
CALM: Final = ("flat", "falling", "faster only", "slower only")


class Rule(Protocol):
    """What the registry holds."""

    @property
    def name(self) -> str:
        """As alerts show it."""

    @property
    def judges(self) -> type:
        """The type of case that the rule looks at."""

    @property
    def false_alarms(self) -> str:
        """How often it speaks without cause, in words."""

    @property
    def severity(self) -> str:
        """info, warning or critical; a rule may go above it."""

    def evaluate(self, case: Any) -> Finding | None:
        """The finding, where the rule fires."""

    def holds(self, case: Any) -> tuple[str, ...]:
        """The keys of the episodes that may stay open."""


@dataclass(frozen=True, slots=True)
class RaiseReviewLevel:
    """A control chart asks for more review of somebody's work; open while that level or a higher one is in force."""

    name: ClassVar[str] = "raise review level"
    judges: ClassVar[type] = LevelCase
    false_alarms: ClassVar[str] = "as many a month, on average over the whole team, as the policy allows"
    severity: str = WARNING

    def evaluate(self, case: LevelCase) -> Finding | None:
        """Fires where the proposal raises the level; critical where everything is to be reviewed."""
        if LEVELS.index(case.proposed) <= LEVELS.index(case.level):
            return None
        return _level_finding(self.name, CRITICAL if case.proposed == LEVELS[-1] else self.severity, case)

    def holds(self, case: LevelCase) -> tuple[str, ...]:
        """The raises to levels above normal that are still in force."""
        stages = LEVELS[LEVELS.index("normal") + 1 : LEVELS.index(case.level) + 1]
        return tuple(episode(self.name, case.subject, stage) for stage in stages)


@dataclass(frozen=True, slots=True)
class LowerReviewLevel:
    """The posterior of somebody's error rate allows less review; open as long as it is proposed."""

    name: ClassVar[str] = "lower review level"
    judges: ClassVar[type] = LevelCase
    false_alarms: ClassVar[str] = (
        "the probability that the rate is too high after all is under the policy's lower_below"
    )
    severity: str = INFO

    def evaluate(self, case: LevelCase) -> Finding | None:
        """Fires where the proposal lowers the level."""
        if LEVELS.index(case.proposed) >= LEVELS.index(case.level):
            return None
        return _level_finding(self.name, self.severity, case)

    def holds(self, case: LevelCase) -> tuple[str, ...]:
        """Nothing beyond the proposal itself."""
        return ()


@dataclass(frozen=True, slots=True)
class ErrorRateAboveTarget:
    """An annotator's error rate is above target: the interval of the shrunk rate lies above it."""

    name: ClassVar[str] = "error rate above target"
    judges: ClassVar[type] = RateCase
    false_alarms: ClassVar[str] = "half of what the policy's certainty leaves: one alert in forty at 95 %"
    severity: str = WARNING
    holds_from: float = 0.8

    def evaluate(self, case: RateCase) -> Finding | None:
        """Fires at the verdict "above target"; critical where the interval lies above the limit, too."""
        rate = case.row.shrunk
        if case.row.verdict != ABOVE or rate.value is None or rate.low is None:
            return None
        message = (
            f"{case.subject.key} errs in {case.row.errors} of {case.row.n:,} judged answers; drawn towards the team, "
            f"that is {_percent(rate)} against a target of {100 * case.target:.1f} %."
        )
        severity = CRITICAL if rate.low > case.limit else self.severity
        return _finding(self.name, severity, case, message, rate, case.target)

    def holds(self, case: RateCase) -> tuple[str, ...]:
        """While the rate is more likely than `holds_from` above the target, or nobody can tell."""
        p = case.row.p_above_target
        stays = case.row.verdict == TOO_LITTLE or p is None or p > self.holds_from
        return (episode(self.name, case.subject),) if stays else ()


@dataclass(frozen=True, slots=True)
class AgreementDrop:
    """Agreement on a question fell since the time before, by at least the drop that matters."""

    name: ClassVar[str] = "agreement drop"
    judges: ClassVar[type] = AgreementCase
    false_alarms: ClassVar[str] = "at most one check in forty, per question, while agreement does not change"
    severity: str = WARNING
    holds_from: float = 0.5

    def evaluate(self, case: AgreementCase) -> Finding | None:
        """Fires where the interval of the drop lies above 0 and the drop itself reaches the policy's."""
        fall = difference(case.before, case.after)
        if fall.value is None or fall.low is None or fall.low <= 0 or fall.value < case.drop:
            return None
        message = (
            f"Agreement on {case.subject.key} fell by {_change(fall)}, from {case.before.value:.2f} to "
            f"{case.after.value:.2f} ({case.after.n:,} {case.after.unit} in the last period)."
        )
        return _finding(self.name, self.severity, case, message, fall, case.drop)

    def holds(self, case: AgreementCase) -> tuple[str, ...]:
        """While more than half of that drop remains, or nobody can tell."""
        fall = difference(case.before, case.after).value
        stays = fall is None or fall >= self.holds_from * case.drop
        return (episode(self.name, case.subject),) if stays else ()


@dataclass(frozen=True, slots=True)
class FatigueRising:
    """Errors rise within sessions; the verdict comes from the fatigue section."""

    name: ClassVar[str] = "fatigue rising"
    judges: ClassVar[type] = FatigueCase
    false_alarms: ClassVar[str] = (
        "one check in forty for the team; 5 % of annotators named, on average, are named in vain"
    )
    severity: str = WARNING

    def evaluate(self, case: FatigueCase) -> Finding | None:
        """Fires at the verdict "rising"."""
        if case.verdict != "rising" or case.slope.value is None:
            return None
        message = (
            f"Errors of {case.subject.key} rise within sessions by {_points(case.slope)} {case.per}"
            f"{_interval(case.slope)}, "
            f"{case.slope.n:,} {case.slope.unit}."
        )
        return _finding(self.name, self.severity, case, message, case.slope, 0.0)

    def holds(self, case: FatigueCase) -> tuple[str, ...]:
        """While errors still seem to rise and nobody has shown that they do not."""
        stays = case.verdict not in CALM and (case.slope.value is None or case.slope.value > 0)
        return (episode(self.name, case.subject),) if stays else ()


@dataclass(frozen=True, slots=True)
class _Careless:
    """What the rules of speed and care have in common; each judges a case of its own."""

    name: ClassVar[str]
    judges: ClassVar[type]
    false_alarms: ClassVar[str] = "of all that is noted on speed and care of a team, at most 5 % on average is chance"
    severity: str = WARNING
    holds_to: float = 0.2

    def evaluate(self, case: CareCase) -> Finding | None:
        """Fires where the test says something; its sentence is the message."""
        if case.sentence is None:
            return None
        message = f"{case.subject.key} {case.sentence}."
        evidence = Evidence(case.q, LIKELY, case.n, items=case.items[:MOST_ITEMS])
        return Finding(self.name, self.severity, case.subject, message, evidence, episode(self.name, case.subject))

    def holds(self, case: CareCase) -> tuple[str, ...]:
        """While the false discovery rate stays under `holds_to`, or nobody can tell."""
        stays = case.q is None or case.q <= self.holds_to
        return (episode(self.name, case.subject),) if stays else ()


@dataclass(frozen=True, slots=True)
class TooFast(_Careless):
    """An annotator guesses: answers too fast to have looked, and these no better than chance."""

    name: ClassVar[str] = "too fast"
    judges: ClassVar[type] = GuessingCase


@dataclass(frozen=True, slots=True)
class RubberStamping(_Careless):
    """An annotator keeps pre-labels as shown far more often than the others do."""

    name: ClassVar[str] = "rubber-stamping of pre-labels"
    judges: ClassVar[type] = PrelabelCase


@dataclass(frozen=True, slots=True)
class SameAnswer(_Careless):
    """An annotator gives one label over and over where others do not."""

    name: ClassVar[str] = "same answer over and over"
    judges: ClassVar[type] = RunCase


RULES: Final[tuple[Rule, ...]] = (
    RaiseReviewLevel(),
    LowerReviewLevel(),
    ErrorRateAboveTarget(),
    AgreementDrop(),
    FatigueRising(),
    TooFast(),
    RubberStamping(),
    SameAnswer(),
)


def _finding(
    rule: str,
    severity: str,
    case: RateCase | AgreementCase | FatigueCase,
    message: str,
    number: Estimate,
    threshold: float,
) -> Finding:
    evidence = Evidence(number.value, threshold, number.n, number.low, number.high, tuple(case.items[:MOST_ITEMS]))
    return Finding(rule, severity, case.subject, message, evidence, episode(rule, case.subject))


def _level_finding(rule: str, severity: str, case: LevelCase) -> Finding:
    return Finding(
        rule,
        severity,
        case.subject,
        f"{_named(case.subject)}: {case.reason}",
        replace(case.evidence, items=case.evidence.items[:MOST_ITEMS]),
        episode(rule, case.subject, case.proposed),
    )


def _named(subject: Subject) -> str:
    return subject.key if subject.kind == "annotator" else f"{subject.kind} {subject.key}"


def _percent(rate: Estimate) -> str:
    assert rate.value is not None
    assert rate.low is not None
    assert rate.high is not None
    return f"{100 * rate.value:.1f} % ({100 * rate.low:.1f}–{100 * rate.high:.1f} %)"


def _change(change: Estimate) -> str:
    interval = "" if change.low is None or change.high is None else f" ({change.low:.2f} to {change.high:.2f})"
    return f"{change.value:.2f}{interval}"


def _points(slope: Estimate) -> str:
    assert slope.value is not None
    return f"{100 * slope.value:.1f} points"


def _interval(slope: Estimate) -> str:
    return "" if slope.low is None or slope.high is None else f" ({100 * slope.low:.1f} to {100 * slope.high:.1f})"
