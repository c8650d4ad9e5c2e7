"""Kili: the fixture's values, each kind of job, reviews, versions of a label, videos (about 4 s)."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from readers_staged import DATA, Staged, read, write

from qc.model import Role

FIXTURE = DATA / "kili_data.json"
NINE = datetime(2026, 3, 2, 9, 0, 40, tzinfo=UTC)


def a_label(name: str, person: str, response: Any, **blocks: Any) -> dict[str, Any]:
    label = {"id": name, "labelType": "DEFAULT", "author": {"email": person}, "createdAt": "2026-03-02T09:00:40.000Z"}
    return {**label, "secondsToLabel": 41, "isLatestLabelForUser": True, "jsonResponse": response, **blocks}


def an_asset(name: str, *labels: Any, **blocks: Any) -> dict[str, Any]:
    asset = {"id": f"ck{name}", "externalId": name, "content": "https://x.org/1.jpg", "labels": labels}
    return {**asset, "resolution": {"width": 640, "height": 480}, **blocks}


def export(folder: Path, *assets: Any, **options: Any) -> Staged:
    staged = read(write(folder, "data.json", json.dumps(assets)), folder, **options)
    assert staged.report.format == "kili"
    return staged


def corners(*points: tuple[float, float]) -> list[dict[str, Any]]:
    return [{"normalizedVertices": [{"x": x, "y": y} for x, y in points]}]


def a_box(left: float, name: str = "CRANE", mid: str = "b1", **blocks: Any) -> dict[str, Any]:
    poly = corners((left, 0.5), (left, 0.55), (left + 0.1, 0.55), (left + 0.1, 0.5))
    return {"mid": mid, "type": "rectangle", "categories": [{"name": name}], "boundingPoly": poly, **blocks}


def test_every_value_of_the_fixture(tmp_path: Path) -> None:
    staged = read(FIXTURE, tmp_path)
    common = {
        **{"item_id": "img-0001", "site": "manila", "status": "submitted", "tz_source": "explicit", "source_pos": 1},
    }
    mine = common | {
        **{"annotation_id": "cklab1", "annotator": "ann-a@example.org", "role": "annotator", "submitted_at": NINE},
        **{"seconds": 41.0, "seconds_kind": "active"},
    }
    boxes, weather, predicted = staged.rows("annotations")
    assert json.loads(boxes.pop("extra")) == {"consensusMark": 0.61, "honeypotMark": 0.71}
    assert boxes == mine | {"question": "OBJECT_DETECTION_JOB", "kind": "boxes"}
    assert weather == mine | {"question": "CLASSIFICATION_JOB", "kind": "single", "label": "RAIN"}
    assert predicted == common | {
        **{"annotation_id": "cklab0", "annotator": "det-0.4", "model": "det-0.4", "role": "model", "score": 0.62},
        **{"question": "CLASSIFICATION_JOB", "kind": "single", "label": "DRY"},
        "submitted_at": datetime(2026, 3, 1, 9, tzinfo=UTC),
    }
    (region,) = staged.rows("regions")
    assert region == {
        **{"annotation_id": "cklab1", "question": "OBJECT_DETECTION_JOB", "region_id": "20260302-1", "kind": "boxes"},
        **{"label": "CRANE", "x": 160.0, "y": 240.0, "w": 64.0, "h": 24.0, "source_pos": 1},
    }
    (item,) = staged.rows("items")
    assert json.loads(item.pop("meta")) == {"status": "REVIEWED", "isUsedForConsensus": True}
    assert item == {
        **{"item_id": "img-0001", "media": "image", "uri": "https://example.org/0001.jpg", "width": 640, "height": 480},
        **{"site": "manila", "is_gold": True, "source_pos": 1},
    }
    assert staged.report.notes == (
        "1 asset is honeypots, whose right answer the export does not tell from others: read it as gold",
    )


def test_turned_boxes_rings_lines_and_poses_in_pixels(tmp_path: Path) -> None:
    """A box of 100 x 50 about (320, 240), turned by 90 degrees: its corners, and the sides before it was turned."""
    turned = [(345, 190), (295, 190), (295, 290), (345, 290)]
    slanted = [(320, 200), (280, 240), (320, 280), (360, 240)]
    fractions = {
        name: corners(*((x / 640, y / 480) for x, y in points)) for name, points in (("a", turned), ("b", slanted))
    }
    outer, hole = corners((0, 0), (0.5, 0), (0.5, 0.5)), corners((0.1, 0.1), (0.2, 0.1), (0.2, 0.2))
    line = {"polyline": [{"x": 0, "y": 0}, {"x": 0.5, "y": 0.5}]}
    pose = {"points": [{"point": {"x": 0.25, "y": 0.5}}, {"point": {"x": 0.5, "y": 0.5}}]}
    job = [
        *(a_box(0, mid=name) | {"boundingPoly": poly} for name, poly in fractions.items()),
        {"mid": "c", "type": "semantic", "categories": [{"name": "SKY"}], "boundingPoly": outer + hole},
        {"mid": "d", "type": "polyline", "categories": [{"name": "WIRE"}], **line},
        {"mid": "e", "type": "marker", "categories": [{"name": "EYE"}], "point": {"x": 0.25, "y": 0.5}},
        {"mid": "f", "type": "pose", "categories": [{"name": "MAN"}], **pose},
        {"mid": "g", "type": "cuboid"},
    ]
    staged = export(tmp_path, an_asset("1", a_label("l", "a@x.org", {"JOB": {"annotations": job}})))
    found = {row["region_id"]: row for row in staged.rows("regions")}
    assert (found["a"]["x"], found["a"]["y"], found["a"]["w"], found["a"]["h"]) == (295, 190, 50, 100)
    assert "rotation" not in found["a"]
    side = pytest.approx(80 / 2**0.5)
    assert (found["b"]["w"], found["b"]["h"], found["b"]["rotation"]) == (side, side, pytest.approx(45))
    assert found["b"]["x"] + found["b"]["w"] / 2 == pytest.approx(320)
    assert found["c/0"]["points"] == [0, 0, 320, 0, 320, 240]
    assert json.loads(found["c/1"]["attributes"]) == {"region": "c", "part": 1, "hole": True}
    assert found["d"]["points"] == [0, 0, 320, 240]
    assert found["e"]["points"] == [160, 240]
    assert found["f"]["points"] == [160, 240, 320, 240]
    assert {question for (question,) in staged.rows("annotations", "question")} == {
        f"JOB/{kind}" for kind in ("boxes", "polygons", "polylines", "keypoints")
    }
    assert any(note.startswith("1 annotation is of a kind") for note in staged.report.notes)


def test_fractions_of_an_image_without_size_are_kept_apart(tmp_path: Path) -> None:
    pixels = [
        {"normalizedVertices": [], "vertices": [{"x": 1, "y": 2}, {"x": 1, "y": 6}, {"x": 4, "y": 6}, {"x": 4, "y": 2}]}
    ]
    boxes = {"JOB": {"annotations": [a_box(0.25), a_box(0, mid="px") | {"boundingPoly": pixels}]}}
    staged = export(tmp_path, an_asset("1", a_label("l", "a@x.org", boxes), resolution=None))
    assert staged.rows("regions", "region_id", "x", "y", "w", "h") == [("px", 1, 2, 3, 4)]
    assert any("export resolution" in note for note in staged.report.notes)
    assert "JOB" in json.loads(staged.rows("annotations")[0]["extra"])


def test_what_cannot_be_placed_was_not_left_empty(tmp_path: Path) -> None:
    unsized = {"JOB": {"annotations": [a_box(0.25)]}}
    assets = [an_asset("1", a_label("l", "a@x.org", unsized), resolution=None)]
    assets.append(an_asset("2", a_label("m", "a@x.org", {"JOB": {"annotations": [a_box(0.25)]}})))
    assets.append(an_asset("3", a_label("n", "a@x.org", {"JOB": {"annotations": []}})))
    staged = export(tmp_path, *assets)
    assert staged.rows("annotations", "annotation_id", "question", "kind") == [
        ("l", "JOB", "text"), ("m", "JOB", "boxes"), ("n", "JOB", "none"),
    ]  # fmt: skip
    assert "JOB" in json.loads(staged.rows("annotations")[0]["extra"])


def test_entities_transcriptions_and_nested_jobs(tmp_path: Path) -> None:
    """Kili's editor counts UTF-16 places: "ok" begins at 3 after an emoji and a space, at 2 in code points."""
    nested = {
        "categories": [{"name": "NEWS", "confidence": 100, "children": {"TOPIC": {"categories": [{"name": "SPORT"}]}}}]
    }
    spans = [
        {"mid": "e1", "beginOffset": 3, "content": "ok", "categories": [{"name": "X"}]},
        {"mid": "e2", "beginOffset": 6, "endOffset": 8, "content": "go", "categories": [{"name": "Y"}]},
    ]
    response = {"CLASS": nested, "NER": {"annotations": spans}, "TEXT": {"text": "typed"}}
    staged = export(tmp_path, an_asset("1", a_label("l", "a@x.org", response), content="😀 ok go", resolution=None))
    assert staged.rows("regions", "question", "region_id", "t_start", "t_end", "quote", "label") == [
        ("NER", "e1", 2, 4, "ok", "X"),
        ("NER", "e2", 5, 7, "go", "Y"),
    ]
    assert staged.rows("annotations", "question", "kind", "label", "text") == [
        ("NER", "spans", None, None),
        ("CLASS", "single", "NEWS", None),
        ("CLASS/TOPIC", "single", "SPORT", None),
        ("TEXT", "text", None, "typed"),
    ]
    assert staged.rows("items", "text", "media") == [("😀 ok go", "text")]


