"""SageMaker Ground Truth: output manifests and worker responses (about 6 s).

Expected rows were derived by hand from the tiny files and from the documented form of each job's output; the box is
left 160, top 240, 64 by 24 pixels on an image of 640 by 480.
"""

import base64
import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from readers_staged import DATA, NOW, Staged, check, read, write

from qc.model import InputError, Role
from qc.readers import Mapping, Options
from qc.readers.intake import take
from qc.readers.registry import recognise

MANIFEST, WORKERS = "sagemaker_output.manifest", "sagemaker_worker_response.json"
ANSWER = ("item_id", "annotation_id", "annotator", "role", "question", "kind", "label")


def manifest(folder: Path, *records: Any, **options: Any) -> Staged:
    content = "\n".join(record if isinstance(record, str) else json.dumps(record) for record in records)
    return read(write(folder, "output.manifest", content), folder, reader="sagemaker_manifest", **options)


def labelled(name: str, value: Any, kind: str, **metadata: Any) -> dict[str, Any]:
    common = {"type": f"groundtruth/{kind}", "job-name": f"labeling-job/{name}", "human-annotated": "yes"}
    at = {"creation-date": "2026-03-02T09:10:00.120000"}
    return {
        name: value,
        f"{name}-metadata": common | at | {key.replace("_", "-"): held for key, held in metadata.items()},
    }


def boxes(name: str, left: float, **metadata: Any) -> dict[str, Any]:
    shape = {"class_id": 0, "left": left, "top": 240, "width": 64, "height": 24}
    value = {"image_size": [{"width": 640, "height": 480, "depth": 3}], "annotations": [shape]}
    return labelled(name, value, "object-detection", **{"class-map": {"0": "crane"}, **metadata})


def answer(content: Any, worker: str = "w1", **members: Any) -> dict[str, Any]:
    times = {"acceptanceTime": "2026-03-02T09:00:00.000Z", "submissionTime": "2026-03-02T09:01:00.000Z"}
    return {"workerId": worker, "answerContent": content, "timeSpentInSeconds": 12.5, **times, **members}


def workers(folder: Path, *answers: Any, **options: Any) -> Staged:
    return read(
        write(folder, "w.json", json.dumps({"answers": answers})), folder, reader="sagemaker_workers", **options
    )


def test_each_file_is_recognised() -> None:
    assert recognise(DATA / MANIFEST).name == "sagemaker_manifest"
    assert recognise(DATA / WORKERS).name == "sagemaker_workers"


@pytest.mark.parametrize(("file", "name"), [(MANIFEST, "sagemaker_manifest"), (WORKERS, "sagemaker_workers")])
def test_a_file_cut_anywhere_is_refused_or_gives_no_row_that_the_whole_lacks(
    file: str, name: str, tmp_path: Path
) -> None:
    content = (DATA / file).read_bytes()
    whole = read(DATA / file, tmp_path, reader=name).rows("annotations")
    for cut in range(1, len(content), 23):
        try:
            found = read(write(tmp_path, file, content[:cut]), tmp_path, reader=name).rows("annotations")
        except InputError:
            continue
        assert all(row in whole for row in found)


# The manifest


