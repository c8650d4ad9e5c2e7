"""Many processes at one record, and processes that are killed: nothing acknowledged is lost, nothing is there twice.

Sixteen processes record 10,000 verdicts, in batches of 25 (as sheets come in) and, every tenth time, one by one (as at
the desk); they also judge answers that another of them may have judged, change verdicts, and edit the policy. On two
shared cores that takes about 25 seconds on SQLite and 30 on PostgreSQL, the twenty kills 15 seconds on each.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any, Final

import pytest
import sqlalchemy as sa

from qc.model import ConflictError, Policy
from qc.store import Store, open_store
from qc.store import tables as t
from qc.store.audit import checked
from qc.store.policies import policy_in_force, save_policy
from qc.store.verdicts import revise_verdict, save_verdicts, verdicts

PROCESSES: Final = 16
VERDICTS: Final = 10_000
BATCH: Final = 25
# Of its neighbour's answers each process tries so many, too: they are judged once all the same.
CONTESTED: Final = 50
KILLS: Final = 20

FORKS = multiprocessing.get_context("forkserver")


@pytest.fixture(scope="module", autouse=True)
def preloaded() -> None:
    """What each process needs is imported once."""
    FORKS.set_forkserver_preload(["qc.store", "qc.store.verdicts", "qc.store.policies", "psycopg"])


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    opened = open_store(url)
    opened.add_project("demo", "A demo", "lead")
    yield opened
    opened.engine.dispose()


def verdict(answer: int, reviewer: str) -> dict[str, Any]:
    return {
        "annotation_id": f"a{answer}",
        "question": "label",
        "item_id": f"i{answer}",
        "reviewer": reviewer,
        "verdict": "reject",
        "kind": "single",
    }


@dataclass
class Done:
    """What one process was told: answers recorded, changes of verdicts, of the policy, and transactions that wrote."""

    recorded: list[str]
    revised: int = 0
    policies: int = 0
    written: int = 0


def _work(url: str, number: int, results: Connection) -> None:
    store, name, chance = open_store(url), f"reviewer {number}", random.Random(number)
    share = VERDICTS // PROCESSES
    answers = [(number * share + place) % VERDICTS for place in range(share + CONTESTED)]
    chance.shuffle(answers)
    done = Done([])
    while answers:
        size = 1 if chance.random() < 0.1 else BATCH
        batch, answers = answers[:size], answers[size:]
        stood = {place for place, _ in save_verdicts(store, "demo", [verdict(each, name) for each in batch], name)}
        mine = [f"a{each}" for place, each in enumerate(batch) if place not in stood]
        done.recorded += mine
        done.written += bool(mine)
        if chance.random() < 0.2:
            done.policies += _edit(store, name)
    own = [row for row in verdicts(store, "demo") if row["reviewer"] == name][:5]
    for row in own:
        revise_verdict(store, "demo", row["review_id"], {"verdict": "accept"}, name, row["revision"])
        done.revised += 1
    store.engine.dispose()
    results.send(done)
    results.close()


def _edit(store: Store, name: str) -> int:
    """Whether the policy could be changed that this process has just seen."""
    try:
        save_policy(store, "demo", Policy(), name, "again", policy_in_force(store, "demo")[1])
    except ConflictError:
        return 0
    return 1


def test_sixteen_processes_record_ten_thousand_verdicts(store: Store, url: str) -> None:
    ends, workers = [], []
    for number in range(PROCESSES):
        here, there = FORKS.Pipe(duplex=False)
        workers.append(FORKS.Process(target=_work, args=(url, number, there)))
        workers[-1].start()
        there.close()
        ends.append(here)
    done: list[Done] = [end.recv() for end in ends]
    for worker in workers:
        worker.join(60)
    assert [worker.exitcode for worker in workers] == [0] * PROCESSES
    found = verdicts(store, "demo")
    by_answer = {row["annotation_id"]: row["reviewer"] for row in found}
    told = {answer: f"reviewer {number}" for number, each in enumerate(done) for answer in each.recorded}
    assert len(found) == len(by_answer) == VERDICTS, "none lost, none twice"
    assert sum(len(each.recorded) for each in done) == VERDICTS, "each was acknowledged to one process"
    assert by_answer == told, "and to the one that the record names"
    revised = sum(each.revised for each in done)
    assert sorted(row["revision"] for row in found) == [1] * (VERDICTS - revised) + [2] * revised
    assert len(store.rows(sa.select(t.verdicts.c.review_id))) == VERDICTS + revised
    assert store.revisions("demo")["reviews"] == sum(each.written for each in done) + revised
    edits = sum(each.policies for each in done)
    assert policy_in_force(store, "demo")[1] == store.revisions("demo")["policy"] == edits
    trail = checked(store, "demo")
    assert trail.fault is None
    assert trail.length == 1 + VERDICTS + revised + edits


def _record_until_killed(url: str, first: int, acknowledged: Connection) -> None:
    store, chance = open_store(url), random.Random(first)
    answer = first
    while True:
        size = chance.choice((1, 1, 1, BATCH))
        batch = [verdict(each, "rev") for each in range(answer, answer + size)]
        save_verdicts(store, "demo", batch, "rev")
        acknowledged.send(answer + size)
        answer += size


def test_what_was_acknowledged_outlives_twenty_kills(store: Store, url: str) -> None:
    chance = random.Random(7)
    known: set[str] = set()
    for round_ in range(KILLS):
        first = round_ * 100_000
        here, there = FORKS.Pipe(duplex=False)
        worker = FORKS.Process(target=_record_until_killed, args=(url, first, there))
        worker.start()
        there.close()
        last = int(here.recv())
        time.sleep(chance.uniform(0, 0.3))
        os.kill(worker.pid or 0, signal.SIGKILL)
        worker.join(30)
        while here.poll():
            try:
                last = int(here.recv())
            except EOFError:
                break
        here.close()
        known |= {f"a{answer}" for answer in range(first, last)}
        # Whoever comes next finds no lock that the dead one held.
        save_verdicts(store, "demo", [verdict(first + 99_999, "rev")], "rev")
        known.add(f"a{first + 99_999}")
        found = [row["annotation_id"] for row in verdicts(store, "demo")]
        assert known <= set(found), "what was acknowledged is there"
        assert len(found) == len(set(found)), "and once"
        beside = set(found) - known
        assert len(beside) in (0, 1, BATCH), "beside it the whole batch that was about to be acknowledged, or nothing"
        known |= beside
    rows = store.rows(sa.select(t.verdicts.c.annotation_id))
    trail = checked(store, "demo")
    assert trail.fault is None
    assert trail.length == 1 + len(rows), "each verdict has its entry, and no entry is without its verdict"
    if store.engine.dialect.name == "sqlite":
        with store.engine.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
