"""Review levels: who or what, since when, and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import sqlalchemy as sa

from qc.store import tables as t
from qc.store.record import Store, dumps, plain_row
from qc.store.versions import unchanged

# How the audit trail calls a change that is not set anew.
AUDITED: Final = {"approved": "approve level", "undo": "undo level"}


def set_level(
    store: Store,
    project: str,
    subject_kind: str,
    subject_key: str,
    level: str,
    reason: str,
    evidence: Mapping[str, Any],
    actor: str,
    origin: str = "override",
    expected: int | None = None,
) -> None:
    """Put a level in force for a subject; origin says where that came from (`qc.levels.ORIGINS`).

    expected: the revision that the actor saw, 0 for none; ConflictError where another is in force.
    """
    c = t.levels.c
    here = (c.project == project) & (c.subject_kind == subject_kind) & (c.subject_key == subject_key)
    with store.change(actor, project) as change:
        latest = sa.select(t.levels).where(here).order_by(c.revision.desc()).limit(1)
        old = change.connection.execute(latest).mappings().first()
        unchanged(f"The level of {subject_key}", expected, old, change.at)
        change.connection.execute(
            sa.insert(t.levels).values(
                project=project,
                subject_kind=subject_kind,
                subject_key=subject_key,
                revision=old["revision"] + 1 if old else 1,
                level=level,
                reason=reason,
                evidence=dumps(evidence),
                actor=actor,
                origin=origin,
                at=change.at,
            )
        )
        change.raise_revision(project, "levels")
        change.audit(
            project,
            AUDITED.get(origin, "set level"),
            f"{subject_kind} {subject_key}",
            old["level"] if old else "normal",
            level,
            reason,
        )


def level_history(store: Store, project: str) -> list[dict[str, Any]]:
    """Every change of level in a project, oldest first; the last of a subject is in force."""
    query = sa.select(t.levels).where(t.levels.c.project == project)
    rows = store.rows(
        query.order_by(t.levels.c.at, t.levels.c.subject_kind, t.levels.c.subject_key, t.levels.c.revision)
    )
    return [plain_row(row, "evidence") for row in rows]
