"""Tools that keep one state of an image, which several people may have drawn: SuperAnnotate, V7, Encord, Supervisely
(about 6 s).

The fixtures are ours; run lengths and bitmaps are made here, pixel by pixel.
"""

import json
import zlib
from base64 import b64encode
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from readers_staged import DATA, Staged, read, write

from qc.model import Role


def at(hour: int, minute: int, second: int = 0, micro: int = 0) -> datetime:
    return datetime(2026, 3, 2, hour, minute, second, micro, tzinfo=UTC)


def export(folder: Path, value: Any, name: str = "1.jpg.json", **options: Any) -> Staged:
    return read(write(folder, name, json.dumps(value)), folder, **options)


def people(staged: Staged) -> list[tuple[Any, ...]]:
    return staged.rows("annotations", "question", "annotator", "role")


def marks(counts: list[int], height: int, width: int) -> list[list[int]]:
    """The mask behind COCO's run lengths, row by row."""
    flat = np.repeat(np.arange(len(counts)) % 2, counts)
    return flat.reshape(width, height).T.tolist()


# SuperAnnotate


def sa(*instances: Any, **metadata: Any) -> dict[str, Any]:
    known = {"name": "1.jpg", "width": 640, "height": 480, "status": "Completed", "annotatorEmail": "ann@x.org"}
    return {"metadata": {**known, **metadata}, "instances": list(instances), "comments": [], "tags": []}


def an_instance(kind: str, person: str | None = "ann@x.org", **blocks: Any) -> dict[str, Any]:
    signed = {"createdBy": {"email": person}, "createdAt": "2026-03-02T09:00:00.000Z"} if person else {}
    return {"type": kind, "className": "crane", "probability": 100, "creationType": "Manual", **signed, **blocks}


BOX = {"points": {"x1": 160, "y1": 240, "x2": 224, "y2": 264}}


def test_superannotate_every_value_of_the_fixture(tmp_path: Path) -> None:
    staged = read(DATA / "superannotate_image.json", tmp_path)
    (answer,) = staged.rows("annotations")
    assert json.loads(answer.pop("extra"))["comments"][0]["correspondence"][0]["text"] == "too loose"
    assert answer == {
        **{"item_id": "0001.jpg", "question": "boxes", "kind": "boxes", "annotation_id": "0001.jpg/ann-a@example.org"},
        **{"annotator": "ann-a@example.org", "role": "annotator", "status": "submitted", "origin": "prediction_edited"},
        **{"submitted_at": at(9, 0, 41), "updated_at": at(9, 0, 41), "tz_source": "explicit", "batch": "B07"},
        "source_pos": 1,
    }
    (region,) = staged.rows("regions")
    assert json.loads(region.pop("attributes")) == {"quality": "ok"}
    assert region == {
        **{"annotation_id": "0001.jpg/ann-a@example.org", "question": "boxes", "region_id": "1", "kind": "boxes"},
        **{"label": "crane", "x": 160.0, "y": 240.0, "w": 64.0, "h": 24.0, "score": 0.87, "source_pos": 1},
        **{"origin": "prediction_edited", "author": "ann-a@example.org"},
    }
    (review,) = staged.rows("reviews")
    assert review == {
        **{"review_id": "0001.jpg/ann-a@example.org/boxes/review", "annotation_id": "0001.jpg/ann-a@example.org"},
        **{"question": "boxes", "item_id": "0001.jpg", "reviewer": "rev-x@example.org", "verdict": "reject"},
        **{"comment": "too loose", "decided_at": at(10, 0, 0, 521_000), "source_pos": 1},
    }
    (item,) = staged.rows("items")
    assert item["tags"] == ["B07"]


