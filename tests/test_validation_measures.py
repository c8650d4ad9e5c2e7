"""Rules on small facts, by hand: what each kind finds, and what it leaves alone. About 25 seconds on two cores."""

from __future__ import annotations

from math import cos, radians, sin
from pathlib import Path
from typing import Any

import numpy as np
from facts import Row, answer, at, gold, item, opened, records

from qc.measures import measure
from qc.measures.base import Base
from qc.measures.rules import CHECKS
from qc.measures.violations import offences
from qc.model import EVERYTHING, Policy, Rule, Scope
from qc.model.validation import KINDS, Count, Implies, Inside, Labels, Number, Required, Size, When


def found(folder: Path, *rules: Rule, name: str = "violations", **facts: Any) -> list[Row]:
    """The rows of a measure under some rules."""
    session = opened(folder, **facts)
    return records(session.run(measure(name)(Base(session, Policy(validation=rules)), EVERYTHING)))


def broken(folder: Path, *rules: Rule, **facts: Any) -> list[tuple[int, dict[str, str]]]:
    """By rule: how many answers it was checked on, and what it says of those that break it, by item."""
    session = opened(folder, **facts)
    base = Base(session, Policy(validation=rules))
    counts = session.run(measure("violations")(base, EVERYTHING)).groupby("rule")[["n", "violations"]].sum()
    rows = records(session.run(offences(base, EVERYTHING)))
    result = []
    for rule in rules:
        said = {row["item_id"]: rule.fault(row["number"], row["said"]) for row in rows if row["rule"] == rule.name}
        n, violations = counts.loc[rule.name] if rule.name in counts.index else (0, 0)
        assert violations == len(said)
        result.append((int(n), said))
    return result


def region(of: Row, region_id: str = "0", label: str | None = "car", **other: Any) -> Row:
    """A region of an answer."""
    row = {name: of[name] for name in ("annotation_id", "question", "revision", "kind")}
    return {"project": "p", "region_id": region_id, "label": label} | row | other


def boxes(*sizes: tuple[float, float], at_x: float = 0.0, item_id: str = "i", **other: Any) -> tuple[Row, list[Row]]:
    """ana's boxes on an item, from the top left corner."""
    row = answer(item_id, "ana", kind="boxes")
    drawn = [region(row, f"{number}", x=at_x, y=0.0, w=w, h=h, **other) for number, (w, h) in enumerate(sizes)]
    return row, drawn


def test_every_kind_has_a_check() -> None:
    assert set(CHECKS) == set(KINDS)


def test_labels_of_every_kind_of_answer(tmp_path: Path) -> None:
    rule = Labels("known", "label", ("cat", "dog", "2"))
    drawn = answer("drawn", "ana", kind="boxes")
    bare = answer("bare", "ana", kind="boxes")
    annotations = [
        answer("right", "ana", "cat"),
        answer("wrong", "ana", "cow"),
        answer("several", "ana", kind="multi", labels=["cat", "hen", "ox"]),
        answer("stars", "ana", kind="ordinal", number=2.0),
        answer("many stars", "ana", kind="ordinal", number=3.0),
        answer("pair", "ana", "cat", kind="pairwise", labels=["cat", "left out"]),
        answer("nothing", "ana", kind="none"),
        drawn,
        bare,
        answer("other question", "ana", "cow", question="other"),
        gold("gold", "cow"),
        answer("model", "m", "cow", role="model"),
        answer("draft", "ana", "cow", status="draft"),
        answer("skip", "ana", status="skipped"),
    ]
    regions = [region(drawn, "0", "dog", x=0.0), region(drawn, "1", "hen", x=0.0), region(bare, "0", None, x=0.0)]
    assert broken(tmp_path, rule, annotations=annotations, regions=regions) == [
        (
            9,
            {
                "wrong": "undeclared label 'cow'",
                "several": "undeclared label 'hen'",
                "many stars": "undeclared label '3'",
                "drawn": "undeclared label 'hen'",
                "bare": "a region has no label",
            },
        )
    ]