def test_a_job_that_takes_several_categories_does_so_everywhere(tmp_path: Path) -> None:
    one, two = ({"JOB": {"categories": [{"name": name} for name in names]}} for names in (["A"], ["B", "A"]))
    staged = export(tmp_path, an_asset("1", a_label("l", "a@x.org", one)), an_asset("2", a_label("m", "a@x.org", two)))
    assert staged.rows("annotations", "kind", "labels") == [("multi", ["A"]), ("multi", ["A", "B"])]


def test_types_of_labels_and_earlier_versions(tmp_path: Path) -> None:
    """Nothing marked is `none`; a draft, an earlier version and a model's label say nothing of what they lack."""
    boxes, empty = {"JOB": {"annotations": [a_box(0.25)]}}, {"JOB": {"annotations": []}}
    labels = [
        a_label("old", "a@x.org", boxes, isLatestLabelForUser=False),
        a_label("new", "a@x.org", empty, isSentBackToQueue=True),
        a_label("ben", "b@x.org", boxes),
        a_label("draft", "c@x.org", boxes, labelType="AUTOSAVE"),
        a_label("auto", "bot@x.org", {"JOB": {"annotations": [a_box(0.2, score=1)]}}, labelType="INFERENCE"),
        a_label("rev", "r@x.org", boxes, labelType="REVIEW"),
    ]
    staged = export(tmp_path, an_asset("1", *labels), an_asset("2"))
    assert staged.rows("annotations", "annotation_id", "role", "status", "kind", "parent") == [
        ("old", "annotator", "discarded", "boxes", None),
        ("new", "annotator", "submitted", "none", None),
        ("ben", "annotator", "submitted", "boxes", None),
        ("draft", "annotator", "draft", "boxes", None),
        ("auto", "model", "submitted", "boxes", None),
        ("rev", "reviewer", "submitted", "boxes", None),
    ]
    assert staged.rows("reviews", "annotation_id", "question", "verdict", "reviewer") == [
        ("new", "JOB", "reject", None)
    ]
    notes = " ".join(staged.report.notes)
    assert "1 label was replaced" in notes
    assert "1 reviewers' labels stand beside those of several people" in notes
    assert "1 asset has no labels" in notes


