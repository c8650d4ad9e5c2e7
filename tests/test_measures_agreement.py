"""What agreement has to count, on small facts. Takes about ten seconds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from facts import Row, answer, at, item, opened, records

from qc.measures import measure
from qc.measures.base import Base
from qc.model import Policy


def rows(folder: Path, name: str, *by: str, **facts: list[Row]) -> list[dict[str, Any]]:
    session = opened(folder, **facts)
    return records(session.run(measure(name)(Base(session, Policy()), by=by)))


def test_answers_are_split_by_their_own_word_or_that_of_the_item(tmp_path: Path) -> None:
    answers = [answer("i1", "ana", "cat"), answer("i1", "bo", "dog", site="Porto"), answer("i2", "ana", "cat")]
    found = rows(tmp_path, "split_cells", annotations=answers, items=[item("i1", site="Lyon", batch="b")])
    assert [(row["batch"], row["guideline"], row["site"], row["answers"]) for row in found] == [
        ("b", None, "Lyon", 1),
        ("b", None, "Porto", 1),
        (None, None, None, 1),
    ]


def test_an_item_has_the_tags_of_its_answers_and_its_own_each_once(tmp_path: Path) -> None:
    answers = [
        answer("i1", "ana", "cat", tags=["wet", "night"]),
        answer("i1", "bo", "dog", tags=["wet", ""]),
        answer("i2", "ana", "cat", tags=[]),
        answer("i3", "ana", "cat"),
    ]
    items = [item("i1", tags=["night"]), item("i2", tags=["wet"])]
    found = rows(tmp_path, "tags", annotations=answers, items=items)
    assert [(row["tag"], row["answers"]) for row in found] == [("night", 2), ("wet", 3)]
    votes = rows(tmp_path, "label_votes", "tag", annotations=answers, items=items)
    assert [(row["tag"], row["pattern"], row["annotator"], row["votes"]) for row in votes] == [
        ("night", "0,1", "ana", 1),
        ("night", "0,1", "bo", 1),
        ("wet", "0", "ana", 1),
        ("wet", "0,1", "ana", 1),
        ("wet", "0,1", "bo", 1),
    ]


def test_an_item_is_of_the_week_in_which_it_was_first_answered(tmp_path: Path) -> None:
    day = 24 * 60
    answers = [
        answer("i1", "ana", "cat", submitted_at=at(3 * day)),
        answer("i1", "bo", "cat", submitted_at=at(9 * day)),
        answer("i2", "ana", "cat"),
    ]
    found = rows(tmp_path, "label_votes", "period", annotations=answers)
    assert [(row["period"], row["annotator"]) for row in found] == [
        ("2026-03-02", "ana"),
        ("2026-03-02", "bo"),
        (None, "ana"),
    ]
    given = rows(tmp_path, "given", annotations=answers)
    assert [row["day"] - given[0]["day"] for row in given[:2]] == [0, 6]
    assert given[2]["day"] is None


def test_predictions_that_were_seen_are_no_agreement_with_a_model(tmp_path: Path) -> None:
    """Of two labels of a model the surer counts; i1: dog, two of three unseen. i2: cat, people are divided."""
    model = [
        answer("i1", "bot", "dog", role="model", model="m", score=0.9, annotation_id="m1"),
        answer("i1", "bot", "cat", role="model", model="m", score=0.1, annotation_id="m2"),
        answer("i2", "bot", "cat", role="model", model="m", score=0.5, annotation_id="m3"),
    ]
    people = [
        answer("i1", "ana", "dog", origin="prediction"),
        answer("i1", "bo", "dog"),
        answer("i1", "cy", "dog"),
        answer("i2", "bo", "cat"),
        answer("i2", "cy", "dog"),
        answer("i2", "ana", "eel", origin="prediction_edited"),
        answer("i3", "ana", "eel"),
    ]
    pairs = rows(tmp_path, "model_pairs", annotations=[*model, *people])
    assert [tuple(row.values())[2:] for row in pairs] == [
        ("ana", 1, 1, 0, 1),
        ("ana", 2, 0, 0, 1),
        ("bo", 0, 0, 1, 0),
        ("bo", 1, 1, 1, 0),
        ("cy", 1, 0, 1, 0),
        ("cy", 1, 1, 1, 0),
    ]
    majority = rows(tmp_path, "model_majority", annotations=[*model, *people])
    assert [tuple(row.values())[2:] for row in majority] == [
        (-1, 0, 1, 2, 1, 4, 1, 2),
        (1, 1, 1, 2, 2, 4, 4, 4),
    ]