def submission(item_id: str, **answers: Any) -> list[Row]:
    """ana's answers to several questions of one item."""
    return [
        answer(item_id, "ana", value, question=name)
        if isinstance(value, str)
        else answer(item_id, "ana", question=name, **value)
        for name, value in answers.items()
    ]


def test_required_of_every_submission(tmp_path: Path) -> None:
    """Text of blanks is no answer; a region is one, and so is what the reader could not understand."""
    marked = submission("marked", label="a", why={"kind": "spans"})
    annotations = [
        *submission("full", label="a", why="b"),
        *submission("blank", label="a", why={"kind": "text", "text": " \t\n "}),
        *submission("text", label="a", why={"kind": "text", "text": " x "}),
        *submission("none", label="a", why={"kind": "none"}),
        *submission("zero", label="a", why={"kind": "number", "number": 0.0}),
        *submission("list", label="a", why={"kind": "multi", "labels": []}),
        *submission("strange", label="a", why={"kind": "text", "extra": "[1]"}),
        *submission("missing", label="a"),
        *marked,
        answer("skip", "ana", status="skipped"),
    ]
    regions = [region(marked[1], t_start=0, t_end=2)]
    rules = Required("a reason", "why"), Required("if b", "why", When("label", ("b",)))
    assert broken(tmp_path, *rules, annotations=annotations, regions=regions) == [
        (9, dict.fromkeys(("blank", "none", "list", "missing"), "not answered")),
        (0, {}),
    ]


def test_conditions_look_into_the_same_submission(tmp_path: Path) -> None:
    """Ids by question do not part a submission; another person's or round's answer does not complete it."""
    spam = When("spam", ("yes", "maybe"))
    annotations = [
        *submission("i1", spam="yes", why="links"),
        *submission("i2", spam="maybe"),
        *submission("i3", spam="no"),
        answer("i4", "ana", "yes", question="spam", annotation_id="x1"),
        answer("i4", "ana", "taste", question="why", annotation_id="x2"),
        answer("i5", "ana", "yes", question="spam"),
        answer("i5", "bo", "links", question="why"),
        answer("i6", "ana", "yes", question="spam", round=2),
        answer("i6", "ana", "no", question="spam"),
        answer("i6", "ana", "links", question="why"),
        *submission(
            "i7", spam={"kind": "multi", "labels": ["other", "yes"]}, why={"kind": "multi", "labels": ["a", "links"]}
        ),
    ]
    rules = (
        Required("required", "why", spam),
        Implies("answered", spam, "why", then="answered"),
        Implies("empty", spam, "why", then="empty"),
        Implies("labels", spam, "why", ("links", "money")),
    )
    late = dict.fromkeys(("i2", "i5", "i6"), "not answered")
    assert broken(tmp_path, *rules, annotations=annotations) == [
        (6, late),
        (6, late),
        (6, dict.fromkeys(("i1", "i4", "i7"), "answered")),
        (6, dict.fromkeys(("i2", "i4", "i5", "i6"), "not links or money")),
    ]


def test_count_of_labels_and_regions(tmp_path: Path) -> None:
    drawn, tracked = answer("drawn", "ana", kind="boxes"), answer("tracked", "ana", kind="tracks")
    annotations = [
        answer("one", "ana", "a"),
        answer("three", "ana", kind="multi", labels=["a", "b", "car"]),
        answer("none", "ana", kind="none"),
        drawn,
        tracked,
    ]
    regions = [region(drawn, f"{number}", label) for number, label in enumerate(("car", "car", "van"))]
    regions += [region(tracked, f"{frame}", track_id="t", frame=frame) for frame in range(5)]
    facts = {"annotations": annotations, "regions": regions}
    rules = (
        Count("all", "label", 1, 2),
        Count("cars", "label", max=1, label="car"),
        Count("vans", "label", min=1, label="van"),
    )
    assert broken(tmp_path, *rules, **facts) == [
        (5, {"three": "3 found", "none": "0 found", "drawn": "3 found"}),
        (5, {"drawn": "2 found"}),
        (5, dict.fromkeys(("one", "three", "none", "tracked"), "0 found")),
    ]


