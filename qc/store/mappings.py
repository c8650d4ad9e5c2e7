"""How the exports of a project are read: the mappings that people gave, one revision per change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from qc.store import tables as t
from qc.store.record import Store, dumps, loads


def saved_mappings(store: Store, project: str) -> list[tuple[str, dict[str, Any]]]:
    """Format and mapping as plain data, the latest first; none before the first."""
    query = sa.select(t.mappings.c.format, t.mappings.c.body).where(t.mappings.c.project == project)
    rows = store.rows(query.order_by(t.mappings.c.revision.desc()))
    return [(row["format"], loads(row["body"])) for row in rows]


def save_mapping(store: Store, project: str, format: str, mapping: Mapping[str, Any], actor: str) -> None:
    """Keep a mapping for the next export of a format, unless it is the latest already."""
    latest = next((body for name, body in saved_mappings(store, project) if name == format), None)
    if latest == dict(mapping):
        return
    with store.change(actor, project) as change:
        last = change.connection.scalar(
            sa.select(sa.func.max(t.mappings.c.revision)).where(t.mappings.c.project == project)
        )
        values = {"project": project, "revision": (last or 0) + 1, "format": format, "body": dumps(dict(mapping))}
        change.connection.execute(sa.insert(t.mappings).values(**values, actor=actor, at=change.at))
        change.audit(project, "save mapping", f"mapping {format}", latest, dict(mapping))
