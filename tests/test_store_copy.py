"""The record moved from SQLite to PostgreSQL and back: whole, compared, or not at all. Takes fifteen seconds."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from qc.model import ConflictError, InputError, UnavailableError
from qc.store import Store, copying, open_store
from qc.store import tables as t
from qc.store.audit import audit_trail, checked, trails
from qc.store.copying import Copied, copy_record
from qc.store.engine import connect
from qc.store.people import EVERYWHERE, grants, set_role
from qc.store.settlements import settle

AT = datetime(2026, 3, 29, 1, 30, 0, 123456, UTC)
VALUES: dict[type, Any] = {str: "Ü=1\n\U0001f600", int: 7, float: 0.1 + 0.2, bool: True, datetime: AT}


def full(url: str) -> Store:
    """A record with rows in every table, whichever tables there are."""
    opened = open_store(url)
    for project in ("demo", "other"):
        opened.add_project(project, f"{project} =1+1", "lead")
    settle(opened, "demo", "i1", "label", "single", "B", "because", "lead")
    for place in range(3):
        set_role(opened, f"bo{place}", ("demo", None)[place % 2], "lead", granted=True, actor="root", reason="")
    with opened.engine.begin() as connection:
        for table in t.metadata.sorted_tables:
            if connection.execute(sa.select(table)).first() is None:
                values = {column.name: _value(column) for column in table.columns}
                connection.execute(sa.insert(table).values(**values))
    return opened


def _value(column: sa.Column[Any]) -> Any:
    if column.foreign_keys:
        (key,) = column.foreign_keys
        return "demo" if key.column.table.name == "projects" else VALUES[str][: getattr(column.type, "length", None)]
    if isinstance(column.type, t.Utc):
        return AT
    return VALUES[column.type.python_type]


@pytest.fixture
def record(tmp_path: Path) -> Iterator[Store]:
    opened = full(f"sqlite:///{tmp_path / 'old.db'}")
    yield opened
    opened.engine.dispose()


def contents(store: Store) -> dict[str, list[dict[str, Any]]]:
    return {table.name: sorted(store.rows(sa.select(table)), key=repr) for table in t.metadata.sorted_tables}


def test_the_record_moves_and_comes_back_row_for_row(record: Store, url: str, tmp_path: Path) -> None:
    copied = copy_record(record, url, "ada", EVERYWHERE)
    before = contents(record)
    assert copied == Copied({name: len(rows) for name, rows in before.items()})
    assert all(copied.rows.values()), "each table has a row in this test"
    assert copied.total == sum(len(rows) for rows in before.values())
    moved = open_store(url)
    assert contents(moved) == before
    assert [checked(moved, project).fault for project in trails(moved)] == [None] * 3
    set_role(moved, "eve", None, "lead", granted=True, actor="root", reason="")
    assert [row["seq"] for row in grants(moved)] == [1, 2, 3, 4], "numbers go on where they were"
    back = f"sqlite:///{tmp_path / 'back.db'}"
    copy_record(moved, back, "ada", EVERYWHERE)
    returned = open_store(back)
    assert contents(returned) == contents(moved)
    last = audit_trail(returned, EVERYWHERE)[0]
    assert (last["actor"], last["action"], last["object"]) == ("ada", "copy store", "record")
    assert [checked(returned, project).fault for project in trails(returned)] == [None] * 3
    for opened in (moved, returned):
        opened.engine.dispose()


def test_a_target_that_holds_something_is_refused(record: Store, url: str) -> None:
    before = contents(record)
    opened = open_store(url)
    opened.add_project("demo", None, "lead")
    kept = contents(opened)
    with pytest.raises(ConflictError, match="already holds a record"):
        copy_record(record, url, "ada", EVERYWHERE)
    assert contents(opened) == kept
    assert contents(record) == before
    opened.engine.dispose()


def test_a_target_of_somebody_else_is_refused_and_left_alone(record: Store, url: str) -> None:
    engine = connect(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE customers (id INTEGER)")
    with pytest.raises(ConflictError, match="customers of something else"):
        copy_record(record, url, "ada", EVERYWHERE)
    with engine.connect() as connection:
        assert sa.inspect(connection).get_table_names() == ["customers"]
    engine.dispose()


def test_an_empty_record_of_this_version_is_a_target(record: Store, url: str) -> None:
    open_store(url).engine.dispose()
    assert copy_record(record, url, "ada", EVERYWHERE).total > 20


def broken_trail(store: Store) -> None:
    with store.engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER audit_update")
        connection.exec_driver_sql("UPDATE audit SET actor = 'nobody' WHERE project = 'demo' AND number = 2")


def nul(store: Store) -> None:
    with store.engine.begin() as connection:
        connection.execute(sa.update(t.settlements).values(reason="a\0b"))


@pytest.mark.parametrize(
    ("spoil", "error", "said"),
    [
        (broken_trail, InputError, "Entry 2 of the audit trail of demo was changed"),
        (nul, InputError, "settlements.reason holds the sign NUL"),
    ],
)
def test_a_copy_that_fails_leaves_nothing_on_either_side(
    record: Store, url: str, spoil: Callable[[Store], None], error: type[Exception], said: str
) -> None:
    spoil(record)
    before = contents(record)
    with pytest.raises(error, match=said):
        copy_record(record, url, "ada", EVERYWHERE)
    assert contents(record) == before
    opened = open_store(url)
    assert not any(contents(opened).values())
    opened.engine.dispose()


def test_rows_that_differ_after_the_copy_are_found(record: Store, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the new database kept times without their microseconds."""
    true = copying._batches

    def coarse(connection: sa.Connection, table: sa.Table) -> Iterator[list[dict[str, Any]]]:
        for rows in true(connection, table):
            if connection.engine is not record.engine and table is t.settlements:
                rows = [{**row, "at": row["at"].replace(microsecond=0)} for row in rows]  # noqa: PLW2901
            yield rows

    monkeypatch.setattr(copying, "_batches", coarse)
    with pytest.raises(UnavailableError, match="rows of settlements differ"):
        copy_record(record, url, "ada", EVERYWHERE)
    opened = open_store(url)
    assert not any(contents(opened).values())
    opened.engine.dispose()


def test_a_database_that_does_not_answer_is_told(record: Store) -> None:
    before = contents(record)
    for url in ("postgresql+psycopg://qc@127.0.0.1:1/none", "no url"):
        with pytest.raises(UnavailableError):
            copy_record(record, url, "ada", EVERYWHERE)
    assert contents(record) == before


def test_what_somebody_records_during_a_copy_waits_and_is_not_lost(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = full(url)
    started = threading.Event()
    true = copying._copied

    def slowly(old: sa.Connection, new: sa.Connection) -> Copied:
        started.set()
        writer.join(0.5)
        assert writer.is_alive(), "nobody changes what is being copied"
        return true(old, new)

    def write() -> None:
        started.wait(20)
        settle(opened, "demo", "i2", "label", "single", "A", "meanwhile", "lead")

    writer = threading.Thread(target=write)
    writer.start()
    monkeypatch.setattr(copying, "_copied", slowly)
    copied = copy_record(opened, f"sqlite:///{tmp_path / 'target.db'}", "ada", EVERYWHERE)
    writer.join(60)
    assert copied.rows["settlements"] == 1
    assert len(contents(opened)["settlements"]) == 2
    assert checked(opened, "demo").fault is None
    opened.engine.dispose()
