"""What is left in a part of the work, and what errors of different prices cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, log, sqrt

from qc.cost.evidence import Judged
from qc.model import Estimate, undefined
from qc.stats.escaped import Eyes, escaped_errors
from qc.stats.intervals import proportion


@dataclass(frozen=True, slots=True)
class Part:
    """A label, site, batch or month: answers, reviews and errors found among them, and what is left."""

    key: str
    answers: int
    reviewed: int
    found: int
    before: Estimate
    after: Estimate
    escaped: Estimate
    price: float
    cost: Estimate
    review_cost: float


@dataclass(frozen=True, slots=True)
class Share:
    """A severity: how many of the errors found have it, its price, and how many of the errors left will."""

    severity: str
    n: int
    share: Estimate
    price: float
    escaped: Estimate
    cost: Estimate


def escaped_of(answers: int, reviewed: int, found: int, judged: Judged, eyes: Eyes) -> Estimate:
    """True errors left among answers of which so many were reviewed and flagged."""
    if judged.by_reviewers:
        return escaped_errors(answers, reviewed, found, judged.rate, judged.worth, eyes)
    rate = judged.rate
    if rate.value is None:
        return rate
    flags = max(0.0, found - reviewed * (1 - eyes.specificity))
    removed = eyes.sensitivity * flags / eyes.discernment if eyes.discernment > 0 else 0.0
    value, low, high = (
        None if end is None else max(0.0, answers * end - removed) for end in (rate.value, rate.low, rate.high)
    )
    return Estimate(
        value, low, high, rate.n, rate.unit, f"{rate.method}; less the errors that reviews removed", rate.warning
    )


def part(key: str, size: tuple[int, int, int], judged: Judged, eyes: Eyes, price: float, each_review: float) -> Part:
    """One part of the work; size: answers, reviewed, found. price: of an error that escapes."""
    answers, reviewed, found = size
    escaped = escaped_of(answers, reviewed, found, judged, eyes)
    return Part(
        key,
        *size,
        judged.before(eyes, None),
        scaled(escaped, 1 / answers) if answers else undefined("no answers", 0, "answers"),
        escaped,
        price,
        scaled(escaped, price),
        reviewed * each_review,
    )


def by_price(counts: Mapping[str, int], escaped: Estimate, price: Mapping[str, float], otherwise: float) -> list[Share]:
    """Errors left and their cost by severity, as those that were found divide; the dearest first.

    Intervals join that of the errors left and that of the share as independent (on the log scale, Zou & Donner 2008).
    """
    total = sum(counts.values())
    rows = []
    for severity, n in counts.items():
        share = proportion(n, total, unit="errors found")
        each = price.get(severity, otherwise)
        left = product(escaped, share)
        rows.append(Share(severity, n, share, each, left, scaled(left, each)))
    return sorted(rows, key=lambda row: (-row.price, -row.n, row.severity))


def mean_price(rows: Sequence[Share]) -> float | None:
    """What an error costs on average; None where none was found."""
    total = sum(row.n for row in rows)
    return sum(row.n * row.price for row in rows) / total if total else None


def scaled(e: Estimate, factor: float) -> Estimate:
    """A figure times a constant; undefined stays undefined."""
    if e.value is None:
        return e
    low, high = (None if end is None else end * factor for end in (e.low, e.high))
    return Estimate(e.value * factor, low, high, e.n, e.unit, e.method, e.warning)


def product(one: Estimate, other: Estimate) -> Estimate:
    """The product of two figures above 0 that know nothing of each other."""
    if one.value is None or other.value is None:
        return one if one.value is None else other
    value = one.value * other.value
    if value <= 0 or None in (one.low, one.high, other.low, other.high):
        return Estimate(value, None, None, one.n, one.unit, one.method, one.warning)

    def far(end: str) -> float:
        ratios = [(getattr(e, end), e.value) for e in (one, other)]
        return sqrt(sum(log(bound / middle) ** 2 for bound, middle in ratios))

    low = 0.0 if min(one.low or 0.0, other.low or 0.0) <= 0 else value * exp(-far("low"))
    return Estimate(value, low, value * exp(far("high")), one.n, one.unit, one.method, one.warning)