def test_the_tiny_manifest_gives_exactly_these_rows(tmp_path: Path) -> None:
    staged = read(DATA / MANIFEST, tmp_path)
    image, text = "s3://bkt/0001.jpg", "The pump failed twice."
    assert staged.rows("annotations", *ANSWER, "score") == [
        (image, f"{image}/consensus/yard-boxes", "consensus", "consensus", "yard-boxes", "boxes", None, None),
        (text, f"{text}/consensus/mood", "consensus", "consensus", "mood", "single", "negative", None),
    ]
    assert staged.rows("regions") == [
        {
            "annotation_id": f"{image}/consensus/yard-boxes",
            "question": "yard-boxes",
            "region_id": "1",
            "kind": "boxes",
            "label": "crane",
            "x": 160.0,
            "y": 240.0,
            "w": 64.0,
            "h": 24.0,
            "score": 0.93,
            "source_pos": 1,
        }
    ]
    assert staged.rows("items") == [
        {"item_id": image, "media": "image", "uri": image, "width": 640, "height": 480, "source_pos": 1},
        {"item_id": text, "media": "text", "text": text, "source_pos": 2},
        {"item_id": "Valve ok", "media": "text", "text": "Valve ok", "source_pos": 3},
    ]
    assert staged.rows("reviews") == [
        {
            "review_id": f"{image}/audit-yard",
            "annotation_id": f"{image}/consensus/yard-boxes",
            "question": "yard-boxes",
            "item_id": image,
            "reviewer": "audit-yard",
            "verdict": "reject",
            "comment": "box too loose",
            "decided_at": datetime(2026, 3, 3, 9, 10, 0, 120_000, tzinfo=UTC),
            "source_pos": 1,
        }
    ]
    first = staged.rows("annotations")[0]
    assert first["submitted_at"] == datetime(2026, 3, 2, 9, 10, 0, 120_000, tzinfo=UTC)
    assert first["tz_source"] == "assumed"
    assert staged.report.read == staged.report.accepted == 3
    assert "1 object has no label of a job, as it failed on them; they were not done" in staged.report.notes


def test_automated_labels_are_of_a_model_and_a_lone_workers_zero_is_no_confidence(tmp_path: Path) -> None:
    made = labelled("mood", 1, "text-classification", class_name="sad", confidence=0.82, human_annotated="no")
    lone = labelled("mood", 1, "text-classification", class_name="sad", confidence=0.0)
    staged = manifest(tmp_path, {"source": "a"} | made, {"source": "b"} | lone)
    assert staged.rows("annotations", "role", "annotator", "model", "score") == [
        ("model", "mood", "mood", 0.82),
        ("consensus", "consensus", None, None),
    ]


def test_sets_of_classes_go_by_the_map_of_the_job(tmp_path: Path) -> None:
    asked = {"class-map": {"0": "pump", "3": "valve"}, "confidence-map": {"0": 0.9, "3": 0.6}}
    kind = "image-classification-multilabel"
    staged = manifest(
        tmp_path,
        {"source-ref": "s3://b/1.jpg"} | labelled("parts", [3, 0], kind, **asked),
        {"source-ref": "s3://b/2.jpg"} | labelled("parts", [], kind, **asked),
        {"source-ref": "s3://b/3.jpg"} | labelled("parts", 3, kind, **asked),
    )
    assert staged.rows("annotations", "kind", "labels") == [("multi", ["pump", "valve"]), ("none", None)]
    assert staged.report.reasons == {"a label does not have the form of its job's type": 1}


def test_entities_are_counted_in_code_points(tmp_path: Path) -> None:
    """A browser counts the emoji as two."""
    held = {"annotations": {"entities": [{"startOffset": 3, "endOffset": 7, "label": "PART"}], "labels": []}}
    staged = manifest(tmp_path, {"source": "\U0001f600 pump failed"} | labelled("ner", held, "text-span"))
    assert staged.rows("regions", "t_start", "t_end", "quote", "label") == [(2, 6, "pump", "PART")]


def test_an_adjusted_label_is_a_reviewers_answer_to_the_same_question(tmp_path: Path) -> None:
    image = {"source-ref": "s3://b/1.jpg"}
    staged = manifest(
        tmp_path,
        image | boxes("first", 150) | boxes("second", 160, adjustment_status="adjusted"),
        {"source-ref": "s3://b/2.jpg"} | boxes("first", 160) | boxes("second", 160, adjustment_status="unadjusted"),
    )
    assert staged.rows("annotations", "item_id", "role", "annotator", "question", "parent") == [
        ("s3://b/1.jpg", "consensus", "consensus", "first", None),
        ("s3://b/1.jpg", "reviewer", "reviewer", "first", "s3://b/1.jpg/consensus/first"),
        ("s3://b/2.jpg", "consensus", "consensus", "first", None),
    ]
    assert staged.rows("reviews", "annotation_id", "verdict", "corrected_annotation_id") == [
        ("s3://b/1.jpg/consensus/first", "reject", "s3://b/1.jpg/reviewer/second"),
        ("s3://b/2.jpg/consensus/first", "accept", None),
    ]
    assert staged.rows("regions", "annotation_id", "x")[1] == ("s3://b/1.jpg/reviewer/second", 160.0)