def test_superannotate_draws_every_shape(tmp_path: Path) -> None:
    corners = {"x1": 320, "y1": 200, "x2": 360, "y2": 240, "x3": 320, "y3": 280, "x4": 280, "y4": 240}
    template = [{"id": 1, "x": 1, "y": 2}, {"id": 2, "x": 3, "y": 4}]
    staged = export(
        tmp_path,
        sa(
            an_instance("polygon", points=[0, 0, 9, 0, 9, 9], exclude=[[1, 1, 2, 1, 2, 2]]),
            an_instance("polyline", points=[0, 0, 5, 5]),
            an_instance("point", x=3, y=4),
            an_instance("ellipse", cx=100, cy=100, rx=20, ry=10, angle=0),
            an_instance("template", points=template),
            an_instance("rbbox", points=corners),
            an_instance("entity", start=2, end=4),
            an_instance("tag"),
            an_instance("cuboid", points={"f1": {"x": 1, "y": 2}}),
            an_instance("mask", parts=[{"color": "#000447"}]),
        ),
    )
    found = {row["region_id"]: row for row in staged.rows("regions")}
    assert json.loads(found["1/1"]["attributes"]) == {"region": "1", "part": 1, "hole": True}
    assert found["2"]["points"] == [0, 0, 5, 5]
    assert found["3"]["points"] == [3, 4]
    assert (min(found["4"]["points"][::2]), max(found["4"]["points"][1::2])) == (80, 110)
    assert found["5"]["points"] == [1, 2, 3, 4]
    side = pytest.approx(40 * 2**0.5)
    assert (found["6"]["w"], found["6"]["h"], found["6"]["rotation"]) == (side, side, pytest.approx(45))
    assert (found["7"]["t_start"], found["7"]["t_end"]) == (2, 4)
    assert ("tags", ["crane"]) in staged.rows("annotations", "question", "labels")
    notes = " ".join(staged.report.notes)
    assert "1 object is of a kind" in notes
    assert "1 object is colours of a mask image" in notes


def test_superannotate_an_answer_is_a_persons_only_if_all_its_objects_are(tmp_path: Path) -> None:
    """Boxes of two people are merged, the polygon is Ben's, and a prediction that nobody touched is the model's."""
    polygon = {"points": [0, 0, 9, 0, 9, 9]}
    predicted = {"creationType": "Prediction", "probability": 87, "updatedAt": "2026-03-02T09:00:00.000Z"}
    staged = export(
        tmp_path,
        sa(
            an_instance("bbox", **BOX),
            an_instance("bbox", "ben@x.org", **BOX),
            an_instance("polygon", "ben@x.org", **polygon),
            an_instance("polyline", "bot@x.org", points=[0, 0, 1, 1], **predicted),
            annotatorEmail=None,
        ),
    )
    assert people(staged) == [
        ("boxes", "consensus", "consensus"),
        ("polygons", "ben@x.org", "annotator"),
        ("polylines", "bot@x.org", "model"),
    ]
    assert staged.rows("regions", "author") == [("ann@x.org",), ("ben@x.org",), ("ben@x.org",), ("bot@x.org",)]
    assert next(note for note in staged.report.notes if "several people" in note).startswith("1 answer ")


def test_superannotate_statuses(tmp_path: Path) -> None:
    """Skipped, done with nothing marked, not done, and custom words, which say nothing of the work."""
    box = an_instance("bbox", **BOX)
    cases = [
        (sa(status="Skipped"), [("label", "skipped", "none")]),
        (sa(status="Completed"), [("boxes", "submitted", "none")]),
        (sa(status="NotStarted"), []),
        (sa(box, status="In Progress"), [("boxes", "draft", "boxes")]),
        (sa(box, status="Level 2 QA"), [("boxes", "submitted", "boxes")]),
    ]
    for document, rows in cases:
        staged = export(tmp_path, document)
        assert staged.rows("annotations", "question", "status", "kind") == rows
        assert {name for (name,) in staged.rows("annotations", "annotator")} <= {"ann@x.org"}
        assert staged.rows("reviews") == []


def test_superannotate_objects_have_verdicts_of_their_own(tmp_path: Path) -> None:
    wrong, right = an_instance("bbox", **BOX, error=True), an_instance("bbox", **BOX, error=False)
    staged = export(tmp_path, sa(wrong, right, an_instance("bbox", **BOX), status="QualityCheck", qaEmail="rev@x.org"))
    assert staged.rows("reviews", "region_id", "verdict", "reviewer") == [
        ("1", "reject", "rev@x.org"),
        ("2", "accept", "rev@x.org"),
    ]


