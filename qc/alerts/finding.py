"""What a rule looks at, and what it says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from qc.model import Estimate
from qc.stats.rates import AnnotatorRate

INFO, WARNING, CRITICAL = "info", "warning", "critical"
MOST_ITEMS: Final = 100


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom or what an alert is about: `kind` (annotator, question, team, …) and its name."""

    kind: str
    key: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """The number, what it was compared with, from how many, its interval, and the items behind it."""

    value: float | None
    threshold: float | None
    n: int
    low: float | None = None
    high: float | None = None
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LevelCase:
    """The review level of a subject, the one that the evidence asks for, and the sentence that says why."""

    subject: Subject
    level: str
    proposed: str
    reason: str
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class RateCase:
    """An annotator's error rate against the policy's target and limit."""

    subject: Subject
    row: AnnotatorRate
    target: float
    limit: float
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AgreementCase:
    """Agreement on a question in the time before and in the last period, and the drop that matters."""

    subject: Subject
    before: Estimate
    after: Estimate
    drop: float
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FatigueCase:
    """The fatigue verdict on a subject, and the slope behind it: errors per answer and `per` (an hour, 100 answers)."""

    subject: Subject
    verdict: str
    slope: Estimate
    per: str = "an hour"
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CareCase:
    """What one test of speed and care says of an annotator.

    `sentence` is None where it says nothing. `q` is the test's false discovery rate among all of the team, None where
    it could not be made; `n` counts the answers behind it.
    """

    subject: Subject
    sentence: str | None
    n: int
    q: float | None
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GuessingCase(CareCase):
    """Of answers too fast to have looked."""


@dataclass(frozen=True, slots=True)
class PrelabelCase(CareCase):
    """Of pre-labels left as they were shown."""


@dataclass(frozen=True, slots=True)
class RunCase(CareCase):
    """Of one label given many times in a row."""


Case = LevelCase | RateCase | AgreementCase | FatigueCase | CareCase


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule speaking about one subject; findings with the same `key` belong to the same episode."""

    rule: str
    severity: str
    subject: Subject
    message: str
    evidence: Evidence
    key: str


def episode(rule: str, subject: Subject, stage: str = "") -> str:
    """The key of an episode; `stage` tells apart what a rule reports more than once of one subject."""
    return "|".join(part.replace("|", "||") for part in (rule, subject.kind, subject.key, stage))
