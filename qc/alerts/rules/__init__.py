"""The alert rules, one module per family: what each fires on, and what keeps it open.

Every rule has a `name`, the type of case that it `judges`, the way its false alarms are bounded (`false_alarms`), a
`severity`, and two pure methods: `evaluate(case)` gives a Finding where the rule fires, and `holds(case)` the keys of
the episodes that may stay open.
"""

from __future__ import annotations

from typing import Final

from qc.alerts.rules.agreement import AgreementCase, AgreementDrop, ReviewerDisagreement, ReviewersCase
from qc.alerts.rules.backlog import (
    ConflictBacklog,
    ConflictsCase,
    DataCase,
    DataProblems,
    OverdueCase,
    ReviewBacklog,
    ReviewsCase,
    SampleOverdue,
    WaitingCase,
)
from qc.alerts.rules.care import CareCase, GuessingCase, PrelabelCase, RubberStamping, RunCase, SameAnswer, TooFast
from qc.alerts.rules.errors import (
    DriftCase,
    ErrorDrift,
    ErrorRateAboveTarget,
    PatternCase,
    RateCase,
    RecurringPattern,
)
from qc.alerts.rules.fatigue import FatigueCase, FatigueRising
from qc.alerts.rules.levels import LevelCase, LowerReviewLevel, RaiseReviewLevel
from qc.alerts.rules.mix import MixCase, MixUnlikeLastWeek, MixUnlikeTeam, SkipCase, SkipRate, TeamMixCase, WeekMixCase
from qc.alerts.rules.rule import Rule

RULES: Final[tuple[Rule, ...]] = (
    RaiseReviewLevel(),
    LowerReviewLevel(),
    ErrorRateAboveTarget(),
    ErrorDrift(),
    RecurringPattern(),
    AgreementDrop(),
    FatigueRising(),
    TooFast(),
    RubberStamping(),
    SameAnswer(),
    MixUnlikeTeam(),
    MixUnlikeLastWeek(),
    SkipRate(),
    ConflictBacklog(),
    ReviewBacklog(),
    SampleOverdue(),
    ReviewerDisagreement(),
    DataProblems(),
)

Case = (
    LevelCase
    | RateCase
    | DriftCase
    | PatternCase
    | AgreementCase
    | ReviewersCase
    | FatigueCase
    | CareCase
    | MixCase
    | SkipCase
    | WaitingCase
    | DataCase
)

__all__ = [
    "RULES",
    "AgreementCase",
    "CareCase",
    "Case",
    "ConflictsCase",
    "DataCase",
    "DriftCase",
    "FatigueCase",
    "GuessingCase",
    "LevelCase",
    "MixCase",
    "OverdueCase",
    "PatternCase",
    "PrelabelCase",
    "RateCase",
    "ReviewersCase",
    "ReviewsCase",
    "Rule",
    "RunCase",
    "SkipCase",
    "TeamMixCase",
    "WaitingCase",
    "WeekMixCase",
]