def test_superannotate_videos_are_timed_in_microseconds(tmp_path: Path) -> None:
    stamps = [{"timestamp": stamp, "points": BOX["points"]} for stamp in (203_033, 744_547)]
    track = {"meta": an_instance("bbox"), "parameters": [{"start": 203_033, "end": 744_547, "timestamps": stamps}]}
    event = {"meta": an_instance("event"), "parameters": [{"start": 1_000_000, "end": 2_500_000, "timestamps": []}]}
    staged = export(tmp_path, sa(track, event, duration=2_817_000))
    assert staged.rows("regions", "question", "region_id", "track_id", "sec_start", "sec_end") == [
        ("tracks", "1@203033", "1", 0.203033, None),
        ("tracks", "1@744547", "1", 0.744547, None),
        ("intervals", "2@1000000", None, 1.0, 2.5),
    ]
    assert staged.rows("annotations", "question", "kind") == [("tracks", "tracks"), ("intervals", "intervals")]


def test_superannotate_corrections_and_changed_predictions(tmp_path: Path) -> None:
    changed = {"updatedBy": {"email": "rev@x.org"}, "updatedAt": "2026-03-02T10:00:00.000Z"}
    predicted = {"creationType": "Preannotation", "probability": 50}
    staged = export(tmp_path, sa(an_instance("bbox", **BOX, **changed), an_instance("bbox", "bot", **BOX, **predicted)))
    assert staged.rows("regions", "author", "origin", "score") == [
        ("ann@x.org", "manual", None),
        ("bot", "prediction", 0.5),
    ]
    assert people(staged) == [("boxes", "ann@x.org", "annotator")]
    assert staged.rows("annotations", "origin", "updated_at") == [("prediction_edited", at(10, 0))]
    assert any(note.startswith("1 object was changed by another than their author") for note in staged.report.notes)


# V7


def darwin(*annotations: Any, **blocks: Any) -> dict[str, Any]:
    slot = {"slot_name": "0", "type": "image", "width": 4, "height": 3, "source_files": [{"url": "https://x.org/1"}]}
    item = {"name": "1.jpg", "path": "/", "source_info": {"item_id": "i1"}, "slots": [slot]}
    return {"version": "2.0", "item": item, "annotations": list(annotations), **blocks}


def an_annotation(name: str, *authors: str, **blocks: Any) -> dict[str, Any]:
    signed = {"annotators": [{"email": author} for author in authors]} if authors else {}
    return {"id": name, "name": "crane", "slot_names": ["0"], **signed, **blocks}


def test_v7_every_value_of_the_fixture(tmp_path: Path) -> None:
    """Nobody signed the polygon, so that it is nobody's; its box is no object of its own."""
    staged = read(DATA / "v7_darwin.json", tmp_path)
    shared = {"item_id": "B07/0001.jpg", "batch": "B07", "status": "submitted", "source_pos": 1}
    boxes, polygons = staged.rows("annotations")
    assert boxes == shared | {
        **{"question": "boxes", "kind": "boxes", "annotator": "ann-a@example.org", "role": "annotator"},
        **{"annotation_id": "018f-item/ann-a@example.org", "origin": "prediction"},
    }
    assert polygons == shared | {
        **{"question": "polygons", "kind": "polygons", "annotator": "consensus", "role": "consensus"},
        "annotation_id": "018f-item/consensus",
    }
    box, polygon = staged.rows("regions")
    assert json.loads(box.pop("attributes")) == {"reviewers": ["rev-x@example.org"], "model": "det"}
    assert (box["score"], box["author"], box["origin"]) == (0.87, "ann-a@example.org", "prediction")
    assert polygon["points"] == [64, 48, 128, 48, 128, 144]
    assert len(staged.report.notes) == 3


