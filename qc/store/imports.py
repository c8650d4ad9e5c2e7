"""What was taken in from where, what was refused, and which lake versions are published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from qc.model import ConflictError
from qc.store import tables as t
from qc.store.record import Store, dumps, plain_row


@dataclass(frozen=True)
class Import:
    """One import as it is to be recorded; `report` is the reader's, `versions` the lake's after it."""

    id: str
    project: str
    source: str
    file: str
    digest: str
    settings: str
    format: str
    read: int
    accepted: int
    quarantined: int
    new: int
    changed: int
    unchanged: int
    removed: int
    duplicates: int
    report: Mapping[str, Any]
    versions: Mapping[str, int]


def snapshot(store: Store) -> dict[str, int]:
    """The published version of each lake table."""
    return {row["lake_table"]: row["version"] for row in store.rows(sa.select(t.snapshot))}


def publish(
    store: Store, done: Import, base: Mapping[str, int], refused: Sequence[Mapping[str, Any]], actor: str
) -> None:
    """Record an import, its quarantine and the lake's new versions in one transaction: from here on they are seen.

    ConflictError when the record no longer names the versions that the import was built on.
    """
    with store.change(actor) as change:
        named = change.connection.execute(sa.select(t.snapshot).with_for_update())
        old = {row.lake_table: row.version for row in named}
        if old != dict(base):
            raise ConflictError("Another import was published in the meantime; import the file again.")
        values = {**vars(done), "report": dumps(done.report), "versions": dumps(done.versions)}
        change.connection.execute(sa.insert(t.imports).values(**values, actor=actor, at=change.at))
        if refused:
            rows = [{"import_id": done.id, "place": place, **row} for place, row in enumerate(refused)]
            change.connection.execute(sa.insert(t.quarantine), rows)
        for table, version in done.versions.items():
            if table not in old:
                change.connection.execute(sa.insert(t.snapshot).values(lake_table=table, version=version))
            elif old[table] != version:
                here = t.snapshot.c.lake_table == table
                change.connection.execute(sa.update(t.snapshot).where(here).values(version=version))
        change.raise_revision(done.project, "lake")
        told = ("source", "digest", "format", "read", "quarantined", "new", "changed", "unchanged", "removed")
        change.audit(done.project, "import", f"file {done.file}", after={name: values[name] for name in told})


def imported_before(store: Store, project: str, digest: str, settings: str) -> bool:
    """Whether some source of the project stands at this very file, read with these settings."""
    query = sa.select(t.imports.c.source, t.imports.c.digest, t.imports.c.settings).where(
        t.imports.c.project == project
    )
    latest = {row["source"]: row for row in store.rows(query.order_by(t.imports.c.at))}
    return any(row["digest"] == digest and row["settings"] == settings for row in latest.values())


def imports(store: Store, project: str) -> list[dict[str, Any]]:
    """The import log, newest first."""
    query = sa.select(t.imports).where(t.imports.c.project == project)
    return [plain_row(row, "report", "versions") for row in store.rows(query.order_by(t.imports.c.at.desc()))]


def last_read(store: Store, project: str) -> datetime | None:
    """When an export was last taken in; None before the first."""
    query = sa.select(sa.func.max(t.imports.c.at).label("at")).where(t.imports.c.project == project)
    latest: datetime | None = store.rows(query)[0]["at"]
    return latest


def refused(store: Store, project: str, most: int = 10_000) -> list[dict[str, Any]]:
    """Quarantined records of the latest import of each source: file, line, reason, excerpt."""
    done = store.rows(
        sa.select(t.imports.c.source, t.imports.c.id).where(t.imports.c.project == project).order_by(t.imports.c.at)
    )
    latest = {row["source"]: row["id"] for row in done}
    query = (
        sa.select(
            t.quarantine.c.file, t.quarantine.c.line, t.quarantine.c.reason, t.quarantine.c.excerpt, t.imports.c.at
        )
        .join(t.imports)
        .where(t.imports.c.project == project, t.imports.c.id.in_(latest.values()))
        .order_by(t.imports.c.at.desc(), t.quarantine.c.place)
        .limit(most)
    )
    return [dict(row) for row in store.rows(query)]
