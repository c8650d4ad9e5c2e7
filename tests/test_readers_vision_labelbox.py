"""Labelbox, export v2 and v1: the fixture's values, each kind of feature, reviews, videos, gaps (about 5 s).

The fixture is ours; the other exports are made here from the documented shapes.
"""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from readers_staged import DATA, Staged, read, write

from qc.model import Role
from qc.readers import Mapping

FIXTURE = DATA / "labelbox_v2.ndjson"


def at(hour: int, minute: int, second: float = 0) -> datetime:
    return datetime(2026, 3, 2, hour, minute, int(second), int(second % 1 * 1e6), tzinfo=UTC)


def a_label(name: str, person: str | None = "ann@x.org", /, **blocks: Any) -> dict[str, Any]:
    details = {"created_at": "2026-03-02T09:00:40.000+00:00", "created_by": person, "reviews": []}
    annotations = {"objects": [], "classifications": [], "relationships": []}
    performance = {"seconds_to_create": 41.0, "skipped": False}
    label = {"label_kind": "Default", "id": name, "label_details": details, "performance_details": performance}
    return {**label, "annotations": annotations, **blocks}


def a_row(name: str, *labels: Any, **blocks: Any) -> dict[str, Any]:
    project = {"name": "P", "labels": list(labels), "project_details": blocks.pop("project_details", {"priority": 5})}
    size = {"width": 640, "height": 480, "mime_type": "image/jpeg"}
    row = {
        "data_row": {"id": name, "row_data": "https://x.org/1.jpg"},
        "media_attributes": size,
        "projects": {"p": project},
    }
    return {**row, **blocks}


def export(folder: Path, *rows: Any, **options: Any) -> Staged:
    return read(write(folder, "export.ndjson", "\n".join(map(json.dumps, rows)) + "\n"), folder, **options)


def test_every_value_of_the_fixture(tmp_path: Path) -> None:
    staged = read(FIXTURE, tmp_path)
    common = {
        "item_id": "img-0001",
        "annotation_id": "cllab1",
        "annotator": "ann-a@example.org",
        "role": "annotator",
        "status": "submitted",
        "submitted_at": at(9, 0, 40),
        "updated_at": at(9, 29, 59.5),
        "tz_source": "explicit",
        "seconds": 41.0,
        "seconds_kind": "active",
        "batch": "B07",
        "site": "manila",
        "source_pos": 1,
    }
    boxes, weather, defects = staged.rows("annotations")
    extra = json.loads(boxes.pop("extra"))
    assert boxes == common | {"question": "boxes", "kind": "boxes"}
    assert weather == common | {"question": "weather", "kind": "single", "label": "Rain"}
    assert defects == common | {"question": "defects", "kind": "multi", "labels": ["Rust"]}
    assert (extra["benchmark_score"], extra["consensus_score"], extra["workflow_status"]) == (0.74, 0.61, "IN_REVIEW")
    assert extra["reviews"][0]["reviewed_by"] == "rev-x@example.org"
    (region,) = staged.rows("regions")
    assert region == {
        **{"annotation_id": "cllab1", "question": "boxes", "region_id": "f1", "kind": "boxes", "label": "crane"},
        **{"x": 160.0, "y": 240.0, "w": 64.0, "h": 24.0, "source_pos": 1},
    }
    (item,) = staged.rows("items")
    assert json.loads(item.pop("meta")) == {"dataset_name": "yard"}
    assert item == {
        **{"item_id": "img-0001", "media": "image", "uri": "https://example.org/0001.jpg", "width": 640, "height": 480},
        **{"batch": "B07", "site": "manila", "is_gold": False, "source_pos": 1},
    }
    assert staged.rows("reviews") == []
    (note,) = staged.report.notes
    assert note.startswith("1 review states no verdict")