@pytest.mark.parametrize("word", ["so-so", None])
def test_a_verification_that_is_not_clear_stays_an_answer(word: str | None, tmp_path: Path) -> None:
    verified = labelled("audit", 1, "label-verification", **({"class-name": word} if word else {}))
    staged = manifest(tmp_path, {"source-ref": "s3://b/1.jpg"} | boxes("first", 160) | verified)
    assert staged.rows("reviews") == []
    assert staged.rows("annotations", "question", "label")[1] == ("audit", word or "1")
    assert any("verification does not say" in note for note in staged.report.notes)


def test_a_verification_of_one_of_two_labels_is_not_clear(tmp_path: Path) -> None:
    record = {"source-ref": "s3://b/1.jpg"} | boxes("first", 160) | boxes("other", 10)
    staged = manifest(tmp_path, record | labelled("audit", 0, "label-verification", class_name="good"))
    assert staged.rows("reviews") == []


def test_a_known_worker_is_named_and_gold_is_gold(tmp_path: Path) -> None:
    record = {"source": "a"} | labelled("mood", 1, "text-classification", class_name="sad")
    path = write(tmp_path, "output.manifest", json.dumps(record))
    folder = tmp_path / "named"
    folder.mkdir()
    report = take(path, None, Options(NOW, annotator="Anna"), folder, lambda _: None)
    staged = Staged(report, folder)
    check(staged)
    assert staged.rows("annotations", "annotator", "role") == [("Anna", "annotator")]
    gold = manifest(tmp_path, record, role=Role.GOLD)
    assert gold.rows("annotations", "annotator", "role") == [("gold", "gold")]
    assert gold.rows("items", "is_gold") == [(True,)]


def test_what_the_user_added_to_the_line_tells_of_the_item(tmp_path: Path) -> None:
    record = {"source": "a", "batch": "B07", "place": {"site": "manila"}, "key": 7}
    mapping = Mapping(columns={"site": "place.site"})
    staged = manifest(tmp_path, record | labelled("mood", 1, "text-classification", class_name="sad"), mapping=mapping)
    assert staged.rows("items", "batch", "site", "meta") == [
        ("B07", "manila", '{"batch":"B07","place":{"site":"manila"},"key":7}')
    ]


def test_labels_in_other_files_are_kept_as_their_addresses(tmp_path: Path) -> None:
    record = {"source-ref": "s3://b/1.jpg"} | labelled("road-ref", "s3://b/mask.png", "semantic-segmentation")
    staged = manifest(tmp_path, record)
    assert staged.rows("annotations", "question", "kind", "text") == [("road-ref", "text", "s3://b/mask.png")]
    assert any("only a reviewer can judge" in note for note in staged.report.notes)


def test_a_custom_job_keeps_its_workers(tmp_path: Path) -> None:
    content = json.dumps({"mood": {"label": "sad"}})
    every = {"annotationsFromAllWorkers": [{"workerId": "w1", "annotationData": {"content": content}}]}
    staged = manifest(tmp_path, {"source": "a"} | labelled("own", every, "custom"))
    assert staged.rows("annotations", *ANSWER) == [("a", "a/w1/own", "w1", "annotator", "own/mood", "single", "sad")]


def test_bad_lines_go_to_quarantine_whole(tmp_path: Path) -> None:
    fine = labelled("mood", 1, "text-classification", class_name="x")
    shape = {"annotations": [{"class_id": 0, "left": 1, "top": 2, "width": "wide", "height": 3}]}
    staged = manifest(
        tmp_path,
        "{",
        [1],
        {"label": 1},
        {"source": "a"} | fine | labelled("b", shape, "object-detection"),
        {"source": "b"} | labelled("mood", 1, "text-classification", class_name="x", creation_date="soon"),
        {"source": "c"} | labelled("mood", {}, "text-classification"),
    )
    assert staged.report.reasons == {
        "the record is no readable JSON": 2,
        "the line names no data object (source or source-ref)": 1,
        "a box lacks a number": 1,
        "a time cannot be read": 1,
        "a label does not have the form of its job's type": 1,
    }
    assert staged.rows("annotations") == staged.rows("items") == []


