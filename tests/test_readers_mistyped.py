"""Members of another type than a tool writes there: what they held would be lost unseen, so the record is set aside.

Takes about 5 s. Each place is one of the tool's fixture, which the tests of its format read value by value.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from readers_staged import DATA, read, write

from qc.model import InputError
from qc.readers.cvat_server import NO_ID
from qc.readers.datasaur import NO_ANSWER
from qc.readers.label_studio_results import NO_RESULT
from qc.readers.records import MISTYPED

LABELBOX = [0, "projects", "clproj1", "labels", 0, "annotations", "classifications"]
# File, and the way to the member in it.
PLACES = [
    ("encord_label_row.json", [0, "data_units", "649aba74", "labels"]),
    ("encord_label_row.json", [0, "data_units", "649aba74", "labels", "objects"]),
    ("encord_label_row.json", [0, "data_units", "649aba74", "labels", "classifications"]),
    ("labelbox_v2.ndjson", [0, "projects", "clproj1", "labels", 0, "annotations", "objects"]),
    ("labelbox_v2.ndjson", [0, "projects", "clproj1", "labels", 0, "annotations", "classifications"]),
    ("labelbox_v1.json", [0, "Label", "objects"]),
    ("labelbox_v1.json", [0, "Label", "classifications"]),
    ("supervisely_ann.json", [0, "tags"]),
    ("scale_v1_task.json", [0, "response"]),
    ("scale_v1_task.json", [0, "response", "global_attributes"]),
    ("prodigy.jsonl", [0, "spans"]),
    ("prodigy.jsonl", [1, "accept"]),
    ("prodigy.jsonl", [4, "versions"]),
    ("kili_data.json", [0, "labels", 0, "jsonResponse", "CLASSIFICATION_JOB", "categories"]),
    ("kili_data.json", [0, "labels", 0, "jsonResponse", "OBJECT_DETECTION_JOB", "annotations"]),
    ("cvat_server.json", [0, "annotations", "77"]),
    ("cvat_server.json", [0, "annotations", "77", "tags"]),
    ("cvat_server.json", [0, "annotations", "77", "shapes"]),
    ("cvat_server.json", [0, "annotations", "77", "tracks"]),
    ("labelbox_v2.ndjson", [0, "projects"]),
    ("labelbox_v2.ndjson", [0, "projects", "clproj1"]),
    ("labelbox_v2.ndjson", [0, "projects", "clproj1", "labels"]),
    ("labelbox_v2.ndjson", [*LABELBOX, 0, "radio_answer"]),
    ("labelbox_v2.ndjson", [*LABELBOX, 0, "radio_answer", "classifications"]),
    ("labelbox_v2.ndjson", [*LABELBOX, 1, "checklist_answers"]),
    ("argilla_records.json", [0, "fields"]),
    ("argilla_records.json", [0, "responses"]),
    ("argilla_records.json", [0, "responses", "quality"]),
    ("argilla_records.json", [0, "suggestions"]),
    ("argilla_records.json", [0, "suggestions", "quality"]),
    ("argilla_rest_record.json", [0, "responses"]),
    ("argilla_rest_record.json", [0, "responses", 0, "values"]),
    ("argilla_rest_record.json", [0, "responses", 0, "values", "quality"]),
    ("argilla_rest_record.json", [0, "suggestions", 0]),
    ("argilla_flat.jsonl", [0, "quality.responses"]),
    ("argilla_flat.jsonl", [0, "quality.responses.users"]),
    ("datasaur.json", [0, "data", "rowAnswers", 0, "answers"]),
    ("lighttag.json", [0, "examples", 0, "annotations"]),
    ("sagemaker_output.manifest", [1, "mood-metadata"]),
    ("sagemaker_output.manifest", [0, "yard-boxes-metadata", "class-map"]),
    ("sagemaker_worker_response.json", [0, "answers", 0, "answerContent", "boundingBox"]),
    ("sagemaker_worker_response.json", [0, "answers", 0, "answerContent", "boundingBox", "boundingBoxes"]),
    ("v7_darwin.json", [0, "annotations", 1, "polygon"]),
    ("v7_darwin.json", [0, "annotations", 0, "bounding_box"]),
    ("doccano_all_spans.jsonl", [0, "label"]),
    ("doccano_anna.jsonl", [0, "label"]),
    ("doccano_legacy_1_2.jsonl", [0, "annotations"]),
]
# Members that hold all records of the file.
REFUSED = [
    ("cvat_server.json", ["jobs"], "holds no jobs with an id"),
    ("cvat_server.json", ["annotations"], "annotations that are no object"),
    ("datasaur.json", ["data"], "has no object `data`"),
    ("lighttag.json", ["examples"], "no list"),
    ("lighttag.json", ["relations"], "no list"),
    ("sagemaker_worker_response.json", ["answers"], "has no list of answers"),
]


@pytest.mark.parametrize(
    ("name", "place"), PLACES, ids=lambda value: value if isinstance(value, str) else str(value[-1])
)
def test_a_member_of_another_type_quarantines_its_record(tmp_path: Path, name: str, place: list[Any]) -> None:
    text = (DATA / name).read_text()
    lines = name.endswith(("ndjson", "jsonl", "manifest"))
    value = [json.loads(line) for line in text.splitlines() if line.strip()] if lines else json.loads(text)
    records = value if isinstance(value, list) else [value]
    holder: Any = records
    for step in place[:-1]:
        holder = holder[step]
    assert isinstance(holder[place[-1]], list | dict)
    holder[place[-1]] = "bad"
    broken = "\n".join(map(json.dumps, records)) if lines else json.dumps(value)
    staged = read(write(tmp_path, name, broken), tmp_path)
    assert staged.report.reasons == {MISTYPED: 1}


@pytest.mark.parametrize("member", ["rowAnswers", "documentAnswers", "spanLabels", "arrowLabels"])
def test_a_list_of_answers_that_is_none_is_one_record_that_cannot_be_taken(tmp_path: Path, member: str) -> None:
    document = json.loads((DATA / "datasaur.json").read_text())
    document["data"][member] = {"line": 0}
    staged = read(write(tmp_path, "datasaur.json", json.dumps(document)), tmp_path)
    assert staged.report.reasons == {NO_ANSWER: 1}


@pytest.mark.parametrize("marks", ["bad", 7, [{"start": 4, "end": 8, "labels": ["PART"]}, "bad"], ["bad"]])
def test_marks_of_a_flat_export_that_are_no_objects_quarantine_their_row(tmp_path: Path, marks: Any) -> None:
    row = json.loads((DATA / "label_studio_min.json").read_text())[0]
    rows = [row, {**row, "id": 502, "annotation_id": 7002, "ner": marks}]
    staged = read(write(tmp_path, "label_studio_min.json", json.dumps(rows)), tmp_path)
    assert staged.report.reasons == {NO_RESULT: 1}
    assert {name for (name,) in staged.rows("annotations", "annotation_id")} == {"7001"}


def test_a_job_without_an_id_is_not_passed_over(tmp_path: Path) -> None:
    bundle = json.loads((DATA / "cvat_server.json").read_text())
    bundle["jobs"]["results"].append({"task_id": 3})
    staged = read(write(tmp_path, "cvat_server.json", json.dumps(bundle)), tmp_path)
    assert staged.report.reasons == {NO_ID: 1}


@pytest.mark.parametrize(("name", "place", "said"), REFUSED, ids=lambda value: str(value[-1]))
def test_a_file_whose_records_are_no_list_is_refused(tmp_path: Path, name: str, place: list[str], said: str) -> None:
    reader = "sagemaker_workers" if name.startswith("sagemaker") else name.removesuffix(".json")
    document = json.loads((DATA / name).read_text())
    document[place[0]] = "bad"
    with pytest.raises(InputError, match=said):
        read(write(tmp_path, name, json.dumps(document)), tmp_path, reader=reader)
