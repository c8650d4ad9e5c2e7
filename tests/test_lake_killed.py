"""An import that is killed with SIGKILL at any step is never seen, neither by readers nor through the next import."""

from __future__ import annotations

import multiprocessing
import os
import signal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from lake_staged import answer, stage

from qc.lake import Lake, delta
from qc.store import open_store
from qc.store.imports import Import, publish, snapshot
from qc.store.locks import lock

STEPS = ("before any commit", "after annotations", "after regions", "after items", "before publishing")


def rows_of(name: str) -> dict[str, Any]:
    """An import that touches all four tables, and changes an answer that all imports share."""
    keys = {"annotation_id": f"{name}-1", "question": "label"}
    return {
        "answers": [answer(f"{name}-item", "ann", name, annotation_id=f"{name}-1"), answer("shared", "ann", name)],
        "regions": [{**keys, "kind": "box", "x": 1.0}],
        "items": [{"item_id": f"{name}-item"}, {"item_id": "shared", "text": name}],
        "reviews": [{**keys, "review_id": name, "verdict": "accept", "reviewer": name}],
    }


def take(folder: Path, name: str, dies: str | None = None) -> None:
    """Import as the workspace does: under the lock, the record last."""
    store = open_store(f"sqlite:///{folder / 'qc.db'}")
    store.add_project("demo", None, "lead")
    staging = stage(folder / f"staging-{name}", **rows_of(name))
    with lock(store, "lake", wait_seconds=10):
        base = snapshot(store)
        changes = Lake(folder / "lake").absorb(staging, "demo", "export", name, base)
        if dies == "before publishing":
            os.kill(os.getpid(), signal.SIGKILL)
        counts = dict.fromkeys(("read", "accepted", "quarantined", "removed", "duplicates"), 0)
        taken = changes.answers
        done = Import(
            **{"id": name, "project": "demo", "source": "export", "file": name, "digest": name},
            **{"settings": "", "format": "table", "report": {}, "versions": changes.versions, **counts},
            **{"new": taken.new, "changed": taken.changed, "unchanged": taken.unchanged},
        )
        publish(store, done, base, [], "lead")
    store.engine.dispose()


def take_and_die(folder: Path, name: str, step: str) -> None:
    """The same in a process of its own, which is gone at that step."""

    def dying(commit: Any) -> Any:
        def committed(root: str, table: str, *rest: Any) -> int:
            if step == "before any commit":
                os.kill(os.getpid(), signal.SIGKILL)
            version: int = commit(root, table, *rest)
            if step == f"after {table}":
                os.kill(os.getpid(), signal.SIGKILL)
            return version

        return committed

    delta.commit = dying(delta.commit)
    take(folder, name, step)


def kill(folder: Path, name: str, step: str) -> None:
    process = multiprocessing.get_context("spawn").Process(target=take_and_die, args=(folder, name, step))
    process.start()
    process.join(120)
    assert process.exitcode == -signal.SIGKILL


def published(folder: Path) -> dict[str, list[tuple[Any, ...]]]:
    store = open_store(f"sqlite:///{folder / 'qc.db'}")
    versions = snapshot(store)
    store.engine.dispose()
    lake = Lake(folder / "lake")
    columns = {
        "annotations": "item_id, label, revision, current",
        "regions": "annotation_id",
        "items": "item_id, text",
        "reviews": "review_id",
    }
    found = {}
    for table, wanted in columns.items():
        files = lake.files(table, versions.get(table), "demo")
        query = f"SELECT {wanted} FROM read_parquet({files!r}) ORDER BY ALL"
        found[table] = duckdb.connect().execute(query).fetchall() if files else []
    return found


def only(name: str) -> dict[str, list[tuple[Any, ...]]]:
    return {
        "annotations": [(f"{name}-item", name, 1, True), ("shared", name, 1, True)],
        "regions": [(f"{name}-1",)],
        "items": [(f"{name}-item", None), ("shared", name)],
        "reviews": [(name,)],
    }


@pytest.mark.parametrize("step", STEPS)
def test_a_killed_first_import_is_never_published(tmp_path: Path, step: str) -> None:
    kill(tmp_path, "killed", step)
    assert published(tmp_path) == {"annotations": [], "regions": [], "items": [], "reviews": []}
    take(tmp_path, "next")
    assert published(tmp_path) == only("next")
    take(tmp_path, "killed")
    both = published(tmp_path)
    assert both["annotations"] == [
        ("killed-item", "killed", 1, True),
        ("next-item", "next", 1, True),
        ("shared", "killed", 2, True),
        ("shared", "next", 1, False),
    ]
    assert both["reviews"] == [("killed",), ("next",)]


@pytest.mark.parametrize("step", ["after annotations", "before publishing"])
def test_a_killed_update_is_never_published(tmp_path: Path, step: str) -> None:
    """Here the tables exist, so that the killed import has merged into them."""
    take(tmp_path, "first")
    kill(tmp_path, "killed", step)
    assert published(tmp_path) == only("first")
    take(tmp_path, "next")
    found = published(tmp_path)
    assert [row for row in found["annotations"] if row[0] == "shared"] == [
        ("shared", "first", 1, False),
        ("shared", "next", 2, True),
    ]
    assert not [row for rows in found.values() for row in rows if "killed" in str(row)]
