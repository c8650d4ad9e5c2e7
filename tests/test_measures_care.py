"""Answers beside their times, by hand. Takes about two seconds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from facts import Row, answer, at, opened, records

from qc.measures import measure
from qc.measures.base import Base
from qc.model import Policy


def paced(folder: Path, *rows: Row) -> list[Row]:
    session = opened(folder, annotations=rows)
    return records(session.run(measure("paced")(Base(session, Policy()))))


def timed(item: str, minutes: float, **other: Any) -> Row:
    return answer(item, "ana", "cat", submitted_at=at(minutes), seconds=60.0, seconds_kind="active", **other)


def test_answers_come_in_the_order_in_which_they_were_given(tmp_path: Path) -> None:
    """1000·ln 60 = 4094.3; a gap of an hour begins another session; places count from 0."""
    rows = paced(tmp_path, timed("b", 4), timed("a", 5), timed("c", 65), answer("a", "bo", "dog"))
    assert [(row["annotator"], row["item"], row["v"], row["p"]) for row in rows] == [
        (0, 1, 4094, 0),
        (0, 0, 4094, 1),
        (0, 2, 4094, 0),
        (1, 0, None, None),
    ]
    assert rows[0]["session"] == rows[1]["session"] != rows[2]["session"]
    assert rows[3]["session"] is None
    assert [row["code"] for row in rows] == [0, 0, 0, 1]


def test_repeats_are_left_out_and_prelabels_kept(tmp_path: Path) -> None:
    shown = {"origin": "prediction"}
    rows = paced(tmp_path, timed("a", 1, **shown), timed("b", 2, origin="prediction_edited"), timed("a", 3, round=2))
    assert [(row["item"], row["suggested"]) for row in rows] == [(0, 2), (1, 1)]


def test_impossible_times_are_unknown(tmp_path: Path) -> None:
    """Without a time no speed; a shared duration belongs to nobody's answer."""
    rows = paced(tmp_path, timed("a", 1) | {"seconds": 0.0}, timed("b", 2) | {"seconds_kind": "shared"})
    assert [row["v"] for row in rows] == [None, None]
