"""What a rule is, and the words that rules share."""

from __future__ import annotations

from typing import Any, Protocol

from qc.alerts.finding import MOST_ITEMS, Evidence, Finding, Subject, episode
from qc.model import Estimate


class Rule(Protocol):
    """What the registry holds.

    A rule holds more easily than it fires, so that an alert does not flicker, and always where its case tells nothing.
    """

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


def found(
    rule: Rule, subject: Subject, message: str, evidence: Evidence, severity: str = "", stage: str = ""
) -> Finding:
    """A finding of a rule; its evidence names a bounded number of items."""
    kept = Evidence(
        evidence.value,
        evidence.threshold,
        evidence.n,
        evidence.low,
        evidence.high,
        evidence.items[:MOST_ITEMS],
        evidence.proof,
    )
    return Finding(rule.name, severity or rule.severity, subject, message, kept, episode(rule.name, subject, stage))


def of(number: Estimate, threshold: float, items: tuple[str, ...] = (), proof: Any = None) -> Evidence:
    """The evidence that an Estimate is."""
    return Evidence(number.value, threshold, number.n, number.low, number.high, items, proof)


def percent(rate: Estimate) -> str:
    """A rate with its interval in words."""
    assert rate.value is not None
    interval = "" if rate.low is None or rate.high is None else f" ({100 * rate.low:.1f}–{100 * rate.high:.1f} %)"
    return f"{100 * rate.value:.1f} %{interval}"


def row(name: str, rate: Estimate) -> dict[str, Any]:
    """An Estimate as a row of a proof."""
    return {"name": name, "value": rate.value, "low": rate.low, "high": rate.high, "n": rate.n}
