"""The lake: completing, differences, revisions, replacing, restoring. Expected values follow from the small inputs."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable
from deltalake.exceptions import CommitFailedError
from lake_staged import answer, stage

from qc.lake import Changes, Counts, Lake, delta
from qc.model import FACT_TABLES, ConflictError, InputError


class Project:
    """A lake, and the versions that its record would name."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.lake = Lake(folder / "lake")
        self.versions: dict[str, int] = {}
        self.imports = 0

    def take(self, source: str = "export", replace: bool = False, project: str = "demo", **rows: Any) -> Changes:
        self.imports += 1
        staging = stage(self.folder / f"staging-{self.imports}", **rows)
        changes = self.lake.absorb(staging, project, source, f"import-{self.imports}", self.versions, replace)
        self.versions = dict(changes.versions)
        return changes

    def rows(self, table: str, order: str, project: str = "demo") -> list[dict[str, Any]]:
        files = self.lake.files(table, self.versions.get(table), project)
        if not files:
            return []
        read = f"SELECT * FROM read_parquet({files!r}, hive_partitioning = true) ORDER BY {order}"
        return duckdb.connect().execute(read).to_arrow_table().to_pylist()

    def answers(self) -> list[tuple[Any, ...]]:
        rows = self.rows("annotations", "annotation_id, question, revision")
        return [(row["annotation_id"], row["label"], row["revision"], row["current"]) for row in rows]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def at(minute: int) -> datetime:
    return datetime(2026, 3, 2, 9, minute, tzinfo=UTC)


def test_a_first_import_fills_what_readers_leave_open(project: Project) -> None:
    changes = project.take(
        answers=[answer("i1", "ann", "cat", annotation_id="1"), answer("i1", "bob", "dog", annotation_id="2")],
        items=[{"item_id": "i1", "media": "text"}],
    )
    assert changes.answers == Counts(new=2)
    assert changes.versions == {"annotations": 0, "items": 0}
    first = project.rows("annotations", "annotation_id")[0]
    assert {name: first[name] for name in ("project", "source", "import_id", "round", "revision", "current")} == {
        "project": "demo",
        "source": "export",
        "import_id": "import-1",
        "round": 1,
        "revision": 1,
        "current": True,
    }
    assert len(first["answer_hash"]) == len(first["row_hash"]) == 32


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


def test_the_same_export_twice_commits_nothing(project: Project) -> None:
    rows: dict[str, Any] = {
        "answers": [
            answer("i1", "ann", "cat", annotation_id="1"),
            answer("i2", "ann", "cat"),
            answer("i2", "ann", "dog"),
        ],
        "regions": [{"annotation_id": "1", "question": "label", "kind": "box", "x": 1.0}],
        "items": [{"item_id": "i1", "text": "words"}],
        "reviews": [{"annotation_id": "1", "question": "label", "reviewer": "rev", "verdict": "accept"}],
    }
    project.take(**rows)
    before = project.lake.versions()
    again = project.take(**rows)
    assert all(counts.new == counts.changed == counts.removed == 0 for counts in again.tables.values())
    assert again.answers.unchanged == 3
    assert project.lake.versions() == before == project.versions
    replaced = project.take(replace=True, **rows)
    assert replaced.answers == again.answers
    assert project.lake.versions() == before


def test_equal_answers_without_times_keep_their_rounds(project: Project) -> None:
    """Ids are digests, so with 40 such pairs an order by id would differ from the file's almost surely."""
    twice = [answer(f"i{item}", "ann", "cat", seconds=seconds) for item in range(40) for seconds in (3.0, 4.0)]
    rows = [*twice, twice[0]]
    assert project.take(answers=rows).answers == Counts(new=80, duplicates=1)
    again = project.take(answers=rows, replace=True)
    assert again.answers == Counts(unchanged=80, duplicates=1)
    assert again.versions == {"annotations": 0}


def test_regions_of_answers_without_ids_are_keyed_as_their_answers(project: Project) -> None:
    rows: dict[str, Any] = {
        "answers": [answer("i1", "ann", submitted_at=at(minute)) for minute in (1, 2)],
        "regions": [
            {"source_pos": position, "question": "label", "kind": "box", "x": float(position)} for position in (0, 1)
        ],
    }
    assert project.take(**rows).tables["regions"].new == 2
    answers = {row["annotation_id"]: row["round"] for row in project.rows("annotations", "round")}
    assert {answers[row["annotation_id"]]: row["x"] for row in project.rows("regions", "x")} == {1: 0.0, 2: 1.0}
    assert project.take(**rows).tables["regions"].unchanged == 2