def test_v7_shapes_tags_and_properties(tmp_path: Path) -> None:
    ring, hole = (
        [{"x": x, "y": y} for x, y in points] for points in (((0, 0), (3, 0), (3, 3)), ((1, 1), (2, 1), (2, 2)))
    )
    nodes = [{"name": "a", "x": 1, "y": 2}, {"name": "b", "x": 3, "y": 1}]
    staged = export(
        tmp_path,
        darwin(
            an_annotation("p", "a@x.org", polygon={"paths": [ring, hole]}),
            an_annotation("l", "a@x.org", line={"path": ring[:2]}),
            an_annotation("k", "a@x.org", keypoint={"x": 1, "y": 2}),
            an_annotation("s", "a@x.org", skeleton={"nodes": nodes}),
            an_annotation("e", "a@x.org", ellipse={"center": {"x": 2, "y": 1}, "radius": {"x": 1, "y": 1}, "angle": 0}),
            an_annotation("t", "a@x.org", tag={}),
            an_annotation("c", "a@x.org", cuboid={"front": {}}),
            properties=[{"name": "site", "value": "manila"}],
        ),
    )
    found = {row["region_id"]: row for row in staged.rows("regions")}
    assert set(found) == {"p/0", "p/1", "l", "k", "s", "e"}
    assert json.loads(found["p/1"]["attributes"]) == {"region": "p", "part": 1}
    assert json.loads(found["s"]["attributes"]) == {"nodes": ["a", "b"]}
    answers = {row["question"]: row for row in staged.rows("annotations")}
    assert answers["tags"]["labels"] == ["crane"]
    assert (answers["site"]["label"], answers["site"]["role"]) == ("manila", "consensus")
    assert any(note.startswith("1 annotation is of a kind") for note in staged.report.notes)


def test_v7_raster_layers_are_pairs_along_the_rows(tmp_path: Path) -> None:
    """Rows of 4: 0 1 1 0 / 0 0 2 2 / 2 0 0 0; each mask is told from the value that the layer gives it."""
    rle = [0, 1, 1, 2, 0, 3, 2, 3, 0, 3]
    layer = {"dense_rle": rle, "mask_annotation_ids_mapping": {"m1": 1, "m2": 2}, "total_pixels": 12}
    masks = [an_annotation(name, "a@x.org", mask={}) for name in ("m1", "m2")]
    staged = export(tmp_path, darwin(*masks, an_annotation("r", raster_layer=layer)))
    found = {row["region_id"]: marks(row["mask_rle"], row["mask_h"], row["mask_w"]) for row in staged.rows("regions")}
    assert found == {
        "m1": [[0, 1, 1, 0], [0, 0, 0, 0], [0, 0, 0, 0]],
        "m2": [[0, 0, 0, 0], [0, 0, 1, 1], [1, 0, 0, 0]],
    }
    assert people(staged) == [("masks", "a@x.org", "annotator")]
    short = {**layer, "dense_rle": rle[:-2]}
    staged = export(tmp_path, darwin(*masks, an_annotation("r", raster_layer=short)))
    assert staged.report.reasons == {"a mask's length does not fit its image": 1}
    assert staged.rows("annotations") == staged.rows("items") == []


def test_v7_videos_and_version_1(tmp_path: Path) -> None:
    frames = {
        "0": {"bounding_box": {"x": 0, "y": 0, "w": 2, "h": 1}, "keyframe": True},
        "3": {"bounding_box": {"x": 1, "y": 0, "w": 2, "h": 1}, "keyframe": True},
        "4": {"bounding_box": {"x": 1, "y": 0, "w": 2, "h": 1}, "keyframe": False},
    }
    legacy = {
        "dataset": "yard",
        "image": {"filename": "1.mp4", "original_filename": "1.mp4", "path": "/B07", "width": 4, "height": 3, "seq": 1},
        "annotations": [an_annotation("t", "a@x.org", frames=frames, segments=[[0, 5]], interpolated=True)],
    }
    staged = export(tmp_path, legacy)
    assert staged.report.format == "v7"
    # The segment ends behind frame 4.
    assert staged.rows("regions", "region_id", "track_id", "frame", "x", "outside") == [
        ("t@0", "t", 0, 0.0, False),
        ("t@3", "t", 3, 1.0, False),
        ("t@5", "t", 5, 1.0, True),
    ]
    assert json.loads(staged.rows("regions")[0]["attributes"]) == {"ranges": [[0, 5]]}
    assert staged.rows("annotations", "item_id", "question", "kind") == [("B07/1.mp4", "tracks", "tracks")]
    assert staged.rows("items", "batch") == [("B07",)]


