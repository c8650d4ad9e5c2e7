"""Is review worth what it costs, and how much of it should be bought?"""

from __future__ import annotations

from dataclasses import dataclass

from qc.model import CostPolicy, Estimate, undefined
from qc.stats.inspection import Best, CurveRow, Prices, best, curve
from qc.stats.intervals import wilson_bounds
from qc.stats.shrinkage import Beta


@dataclass(frozen=True, slots=True)
class Work:
    """What was done: answers in scope, how many of them were reviewed, errors reported, and measured review times.

    `review_seconds` is the sum over the `timed` reviews that have a time.
    """

    answers: int
    reviewed: int
    errors_found: int
    review_seconds: float = 0.0
    timed: int = 0

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
class Cost:
    """Section `cost` of the assessment: money in the policy's currency, rates of true errors as fractions."""

    currency: str
    review_hours: float
    review_hours_from: str
    review_cost: float
    errors_found: int
    errors_escaped: Estimate
    error_before: Estimate
    error_after: Estimate
    disagreement_rate: Estimate
    cost_per_error_found: Estimate
    break_even_rate: float | None
    best: Best
    curve: tuple[CurveRow, ...]


def prices(work: Work, policy: CostPolicy) -> Prices:
    """What a review, an escaped error and a false flag cost."""
    review = work.seconds_per_review(policy) / 3600 * policy.reviewer_wage
    return Prices(review, policy.escaped_error, policy.false_flag, policy.sensitivity, policy.specificity)


def cost(work: Work, before: Estimate, posterior: Beta, disagreement: Estimate, policy: CostPolicy) -> Cost:
    """What review cost and bought so far, and the cheapest way to review as many answers again.

    before: true errors per answer, of all answers in scope (`true_rate` of what reviewers report; gold as it is);
    posterior: the rate as reviewers report it (its prior where nothing was judged); disagreement: answers that differ
    from another on the same item, passed through.
    """
    price = prices(work, policy)
    spent = work.hours(policy) * policy.reviewer_wage
    escaped = _escaped(work, before, price)
    return Cost(
        policy.currency,
        work.hours(policy),
        work.hours_from(policy),
        spent,
        work.errors_found,
        escaped,
        before,
        _share(escaped, work.answers),
        disagreement,
        _per_error(work, spent),
        price.break_even,
        Best(None, None, None, None, before.reason) if not before.n else best(work.answers, posterior, price),
        () if not before.n else curve(work.answers, posterior, price),
    )


def _escaped(work: Work, before: Estimate, price: Prices) -> Estimate:
    """True errors left: those that the reviews missed, and those in answers that nobody reviewed."""
    if before.value is None:
        return before
    reviewed = work.reviewed * float(price.true(work.errors_found / work.reviewed)) if work.reviewed else 0.0
    missed = (1 - price.sensitivity) * reviewed

    def left(rate: float | None) -> float | None:
        return None if rate is None else missed + max(0.0, work.answers * rate - reviewed)

    return Estimate(
        left(before.value),
        left(before.low),
        left(before.high),
        work.answers,
        "answers",
        f"{before.method}; less the errors that reviews removed",
        before.warning,
    )


def _share(escaped: Estimate, answers: int) -> Estimate:
    if escaped.value is None or not answers:
        return undefined(escaped.reason or "no answers", answers, "answers")
    low, high = (None if bound is None else min(1.0, bound / answers) for bound in (escaped.low, escaped.high))
    return Estimate(min(1.0, escaped.value / answers), low, high, answers, "answers", escaped.method, escaped.warning)


def _per_error(work: Work, spent: float) -> Estimate:
    """Money per reported error; the interval is that of the share of reviews that report one."""
    if not work.errors_found:
        return undefined("no error was found yet" if work.reviewed else "nothing reviewed", work.reviewed, "reviews")
    low, high = wilson_bounds(work.errors_found / work.reviewed, work.reviewed)
    each = spent / work.reviewed
    return Estimate(
        spent / work.errors_found,
        each / float(high),
        each / float(low),
        work.reviewed,
        "reviews",
        "cost of a review over the share that finds an error; Wilson, 95 %",
    )
