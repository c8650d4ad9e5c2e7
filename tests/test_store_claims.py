"""Claims: sixteen processes want the same items, and nobody is ever given what another has before them.

Each of sixteen processes, as a reviewer of its own, asks for the first free of 200 items and records a verdict on it
until nothing waits: no verdict is refused because another had the item too, and none is left. On two shared cores
about twenty seconds on SQLite and as many on PostgreSQL.
"""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from typing import Any, Final

import pytest
import sqlalchemy as sa

from qc.store import Store, open_store
from qc.store import tables as t
from qc.store.claims import claim, held, release
from qc.store.samples import save_draw
from qc.store.verdicts import save_verdicts, verdicts
from qc.store.waiting import still_waits, waiting

PROCESSES: Final = 16
ITEMS: Final = 200
THOUGHT: Final = 0.02
QUARTER: Final = timedelta(minutes=15)
FORKS = multiprocessing.get_context("forkserver")


@pytest.fixture(scope="module", autouse=True)
def preloaded() -> None:
    """What each process needs is imported once."""
    FORKS.set_forkserver_preload(["qc.store", "qc.store.verdicts", "qc.store.claims", "psycopg"])


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    opened = open_store(url)
    opened.add_project("demo", "A demo", "lead")
    yield opened
    opened.engine.dispose()


def drawn(store: Store, items: int) -> None:
    common: dict[str, Any] = {
        **{"question": "label", "annotator": "ann", "share": "random", "pi": 1.0, "pi_random": 1.0, "pi_risk": 0.0},
        **{"reasons": [], "reviews_wanted": 1, "stratum": "ann", "stratum_size": items, "stratum_drawn": items},
        **{"level": "full", "answer_hash": "h"},
    }
    rows = [{**common, "annotation_id": f"a{number}", "item_id": f"i{number}"} for number in range(items)]
    save_draw(store, "demo", 0, {}, "v", rows, "lead")


def verdict(item_id: str, reviewer: str) -> dict[str, Any]:
    return {
        **{"annotation_id": f"a{item_id[1:]}", "question": "label", "item_id": item_id, "reviewer": reviewer},
        **{"verdict": "accept", "kind": "single"},
    }


def _work(url: str, number: int, results: Connection, together: Barrier) -> None:
    store, name = open_store(url), f"reviewer {number}"
    together.wait(120)
    judged: list[str] = []

    def waits(connection: sa.Connection, item_id: str) -> bool:
        return bool(still_waits(connection, "demo", name, (), item_id))

    while wanted := [row["item_id"] for row in waiting(store, "demo", name)]:
        item_id = claim(store, "demo", wanted, name, f"desk {number}", QUARTER, waits)
        # Reviewers think; without a pause SQLite, which knows no queue, may let one writer wait for all others.
        time.sleep(THOUGHT)
        if item_id is None:
            continue
        refused = save_verdicts(store, "demo", [verdict(item_id, name)], name)
        assert not refused
        judged.append(item_id)
    release(store, "demo", f"desk {number}")
    results.send(judged)
    store.engine.dispose()


def test_sixteen_processes_never_have_the_same_item(store: Store, url: str) -> None:
    drawn(store, ITEMS)
    pipes, workers, together = [], [], FORKS.Barrier(PROCESSES)
    for number in range(PROCESSES):
        receiving, sending = FORKS.Pipe(duplex=False)
        worker = FORKS.Process(target=_work, args=(url, number, sending, together))
        worker.start()
        pipes.append(receiving)
        workers.append(worker)
    judged = [item_id for pipe in pipes if pipe.poll(300) for item_id in pipe.recv()]
    for worker in workers:
        worker.join(60)
        assert worker.exitcode == 0
    assert sorted(judged) == sorted(f"i{number}" for number in range(ITEMS))
    assert len(verdicts(store, "demo")) == ITEMS
    assert held(store, "demo") == []


def test_an_item_is_kept_let_go_and_taken_over_when_its_time_is_over(store: Store) -> None:
    assert claim(store, "demo", ["a", "b"], "rae", "one", QUARTER) == "a"
    assert claim(store, "demo", ["a", "b"], "rae", "one", QUARTER) == "a"
    assert claim(store, "demo", ["a", "b"], "sam", "two", QUARTER) == "b"
    assert claim(store, "demo", ["a", "b"], "rae", "three", QUARTER) is None
    assert [(row["item_id"], row["person"]) for row in held(store, "demo")] == [("a", "rae"), ("b", "sam")]
    # Who takes another item lets the first one go.
    assert claim(store, "demo", ["c", "a"], "rae", "one", QUARTER) == "c"
    assert claim(store, "demo", ["a"], "eve", "three", QUARTER) == "a"
    release(store, "demo", "three")
    with store.engine.begin() as connection:
        connection.execute(sa.update(t.claims).values(expires_at=datetime.now(UTC) - timedelta(seconds=1)))
    assert claim(store, "demo", ["b"], "eve", "three", QUARTER) == "b"
    assert [(row["item_id"], row["person"]) for row in held(store, "demo")] == [("b", "eve")]


def test_what_waits_no_more_is_passed_over(store: Store) -> None:
    drawn(store, 3)
    wanted = [row["item_id"] for row in waiting(store, "demo", "rae")]
    save_verdicts(store, "demo", [verdict("i0", "sam")], "sam")

    def waits(connection: sa.Connection, item_id: str) -> bool:
        return bool(still_waits(connection, "demo", "rae", (), item_id))

    assert claim(store, "demo", wanted, "rae", "one", QUARTER, waits) == "i1"


def test_an_answer_that_went_up_is_judged_once_by_each_tier(store: Store) -> None:
    drawn(store, 1)
    assert save_verdicts(store, "demo", [verdict("i0", "rae")], "rae") == []
    refused = save_verdicts(store, "demo", [verdict("i0", "sam")], "sam")
    assert refused[0][1]["reviewer"] == "rae"
    assert save_verdicts(store, "demo", [{**verdict("i0", "sam"), "tier": "senior"}], "sam") == []
    refused = save_verdicts(store, "demo", [{**verdict("i0", "eve"), "tier": "senior"}], "eve")
    assert refused[0][1]["reviewer"] == "sam"
    assert save_verdicts(store, "demo", [{**verdict("i0", "lea"), "tier": "lead"}], "lea") == []
    refused = save_verdicts(store, "demo", [{**verdict("i0", "eve"), "tier": "senior"}], "eve")
    assert refused[0][1]["reviewer"] == "sam"
    assert len(verdicts(store, "demo")) == 3
