"""Marks, texts and pairs as integers, by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from facts import answer, at, gold, item, opened, records

from qc.measures import measure
from qc.measures.base import Base
from qc.model import EVERYTHING, Policy, Scope

Row = dict[str, Any]


def rows(folder: Path, name: str, scope: Scope = EVERYTHING, **facts: Any) -> list[Row]:
    session = opened(folder, None, "UTC", **facts)
    return records(session.run(measure(name)(Base(session, Policy()), scope, ())))


def region(of: Row, place: int, **other: Any) -> Row:
    names = ("project", "annotation_id", "question", "kind", "revision")
    return {name: of[name] for name in names} | {"region_id": str(place)} | other


def spans(what: str, who: str, **other: Any) -> Row:
    return answer(what, who, **{"kind": "spans", "question": "names"} | other)


def marked() -> dict[str, list[Row]]:
    """ana marks two things in i1 and changes her mind later, bo nothing; a lead knows better. i2 is ana's alone."""
    ana, bo = spans("i1", "ana", submitted_at=at(0)), spans("i1", "bo", kind="none", submitted_at=at(1))
    later = ana | {"revision": 2}
    other, known = spans("i2", "ana", submitted_at=at(60 * 24 * 9)), gold("i1", "", kind="spans", question="names")
    answers = [
        ana | {"current": False},
        later,
        bo,
        other,
        known,
        spans("i2", "ana", round=2),
        spans("i1", "m", role="model"),
    ]
    regions = [
        region(ana, 0, label="PER", t_start=2, t_end=5),
        region(ana, 1, label=None, t_start=9, t_end=7),
        region(ana, 2, label="PER", t_start=None, t_end=3),
        region(later, 0, label="LOC", t_start=0, t_end=1),
        region(other, 0, label="LOC", t_start=0, t_end=0),
        region(known, 0, label="PER", t_start=2, t_end=4),
        region(answers[-2], 0, label="PER", t_start=0, t_end=8),
        region(answers[-1], 0, label="PER", t_start=0, t_end=8),
    ]
    return {"annotations": answers, "regions": regions, "items": [item("i1", text="ab 標籤😀"), item("i2")]}


def test_marks_of_first_answers_and_of_gold(tmp_path: Path) -> None:
    labels = {row["code"]: row["label"] for row in rows(tmp_path, "mark_labels", **marked())}
    assert labels == {0: "LOC", 1: "PER"}
    found = [tuple(row.values())[1:] for row in rows(tmp_path, "marks", **marked())]
    people = {"ana": 0, "bo": 1}
    assert found == [
        (0, people["ana"], 0, 1, 2, 5),
        (0, people["ana"], 0, -1, 7, 9),
        (0, 0, 1, 1, 2, 4),
        (1, people["ana"], 0, 0, 0, 0),
    ]


def test_marking_counts_who_marked_nothing_and_knows_the_extent_and_the_week(tmp_path: Path) -> None:
    found = [tuple(row.values())[1:] for row in rows(tmp_path, "marking", **marked())]
    assert found == [
        (0, 0, 0, 6, "2026-03-02"),
        (0, 1, 0, 6, "2026-03-02"),
        (0, 0, 1, 6, None),
        (1, 0, 0, None, "2026-03-09"),
    ]


def test_a_scope_narrows_people_and_not_gold(tmp_path: Path) -> None:
    found = rows(tmp_path, "marking", Scope(annotators=("bo",)), **marked())
    assert [(row["annotator"], row["gold"]) for row in found] == [(1, 0), (0, 1)]


def test_seconds_become_milliseconds(tmp_path: Path) -> None:
    of = answer("i", "ana", kind="intervals", question="speech")
    regions = [
        region(of, 0, label="a", sec_start=0.25, sec_end=1.0004),
        region(of, 1, label="a", sec_start=1e300, sec_end=2.0),
    ]
    found = rows(tmp_path, "marks", annotations=[of], regions=regions)
    assert [(row["first"], row["last"]) for row in found] == [(250, 1000)]


def test_texts_as_first_written(tmp_path: Path) -> None:
    first = answer("i1", "ana", kind="text", text=" Ünïcode\n", submitted_at=at(0))
    later = first | {"revision": 2, "text": "better"}
    empty = answer("i1", "bo", kind="text", submitted_at=at(0))
    skipped = answer("i1", "cy", kind="text", text="no", status="skipped")
    found = rows(tmp_path, "texts", annotations=[first | {"current": False}, later, empty, skipped])
    assert [(row["annotator"], row["text"], row["period"]) for row in found] == [
        (0, " Ünïcode\n", "2026-03-02"),
        (1, "", "2026-03-02"),
    ]


def test_keys_keep_labels_apart(tmp_path: Path) -> None:
    both = answer("i1", "ana", kind="multi", labels=["b", "a, c"])
    found = rows(tmp_path, "label_keys", annotations=[both])
    assert [row["key"] for row in found] == ["a, c\x1fb"]


def test_what_was_shown_first(tmp_path: Path) -> None:
    def pair(what: str, winner: str, sides: list[str]) -> Row:
        return answer(what, "ana", winner, kind="pairwise", labels=sides)

    given = [
        pair("i1", "x", ["x", "y"]),
        pair("i2", "x", ["y", "x"]),
        pair("i3", "tie", ["x", "y"]),
        pair("i4", "x", ["x", "x"]),
        pair("i5", "x", ["x"]),
        answer("i6", "ana", "x", kind="pairwise"),
    ]
    found = rows(tmp_path, "shown_first", annotations=given)
    assert [(row["item"], row["first"]) for row in found] == [(0, 1), (1, 0)]
