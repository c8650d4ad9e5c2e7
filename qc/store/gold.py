"""Known answers as leads decided; a change is a new revision, and retiring is one too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from qc.store import tables as t
from qc.store.record import Change, Store, dumps, plain_row
from qc.store.versions import unchanged


def save_gold(
    store: Store,
    project: str,
    item_id: str,
    question: str,
    answers: Sequence[Mapping[str, Any]],
    *,
    retired: bool,
    origin: str,
    actor: str,
    reason: str,
    expected: int | None = None,
) -> int:
    """Say what is known of an item and question, in place of all that was; returns its revision.

    origin: counts for the first revision; what is new but not of an export is known since now. expected: the revision
    that the actor saw, 0 for none; ConflictError where another is in force.
    """
    with store.change(actor, project) as change:
        old = _in_force(change, project, item_id, question)
        unchanged(f"The gold of {item_id}", expected, old, change.at)
        first = {"id": uuid4().hex[:12], "origin": origin, "since": None if origin == "export" else change.at}
        kept = first if old is None else {name: old[name] for name in first}
        revision = 1 if old is None else int(old["revision"]) + 1
        change.connection.execute(
            sa.insert(t.gold).values(
                **kept,
                revision=revision,
                project=project,
                item_id=item_id,
                question=question,
                answers=dumps(list(answers)),
                retired=retired,
                actor=actor,
                reason=reason,
                at=change.at,
            )
        )
        change.raise_revision(project, "reviews")
        before = None if old is None else _told(plain_row(old, "answers"))
        after = {"answers": list(answers), "retired": retired}
        change.audit(
            project, "retire gold" if retired else "set gold", f"item {item_id}, {question}", before, after, reason
        )
        return revision


def known_gold(store: Store, project: str) -> list[dict[str, Any]]:
    """What is in force on each item and question, by time; `answers` as they were given."""
    return [plain_row(row, "answers") for row in store.rows(_latest(project).order_by(t.gold.c.at, t.gold.c.id))]


def _in_force(change: Change, project: str, item_id: str, question: str) -> Mapping[Any, Any] | None:
    g = t.gold.c
    here = (g.project == project) & (g.item_id == item_id) & (g.question == question)
    query = sa.select(t.gold).where(here).order_by(g.revision.desc()).limit(1)
    return change.connection.execute(query).mappings().first()


def _latest(project: str) -> sa.Select[Any]:
    g = t.gold.c
    newest = sa.select(g.id, sa.func.max(g.revision).label("revision")).where(g.project == project).group_by(g.id)
    newest_of = newest.subquery()
    return sa.select(t.gold).join(newest_of, (g.id == newest_of.c.id) & (g.revision == newest_of.c.revision))


def _told(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {"answers": row["answers"], "retired": row["retired"]}