def test_shapes_masks_and_what_is_nested_in_them(tmp_path: Path) -> None:
    point = [{"x": 1, "y": 2}, {"x": 5, "y": 2}, {"x": 5, "y": 9}]
    nested = [
        {
            "name": "colour",
            "radio_answer": {"name": "red", "classifications": [{"name": "why", "text_answer": {"content": "?"}}]},
        }
    ]
    objects = [
        {"feature_id": "a", "name": "lane", "polygon": point, "classifications": nested},
        {"feature_id": "b", "name": "wire", "line": point[:2]},
        {"feature_id": "c", "name": "eye", "point": point[0]},
        {"feature_id": "d", "name": "sky", "mask": {"url": "https://x.org/m/d?token=secret"}},
        {"feature_id": "e", "name": "cube", "cuboid": {"depth": 1}},
    ]
    staged = export(tmp_path, a_row("i", a_label("l", annotations={"objects": objects})))
    found = {row["region_id"]: row for row in staged.rows("regions")}
    assert found["a"]["points"] == [1, 2, 5, 2, 5, 9]
    assert json.loads(found["a"]["attributes"]) == {"colour": "red", "colour/why": "?"}
    assert (found["b"]["kind"], found["c"]["kind"], found["d"]["kind"]) == ("polylines", "keypoints", "masks")
    assert json.loads(found["d"]["attributes"]) == {"uri": "https://x.org/m/d"}
    assert set(staged.rows("annotations", "question", "kind")) == {
        (kind, kind) for kind in ("polygons", "polylines", "keypoints", "masks")
    }
    assert any("never fetched" in note for note in staged.report.notes)
    extras = [json.loads(row["extra"]) for row in staged.rows("annotations") if "extra" in row]
    assert [entry["objects"][0]["name"] for entry in extras] == ["cube"]


def test_the_end_of_a_span_is_inclusive_and_counted_in_utf_16(tmp_path: Path) -> None:
    """ "😀 ok go": UTF-16 gives the emoji two places, so that "ok" is 3 to 4 inclusive, and 2 to 4 in code points."""
    text = {"data_row": {"id": "t", "row_data": "😀 ok go"}, "media_attributes": {"asset_type": "text"}}
    spans = [
        {"feature_id": "a", "name": "x", "location": {"start": 3, "end": 4, "token": "ok"}},
        {"feature_id": "b", "name": "x", "location": {"start": 6, "end": 7}},
        {"feature_id": "c", "name": "x", "location": {"start": 0, "end": 1, "token": "no"}},
    ]
    staged = export(tmp_path, a_row("t", a_label("l", annotations={"objects": spans}), **text))
    assert staged.rows("regions", "region_id", "t_start", "t_end", "quote") == [
        ("a", 2, 4, "ok"),
        ("b", 5, 7, "go"),
        ("c", 0, 1, "no"),
    ]
    assert staged.rows("items", "text", "uri") == [("😀 ok go", None)]
    assert any(note.startswith("1 span quotes other words") for note in staged.report.notes)


def test_answers_nested_in_answers_are_questions_of_their_own(tmp_path: Path) -> None:
    inner = {"name": "how much", "checklist_answers": [{"name": "b"}, {"name": "a"}]}
    radio = {"name": "weather", "radio_answer": {"name": "rain", "classifications": [inner]}}
    text = {"name": "remark", "text_answer": {"content": "wet"}}
    staged = export(tmp_path, a_row("i", a_label("l", annotations={"classifications": [radio, text]})))
    assert staged.rows("annotations", "question", "kind", "label", "labels", "text") == [
        ("weather", "single", "rain", None, None),
        ("weather/how much", "multi", None, ["a", "b"], None),
        ("remark", "text", None, None, "wet"),
    ]


def test_labels_skips_nothing_marked_and_untouched_rows_stay_apart(tmp_path: Path) -> None:
    box = {
        "objects": [
            {"feature_id": "f", "name": "crane", "bounding_box": {"top": 1, "left": 2, "height": 3, "width": 4}}
        ]
    }
    skipped = {"seconds_to_create": 3, "skipped": True}
    staged = export(
        tmp_path,
        a_row("1", a_label("a", annotations=box), a_label("b", "ben@x.org"), a_label("c", performance_details=skipped)),
        a_row("2"),
    )
    assert staged.rows("annotations", "item_id", "annotation_id", "annotator", "question", "status", "kind") == [
        ("1", "a", "ann@x.org", "boxes", "submitted", "boxes"),
        ("1", "b", "ben@x.org", "boxes", "submitted", "none"),
        ("1", "c", "ann@x.org", "label", "skipped", "none"),
    ]
    assert "1 data row has no labels: nobody has worked on them yet" in staged.report.notes
    assert staged.rows("items", "item_id") == [("1",), ("2",)]


