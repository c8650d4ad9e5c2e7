"""Answers that were sent up to a tier of reviewers, and what people are experts of."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from qc.store import tables as t
from qc.store.record import Store
from qc.store.versions import unchanged


def send_up(
    store: Store, project: str, annotation_id: str, question: str, item_id: str, tier: str, reason: str, actor: str
) -> None:
    """Ask a tier to judge an answer once more."""
    with store.change(actor, project) as change:
        values = {"annotation_id": annotation_id, "question": question, "item_id": item_id, "tier": tier}
        change.connection.execute(
            sa.insert(t.escalations).values(
                id=uuid4().hex[:12], project=project, **values, actor=actor, reason=reason, at=change.at
            )
        )
        change.raise_revision(project, "draws")
        change.audit(project, "send up", f"answer {annotation_id}", after=values, reason=reason)


def sent_up(store: Store, project: str) -> list[dict[str, Any]]:
    """annotation_id, question, item_id, tier, actor, reason, at of everything that was sent up, oldest first."""
    e = t.escalations.c
    query = sa.select(e.annotation_id, e.question, e.item_id, e.tier, e.actor, e.reason, e.at)
    return store.rows(query.where(e.project == project).order_by(e.at, e.id))


def set_expertise(
    store: Store,
    project: str,
    person: str,
    kind: str,
    key: str,
    *,
    granted: bool,
    actor: str,
    reason: str,
    expected: int | None = None,
) -> None:
    """Note that somebody is an expert of a question, label, batch or site from now on, or no longer.

    expected: `seq` of the latest row on it, 0 for none; ConflictError where it is another.
    """
    e = t.expertise.c
    latest = sa.select(e.seq.label("revision"), e.actor, e.at).where(_about(project, person, kind, key))
    with store.change(actor, project) as change:
        old = change.connection.execute(latest.order_by(e.seq.desc()).limit(1)).mappings().first()
        unchanged(f"What {person} is an expert of", expected, old, change.at)
        values = {"person": person, "kind": kind, "key": key}
        change.connection.execute(
            sa.insert(t.expertise).values(
                project=project, **values, granted=granted, actor=actor, reason=reason, at=change.at
            )
        )
        told = {"kind": kind, "key": key}
        before, after = (None, told) if granted else (told, None)
        act = "grant expertise" if granted else "revoke expertise"
        change.audit(project, act, f"person {person}", before, after, reason)


def _about(project: str, person: str, kind: str, key: str) -> sa.ColumnElement[bool]:
    e = t.expertise.c
    return (e.project == project) & (e.person == person) & (e.kind == kind) & (e.key == key)


def latest(store: Store) -> int:
    """The `seq` of the latest expertise given or ended anywhere; 0 where there is none."""
    return _last(store, sa.true())


def as_seen(store: Store, project: str, person: str, kind: str, key: str, seen: int) -> int:
    """What `set_expertise` expects of who looked when `latest` was `seen`."""
    return _last(store, _about(project, person, kind, key) & (t.expertise.c.seq <= seen))


def _last(store: Store, which: sa.ColumnElement[bool]) -> int:
    query = sa.select(sa.func.coalesce(sa.func.max(t.expertise.c.seq), 0).label("seq")).where(which)
    return int(store.rows(query)[0]["seq"])


def expertise(store: Store, project: str) -> list[dict[str, Any]]:
    """person, kind, key, actor, reason, at of what is in force: the latest row of each that grants it."""
    e = t.expertise.c
    latest = sa.select(sa.func.max(e.seq)).where(e.project == project).group_by(e.person, e.kind, e.key)
    query = sa.select(e.person, e.kind, e.key, e.actor, e.reason, e.at).where(e.seq.in_(latest), e.granted)
    return store.rows(query.order_by(e.person, e.kind, e.key))
