"""Alert rules, what they find, and the life of an alert. Pure: decides, and stores nothing."""

from qc.alerts.finding import (
    CRITICAL,
    INFO,
    WARNING,
    AgreementCase,
    CareCase,
    Evidence,
    FatigueCase,
    Finding,
    GuessingCase,
    LevelCase,
    PrelabelCase,
    RateCase,
    RunCase,
    Subject,
)
from qc.alerts.lifecycle import ACKNOWLEDGED, COOL_DOWN, OPEN, RESOLVED, Alert, Changes, Judgement, judge, update
from qc.alerts.rules import RULES, Rule

__all__ = [
    "ACKNOWLEDGED",
    "COOL_DOWN",
    "CRITICAL",
    "INFO",
    "OPEN",
    "RESOLVED",
    "RULES",
    "WARNING",
    "AgreementCase",
    "Alert",
    "CareCase",
    "Changes",
    "Evidence",
    "FatigueCase",
    "Finding",
    "GuessingCase",
    "Judgement",
    "LevelCase",
    "PrelabelCase",
    "RateCase",
    "Rule",
    "RunCase",
    "Subject",
    "judge",
    "update",
]
