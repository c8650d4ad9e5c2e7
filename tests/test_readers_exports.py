"""Exports as tools write them today, where they differ from the samples (about 4 s).

Written by hand from the tools' documentation; expected rows were derived by hand from what the documentation says.
"""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from readers_staged import EXPORTS, Staged, read, write

from qc.readers import Mapping
from qc.readers.skeleton import MappingNeededError

ANNA, BEN = "aaaaaaaa-0000-4000-8000-000000000001", "bbbbbbbb-0000-4000-8000-000000000002"


@pytest.mark.parametrize("path", sorted(EXPORTS.iterdir()), ids=lambda path: path.name)
def test_fuller_exports_are_read_by_their_reader(path: Path, tmp_path: Path) -> None:
    """One annotation of the COCO file names an image that is not there; all else can be read."""
    staged = read(path, tmp_path)
    assert path.name.startswith(f"{staged.report.format}_")
    assert staged.report.quarantined == int(path.name == "coco_crowds.json")
    assert staged.report.rows["annotations"]
    assert staged.report.rows["items"]
    keys = [key for key in staged.rows("annotations", "annotation_id", "question") if key[0] is not None]
    assert len(set(keys)) == len(keys)


def exported(folder: Path, *records: Any, name: str = "export.jsonl") -> Staged:
    return read(write(folder, name, "\n".join(json.dumps(record) for record in records)), folder)


def prodigy(view: str, **members: Any) -> dict[str, Any]:
    common = {"_input_hash": 1, "_task_hash": 2, "answer": "accept", "_session_id": "anna"}
    return {**common, "_timestamp": 1772442041, "_view_id": view, **members}


def test_prodigy_pages_are_items_of_their_own(tmp_path: Path) -> None:
    pages = [
        {
            "text": "The pump",
            "view_id": "ner_manual",
            "_input_hash": 9,
            "spans": [{"start": 4, "end": 8, "label": "P"}],
        },
        {"text": "Valve ok", "view_id": "ner_manual", "spans": []},
    ]
    staged = exported(tmp_path, prodigy("pages", pages=pages))
    assert staged.rows("annotations", "item_id", "question", "annotation_id", "annotator", "kind") == [
        ("9", "ner_manual", "2/1/anna/1772442041", "anna", "spans"),
        ("1/2", "ner_manual", "2/2/anna/1772442041", "anna", "none"),
    ]
    assert staged.rows("regions", "annotation_id", "quote") == [("2/1/anna/1772442041", "pump")]
    assert staged.rows("items", "item_id", "text") == [("9", "The pump"), ("1/2", "Valve ok")]
    assert (staged.report.read, staged.report.accepted) == (1, 1)


def test_prodigy_transcripts_paths_and_a_teams_own_members(tmp_path: Path) -> None:
    staged = exported(
        tmp_path,
        prodigy("blocks", audio="data:audio/wav;base64,AA", path="sound/a.wav", transcript="hello", mood=4),
    )
    assert staged.rows("annotations", "question", "kind", "text") == [("transcript", "text", "hello")]
    assert staged.rows("items", "media", "uri") == [("audio", "sound/a.wav")]
    (extra,) = (row["extra"] for row in staged.rows("annotations"))
    assert json.loads(extra) == {"members": [{"mood": 4}]}
    assert any("1 answer has members that are not Prodigy's own" in note for note in staged.report.notes)


def test_argilla_flattened_records_have_times_that_are_no_fields(tmp_path: Path) -> None:
    spans = {"spans.responses": [[{"label": "PART", "start": 4, "end": 8}]], "spans.responses.users": [ANNA]}
    times = {"inserted_at": "2026-03-02T09:00:00.000000", "updated_at": "2026-03-02T09:00:30.000000"}
    staged = exported(
        tmp_path,
        {"id": "r1", "status": "completed", **times, "_server_id": "s", "text": "The pump", **spans}
        | {"spans.responses.status": ["submitted"]},
    )
    assert staged.rows("items", "item_id", "text") == [("r1", "The pump")]
    assert staged.rows("regions", "t_start", "t_end", "quote") == [(4, 8, "pump")]


