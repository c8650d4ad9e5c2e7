"""Who has which role, one row per grant and revocation, and the secret behind a project's pseudonyms."""

from __future__ import annotations

import secrets
from typing import Any, Final

import sqlalchemy as sa

from qc.store import tables as t
from qc.store.record import Store
from qc.store.versions import unchanged

EVERYWHERE: Final = "*"


def pseudonym_secret(store: Store, project: str) -> bytes:
    """The secret of a project's pseudonyms, made when it is first asked for; NotFoundError without the project."""
    c = t.secrets.c
    query = sa.select(c.body).where(c.project == project)
    if found := store.rows(query):
        return bytes.fromhex(found[0]["body"])
    store.project(project)
    with store.change("pseudonyms", project) as change:
        body = change.connection.execute(query).scalar()
        if body is None:
            body = secrets.token_hex(32)
            change.connection.execute(sa.insert(t.secrets).values(project=project, body=body, at=change.at))
    return bytes.fromhex(body)


def set_role(
    store: Store,
    person: str,
    project: str | None,
    role: str,
    *,
    granted: bool,
    actor: str,
    reason: str,
    annotator: str | None = None,
    expected: int | None = None,
) -> None:
    """Grant or revoke a role in a project, or everywhere where none is named; NotFoundError without the project.

    expected: `seq` of the latest row on this person, project and role, 0 for none; ConflictError where it is another.
    """
    if project is not None:
        store.project(project)
    c = t.grants.c
    latest = sa.select(c.seq.label("revision"), c.granted, c.annotator, c.actor, c.at)
    latest = latest.where(_about(person, project, role)).order_by(c.seq.desc()).limit(1)
    with store.change(actor, project) as change:
        old = change.connection.execute(latest).mappings().first()
        unchanged(f"The role {role} of {person}", expected, old, change.at)
        values = {"person": person, "project": project, "role": role, "granted": granted, "annotator": annotator}
        change.connection.execute(sa.insert(t.grants).values(**values, actor=actor, reason=reason, at=change.at))
        before = _told(role, old["annotator"]) if old is not None and old["granted"] else None
        act, after = ("grant role", _told(role, annotator)) if granted else ("revoke role", None)
        change.audit(project or EVERYWHERE, act, f"person {person}", before, after, reason)


def _about(person: str, project: str | None, role: str) -> sa.ColumnElement[bool]:
    c = t.grants.c
    where = c.project.is_(None) if project is None else c.project == project
    return (c.person == person) & (c.role == role) & where


def latest(store: Store) -> int:
    """The `seq` of the latest grant or revocation of anything; 0 where there is none."""
    return _last(store, sa.true())


def as_seen(store: Store, person: str, project: str | None, role: str, seen: int) -> int:
    """What `set_role` expects of who looked when `latest` was `seen`."""
    return _last(store, _about(person, project, role) & (t.grants.c.seq <= seen))


def _last(store: Store, which: sa.ColumnElement[bool]) -> int:
    query = sa.select(sa.func.coalesce(sa.func.max(t.grants.c.seq), 0).label("seq")).where(which)
    return int(store.rows(query)[0]["seq"])


def _told(role: str, annotator: str | None) -> dict[str, str]:
    return {"role": role, "annotator": annotator} if annotator else {"role": role}


def grants(store: Store, person: str | None = None) -> list[dict[str, Any]]:
    """The roles in force, of one person or of all: the latest row of each person, project and role that grants it."""
    c = t.grants.c
    latest = sa.select(sa.func.max(c.seq)).group_by(c.person, c.project, c.role)
    query = sa.select(t.grants).where(c.seq.in_(latest), c.granted)
    if person is not None:
        query = query.where(c.person == person)
    return store.rows(query.order_by(c.person, c.project.nulls_first(), c.role))
