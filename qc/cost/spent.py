"""What review cost and bought so far, and the cheapest way to review as many answers again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from qc.cost.evidence import Evidence, Work, prices
from qc.cost.parts import escaped_of, scaled
from qc.model import CostPolicy, Estimate, undefined
from qc.stats.escaped import Eyes
from qc.stats.inspection import Best, CurveRow, Prices, curve, undecidable
from qc.stats.intervals import wilson_bounds
from qc.stats.ranked import GRID, RANKED, Cells, Option, Swap, cheapest, expected, options, ranked_costs, swap

# What managers ask: the riskiest so much in place of a random so much.
RISKIEST, AT_RANDOM = 0.06, 0.10
ASSUMED: Final = "the policy"


@dataclass(frozen=True, slots=True)
class Reviewers:
    """How well reviewers see, and where that is from."""

    sensitivity: float
    specificity: float
    source: str


@dataclass(frozen=True, slots=True)
class Full:
    """After a review of everything: errors left, and right answers spoilt if whatever is flagged is changed.

    Below a true rate of `worse_below` more is spoilt than mended; p_worse: how likely it is that the rate is.
    """

    left: Estimate
    spoilt: Estimate
    worse_below: float | None
    p_worse: float


@dataclass(frozen=True, slots=True)
class Week:
    """What the hours of a week buy: the riskiest answers that nobody reviewed, as far as a review of them pays."""

    hours: float
    answers: int
    worth_it: int
    errors: Estimate
    benefit: Estimate


@dataclass(frozen=True, slots=True)
class Cost:
    """Section `cost` of the assessment: money in the policy's currency, rates of true errors as fractions."""

    currency: str
    review_hours: float
    review_hours_from: str
    review_cost: float
    errors_found: int
    errors_corrected: int
    reviewers: Reviewers
    errors_escaped: Estimate
    error_before: Estimate
    error_after: Estimate
    disagreement_rate: Estimate
    cost_per_error_found: Estimate
    cost_per_error_next: Estimate
    cost_per_error_riskiest: Estimate
    escaped_price: float
    escaped_cost: Estimate
    break_even_rate: float | None
    best: Best
    options: tuple[Option, ...]
    curve: tuple[CurveRow, ...]
    full: Full | None
    month_answers: float | None
    swap: Swap | None
    week: Week | None
    not_ranked: str | None


def cost(evidence: Evidence, policy: CostPolicy, asked: tuple[float, float] = (RISKIEST, AT_RANDOM)) -> Cost:
    """What review cost and bought so far, and the cheapest way to review as many answers again.

    asked: the riskiest share, and the random share that it is compared with.
    """
    work, eyes, price = evidence.work, evidence.eyes(policy), prices(evidence, policy)
    before = evidence.judged.before(eyes, evidence.seen)
    escaped = escaped_of(work.answers, work.reviewed, work.errors_found, evidence.judged, eyes)
    spent = work.hours(policy) * policy.reviewer_wage
    posterior = evidence.judged.reported(eyes)
    reason = before.reason if not before.n else undecidable(work.answers, price)
    lot = None if reason else evidence.cells.lot(work.answers, posterior, price)
    ranked = lot is not None and evidence.cells.reason is None
    shown: tuple[CurveRow, ...] = ()
    if lot is not None:
        shown = (*curve(work.answers, posterior, price), *(_ranked_curve(lot, price) if ranked else ()))
    return Cost(
        policy.currency,
        work.hours(policy),
        work.hours_from(policy),
        spent,
        work.errors_found,
        work.corrected,
        Reviewers(eyes.sensitivity, eyes.specificity, evidence.seen[0] if evidence.seen else ASSUMED),
        escaped,
        before,
        scaled(escaped, 1 / work.answers) if work.answers else undefined(escaped.reason or "no answers", 0, "answers"),
        evidence.disagreement,
        _per_error(work, spent),
        _next(before, eyes, price),
        _riskiest(lot, price) if lot is not None and ranked else undefined(evidence.cells.reason or "", 0, "answers"),
        price.escaped,
        scaled(escaped, price.escaped),
        price.break_even,
        Best(None, None, None, None, reason) if lot is None else cheapest(lot, posterior, price),
        () if lot is None else options(lot, posterior, price),
        shown,
        None if lot is None else _full(lot, price),
        evidence.month_answers,
        swap(*asked, _monthly(lot, evidence.month_answers), price) if lot is not None and ranked else None,
        _week(evidence, policy, price) if ranked else None,
        evidence.cells.reason,
    )


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


def _next(before: Estimate, eyes: Eyes, price: Prices) -> Estimate:
    """Money per true error that the next reviews find, of answers chosen at random."""
    if not before.value or not eyes.sensitivity:
        reason = before.reason or "no error is to be found"
        return undefined(reason, before.n, before.unit)
    value, low, high = (
        price.review / (eyes.sensitivity * rate) if rate else None for rate in (before.value, before.high, before.low)
    )
    return Estimate(value, low, high, before.n, before.unit, before.method, before.warning)


def _riskiest(lot: Cells, price: Prices) -> Estimate:
    """The same of the riskiest answers."""
    found = price.sensitivity * lot.rate_at(0.0)
    if found.mean() <= 0:
        return undefined("no error is to be found", lot.lot, "answers")
    rate = expected(found, lot.lot)
    value, low, high = (price.review / end if end else None for end in (rate.value, rate.high, rate.low))
    return Estimate(value, low, high, rate.n, rate.unit, rate.method)


def _ranked_curve(lot: Cells, price: Prices) -> tuple[CurveRow, ...]:
    shares = GRID[::10]
    costs = ranked_costs(shares, lot, price).mean(axis=0)
    left = (lot.overall * lot.lot)[:, None] - price.sensitivity * lot.within(shares)[1]
    return tuple(
        CurveRow(RANKED, float(share), float(costs[place]), expected(left[:, place], lot.lot))
        for place, share in enumerate(shares)
    )


def _full(lot: Cells, price: Prices) -> Full:
    p, flags = lot.overall, 1 - price.specificity
    turning = price.sensitivity + flags
    limit = flags / turning if turning > 0 else None
    return Full(
        expected(p * (1 - price.sensitivity), lot.lot),
        expected((1 - p) * flags, lot.lot),
        limit,
        0.0 if limit is None else float((p < limit).mean()),
    )


def _monthly(lot: Cells, month: float | None) -> Cells:
    """The same cells with a month's answers; as they are where nobody knows how many come in a month."""
    if month is None:
        return lot
    return Cells(np.rint(lot.answers * (month / lot.lot)).astype(np.int64), lot.rates)


def _week(evidence: Evidence, policy: CostPolicy, price: Prices) -> Week:
    queue = evidence.cells.queue(evidence.judged.reported(evidence.eyes(policy)), price)
    gain = price.unreviewed(queue.rates) - price.reviewed(queue.rates)
    pays = (gain.mean(axis=0) > 0).cumprod().astype(bool)
    worth_it = int(queue.answers[pays].sum())
    seconds = evidence.work.seconds_per_review(policy)
    fits = int(policy.hours_a_week * 3600 / seconds) if seconds > 0 else worth_it
    answers = min(fits, worth_it)
    share = answers / queue.lot if queue.lot else 0.0
    caught = queue.within(share)[1][:, 0] if queue.lot else np.zeros(len(queue.rates))
    flags = (answers - caught) * (1 - price.specificity)
    benefit = price.sensitivity * caught * price.escaped - flags * price.false_flag - answers * price.review
    return Week(
        policy.hours_a_week,
        answers,
        worth_it,
        expected(price.sensitivity * caught, answers),
        expected(benefit, answers),
    )
