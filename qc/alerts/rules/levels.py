"""More or less review of somebody's work."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from qc.alerts.finding import CRITICAL, INFO, WARNING, Evidence, Finding, Subject, episode
from qc.alerts.rules.rule import found
from qc.model import LEVELS


@dataclass(frozen=True, slots=True)
class LevelCase:
    """The review level of a subject, the one that the evidence asks for, and the sentence that says why."""

    subject: Subject
    level: str
    proposed: str
    reason: str
    evidence: Evidence


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
        severity = CRITICAL if case.proposed == LEVELS[-1] else self.severity
        return found(self, case.subject, _message(case), case.evidence, severity, case.proposed)

    def holds(self, case: LevelCase) -> tuple[str, ...]:
        """The raises to levels above normal that are still in force."""
        stages = LEVELS[LEVELS.index("normal") + 1 : LEVELS.index(case.level) + 1]
        return tuple(episode(self.name, case.subject, stage) for stage in stages)


@dataclass(frozen=True, slots=True)
class LowerReviewLevel:
    """The latest random checks of somebody's work allow less review; open as long as it is proposed."""

    name: ClassVar[str] = "lower review level"
    judges: ClassVar[type] = LevelCase
    false_alarms: ClassVar[str] = (
        "the probability that the rate is too high after all is below what the policy allows, 20 % by default"
    )
    severity: str = INFO

    def evaluate(self, case: LevelCase) -> Finding | None:
        """Fires where the proposal lowers the level."""
        if LEVELS.index(case.proposed) >= LEVELS.index(case.level):
            return None
        return found(self, case.subject, _message(case), case.evidence, stage=case.proposed)

    def holds(self, case: LevelCase) -> tuple[str, ...]:
        """Nothing beyond the proposal itself."""
        return ()


def _message(case: LevelCase) -> str:
    named = case.subject.key if case.subject.kind == "annotator" else f"{case.subject.kind} {case.subject.key}"
    return f"{named}: {case.reason}"