def test_argilla_rest_gives_a_page_on_one_line(tmp_path: Path) -> None:
    def response(name: str, user: str, status: str, values: Any, minute: int) -> dict[str, Any]:
        when = f"2026-03-02T09:{minute:02}:00"
        return {
            "id": name,
            "user_id": user,
            "status": status,
            "values": values,
            "inserted_at": when,
            "updated_at": when,
        }

    rank = {"rank": {"value": [{"value": "a", "rank": 2}, {"value": "b", "rank": 1}, {"value": "c", "rank": 2}]}}
    record = {
        "id": "s1", "external_id": "rec-1", "status": "completed", "fields": {"p": "x"}, "metadata": None,
        "responses": [response("e1", ANNA, "submitted", rank, 0), response("e2", BEN, "discarded", None, 10)],
        "suggestions": [],
    }  # fmt: skip
    for page in ({"items": [record], "total": 1}, {"total": 1, "items": [record]}):
        staged = exported(tmp_path, page)
        columns = ("item_id", "question", "annotator", "status", "kind", "labels", "submitted_at")
        assert staged.rows("annotations", *columns) == [
            ("rec-1", "rank", ANNA, "submitted", "ranking", ["b", "a = c"], datetime(2026, 3, 2, 9, tzinfo=UTC)),
            ("rec-1", "label", BEN, "discarded", "none", None, datetime(2026, 3, 2, 9, 10, tzinfo=UTC)),
        ]


def label_studio(folder: Path, *results: dict[str, Any], data: dict[str, Any] | None = None) -> Staged:
    made = {"created_at": "2026-03-02T09:00:41Z", "updated_at": "2026-03-02T09:00:41Z", "lead_time": 30.0}
    task = {"id": 1, "data": data or {}, "annotations": [{"id": 7, "completed_by": 5, "result": results, **made}]}
    return read(write(folder, "export.json", json.dumps([task])), folder)


def result(name: str, kind: str, value: dict[str, Any], identity: str = "r", **more: Any) -> dict[str, Any]:
    return {"id": identity, "from_name": name, "to_name": "x", "type": kind, "value": value, "origin": "manual", **more}


BOX = {"x": 25.0, "y": 50.0, "width": 10.0, "height": 5.0, "rotation": 0, "rectanglelabels": ["Title"]}
SIZE = {"original_width": 640, "original_height": 480, "image_rotation": 0}


@pytest.mark.parametrize("unusual", [False, True])
def test_label_studio_pages_of_a_document_are_kept_apart(tmp_path: Path, unusual: bool) -> None:
    """A result without a known type sends the task through the reader of single values; both give the same rows."""
    results = [
        result("label", "rectanglelabels", BOX, "a", item_index=0, **SIZE),
        result("label", "rectanglelabels", BOX, "b", item_index=2, **SIZE),
        result("kind", "choices", {"choices": ["cover"]}, "c", item_index=0),
        result("kind", "choices", {"choices": ["body"]}, "d", item_index=2),
        result("whole", "choices", {"choices": ["ok"]}, "e"),
    ]
    staged = label_studio(tmp_path, *results, *([result("z", "reactcode", {}, "f")] if unusual else []))
    assert staged.rows("annotations", "question", "kind", "label") == [
        ("label", "boxes", None),
        ("kind/page 1", "single", "cover"),
        ("kind/page 3", "single", "body"),
        ("whole", "single", "ok"),
    ]
    assert staged.rows("regions", "region_id", "frame", "x", "y", "w", "h") == [
        ("a", 0, 160.0, 240.0, 64.0, 24.0),
        ("b", 2, 160.0, 240.0, 64.0, 24.0),
    ]


