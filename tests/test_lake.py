"""The lake: completing, differences, revisions, replacing. Expected values follow from the small inputs."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from lake_staged import Project, answer, at

from qc.lake import Counts
from qc.model import InputError


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


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


def test_without_times_rounds_follow_the_places_that_the_tool_states(project: Project) -> None:
    """Session 2 comes before session 10, and place 9 before place 10; the answers would sort otherwise."""
    places = [("10", 1.0, "a"), ("2", 10.0, "b"), ("2", 9.0, "c")]
    project.take(
        answers=[answer("i1", "ann", label, session=session, position=place) for session, place, label in places]
    )
    rows = project.rows("annotations", "round")
    assert [(row["round"], row["label"]) for row in rows] == [(1, "c"), (2, "b"), (3, "a")]


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


def test_an_id_that_stands_for_two_people_is_refused_with_nothing_written(project: Project) -> None:
    with pytest.raises(InputError, match="'1' stands for different answers"):
        project.take(answers=[answer("i1", "ann", "a", annotation_id="1"), answer("i2", "bob", "b", annotation_id="1")])
    assert project.lake.versions() == {}


def test_an_id_of_another_source_is_not_overwritten(project: Project) -> None:
    project.take(answers=[answer("i1", "ann", "a", annotation_id="1")])
    with pytest.raises(InputError, match="already names an answer from export"):
        project.take(source="elsewhere", answers=[answer("i9", "bob", "a", annotation_id="1")])


def test_an_export_without_rows_changes_nothing(project: Project) -> None:
    assert project.take().versions == {}
    assert project.lake.files("annotations", None, "demo") == []


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
