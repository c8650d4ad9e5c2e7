"""The record, the same suite on SQLite and on PostgreSQL: append-only decisions, counters, leases, lost updates."""

from __future__ import annotations

import multiprocessing
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext

from qc.model import ConflictError, NotFoundError, Policy, SamplingPolicy, UnavailableError
from qc.store import Store, open_store
from qc.store import tables as t
from qc.store.alerts import alerts, assign_alert, move_alert, open_alert, snooze_alert
from qc.store.audit import audit_trail
from qc.store.engine import MIGRATIONS, connect, migrate
from qc.store.imports import Import, imported_before, imports, publish, refused, snapshot
from qc.store.levels import level_history, set_level
from qc.store.locks import lock
from qc.store.mappings import save_mapping, saved_mappings
from qc.store.people import grants, pseudonym_secret, set_role
from qc.store.policies import current_policy, save_policy
from qc.store.record import PARTS
from qc.store.samples import drawn_answers, draws, save_draw
from qc.store.settlements import settle, settlements
from qc.store.verdicts import save_verdicts, verdicts, withdraw_verdict
from qc.store.versions import ago


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    opened = open_store(url)
    opened.add_project("demo", "A demo", "lead")
    yield opened
    opened.engine.dispose()


def verdict(answer: str, decision: str = "reject", **more: Any) -> dict[str, Any]:
    given = {
        "annotation_id": answer,
        "question": "label",
        "item_id": "i1",
        "reviewer": "rev",
        "verdict": decision,
        "kind": "single",
    }
    return {**given, **more}


def drawn(answer: str, **more: Any) -> dict[str, Any]:
    return {
        "annotation_id": answer,
        "question": "label",
        "item_id": "i1",
        "annotator": "ann",
        "share": "random",
        "pi": 0.1,
        "pi_random": 0.1,
        "pi_risk": 0.0,
        "reasons": [],
        "reviews_wanted": 1,
        "stratum": "ann",
        "stratum_size": 10,
        "stratum_drawn": 1,
        "level": "normal",
        "answer_hash": "h",
        **more,
    }


def an_import(key: str, **more: Any) -> Import:
    counts = dict.fromkeys(("read", "accepted", "new"), 1) | dict.fromkeys(
        ("quarantined", "changed", "unchanged", "removed", "duplicates"), 0
    )
    return Import(
        **{
            "id": key,
            "project": "demo",
            "source": "export",
            "file": "export.json",
            "digest": "d1",
            "settings": "{}",
            "format": "table",
            "report": {"read": 1},
            "versions": {"annotations": 0},
            **counts,
            **more,
        }
    )


