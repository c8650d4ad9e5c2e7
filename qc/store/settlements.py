"""Final calls on items that people disagree about, and what was said before; a later call is a new revision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final
from uuid import uuid4

import sqlalchemy as sa

from qc.model import NotFoundError
from qc.store import tables as t
from qc.store.record import Change, Store
from qc.store.versions import unchanged

LEAD: Final = "lead"
VOTE: Final = "vote"
RULE: Final = "rule"


@dataclass(frozen=True, slots=True)
class Call:
    """What is right on one question of one item, and how that was settled.

    regions: JSON, where the answer is drawn or marked. expected: the revision that the actor saw, 0 for none.
    """

    item_id: str
    question: str
    kind: str
    label: str
    method: str = LEAD
    rule_id: str | None = None
    regions: str | None = None
    expected: int | None = None


def settle(
    store: Store,
    project: str,
    item_id: str,
    question: str,
    kind: str,
    label: str,
    reason: str,
    actor: str,
    expected: int | None = None,
) -> None:
    """A lead's final call on one item and question; a later call replaces it, and both stay on the record.

    expected: the revision of the call that the actor saw, 0 for none; ConflictError where another is in force.
    """
    settle_all(store, project, [Call(item_id, question, kind, label, expected=expected)], reason, actor)


def settle_all(store: Store, project: str, calls: Sequence[Call], reason: str, actor: str) -> str | None:
    """Settle all of these or none, each with a row and an entry of its own; returns what several have in common.

    ConflictError where one of them is not as the actor saw it.
    """
    decision = uuid4().hex[:12] if len(calls) > 1 else None
    with store.change(actor, project) as change:
        for call in calls:
            old = _latest_of(change, project, call.item_id, call.question)
            standing = _standing(old)
            unchanged(f"The settlement of {call.item_id}", call.expected, standing, change.at)
            content = {name: value for name, value in asdict(call).items() if name != "expected"}
            _add(change, old, {**content, "project": project, "decision": decision, "reason": reason})
            before = None if standing is None else _told(standing)
            told = _told({**content, "decision": decision})
            change.audit(project, "settle", _object(call.item_id, call.question), before, told, reason)
        change.raise_revision(project, "reviews")
    return decision


def take_back(
    store: Store, project: str, places: Sequence[tuple[str, str]], actor: str, expected: Sequence[int] | None = None
) -> None:
    """Take back the final calls on these items and questions, all or none; the conflicts are open again.

    expected: the revisions that the actor saw. NotFoundError where there is no call, ConflictError where another is in
    force.
    """
    seen: Sequence[int | None] = [None] * len(places) if expected is None else expected
    with store.change(actor, project) as change:
        for (item_id, question), revision in zip(places, seen, strict=True):
            old = _latest_of(change, project, item_id, question)
            if old is None or old["withdrawn"]:
                raise NotFoundError(f"There is no settlement of {item_id} to take back.")
            unchanged(f"The settlement of {item_id}", revision, old, change.at)
            _add(change, old, {**old, "withdrawn": True, "decision": None})
            change.audit(project, "take back settlement", _object(item_id, question), before=_told(old))
        change.raise_revision(project, "reviews")


def settlement_revision(store: Store, project: str, item_id: str, question: str) -> int:
    """The revision of the settlement in force on an item and question, 0 where there is none."""
    s = t.settlements.c
    here = (s.project == project) & (s.item_id == item_id) & (s.question == question)
    query = sa.select(s.revision, s.withdrawn).where(here).order_by(s.revision.desc()).limit(1)
    found = store.rows(query)
    return 0 if not found or found[0]["withdrawn"] else int(found[0]["revision"])


def settlements(store: Store, project: str, as_of: datetime | None = None) -> list[dict[str, Any]]:
    """The settlements in force, now or at an earlier time, by time."""
    s = t.settlements.c
    latest = sa.select(s.id, sa.func.max(s.revision).label("revision")).where(s.project == project).group_by(s.id)
    latest_rows = (latest if as_of is None else latest.where(s.at <= as_of)).subquery()
    query = sa.select(t.settlements).join(
        latest_rows, (s.id == latest_rows.c.id) & (s.revision == latest_rows.c.revision)
    )
    return store.rows(query.where(s.project == project, ~s.withdrawn).order_by(s.at, s.id))


def comment_conflict(store: Store, project: str, item_id: str, question: str, text: str, actor: str) -> None:
    """Add to what was said about a conflict."""
    c = t.conflict_comments.c
    here = (c.project == project) & (c.item_id == item_id) & (c.question == question)
    with store.change(actor, project) as change:
        last = change.connection.execute(sa.select(sa.func.max(c.seq)).where(here)).scalar() or 0
        values = {"project": project, "item_id": item_id, "question": question, "seq": last + 1}
        said = {"actor": actor, "text": text, "at": change.at}
        change.connection.execute(sa.insert(t.conflict_comments).values(**values, **said))
        change.audit(project, "comment", _object(item_id, question), after=text)


def comments(store: Store, project: str, item_id: str, question: str) -> list[dict[str, Any]]:
    """What was said about a conflict, oldest first: seq, actor, text, at."""
    c = t.conflict_comments.c
    here = (c.project == project) & (c.item_id == item_id) & (c.question == question)
    return store.rows(sa.select(c.seq, c.actor, c.text, c.at).where(here).order_by(c.seq))


def _latest_of(change: Change, project: str, item_id: str, question: str) -> dict[str, Any] | None:
    s = t.settlements.c
    here = (s.project == project) & (s.item_id == item_id) & (s.question == question)
    query = sa.select(t.settlements).where(here).order_by(s.revision.desc()).limit(1)
    found = change.connection.execute(query).mappings().first()
    return None if found is None else dict(found)


def _standing(old: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    return None if old is None or old["withdrawn"] else old


def _add(change: Change, old: Mapping[str, Any] | None, values: Mapping[str, Any]) -> None:
    key = {"id": old["id"], "revision": old["revision"] + 1} if old else {"id": uuid4().hex[:12], "revision": 1}
    row = {"withdrawn": False, **values, **key, "actor": change.actor, "at": change.at}
    change.connection.execute(sa.insert(t.settlements).values(**row))


def _object(item_id: str, question: str) -> str:
    return f"item {item_id}, {question}"


def _told(row: Mapping[str, Any]) -> Any:
    """A call as the audit trail tells it: its label, and how it came about where that was not a lead's word alone."""
    told = {name: row[name] for name in ("rule_id", "decision", "regions") if row[name] is not None}
    how = {} if row["method"] == LEAD else {"method": row["method"]}
    return {"label": row["label"], **how, **told} if how or told else row["label"]
