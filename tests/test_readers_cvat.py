"""CVAT's XML and its server's JSON (about 15 s).

Expected rows were derived by hand from the formats' documented meaning; the box is left 160, top 240, 64 by 24 pixels
on an image of 640 by 480. A mask's rows are counted by hand in its test.
"""

import copy
import json
import random
import re
from pathlib import Path
from typing import Any

import pytest
from readers_staged import DATA, NOW, Staged, check, write

from qc.model import InputError, Role
from qc.readers import Mapping, Options, cvat, cvat_server, markup
from qc.readers.child import parse
from qc.readers.source import source

IMAGES = (DATA / "cvat_images_project.xml").read_text()
VIDEO = (DATA / "cvat_video.xml").read_text()
SERVER = json.loads((DATA / "cvat_server.json").read_text())
BOX = '<box label="crane" source="manual" occluded="0" xtl="160" ytl="240" xbr="224" ybr="264"></box>'


def staged(path: Path, folder: Path, reader: str | None = None, **options: Any) -> Staged:
    (folder / "staged").mkdir(exist_ok=True)
    found = Staged(parse(path, reader, Options(NOW, **options), folder / "staged", lambda _: None), folder / "staged")
    check(found)
    return found


def images(folder: Path, *found: str, meta: str = "", **options: Any) -> Staged:
    """An export for images; `meta` stands in a task of ann_a."""
    task = f"<task><id>41</id><assignee><username>ann_a</username></assignee>{meta}</task>"
    content = f"<annotations><version>1.1</version><meta>{task}</meta>{''.join(found)}</annotations>"
    return staged(write(folder, "annotations.xml", content), folder, "cvat", **options)


def image(*shapes: str, name: str = "1.jpg", more: str = "") -> str:
    return f'<image id="0" name="{name}" width="640" height="480" {more}>{"".join(shapes)}</image>'


def server(folder: Path, bundle: dict[str, Any], **options: Any) -> Staged:
    return staged(write(folder, "bundle.json", json.dumps(bundle)), folder, "cvat_server", **options)


def test_the_tiny_project_gives_exactly_these_rows(tmp_path: Path) -> None:
    found = staged(DATA / "cvat_images_project.xml", tmp_path)
    assert found.report.format == "cvat"
    columns = ("annotation_id", "item_id", "question", "annotator", "role", "status", "kind", "labels", "origin")
    one, two = "a/0001.jpg/ann_a", "a/0002.jpg/ann_a"
    assert found.rows("annotations", *columns) == [
        (one, "a/0001.jpg", "boxes", "ann_a", "annotator", "submitted", "boxes", None, "manual"),
        (one, "a/0001.jpg", "polygons", "ann_a", "annotator", "submitted", "polygons", None, "prediction"),
        (one, "a/0001.jpg", "masks", "ann_a", "annotator", "submitted", "masks", None, "prediction_edited"),
        (one, "a/0001.jpg", "tags", "ann_a", "annotator", "submitted", "multi", ["crane"], "manual"),
        *((two, "a/0002.jpg", name, "ann_a", "annotator", "submitted", "none", None, None)
          for name in ("boxes", "polygons", "masks", "tags")),
    ]  # fmt: skip
    shared = {"annotation_id": one, "label": "crane", "region_id": "1", "source_pos": 27}
    assert found.rows("regions") == [
        shared | {"question": "boxes", "kind": "boxes", "x": 160.0, "y": 240.0, "w": 64.0, "h": 24.0,
                  "origin": "manual", "attributes": '{"quality":"ok"}'},
        shared | {"question": "polygons", "kind": "polygons", "points": [64.0, 48.0, 128.0, 48.0, 128.0, 144.0],
                  "origin": "prediction", "attributes": '{"occluded":true}'},
        # Rows of the crop at 10, 20: 00111 and 00011; x = 12 begins at pixel 12 * 480 + 20 of the columns.
        shared | {"question": "masks", "kind": "masks", "mask_rle": [5780, 1, 479, 2, 478, 2, 300458],
                  "mask_h": 480, "mask_w": 640, "origin": "prediction_edited"},
    ]  # fmt: skip
    item = {"media": "image", "width": 640, "height": 480, "batch": "site-A-batch1", "is_gold": False}
    assert found.rows("items") == [
        item | {"item_id": "a/0001.jpg", "uri": "a/0001.jpg", "source_pos": 27},
        item | {"item_id": "a/0002.jpg", "uri": "a/0002.jpg", "source_pos": 35},
    ]
    assert (found.report.read, found.report.accepted) == (2, 2)
    assert len(found.report.notes) == 2
    assert found.report.notes[0].startswith("CVAT names who a job or task is assigned to now")
    assert "left empty" in found.report.notes[1]
    assert "submitted_at" in found.report.missing