def test_size_of_boxes_by_label(tmp_path: Path) -> None:
    """The side as it was drawn: turning a box does not widen it."""
    small, boxes_of_small = boxes((4, 9), item_id="small")
    wide, boxes_of_wide = boxes((50, 9), (401, 2), item_id="wide")
    right, boxes_of_right = boxes((10, 1), (400, 1), item_id="right", rotation=30.0)
    bare = answer("bare", "ana", kind="none")
    facts = {"annotations": [small, wide, right, bare], "regions": [*boxes_of_small, *boxes_of_wide, *boxes_of_right]}
    rules = (
        Size("width", "label", "width", 10, 400),
        Size("height", "label", "height", max=8),
        Size("area", "label", "area", min=37),
        Size("vans", "label", "width", max=1, label="van"),
    )
    assert broken(tmp_path, *rules, **facts) == [
        (3, {"small": "4 pixels wide", "wide": "401 pixels wide"}),
        (3, dict.fromkeys(("small", "wide"), "9 pixels high")),
        (3, {"small": "36 pixels in area", "right": "10 pixels in area"}),
        (0, {}),
    ]


def test_size_of_polygons_lines_and_points(tmp_path: Path) -> None:
    """A triangle of 6 by 4 has 12 pixels; lines and points have a width, and no area."""
    triangle, line = answer("triangle", "ana", kind="polygons"), answer("line", "ana", kind="polylines")
    regions = [region(triangle, points=[0.0, 0.0, 6.0, 0.0, 3.0, 4.0]), region(line, points=[1.0, 1.0, 4.0, 5.0])]
    facts = {"annotations": [triangle, line], "regions": regions}
    rules = (
        Size("area", "label", "area", max=0),
        Size("width", "label", "width", max=0),
        Size("height", "label", "height", max=4),
    )
    assert broken(tmp_path, *rules, **facts) == [
        (1, {"triangle": "12 pixels in area"}),
        (2, {"triangle": "6 pixels wide", "line": "3 pixels wide"}),
        (2, {}),
    ]


def test_masks_are_as_large_as_their_pixels(tmp_path: Path) -> None:
    """Against numpy on the bitmaps themselves, encoded as COCO does: runs down the columns, beginning with zeros."""
    rng = np.random.default_rng(3)
    masks, regions, sizes = [], [], {}
    for number in range(12):
        bitmap = np.zeros((7, 9), bool)
        bitmap[rng.integers(0, 4) : rng.integers(5, 8), rng.integers(0, 4) : rng.integers(5, 10)] = True
        bitmap &= rng.random(bitmap.shape) < 0.9
        flat = bitmap.ravel(order="F")
        runs = np.diff([0, *(np.flatnonzero(np.diff(flat)) + 1), flat.size]).tolist()
        mask = answer(f"m{number}", "ana", kind="masks")
        masks.append(mask)
        regions.append(region(mask, mask_rle=[0, *runs] if flat[0] else runs, mask_h=7, mask_w=9))
        down, across = np.flatnonzero(bitmap.any(axis=1)), np.flatnonzero(bitmap.any(axis=0))
        sizes[mask["item_id"]] = (np.ptp(across) + 1, np.ptp(down) + 1, bitmap.sum(), across[-1] + 1, down[-1] + 1)
    # Nothing is below 0, so each rule says how large every mask is.
    rules = [Size(name, "label", name, max=0) for name in ("width", "height", "area")]
    tight = [item(name, width=int(right), height=int(bottom)) for name, (*_, right, bottom) in sizes.items()]
    found = broken(tmp_path, *rules, Inside("inside", "label"), annotations=masks, regions=regions, items=tight)
    for place, (_, said) in enumerate(found[:3]):
        assert {name: int(text.split()[0]) for name, text in said.items()} == {n: s[place] for n, s in sizes.items()}
    assert found[3] == (12, {})
    tighter = [row | {"width": row["width"] - 1} for row in tight]
    assert len(broken(tmp_path, Inside("r", "label"), annotations=masks, regions=regions, items=tighter)[0][1]) == 12


