"""Alert rules, what they find, and the life of an alert. Pure: decides, and stores nothing."""

from qc.alerts.finding import (
    CRITICAL,
    INFO,
    WARNING,
    AgreementCase,
    Evidence,
    FatigueCase,
    Finding,
    LevelCase,
    RateCase,
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
    "Changes",
    "Evidence",
    "FatigueCase",
    "Finding",
    "Judgement",
    "LevelCase",
    "RateCase",
    "Rule",
    "Subject",
    "judge",
    "update",
]