def at_once(jobs: list[Callable[[], object]]) -> list[object]:
    """Results or exceptions of jobs that start together, one thread each."""
    results: list[object] = [None] * len(jobs)
    gate = threading.Barrier(len(jobs))

    def work(place: int) -> None:
        gate.wait()
        try:
            results[place] = jobs[place]()
        except Exception as error:
            results[place] = error

    threads = [threading.Thread(target=work, args=(place,)) for place in range(len(jobs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


def test_migrations_and_tables_say_the_same(store: Store) -> None:
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, t.metadata) == []


def test_opening_again_changes_nothing_and_many_may_open_a_new_record_at_once(url: str) -> None:
    opened = at_once([lambda: open_store(url) for _ in range(4)])
    assert [type(found) for found in opened] == [Store] * 4
    for found in opened:
        assert isinstance(found, Store)
        found.add_project("demo", None, "lead")
        assert [project.slug for project in found.projects()] == ["demo"]
        found.engine.dispose()


def test_nobody_who_opens_a_new_file_at_the_same_moment_is_refused(tmp_path: Path) -> None:
    def first_look(number: int) -> object:
        engine = connect(f"sqlite:///{tmp_path / f'{number}.db'}")
        with engine.connect() as connection:
            mode = connection.exec_driver_sql("PRAGMA journal_mode").scalar()
        engine.dispose()
        return mode

    for number in range(60):
        assert at_once([partial(first_look, number)] * 8) == ["wal"] * 8


def test_draws_of_an_earlier_version_were_by_lot_and_judged_once(url: str) -> None:
    engine = connect(url)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0003")
        for statement in (
            "INSERT INTO projects VALUES ('demo', 'A demo', '2026-01-01')",
            "INSERT INTO draws VALUES ('d1', 'demo', 1, '{}', 'v1', 'lead', '2026-01-01')",
            "INSERT INTO drawn_answers VALUES ('d1', 'a1', 'label', 0, 'demo', 'i1', 'ann', 'random', 0.1, 'ann',"
            " 10, 1, 'normal', 'h')",
        ):
            connection.exec_driver_sql(statement)
    engine.dispose()
    opened = open_store(url)
    (row,) = drawn_answers(opened, "demo")
    assert [row[name] for name in ("pi", "pi_random", "pi_risk", "reasons", "reviews_wanted")] == [0.1, 0.1, 0.0, [], 1]
    opened.engine.dispose()


def test_a_record_of_a_newer_version_is_refused(url: str) -> None:
    opened = open_store(url)
    with opened.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(UnavailableError, match="newer version"):
        open_store(url)
    opened.engine.dispose()


def test_an_unknown_project_is_told_with_those_that_exist(store: Store) -> None:
    with pytest.raises(NotFoundError, match="demo"):
        store.project("other")


def test_times_come_back_in_utc_and_naive_ones_are_refused(store: Store) -> None:
    zone = datetime(2026, 3, 29, 4, 30, 0, 123456, tzinfo=UTC).astimezone()
    save_verdicts(store, "demo", [verdict("1", decided_at=zone)], "rev")
    (row,) = verdicts(store, "demo")
    assert row["decided_at"] == zone
    assert row["decided_at"].utcoffset() == timedelta(0)
    with pytest.raises(sa.exc.StatementError, match="naive"):
        save_verdicts(store, "demo", [verdict("2", decided_at=datetime(2026, 1, 1))], "rev")
    assert len(verdicts(store, "demo")) == 1


def test_a_verdict_can_be_taken_back_and_given_anew_and_all_stays_on_the_record(store: Store) -> None:
    assert save_verdicts(store, "demo", [verdict("1")], "rev") == []
    stood = save_verdicts(store, "demo", [verdict("1", "accept")], "other")
    assert [row["verdict"] for _, row in stood] == ["reject"]
    (row,) = verdicts(store, "demo")
    withdraw_verdict(store, "demo", row["review_id"], "rev")
    assert verdicts(store, "demo") == []
    with pytest.raises(NotFoundError):
        withdraw_verdict(store, "demo", row["review_id"], "rev")
    save_verdicts(store, "demo", [verdict("1", "accept")], "rev")
    assert [row["verdict"] for row in verdicts(store, "demo")] == ["accept"]
    assert len(store.rows(sa.select(t.verdicts))) == 3
    assert [row["verdict"] for row in verdicts(store, "demo", as_of=row["decided_at"])] == ["reject"]
    assert store.revisions("demo")["reviews"] == 3


def test_an_answer_judged_by_two_at_once_is_judged_once(store: Store) -> None:
    found = at_once([lambda: save_verdicts(store, "demo", [verdict("1")], "rev") for _ in range(6)])
    assert sorted(len(stood) for stood in found) == [0, 1, 1, 1, 1, 1]  # type: ignore[arg-type]
    assert len(verdicts(store, "demo")) == 1


def test_an_answer_twice_in_one_sheet_is_judged_once(store: Store) -> None:
    stood = save_verdicts(store, "demo", [verdict("1"), verdict("1", "accept")], "rev")
    assert [row["verdict"] for _, row in stood] == ["reject"]
    assert [row["verdict"] for row in verdicts(store, "demo")] == ["reject"]


def test_two_people_judge_an_answer_whose_draw_wants_two_and_nobody_judges_it_twice(store: Store) -> None:
    save_draw(store, "demo", 1, {}, "v1", [drawn("1", reviews_wanted=2), drawn("2")], "lead")
    both = [verdict("1"), verdict("2")]
    assert save_verdicts(store, "demo", both, "rev") == []
    stood = save_verdicts(store, "demo", [{**row, "reviewer": "other", "verdict": "accept"} for row in both], "other")
    assert [(place, row["annotation_id"], row["reviewer"]) for place, row in stood] == [(1, "2", "rev")]
    again = [verdict("1", reviewer=name) for name in ("rev", "other", "third")]
    stood = save_verdicts(store, "demo", again, "other")
    assert [(place, row["reviewer"]) for place, row in stood] == [(0, "rev"), (1, "other"), (2, "rev")]
    first, second = (row for row in verdicts(store, "demo") if row["annotation_id"] == "1")
    assert [(row["reviewer"], row["verdict"]) for row in (first, second)] == [("rev", "reject"), ("other", "accept")]
    withdraw_verdict(store, "demo", first["review_id"], "rev")
    assert save_verdicts(store, "demo", [verdict("1", reviewer="third")], "third") == []


def test_two_people_judge_regions_in_one_sheet(store: Store) -> None:
    """Each has one verdict a region; a third person finds the answer judged by two."""
    save_draw(store, "demo", 1, {}, "v1", [drawn("1", reviews_wanted=2)], "lead")
    sheet = [verdict("1", reviewer=name, region_id=region) for name in ("a", "b", "c") for region in ("r1", "r2")]
    stood = save_verdicts(store, "demo", [*sheet, sheet[0]], "lead")
    assert [(place, row["reviewer"]) for place, row in stood] == [(4, "a"), (5, "a"), (6, "a")]
    assert len(verdicts(store, "demo")) == 4


def test_two_opinions_wanted_of_two_at_once_are_two(store: Store) -> None:
    save_draw(store, "demo", 1, {}, "v1", [drawn("1", reviews_wanted=2)], "lead")
    jobs = [lambda n=n: save_verdicts(store, "demo", [verdict("1", reviewer=f"rev {n}")], "rev") for n in range(5)]
    assert sorted(len(stood) for stood in at_once(jobs)) == [0, 0, 1, 1, 1]  # type: ignore[arg-type]
    assert len(verdicts(store, "demo")) == 2


def test_a_verdict_taken_back_by_two_at_once_is_taken_back_once(store: Store) -> None:
    save_verdicts(store, "demo", [verdict("1")], "rev")
    key = verdicts(store, "demo")[0]["review_id"]
    found = at_once([lambda: withdraw_verdict(store, "demo", key, "rev") for _ in range(4)])
    assert sorted(type(result).__name__ for result in found) == ["NoneType", *["NotFoundError"] * 3]
    assert len(store.rows(sa.select(t.verdicts))) == 2


def test_settling_at_once_leaves_one_settlement_in_force(store: Store) -> None:
    calls = [lambda n=n: settle(store, "demo", "i1", "label", "single", str(n), "why", "lead") for n in range(4)]
    assert at_once(calls) == [None] * 4
    assert len(settlements(store, "demo")) == 1
    assert sorted(row["revision"] for row in store.rows(sa.select(t.settlements))) == [1, 2, 3, 4]


def test_levels_set_at_once_are_all_on_the_record(store: Store) -> None:
    calls = [
        lambda n=n: set_level(store, "demo", "annotator", "ann", "full", str(n), {"n": n}, "lead") for n in range(4)
    ]
    assert at_once(calls) == [None] * 4
    history = level_history(store, "demo")
    assert [row["revision"] for row in history] == [1, 2, 3, 4]
    assert history[0]["evidence"] == {"n": int(history[0]["reason"])}
    assert store.revisions("demo")["levels"] == 4


def test_the_policy_is_the_default_until_it_is_set_and_keeps_every_revision(store: Store) -> None:
    assert current_policy(store, "demo") == Policy()
    policy = replace(Policy(), sampling=SamplingPolicy(normal=0.1))
    save_policy(store, "demo", policy, "lead", "more checks")
    assert current_policy(store, "demo") == policy
    assert at_once([lambda: save_policy(store, "demo", Policy(), "lead", "back") for _ in range(4)]) == [None] * 4
    assert len(store.rows(sa.select(t.policies))) == 5


def test_an_answer_is_drawn_once(store: Store) -> None:
    first = save_draw(store, "demo", 1, {"rate": 0.1}, "v1", [drawn("1"), drawn("2")], "lead")
    with pytest.raises(ConflictError, match="draw again"):
        save_draw(store, "demo", 2, {}, "v1", [drawn("3"), drawn("2")], "lead")
    assert [(row["draw_id"], row["annotation_id"]) for row in drawn_answers(store, "demo")] == [
        (first, "1"),
        (first, "2"),
    ]
    assert [(row["id"], row["parameters"]) for row in draws(store, "demo")] == [(first, {"rate": 0.1})]
    assert store.revisions("demo")["draws"] == 1


def test_an_import_is_published_whole(store: Store) -> None:
    assert snapshot(store) == {}
    quarantined = [{"file": "export.json", "line": 3, "reason": "no item", "excerpt": "{}"}]
    publish(store, an_import("a", versions={"annotations": 0, "items": 0}), {}, quarantined, "lead")
    assert [row["line"] for row in refused(store, "demo")] == [3]
    named = {"annotations": 0, "items": 0}
    publish(store, an_import("b", digest="d2", versions={"annotations": 4, "items": 0}), named, [], "lead")
    assert snapshot(store) == {"annotations": 4, "items": 0}
    assert [row["id"] for row in imports(store, "demo")] == ["b", "a"]
    assert refused(store, "demo") == [], "a later file of this source has replaced it"
    assert imported_before(store, "demo", "d2", "{}")
    assert not imported_before(store, "demo", "d1", "{}"), "a later file of this source has replaced it"
    with pytest.raises(sa.exc.IntegrityError):
        publish(store, an_import("b", versions={"annotations": 9}), {**named, "annotations": 4}, [], "lead")
    with pytest.raises(ConflictError, match="in the meantime"):
        publish(store, an_import("c", versions={"annotations": 9}), named, [], "lead")
    assert snapshot(store) == {"annotations": 4, "items": 0}


def test_each_part_has_its_own_counter(store: Store) -> None:
    assert store.revisions("demo") == dict.fromkeys(PARTS, 0)
    alert = {
        "episode": "e",
        "rule": "r",
        "severity": "warning",
        "subject_kind": "annotator",
        "subject_key": "ann",
        "message": "m",
        "evidence": {"n": 3},
    }
    key = open_alert(store, "demo", alert, "check")
    move_alert(store, "demo", key, "acknowledged", "lead", "seen")
    assert store.revisions("demo") == {**dict.fromkeys(PARTS, 0), "alerts": 2}
    assert store.as_of("demo") is None, "an alert enters no figure"
    assert [(row["state"], row["comment"], row["evidence"]) for row in alerts(store, "demo")] == [
        ("acknowledged", "seen", {"n": 3})
    ]
    with pytest.raises(NotFoundError):
        move_alert(store, "demo", "none", "resolved", "lead")
    assert [row["action"] for row in audit_trail(store, "demo")] == ["acknowledged", "open alert", "create"]


def test_the_project_that_changed_last_comes_first(store: Store) -> None:
    """One of whose figures nothing changed yet comes last; an alert changes no figure. "A demo" is the name of demo."""
    for slug in ("alpha", "beta", "omega"):
        store.add_project(slug, None, "lead")
    for slug in ("omega", "beta"):
        with store.change("lead", slug) as change:
            change.raise_revision(slug, "policy")
    assert [project.slug for project in store.projects()] == ["beta", "omega", "demo", "alpha"]
    for slug, part in (("omega", "alerts"), ("omega", "reviews"), ("beta", "alerts")):
        with store.change("lead", slug) as change:
            change.raise_revision(slug, part)
    assert [project.slug for project in store.projects()] == ["omega", "beta", "demo", "alpha"]


def test_a_lock_is_waited_for_and_says_who_holds_it(store: Store) -> None:
    with lock(store, "lake"), pytest.raises(ConflictError, match="process"), lock(store, "lake", wait_seconds=0.2):
        pass
    with lock(store, "lake", wait_seconds=0), lock(store, "other", wait_seconds=0):
        pass
    assert store.rows(sa.select(t.locks)) == []


@pytest.mark.parametrize("how", ["expired", "dead"])
def test_a_lock_whose_holder_is_gone_is_taken_over(store: Store, how: str) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    taken = at_once([lambda: _hold_briefly(store, how, gone.pid)])
    assert taken == [None]


def _hold_briefly(store: Store, how: str, dead_pid: int) -> None:
    holder = lock(store, "lake")
    holder.__enter__()
    forgotten = {"expires_at": datetime.now(UTC) - timedelta(seconds=1)} if how == "expired" else {"pid": dead_pid}
    with store.change("test") as change:
        change.connection.execute(sa.update(t.locks).values(**forgotten))
    with lock(store, "lake", wait_seconds=0):
        # The first holder, when it comes back, does not free the lock of the second.
        holder.__exit__(None, None, None)
        assert len(store.rows(sa.select(t.locks))) == 1


def test_a_lock_is_held_by_one_at_a_time(store: Store) -> None:
    inside: list[int] = []
    most: list[int] = []

    def work() -> None:
        with lock(store, "lake"):
            inside.append(1)
            most.append(len(inside))
            time.sleep(0.02)
            inside.pop()

    assert at_once([work] * 5) == [None] * 5
    assert most == [1] * 5


def _count_up(url: str, times: int) -> None:
    opened = open_store(url)
    for _ in range(times):
        with opened.change("test") as change:
            change.raise_revision("demo", "lake")
    opened.engine.dispose()


def test_six_processes_lose_no_update(store: Store, url: str) -> None:
    """reliability: SQLAlchemy's default SQLite engine lost 2,939 of 3,667 such updates without an error."""
    spawn = multiprocessing.get_context("spawn")
    workers = [spawn.Process(target=_count_up, args=(url, 25)) for _ in range(6)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(120)
    assert [worker.exitcode for worker in workers] == [0] * 6
    assert store.revisions("demo")["lake"] == 150


def test_sqlite_is_set_up_to_survive(tmp_path: Path) -> None:
    opened = open_store(f"sqlite:///{tmp_path / 'new folder' / 'qc.db'}")
    with opened.engine.connect() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "trusted_schema", "mmap_size")
        }
    full = 2
    assert found == {
        "journal_mode": "wal",
        "synchronous": full,
        "foreign_keys": 1,
        "busy_timeout": 30_000,
        "trusted_schema": 0,
        "mmap_size": 0,
    }
    opened.engine.dispose()


def test_reading_does_not_wait_for_a_writer(tmp_path: Path) -> None:
    opened = open_store(f"sqlite:///{tmp_path / 'qc.db'}")
    with opened.change("writer"):
        begun = time.monotonic()
        assert at_once([opened.projects]) == [[]]
        assert time.monotonic() - begun < 5
    opened.engine.dispose()


def test_a_migration_that_fails_leaves_foreign_keys_on(tmp_path: Path) -> None:
    path = tmp_path / "qc.db"
    with sqlite3.connect(path) as raw:
        raw.execute("CREATE TABLE projects (slug TEXT)")
    raw.close()
    engine = connect(f"sqlite:///{path}")
    with pytest.raises(UnavailableError):
        migrate(engine)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
    engine.dispose()


def test_a_record_that_cannot_be_reached_says_what_to_do() -> None:
    with pytest.raises(UnavailableError, match=r"qc\.toml"):
        open_store("postgresql+psycopg://nobody@127.0.0.1:1/none")
    with pytest.raises(UnavailableError, match=r"qc\.toml"):
        open_store("no url")


def test_mappings_are_kept_by_revision(store: Store) -> None:
    assert saved_mappings(store, "demo") == []
    save_mapping(store, "demo", "table", {"columns": {"item_id": "id"}}, "lead")
    save_mapping(store, "demo", "table", {"columns": {"item_id": "id"}}, "lead")
    save_mapping(store, "demo", "records", {"columns": {"item_id": "data.id"}}, "lead")
    save_mapping(store, "demo", "table", {"columns": {"item_id": "key"}}, "lead")
    assert saved_mappings(store, "demo") == [
        ("table", {"columns": {"item_id": "key"}}),
        ("records", {"columns": {"item_id": "data.id"}}),
        ("table", {"columns": {"item_id": "id"}}),
    ]


def test_roles_given_and_taken_at_once_are_all_on_the_record(store: Store) -> None:
    def give(place: int) -> None:
        project, granted = ("demo", None)[place % 2], place % 4 != 3
        set_role(store, "bo@example.org", project, "lead", granted=granted, actor="root", reason=str(place))

    assert at_once([lambda place=place: give(place) for place in range(8)]) == [None] * 8
    assert len(store.rows(sa.select(t.grants))) == 8
    give(2)
    give(3)
    assert [(row["project"], row["role"]) for row in grants(store, "bo@example.org")] == [("demo", "lead")]
    give(1)
    assert [row["project"] for row in grants(store)] == [None, "demo"]
    assert grants(store, "somebody else") == []


def test_pseudonyms_of_a_project_have_one_secret(store: Store) -> None:
    found = at_once([lambda: pseudonym_secret(store, "demo") for _ in range(6)])
    assert len(set(found)) == 1
    assert isinstance(found[0], bytes)


def test_who_edits_what_was_changed_in_the_meantime_is_told_by_whom(store: Store) -> None:
    """The policy, a settlement, a level, a role and a verdict: whoever saw an earlier one changes nothing."""

    def put(name: str, expected: int | None) -> None:
        bo = ("bo@example.org", "demo", "lead")
        acts: dict[str, Callable[[], object]] = {
            "The policy": lambda: save_policy(store, "demo", Policy(), "ada", "why", expected),
            "The settlement of i1": lambda: settle(store, "demo", "i1", "label", "single", "B", "y", "ada", expected),
            "The level of ann": lambda: set_level(
                store, "demo", "annotator", "ann", "full", "why", {}, "ada", expected=expected
            ),
            "The role lead of bo@example.org": lambda: set_role(
                store, *bo, granted=True, actor="ada", reason="", expected=expected
            ),
        }
        acts[name]()

    for name in ("The policy", "The settlement of i1", "The level of ann", "The role lead of bo@example.org"):
        put(name, 0)
        before = store.rows(sa.select(t.audit))
        for stale in (0, 7):
            with pytest.raises(ConflictError) as told:
                put(name, stale)
            assert str(told.value) == f"{name} was changed by ada a minute ago: look again."
        assert store.rows(sa.select(t.audit)) == before
        put(name, 1)
        put(name, None)
        with pytest.raises(ConflictError, match="look again"):
            put(name, 1)


def test_of_two_who_edit_at_once_one_is_told(store: Store) -> None:
    edits = [lambda: save_policy(store, "demo", Policy(), "ada", "why", 0) for _ in range(6)]
    assert sorted(type(result).__name__ for result in at_once(edits)) == [*["ConflictError"] * 5, "NoneType"]
    save_verdicts(store, "demo", [verdict("1")], "rev")
    key = verdicts(store, "demo")[0]["review_id"]
    edits = [lambda: withdraw_verdict(store, "demo", key, "rev", 1) for _ in range(3)]
    assert sorted(type(result).__name__ for result in at_once(edits)) == ["NoneType", *["NotFoundError"] * 2]


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "a minute ago"),
        (119, "a minute ago"),
        (3_599, "59 minutes ago"),
        (3_600, "an hour ago"),
        (7_200, "2 hours ago"),
        (86_400, "a day ago"),
        (900_000, "10 days ago"),
    ],
)
def test_how_long_ago_is_said_in_words(seconds: int, said: str) -> None:
    assert ago(timedelta(seconds=seconds)) == said


def test_an_alert_that_somebody_changed_in_the_meantime_is_left_alone(store: Store) -> None:
    alert = dict.fromkeys(("episode", "rule", "subject_kind", "subject_key", "message"), "x")
    key = open_alert(store, "demo", {**alert, "severity": "warning", "evidence": {}}, "check")
    assign_alert(store, "demo", key, "bo", "ada", expected=1)
    for act in (
        lambda: move_alert(store, "demo", key, "resolved", "cleo", None, 1),
        lambda: snooze_alert(store, "demo", key, None, "cleo", None, 1),
        lambda: assign_alert(store, "demo", key, None, "cleo", 1),
    ):
        with pytest.raises(ConflictError, match="The alert was changed by ada a minute ago: look again"):
            act()
    assert [(row["state"], row["owner"], row["revision"]) for row in alerts(store, "demo")] == [("open", "bo", 2)]
    move_alert(store, "demo", key, "resolved", "cleo", None, 2)
    assert alerts(store, "demo")[0]["revision"] == 3