def test_the_tiny_video_gives_exactly_these_rows(tmp_path: Path) -> None:
    found = staged(DATA / "cvat_video.xml", tmp_path)
    columns = ("annotation_id", "item_id", "question", "annotator", "role", "kind", "origin")
    name = "job 91 frames 0-29"
    assert found.rows("annotations", *columns) == [
        (f"{name}/ann_b", name, "tracks", "ann_b", "annotator", "tracks", "manual")
    ]
    shared = {"annotation_id": f"{name}/ann_b", "question": "tracks", "kind": "boxes", "label": "truck"}
    shared |= {"track_id": "0", "origin": "manual", "source_pos": 17, "y": 10.0, "w": 40.0, "h": 30.0}
    assert found.rows("regions") == [
        shared | {"region_id": "0@0", "frame": 0, "outside": False, "x": 10.0},
        shared | {"region_id": "0@10", "frame": 10, "outside": True, "x": 30.0},
    ]
    assert found.rows("items", "item_id", "media", "n_frames", "width", "height") == [(name, "video", 30, 640, 480)]


def test_the_tiny_bundle_gives_exactly_these_rows(tmp_path: Path) -> None:
    found = staged(DATA / "cvat_server.json", tmp_path)
    columns = ("annotation_id", "item_id", "question", "annotator", "kind", "labels", "origin", "guideline")
    assert found.rows("annotations", *columns) == [
        ("job 77 frame 0", "task 41 frame 0", "boxes", "ann_a", "boxes", None, "prediction", "5"),
        ("job 77 frame 0", "task 41 frame 0", "tags", "ann_a", "multi", ["11"], "manual", "5"),
        ("job 77 frame 1", "task 41 frame 1", "boxes", "ann_a", "none", None, None, "5"),
        ("job 77 frame 1", "task 41 frame 1", "tags", "ann_a", "none", None, None, "5"),
    ]
    assert {extra for (extra,) in found.rows("annotations", "extra")} == {
        '{"job":"77","stage":"acceptance","state":"completed"}'
    }
    assert {at.isoformat() for (at,) in found.rows("annotations", "updated_at")} == {"2026-03-03T09:00:00+00:00"}
    columns = ("region_id", "x", "y", "w", "h", "score", "label", "attributes")
    assert found.rows("regions", *columns) == [("5", 160, 240, 64, 24, 0.87, "11", '{"3":"ok"}')]
    columns = ("review_id", "annotation_id", "question", "region_id", "item_id", "reviewer", "verdict")
    assert found.rows("reviews", *columns) == [
        ("issue 1", "job 77 frame 0", "boxes", "5", "task 41 frame 0", "lead1", "reject")
    ]
    assert found.rows("reviews", "decided_at")[0][0].isoformat() == "2026-03-02T15:00:00+00:00"
    notes = " ".join(found.report.notes)
    for said in ("/api/labels", "/data/meta", "resolved", "without annotations"):
        assert said in notes


