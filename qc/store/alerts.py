"""Alerts and what became of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from qc.model import NotFoundError
from qc.store import tables as t
from qc.store.record import Change, Store, dumps, plain_row
from qc.store.versions import unchanged


def open_alert(store: Store, project: str, alert: Mapping[str, Any], actor: str) -> str:
    """Record a new alert (episode, rule, severity, subject_kind, subject_key, message, evidence) and return its id."""
    return open_alerts(store, project, [alert], actor)[0]


def open_alerts(store: Store, project: str, found: Sequence[Mapping[str, Any]], actor: str) -> list[str]:
    """Record new alerts in one transaction, and return their ids."""
    if not found:
        return []
    with store.change(actor, project) as change:
        fixed = {"project": project, "opened_at": change.at, "state": "open", "changed_at": change.at, "actor": actor}
        fixed |= {"revision": 1, "edited_by": actor, "edited_at": change.at}
        rows = [{**alert, **fixed, "evidence": dumps(alert["evidence"]), "id": uuid4().hex[:12]} for alert in found]
        change.connection.execute(sa.insert(t.alerts), rows)
        change.raise_revision(project, "alerts")
        for row in rows:
            change.audit(project, "open alert", f"alert {row['id']}", after=row["message"])
    return [row["id"] for row in rows]


def move_alert(
    store: Store,
    project: str,
    alert_id: str,
    state: str,
    actor: str,
    comment: str | None = None,
    expected: int | None = None,
) -> None:
    """Acknowledge or resolve an alert, which ends its sleep; NotFoundError when it does not exist.

    expected: the revision that the actor saw; ConflictError where it was changed since.
    """
    with store.change(actor, project) as change:
        old = _standing(change, project, alert_id, expected)
        values = {"state": state, "changed_at": change.at, "actor": actor, "comment": comment, "snoozed_until": None}
        _update(change, project, alert_id, values)
        _say(change, alert_id, comment)
        change.audit(project, state, f"alert {alert_id}", old["state"], state, comment)


def snooze_alert(
    store: Store,
    project: str,
    alert_id: str,
    until: datetime | None,
    actor: str,
    comment: str | None,
    expected: int | None = None,
) -> None:
    """Let an alert sleep until a time, or wake it; `expected` as in `move_alert`."""
    with store.change(actor, project) as change:
        old = _standing(change, project, alert_id, expected)
        _update(change, project, alert_id, {"snoozed_until": until})
        _say(change, alert_id, comment)
        before, after = (None if time is None else time.isoformat() for time in (old["snoozed_until"], until))
        change.audit(project, "wake" if until is None else "snooze", f"alert {alert_id}", before, after, comment)


def assign_alert(
    store: Store, project: str, alert_id: str, owner: str | None, actor: str, expected: int | None = None
) -> None:
    """Give an alert an owner, or none; `expected` as in `move_alert`."""
    with store.change(actor, project) as change:
        old = _standing(change, project, alert_id, expected)
        _update(change, project, alert_id, {"owner": owner})
        change.audit(project, "assign", f"alert {alert_id}", old["owner"], owner)


def comment_alert(store: Store, project: str, alert_id: str, text: str, actor: str) -> None:
    """Add to what was said about an alert."""
    with store.change(actor, project) as change:
        _standing(change, project, alert_id)
        _say(change, alert_id, text)
        change.raise_revision(project, "alerts")
        change.audit(project, "comment", f"alert {alert_id}", after=text)


def comments(store: Store, project: str, alert_id: str) -> list[dict[str, Any]]:
    """What was said about an alert, oldest first: seq, actor, text, at."""
    c = t.alert_comments.c
    query = sa.select(c.seq, c.actor, c.text, c.at).join(t.alerts).where(t.alerts.c.project == project)
    return store.rows(query.where(c.alert_id == alert_id).order_by(c.seq))


def refresh_alert(store: Store, project: str, alert_id: str, message: str, evidence: Mapping[str, Any]) -> None:
    """Bring the sentence and evidence of an alert that goes on up to date; its life is not touched."""
    c = t.alerts.c
    with store.change("check") as change:
        change.connection.execute(
            sa.update(t.alerts).where(c.id == alert_id).values(message=message, evidence=dumps(evidence))
        )
        change.raise_revision(project, "alerts")


def alerts(store: Store, project: str) -> list[dict[str, Any]]:
    """Every alert of a project, newest first."""
    query = sa.select(t.alerts).where(t.alerts.c.project == project)
    return [
        plain_row(row, "evidence") for row in store.rows(query.order_by(t.alerts.c.opened_at.desc(), t.alerts.c.id))
    ]


def _standing(change: Change, project: str, alert_id: str, expected: int | None = None) -> dict[str, Any]:
    here = (t.alerts.c.id == alert_id) & (t.alerts.c.project == project)
    row = change.connection.execute(sa.select(t.alerts).where(here)).mappings().first()
    if row is None:
        raise NotFoundError(f"There is no alert {alert_id} in this project.")
    standing = {"revision": row["revision"], "actor": row["edited_by"], "at": row["edited_at"]}
    unchanged("The alert", expected, standing, change.at)
    return dict(row)


def _update(change: Change, project: str, alert_id: str, values: Mapping[str, Any]) -> None:
    edited = {"revision": t.alerts.c.revision + 1, "edited_by": change.actor, "edited_at": change.at}
    change.connection.execute(sa.update(t.alerts).where(t.alerts.c.id == alert_id).values(**values, **edited))
    change.raise_revision(project, "alerts")


def _say(change: Change, alert_id: str, text: str | None) -> None:
    if text is None:
        return
    c = t.alert_comments.c
    last = change.connection.execute(sa.select(sa.func.max(c.seq)).where(c.alert_id == alert_id)).scalar() or 0
    values = {"alert_id": alert_id, "seq": last + 1, "actor": change.actor, "text": text, "at": change.at}
    change.connection.execute(sa.insert(t.alert_comments).values(**values))