# Worker responses


def test_the_tiny_response_gives_exactly_these_rows(tmp_path: Path) -> None:
    staged = read(DATA / WORKERS, tmp_path)
    item, first, second = "sagemaker_worker_response", "private.us-east-1.a1b2c3", "public.us-east-1.z9y8"
    assert staged.rows("annotations") == [
        {
            "item_id": item,
            "question": "boundingBox",
            "annotation_id": f"{item}/{first}/2026-03-02T09:00:44.900Z",
            "annotator": first,
            "role": "annotator",
            "status": "submitted",
            "kind": "boxes",
            "started_at": datetime(2026, 3, 2, 9, 0, 0, 100_000, tzinfo=UTC),
            "submitted_at": datetime(2026, 3, 2, 9, 0, 44, 900_000, tzinfo=UTC),
            "tz_source": "explicit",
            "seconds": 40.5,
            "seconds_kind": "active",
            "extra": '{"sub":"aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"}',
            "source_pos": 1,
        },
        {
            "item_id": item,
            "question": "mood",
            "annotation_id": f"{item}/{second}/2026-03-02T09:02:05.000Z",
            "annotator": second,
            "role": "annotator",
            "status": "submitted",
            "kind": "single",
            "label": "negative",
            "started_at": datetime(2026, 3, 2, 9, 2, tzinfo=UTC),
            "submitted_at": datetime(2026, 3, 2, 9, 2, 5, tzinfo=UTC),
            "tz_source": "explicit",
            "seconds": 4.8,
            "seconds_kind": "active",
            "source_pos": 2,
        },
    ]
    assert staged.rows("regions", "x", "y", "w", "h", "label") == [(160.0, 240.0, 64.0, 24.0, "crane")]
    assert staged.rows("items", "item_id", "width", "height") == [(item, 640, 480)]
    assert any("import the whole output folder" in note for note in staged.report.notes)


def test_the_folder_of_a_job_joins_answers_to_objects(tmp_path: Path) -> None:
    job = tmp_path / "export" / "yard"
    lines = [{"source-ref": f"s3://b/{place}.jpg"} | boxes("yard", 160) for place in range(3)]
    (job / "manifests" / "output").mkdir(parents=True)
    write(job / "manifests" / "output", "output.manifest", "\n".join(map(json.dumps, lines)))
    for place in (0, 2, 7):
        folder = job / "annotations" / "worker-response" / "iteration-1" / str(place)
        folder.mkdir(parents=True)
        write(folder, "2026-03-02.json", json.dumps({"answers": [answer({"mood": {"label": "a"}})]}))
    folder = tmp_path / "staged"
    folder.mkdir()
    staged = Staged(take(tmp_path / "export", None, Options(NOW), folder, lambda _: None), folder)
    check(staged)
    given = [row for row in staged.rows("annotations", "role", "item_id") if row[0] == "annotator"]
    assert sorted(given) == [("annotator", "7"), ("annotator", "s3://b/0.jpg"), ("annotator", "s3://b/2.jpg")]
    assert len(staged.rows("items")) == 4


