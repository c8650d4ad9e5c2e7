"""Who has which item before them: one person each, for a while; whoever leaves or does nothing lets it go."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from qc.store import tables as t
from qc.store.record import Change, Store

Waits = Callable[[sa.Connection, str], bool]


def claim(
    store: Store,
    project: str,
    items: Sequence[str],
    person: str,
    desk: str,
    lasts: timedelta,
    waits: Waits = lambda _connection, _item_id: True,
) -> str | None:
    """Take the first of some items that nobody else holds, or keep it; None where others hold all of them.

    desk: the window in which the person works; it holds one item of a project at a time, and lets another one go.
    waits: whether an item still waits, asked when it is about to be taken, so that nobody is given what was decided a
    moment ago. A claim whose time is over is nobody's.
    """
    with store.change(person, project) as change:
        held = _held_by_others(change, project, desk)
        free = (item_id for item_id in dict.fromkeys(items) if item_id not in held)
        taken = next((item_id for item_id in free if waits(change.connection, item_id)), None)
        c = t.claims.c
        over = (c.desk == desk) | (c.expires_at <= change.at)
        kept = change.connection.execute(
            sa.select(c.claimed_at).where(c.project == project, c.desk == desk, c.item_id == taken)
        ).scalar()
        change.connection.execute(sa.delete(t.claims).where(c.project == project, over))
        if taken is not None:
            row = {"project": project, "item_id": taken, "person": person, "desk": desk}
            ends = {"claimed_at": kept or change.at, "expires_at": change.at + lasts}
            change.connection.execute(sa.insert(t.claims).values(**row, **ends))
        return taken


def release(store: Store, project: str, desk: str) -> None:
    """Let go of what a window holds."""
    with store.change("claims", project) as change:
        change.connection.execute(sa.delete(t.claims).where(t.claims.c.project == project, t.claims.c.desk == desk))


def held(store: Store, project: str) -> list[dict[str, Any]]:
    """item_id, person, desk, claimed_at, expires_at of every claim, also of those whose time is over."""
    c = t.claims.c
    query = sa.select(c.item_id, c.person, c.desk, c.claimed_at, c.expires_at).where(c.project == project)
    return store.rows(query.order_by(c.claimed_at, c.item_id))


def _held_by_others(change: Change, project: str, desk: str) -> set[str]:
    c = t.claims.c
    query = sa.select(c.item_id).where(c.project == project, c.desk != desk, c.expires_at > change.at)
    return set(change.connection.execute(query).scalars())