def test_every_shape_of_an_image(tmp_path: Path) -> None:
    corners = "".join(f'{axis}{place}{face}="{n}" ' for n, (axis, place, face) in enumerate(
        (axis, place, face) for face in "12" for place in ("tl", "bl", "tr", "br") for axis in "xy"))  # fmt: skip
    shapes = [
        '<box label="a" xtl="10" ytl="10" xbr="30" ybr="20" rotation="45.00"/>',
        '<polyline label="b" points="1.00,2.00;3.00,4.00"/>',
        '<points label="c" points="1,2;3,4;5,6"/>',
        '<ellipse label="d" cx="100" cy="100" rx="20" ry="10"/>',
        f'<cuboid label="e" {corners}/>',
        '<skeleton label="f"><points label="nose" outside="0" occluded="0" points="7,8"/>'
        '<points label="ear" outside="0" occluded="1" points="9,10"/>'
        '<points label="tail" outside="1" occluded="0" points="0,0"/><attribute name="pose">up</attribute></skeleton>',
    ]
    found = images(tmp_path, image(*shapes))
    rows = {row["label"]: row for row in found.rows("regions")}
    assert {label: (row["question"], row["kind"]) for label, row in rows.items()} == {
        "a": ("boxes", "boxes"),
        "b": ("polylines", "polylines"),
        "c": ("keypoints", "keypoints"),
        "d": ("polygons", "polygons"),
        "e": ("cuboids", "keypoints"),
        "f": ("keypoints", "keypoints"),
    }
    assert rows["a"]["rotation"] == 45
    assert rows["b"]["points"] == [1, 2, 3, 4]
    assert rows["d"]["points"][:2] == [120, 100]
    assert rows["e"]["points"] == list(range(16))
    assert rows["f"]["points"] == [7, 8, 9, 10, 0, 0]
    assert json.loads(rows["f"]["attributes"]) == {
        "names": ["nose", "ear", "tail"],
        "visibility": [2, 1, 0],
        "pose": "up",
    }
    assert [row["kind"] for row in found.rows("annotations") if row["question"] == "cuboids"] == ["keypoints"]


def test_shapes_are_cut_at_the_edge_and_counted(tmp_path: Path) -> None:
    found = images(tmp_path, image('<box label="a" xtl="-10" ytl="0" xbr="650" ybr="20"/>'))
    assert found.rows("regions", "x", "w") == [(0, 640)]
    assert any("reached over the edge" in note for note in found.report.notes)


def test_known_and_merged_shapes_are_answers_of_their_own(tmp_path: Path) -> None:
    found = images(tmp_path, image(BOX, BOX.replace("manual", "Ground truth"), BOX.replace("manual", "consensus")))
    assert found.rows("annotations", "annotation_id", "annotator", "role") == [
        ("1.jpg/ann_a", "ann_a", "annotator"),
        ("1.jpg/gold", "gold", "gold"),
        ("1.jpg/consensus", "consensus", "consensus"),
    ]
    assert found.rows("items", "is_gold") == [(True,)]
    assert "gold" not in found.report.missing


def test_several_tags_are_one_set_and_keep_their_attributes(tmp_path: Path) -> None:
    tags = '<tag label="wet" source="manual"><attribute name="how">very</attribute></tag><tag label="dark"/>'
    found = images(tmp_path, image(tags, tags))
    assert found.rows("annotations", "kind", "labels") == [("multi", ["dark", "wet"])]
    assert json.loads(found.rows("annotations", "extra")[0][0])[0] == {"label": "wet", "attributes": {"how": "very"}}


def test_a_name_that_several_tasks_hold_is_told_apart_in_both(tmp_path: Path) -> None:
    tasks = "".join(
        f"<task><id>{number}</id><assignee><username>{who}</username></assignee></task>"
        for number, who in ((41, "ann_a"), (42, "ann_b"))
    )
    content = "".join(
        image(BOX, name=name, more=f'task_id="{task}"') for task in (41, 42) for name in ("1.jpg", f"{task}.jpg")
    )
    whole = f"<annotations><meta><project><tasks>{tasks}</tasks></project></meta>{content}</annotations>"
    found = staged(write(tmp_path, "project.xml", whole), tmp_path, "cvat")
    assert found.rows("annotations", "item_id", "annotator") == [
        ("task 41/1.jpg", "ann_a"),
        ("41.jpg", "ann_a"),
        ("task 42/1.jpg", "ann_b"),
        ("42.jpg", "ann_b"),
    ]


def test_two_jobs_on_one_image_share_the_item(tmp_path: Path) -> None:
    content = f"<annotations><meta><job><id>JOB</id></job></meta>{image(BOX)}</annotations>"
    found = [
        staged(write(tmp_path, f"{who}.xml", content), tmp_path, "cvat", annotator=who) for who in ("ann_a", "ann_b")
    ]
    assert [rows.rows("annotations", "item_id", "annotation_id", "role") for rows in found][1] == [
        ("1.jpg", "1.jpg/ann_b", "annotator")
    ]


def test_frames_of_a_video_exported_as_images_carry_the_name_of_the_video(tmp_path: Path) -> None:
    found = images(
        tmp_path, image(BOX, name="frame_000007"), meta="<mode>interpolation</mode><source>yard.mp4</source>"
    )
    assert found.rows("items", "item_id") == [("yard.mp4/frame_000007",)]