def test_only_new_rows_are_appended_and_changes_are_merged_in_one_commit(project: Project) -> None:
    project.take(answers=[answer("i1", "ann", "cat", annotation_id="1")])
    project.take(answers=[answer("i2", "ann", "cat", annotation_id="2")])
    project.take(answers=[answer("i2", "ann", "dog", annotation_id="2")])
    history = DeltaTable(f"{project.lake.root}/annotations").history()
    assert [commit["operation"] for commit in reversed(history)] == ["CREATE TABLE", "WRITE", "WRITE"]
    assert [commit["import_id"] for commit in reversed(history)] == ["import-1", "import-2", "import-3"]


def test_another_answer_is_a_new_revision_and_the_old_one_stays(project: Project) -> None:
    project.take(answers=[answer("i1", "ann", "cat", annotation_id="1"), answer("i2", "ann", "cat", annotation_id="2")])
    changes = project.take(answers=[answer("i1", "ann", "dog", annotation_id="1")])
    assert changes.answers == Counts(changed=1)
    assert project.answers() == [("1", "cat", 1, False), ("1", "dog", 2, True), ("2", "cat", 1, True)]
    project.take(answers=[answer("i1", "ann", "cat", annotation_id="1")])
    assert project.answers()[:3] == [("1", "cat", 1, False), ("1", "dog", 2, False), ("1", "cat", 3, True)]


def test_the_same_answer_with_other_circumstances_is_updated_in_place(project: Project) -> None:
    project.take(answers=[answer("i1", "ann", "cat", annotation_id="1", batch="a")])
    changes = project.take(answers=[answer("i1", "ann", "cat", annotation_id="1", batch="b")])
    assert changes.answers == Counts(changed=1)
    (row,) = project.rows("annotations", "revision")
    assert (row["batch"], row["revision"], row["import_id"]) == ("b", 1, "import-2")


def test_an_older_export_does_not_undo_a_later_update(project: Project) -> None:
    project.take(answers=[answer("i1", "ann", "dog", annotation_id="1", updated_at=at(5))])
    older = project.take(answers=[answer("i1", "ann", "cat", annotation_id="1", updated_at=at(1))])
    assert older.answers == Counts(unchanged=1)
    assert project.answers() == [("1", "dog", 1, True)]


def test_exact_duplicates_are_dropped_and_counted(project: Project) -> None:
    row = answer("i1", "ann", "cat", submitted_at=at(1))
    named = answer("i2", "ann", "cat", annotation_id="7")
    changes = project.take(answers=[row, row, row, named, named])
    assert changes.answers == Counts(new=2, duplicates=3)


def test_under_one_id_the_latest_version_in_a_file_wins(project: Project) -> None:
    old = answer("i1", "ann", "cat", annotation_id="1", updated_at=at(1))
    new = answer("i1", "ann", "dog", annotation_id="1", updated_at=at(2))
    changes = project.take(answers=[new, old])
    assert changes.answers == Counts(new=1, duplicates=1)
    assert project.answers() == [("1", "dog", 1, True)]


def test_rounds_are_numbered_by_time_and_ids_follow(project: Project) -> None:
    project.take(
        answers=[answer("i1", "ann", "b", submitted_at=at(9)), answer("i1", "ann", "z", submitted_at=at(3))],
    )
    rows = project.rows("annotations", "round")
    assert [(row["round"], row["label"]) for row in rows] == [(1, "z"), (2, "b")]
    assert rows[0]["annotation_id"] != rows[1]["annotation_id"]


def test_without_times_rounds_follow_the_sorted_answers(project: Project) -> None:
    project.take(answers=[answer("i1", "ann", "b"), answer("i1", "ann", "a"), answer("i1", "bob", "c")])
    rows = project.rows("annotations", "annotator, round")
    assert [(row["annotator"], row["round"], row["label"]) for row in rows] == [
        ("ann", 1, "a"),
        ("ann", 2, "b"),
        ("bob", 1, "c"),
    ]


