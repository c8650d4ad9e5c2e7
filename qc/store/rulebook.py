"""The rulebook: how edge cases are to be answered. A change is a new revision, and so is a rule that is retired."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import uuid4

import sqlalchemy as sa

from qc.model import NotFoundError
from qc.store import tables as t
from qc.store.record import Store, dumps, loads
from qc.store.versions import unchanged

CONTENT: Final = ("title", "text", "question", "labels", "answer", "examples", "retired")
_LISTS: Final = ("labels", "examples")


def write_rule(
    store: Store,
    project: str,
    rule_id: str | None,
    content: Mapping[str, Any],
    reason: str,
    actor: str,
    expected: int | None = None,
) -> str:
    """Put a rule into the book, or another wording in place of one; returns its id.

    content: title, text, question, labels, answer, examples, retired. expected: the revision that the actor saw;
    ConflictError where another is in force, NotFoundError where there is no such rule.
    """
    b = t.rulebook.c
    with store.change(actor, project) as change:
        old = None
        if rule_id is not None:
            here = (b.project == project) & (b.id == rule_id)
            query = sa.select(t.rulebook).where(here).order_by(b.revision.desc()).limit(1)
            old = change.connection.execute(query).mappings().first()
            if old is None:
                raise NotFoundError(f"There is no rule {rule_id} in the rulebook of this project.")
            unchanged(f"The rule “{old['title']}”", expected, old, change.at)
        key = {"id": old["id"], "revision": old["revision"] + 1} if old else {"id": uuid4().hex[:12], "revision": 1}
        row = {name: dumps(content[name]) if name in _LISTS else content[name] for name in CONTENT}
        made = {"project": project, "actor": actor, "reason": reason, "at": change.at}
        change.connection.execute(sa.insert(t.rulebook).values(**key, **row, **made))
        before = _told(old) if old else None
        change.audit(project, _act(old, content), f"rule {key['id']}", before, dict(content), reason)
        return str(key["id"])


def rulebook(store: Store, project: str) -> list[dict[str, Any]]:
    """The rules in force and those retired, by their first writing (`since`); labels and examples are lists."""
    b = t.rulebook.c
    latest = sa.select(b.id, sa.func.max(b.revision).label("revision"), sa.func.min(b.at).label("since"))
    newest = latest.where(b.project == project).group_by(b.id).subquery()
    query = sa.select(t.rulebook, newest.c.since).join(
        newest, (b.id == newest.c.id) & (b.revision == newest.c.revision)
    )
    rows = store.rows(query.where(b.project == project).order_by(newest.c.since, b.id))
    return [{**row, **{name: loads(row[name]) for name in _LISTS}} for row in rows]


def settled_by_rule(store: Store, project: str) -> dict[str, int]:
    """By rule how many settlements in force name it."""
    from qc.store.settlements import settlements

    counts: dict[str, int] = {}
    for row in settlements(store, project):
        if row["rule_id"] is not None:
            counts[row["rule_id"]] = counts.get(row["rule_id"], 0) + 1
    return counts


def _act(old: Mapping[Any, Any] | None, content: Mapping[str, Any]) -> str:
    if old is None:
        return "write rule"
    return "retire rule" if content["retired"] and not old["retired"] else "change rule"


def _told(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {name: loads(row[name]) if name in _LISTS else row[name] for name in CONTENT}