def test_v7_without_authors_and_without_annotations(tmp_path: Path) -> None:
    box = {"bounding_box": {"x": 0, "y": 0, "w": 2, "h": 1}}
    staged = export(tmp_path, darwin(an_annotation("1", **box)))
    assert people(staged) == [("boxes", "consensus", "consensus")]
    assert any("--annotator NAME" in note for note in staged.report.notes)
    staged = export(tmp_path, darwin(an_annotation("1", **box)), role=Role.GOLD)
    assert people(staged) == [("boxes", "gold", "gold")]
    staged = export(tmp_path, darwin())
    assert staged.rows("annotations") == []
    assert any(note.startswith("1 item has no annotations") for note in staged.report.notes)
    staged = export(tmp_path, darwin(an_annotation("1", "a@x.org", "b@x.org", **box)))
    assert people(staged) == [("boxes", "consensus", "consensus")]
    assert staged.rows("regions", "author") == [("a@x.org, b@x.org",)]


# Encord


def encord(*objects: Any, classifications: Any = (), answers: Any = None, **blocks: Any) -> dict[str, Any]:
    labels = blocks.pop("labels", {"objects": list(objects), "classifications": list(classifications)})
    unit = {
        "data_hash": "u1",
        "data_title": "1.jpg",
        "data_type": "image/jpeg",
        "width": 4,
        "height": 3,
        "labels": labels,
    }
    row = {"label_hash": "h1", "branch_name": "main", "label_status": "LABELLED", "data_units": {"u1": unit}}
    return {**row, "object_answers": {}, "classification_answers": answers or {}, **blocks}


def an_object(name: str, shape: str, person: str = "a@x.org", **blocks: Any) -> dict[str, Any]:
    signed = {"createdBy": person, "createdAt": "Mon, 02 Mar 2026 09:00:00 GMT", "manualAnnotation": True}
    return {"objectHash": name, "name": "Crane", "value": "crane", "shape": shape, "confidence": 1, **signed, **blocks}


SQUARE = {"boundingBox": {"x": 0.25, "y": 0, "w": 0.5, "h": 1}}


def test_encord_every_value_of_the_fixture(tmp_path: Path) -> None:
    staged = read(DATA / "encord_label_row.json", tmp_path)
    name = "66454013-7382-4418-a9ca-41c089d8997f/649aba74/ann-a@example.org"
    shared = {
        **{"item_id": "0001.jpg", "batch": "yard", "annotation_id": name, "annotator": "ann-a@example.org"},
        **{"role": "annotator", "status": "submitted", "started_at": at(9, 0, 41), "submitted_at": at(9, 0, 45)},
        **{"updated_at": at(9, 0, 45), "tz_source": "named", "source_pos": 1},
    }
    boxes, weather = staged.rows("annotations")
    extra = {"label_status": "REVIEWED", "annotation_task_status": "COMPLETED", "branch_name": "main"}
    assert json.loads(boxes.pop("extra")) == extra
    assert boxes == shared | {"question": "boxes", "kind": "boxes", "origin": "prediction_edited"}
    assert weather == shared | {"question": "Weather", "kind": "single", "label": "Rain", "origin": "manual"}
    (region,) = staged.rows("regions")
    assert region == {
        **{"annotation_id": name, "question": "boxes", "region_id": "oAbc1234", "kind": "boxes", "label": "Crane"},
        **{"x": 160.0, "y": 240.0, "w": 64.0, "h": 24.0, "score": 0.87, "source_pos": 1},
        **{"origin": "prediction_edited", "author": "ann-a@example.org"},
    }
    assert staged.report.notes == ()