def test_label_studio_nested_choices_are_paths(tmp_path: Path) -> None:
    staged = label_studio(
        tmp_path,
        result("animal", "choices", {"choices": [["Animal", "Cat"], ["Animal", "Dog"]]}, "a"),
        result("plant", "choices", {"choices": [["Tree", "Oak"]]}, "b"),
    )
    assert staged.rows("annotations", "question", "kind", "label", "labels") == [
        ("animal", "multi", None, ["Animal/Cat", "Animal/Dog"]),
        ("plant", "single", "Tree/Oak", None),
    ]


def test_label_studio_vectors_are_outlines_or_lines(tmp_path: Path) -> None:
    def vector(name: str, closed: bool, *before: str | None, curved: bool = False) -> dict[str, Any]:
        places = [(25, 50), (35, 50), (35, 55)]
        vertices = [
            {"id": f"{n}", "x": x, "y": y, "prevPointId": prev, "isBezier": curved}
            for n, ((x, y), prev) in enumerate(zip(places, before, strict=True))
        ]
        return result("road", "vectorlabels", {"vertices": vertices, "closed": closed, "vectorlabels": ["R"]}, name)

    pixels = [160.0, 240.0, 224.0, 240.0, 224.0, 264.0]
    line = (None, "0", "1")
    staged = label_studio(
        tmp_path,
        vector("a", True, *line) | SIZE,
        vector("b", False, *line, curved=True) | SIZE,
        vector("c", False, None, "0", "0") | SIZE,
    )
    assert staged.rows("annotations", "question", "kind") == [
        ("road/polygons", "polygons"),
        ("road/polylines", "polylines"),
    ]
    assert staged.rows("regions", "region_id", "kind", "points") == [
        ("a", "polygons", pixels),
        ("b", "polylines", pixels),
    ]
    curved = json.loads(staged.rows("regions")[1]["attributes"])
    assert [vertex["isBezier"] for vertex in curved["vertices"]] == [True] * 3
    # The branching line is kept as it came, and the report says so.
    assert any("'vectorlabels'" in note for note in staged.report.notes)


def test_label_studio_answers_about_a_message_are_not_about_the_chat(tmp_path: Path) -> None:
    said = {"chatmessage": {"role": "assistant", "content": "Hello"}}
    staged = label_studio(
        tmp_path,
        result("chat", "chatmessage", said, "m1"),
        result("quality", "rating", {"rating": 4}, "m1"),
        result("overall", "choices", {"choices": ["ok"]}, "o"),
    )
    assert staged.rows("annotations", "question", "label") == [("overall", "ok")]
    kept = json.loads(staged.rows("annotations")[0]["extra"])
    assert [entry["type"] for entry in kept] == ["chatmessage", "rating"]
    assert any("1 answer is about one message of a chat" in note for note in staged.report.notes)


def test_label_studio_says_what_was_answered_twice(tmp_path: Path) -> None:
    staged = label_studio(
        tmp_path,
        result("mood", "choices", {"choices": ["good"]}, "a"),
        result("mood", "choices", {"choices": ["bad"]}, "b"),
    )
    (row,) = staged.rows("annotations")
    assert (row["label"], json.loads(row["extra"])) == ("good", [{"label": "bad"}])
    assert any("1 further answer to a question" in note for note in staged.report.notes)


def test_label_studio_text_of_a_page_is_no_address(tmp_path: Path) -> None:
    staged = label_studio(
        tmp_path, result("q", "choices", {"choices": ["a"]}), data={"html": "<p>Hi</p>", "url": "https://e.org/1"}
    )
    assert staged.rows("items", "uri", "meta") == [("https://e.org/1", '{"html":"<p>Hi</p>"}')]


