"""Labels and skips that somebody gives more or less often than the team does, or than last week."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from qc.alerts.finding import WARNING, Evidence, Finding, Subject, counts, episode, rate
from qc.alerts.rules.rule import found, of, percent, row
from qc.model import Estimate
from qc.stats.mix import NOTED


@dataclass(frozen=True, slots=True)
class MixCase:
    """The labels of a subject in the last week beside what was expected.

    `moved`: the share of its answers that would have to get another label to be as expected. `q`: false discovery
    rate among all subjects, None where too little was answered. `labels`: rows of name, value and expected (counts).
    `least`: the share that matters.
    """

    subject: Subject
    moved: float
    q: float | None
    n: int
    beside_n: int
    least: float
    labels: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class TeamMixCase(MixCase):
    """Against what the others answered in the same week and batches."""


@dataclass(frozen=True, slots=True)
class WeekMixCase(MixCase):
    """Against what the subject itself answered in the week before."""


@dataclass(frozen=True, slots=True)
class SkipCase:
    """The share of the last week's items that an annotator skipped, and that of the others; `q` as in MixCase."""

    subject: Subject
    rate: Estimate
    team: float
    q: float | None
    least: float


@dataclass(frozen=True, slots=True)
class _MixShift:
    """What the rules on label mixes have in common."""

    name: ClassVar[str]
    judges: ClassVar[type]
    beside: ClassVar[str]
    false_alarms: ClassVar[str] = (
        "of all whose labels are named in a week, at most 5 % on average are named in vain, however often it is checked"
    )
    severity: str = WARNING
    holds_from: float = 0.5
    holds_to: float = 0.2

    def evaluate(self, case: MixCase) -> Finding | None:
        """Fires where the false discovery rate is under 5 % and the share that moved reaches the policy's."""
        if case.q is None or case.q >= NOTED or case.moved < case.least or not case.labels:
            return None
        most = max(case.labels, key=lambda label: label["value"] - label["expected"])
        message = (
            f"Labels of {case.subject.key} differ from {self.beside} in {100 * case.moved:.0f} of 100 answers: "
            f"{most['name']} {most['value']:,.0f} times in {case.n:,}, where {most['expected']:,.0f} were expected."
        )
        proof = counts(case.labels, case.n, case.beside_n)
        return found(self, case.subject, message, Evidence(case.moved, case.least, case.n, proof=proof))

    def holds(self, case: MixCase) -> tuple[str, ...]:
        """While more than half of the share that matters has moved, surely enough, or nobody can tell.

        Chance alone moves one label in twenty of a hundred answers: that many would hold every alert open for good.
        """
        stays = case.q is None or (case.q <= self.holds_to and case.moved >= self.holds_from * case.least)
        return (episode(self.name, case.subject),) if stays else ()


@dataclass(frozen=True, slots=True)
class MixUnlikeTeam(_MixShift):
    """An annotator gives other labels than the others do, in the same week and batches."""

    name: ClassVar[str] = "label mix unlike the team"
    judges: ClassVar[type] = TeamMixCase
    beside: ClassVar[str] = "those of the others"


@dataclass(frozen=True, slots=True)
class MixUnlikeLastWeek(_MixShift):
    """An annotator, or the team, gives other labels than in the week before."""

    name: ClassVar[str] = "label mix unlike last week"
    judges: ClassVar[type] = WeekMixCase
    beside: ClassVar[str] = "those of the week before"


@dataclass(frozen=True, slots=True)
class SkipRate:
    """An annotator skips far more items than the others do."""

    name: ClassVar[str] = "skip rate"
    judges: ClassVar[type] = SkipCase
    false_alarms: ClassVar[str] = (
        "of all who are named in a week, at most 5 % on average are named in vain, however often it is checked"
    )
    severity: str = WARNING
    holds_from: float = 0.5

    def evaluate(self, case: SkipCase) -> Finding | None:
        """Fires where the false discovery rate is under 5 % and the rate is so many points above the others'."""
        value = case.rate.value
        if case.q is None or case.q >= NOTED or value is None or value - case.team < case.least:
            return None
        message = (
            f"{case.subject.key} skipped {percent(case.rate)} of {case.rate.n:,} items of the last week; "
            f"the others skipped {100 * case.team:.1f} %."
        )
        proof = rate([row(case.subject.key, case.rate)], case.team)
        return found(self, case.subject, message, of(case.rate, case.team + case.least, proof=proof))

    def holds(self, case: SkipCase) -> tuple[str, ...]:
        """While more than half of that distance remains, or nobody can tell."""
        value = case.rate.value
        stays = case.q is None or value is None or value - case.team >= self.holds_from * case.least
        return (episode(self.name, case.subject),) if stays else ()
