"""What speaks for a look at an answer, by hand (about 10 s)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
from facts import answer, at, item, opened, records, review

from qc.engine import RecordTables
from qc.measures import measure
from qc.measures.base import Base
from qc.model import EVERYTHING, Policy
from qc.workspace import lookup


def told(folder: Path, record: RecordTables | None = None, **facts: Any) -> dict[str, dict[str, Any]]:
    """The measure's rows by annotation."""
    session = opened(folder, record, **facts)
    rows = records(session.run(measure("risk")(Base(session, Policy()), EVERYTHING, ())))
    return {row["annotation_id"]: row for row in rows}


def model(item_id: str, label: str, score: float, name: str = "m1", **other: Any) -> dict[str, Any]:
    return answer(item_id, name, label, role="model", score=score, **other)


def test_others_and_pairs_and_labels_are_counted(tmp_path: Path) -> None:
    """i1: cat, cat, dog. i2: cat alone. Of the four answers three are cat, and there are two labels."""
    given = [
        answer("i1", "ana", "cat"),
        answer("i1", "bo", "cat"),
        answer("i1", "cy", "dog"),
        answer("i2", "ana", "cat"),
    ]
    found = told(tmp_path, annotations=given)
    names = ("others", "differing", "pairs", "differing_pairs", "label_answers", "question_answers", "question_labels")
    assert {key: tuple(row[name] for name in names) for key, row in found.items()} == {
        "annotator/i1/ana/1": (2, 1, 3, 2, 3, 4, 2),
        "annotator/i1/bo/1": (2, 1, 3, 2, 3, 4, 2),
        "annotator/i1/cy/1": (2, 2, 3, 2, 1, 4, 2),
        "annotator/i2/ana/1": (0, 0, 0, 0, 3, 4, 2),
    }


def test_the_confidence_is_that_of_the_label_it_began_as_else_of_the_item_else_its_own(tmp_path: Path) -> None:
    given = [
        model("i1", "cat", 0.4, annotation_id="p1"),
        model("i1", "cat", 0.3, "m2", annotation_id="p2"),
        answer("i1", "ana", "cat", parent="p1", origin="prediction"),
        answer("i1", "bo", "cat"),
        answer("i2", "ana", "cat", score=0.9),
        answer("i2", "bo", "cat"),
    ]
    found = told(tmp_path, annotations=given)
    assert {key: row["score_milli"] for key, row in found.items()} == {
        "annotator/i1/ana/1": 400,
        "annotator/i1/bo/1": 300,
        "annotator/i2/ana/1": 900,
        "annotator/i2/bo/1": None,
    }


def test_a_label_of_an_unsure_model_that_stands_unchanged_is_routed(tmp_path: Path) -> None:
    """Under 0.70; at it, edited, or given without it, it is not."""
    given = [model("i1", "cat", 0.69), model("i2", "cat", 0.70)]
    given += [
        answer("i1", who, "cat", origin=origin)
        for who, origin in (("ana", "prediction"), ("bo", "prediction_edited"), ("cy", "manual"))
    ]
    given += [answer("i2", "ana", "cat", origin="prediction")]
    found = told(tmp_path, annotations=given)
    assert {key for key, row in found.items() if row["routed"]} == {"annotator/i1/ana/1"}


def test_days_since_the_first_answer_of_the_person_and_under_the_guideline(tmp_path: Path) -> None:
    day = 24 * 60
    given = [
        answer("i1", "ana", "cat", submitted_at=at(0), guideline="v1"),
        answer("i2", "bo", "cat", submitted_at=at(3 * day), guideline="v1"),
        answer("i3", "ana", "cat", submitted_at=at(5 * day), guideline="v2"),
        answer("i4", "ana", "cat"),
    ]
    found = told(tmp_path, annotations=given)
    assert {key.split("/")[1]: (row["annotator_age"], row["guideline_age"]) for key, row in found.items()} == {
        "i1": (0, 0),
        "i2": (0, 3),
        "i3": (5, 0),
        "i4": (None, None),
    }


def test_hard_is_what_the_answer_or_its_item_says(tmp_path: Path) -> None:
    given = [answer("i1", "ana", "cat", difficulty="Hard"), answer("i1", "bo", "cat", difficulty="easy")]
    given += [answer("i2", "ana", "cat"), answer("i3", "ana", "cat")]
    found = told(tmp_path, annotations=given, items=[item("i2", difficulty="hard", batch="b1"), item("i3", batch="b2")])
    assert {key: row["hard"] for key, row in found.items()} == {
        "annotator/i1/ana/1": 1,
        "annotator/i1/bo/1": 0,
        "annotator/i2/ana/1": 1,
        "annotator/i3/ana/1": 0,
    }
    assert found["annotator/i3/ana/1"]["batch"] == "b2"


def test_what_was_drawn_or_reviewed_is_left_out_and_still_counts_for_the_others(tmp_path: Path) -> None:
    given = [answer("i1", who, "cat") for who in ("ana", "bo", "cy", "di")]
    drawn = pd.DataFrame([{"draw_id": "d1", "annotation_id": "annotator/i1/ana/1", "question": "label"}])
    whole = review(given[2], "accept") | {"question": None}
    found = told(tmp_path, RecordTables(draws=drawn), annotations=given, reviews=[review(given[1], "accept"), whole])
    assert set(found) == {"annotator/i1/di/1"}
    assert found["annotator/i1/di/1"]["others"] == 3


def test_unsure_labels_that_nobody_answered_are_found_once(tmp_path: Path) -> None:
    """i1 was answered by a person, i3 is sure enough, i4 was drawn before."""
    given = [model(f"i{n}", "cat", score) for n, score in ((1, 0.2), (2, 0.3), (3, 0.7), (4, 0.1))]
    given += [answer("i1", "ana", "dog")]
    drawn = pd.DataFrame([{"draw_id": "d1", "annotation_id": "model/i4/m1/1", "question": "label"}])
    session = opened(tmp_path, RecordTables(draws=drawn), annotations=given)
    found = session.run(lookup.unanswered_labels(session.facts, 0.7))
    assert found["item_id"].tolist() == ["i2"]
    assert session.run(lookup.unanswered_labels(session.facts, 0.0)).empty