def test_missing_blocks_are_asked_for(tmp_path: Path) -> None:
    bare = {"id": "l", "label_kind": "Default", "annotations": {"objects": [], "classifications": []}}
    staged = export(tmp_path, a_row("1", bare, project_details=None))
    for block in ("label_details", "performance_details", "project_details"):
        assert any(
            note.startswith(f"1 label lacks {block}: re-export with label_details") for note in staged.report.notes
        )
    assert {"annotator", "submitted_at", "seconds"} <= staged.report.missing.keys()


def test_reviews_come_from_scores_from_the_workflow_and_from_where_it_ended(tmp_path: Path) -> None:
    """A step taken by the label's own author decides nothing; a review without a score is decided by the status."""
    step = {"created_at": "2026-03-02T10:00:00Z", "created_by": "rev@x.org"}
    history = [
        {"action": "Move", "next_task_name": "Initial review", "created_by": "ann@x.org"},
        {"action": "Reject", "next_task_name": "Rework (all rejected)", **step},
        {"action": "Approve", "next_task_name": "Done", **step, "created_at": "2026-03-02T11:00:00Z"},
    ]
    timed = {"seconds_to_create": 41.0, "seconds_to_review": 12.0}
    opened = {
        "created_by": "ann@x.org",
        "reviews": [{"reviewed_at": "2026-03-02T10:00:00Z", "reviewed_by": "rev@x.org"}],
    }
    scored = {"created_by": "ann@x.org", "reviews": [{"score": -1, "reviewed_by": "rev@x.org"}]}
    answer = {"classifications": [{"name": "weather", "radio_answer": {"name": "rain"}}]}
    staged = export(
        tmp_path,
        a_row("1", a_label("a", annotations=answer), project_details={"workflow_history": history}),
        a_row(
            "2",
            a_label("b", annotations=answer, label_details=opened, performance_details=timed),
            project_details={"workflow_status": "DONE"},
        ),
        a_row("3", a_label("c", annotations=answer, label_details=scored)),
    )
    assert staged.rows("reviews", "annotation_id", "question", "verdict", "reviewer", "decided_at", "seconds") == [
        ("a", "weather", "reject", "rev@x.org", at(10, 0), None),
        ("a", "weather", "accept", "rev@x.org", at(11, 0), None),
        ("b", "weather", "accept", "rev@x.org", at(10, 0), 12.0),
        ("c", "weather", "reject", "rev@x.org", None, None),
    ]
    ids = [name for (name,) in staged.rows("reviews", "review_id")]
    assert len(set(ids)) == 4


def test_frames_of_a_video_become_keyframes_and_intervals(tmp_path: Path) -> None:
    """Frames count from 1 in the export and from 0 here; 10 frames a second. The middle frame is interpolated."""

    def frame(left: float, answer: str | None = None) -> dict[str, Any]:
        box = {"feature_id": "o1", "name": "car", "bounding_box": {"top": 9, "left": left, "height": 3, "width": 4}}
        lights = {"feature_id": "c1", "name": "lights", "radio_answer": {"name": answer}}
        return {"objects": {"o1": box}, "classifications": [lights] if answer else []}

    video = {
        "frames": {"13": frame(1, "on"), "18": frame(2, "off"), "19": frame(3)},
        "segments": {"o1": [[13, 13], [18, 19]], "c1": [[13, 20]]},
        "key_frame_feature_map": {"o1": {"13": True, "18": False, "19": True}},
        "classifications": [{"name": "weather", "radio_answer": {"name": "rain"}}],
    }
    media = {"width": 640, "height": 480, "mime_type": "video/mp4", "frame_rate": 10, "frame_count": 100}
    staged = export(tmp_path, a_row("v", a_label("l", label_kind="Video", annotations=video), media_attributes=media))
    tracks = [row for row in staged.rows("regions") if row["question"] == "tracks"]
    assert [(row["region_id"], row["track_id"], row["frame"], row["outside"], row["x"]) for row in tracks] == [
        ("o1@12", "o1", 12, False, 1.0),
        ("o1@18", "o1", 18, False, 3.0),
        ("o1@13", "o1", 13, True, 1.0),
        ("o1@19", "o1", 19, True, 3.0),
    ]
    lights = [row for row in staged.rows("regions") if row["question"] == "lights"]
    assert [(row["label"], row["sec_start"], row["sec_end"]) for row in lights] == [("on", 1.2, 1.7), ("off", 1.7, 2.0)]
    assert set(staged.rows("annotations", "question", "kind")) == {
        ("tracks", "tracks"),
        ("lights", "intervals"),
        ("weather", "single"),
    }
    assert staged.rows("items", "media", "n_frames") == [("video", 100)]


