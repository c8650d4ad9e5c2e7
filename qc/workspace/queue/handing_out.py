"""Handing out: an item is before one person at a time, and let go when they leave or do nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from qc.access import allowed
from qc.store import claims
from qc.store.waiting import still_waits
from qc.workspace.opening import Workspace
from qc.workspace.queue.places import Key, Place, Rules
from qc.workspace.sight import shown_name


@allowed("review")
def claim(ws: Workspace, project: str, desk: str, wanted: Sequence[Place]) -> Key | None:
    """Take the first of some answers whose item nobody else has before them; None where others have all of them.

    desk: the window in which the actor works; another one of the same person is somebody else. What another person
    has judged since `wanted` was looked up is passed over.
    """
    rules = Rules(ws, project)
    first: dict[str, list[Key]] = {}
    for place in wanted:
        first.setdefault(place.item_id, []).append(place.key)
    open_now: list[Key] = []

    def waits(connection: sa.Connection, item_id: str) -> bool:
        actor = ws.actor
        rows = still_waits(connection, project, actor.name, actor.called(project), item_id, rules.flagged)
        still = {place.key for place in rules.places(rows) if rules.offered(place, actor)}
        open_now[:] = [key for key in first[item_id] if key in still]
        return bool(open_now)

    taken = claims.claim(ws.store, project, list(first), ws.actor.name, desk, _lasts(rules), waits)
    return None if taken is None else open_now[0]


@allowed("review")
def hold(ws: Workspace, project: str, desk: str, item_id: str) -> bool:
    """Keep an item before a verdict on it; False where its time was over and somebody else took it."""
    lasts = _lasts(Rules(ws, project))
    return claims.claim(ws.store, project, [item_id], ws.actor.name, desk, lasts) is not None


@allowed("review")
def leave(ws: Workspace, project: str, desk: str) -> None:
    """Let go of what the window has before it."""
    claims.release(ws.store, project, desk)


@allowed("draw")
def before_people(ws: Workspace, project: str, now: datetime) -> list[dict[str, Any]]:
    """item_id, person, since, until of the items that somebody has before them; names as the actor may see them."""
    return [
        {
            "item_id": row["item_id"],
            "person": shown_name(ws, project, row["person"]),
            "since": row["claimed_at"],
            "until": row["expires_at"],
        }
        for row in claims.held(ws.store, project)
        if row["expires_at"] > now
    ]


def _lasts(rules: Rules) -> timedelta:
    return timedelta(minutes=rules.policy.claim_minutes)
