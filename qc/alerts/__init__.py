"""Alert rules, what they find, and the life of an alert. Pure: decides, and stores nothing."""

from qc.alerts.finding import CRITICAL, INFO, SEVERITIES, WARNING, Evidence, Finding, Subject
from qc.alerts.lifecycle import ACKNOWLEDGED, COOL_DOWN, OPEN, RESOLVED, Alert, Changes, Judgement, judge, update
from qc.alerts.rules import RULES, Case, Rule

__all__ = [
    "ACKNOWLEDGED",
    "COOL_DOWN",
    "CRITICAL",
    "INFO",
    "OPEN",
    "RESOLVED",
    "RULES",
    "SEVERITIES",
    "WARNING",
    "Alert",
    "Case",
    "Changes",
    "Evidence",
    "Finding",
    "Judgement",
    "Rule",
    "Subject",
    "judge",
    "update",
]
