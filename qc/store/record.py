"""The open record: transactions, revisions and the audit trail that every change leaves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import orjson
import sqlalchemy as sa

from qc.model import NotFoundError
from qc.store import tables as t
from qc.store.chain import append
from qc.store.engine import connect, migrate

# Parts of the record that figures are made from; caches are keyed by the numbers of those that they read.
PARTS: Final = ("lake", "reviews", "draws", "policy", "levels", "alerts")


@dataclass(frozen=True)
class Project:
    """A project: its short name in addresses and paths, and its free name."""

    slug: str
    name: str
    created_at: datetime


@dataclass(frozen=True)
class Change:
    """One open transaction of a change, at one time, by one actor."""

    connection: sa.Connection
    at: datetime
    actor: str
    entries: list[dict[str, Any]] = field(default_factory=list)

    def raise_revision(self, project: str, part: str) -> int:
        """Count a change of a part of a project, and return the new number."""
        assert part in PARTS
        here = (t.revisions.c.project == project) & (t.revisions.c.part == part)
        number = t.revisions.c.number + 1
        raising = sa.update(t.revisions).where(here).values(number=number, changed_at=self.at)
        raising = raising.returning(t.revisions.c.number)
        raised = self.connection.execute(raising).scalar()
        if raised is None:
            # The first change of a part: another one may be about to write the first row too.
            _serialise(self.connection, project)
            raised = self.connection.execute(raising).scalar()
        if raised is not None:
            return int(raised)
        self.connection.execute(sa.insert(t.revisions).values(project=project, part=part, number=1, changed_at=self.at))
        return 1

    def audit(
        self, project: str, action: str, what: str, before: Any = None, after: Any = None, reason: str | None = None
    ) -> None:
        """Note who did what to which object, and why; the trail gets it when the transaction ends."""
        self.entries.append(
            {
                "project": project,
                "actor": self.actor,
                "action": action,
                "object": what,
                "before": None if before is None else dumps(before),
                "after": None if after is None else dumps(after),
                "reason": reason or None,
                "at": self.at,
            }
        )

    def write(self) -> None:
        """Put what was noted so far on the trail."""
        append(self.connection, self.entries)
        self.entries.clear()


@dataclass(frozen=True)
class Store:
    """The record of a workspace; safe to share between threads."""

    engine: sa.Engine

    @contextmanager
    def change(self, actor: str, project: str | None = None) -> Iterator[Change]:
        """A transaction that is kept whole or not at all.

        Changes that name the same project run one after the other, and their times in that order.
        """
        with self.engine.begin() as connection:
            if project is not None:
                _serialise(connection, project)
            change = Change(connection, datetime.now(UTC), actor)
            yield change
            # Last, because two changes that held a chain while they wait for something else could wait for each other.
            change.write()

    def note(
        self, actor: str, project: str, action: str, what: str, after: Any = None, reason: str | None = None
    ) -> None:
        """Put something on the audit trail that changes nothing in the record, such as an export."""
        with self.change(actor) as change:
            change.audit(project, action, what, after=after, reason=reason)

    def rows(self, query: sa.Select[Any]) -> list[dict[str, Any]]:
        """The rows of a query, in a transaction of its own that waits for no writer."""
        with self.engine.execution_options(only_reads=True).begin() as connection:
            return [dict(row) for row in connection.execute(query).mappings()]

    def projects(self) -> list[Project]:
        """All projects, the one whose figures changed last first; those of the same moment by name."""
        figures = (t.revisions.c.project == t.projects.c.slug) & (t.revisions.c.part != "alerts")
        changed = sa.select(sa.func.max(t.revisions.c.changed_at)).where(figures).scalar_subquery()
        order = (changed.desc().nulls_last(), t.projects.c.name, t.projects.c.slug)
        return [Project(**row) for row in self.rows(sa.select(t.projects).order_by(*order))]

    def project(self, slug: str) -> Project:
        """A project by its short name; NotFoundError names those that exist."""
        for project in (found := self.projects()):
            if project.slug == slug:
                return project
        known = ", ".join(project.slug for project in found) or "none yet; begin with qc ingest"
        raise NotFoundError(f"There is no project {slug!r} in this workspace (projects: {known}).")

    def add_project(self, slug: str, name: str | None, actor: str) -> None:
        """Make a project unless it exists; a name that is given replaces an earlier one."""
        with self.change(actor) as change:
            old = change.connection.execute(sa.select(t.projects.c.name).where(t.projects.c.slug == slug)).scalar()
            if old is None:
                values = {"slug": slug, "name": name or slug, "created_at": change.at}
                change.connection.execute(sa.insert(t.projects).values(**values))
                change.audit(slug, "create", f"project {slug}", after=values["name"])
            elif name and name != old:
                change.connection.execute(sa.update(t.projects).where(t.projects.c.slug == slug).values(name=name))
                change.audit(slug, "rename", f"project {slug}", old, name)

    def revisions(self, project: str) -> dict[str, int]:
        """The number of each part of a project, 0 before its first change."""
        query = sa.select(t.revisions.c.part, t.revisions.c.number).where(t.revisions.c.project == project)
        return dict.fromkeys(PARTS, 0) | {row["part"]: row["number"] for row in self.rows(query)}

    def as_of(self, project: str) -> datetime | None:
        """When anything that can enter a figure of the project last changed."""
        query = sa.select(sa.func.max(t.revisions.c.changed_at).label("at")).where(
            t.revisions.c.project == project, t.revisions.c.part != "alerts"
        )
        latest: datetime | None = self.rows(query)[0]["at"]
        return latest


def open_store(url: str) -> Store:
    """The record at an SQLAlchemy URL, its tables brought to this version; UnavailableError if it cannot be opened."""
    engine = connect(url)
    try:
        migrate(engine)
    except BaseException:
        engine.dispose()
        raise
    return Store(engine)


def _serialise(connection: sa.Connection, project: str) -> None:
    # NO KEY: rows that only refer to the project do not wait, which would let two changes wait for each other.
    here = sa.select(t.projects.c.slug).where(t.projects.c.slug == project)
    connection.execute(here.with_for_update(key_share=True))


def dumps(value: Any) -> str:
    """JSON with sorted keys, so that equal values are equal texts."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS | orjson.OPT_SERIALIZE_NUMPY).decode()


def loads(text: str) -> Any:
    """The value behind `dumps`."""
    return orjson.loads(text)


def plain_row(row: Mapping[str, Any], *json_columns: str) -> dict[str, Any]:
    """A row as a dict, its JSON columns read."""
    return {name: loads(value) if name in json_columns else value for name, value in row.items()}