def test_encord_shapes_in_fractions_and_masks_along_the_rows(tmp_path: Path) -> None:
    """The mask's 2 x 2 pixels 1 0 / 1 1 stand at left 1, top 1: run lengths 0 1 1 2, the last less the one
    before the last but one, each a character (48 + n)."""
    points = {"0": {"x": 0, "y": 0}, "1": {"x": 0.5, "y": 0}, "2": {"x": 0.5, "y": 1}}
    rings = [[[0, 0, 1, 0, 1, 1], [0.25, 0.25, 0.5, 0.25, 0.5, 0.5]]]
    mask = {"top": 1, "left": 1, "width": 2, "height": 2, "rleString": "0111"}
    staged = export(
        tmp_path,
        encord(
            an_object("a", "polygon", polygon=points),
            an_object("b", "polygon", polygon=list(points.values()), polygons=rings),
            an_object("c", "polyline", polyline=points),
            an_object("d", "point", point={"0": {"x": 0.5, "y": 0.5}}),
            an_object("e", "skeleton", skeleton=points),
            an_object(
                "f", "rotatable_bounding_box", rotatableBoundingBox={"x": 0.25, "y": 0, "w": 0.5, "h": 1, "theta": 30}
            ),
            an_object("g", "bitmask", bitmask=mask),
            an_object("h", "cuboid"),
            object_answers={"a": {"classifications": [{"name": "state", "answers": [{"name": "new"}]}]}},
        ),
    )
    found = {row["region_id"]: row for row in staged.rows("regions")}
    assert found["a"]["points"] == [0, 0, 2, 0, 2, 3]
    assert json.loads(found["a"]["attributes"]) == {"state": "new"}
    assert found["b/0"]["points"] == [0, 0, 4, 0, 4, 3]
    assert json.loads(found["b/1"]["attributes"]) == {"region": "b", "part": 1, "hole": True}
    assert (found["c"]["kind"], found["d"]["points"], found["e"]["kind"]) == ("polylines", [2, 1.5], "keypoints")
    assert (found["f"]["x"], found["f"]["w"], found["f"]["rotation"]) == (1, 2, 30)
    assert marks(found["g"]["mask_rle"], 3, 4) == [[0, 0, 0, 0], [0, 1, 0, 0], [0, 1, 1, 0]]
    assert any(note.startswith("1 object is of a kind") for note in staged.report.notes)


def test_encord_reviews_branches_and_states(tmp_path: Path) -> None:
    """Two branches of one label row are two people's answers; a review is one object's, in order."""
    review = {"id": 7, "approved": False, "comment": "too big\n", "createdAt": "Mon, 02 Mar 2026 10:00:00 UTC"}
    reviews = [
        review | {"user_email": "rev@x.org"},
        review | {"approved": True, "createdBy": "rev@x.org", "comment": None},
    ]
    rows = [
        encord(an_object("a", "bounding_box", **SQUARE, reviews=reviews)),
        encord(an_object("a", "bounding_box", "b@x.org", **SQUARE), branch_name="branch-2"),
        encord(label_status="NOT_LABELLED", label_hash="h2"),
        encord(label_status="LABELLED", label_hash="h3", last_edited_by="c@x.org"),
        encord(an_object("a", "bounding_box", **SQUARE), label_status="LABEL_IN_PROGRESS", label_hash="h4"),
    ]
    staged = export(tmp_path, rows)
    assert staged.rows("annotations", "annotation_id", "annotator", "status", "kind") == [
        ("h1/u1/a@x.org", "a@x.org", "submitted", "boxes"),
        ("h1/branch-2/u1/b@x.org", "b@x.org", "submitted", "boxes"),
        ("h3/u1/c@x.org", "c@x.org", "submitted", "none"),
        ("h4/u1/a@x.org", "a@x.org", "draft", "boxes"),
    ]
    assert staged.rows("reviews", "annotation_id", "region_id", "verdict", "reviewer", "comment", "decided_at") == [
        ("h1/u1/a@x.org", "a", "reject", "rev@x.org", "too big", at(10, 0)),
        ("h1/u1/a@x.org", "a", "accept", "rev@x.org", None, at(10, 0)),
    ]
    assert "1 data unit is not labelled yet" in staged.report.notes


def test_encord_groups_videos_and_titles_that_several_bear(tmp_path: Path) -> None:
    group = encord(an_object("a", "bounding_box", **SQUARE))
    unit = group["data_units"]["u1"]
    group["data_units"] = {
        "u1": unit,
        "u2": unit | {"data_hash": "u2"},
        "u3": unit | {"data_hash": "u3", "data_title": "3.jpg"},
    }
    staged = export(tmp_path, group)
    assert staged.report.read == 3
    assert staged.rows("annotations", "item_id") == [("u1",), ("u2",), ("3.jpg",)]
    frames = {str(frame): {"objects": [an_object("a", "bounding_box", **SQUARE)]} for frame in (2, 0)}
    staged = export(tmp_path, encord(labels=frames))
    assert sorted(staged.rows("regions", "region_id", "track_id", "frame")) == [("a@0", "a", 0), ("a@2", "a", 2)]
    assert staged.rows("annotations", "question", "kind") == [("tracks", "tracks")]


