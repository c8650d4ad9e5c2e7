"""The lake's files: commits, restoring, retries, and memory. Expected values follow from the small inputs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable
from deltalake.exceptions import CommitFailedError
from lake_staged import Project, answer, at

from qc import lake
from qc.lake import Counts, delta
from qc.model import FACT_TABLES, ConflictError, InputError, UnavailableError


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def test_committed_columns_are_those_of_the_contract(project: Project) -> None:
    project.take(
        answers=[answer("i1", "ann", annotation_id="1", labels=["a"], tags=["t"], submitted_at=at(1))],
        regions=[{"annotation_id": "1", "question": "label", "points": [0.0, 1.0], "mask_rle": [1, 2]}],
        items=[{"item_id": "i1"}],
        reviews=[{"annotation_id": "1", "question": "label", "verdict": "accept"}],
    )
    for table, schema in FACT_TABLES.items():
        (file,) = project.lake.files(table, project.versions[table], "demo")
        stored = pq.read_schema(file)
        assert stored.names == [name for name in schema.names if name != "project"]
        for name in stored.names:
            assert stored.field(name).type.equals(schema.field(name).type), (table, name)


def test_only_new_rows_are_appended_and_changes_are_merged_in_one_commit(project: Project) -> None:
    project.take(answers=[answer("i1", "ann", "cat", annotation_id="1")])
    project.take(answers=[answer("i2", "ann", "cat", annotation_id="2")])
    project.take(answers=[answer("i2", "ann", "dog", annotation_id="2")])
    history = DeltaTable(f"{project.lake.root}/annotations").history()
    assert [commit["operation"] for commit in reversed(history)] == ["CREATE TABLE", "WRITE", "WRITE"]
    assert [commit["import_id"] for commit in reversed(history)] == ["import-1", "import-2", "import-3"]


def test_projects_share_tables_but_not_rows(project: Project) -> None:
    row = answer("i1", "ann", "cat", annotation_id="1")
    project.take(answers=[row])
    assert project.take(project="other", answers=[row]).answers == Counts(new=1)
    project.take(project="other", answers=[{**row, "label": "dog"}])
    assert project.answers() == [("1", "cat", 1, True)]
    assert len(project.rows("annotations", "revision", "other")) == 2


def test_restore_hides_what_the_record_does_not_name(project: Project) -> None:
    project.take(answers=[answer("i1", "ann", "cat", annotation_id="1")])
    named = project.versions
    project.take(
        answers=[answer("i1", "ann", "dog", annotation_id="1"), answer("i2", "ann", "cat", annotation_id="2")],
        items=[{"item_id": "i1"}],
    )
    project.versions = named
    changes = project.take(answers=[answer("i3", "ann", "cat", annotation_id="3")])
    assert changes.answers == Counts(new=1)
    assert project.answers() == [("1", "cat", 1, True), ("3", "cat", 1, True)]
    assert "items" not in project.versions
    latest = project.lake.versions()["items"]
    assert project.lake.files("items", latest, "demo") == []
    project.take(items=[{"item_id": "i9"}])
    assert [row["item_id"] for row in project.rows("items", "item_id")] == ["i9"]


def test_restore_commits_nothing_where_nothing_was_orphaned(project: Project) -> None:
    project.take(answers=[answer("i1", "ann", "cat", annotation_id="1")])
    named = project.versions
    project.take(answers=[answer("i2", "ann", "cat", annotation_id="2")])
    project.lake.restore(named)
    once = project.lake.versions()
    project.lake.restore(named)
    assert project.lake.versions() == once


def test_a_project_that_is_no_slug_is_refused(project: Project) -> None:
    with pytest.raises(InputError, match="cannot name a project"):
        project.take(project="Ünï' OR 1", answers=[])


def test_a_folder_may_have_any_name(tmp_path: Path) -> None:
    project = Project(tmp_path / "Übung 1 o'clock")
    project.take(answers=[answer("i1", "ann", "cat", annotation_id="1")])
    project.take(answers=[answer("i1", "ann", "dog", annotation_id="1")])
    (file,) = project.lake.files("annotations", project.versions["annotations"], "demo")
    assert Path(file).is_file()
    with duckdb.connect() as con:
        rows = con.execute("SELECT label, current FROM read_parquet(?) ORDER BY ALL", [file]).fetchall()
    assert rows == [("cat", False), ("dog", True)]


def test_files_without_a_changed_row_are_kept(project: Project) -> None:
    for item in ("i1", "i2"):
        project.take(answers=[answer(item, "ann", "cat", annotation_id=item)])
    first, second = ({*project.lake.files("annotations", at, "demo")} for at in (0, 1))
    assert len(first) == 1
    assert first < second
    project.take(answers=[answer("i2", "ann", "dog", annotation_id="i2")])
    third = {*project.lake.files("annotations", 2, "demo")}
    assert third & second == first


def test_a_commit_that_meets_another_is_tried_again_from_the_base(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.take(answers=[answer("i1", "ann", "cat", annotation_id="1")])
    commit, tried = delta.commit, []

    def meeting(root: Path, table: str, *rest: Any) -> int:
        if not tried:
            tried.append(table)
            Project.take(rival, answers=[answer("i9", "eve", "cat", annotation_id="9")])
            raise CommitFailedError("a concurrent transaction added new data")
        return commit(root, table, *rest)

    rival = Project(project.folder)
    rival.imports, rival.versions = 10, dict(project.versions)
    monkeypatch.setattr(delta, "commit", meeting)
    project.take(answers=[answer("i1", "ann", "dog", annotation_id="1")])
    assert tried == ["annotations"]
    assert project.answers() == [("1", "cat", 1, False), ("1", "dog", 2, True)]


def test_a_lake_that_somebody_keeps_writing_to_is_a_conflict(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused() -> int:
        raise CommitFailedError("a concurrent transaction added new data")

    monkeypatch.setattr(delta.time, "sleep", lambda _seconds: None)
    restored: list[int] = []
    with pytest.raises(ConflictError, match="keeps writing"):
        delta.retried(refused, lambda: restored.append(1))
    assert len(restored) == 5


def test_an_import_that_finds_too_little_memory_starts_again_with_more(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first try ends when the answers are committed and the items are not."""
    write, tried = lake.write, []

    def tight(con: Any, root: Path, project: str, table: str, rows: str) -> Any:
        tried.append(table)
        if tried == ["annotations", "items"]:
            raise duckdb.OutOfMemoryException("failed to allocate")
        return write(con, root, project, table, rows)

    monkeypatch.setattr(lake, "write", tight)
    changes = project.take(answers=[answer("i1", "ann", "cat", annotation_id="1")], items=[{"item_id": "i1"}])
    assert tried == ["annotations", "items"] * 2
    assert changes.answers == Counts(new=1)
    assert project.answers() == [("1", "cat", 1, True)]
    assert len(project.rows("items", "item_id")) == 1


def test_an_import_without_memory_says_what_to_do(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lake, "_BUDGETS", (("1MB", 1),))
    with pytest.raises(UnavailableError, match="more memory"):
        project.take(answers=[answer(f"i{item}", "ann", "cat" * 1000) for item in range(5_000)])
    assert project.lake.versions() == {}