def test_the_questions_of_a_record_share_its_id_and_round(project: Project) -> None:
    """Two records of one person, each with two questions whose answers would sort in opposite orders."""
    records = [("a", "z"), ("b", "y")]
    project.take(
        answers=[
            answer("i1", "ann", label, question=question, source_pos=position)
            for position, labels in enumerate(records)
            for question, label in zip(("q1", "q2"), labels, strict=True)
        ]
    )
    rows = project.rows("annotations", "round, question")
    assert [(row["round"], row["question"], row["label"]) for row in rows] == [
        (1, "q1", "a"),
        (1, "q2", "z"),
        (2, "q1", "b"),
        (2, "q2", "y"),
    ]
    assert rows[0]["annotation_id"] == rows[1]["annotation_id"] != rows[2]["annotation_id"]


def test_questions_in_rows_of_their_own_make_one_submission(project: Project) -> None:
    project.take(answers=[answer("i1", "ann", "x", question="q1"), answer("i1", "ann", "y", question="q2")])
    rows = project.rows("annotations", "question")
    assert [row["round"] for row in rows] == [1, 1]
    assert rows[0]["annotation_id"] == rows[1]["annotation_id"]


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_rows_changes_nothing(tmp_path: Path, seed: int) -> None:
    """Repeats, duplicates, several questions and null times, shuffled: same ids, rounds, digests and counts."""
    rng = random.Random(1)
    rows = [
        answer(
            f"i{rng.randrange(4)}",
            rng.choice(["ann", "bob", None]),  # type: ignore[arg-type]
            rng.choice("abc"),
            question=rng.choice(["q1", "q2"]),
            submitted_at=rng.choice([at(1), at(2), None]),
            source_pos=position,
        )
        for position in range(60)
    ]
    rows += [{**row, "source_pos": 100 + row["source_pos"]} for row in rows[:20]]

    def outcome(folder: Path, order: list[dict[str, Any]]) -> tuple[Counts, list[Any]]:
        project = Project(folder)
        counts = project.take(answers=order).answers
        keep = ("annotation_id", "question", "label", "round", "row_hash", "answer_hash")
        return counts, sorted(tuple(row[name] for name in keep) for row in project.rows("annotations", "row_hash"))

    shuffled = rows.copy()
    random.Random(seed).shuffle(shuffled)
    # A position belongs to its record in the file, so that a shuffled file has other positions.
    renumbered = [{**row, "source_pos": position} for position, row in enumerate(shuffled)]
    counts, found = outcome(tmp_path / "a", renumbered)
    assert counts.duplicates >= 20
    assert (counts, found) == outcome(tmp_path / "b", rows)
    keys = [row[:2] for row in found]
    assert len(set(keys)) == len(keys)


def test_rounds_go_on_beside_what_the_lake_holds(project: Project) -> None:
    """Tools with ids: the answer of the second file was given first, so the lake's becomes the second round."""
    project.take(answers=[answer("i1", "ann", "cat", annotation_id="1", submitted_at=at(9))])
    changes = project.take(answers=[answer("i1", "ann", "dog", annotation_id="2", submitted_at=at(1))])
    assert changes.answers == Counts(new=1)
    rows = project.rows("annotations", "round")
    assert [(row["annotation_id"], row["round"], row["revision"]) for row in rows] == [("2", 1, 1), ("1", 2, 1)]


def test_replace_makes_a_source_what_the_file_says_and_leaves_others_alone(project: Project) -> None:
    box = {"question": "label", "kind": "box"}
    project.take(
        answers=[answer("i1", "ann", "cat", annotation_id="1"), answer("i2", "ann", "cat", annotation_id="2")],
        regions=[{**box, "annotation_id": "1", "x": 1.0}, {**box, "annotation_id": "2", "x": 2.0}],
        items=[{"item_id": "i1"}, {"item_id": "i2"}, {"item_id": "i3"}],
    )
    project.take(source="other", answers=[answer("i3", "bob", "cat", annotation_id="3")])
    changes = project.take(
        replace=True,
        answers=[answer("i2", "ann", "dog", annotation_id="2"), answer("i4", "ann", "cat", annotation_id="4")],
        regions=[{**box, "annotation_id": "2", "x": 2.0}],
        items=[{"item_id": "i2"}, {"item_id": "i4"}],
    )
    assert changes.answers == Counts(new=1, changed=1, removed=1)
    assert project.answers() == [
        ("2", "cat", 1, False),
        ("2", "dog", 2, True),
        ("3", "cat", 1, True),
        ("4", "cat", 1, True),
    ]
    regions = project.rows("regions", "annotation_id, revision")
    assert [(row["annotation_id"], row["revision"]) for row in regions] == [("2", 1), ("2", 2)]
    assert [row["item_id"] for row in project.rows("items", "item_id")] == ["i2", "i3", "i4"]


