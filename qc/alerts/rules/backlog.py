"""Work that waits, and data that cannot be trusted: counts against limits of the policy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from qc.alerts.finding import WARNING, Evidence, Finding, Subject, episode, rate
from qc.alerts.rules.rule import found, of, percent, row
from qc.model import Estimate


@dataclass(frozen=True, slots=True)
class WaitingCase:
    """How much waits, and how much may; `what` says it in words."""

    subject: Subject
    waiting: int
    limit: int
    what: str
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ConflictsCase(WaitingCase):
    """Items on whose answers people differ and that nobody has settled."""


@dataclass(frozen=True, slots=True)
class ReviewsCase(WaitingCase):
    """Drawn answers without a verdict."""


@dataclass(frozen=True, slots=True)
class OverdueCase(WaitingCase):
    """Days since the last draw, or since the oldest answer that waits was drawn."""


@dataclass(frozen=True, slots=True)
class DataCase:
    """The share of rows with a problem of the data, and the share that the policy bears."""

    subject: Subject
    share: Estimate
    limit: float
    what: str


@dataclass(frozen=True, slots=True)
class _Backlog:
    """What the rules on waiting work have in common."""

    name: ClassVar[str]
    judges: ClassVar[type]
    false_alarms: ClassVar[str] = "none: a count against a limit of the policy"
    severity: str = WARNING
    holds_from: float = 0.8

    def evaluate(self, case: WaitingCase) -> Finding | None:
        """Fires above the limit."""
        if case.waiting <= case.limit:
            return None
        message = f"{case.waiting:,} {case.what}, more than {case.limit:,}."
        evidence = Evidence(float(case.waiting), float(case.limit), case.waiting, items=case.items)
        return found(self, case.subject, message, evidence)

    def holds(self, case: WaitingCase) -> tuple[str, ...]:
        """Above four fifths of the limit."""
        return (episode(self.name, case.subject),) if case.waiting > self.holds_from * case.limit else ()


@dataclass(frozen=True, slots=True)
class ConflictBacklog(_Backlog):
    """More conflicts wait for a decision than the policy bears."""

    name: ClassVar[str] = "conflict backlog"
    judges: ClassVar[type] = ConflictsCase


@dataclass(frozen=True, slots=True)
class ReviewBacklog(_Backlog):
    """More drawn answers wait for a verdict than the policy bears."""

    name: ClassVar[str] = "review backlog"
    judges: ClassVar[type] = ReviewsCase


@dataclass(frozen=True, slots=True)
class SampleOverdue(_Backlog):
    """New answers wait for a draw, or drawn ones for a verdict, for more days than the policy bears."""

    name: ClassVar[str] = "sample overdue"
    judges: ClassVar[type] = OverdueCase
    holds_from: float = 1.0


@dataclass(frozen=True, slots=True)
class DataProblems:
    """Too many rows have a wrong clock or no time, came twice, or could not be read."""

    name: ClassVar[str] = "data problems"
    judges: ClassVar[type] = DataCase
    false_alarms: ClassVar[str] = "none: a share against a limit of the policy"
    severity: str = WARNING
    holds_from: float = 0.8

    def evaluate(self, case: DataCase) -> Finding | None:
        """Fires above the limit."""
        if case.share.value is None or case.share.value <= case.limit:
            return None
        message = (
            f"{percent(case.share)} of {case.share.n:,} {case.share.unit} {case.what}, "
            f"more than {100 * case.limit:.1f} %."
        )
        proof = rate([row(case.subject.key, case.share)], case.limit)
        return found(self, case.subject, message, of(case.share, case.limit, proof=proof))

    def holds(self, case: DataCase) -> tuple[str, ...]:
        """Above four fifths of the limit, or where nobody can tell."""
        stays = case.share.value is None or case.share.value > self.holds_from * case.limit
        return (episode(self.name, case.subject),) if stays else ()