def test_nobody_assigned_is_a_merged_answer_unless_somebody_is_named(tmp_path: Path) -> None:
    content = f"<annotations><meta><task><id>1</id><assignee></assignee></task></meta>{image(BOX)}</annotations>"
    path = write(tmp_path, "annotations.xml", content)
    found = staged(path, tmp_path, "cvat")
    assert found.rows("annotations", "annotator", "role") == [("consensus", "consensus")]
    assert any("--annotator NAME" in note for note in found.report.notes)
    found = staged(path, tmp_path, "cvat", annotator="ann_c")
    assert found.rows("annotations", "annotator", "role") == [("ann_c", "annotator")]
    found = staged(path, tmp_path, "cvat", role=Role.GOLD)
    assert found.rows("annotations", "annotator", "role") == [("gold", "gold")]
    assert found.rows("items", "is_gold") == [(True,)]


def test_a_task_of_several_jobs_says_that_it_merges_them(tmp_path: Path) -> None:
    segments = "<segments><segment><id>1</id></segment><segment><id>2</id></segment></segments>"
    found = images(tmp_path, image(BOX), meta=segments)
    assert any(note.startswith("this export merges 2 jobs") for note in found.report.notes)


def test_an_export_without_any_shape_is_not_yet_done(tmp_path: Path) -> None:
    found = images(tmp_path, image(), image(name="2.jpg"))
    assert found.rows("annotations") == []
    assert (found.report.rows["items"], found.report.read) == (2, 2)
    assert any("not yet done" in note for note in found.report.notes)


def test_batch_and_site_come_from_where_a_mapping_says(tmp_path: Path) -> None:
    mapping = Mapping(columns={"site": "image.subset", "batch": "task.id"})
    found = images(tmp_path, image(BOX, more='subset="Train"'), meta="<name>t</name>", mapping=mapping)
    assert found.rows("items", "batch", "site") == [("41", "Train")]
    assert found.rows("annotations", "batch", "site") == [("41", "Train")]


def test_what_was_interpolated_between_keyframes_is_no_answer(tmp_path: Path) -> None:
    between = '<box frame="5" keyframe="0" outside="0" xtl="20" ytl="10" xbr="60" ybr="40"></box></track>'
    beyond = '<track id="1" label="truck" source="auto"><polygon frame="3" keyframe="1" points="1,1;9,1;9,9"/></track>'
    content = VIDEO.replace("</track>", between).replace("</annotations>", f"{beyond}</annotations>")
    found = staged(write(tmp_path, "video.xml", content), tmp_path)
    assert found.rows("regions", "region_id", "kind", "outside") == [
        ("0@0", "boxes", False),
        ("0@10", "boxes", True),
        ("1@3", "polygons", False),
    ]
    assert found.rows("annotations", "origin") == [("prediction_edited",)]


def test_a_video_without_tracks_beside_one_with_tracks_was_left_empty(tmp_path: Path) -> None:
    tasks = "".join(
        f"<task><id>{number}</id><name>t{number}</name><mode>interpolation</mode><source>{number}.mp4</source></task>"
        for number in (1, 2)
    )
    track = '<track id="0" label="a" task_id="2"><box frame="0" xtl="1" ytl="1" xbr="2" ybr="2"/></track>'
    content = f"<annotations><meta><project><tasks>{tasks}</tasks></project></meta>{track}</annotations>"
    found = staged(write(tmp_path, "project.xml", content), tmp_path, "cvat", annotator="anna")
    assert sorted(found.rows("annotations", "item_id", "kind", "batch")) == [
        ("1.mp4", "none", "t1"),
        ("2.mp4", "tracks", "t2"),
    ]


def test_a_bad_shape_quarantines_its_image_and_no_other(tmp_path: Path) -> None:
    bad = BOX.replace('xbr="224"', 'xbr="wide"')
    found = images(tmp_path, image(BOX), image(BOX, bad, name="2.jpg"), image(BOX, name=""), image("<knot/>", BOX))
    assert found.report.reasons == {"a point lacks a number": 1, "the image has no name": 1}
    assert (found.report.read, found.report.accepted) == (4, 2)
    assert {item for (item,) in found.rows("items", "item_id")} == {"1.jpg"}
    assert any("no known shape" in note for note in found.report.notes)