def test_regions_follow_the_revision_of_their_answer(project: Project) -> None:
    box = {"annotation_id": "1", "question": "label", "kind": "box", "label": "cat"}
    boxes = answer("i1", "ann", annotation_id="1", kind="boxes")
    first = project.take(answers=[boxes], regions=[{**box, "x": 1.0}, {**box, "x": 1.0}, {**box, "x": 5.0}])
    assert first.tables["regions"] == Counts(new=3), "two equal boxes are two boxes"
    moved = project.take(answers=[boxes], regions=[{**box, "x": 1.0}, {**box, "x": 6.0}])
    assert moved.answers == Counts(changed=1)
    assert moved.tables["regions"] == Counts(new=2)
    rows = project.rows("regions", "revision, x")
    assert [(row["revision"], row["x"]) for row in rows] == [(1, 1.0), (1, 1.0), (1, 5.0), (2, 1.0), (2, 6.0)]
    scored = project.take(answers=[boxes], regions=[{**box, "x": 6.0, "score": 0.5}, {**box, "x": 1.0}])
    assert scored.tables["regions"] == Counts(changed=2)
    rows = project.rows("regions", "revision, x")
    assert [(row["revision"], row["x"], row["score"]) for row in rows[3:]] == [(2, 1.0, None), (2, 6.0, 0.5)]
    assert [row["revision"] for row in project.rows("annotations", "revision")] == [1, 2]


def test_regions_and_reviews_and_corrections_without_ids_find_their_record(project: Project) -> None:
    box = {"question": "label", "kind": "box", "source_pos": 3}
    changes = project.take(
        answers=[
            answer("i1", "rev", None, role="reviewer", kind="boxes", source_pos=3),
            answer("i1", "ann", None, kind="boxes", source_pos=3),
        ],
        regions=[{**box, "x": 1.0}, {**box, "x": 2.0, "author": "rev"}, {**box, "x": 9.0, "source_pos": 4}],
        reviews=[{"question": "label", "source_pos": 3, "verdict": "reject", "reviewer": "rev"}],
    )
    assert changes.tables["regions"] == Counts(new=2, unmatched=1)
    original, correction = project.rows("annotations", "role")
    assert correction["parent"] == original["annotation_id"]
    regions = project.rows("regions", "x")
    assert [row["annotation_id"] for row in regions] == [original["annotation_id"], correction["annotation_id"]]
    (review,) = project.rows("reviews", "review_id")
    assert review["annotation_id"] == original["annotation_id"]
    assert review["corrected_annotation_id"] == correction["annotation_id"]
    assert review["item_id"] == "i1"
    assert review["judged_digest"] == original["answer_hash"]


def test_duplicated_records_do_not_double_their_regions(project: Project) -> None:
    rows = [answer("i1", "ann", annotation_id="1", kind="boxes"), answer("i1", "ann", annotation_id="1", kind="boxes")]
    box = {"annotation_id": "1", "question": "label", "kind": "box", "x": 1.0}
    changes = project.take(answers=rows, regions=[{**box, "source_pos": 0}, {**box, "source_pos": 1}])
    assert changes.answers == Counts(new=1, duplicates=1)
    assert changes.tables["regions"] == Counts(new=1, duplicates=1)


def test_a_review_keeps_the_digest_of_the_answer_that_it_judged(project: Project) -> None:
    review = {"review_id": "r1", "annotation_id": "1", "question": "label", "verdict": "reject", "decided_at": at(3)}
    project.take(answers=[answer("i1", "ann", "cat", annotation_id="1", updated_at=at(1))], reviews=[review])
    wrong = project.rows("annotations", "revision")[0]["answer_hash"]
    fixed = answer("i1", "ann", "dog", annotation_id="1", updated_at=at(5))
    before_both = {**review, "review_id": "r3", "decided_at": at(0)}
    project.take(answers=[fixed], reviews=[review, {**review, "review_id": "r2"}, before_both])
    assert [row["judged_digest"] for row in project.rows("reviews", "review_id")] == [wrong, wrong, None]


