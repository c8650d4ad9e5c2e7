"""Agreement that fell, between annotators and between reviewers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from qc.alerts.finding import WARNING, Finding, Subject, episode, rate, trend
from qc.alerts.rules.rule import found, of, percent, row
from qc.model import Estimate
from qc.stats.mix import NOTED


@dataclass(frozen=True, slots=True)
class AgreementCase:
    """Agreement on a question in the last week less that in the week before, as the question measures it.

    `change` is paired by item; `q` its false discovery rate among all questions. `drop` is the fall that matters.
    `weeks`: rows of period, value, low, high, n.
    """

    subject: Subject
    change: Estimate
    q: float | None
    drop: float
    weeks: tuple[Mapping[str, Any], ...] = ()
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReviewersCase:
    """How often a reviewer, or all of them, judged an answer otherwise than a second reviewer did.

    `q`: false discovery rate, among all reviewers, of the rate being above `limit`.
    """

    subject: Subject
    rate: Estimate
    q: float | None
    limit: float
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AgreementDrop:
    """Agreement on a question fell since the week before, by at least the drop that matters."""

    name: ClassVar[str] = "agreement drop"
    judges: ClassVar[type] = AgreementCase
    false_alarms: ClassVar[str] = (
        "of all questions named in a week, at most 5 % on average are named in vain, however often it is checked"
    )
    severity: str = WARNING
    holds_from: float = 0.5

    def evaluate(self, case: AgreementCase) -> Finding | None:
        """Fires where the interval of the fall lies above 0, the rate of false findings is low and the fall large."""
        change = case.change
        if change.value is None or change.high is None or case.q is None:
            return None
        if change.high >= 0 or case.q >= NOTED or -change.value < case.drop:
            return None
        low = "" if change.low is None else f" ({-change.high:.2f} to {-change.low:.2f})"
        message = (
            f"Agreement on {case.subject.key} fell by {-change.value:.2f}{low} since the week before, "
            f"{change.n:,} {change.unit}."
        )
        return found(self, case.subject, message, of(change, -case.drop, case.items, trend(case.weeks, None)))

    def holds(self, case: AgreementCase) -> tuple[str, ...]:
        """While more than half of that drop remains, or nobody can tell."""
        stays = case.change.value is None or -case.change.value >= self.holds_from * case.drop
        return (episode(self.name, case.subject),) if stays else ()


@dataclass(frozen=True, slots=True)
class ReviewerDisagreement:
    """Two reviewers of one answer come to different verdicts more often than the policy bears."""

    name: ClassVar[str] = "reviewer disagreement"
    judges: ClassVar[type] = ReviewersCase
    false_alarms: ClassVar[str] = "of all reviewers named, at most 5 % on average are named in vain"
    severity: str = WARNING

    def evaluate(self, case: ReviewersCase) -> Finding | None:
        """Fires where the rate is above the limit beyond reasonable doubt."""
        if case.q is None or case.q >= NOTED or case.rate.value is None or case.rate.value <= case.limit:
            return None
        who = "Two reviewers" if case.subject.kind == "team" else f"{case.subject.key} and a second reviewer"
        message = (
            f"{who} judged the same answer differently in {percent(case.rate)} of {case.rate.n:,} answers that were "
            f"reviewed twice, against a limit of {100 * case.limit:.0f} %."
        )
        proof = rate([row(case.subject.key, case.rate)], case.limit)
        return found(self, case.subject, message, of(case.rate, case.limit, case.items, proof))

    def holds(self, case: ReviewersCase) -> tuple[str, ...]:
        """While the rate itself is above the limit, or nobody can tell."""
        stays = case.rate.value is None or case.rate.value > case.limit
        return (episode(self.name, case.subject),) if stays else ()
