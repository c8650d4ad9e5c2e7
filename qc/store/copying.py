"""The record from one database to another: whole and checked, or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

import orjson
import sqlalchemy as sa

from qc.model import ConflictError, InputError, UnavailableError
from qc.store import tables as t
from qc.store.audit import check, trails_of
from qc.store.engine import connect, migrate
from qc.store.record import Change, Store

BATCH: Final = 5_000
VERSION_TABLE: Final = "alembic_version"


@dataclass(frozen=True, slots=True)
class Copied:
    """What a copy took along: rows by table, those of the audit trail included."""

    rows: dict[str, int]

    @property
    def total(self) -> int:
        """All rows."""
        return sum(self.rows.values())


def copy_record(store: Store, url: str, actor: str, everywhere: str) -> Copied:
    """Copy every row to the empty database at a URL; until all of them are there and compared, it shows none.

    Nobody can change the record meanwhile. The copy stands on the trail of all projects, `everywhere`, in both.
    ConflictError where the target is not empty; InputError where the trail is broken or a text does not fit;
    UnavailableError where a database fails.
    """
    target = connect(url)
    try:
        with _sentences("The new record"):
            _refuse_unless_empty(target)
        migrate(target)
        with _sentences("The copy"), _frozen(store, actor) as change:
            change.audit(everywhere, "copy store", "record", after={"to": _place(target.url)})
            change.write()
            with target.begin() as new:
                return _copied(change.connection, new)
    finally:
        target.dispose()


def _copied(old: sa.Connection, new: sa.Connection) -> Copied:
    for table in t.metadata.sorted_tables:
        if new.execute(sa.select(sa.literal(1)).select_from(table).limit(1)).first() is not None:
            raise ConflictError("Somebody has begun a record in the new database meanwhile; name an empty one.")
        for rows in _batches(old, table):
            _refuse_signs(table, rows)
            new.execute(sa.insert(table), rows)
    counted = {}
    for table in t.metadata.sorted_tables:
        was, now = _fingerprint(old, table), _fingerprint(new, table)
        if was != now:
            raise UnavailableError(f"The rows of {table.name} differ after the copy; nothing was kept, try again.")
        counted[table.name] = now[0]
    for project in trails_of(new):
        if (fault := check(new, project).fault) is not None:
            broken = f"Entry {fault.number} of the audit trail of {project} {fault.what}"
            raise InputError(f"{broken}: the record was not copied; run qc doctor, and restore a backup.")
    _continue_sequences(new)
    return Copied(counted)


def _place(url: sa.URL) -> str:
    """Where a database is, without anything that opens it."""
    return sa.URL.create(url.drivername, host=url.host, port=url.port, database=url.database).render_as_string()


@contextmanager
def _frozen(store: Store, actor: str) -> Iterator[Change]:
    """A change during which nobody else changes anything."""
    with store.change(actor) as change:
        if change.connection.dialect.name == "postgresql":
            names = ", ".join(table.name for table in t.metadata.sorted_tables)
            change.connection.exec_driver_sql(f"LOCK TABLE {names} IN SHARE ROW EXCLUSIVE MODE")
        yield change


def _refuse_unless_empty(target: sa.Engine) -> None:
    with target.connect() as connection:
        present = set(sa.inspect(connection).get_table_names()) - {VERSION_TABLE}
        ours = [table for table in t.metadata.sorted_tables if table.name in present]
        others = sorted(present - {table.name for table in ours})
        if others:
            raise ConflictError(f"The new database holds a table {others[0]} of something else; name an empty one.")
        for table in ours:
            if connection.execute(sa.select(sa.literal(1)).select_from(table).limit(1)).first() is not None:
                raise ConflictError("The new database already holds a record; name an empty one.")


def _batches(connection: sa.Connection, table: sa.Table) -> Iterator[list[dict[str, Any]]]:
    query = sa.select(table).order_by(*table.primary_key.columns)
    for part in connection.execute(query, execution_options={"yield_per": BATCH}).mappings().partitions():
        yield [dict(row) for row in part]


def _refuse_signs(table: sa.Table, rows: list[dict[str, Any]]) -> None:
    """A text with the sign NUL, which PostgreSQL does not take, is refused on every database alike."""
    for row in rows:
        for name, value in row.items():
            if isinstance(value, str) and "\0" in value:
                raise InputError(f"A text in {table.name}.{name} holds the sign NUL, which cannot be copied: mend it.")


def _fingerprint(connection: sa.Connection, table: sa.Table) -> tuple[int, int]:
    """How many rows, and a sum over their digests, which no order of the rows changes."""
    count, total = 0, 0
    for rows in _batches(connection, table):
        count += len(rows)
        for row in rows:
            text = orjson.dumps(list(row.values()))
            total = (total + int.from_bytes(sha256(text).digest())) % 2**256
    return count, total


def _continue_sequences(connection: sa.Connection) -> None:
    """Numbers that PostgreSQL gives out itself go on after the last one that was copied; SQLite does so unasked."""
    if connection.dialect.name != "postgresql":
        return
    for table in t.metadata.sorted_tables:
        column = table.autoincrement_column
        if column is None or column.autoincrement is not True:
            continue
        last = connection.scalar(sa.select(sa.func.max(column)))
        if last is not None:
            sequence = sa.func.pg_get_serial_sequence(table.name, column.name)
            connection.execute(sa.select(sa.func.setval(sequence, last)))


@contextmanager
def _sentences(what: str) -> Iterator[None]:
    try:
        yield
    except (sa.exc.SQLAlchemyError, UnicodeEncodeError) as error:
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        raise UnavailableError(f"{what} cannot be written ({reason}); nothing of it was kept.") from error
