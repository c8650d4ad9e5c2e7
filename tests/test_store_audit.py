"""The audit trail as a chain, on SQLite and on PostgreSQL: and each way to tamper with it is found.

Expected digests are made here with hashlib and json alone, from the description in docs/record.md. Takes 40 seconds,
most of them starts of PostgreSQL and new databases.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from hypothesis import given
from hypothesis import strategies as st

from qc.store import Store, open_store
from qc.store.audit import Wanted, audit_trail, audit_words, checked, trails
from qc.store.chain import BEGINNING, Pin, chained, digest, first_fault
from qc.store.engine import MIGRATIONS, connect
from qc.store.levels import set_level
from qc.store.people import EVERYWHERE, set_role
from qc.store.settlements import settle


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    opened = open_store(url)
    opened.add_project("demo", "A demo", "lead")
    yield opened
    opened.engine.dispose()


def filled(store: Store, entries: int = 9) -> Store:
    for n in range(1, entries):
        set_level(store, "demo", "annotator", "ann", "full", f"reason {n}", {}, "lead")
    return store


def tamper(store: Store, *statements: str) -> None:
    """What somebody does who may do anything to the database, the triggers included."""
    drop = {
        "sqlite": ["DROP TRIGGER IF EXISTS audit_update", "DROP TRIGGER IF EXISTS audit_delete"],
        "postgresql": ["DROP TRIGGER audit_append_only ON audit"],
    }
    with store.engine.begin() as connection:
        for statement in (*drop[store.engine.dialect.name], *statements):
            connection.exec_driver_sql(statement)


def by_hand(entry: dict[str, Any], previous: str) -> str:
    moment = entry["at"].astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    names = ("actor", "action", "object", "before", "after", "reason")
    content = ["annotation-qc/audit/1", entry["project"], entry["number"], moment, *(entry[name] for name in names)]
    return sha256(json.dumps([*content, previous], ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def swap(store: Store, first: int, second: int, columns: tuple[str, ...]) -> list[str]:
    rows = {row["number"]: row for row in audit_trail(store, "demo")}
    zone = "+00:00" if store.engine.dialect.name == "sqlite" else ""

    def quoted(value: object) -> str:
        return "NULL" if value is None else f"'{str(value).removesuffix(zone)}'"

    return [
        f"UPDATE audit SET {', '.join(f'{name} = {quoted(source[name])}' for name in columns)} WHERE number = {target}"
        for target, source in ((first, rows[second]), (second, rows[first]))
    ]


def test_each_entry_has_the_digest_that_the_chapter_describes(store: Store) -> None:
    filled(store)
    settle(store, "demo", "i1", "label", "single", 'ja \u00e9\n\t\x1f\U0001f600 "quoted"', "so", "lead")
    entries = list(reversed(audit_trail(store, "demo")))
    previous = ""
    for number, entry in enumerate(entries, 1):
        assert entry["number"] == number
        previous = by_hand(entry, previous)
        assert entry["digest"] == previous
    trail = checked(store, "demo")
    assert (trail.length, trail.head, trail.fault) == (10, previous, None)


def test_each_project_has_its_own_chain_and_all_projects_one(store: Store) -> None:
    store.add_project("other", None, "lead")
    set_role(store, "bo", None, "lead", granted=True, actor="root", reason="")
    set_role(store, "bo", "other", "lead", granted=True, actor="root", reason="")
    assert trails(store) == [EVERYWHERE, "demo", "other"]
    assert [checked(store, project).length for project in trails(store)] == [1, 1, 2]
    assert checked(store, "nothing yet").fault is None


@pytest.mark.parametrize("act", ["UPDATE audit SET actor = 'nobody'", "DELETE FROM audit"])
def test_the_database_itself_refuses_to_change_the_trail(store: Store, act: str) -> None:
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), store.engine.begin() as connection:
        connection.exec_driver_sql(act)
    assert checked(store, "demo").fault is None


CHANGES = [
    "actor = 'nobody'",
    "action = 'settle'",
    "object = 'annotator bob'",
    "before = NULL",
    "after = '\"normal\"'",
    "reason = 'another'",
    "at = '2026-01-01 00:00:00.000000'",
    f"digest = '{'0' * 64}'",
]


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_entry_is_named(store: Store, change: str) -> None:
    filled(store)
    tamper(store, f"UPDATE audit SET {change} WHERE number = 4")
    fault = checked(store, "demo").fault
    assert fault is not None
    assert (fault.number, fault.what) == (4, "was changed")


@pytest.mark.parametrize("number", [1, 5, 8])
def test_a_deleted_entry_is_named(store: Store, number: int) -> None:
    filled(store)
    tamper(store, f"DELETE FROM audit WHERE number = {number}")
    fault = checked(store, "demo").fault
    assert fault is not None
    assert (fault.number, fault.what) == (number, "is missing")


def test_a_deleted_entry_is_found_though_the_others_are_numbered_anew(store: Store) -> None:
    filled(store)
    closing = [f"UPDATE audit SET number = {n - 1} WHERE number = {n}" for n in range(4, 10)]
    tamper(store, "DELETE FROM audit WHERE number = 3", *closing)
    fault = checked(store, "demo").fault
    assert fault is not None
    assert fault.number == 3


CONTENT = ("actor", "action", "object", "before", "after", "reason", "at")


@pytest.mark.parametrize(("first", "second"), [(3, 4), (2, 7), (1, 9)])
@pytest.mark.parametrize("columns", [CONTENT, (*CONTENT, "digest")], ids=["content", "whole"])
def test_a_swapped_pair_is_named(store: Store, first: int, second: int, columns: tuple[str, ...]) -> None:
    filled(store)
    tamper(store, *swap(store, first, second, columns))
    fault = checked(store, "demo").fault
    assert fault is not None
    assert (fault.number, fault.what) == (first, f"was swapped with entry {second}")


def test_a_tail_that_was_cut_off_is_found_by_its_head_and_by_a_kept_digest(store: Store) -> None:
    filled(store)
    kept = checked(store, "demo")
    pin = Pin(kept.head, kept.length)
    filled(store, 4)
    assert checked(store, "demo", [pin, Pin(kept.head)]).fault is None
    tamper(store, "DELETE FROM audit WHERE number > 7")
    cut = checked(store, "demo").fault
    assert cut is not None
    assert (cut.number, cut.what) == (8, "is missing, with all up to entry 12: the end was cut off")
    seventh = audit_trail(store, "demo")[0]["digest"]
    with store.engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE audit_heads SET number = 7, digest = '{seventh}'")
    assert checked(store, "demo").fault is None, "without a digest that was kept elsewhere nobody can tell"
    for each in (pin, Pin(kept.head)):
        fault = checked(store, "demo", [each]).fault
        assert fault is not None
        assert fault.number == 8


def test_a_trail_that_was_written_anew_is_found_by_a_kept_digest(store: Store) -> None:
    filled(store)
    kept = checked(store, "demo")
    entries = [dict(row) for row in reversed(audit_trail(store, "demo"))]
    entries[2]["reason"] = "as it never was"
    anew = chained(entries, 0, BEGINNING)
    renewed = [
        f"UPDATE audit SET reason = '{row['reason']}', digest = '{row['digest']}' WHERE number = {row['number']}"
        for row in anew[2:]
    ]
    tamper(store, *renewed, f"UPDATE audit_heads SET digest = '{anew[-1]['digest']}'")
    assert checked(store, "demo").fault is None
    fault = checked(store, "demo", [Pin(kept.head, kept.length)]).fault
    assert fault is not None
    assert "written anew" in fault.what


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE audit SET at = 'yesterday' WHERE number = 3",
        "UPDATE audit SET at = '' WHERE number = 3",
        "UPDATE audit SET after = x'ff00' WHERE number = 3",
        "UPDATE audit SET reason = CAST(x'ff00' AS TEXT) WHERE number = 3",
    ],
)
def test_an_entry_that_cannot_be_read_is_named(tmp_path: Path, change: str) -> None:
    """SQLite takes any text for a time, and bytes for a text."""
    opened = open_store(f"sqlite:///{tmp_path / 'qc.db'}")
    opened.add_project("demo", None, "lead")
    tamper(filled(opened), change)
    fault = checked(opened, "demo").fault
    assert fault is not None
    assert (fault.number, fault.what) == (3, "cannot be read: it was changed")
    opened.engine.dispose()


def test_what_is_no_number_or_name_is_a_fault_and_no_crash(tmp_path: Path) -> None:
    opened = open_store(f"sqlite:///{tmp_path / 'qc.db'}")
    opened.add_project("demo", None, "lead")
    tamper(filled(opened), "UPDATE audit_heads SET number = 'x'")
    fault = checked(opened, "demo").fault
    assert fault is not None
    assert "is not the one that was written last" in fault.what
    tamper(opened, "UPDATE audit SET number = 'x' WHERE number = 4", "UPDATE audit SET actor = 'x' WHERE number = 3")
    fault = checked(opened, "demo").fault
    assert fault is not None
    assert fault.number == 3
    tamper(opened, "UPDATE audit SET project = x'00' WHERE number = 2")
    assert len(trails(opened)) == 2
    fault = checked(opened, "demo").fault
    assert fault is not None
    assert (fault.number, fault.what) == (2, "is missing")
    opened.engine.dispose()


def test_entries_written_at_once_are_one_chain(store: Store) -> None:
    """Of one project and of two, within transactions that take their locks in different orders."""
    store.add_project("other", None, "lead")
    gate = threading.Barrier(8)
    failed: list[Exception] = []

    def work(place: int) -> None:
        gate.wait()
        try:
            for n in range(6):
                project = ("demo", "other")[(place + n) % 2]
                if place % 4 < 2:
                    store.note(f"actor {place}", project, "export", f"file {n}")
                else:
                    set_level(store, project, "annotator", f"ann {place}", "full", "why", {}, "lead")
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=(place,)) for place in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert failed == []
    found = [checked(store, project) for project in ("demo", "other")]
    assert [trail.fault for trail in found] == [None, None]
    assert sum(trail.length for trail in found) == 2 + 48


def test_entries_of_one_change_follow_on_each_other(store: Store) -> None:
    """Of two projects in turns; the entry after them follows on the last one of its project."""
    store.add_project("other", None, "lead")
    for _ in range(2):
        with store.change("lead", "demo") as change:
            for place, project in enumerate(("demo", "other", "demo", "demo", "other")):
                change.audit(project, "settle", f"item {place}")
    found = {project: checked(store, project) for project in ("demo", "other")}
    assert {project: (trail.length, trail.fault) for project, trail in found.items()} == {
        "demo": (7, None),
        "other": (5, None),
    }
    assert [row["object"] for row in audit_trail(store, "demo")][:3] == ["item 3", "item 2", "item 0"]


def test_what_fails_leaves_no_entry(store: Store) -> None:
    def fail() -> None:
        with store.change("lead", "demo") as change:
            change.audit("demo", "settle", "item 1")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert checked(store, "demo").length == 1


def test_the_trail_is_filtered(store: Store) -> None:
    filled(store, 4)
    settle(store, "demo", "100%_sure", "label", "single", "B", "Both agreed", "ada")

    def numbers(**conditions: Any) -> list[int]:
        return [row["number"] for row in audit_trail(store, "demo", Wanted(**conditions))]

    assert audit_words(store, "demo") == {"actor": ["ada", "lead"], "action": ["create", "set level", "settle"]}
    assert numbers() == [5, 4, 3, 2, 1]
    assert numbers(actors=("ada",)) == [5]
    assert numbers(actions=("set level", "create")) == [4, 3, 2, 1]
    assert numbers(object="0%_S") == [5]
    assert numbers(object="0%-S") == []
    assert numbers(text="both AGREED") == [5]
    assert numbers(text="reason 2") == [3]
    now = datetime.now(UTC)
    assert numbers(since=now) == []
    assert numbers(since=now - timedelta(hours=1), until=now) == [5, 4, 3, 2, 1]
    assert [row["number"] for row in audit_trail(store, "demo", most=2)] == [5, 4]


def test_the_trail_of_an_earlier_version_becomes_a_chain_in_its_order(url: str) -> None:
    engine = connect(url)
    zone = "" if engine.dialect.name == "sqlite" else "+00:00"
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    rows = [
        ("demo", "lead", "create", "project demo", None, '"A demo"', None, "2026-01-01 10:00:00.000001"),
        ("other", "lead", "create", "project other", None, '"other"', None, "2026-01-01 10:00:01.000000"),
        ("demo", "rev", "verdict", "answer 1", None, '"reject"', "Ü\n=1", "2026-01-01 10:00:02.250000"),
    ]
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0005")
        insert = sa.text(
            "INSERT INTO audit (project, actor, action, object, before, after, reason, at)"
            " VALUES (:project, :actor, :action, :object, :before, :after, :reason, :at)"
        )
        names = ("project", "actor", "action", "object", "before", "after", "reason", "at")
        connection.execute(insert, [dict(zip(names, (*row[:-1], f"{row[-1]}{zone}"), strict=True)) for row in rows])
    engine.dispose()
    opened = open_store(url)
    assert [(row["number"], row["action"], row["reason"]) for row in audit_trail(opened, "demo")] == [
        (2, "verdict", "Ü\n=1"),
        (1, "create", None),
    ]
    assert audit_trail(opened, "demo")[0]["at"] == datetime(2026, 1, 1, 10, 0, 2, 250_000, UTC)
    opened.note("lead", "demo", "export", "file x")
    found = [checked(opened, project) for project in ("demo", "other")]
    assert [(trail.length, trail.fault) for trail in found] == [(3, None), (1, None)]
    opened.engine.dispose()


# The digest alone.

TEXTS = st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
ENTRY = st.fixed_dictionaries(
    {
        "project": st.just("demo"),
        "at": st.datetimes(datetime(1990, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)),
        **dict.fromkeys(("actor", "action", "object", "before", "after", "reason"), TEXTS),
    }
)


@given(st.lists(ENTRY, min_size=1, max_size=6), st.data())
def test_any_change_of_any_entry_is_found_and_named(entries: list[dict[str, Any]], data: st.DataObject) -> None:
    rows = chained(entries, 0, BEGINNING)
    head = (len(rows), rows[-1]["digest"])
    assert first_fault(rows, head) is None
    place = data.draw(st.integers(0, len(rows) - 1))
    name = data.draw(st.sampled_from(["actor", "action", "object", "before", "after", "reason"]))
    other = data.draw(TEXTS.filter(lambda text: text != rows[place][name]))
    rows[place] = {**rows[place], name: other}
    fault = first_fault(rows, head)
    assert fault is not None
    assert fault.number == place + 1


@given(st.lists(TEXTS, min_size=6, max_size=6), st.lists(TEXTS, min_size=6, max_size=6))
def test_different_contents_have_different_digests(first: list[str | None], second: list[str | None]) -> None:
    """A part that ends where the next begins: no two contents share a text."""
    names = ("actor", "action", "object", "before", "after", "reason")
    at = datetime(2026, 1, 1, tzinfo=UTC)
    pair = [
        {"project": "demo", "number": 1, "at": at, **dict(zip(names, each, strict=True))} for each in (first, second)
    ]
    assert (digest(pair[0], "") == digest(pair[1], "")) == (first == second)