def test_labelbox_boxes_of_a_document_lie_on_its_pages(tmp_path: Path) -> None:
    """`page_number` stands beside the box in export v2, `page` in files of 2022."""
    sides = {"top": 240.0, "left": 160.0, "height": 24.0, "width": 64.0}
    objects = [
        {"feature_id": name, "name": "Title", "annotation_kind": "DocumentBoundingBox", "bounding_box": sides, **place}
        for name, place in (("a", {"page_number": 1}), ("b", {"page_number": 2}), ("c", {"page": 3}), ("d", {}))
    ]
    label = {"id": "l", "label_details": {"created_by": "a@e.org"}, "annotations": {"objects": objects}}
    row = {"data_row": {"id": "r"}, "projects": {"p": {"name": "P", "labels": [label]}}}
    staged = exported(tmp_path, row, name="export.ndjson")
    assert staged.rows("regions", "region_id", "frame") == [("a", 1), ("b", 2), ("c", 3), ("d", None)]


def test_cvat_skeletons_leave_the_picture_with_all_their_points(tmp_path: Path) -> None:
    def frame(number: int, *outside: int) -> str:
        points = "".join(f'<points label="p{n}" outside="{out}" points="{n},5"/>' for n, out in enumerate(outside))
        return f'<skeleton frame="{number}" keyframe="1" z_order="0">{points}</skeleton>'

    track = f'<track id="0" label="person" source="manual">{frame(0, 0, 0)}{frame(5, 0, 1)}{frame(9, 1, 1)}</track>'
    meta = (
        "<meta><task><id>1</id><name>t</name><size>10</size><assignee><username>a</username></assignee></task></meta>"
    )
    text = f"<annotations><version>1.1</version>{meta}{track}</annotations>"
    staged = read(write(tmp_path, "export.xml", text), tmp_path)
    assert staged.rows("regions", "frame", "outside") == [(0, False), (5, False), (9, True)]


def sheet(folder: Path, *rows: str) -> Mapping:
    """The mapping to edit of a sheet that cannot be read without one."""
    with pytest.raises(MappingNeededError) as needed:
        read(write(folder, "sheet.csv", "\n".join(rows)), folder)
    return Mapping.from_toml(needed.value.skeleton)


def test_a_mapping_to_edit_says_what_names_tell(tmp_path: Path) -> None:
    form = sheet(
        tmp_path,
        "Timestamp,Email Address,Item ID,How clear is it? [1-5],Which topics apply?",
        '3/2/2026 9:00:41,a@x.org,it1,4,"sport, news"',
        '3/2/2026 9:01:41,b@x.org,it1,5,"news, sport"',
    )
    assert form.columns == {"item_id": "Item ID", "annotator": "Email Address", "submitted_at": "Timestamp"}
    assert form.questions["label"].column == "?"


def test_a_mapping_to_edit_names_columns_of_people(tmp_path: Path) -> None:
    """It needs no editing: the sheet is read with it as it is."""
    rows = ("image_name,rater_1,rater_2,consensus", "a.png,1,0,1", "b.png,0,0,0")
    wide = sheet(tmp_path, *rows)
    assert (wide.columns, wide.people) == ({"item_id": "image_name"}, ("rater_1", "rater_2"))
    staged = read(write(tmp_path, "wide.csv", "\n".join(rows)), tmp_path, wide)
    assert sorted(staged.rows("annotations", "item_id", "annotator", "label")) == [
        ("a.png", "rater_1", "1"),
        ("a.png", "rater_2", "0"),
        ("b.png", "rater_1", "0"),
        ("b.png", "rater_2", "0"),
    ]


def test_v7_objects_of_a_video_end_with_their_range(tmp_path: Path) -> None:
    """A thing that does not move has one keyframe and a range; ranges end behind their last frame."""
    slot = {"slot_name": "0", "type": "video", "width": 640, "height": 480, "frame_count": 50}
    place = {"bounding_box": {"x": 160, "y": 240, "w": 64, "h": 24}, "keyframe": True}
    tracks = [
        {"id": "a", "name": "car", "frames": {"0": place}, "ranges": [[0, 20]]},
        {"id": "b", "name": "car", "frames": {"0": place, "5": place, "30": place}, "ranges": [[0, 10], [30, 31]]},
        {"id": "c", "name": "car", "frames": {"0": place, "9": place}, "ranges": [[0, 9]]},
    ]
    document = {"version": "2.0", "item": {"name": "v.mp4", "slots": [slot]}, "annotations": tracks}
    staged = read(write(tmp_path, "v.json", json.dumps(document)), tmp_path)
    assert sorted(staged.rows("regions", "track_id", "frame", "outside")) == [
        *(("a", 0, False), ("a", 20, True)),
        *(("b", 0, False), ("b", 5, False), ("b", 10, True), ("b", 30, False), ("b", 31, True)),
        *(("c", 0, False), ("c", 9, False), ("c", 10, True)),
    ]


