"""Regions of people's first answers and of gold, with who answered what."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from facts import HOSTILE, answer, at, item, opened

from qc.measures import measure
from qc.measures.base import Base
from qc.model import EVERYTHING, Policy, Scope

Row = dict[str, Any]


def region(of: Row, name: str = "1", **other: Any) -> Row:
    row = {key: of[key] for key in ("project", "annotation_id", "question", "kind", "revision")}
    return row | {"region_id": name} | other


def box(of: Row, name: str, x: float, **other: Any) -> Row:
    return region(of, name, kind="boxes", x=x, y=0.0, w=10.0, h=10.0, **other)


def drawing() -> dict[str, list[Row]]:
    """Boxes and a polygon with a hole of two people and gold, a revision, a skip, a repeat and an empty answer."""
    kinds = {"question": "boxes", "kind": "boxes"}
    ana = answer("i 1", "ana", **kinds, submitted_at=at(0), site="Lyon")
    changed = ana | {"revision": 2}
    bo = answer("i 1", HOSTILE[1], **kinds, submitted_at=at(5))
    none = answer("i 2", "ana", question="boxes", kind="none", submitted_at=at(9))
    skip = answer("i 2", "cy", **kinds, status="skipped")
    again = answer("i 1", "ana", **kinds, submitted_at=at(50), round=2)
    gold = answer("i 1", "gold", **kinds, role="gold", annotation_id="g")
    other = answer("i 1", "ana", "cat", annotation_id="o")
    whole, hole = '{"part":0,"region":"p \\"1\\""}', '{"hole":true,"part":1,"region":"p \\"1\\""}'
    regions = [
        box(ana, "1", 0.0, label="cat"),
        box(changed, "1", 5.0, label="cat"),
        box(bo, "1", 1.0, label=HOSTILE[0], attributes='{"region":"mine","part":"left wheel"}'),
        region(bo, "p/0", kind="polygons", points=[0.0, 0.0, 9.0, 0.0, 9.0, 9.0], attributes=whole),
        region(bo, "p/1", kind="polygons", points=[1.0, 1.0, 2.0, 1.0, 2.0, 2.0], attributes=hole),
        box(again, "1", 7.0, label="cat"),
        box(gold, "1", 0.5, label="cat"),
    ]
    return {"annotations": [ana | {"current": False}, changed, bo, none, skip, again, gold, other], "regions": regions}


@pytest.fixture
def base(tmp_path: Path) -> Any:
    session = opened(tmp_path, None, "Europe/Berlin", **drawing())
    yield Base(session, Policy())
    session.close()


def rows(base: Base, name: str, scope: Scope = EVERYTHING) -> list[Row]:
    return base.snapshot.arrow(measure(name)(base, scope)).to_pylist()  # type: ignore[attr-defined, no-any-return]


def test_regions_are_those_of_first_answers_and_of_gold(base: Base) -> None:
    found = rows(base, "drawn")
    names = {row["code"]: row["label"] for row in rows(base, "drawn_labels")}
    assert [(row["annotator"] < 0, row["x"], names[row["label"]]) for row in found] == [
        (True, 0.5, "cat"),
        (False, 1, HOSTILE[0]),
        (False, None, "(no label)"),
        (False, None, "(no label)"),
        (False, 0, "cat"),
    ]
    polygon = [row for row in found if row["shape"] == 1]
    assert [row["hole"] for row in polygon] == [False, True]
    assert {row["object"] for row in polygon} == {'p \\"1\\"'}
    assert all(row["object"] is None for row in found if row["shape"] == 0)
    assert {row["picture"] for row in found} == {None}


def test_the_area_of_a_picture_is_known_where_its_sides_are(tmp_path: Path) -> None:
    session = opened(tmp_path, **drawing(), items=[item("i 1", width=640, height=480), item("i 2", width=640)])
    assert {row["picture"] for row in rows(Base(session, Policy()), "drawn")} == {640.0 * 480}
    session.close()


def test_answers_without_a_mark_count_and_skips_do_not(base: Base) -> None:
    found = rows(base, "drawn_answers")
    assert [(row["item"], row["annotator"] < 0, row["regions"], row["numbers"], row["period"]) for row in found] == [
        (0, True, 1, 4, None),
        (0, False, 3, 24, "2026-03-02"),
        (0, False, 1, 4, "2026-03-02"),
        (1, False, 0, 0, "2026-03-02"),
    ]


def test_scopes_narrow_people_not_gold(base: Base) -> None:
    found = rows(base, "drawn", Scope("boxes", sites=("Lyon",)))
    assert [(row["annotator"] < 0, row["x"]) for row in found] == [(True, 0.5), (False, 0)]
    assert rows(base, "drawn", Scope("label")) == []