def test_a_reviewers_label_is_compared_with_the_one_it_reviewed(tmp_path: Path) -> None:
    mine = {"JOB": {"annotations": [a_box(0.25)]}, "CLASS": {"categories": [{"name": "RAIN", "confidence": 100}]}}
    theirs = {"JOB": {"annotations": [a_box(0.3, mid="b2")]}, "CLASS": {"categories": [{"name": "RAIN"}]}}
    later = "2026-03-02T10:00:00.000Z"
    review = a_label("r", "rev@x.org", theirs, labelType="REVIEW", createdAt=later, secondsToLabel=9)
    staged = export(tmp_path, an_asset("1", a_label("a", "a@x.org", mine), review))
    assert staged.rows(
        "reviews", "annotation_id", "question", "verdict", "reviewer", "corrected_annotation_id", "seconds"
    ) == [
        ("a", "JOB", "reject", "rev@x.org", "r", 9.0),
        ("a", "CLASS", "accept", "rev@x.org", None, 9.0),
    ]
    assert staged.rows("reviews", "decided_at")[0] == (datetime(2026, 3, 2, 10, tzinfo=UTC),)
    assert set(staged.rows("annotations", "annotation_id", "role", "parent")) == {
        ("a", "annotator", None),
        ("r", "reviewer", "a"),
    }


