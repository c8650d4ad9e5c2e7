"""Work without care: too fast, pre-labels left as shown, one label over and over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from qc.alerts.finding import WARNING, Evidence, Finding, Subject, episode
from qc.alerts.rules.rule import found
from qc.stats.care import LIKELY


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


@dataclass(frozen=True, slots=True)
class _Careless:
    """What the rules of speed and care have in common; each judges a case of its own."""

    name: ClassVar[str]
    judges: ClassVar[type]
    false_alarms: ClassVar[str] = "of all that is noted on speed and care of a team, at most 5 % on average is chance"
    severity: str = WARNING
    holds_to: float = 0.2

    def evaluate(self, case: CareCase) -> Finding | None:
        """Fires where the test says something; its sentence is the message."""
        if case.sentence is None:
            return None
        message = f"{case.subject.key} {case.sentence}."
        return found(self, case.subject, message, Evidence(case.q, LIKELY, case.n, items=case.items))

    def holds(self, case: CareCase) -> tuple[str, ...]:
        """While the false discovery rate stays under `holds_to`, or nobody can tell."""
        stays = case.q is None or case.q <= self.holds_to
        return (episode(self.name, case.subject),) if stays else ()


@dataclass(frozen=True, slots=True)
class TooFast(_Careless):
    """An annotator guesses: answers too fast to have looked, and these no better than chance."""

    name: ClassVar[str] = "too fast"
    judges: ClassVar[type] = GuessingCase


@dataclass(frozen=True, slots=True)
class RubberStamping(_Careless):
    """An annotator keeps pre-labels as shown far more often than the others do."""

    name: ClassVar[str] = "rubber-stamping of pre-labels"
    judges: ClassVar[type] = PrelabelCase


@dataclass(frozen=True, slots=True)
class SameAnswer(_Careless):
    """An annotator gives one label over and over where others do not."""

    name: ClassVar[str] = "same answer over and over"
    judges: ClassVar[type] = RunCase
