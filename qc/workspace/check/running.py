"""Evaluating the alert rules: what opens, what closes, and the review levels that follow."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from qc.access import allowed
from qc.alerts import RESOLVED, RULES, SEVERITIES, Alert, Case, Changes, Finding, Judgement, Subject, judge, update
from qc.figures.words import one_line, several
from qc.model.policy import AlertPolicy
from qc.store.alerts import alerts, move_alert, open_alerts, refresh_alert
from qc.workspace import assess
from qc.workspace.assess.lens import Lens
from qc.workspace.check.agreement import agreement_cases, reviewer_cases
from qc.workspace.check.backlog import backlog_cases, data_cases
from qc.workspace.check.errors import drift_cases, pattern_cases, rate_cases
from qc.workspace.check.levels import level_cases
from qc.workspace.check.mix import mix_cases, skip_cases
from qc.workspace.check.weeks import today
from qc.workspace.check.work import care_cases, fatigue_cases
from qc.workspace.levels import Standing, apply, proposals
from qc.workspace.opening import Workspace


@dataclass(frozen=True)
class Checked:
    """What a check found and did; `open` are the alerts that nobody has acknowledged and that do not sleep.

    `on`: the day of the check. An alert that its rule only holds open has the figures of the day it was last found.
    """

    opened: tuple[str, ...]
    resolved: tuple[str, ...]
    changed_levels: tuple[str, ...]
    open: tuple[dict[str, Any], ...]
    on: date

    def fails(self, least: str) -> bool:
        """Whether an alert of this severity or above is open and unacknowledged."""
        return any(SEVERITIES.index(alert["severity"]) >= SEVERITIES.index(least) for alert in self.open)

    @property
    def text(self) -> str:
        """The check in a few lines."""
        lines = [
            f"{several(len(self.open), 'alert')} open, {len(self.opened):,} new; {len(self.resolved):,} resolved.",
            *(f"  {alert['severity']}: {alert['message']}{self._of(alert)}" for alert in self.open),
            *(f"  level: {change}" for change in self.changed_levels),
        ]
        return "\n".join(map(one_line, lines))

    def _of(self, alert: dict[str, Any]) -> str:
        day = found_on(alert)
        return f" (figures of {day})" if day is not None and day < self.on.isoformat() else ""


@allowed("check")
def run(
    ws: Workspace,
    project: str,
    actor: str = "check",
    progress: Callable[[float], None] = lambda _share: None,
) -> Checked:
    """Evaluate every rule, open and close alerts, and apply the levels where the policy lets them act alone.

    Doing it twice changes nothing the second time.
    """
    now = datetime.now(UTC)
    assess.leave_ready(ws, project, lambda share: progress(0.8 * share))
    lens = assess.view(ws, project)
    standings = proposals(lens)
    policy = lens.policy.alerts
    before = alerts(ws.store, project)
    known = _as_known(before)
    judgement = _weighed(judge(_cases(lens, standings, now), _speaking(policy)), known, policy)
    changes = update(known, judgement, now, timedelta(days=policy.cool_down_days))
    _record(ws, project, changes, before, actor, now)
    changed = (
        [] if not lens.policy.errors.automatic else [s for s in standings if s.proposal.proposed != s.proposal.level]
    )
    for standing in changed:
        apply(lens, standing, "policy")
    progress(1.0)
    return Checked(
        tuple(finding.message for finding in changes.opened),
        tuple(alert.id for alert in changes.resolved),
        tuple(f"{standing.name}: {standing.proposal.reason}" for standing in changed),
        tuple(row for row in alerts(ws.store, project) if row["state"] == "open" and not asleep(row, now)),
        now.date(),
    )


def found_on(alert: dict[str, Any]) -> str | None:
    """The day, in UTC, of which the figures of an alert are; None where an earlier version did not keep it."""
    at = alert["evidence"].get("found_at")
    return None if at is None else str(at)[:10]


def asleep(alert: dict[str, Any], now: datetime) -> bool:
    """Whether somebody let an alert sleep until a time that has not come."""
    return alert["snoozed_until"] is not None and alert["snoozed_until"] > now


def _cases(lens: Lens, standings: list[Standing], now: datetime) -> Iterator[Case]:
    """What the rules look at; rules on weeks see the last one that is over."""
    day = today(now, lens.policy.timezone)
    yield from level_cases(lens, standings)
    yield from rate_cases(lens)
    yield from drift_cases(lens)
    yield from pattern_cases(lens, day)
    yield from agreement_cases(lens)
    yield from reviewer_cases(lens)
    yield from fatigue_cases(lens)
    yield from care_cases(lens)
    yield from mix_cases(lens, day)
    yield from skip_cases(lens, day)
    yield from backlog_cases(lens, now)
    yield from data_cases(lens)


def _speaking(policy: AlertPolicy) -> tuple[Any, ...]:
    return tuple(rule for rule in RULES if rule.name not in policy.muted)


def _weighed(judgement: Judgement, known: list[Alert], policy: AlertPolicy) -> Judgement:
    """With the policy's severities; alerts of muted rules have nothing that holds them open."""
    findings = tuple(
        replace(finding, severity=policy.severity(finding.rule, finding.severity)) for finding in judgement.findings
    )
    muted = {(alert.rule, alert.subject) for alert in known if alert.rule in policy.muted}
    return Judgement(findings, judgement.holding, judgement.judged | muted)


def _record(
    ws: Workspace, project: str, changes: Changes, before: list[dict[str, Any]], actor: str, now: datetime
) -> None:
    open_alerts(ws.store, project, [_row(finding, now) for finding in changes.opened], actor)
    known = {row["id"]: row for row in before}
    for alert, again in changes.kept:
        if again is not None and again.message != known[alert.id]["message"]:
            refresh_alert(ws.store, project, alert.id, again.message, _evidence(again, now))
    for alert in changes.resolved:
        move_alert(ws.store, project, alert.id, "resolved", actor, "its rule no longer holds")


def _as_known(rows: list[dict[str, Any]]) -> list[Alert]:
    """The latest alert of every episode."""
    latest = {row["episode"]: row for row in reversed(rows)}
    return [
        Alert(
            row["id"],
            row["episode"],
            row["rule"],
            Subject(row["subject_kind"], row["subject_key"]),
            row["state"],
            row["changed_at"] if row["state"] == RESOLVED else None,
        )
        for row in latest.values()
    ]


def _evidence(finding: Finding, now: datetime) -> dict[str, Any]:
    return {**asdict(finding.evidence), "found_at": now.isoformat()}


def _row(finding: Finding, now: datetime) -> dict[str, Any]:
    return {
        "episode": finding.key,
        "rule": finding.rule,
        "severity": finding.severity,
        "subject_kind": finding.subject.kind,
        "subject_key": finding.subject.key,
        "message": finding.message,
        "evidence": _evidence(finding, now),
    }
