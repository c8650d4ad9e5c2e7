"""From findings to alerts: one episode, one alert."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from qc.alerts.finding import Finding, Subject
from qc.alerts.rules import RULES, Case, Rule

OPEN, ACKNOWLEDGED, RESOLVED = "open", "acknowledged", "resolved"
COOL_DOWN: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Alert:
    """The latest alert of an episode, as the record holds it; `resolved_at` is set where it is resolved."""

    id: str
    key: str
    rule: str
    subject: Subject
    state: str
    resolved_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the rules say now: findings, episodes that may stay open, and whom each rule looked at."""

    findings: tuple[Finding, ...]
    holding: frozenset[str]
    judged: frozenset[tuple[str, Subject]]


@dataclass(frozen=True, slots=True)
class Changes:
    """What becomes of alerts: `kept` with their new finding, if any; `quiet` are findings within the cool-down."""

    opened: tuple[Finding, ...]
    kept: tuple[tuple[Alert, Finding | None], ...]
    resolved: tuple[Alert, ...]
    quiet: tuple[Finding, ...]


def judge(cases: Iterable[Case], rules: Sequence[Rule] = RULES) -> Judgement:
    """Every rule applied to every case of its type."""
    pairs = [(rule, case) for case in cases for rule in rules if isinstance(case, rule.judges)]
    findings = (rule.evaluate(case) for rule, case in pairs)
    return Judgement(
        tuple(finding for finding in findings if finding is not None),
        frozenset(key for rule, case in pairs for key in rule.holds(case)),
        frozenset((rule.name, case.subject) for rule, case in pairs),
    )


def update(alerts: Iterable[Alert], judgement: Judgement, now: datetime, cool_down: timedelta = COOL_DOWN) -> Changes:
    """Which alerts to open, keep and resolve.

    alerts: the latest of every episode, resolved ones included. An unresolved alert is kept while its rule fires or
    holds, and where its subject was not looked at; else it is resolved. A finding opens an alert unless one is open,
    or was resolved less than the cool-down ago. Applying the changes and asking again changes nothing.
    """
    latest = {alert.key: alert for alert in alerts}
    fired = {finding.key: finding for finding in reversed(judgement.findings)}
    active = [alert for alert in latest.values() if alert.state != RESOLVED]
    kept = [
        (alert, fired.get(alert.key))
        for alert in active
        if alert.key in fired or alert.key in judgement.holding or (alert.rule, alert.subject) not in judgement.judged
    ]
    staying = {alert.key for alert, _ in kept}
    new = [finding for key, finding in fired.items() if key not in staying]
    cooling = {
        alert.key
        for alert in latest.values()
        if alert.state == RESOLVED and alert.resolved_at is not None and now - alert.resolved_at < cool_down
    }
    return Changes(
        tuple(finding for finding in reversed(new) if finding.key not in cooling),
        tuple(kept),
        tuple(alert for alert in active if alert.key not in staying),
        tuple(finding for finding in reversed(new) if finding.key in cooling),
    )
