"""Alerts and what became of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from qc.model import NotFoundError
from qc.store import tables as t
from qc.store.record import Store, dumps, plain_row


def open_alert(store: Store, project: str, alert: Mapping[str, Any], actor: str) -> str:
    """Record a new alert (episode, rule, severity, subject_kind, subject_key, message, evidence) and return its id."""
    key = uuid4().hex[:12]
    with store.change(actor) as change:
        values = {**alert, "evidence": dumps(alert["evidence"])}
        change.connection.execute(
            sa.insert(t.alerts).values(
                **values, id=key, project=project, opened_at=change.at, state="open", changed_at=change.at, actor=actor
            )
        )
        change.raise_revision(project, "alerts")
        change.audit(project, "open alert", f"alert {key}", after=alert["message"])
    return key


def move_alert(store: Store, project: str, alert_id: str, state: str, actor: str, comment: str | None = None) -> None:
    """Acknowledge or resolve an alert; NotFoundError when it does not exist."""
    c = t.alerts.c
    here = (c.id == alert_id) & (c.project == project)
    with store.change(actor, project) as change:
        old = change.connection.execute(sa.select(c.state).where(here)).scalar()
        if old is None:
            raise NotFoundError(f"There is no alert {alert_id} in this project.")
        values = {"state": state, "changed_at": change.at, "actor": actor, "comment": comment}
        change.connection.execute(sa.update(t.alerts).where(here).values(**values))
        change.raise_revision(project, "alerts")
        change.audit(project, state, f"alert {alert_id}", old, state, comment)


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