def test_every_element_of_a_form(tmp_path: Path) -> None:
    triangle = {"label": "road", "vertices": [{"x": 0, "y": 0}, {"x": 10, "y": 0}, {"x": 0, "y": 10}]}
    content = {
        "labels": {"labels": ["b", "a"]},
        "none": {"labels": []},
        "ticked": {"x": True, "y": {"on": True}, "z": False},
        "agree": True,
        "stars": 4,
        "note": "Hm.",
        "blank": " ",
        "area": {"polygons": [triangle]},
        "lines": {"polylines": [triangle]},
        "points": {"keypoints": [{"label": "nose", "x": 3, "y": 4}]},
        "empty": {"boundingBoxes": []},
        "odd": {"colour": "red"},
    }
    staged = workers(tmp_path, answer(content))
    found = {row["question"]: row for row in staged.rows("annotations")}
    assert {name: row["kind"] for name, row in found.items()} == {
        "labels": "multi",
        "none": "none",
        "ticked": "multi",
        "agree": "single",
        "stars": "number",
        "note": "text",
        "area": "polygons",
        "lines": "polylines",
        "points": "keypoints",
        "empty": "none",
        "odd": "text",
    }
    assert (found["labels"]["labels"], found["ticked"]["labels"]) == (["a", "b"], ["x", "y"])
    assert (found["agree"]["label"], found["stars"]["number"], found["note"]["text"]) == ("true", 4.0, "Hm.")
    assert found["odd"]["text"] == '{"colour":"red"}'
    assert {region["question"]: region["points"] for region in staged.rows("regions")} == {
        "area": [0, 0, 10, 0, 0, 10],
        "lines": [0, 0, 10, 0, 0, 10],
        "points": [3, 4],
    }
    assert len({row["annotation_id"] for row in found.values()}) == 1


def test_what_was_painted_is_a_mask_for_each_label(tmp_path: Path) -> None:
    """Two rows of three pixels: the upper one is road, and the last of the lower one; COCO counts down the columns."""
    painted = np.zeros((2, 3, 4), np.uint8)
    painted[0, :] = painted[1, 2] = (0x1F, 0x77, 0xB4, 255)
    file = io.BytesIO()
    Image.fromarray(painted, "RGBA").save(file, "PNG")
    image = {"pngImageData": base64.b64encode(file.getvalue()).decode()}
    colours = {"road": {"color": "#1f77b4"}, "sky": {"color": "#ff0000"}}
    staged = workers(tmp_path, answer({"scene": {"labeledImage": image, "labelMappings": colours}}))
    assert staged.rows("regions", "kind", "label", "mask_rle", "mask_h", "mask_w") == [
        ("masks", "road", [0, 1, 1, 1, 1, 2], 2, 3)
    ]
    nothing = {"labeledImage": image, "labelMappings": {"sky": {"color": "#ff0000"}}}
    assert workers(tmp_path, answer({"scene": nothing})).rows("annotations", "question", "kind") == [("scene", "none")]
    broken = workers(tmp_path, answer({"scene": {"labeledImage": {"pngImageData": "x"}, "labelMappings": colours}}))
    assert broken.report.reasons == {"a mask's image cannot be read": 1}


def test_an_empty_form_is_an_answer_with_nothing_to_mark(tmp_path: Path) -> None:
    staged = workers(tmp_path, answer({}))
    assert staged.rows("annotations", "question", "kind", "status") == [("label", "none", "submitted")]


def test_bad_answers_go_to_quarantine(tmp_path: Path) -> None:
    staged = workers(
        tmp_path,
        7,
        answer({}, worker=""),
        answer([7]),
        answer("{"),
        answer({"boundingBox": {"boundingBoxes": [{"left": 1}]}}),
        answer({"boundingBox": {"boundingBoxes": ["left"]}}),
        answer({"ner": {"entities": [{"startOffset": 5, "endOffset": 2, "label": "PART"}]}}),
        answer({}, submissionTime="soon"),
        answer({"mood": {"label": "a"}}, worker="w2", timeSpentInSeconds=-1),
    )
    assert staged.report.reasons == {
        "the answer is no object": 1,
        "the answer names no worker": 1,
        "the answer has no readable content": 2,
        "a box lacks a number": 1,
        "a shape is no object": 1,
        "a span has no possible start and end": 1,
        "a time cannot be read": 1,
    }
    assert staged.report.clock_errors == 1
    with pytest.raises(InputError, match="no list of answers"):
        read(write(tmp_path, "w.json", '{"answers": {}}'), tmp_path, reader="sagemaker_workers")


def test_experts_answers_are_gold(tmp_path: Path) -> None:
    staged = workers(tmp_path, answer({"mood": {"label": "a"}}), role=Role.GOLD)
    assert staged.rows("annotations", "role", "annotator") == [("gold", "w1")]
    assert staged.rows("items", "is_gold") == [(True,)]
