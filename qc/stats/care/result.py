"""What is said of speed and care, as plain dataclasses; people, items and labels are codes."""

from __future__ import annotations

from dataclasses import dataclass

from qc.model import Estimate
from qc.stats.care.course import Course
from qc.stats.care.guessing import Guessing
from qc.stats.care.prelabels import Prelabels
from qc.stats.care.runs import LongestRun, Unlike

# The false discovery rate over all people and tests of a team.
LIKELY = 0.05


@dataclass(frozen=True, slots=True)
class PersonCare:
    """One annotator: answers, those with a time, and what each test says."""

    annotator: int
    n: int
    timed: int
    fast: Estimate
    guessing: Guessing
    longest: LongestRun
    unlike: Unlike
    prelabels: Prelabels
    course: Course


@dataclass(frozen=True, slots=True)
class SlowItem:
    """An item that takes people longer than others beyond doubt; `ratio` to a usual item."""

    item: int
    n: int
    seconds: float
    ratio: Estimate
    q: float


@dataclass(frozen=True, slots=True)
class Care:
    """Everybody by code, the slowest items, and how many tests share the false discovery rate."""

    people: list[PersonCare]
    slow: list[SlowItem]
    tests: int
