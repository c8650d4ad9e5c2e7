"""What was sent where: each alert and each digest once to each channel, tried again while it fails."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from qc.store import tables as t
from qc.store.record import Store

# A delivery that nobody finished within that time was left by a process that died.
ABANDONED: Final = timedelta(minutes=10)
MOST_TRIES: Final = 12


def claim(store: Store, project: str, subjects: Sequence[str], channel: str, actor: str) -> list[str]:
    """Of these alerts and digests, those that the caller is to send to a channel now; nobody else sends them meanwhile.

    Not what was delivered, is being sent by another process, or failed MOST_TRIES times.
    """
    d = t.deliveries.c
    with store.change(actor, project) as change:
        here = (d.project == project) & (d.channel == channel)
        known = {
            row["subject"]: row for row in change.connection.execute(sa.select(t.deliveries).where(here)).mappings()
        }
        mine = [subject for subject in subjects if _open(known.get(subject), change.at)]
        for subject in mine:
            values = {"ok": False, "problem": None, "at": change.at}
            if subject in known:
                again = sa.update(t.deliveries).where(here & (d.subject == subject))
                change.connection.execute(again.values(tries=d.tries + 1, **values))
            else:
                one = {"project": project, "subject": subject, "channel": channel, "tries": 1, **values}
                change.connection.execute(sa.insert(t.deliveries).values(**one))
    return mine


def finish(store: Store, project: str, subjects: Sequence[str], channel: str, problem: str | None, actor: str) -> None:
    """Note that what was claimed has arrived, or what was in the way."""
    d = t.deliveries.c
    here = (d.project == project) & (d.channel == channel) & d.subject.in_(list(subjects))
    with store.change(actor, project) as change:
        change.connection.execute(
            sa.update(t.deliveries).where(here).values(ok=problem is None, problem=problem, at=change.at)
        )
        what = f"{len(subjects)} to channel {channel}"
        change.audit(project, "send" if problem is None else "send failed", what, reason=problem)


def deliveries(store: Store, project: str) -> list[dict[str, Any]]:
    """subject, channel, tries, ok, problem and at of all that was sent or tried, latest first."""
    d = t.deliveries.c
    query = sa.select(d.subject, d.channel, d.tries, d.ok, d.problem, d.at).where(d.project == project)
    return store.rows(query.order_by(d.at.desc(), d.subject, d.channel))


def _open(row: Any, now: datetime) -> bool:
    if row is None:
        return True
    abandoned = row["problem"] is None and now - row["at"] > ABANDONED
    return not row["ok"] and (row["problem"] is not None or abandoned) and row["tries"] < MOST_TRIES