def test_frames_of_a_video_are_tracks(tmp_path: Path) -> None:
    frames = {
        "0": {"JOB": {"annotations": [a_box(0.25, isKeyFrame=True)]}, "ANNOTATION_JOB_COUNTER": {"JOB": {"CRANE": 1}}},
        "1": {"JOB": {"annotations": [a_box(0.26, isKeyFrame=False)]}},
        "2": {
            "JOB": {"annotations": [a_box(0.3, isKeyFrame=True)]},
            "CLASS": {"categories": [{"name": "A"}], "isKeyFrame": True},
        },
    }
    staged = export(tmp_path, an_asset("1", a_label("l", "a@x.org", frames)))
    # Frame 1 was interpolated; on frame 3 the object is no more.
    assert staged.rows("regions", "question", "region_id", "track_id", "frame", "x", "outside") == [
        ("JOB", "b1@0", "b1", 0, 160.0, False),
        ("JOB", "b1@2", "b1", 2, 192.0, False),
        ("JOB", "b1@3", "b1", 3, 192.0, True),
    ]
    assert staged.rows("annotations", "question", "kind") == [("JOB", "tracks")]
    assert any("no frame rate" in note for note in staged.report.notes)


def test_gold_by_option_and_bad_labels(tmp_path: Path) -> None:
    answer = {"CLASS": {"categories": [{"name": "A"}]}}
    bad = {"JOB": {"annotations": [a_box(0.1) | {"boundingPoly": [{"normalizedVertices": [{"x": "?", "y": 1}]}]}]}}
    labels = [a_label("a", "a@x.org", answer), a_label("b", "b@x.org", bad), {"id": "c"}, 7]
    staged = export(tmp_path, an_asset("1", *labels), {"id": None, "labels": []}, role=Role.GOLD)
    assert staged.rows("annotations", "annotation_id", "question", "role", "kind") == [
        ("a", "CLASS", "gold", "single"),
        ("a", "JOB", "gold", "none"),
    ]
    assert staged.rows("items", "is_gold") == [(True,)]
    assert staged.report.reasons == {
        "the label is no object with an id and a jsonResponse": 2,
        "a point lacks a number": 1,
        "the record is no asset with an id": 1,
    }