def test_size_of_texts_spans_and_intervals(tmp_path: Path) -> None:
    """Characters are code points, without the blanks around a text; an empty text is not checked."""
    spans, sound = answer("spans", "ana", kind="spans"), answer("sound", "ana", kind="intervals")
    annotations = [
        spans,
        sound,
        answer("short", "ana", kind="text", text="  ab \n"),
        answer("signs", "ana", kind="text", text="標籤😀é"),
        answer("empty", "ana", kind="text", text=" "),
    ]
    regions = [
        region(spans, "0", "PER", t_start=0, t_end=4),
        region(spans, "1", "LOC", t_start=4, t_end=14),
        region(sound, sec_start=1.5, sec_end=2.0),
    ]
    facts = {"annotations": annotations, "regions": regions}
    rules = (
        Size("all", "label", "characters", 3, 4),
        Size("people", "label", "characters", 5, label="PER"),
        Size("seconds", "label", "seconds", min=1),
    )
    assert broken(tmp_path, *rules, **facts) == [
        (3, {"spans": "10 characters long", "short": "2 characters long"}),
        (1, {"spans": "4 characters long"}),
        (1, {"sound": "0.5 seconds long"}),
    ]


def test_inside_knows_turned_boxes_and_forgives_half_a_pixel(tmp_path: Path) -> None:
    """A square of 10 turned by 45 degrees is 14.1 wide, so it fits no item of 14 but one of 15 pixels."""
    half = 10 * (abs(cos(radians(45))) + abs(sin(radians(45)))) / 2
    parts = [
        boxes((100.5, 10), item_id="rounded"),
        boxes((100.6, 10), item_id="over"),
        boxes((10, 10), (10, 10), item_id="left", at_x=-1.0),
        boxes((10, 10), item_id="turned", rotation=45.0, at_x=half - 5),
        boxes((500, 10), item_id="unknown"),
    ]
    items = [item(name, width=100, height=10) for name in ("rounded", "over", "left")]
    items += [item("turned", width=14, height=99), item("unknown")]
    regions = [row for _, drawn in parts for row in drawn]
    gone = answer("gone", "ana", kind="tracks")
    regions.append(region(gone, x=-50.0, y=0.0, w=1.0, h=1.0, outside=True))
    facts = {"annotations": [*(row for row, _ in parts), gone], "regions": regions, "items": items}
    over = "a region reaches over the edge"
    assert broken(tmp_path, Inside("r", "label"), **facts) == [
        (4, {"over": over, "left": "2 regions reach over the edge", "turned": over})
    ]


def test_turned_boxes_are_held_to_all_four_edges(tmp_path: Path) -> None:
    """The turned square of the last test stands 2.07 pixels above its own top edge."""
    row, drawn = boxes((10, 10), rotation=45.0, at_x=10.0)
    facts = {"annotations": [row], "regions": drawn}
    assert len(broken(tmp_path, Inside("r", "label"), items=[item("i", width=50, height=50)], **facts)[0][1]) == 1


def test_number_in_its_range(tmp_path: Path) -> None:
    annotations = [
        answer(f"n{value:g}", "ana", kind="number", number=value) for value in (-1.0, 0.0, 119.5, 120.0, 120.5)
    ] + [answer("none", "ana", kind="none")]
    assert broken(tmp_path, Number("r", "label", 0, 120), annotations=annotations) == [
        (5, {"n-1": "-1", "n120.5": "120.5"})
    ]


