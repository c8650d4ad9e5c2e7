"""Regions, reviews and items beside their answers, and digests. Expected values follow from the small inputs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from lake_staged import Project, answer, at

from qc.lake import Counts


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


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


@pytest.mark.parametrize("text", ["it's", "a\x1fb", "a\x1e1", "label=", "", "ü/x\n", "\x00"])
def test_hostile_text_is_kept_and_told_apart(project: Project, text: str) -> None:
    project.take(source=text, answers=[answer("i'1", text, text, annotation_id="1"), answer("i2", text, None)])
    rows = project.rows("annotations", "item_id")
    assert (rows[0]["label"], rows[0]["annotator"], rows[0]["source"]) == (text, text, text)
    assert rows[0]["answer_hash"] != rows[1]["answer_hash"]


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


def test_the_order_of_regions_says_nothing_and_their_number_does(project: Project) -> None:
    boxes = answer("i1", "ann", annotation_id="1", kind="boxes")
    one, two = ({"annotation_id": "1", "question": "label", "kind": "box", "x": x} for x in (1.0, 2.0))
    project.take(answers=[boxes], regions=[one, two, two])
    assert project.take(answers=[boxes], regions=[two, one, two]).answers == Counts(unchanged=1)
    assert project.take(answers=[boxes], regions=[one, one, two]).answers == Counts(changed=1)