def test_kili_objects_of_a_video_end_with_the_last_frame_that_lists_them(tmp_path: Path) -> None:
    corners = [{"x": 0.25, "y": 0.5}, {"x": 0.35, "y": 0.5}, {"x": 0.35, "y": 0.55}, {"x": 0.25, "y": 0.55}]

    def on(name: str, drawn: bool) -> dict[str, Any]:
        shape = {"type": "rectangle", "boundingPoly": [{"normalizedVertices": corners}], "isKeyFrame": drawn}
        return {"mid": name, "categories": [{"name": "CAR"}], **shape}

    listed = {"0": ["a+", "b+"], "1": ["a-"], "2": ["a-"], "4": ["a+"], "9": ["b+"]}
    response = {
        frame: {"JOB": {"annotations": [on(name[0], name[1] == "+") for name in names]}}
        for frame, names in listed.items()
    }
    label = {"id": "l", "labelType": "DEFAULT", "author": {"email": "a@e.org"}, "jsonResponse": response}
    asset = {"externalId": "v", "id": "1", "resolution": {"width": 640, "height": 480}, "labels": [label]}
    staged = read(write(tmp_path, "kili.json", json.dumps([asset])), tmp_path)
    assert sorted(staged.rows("regions", "track_id", "frame", "outside")) == [
        # Listed on every frame that it is on: seen on 0 to 2 and on 4.
        *(("a", 0, False), ("a", 3, True), ("a", 4, False), ("a", 5, True)),
        # Listed where it was drawn only: seen from 0 to 9.
        *(("b", 0, False), ("b", 9, False)),
    ]


def test_attributes_of_tags_are_kept(tmp_path: Path) -> None:
    tag = {"type": "tag", "className": "pos", "attributes": [{"name": "strong", "groupName": "level"}]}
    author = {"createdBy": {"email": "a@e.org"}, "createdAt": "2026-03-02T09:00:00.000Z"}
    metadata = {"name": "d", "status": "Completed", "annotatorEmail": "a@e.org"}
    document = {"metadata": metadata, "instances": [tag | author], "tags": [], "freeText": "blurred"}
    staged = read(write(tmp_path, "superannotate.json", json.dumps(document)), tmp_path)
    (row,) = staged.rows("annotations")
    kept = {"tags": [{"label": "pos", "attributes": {"level": "strong"}}], "freeText": ["blurred"]}
    assert (row["labels"], json.loads(row["extra"])) == (["pos"], kept)

    slot = {"slot_name": "0", "type": "image", "width": 640, "height": 480, "source_files": [{"url": ""}]}
    tag = {"id": "t", "name": "night", "tag": {}, "properties": [{"name": "moon", "value": "full"}]}
    document = {"version": "2.0", "item": {"name": "1.jpg", "slots": [slot]}, "annotations": [tag]}
    staged = read(write(tmp_path, "v7.json", json.dumps(document)), tmp_path)
    (row,) = staged.rows("annotations")
    kept = {"tags": [{"label": "night", "attributes": {"moon": ["full"]}}]}
    assert (row["labels"], json.loads(row["extra"])) == (["night"], kept)
    assert staged.rows("items", "uri") == [(None,)]