def test_encord_classifications_take_their_answers_from_elsewhere(tmp_path: Path) -> None:
    entry = an_object("x", "", "b@x.org") | {"name": "Weather", "classificationHash": "c1"}
    answer = {
        "classifications": [
            {"name": "Weather", "answers": [{"name": "Rain"}, {"name": "Fog"}]},
            {"name": "Remark", "answers": "wet"},
        ]
    }
    other = entry | {"classificationHash": "c2", "name": "Site"}
    staged = export(tmp_path, encord(classifications=[entry, other], answers={"c1": answer}))
    assert staged.rows("annotations", "question", "kind", "labels", "text", "annotator") == [
        ("Weather", "multi", ["Fog", "Rain"], None, "b@x.org"),
        ("Weather/Remark", "text", None, "wet", "b@x.org"),
    ]
    assert "1 classification has no answer in the export" in staged.report.notes


# Supervisely


def sly(*objects: Any, tags: Any = (), **blocks: Any) -> dict[str, Any]:
    return {
        "description": "",
        "size": {"height": 3, "width": 4},
        "tags": list(tags),
        "objects": list(objects),
        **blocks,
    }


def a_thing(name: int, kind: str, person: str | None = "ann", **blocks: Any) -> dict[str, Any]:
    times = {"createdAt": "2026-03-02T09:00:00.000Z", "updatedAt": "2026-03-02T09:00:05.000Z"}
    signed = {"labelerLogin": person} if person else {}
    return {"id": name, "classTitle": "crane", "geometryType": kind, "tags": [], **signed, **times, **blocks}


def outline(*points: list[int], holes: Any = ()) -> dict[str, Any]:
    return {"points": {"exterior": list(points), "interior": list(holes)}}


def a_bitmap(image: Image.Image) -> str:
    held = BytesIO()
    image.save(held, "PNG")
    return b64encode(zlib.compress(held.getvalue())).decode()


def test_supervisely_every_value_of_the_fixture(tmp_path: Path) -> None:
    staged = read(DATA / "supervisely_ann.json", tmp_path)
    shared = {"item_id": "supervisely_ann", "role": "annotator", "status": "submitted", "tz_source": "explicit"}
    shared |= {"source_pos": 1}
    mine = shared | {
        **{"annotation_id": "supervisely_ann/ann_a", "annotator": "ann_a", "started_at": at(9, 0, 40, 805_000)},
        **{"submitted_at": at(9, 0, 45), "updated_at": at(9, 0, 45)},
    }
    boxes, tags, masks = staged.rows("annotations")
    assert boxes == mine | {"question": "boxes", "kind": "boxes", "origin": "prediction_edited"}
    assert tags == mine | {"question": "tags", "kind": "multi", "labels": ["rain"]}
    assert masks == shared | {
        **{"annotation_id": "supervisely_ann/ann_b", "annotator": "ann_b", "question": "masks", "kind": "masks"},
        **{"submitted_at": at(9, 10, 40, 805_000), "updated_at": at(9, 10, 40, 805_000)},
    }
    box, mask = staged.rows("regions")
    assert (box["region_id"], box["author"], box["origin"]) == ("56656282", "ann_a", "prediction_edited")
    assert (mask["label"], mask["author"], mask["mask_h"], mask["mask_w"]) == ("rust", "ann_b", 480, 640)
    ones = np.argwhere(np.array(marks(mask["mask_rle"], 480, 640)))
    assert ones.min(axis=0)[0] >= 372
    assert ones.min(axis=0)[1] >= 589