def test_a_bad_keyframe_quarantines_its_video(tmp_path: Path) -> None:
    content = VIDEO.replace('frame="10"', 'frame="ten"')
    found = staged(write(tmp_path, "video.xml", content), tmp_path)
    assert found.report.reasons == {"a shape of a track has no frame": 1}
    assert found.rows("regions") == found.rows("annotations") == found.rows("items") == []


ENTITIES = '<!DOCTYPE annotations [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
REFUSED = {
    "laughs": (IMAGES.replace("<annotations>", f"{ENTITIES}<annotations>"), "declares a document type"),
    "outside": (
        IMAGES.replace("<annotations>", '<!DOCTYPE a SYSTEM "file:///etc/hostname"><annotations>'),
        "declares a document type",
    ),
    "unknown entity": (IMAGES.replace("yard", "&b;"), "is no readable XML"),
    "mismatch": (IMAGES.replace("</image>", "</picture>"), "is no readable XML"),
    "root": ("<annotation><version>1.1</version></annotation>", "its root is 'annotation'"),
    "deep": ("<annotations>" + "<b>" * 50_000 + "</b>" * 50_000 + "</annotations>", "nests deeper than 32 levels"),
    "two roots": (IMAGES + "<annotations/>", "is no readable XML"),
    "nothing": ("<annotations", "is cut off at byte 12"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_xml_that_cannot_be_read_is_told_in_one_sentence(tmp_path: Path, name: str) -> None:
    content, said = REFUSED[name]
    with pytest.raises(InputError, match=re.escape(said)) as error:
        staged(write(tmp_path, "annotations.xml", content), tmp_path, "cvat")
    assert str(error.value).startswith("annotations.xml ")


def test_an_element_too_long_to_hold_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(markup, "longest_record", lambda _: 1)
    for shapes in (BOX * 20_000, f'<box label="{"x" * (2 << 20)}"/>', f"<!--{'x' * (2 << 20)}-->"):
        with pytest.raises(InputError, match="longer than"):
            images(tmp_path, image(shapes))


@pytest.mark.parametrize("content", [IMAGES, VIDEO], ids=["images", "video"])
def test_a_cut_file_is_always_told(tmp_path: Path, content: str) -> None:
    for cut in range(1, len(content.rstrip()), 7):
        with pytest.raises(InputError):
            staged(write(tmp_path, "annotations.xml", content[:cut]), tmp_path, "cvat")


WRONG = ("", "x", "-1", "1e999", "nan", "99999999999999999999", "1,2", "0x10", "\u0660", "😀", "true", ";;;", "1;2;3")


@pytest.mark.parametrize("content", [IMAGES, VIDEO], ids=["images", "video"])
def test_any_attribute_may_hold_anything(tmp_path: Path, content: str) -> None:
    """One attribute or text at a time is replaced: what comes of it is rows, a quarantined record or a refusal."""
    dice = random.Random(7)
    places = [match.span(1) for match in re.finditer(r'="([^"]*)"|>([^<>]+)<', content) if match.span(1) != (-1, -1)]
    places += [match.span(1) for match in re.finditer(r">([^<>\s][^<>]*)<", content)]
    for begin, end in places[2:]:
        changed = content[:begin] + dice.choice(WRONG) + content[end:]
        try:
            staged(write(tmp_path, "annotations.xml", changed), tmp_path, "cvat")
        except InputError:
            continue


def bundle(**members: Any) -> dict[str, Any]:
    return copy.deepcopy(SERVER) | members


def test_names_of_labels_tasks_and_images_are_taken_where_they_are_given(tmp_path: Path) -> None:
    frames = [{"name": f"a/000{n}.jpg", "width": 640, "height": 480} for n in (1, 2)]
    found = server(
        tmp_path,
        bundle(
            labels={"results": [{"id": 11, "name": "crane", "attributes": [{"id": 3, "name": "quality"}]}]},
            tasks=[{"id": 41, "name": "site-A-batch1", "mode": "annotation"}],
            meta={"77": {"frames": frames}},
            comments=[{"issue": 1, "message": "too wide"}, {"issue": 1, "message": "see guide"}],
        ),
    )
    assert found.rows("regions", "label", "attributes") == [("crane", '{"quality":"ok"}')]
    assert found.rows("items", "item_id", "width", "height", "batch") == [
        ("a/0001.jpg", 640, 480, "site-A-batch1"),
        ("a/0002.jpg", 640, 480, "site-A-batch1"),
    ]
    assert found.rows("reviews", "comment") == [("too wide\nsee guide",)]


def test_replicas_are_people_and_their_parent_is_merged(tmp_path: Path) -> None:
    shape = SERVER["annotations"]["77"]["shapes"][0]
    jobs = [
        {"id": 1, "task_id": 4, "type": "annotation", "start_frame": 0, "stop_frame": 0, "assignee": {"username": "x"}},
        {"id": 2, "task_id": 4, "type": "replica", "parent_job_id": 1, "assignee": {"username": "ann_a"}},
        {"id": 3, "task_id": 4, "type": "replica", "parent_job_id": 1, "assignee": None},
        {"id": 4, "task_id": 4, "type": "ground_truth", "assignee": {"username": "lead"}},
        {"id": 5, "task_id": 4, "type": "ground_truth"},
    ]
    found = server(tmp_path, {"jobs": jobs, "annotations": {str(n): {"shapes": [shape]} for n in range(1, 6)}})
    assert found.rows("annotations", "annotation_id", "item_id", "annotator", "role") == [
        ("job 1 frame 0", "task 4 frame 0", "consensus", "consensus"),
        ("job 2 frame 0", "task 4 frame 0", "ann_a", "annotator"),
        ("job 3 frame 0", "task 4 frame 0", "job 3", "annotator"),
        ("job 4 frame 0", "task 4 frame 0", "lead", "gold"),
        ("job 5 frame 0", "task 4 frame 0", "gold", "gold"),
    ]
    assert found.rows("items", "is_gold") == [(True,)]


def test_empty_frames_of_a_job_in_progress_are_not_yet_done(tmp_path: Path) -> None:
    changed = bundle()
    changed["jobs"]["results"][0] |= {"stage": "annotation", "state": "in progress"}
    found = server(tmp_path, changed)
    assert {item for (item,) in found.rows("annotations", "item_id")} == {"task 41 frame 0"}
    assert any("jobs that are not completed" in note for note in found.report.notes)


def test_ground_truth_counts_only_the_frames_that_it_includes(tmp_path: Path) -> None:
    changed = bundle(meta={"78": {"included_frames": [1]}})
    changed["annotations"]["78"] = {"shapes": [], "tags": [], "tracks": []}
    found = server(tmp_path, changed)
    gold = [row for row in found.rows("annotations", "item_id", "role", "kind") if row[1] == "gold"]
    assert gold == [("task 41 frame 1", "gold", "none")] * 2


def test_tracks_of_the_server_are_one_video(tmp_path: Path) -> None:
    job = {"id": 9, "task_id": 3, "start_frame": 0, "stop_frame": 29, "state": "completed"}
    job |= {"assignee": {"username": "ann_b"}}
    keyframes = [
        {"type": "rectangle", "frame": 0, "outside": False, "points": [10, 10, 50, 40]},
        {"type": "rectangle", "frame": 10, "outside": True, "points": [30, 10, 70, 40]},
    ]
    joints = [
        {"label_id": 7, "shapes": [{"type": "points", "frame": 2, "points": [1, 2], "outside": False}]},
        {"label_id": 8, "shapes": [{"type": "points", "frame": 2, "points": [3, 4], "occluded": True}]},
    ]
    tracks = [
        {"id": 1, "label_id": 5, "source": "manual", "shapes": keyframes},
        {"id": 2, "label_id": 6, "shapes": [], "elements": joints},
    ]
    shapes = [{"id": 3, "type": "polygon", "frame": 4, "label_id": 5, "points": [0, 0, 5, 0, 5, 5]}]
    labels = [{"id": 6, "name": "man", "sublabels": [{"id": 7, "name": "head"}, {"id": 8, "name": "hand"}]}]
    found = server(
        tmp_path,
        {
            "jobs": [job],
            "annotations": {"9": {"tracks": tracks, "shapes": shapes}},
            "labels": labels,
            "meta": {"9": {"frames": [{"name": "yard.mp4", "width": 640, "height": 480}]}},
            "issues": [{"id": 6, "job": 9, "frame": 10, "position": [30, 10, 70, 40], "owner": {"username": "lead"}}],
        },
    )
    assert found.rows("annotations", "item_id", "question", "kind", "annotator") == [
        ("yard.mp4 frames 0-29", "tracks", "tracks", "ann_b")
    ]
    assert sorted(found.rows("regions", "region_id", "track_id", "frame", "outside", "kind", "label")) == [
        ("1@0", "1", 0, False, "boxes", "5"),
        ("1@10", "1", 10, True, "boxes", "5"),
        ("2@2", "2", 2, False, "keypoints", "man"),
        ("shape 3@4", "shape 3", 4, False, "polygons", "5"),
    ]
    pose = next(row for row in found.rows("regions") if row["kind"] == "keypoints")
    assert json.loads(pose["attributes"]) == {"names": ["head", "hand"], "visibility": [2, 1]}
    assert found.rows("reviews", "region_id", "question") == [("1@10", "tracks")]


def test_masks_and_ellipses_of_the_server(tmp_path: Path) -> None:
    changed = bundle(meta={"77": {"frames": [{"name": "a", "width": 640, "height": 480}] * 2}})
    changed["annotations"]["77"]["shapes"] = [
        {"id": 1, "type": "mask", "frame": 0, "label_id": 11, "points": [2, 3, 3, 2, 10, 20, 14, 21]},
        {"id": 2, "type": "ellipse", "frame": 0, "label_id": 11, "points": [100, 100, 120, 90]},
    ]
    found = server(tmp_path, changed)
    assert found.rows("regions", "mask_rle")[0] == ([5780, 1, 479, 2, 478, 2, 300458],)
    assert found.rows("regions", "points")[1][0][:2] == [120, 100]


def test_an_issue_without_a_shape_is_about_the_frame(tmp_path: Path) -> None:
    issues = [
        {"id": 1, "job": 77, "frame": 1, "position": [1, 1, 5, 5], "comments": [{"message": "missed one"}]},
        {"id": 2, "job": 77, "frame": 0, "position": [0, 0, 9, 9]},
        {"id": 3, "job": 77},
        {"id": 4, "job": 99, "frame": 0},
        {"id": None},
    ]
    found = server(tmp_path, bundle(issues=issues))
    assert sorted(found.rows("reviews", "review_id", "annotation_id", "question", "region_id", "comment")) == [
        ("issue 1", "job 77 frame 1", "boxes", None, "missed one"),
        ("issue 2", "job 77 frame 0", "boxes", None, None),
    ]
    assert any("2 issues are about frames" in note for note in found.report.notes)


BAD_SHAPES: list[dict[str, Any]] = [
    {"type": "rectangle", "points": [1, 2, 3]},
    {"type": "rectangle", "points": None},
    {"type": "blob"},
    {"type": []},
    {"type": "mask", "points": [1, 2]},
    {"type": "mask", "points": [5, 0, 0, 1, "x"]},
    {"type": "mask", "points": [1, 0, 0, 1e9, 1e9]},
    {"type": "cuboid", "points": [1]},
    {"type": "skeleton", "elements": [{"label_id": 1, "points": []}]},
    {"type": "polygon", "points": [{}] * 6},
    {"label_id": {}},
    {"frame": "zero"},
    {"frame": None},
]


@pytest.mark.parametrize("shape", BAD_SHAPES)
def test_a_bad_shape_of_the_server_quarantines_its_frame(tmp_path: Path, shape: dict[str, Any]) -> None:
    changed = bundle(issues=[])
    changed["annotations"]["77"]["shapes"] = [changed["annotations"]["77"]["shapes"][0] | shape]
    changed["annotations"]["77"]["tags"] = []
    found = server(tmp_path, changed)
    assert found.report.quarantined == 1
    assert found.rows("regions") == []


def test_a_bundle_without_jobs_is_refused(tmp_path: Path) -> None:
    for content in ("[]", "{}", '{"jobs": [{"id": null}, 7, []]}', '{"jobs": {"results": 5}}', "7"):
        with pytest.raises(InputError, match="no jobs with an id"):
            staged(write(tmp_path, "bundle.json", content), tmp_path, "cvat_server")


@pytest.mark.parametrize("content", [b"<", b"<annotations", b"\xff\xfe<\x00", b"{", b'{"jobs"', b"\x00", b"<a>" * 99])
def test_sniffing_survives_anything(tmp_path: Path, content: bytes) -> None:
    found = source(write(tmp_path, "x", content))
    assert cvat.sniff(found) == 0
    assert cvat_server.sniff(found) == 0
