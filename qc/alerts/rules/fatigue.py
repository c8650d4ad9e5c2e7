"""Errors that rise within sessions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from qc.alerts.finding import WARNING, Finding, Subject, episode, rate
from qc.alerts.rules.rule import found, of, row
from qc.model import Estimate

# Verdicts that exclude a slope that matters.
CALM: Final = ("flat", "falling", "faster only", "slower only")


@dataclass(frozen=True, slots=True)
class FatigueCase:
    """The fatigue verdict on a subject, and the slope behind it: errors per answer and `per` (an hour, 100 answers)."""

    subject: Subject
    verdict: str
    slope: Estimate
    per: str = "an hour"
    items: tuple[str, ...] = ()


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
        slope = case.slope
        interval = (
            "" if slope.low is None or slope.high is None else f" ({100 * slope.low:.1f} to {100 * slope.high:.1f})"
        )
        message = (
            f"Errors of {case.subject.key} rise within sessions by {100 * case.slope.value:.1f} points {case.per}"
            f"{interval}, {slope.n:,} {slope.unit}."
        )
        proof = rate([row(f"{case.subject.key}, more errors {case.per}", slope)], 0.0)
        return found(self, case.subject, message, of(slope, 0.0, case.items, proof))

    def holds(self, case: FatigueCase) -> tuple[str, ...]:
        """While errors still seem to rise and nobody has shown that they do not."""
        stays = case.verdict not in CALM and (case.slope.value is None or case.slope.value > 0)
        return (episode(self.name, case.subject),) if stays else ()