def test_benchmarks_are_gold_and_predictions_a_models(tmp_path: Path) -> None:
    answer = {"classifications": [{"name": "weather", "radio_answer": {"name": "rain"}}]}
    run = {"name": "v3", "predictions": [{"id": "p1", "label_kind": "Default", "annotations": answer}]}
    staged = export(
        tmp_path,
        a_row("1", a_label("a", label_kind="Benchmark", annotations=answer)),
        {**a_row("2"), "experiments": {"e": {"name": "det", "runs": {"r": run}}}},
    )
    assert staged.rows("annotations", "item_id", "annotator", "role", "model", "label") == [
        ("1", "ann@x.org", "gold", None, "rain"),
        ("2", "det v3", "model", "det v3", "rain"),
    ]
    assert staged.rows("items", "item_id", "is_gold") == [("1", True), ("2", False)]
    assert not {"gold", "model"} & staged.report.missing.keys()


def test_a_list_an_own_item_id_a_path_and_gold_by_option(tmp_path: Path) -> None:
    row = a_row("1", a_label("a"))
    row["data_row"]["details"] = {"dataset_name": "yard"}
    mapping = Mapping({"item_id": "data_row.row_data", "site": "data_row.details.dataset_name"})
    path = write(tmp_path, "list.json", json.dumps([row]))
    staged = read(path, tmp_path, mapping=mapping, role=Role.GOLD)
    assert staged.report.format == "labelbox"
    assert staged.rows("annotations", "item_id", "role", "site") == [("https://x.org/1.jpg", "gold", "yard")]
    assert staged.rows("items", "is_gold") == [(True,)]


def test_bad_lines_and_bad_labels_stop_no_other(tmp_path: Path) -> None:
    flat = {"objects": [{"feature_id": "f", "name": "crane", "bounding_box": {"top": "?", "left": 1}}]}
    rows = [a_row("1", {"id": {}}, a_label("b", annotations=flat), a_label("c")), {"data_row": {}, "projects": {}}]
    staged = read(
        write(tmp_path, "export.ndjson", "\n".join([json.dumps(rows[0]), "{broken", json.dumps(rows[1])])),
        tmp_path,
        reader="labelbox",
    )
    assert (staged.report.read, staged.report.accepted) == (5, 1)
    assert staged.report.reasons == {
        "the label is no object with an id and annotations": 1,
        "a box lacks a number": 1,
        "the record is no readable JSON": 1,
        "the record is no data row with an id": 1,
    }
    assert staged.rows("quarantine", "line") == [(1,), (1,), (2,), (3,)]
    assert staged.rows("regions") == []