def test_supervisely_shapes_and_tags(tmp_path: Path) -> None:
    graph = {"nodes": {"a": {"loc": [1, 2]}, "b": {"loc": [3, 0], "disabled": True}}}
    staged = export(
        tmp_path,
        sly(
            a_thing(1, "polygon", **outline([0, 0], [3, 0], [3, 3], holes=[[[1, 1], [2, 1], [2, 2]]])),
            a_thing(2, "line", **outline([0, 0], [3, 3])),
            a_thing(3, "point", **outline([1, 2])),
            a_thing(4, "graph", **graph),
            a_thing(5, "cuboid", points=[]),
            a_thing(
                6, "rectangle", **outline([3, 2], [1, 0]), tags=[{"name": "old"}, {"name": "state", "value": "ok"}]
            ),
            tags=[{"name": "rain", "value": None}, {"name": "count", "value": 3}, {"name": "site", "value": "m"}],
        ),
    )
    found = {row["region_id"]: row for row in staged.rows("regions")}
    assert json.loads(found["1/1"]["attributes"])["hole"] is True
    assert (found["2"]["kind"], found["3"]["points"]) == ("polylines", [1, 2])
    assert (found["4"]["points"], json.loads(found["4"]["attributes"])) == ([1, 2, 3, 0], {"nodes": ["a", "b"]})
    assert (found["6"]["x"], found["6"]["y"], found["6"]["w"], found["6"]["h"]) == (1, 0, 2, 2)
    assert json.loads(found["6"]["attributes"]) == {"old": True, "state": "ok"}
    answers = {row["question"]: row for row in staged.rows("annotations")}
    assert (answers["tags"]["labels"], answers["count"]["number"], answers["site"]["label"]) == (["rain"], 3.0, "m")
    assert any(note.startswith("1 object is of a kind") for note in staged.report.notes)


def test_supervisely_bitmaps_are_placed_and_bounded(tmp_path: Path) -> None:
    """The alpha channel is the mask; without one, what is not black. The part of it outside the image is cut."""
    clear = Image.new("RGBA", (2, 2), (9, 9, 9, 0))
    clear.putpixel((0, 0), (0, 0, 0, 255))
    clear.putpixel((1, 1), (0, 0, 0, 255))
    grey = Image.new("L", (2, 1), 0)
    grey.putpixel((1, 0), 255)
    staged = export(
        tmp_path,
        sly(
            a_thing(1, "bitmap", bitmap={"data": a_bitmap(clear), "origin": [2, 1]}),
            a_thing(2, "bitmap", bitmap={"data": a_bitmap(grey), "origin": [2, 2]}),
            a_thing(3, "bitmap", bitmap={"data": a_bitmap(clear), "origin": [3, 2]}),
        ),
    )
    found = [marks(row["mask_rle"], 3, 4) for row in staged.rows("regions")]
    assert found == [
        [[0, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]],
        [[0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 1]],
        [[0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 1]],
    ]
    bomb = b64encode(zlib.compress(b"\0" * (70 << 20))).decode()
    wide = a_bitmap(Image.new("1", (12_000, 12_000)))
    for data, reason in [
        ("?", "a bitmap cannot be read"),
        (b64encode(zlib.compress(b"GIF89a")).decode(), "a bitmap cannot be read"),
        (a_bitmap(clear)[:-8], "a bitmap cannot be read"),
        (bomb, "a bitmap cannot be read"),
        (wide, "a mask's image has no possible size"),
    ]:
        staged = export(tmp_path, sly(a_thing(1, "bitmap", bitmap={"data": data, "origin": [0, 0]})))
        assert staged.report.reasons == {reason: 1}


def test_supervisely_videos_and_files_without_anything(tmp_path: Path) -> None:
    figure = {"objectKey": "k", "geometryType": "rectangle", "geometry": outline([0, 0], [2, 1]), "labelerLogin": "ann"}
    frames = [{"index": 0, "figures": [figure]}, {"index": 4, "figures": [figure]}]
    video = sly({"key": "k", "classTitle": "car", "tags": []}, frames=frames, framesCount=9)
    staged = export(tmp_path, video, "1.mp4.json")
    assert staged.rows("regions", "region_id", "frame", "label", "author") == [
        ("k@0", 0, "car", "ann"),
        ("k@4", 4, "car", "ann"),
    ]
    assert staged.rows("annotations", "item_id", "question", "annotator") == [("1.mp4", "tracks", "ann")]
    assert staged.rows("items", "media", "n_frames") == [("video", 9)]
    staged = export(tmp_path, sly())
    assert staged.report.format == "supervisely"
    assert staged.rows("annotations") == []
    assert any(note.startswith("1 file has no objects and tags") for note in staged.report.notes)
