"""The audit trail as it is read: filtered, and checked against its digests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from qc.store import tables as t
from qc.store.chain import BEGINNING, COLUMNS, UNREADABLE, Fault, Pin, first_fault
from qc.store.record import Store

_SEARCHED = ("actor", "action", "object", "before", "after", "reason")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries of a trail are asked for: all, or those that meet every condition.

    text and object: a part of them, in small or capital letters; since inclusive, until exclusive.
    """

    actors: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    object: str = ""
    text: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Trail:
    """A trail that was checked: how long it is, the digest of its last entry, and the first that is not as written."""

    project: str
    length: int
    head: str
    fault: Fault | None


def audit_trail(
    store: Store, project: str, wanted: Wanted | None = None, most: int | None = 1_000
) -> list[dict[str, Any]]:
    """The latest entries of a project's trail, newest first; all that are wanted where most is None."""
    a = t.audit.c
    query = _where(sa.select(*(a[name] for name in COLUMNS)), project, wanted or Wanted())
    return store.rows(query.order_by(a.number.desc()).limit(most))


def audit_words(store: Store, project: str) -> dict[str, list[str]]:
    """The actors and the actions on a project's trail, by name."""
    a = t.audit.c
    return {
        column: [
            row[column]
            for row in store.rows(sa.select(a[column]).where(a.project == project).distinct().order_by(a[column]))
        ]
        for column in ("actor", "action")
    }


def trails(store: Store) -> list[str]:
    """The projects that have a trail, and what stands for all of them."""
    with store.engine.execution_options(only_reads=True).begin() as connection:
        return trails_of(connection)


def trails_of(connection: sa.Connection) -> list[str]:
    """The same within a transaction."""
    a, h = t.audit.c, t.audit_heads.c
    return sorted({str(name) for name in connection.scalars(sa.union(sa.select(a.project), sa.select(h.project)))})


def checked(store: Store, project: str, pins: Sequence[Pin] = ()) -> Trail:
    """A project's trail with its first entry that was changed, deleted or swapped, if there is one.

    pins: digests of entries of this trail that were kept elsewhere.
    """
    with store.engine.execution_options(only_reads=True).begin() as connection:
        return check(connection, project, pins)


def check(connection: sa.Connection, project: str, pins: Sequence[Pin] = ()) -> Trail:
    """The same within a transaction."""
    a, h = t.audit.c, t.audit_heads.c
    entries: list[dict[str, Any]] = []
    query = sa.select(*(a[name] for name in COLUMNS)).where(a.project == project).order_by(a.number)
    try:
        entries.extend(dict(row) for row in connection.execute(query).mappings())
    except (ValueError, TypeError, OverflowError):
        return Trail(project, len(entries), BEGINNING, Fault(len(entries) + 1, UNREADABLE))
    except sa.exc.OperationalError as error:
        # What SQLite says of bytes that are no text; anything else is about the database, not about an entry.
        if "decode" not in str(error.orig):
            raise
        return Trail(project, len(entries), BEGINNING, Fault(len(entries) + 1, UNREADABLE))
    kept = connection.execute(sa.select(h.number, h.digest).where(h.project == project)).first()
    fault = first_fault(entries, None if kept is None else (kept.number, kept.digest), pins)
    return Trail(project, len(entries), entries[-1]["digest"] if entries else BEGINNING, fault)


def _where(query: sa.Select[Any], project: str, wanted: Wanted) -> sa.Select[Any]:
    a = t.audit.c
    query = query.where(a.project == project)
    if wanted.actors:
        query = query.where(a.actor.in_(wanted.actors))
    if wanted.actions:
        query = query.where(a.action.in_(wanted.actions))
    if wanted.object:
        query = query.where(a.object.icontains(wanted.object, autoescape=True))
    if wanted.text:
        query = query.where(sa.or_(*(a[name].icontains(wanted.text, autoescape=True) for name in _SEARCHED)))
    if wanted.since is not None:
        query = query.where(a.at >= wanted.since)
    if wanted.until is not None:
        query = query.where(a.at < wanted.until)
    return query