V1 = {
    "ID": "l1",
    "DataRow ID": "d1",
    "Labeled Data": "https://x.org/1.jpg",
    "Label": {
        "objects": [
            {
                "featureId": "f1",
                "title": "crane",
                "value": "crane",
                "bbox": {"top": 240, "left": 160, "height": 24, "width": 64},
            },
            {"featureId": "f2", "title": "sky", "instanceURI": "https://api.x.org/masks/f2?token=t"},
        ],
        "classifications": [
            {"title": "weather", "value": "weather", "answer": {"title": "Rain", "value": "rain"}},
            {"title": "defects", "answers": [{"title": "Rust"}]},
            {"title": "remark", "answer": "wet"},
        ],
    },
    "Created By": "ann@x.org",
    "Project Name": "Yard",
    "Created At": "2026-03-02T09:00:40.000Z",
    "Updated At": "2026-03-02T09:30:00.000Z",
    "Seconds to Label": 41.5,
    "External ID": "1.jpg",
    "Agreement": -1,
    "Benchmark Agreement": 0.74,
    "Benchmark ID": None,
    "Dataset Name": "yard",
    "Reviews": [
        {"score": 1, "id": "r1", "createdAt": "2026-03-02T10:00:00.000Z", "createdBy": "rev@x.org", "labelId": "l1"}
    ],
    "View Label": "https://editor.x.org",
}


def first_version(folder: Path, *labels: Any) -> Staged:
    staged = read(write(folder, "v1.json", json.dumps(labels)), folder)
    assert staged.report.format == "labelbox_v1"
    return staged


def test_every_value_of_a_label_of_version_1(tmp_path: Path) -> None:
    staged = first_version(tmp_path, V1)
    assert staged.rows("annotations", "item_id", "question", "kind", "label", "labels", "text") == [
        ("1.jpg", "boxes", "boxes", None, None, None),
        ("1.jpg", "masks", "masks", None, None, None),
        ("1.jpg", "weather", "single", "Rain", None, None),
        ("1.jpg", "defects", "multi", None, ["Rust"], None),
        ("1.jpg", "remark", "text", None, None, "wet"),
    ]
    first = staged.rows("annotations")[0]
    assert (first["annotation_id"], first["annotator"], first["seconds"]) == ("l1", "ann@x.org", 41.5)
    assert (first["submitted_at"], first["updated_at"]) == (at(9, 0, 40), at(9, 30))
    assert json.loads(first["extra"]) == {"benchmark_score": 0.74}
    assert staged.rows("regions", "region_id", "x", "y", "w", "h")[0] == ("f1", 160, 240, 64, 24)
    assert {tuple(row) for row in staged.rows("reviews", "reviewer", "verdict", "decided_at")} == {
        ("rev@x.org", "accept", at(10, 0))
    }


def test_version_1_as_text_skipped_benchmark_empty_and_oldest(tmp_path: Path) -> None:
    """The oldest form names shapes by class, from the bottom of an image whose height it does not state."""
    oldest = {
        "crane": [[{"x": 1, "y": 2}, {"x": 3, "y": 2}, {"x": 3, "y": 5}]],
        "lane": "MULTIPOLYGON (((1 2, 3 4, 5 6)))",
    }
    staged = first_version(
        tmp_path,
        V1,
        V1 | {"ID": "text", "Label": json.dumps(V1["Label"])},
        V1 | {"ID": "skip", "Skipped": True, "Label": {}},
        V1 | {"ID": "Skip", "Label": "Skip"},
        V1 | {"ID": "gold", "Is Benchmark": 1},
        V1 | {"ID": "empty", "Label": {"objects": [], "classifications": []}},
        V1 | {"ID": "oldest", "Label": oldest | {"quality": "good", "flaws": ["b", "a"]}},
        V1 | {"ID": "bad", "Label": 7},
    )
    rows = staged.rows("annotations", "annotation_id", "question", "status", "kind", "role")
    assert sum(name == "text" for name, *_ in rows) == sum(name == "l1" for name, *_ in rows) == 5
    assert [row for row in rows if row[0] in ("skip", "Skip")] == [
        (name, "label", "skipped", "none", "annotator") for name in ("skip", "Skip")
    ]
    assert {row[-1] for row in rows if row[0] == "gold"} == {"gold"}
    assert [row[1:4] for row in rows if row[0] == "empty"] == [
        ("boxes", "submitted", "none"),
        ("masks", "submitted", "none"),
    ]
    assert [row[1:4] for row in rows if row[0] == "oldest"][:2] == [
        ("quality", "submitted", "single"),
        ("flaws", "submitted", "multi"),
    ]
    assert any(note.startswith("2 shapes are of the oldest form") for note in staged.report.notes)
    assert staged.report.reasons == {"the label's answer is no JSON object": 1}