def test_a_fault_that_was_mended_counts_and_no_longer_stands(tmp_path: Path) -> None:
    """Of three: one mended, one spoilt later, one wrong throughout; the first submission is what is counted."""
    rule = Labels("known", "label", ("cat",))

    def revised(name: str, first: str, later: str) -> list[Row]:
        row = answer(name, "ana", first, current=False)
        return [row, row | {"label": later, "revision": 2, "current": True}]

    annotations = [*revised("mended", "cow", "cat"), *revised("spoilt", "cat", "hen"), *revised("wrong", "ox", "yak")]
    session = opened(tmp_path, annotations=[*annotations, answer("right", "ana", "cat")])
    base = Base(session, Policy(validation=(rule,)))
    assert records(session.run(measure("violations")(base, EVERYTHING))) == [
        {"rule": "known", "question": "label", "annotator": "ana", "n": 4, "violations": 2, "standing": 2}
    ]
    listed = {row["item_id"]: (row["stands"], row["said"]) for row in records(session.run(offences(base, EVERYTHING)))}
    assert listed == {"mended": (False, "cow"), "spoilt": (True, "hen"), "wrong": (True, "yak")}


def test_a_condition_is_read_at_the_same_time_as_its_answer(tmp_path: Path) -> None:
    """Only the first question was revised: the second, unchanged, is checked against both."""
    spam = answer("i", "ana", "no", question="spam", current=False)
    annotations = [
        spam,
        spam | {"label": "yes", "revision": 2, "current": True},
        answer("i", "ana", question="why", kind="none"),
    ]
    rule = Required("r", "why", When("spam", ("yes",)))
    assert found(tmp_path, rule, annotations=annotations) == [
        {"rule": "r", "question": "why", "annotator": "ana", "n": 0, "violations": 0, "standing": 1}
    ]


def test_an_answer_that_breaks_two_rules_counts_once(tmp_path: Path) -> None:
    annotations = [
        answer("i1", "ana", kind="multi", labels=["cow", "hen"]),
        answer("i2", "ana", kind="multi", labels=["cat"]),
        answer("i1", "bo", "cow", question="other"),
    ]
    rules = (Labels("known", "label", ("cat",)), Count("one", "label", max=1), Labels("other", "other", ("cow",)))
    assert found(tmp_path, *rules, annotations=annotations, name="violating") == [
        {"annotator": "ana", "n": 2, "violations": 1, "standing": 1},
        {"annotator": "bo", "n": 1, "violations": 0, "standing": 0},
    ]


def test_scope_narrows_what_is_counted(tmp_path: Path) -> None:
    rule, other = Labels("known", "label", ("cat",)), Labels("b", "other", ("cat",))
    annotations = [
        answer("i1", "ana", "cow", submitted_at=at(0), site="Lyon"),
        answer("i2", "ana", "cow", submitted_at=at(3 * 1440), site="Porto"),
        answer("i1", "bo", "cow", submitted_at=at(0), site="Lyon", question="other"),
    ]

    session = opened(tmp_path, annotations=annotations)
    base = Base(session, Policy(validation=(rule, other)))

    def counted(scope: Scope) -> list[tuple[str, str, int]]:
        rows = records(session.run(measure("violations")(base, scope)))
        assert len(session.run(offences(base, scope))) == sum(row["violations"] for row in rows)
        return [(row["rule"], row["annotator"], row["violations"]) for row in rows]

    assert counted(EVERYTHING) == [("b", "bo", 1), ("known", "ana", 2)]
    assert counted(Scope(sites=("Lyon",))) == [("b", "bo", 1), ("known", "ana", 1)]
    assert counted(Scope("label")) == [("known", "ana", 2)]
    assert counted(Scope(annotators=("bo",))) == [("b", "bo", 1)]
    assert counted(Scope(since=at(1440).date())) == [("known", "ana", 1)]


def test_without_rules_there_is_nothing(tmp_path: Path) -> None:
    session = opened(tmp_path, annotations=[answer("i", "ana", "cat")])
    base = Base(session, Policy())
    assert len(session.run(measure("violations")(base, EVERYTHING))) == 0
    assert len(session.run(measure("violating")(base, EVERYTHING, ("day", "site", "batch")))) == 0