def test_coco_says_whose_annotations_without_a_name_are(tmp_path: Path) -> None:
    image = {"id": 1, "file_name": "1.jpg", "width": 640, "height": 480}
    place = {"image_id": 1, "category_id": 1, "bbox": [160, 240, 64, 24]}
    coco = {
        "images": [image],
        "categories": [{"id": 1, "name": "crane"}],
        "annotations": [place | {"id": 1, "annotator": "zoe"}, place | {"id": 2}, place | {"id": 3}],
    }
    staged = read(write(tmp_path, "coco.json", json.dumps(coco)), tmp_path)
    assert staged.rows("annotations", "annotator") == [("zoe",)]
    assert any(note.startswith("2 annotations name nobody, and are taken") for note in staged.report.notes)


def test_labelbox_approves_of_several_labels_the_one_that_was_selected(tmp_path: Path) -> None:
    """A data row that goes back to rework does so with all its labels; its benchmark is reviewed by nobody."""

    def label(name: str, person: str, kind: str = "Default") -> dict[str, Any]:
        answer = [{"name": "w", "radio_answer": {"name": "Rain"}}]
        return {"id": name, "label_kind": kind, "label_details": {"created_by": person}} | {
            "annotations": {"classifications": answer}
        }

    def row(name: str, labels: list[dict[str, Any]], **details: Any) -> dict[str, Any]:
        history = [
            {"action": "Reject", "created_by": "rev@e.org", "created_at": "2026-03-02T10:00:00Z"},
            {"action": "Approve", "created_by": "rev@e.org", "created_at": "2026-03-02T11:00:00Z"},
        ]
        project = {"name": "P", "labels": labels, "project_details": {"workflow_history": history, **details}}
        return {"data_row": {"id": name}, "projects": {"p": project}}

    pair = [label("a", "ann@e.org"), label("b", "ben@e.org"), label("g", "lead@e.org", "Benchmark")]
    staged = exported(
        tmp_path,
        row("1", pair, selected_label_id="b"),
        row("2", [part | {"id": f"{part['id']}2"} for part in pair]),
        row("3", [label("c", "ann@e.org")]),
        name="export.ndjson",
    )
    assert staged.rows("reviews", "annotation_id", "verdict") == [
        *(("a", "reject"), ("b", "reject"), ("b", "accept")),
        *(("a2", "reject"), ("b2", "reject")),
        *(("c", "reject"), ("c", "accept")),
    ]
    assert any(note.startswith("3 approvals are of data rows with labels of several") for note in staged.report.notes)


def test_label_studio_csv_with_an_empty_list_beside_a_word(tmp_path: Path) -> None:
    header = "id,text,tone,annotator,annotation_id,created_at,updated_at,lead_time\n"
    when = "2026-03-02T09:00:41Z,2026-03-02T09:00:41Z,30"
    rows = f"1,The pump,angry,a@e.org,7,{when}\n1,The pump,[],b@e.org,8,{when}\n"
    staged = read(write(tmp_path, "export.csv", header + rows), tmp_path, reader="label_studio_csv")
    found = staged.rows("annotations", "annotator", "question", "kind", "label")
    assert ("a@e.org", "tone", "single", "angry") in found
    assert staged.report.quarantined == 0


def test_cvat_merged_shapes_of_a_task_without_an_assignee_are_one_answer(tmp_path: Path) -> None:
    """Both name nobody, so both would be `consensus`: one submission, not two that contradict each other."""
    meta = "<meta><task><id>1</id><name>t</name><size>1</size><assignee/></task></meta>"
    corners = 'xtl="160" ytl="240" xbr="224" ybr="264"'
    shapes = f'<box label="crane" source="consensus" {corners}/><points label="hook" source="manual" points="1,2"/>'
    image = f'<image id="0" name="1.jpg" width="640" height="480">{shapes}</image>'
    text = f"<annotations><version>1.1</version>{meta}{image}</annotations>"
    staged = read(write(tmp_path, "export.xml", text), tmp_path)
    assert sorted(staged.rows("annotations", "annotation_id", "question", "kind")) == [
        ("1.jpg/consensus", "boxes", "boxes"),
        ("1.jpg/consensus", "keypoints", "keypoints"),
    ]