def test_items_keep_what_a_later_file_does_not_say(project: Project) -> None:
    project.take(items=[{"item_id": "i1", "text": "words", "uri": "a.txt"}])
    gold = {"item_id": "i1", "is_gold": True}
    assert project.take(source="gold", items=[gold]).tables["items"] == Counts(changed=1)
    (row,) = project.rows("items", "item_id")
    assert (row["text"], row["uri"], row["is_gold"]) == ("words", "a.txt", True)
    before = project.versions
    assert project.take(source="gold", items=[gold, gold]).tables["items"] == Counts(unchanged=1, duplicates=1)
    assert project.versions == before


def test_an_id_that_stands_for_two_people_is_refused_with_nothing_written(project: Project) -> None:
    with pytest.raises(InputError, match="'1' stands for different answers"):
        project.take(answers=[answer("i1", "ann", "a", annotation_id="1"), answer("i2", "bob", "b", annotation_id="1")])
    assert project.lake.versions() == {}


def test_an_id_of_another_source_is_not_overwritten(project: Project) -> None:
    project.take(answers=[answer("i1", "ann", "a", annotation_id="1")])
    with pytest.raises(InputError, match="already names an answer from export"):
        project.take(source="elsewhere", answers=[answer("i9", "bob", "a", annotation_id="1")])


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


@pytest.mark.parametrize("text", ["it's", "a\x1fb", "a\x1e1", "label=", "", "ü/x\n", "\x00"])
def test_hostile_text_is_kept_and_told_apart(project: Project, text: str) -> None:
    project.take(source=text, answers=[answer("i'1", text, text, annotation_id="1"), answer("i2", text, None)])
    rows = project.rows("annotations", "item_id")
    assert (rows[0]["label"], rows[0]["annotator"], rows[0]["source"]) == (text, text, text)
    assert rows[0]["answer_hash"] != rows[1]["answer_hash"]


def test_a_project_that_is_no_slug_is_refused(project: Project) -> None:
    with pytest.raises(InputError, match="cannot name a project"):
        project.take(project="Ünï' OR 1", answers=[])


def test_an_export_without_rows_changes_nothing(project: Project) -> None:
    assert project.take().versions == {}
    assert project.lake.files("annotations", None, "demo") == []


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


def test_rounds_beside_the_lake_follow_an_answer_that_moves_to_another_item(project: Project) -> None:
    """Answer 2 leaves item i1 for i2, where its person has answered later: i1's rounds close up, i2's go on."""
    times = {"1": at(1), "2": at(2), "3": at(3), "4": at(9)}
    items = {"1": "i1", "2": "i1", "3": "i1", "4": "i2"}

    def rows(items: dict[str, str]) -> list[dict[str, Any]]:
        return [answer(items[one], "ann", "cat", annotation_id=one, submitted_at=times[one]) for one in items]

    project.take(answers=rows(items))
    project.take(answers=rows({"2": "i2"}))
    found = [row for row in project.rows("annotations", "annotation_id") if row["current"]]
    assert {row["annotation_id"]: row["round"] for row in found} == {"1": 1, "2": 1, "3": 2, "4": 2}


def test_digests_do_not_depend_on_which_columns_are_empty(project: Project) -> None:
    """The same answer in a file where others have lists, texts and regions, and in one where nobody does."""
    plain = answer("i1", "ann", "cat", annotation_id="1", submitted_at=at(1))
    full = answer("i2", "ann", "cat", annotation_id="2", labels=["a"], tags=[], text="t", number=1.0)
    box = {"annotation_id": "2", "question": "label", "kind": "box", "x": 1.0}
    project.take(answers=[plain, full], regions=[box])
    again = project.take(answers=[plain])
    assert again.answers == Counts(unchanged=1)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"labels": None}, {"labels": []}),
        ({"labels": ["a", "b"]}, {"labels": ["a\x1f:b"]}),
        ({"labels": ["a", None]}, {"labels": ["a"]}),
        ({"labels": [""]}, {"labels": [None]}),
        ({"label": "a\x1fLb"}, {"label": "a", "text": "b"}),
        ({"label": ""}, {"label": None}),
        ({"number": 0.1}, {"number": 0.1 + 2**-55}),
    ],
)
def test_different_answers_have_different_digests(project: Project, one: dict[str, Any], other: dict[str, Any]) -> None:
    project.take(answers=[answer("i1", "ann", annotation_id="1") | one, answer("i1", "bob", annotation_id="2") | other])
    first, second = project.rows("annotations", "annotation_id")
    assert first["answer_hash"] != second["answer_hash"]
