"""What is known of the work and of those who review it, before anything is priced."""

from __future__ import annotations

from dataclasses import dataclass, field

from qc.cost.cells import Riskiest
from qc.model import CostPolicy, Estimate
from qc.stats.corrected import corrected_rate
from qc.stats.escaped import Eyes
from qc.stats.inspection import Prices
from qc.stats.rates import true_rate
from qc.stats.reviewers import Accuracy
from qc.stats.shrinkage import Beta


@dataclass(frozen=True, slots=True)
class Work:
    """What was done: answers in scope, how many of them were reviewed, errors reported, and measured review times.

    `corrected`: reported errors with a right answer on record. `review_seconds` is the sum over the `timed` reviews
    that have a time.
    """

    answers: int
    reviewed: int
    errors_found: int
    review_seconds: float = 0.0
    timed: int = 0
    corrected: int = 0

    def seconds_per_review(self, policy: CostPolicy) -> float:
        """Mean time of a review: measured ones as measured, the others (or the first to come) as the policy says."""
        return self.hours(policy) * 3600 / self.reviewed if self.reviewed else policy.review_minutes * 60

    def hours(self, policy: CostPolicy) -> float:
        """Time spent on review; reviews without a time count as long as the policy says."""
        return (self.review_seconds + (self.reviewed - self.timed) * policy.review_minutes * 60) / 3600

    def hours_from(self, policy: CostPolicy) -> str:
        """Where the hours come from, in words."""
        unit = "minute" if policy.review_minutes == 1 else "minutes"
        assumed = f"{policy.review_minutes:g} {unit} a review, as set in the policy"
        if not self.timed:
            return assumed
        if self.timed >= self.reviewed:
            return "measured"
        return f"measured for {self.timed:,} of {self.reviewed:,} reviews; the others {assumed}"


@dataclass(frozen=True, slots=True)
class Judged:
    """The error rate of all answers by one source of judgement, the effective n behind it, and its posterior.

    by_reviewers: the rate is what reviewers report; else it is that of true errors (gold, adjudication).
    """

    rate: Estimate
    worth: float
    posterior: Beta
    by_reviewers: bool = True

    def before(self, eyes: Eyes, seen: tuple[str, Accuracy] | None) -> Estimate:
        """The rate of true errors; seen: what the reviewers' accuracy was estimated from, where it was."""
        if not self.by_reviewers or self.rate.value is None:
            return self.rate
        if seen is not None:
            return corrected_rate(self.rate, self.worth, seen[1], seen[0])
        return true_rate(self.rate, eyes.sensitivity, eyes.specificity)

    def reported(self, eyes: Eyes) -> Beta:
        """The posterior of the rate as such reviewers report it."""
        if self.by_reviewers:
            return self.posterior
        return self.posterior.reported(eyes.sensitivity, eyes.specificity)


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that prices are put on.

    seen: how well reviewers were found to see and by what, None where the policy's word is taken. error_price: what an
    error that escapes costs on average, where severities or labels have prices of their own. month_answers: answers a
    month. cells: how errors lie by risk, of all answers, and `waiting` of those that nobody reviewed.
    """

    work: Work
    judged: Judged
    disagreement: Estimate
    month_answers: float | None = None
    seen: tuple[str, Accuracy] | None = None
    error_price: float | None = None
    cells: Riskiest = field(default_factory=Riskiest)

    def eyes(self, policy: CostPolicy) -> Eyes:
        """How well reviewers see: as estimated, else as the policy supposes."""
        if self.seen is None:
            return Eyes(policy.sensitivity, policy.specificity)
        seen = self.seen[1]
        assert seen.sensitivity.value is not None
        assert seen.specificity.value is not None
        return Eyes(
            seen.sensitivity.value, seen.specificity.value, seen.sensitivity_size or 1.0, seen.specificity_size or 1.0
        )


def prices(evidence: Evidence, policy: CostPolicy) -> Prices:
    """What a review, an escaped error and a false flag cost, and what reviewers are worth."""
    review = evidence.work.seconds_per_review(policy) / 3600 * policy.reviewer_wage
    eyes = evidence.eyes(policy)
    escaped = policy.escaped_error if evidence.error_price is None else evidence.error_price
    return Prices(review, escaped, policy.false_flag, eyes.sensitivity, eyes.specificity)
