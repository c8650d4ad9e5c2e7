"""Prodigy, doccano and Argilla (about 8 s).

Expected rows were derived by hand from the documented meaning of each export; the tiny files were written for this
project, and the word pump stands in them at 4 to 8 (7 to 11 in Argilla's).
"""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from readers_staged import DATA, NOW, Staged, check, read, write

from qc.model import Role
from qc.readers import Options
from qc.readers.child import parse
from qc.readers.prose import is_prose

ANNA, BEN = (f"{letter * 8}-0000-4000-8000-00000000000{place}" for place, letter in ((1, "a"), (2, "b")))


def told(path: Path, folder: Path, **options: Any) -> Staged:
    folder = folder / "told"
    folder.mkdir(exist_ok=True)
    staged = Staged(parse(path, None, replace(Options(NOW), **options), folder, lambda _: None), folder)
    check(staged)
    return staged


def lines(folder: Path, *records: Any, name: str = "export.jsonl", **options: Any) -> Staged:
    return told(write(folder, name, "\n".join(json.dumps(record) for record in records)), folder, **options)


def prodigy(view: str, **members: Any) -> dict[str, Any]:
    common = {"text": "The pump failed.", "_input_hash": 1, "_task_hash": 2, "answer": "accept", "_session_id": "anna"}
    return {**common, "_timestamp": 1772442041, "_view_id": view, **members}


def test_prodigy_tiny(tmp_path: Path) -> None:
    staged = read(DATA / "prodigy.jsonl", tmp_path)
    columns = ("item_id", "question", "annotation_id", "annotator", "role", "status", "kind", "label", "session")
    assert staged.rows("annotations", *columns) == [
        ("-101", "ner_manual", "901/pumps-anna/1772442041", "pumps-anna", "annotator", "submitted", "spans", None,
         None),
        ("-101", "choice", "902/pumps-ben/1772442055", "pumps-ben", "annotator", "submitted", "single", "NEG", None),
        ("77", "classification/FAILURE", None, "anonymous", "annotator", "submitted", "single", "reject",
         "2026-03-02_09-00-01"),
        ("77", "choice", "79/pumps-anna/1772442066", "pumps-anna", "annotator", "skipped", "none", None, None),
        # Anna's version repeats what she answered in the first line, so Ben's and the reviewer's are left.
        ("-101", "ner_manual", "990/pumps-ben", "pumps-ben", "annotator", "submitted", "none", None, None),
        ("-101", "ner_manual", "review 990/gold-rev/1772450000", "gold-rev", "adjudicator", "submitted", "none", None,
         None),
    ]  # fmt: skip
    first = staged.rows("annotations")[0]
    # 2026-03-02 is day 20,514 since 1970; 1772442041 - 20514 * 86400 = 32441 s = 09:00:41.
    assert first["submitted_at"] == datetime(2026, 3, 2, 9, 0, 41, tzinfo=UTC)
    assert (first["tz_source"], first["origin"]) == ("epoch", "prediction")
    assert not any("seconds" in row or "started_at" in row for row in staged.rows("annotations"))
    assert staged.rows("regions", "annotation_id", "label", "t_start", "t_end", "quote", "origin", "attributes") == [
        ("901/pumps-anna/1772442041", "PART", 4, 8, "pump", "prediction", '{"source":"en_core_web_lg"}')
    ]
    assert staged.rows("items", "item_id", "text", "batch") == [
        ("-101", "The pump failed twice.", "B07"),
        ("77", "Valve ok", None),
    ]
    assert (staged.report.format, staged.report.read, staged.report.accepted) == ("prodigy", 5, 5)
    assert "1 version in reviews repeats answers that stand in this file and were taken once" in staged.report.notes


def test_prodigy_review_alone_gives_every_version(tmp_path: Path) -> None:
    review = json.loads((DATA / "prodigy.jsonl").read_text().splitlines()[-1])
    staged = lines(tmp_path, review)
    assert staged.rows("annotations", "annotator", "role", "kind") == [
        ("pumps-anna", "annotator", "spans"),
        ("pumps-ben", "annotator", "none"),
        ("gold-rev", "adjudicator", "none"),
    ]
    assert staged.rows("regions", "annotation_id", "t_start", "t_end") == [("990/pumps-anna", 4, 8)]


def test_prodigy_reject_is_an_answer_or_a_bad_task(tmp_path: Path) -> None:
    spans = [{"start": 4, "end": 8, "label": "PART", "source": "m1"}]
    staged = lines(
        tmp_path,
        prodigy("ner_manual", answer="reject", spans=spans),
        prodigy("ner", answer="reject", spans=spans, _is_binary=True, meta={"score": 0.7}),
        prodigy("ner", answer="accept", spans=spans, _session_id="ben", meta={"score": 0.7}),
        prodigy("ner", answer="ignore", spans=spans, _session_id="chika", meta={"score": 0.7}),
    )
    columns = ("item_id", "question", "annotator", "role", "status", "label", "score", "parent")
    assert staged.rows("annotations", *columns) == [
        ("1", "ner_manual", "anna", "annotator", "discarded", None, None, None),
        ("1/2", "ner", "m1", "model", "submitted", "accept", 0.7, None),
        ("1/2", "ner", "anna", "annotator", "submitted", "reject", None, "2/proposal"),
        ("1/2", "ner", "ben", "annotator", "submitted", "accept", None, "2/proposal"),
        ("1/2", "ner", "chika", "annotator", "skipped", None, None, "2/proposal"),
    ]
    assert staged.rows("annotations", "model", "annotation_id")[1] == ("m1", "2/proposal")


def test_prodigy_images_sound_choices_and_texts(tmp_path: Path) -> None:
    square = [[160, 240], [160, 264], [224, 264], [224, 240]]
    staged = lines(
        tmp_path,
        prodigy("image_manual", text=None, image="data:image/png;base64,AA", width=640, height=480, spans=[
            {"id": "r", "type": "rect", "label": "car", "x": 160, "y": 240, "width": 64, "height": 24},
            {"type": "rect", "label": "car", "points": square},
            {"type": "polygon", "label": "lane", "points": [[64, 48], [128, 48], [128, 144]]},
        ]),
        prodigy("image_manual", image="b.png", _input_hash=2, spans=[]),
        prodigy("audio_manual", audio="a.wav", _input_hash=3, audio_spans=[{"start": 0.5, "end": 2, "label": "cough"}]),
        prodigy("blocks", _input_hash=4, tokens=[], spans=[], accept=["A", "B"], user_input="odd"),
        prodigy("choice", _input_hash=5, options=[], accept=[], spans=[{"start": 0, "end": 3}]),
        prodigy("relations", _input_hash=6, spans=[], relations=[{"head": 0, "child": 1, "label": "of"}]),
    )  # fmt: skip
    boxes = [row for row in staged.rows("regions", "x", "y", "w", "h") if row[0] is not None]
    assert boxes == [(160, 240, 64, 24), (160, 240, 64, 24)]
    assert staged.rows("annotations", "item_id", "question", "kind") == [
        ("1", "image_manual/boxes", "boxes"),
        ("1", "image_manual/polygons", "polygons"),
        ("2", "image_manual/boxes", "none"),
        ("2", "image_manual/polygons", "none"),
        ("3", "audio_manual", "intervals"),
        ("4", "choice", "multi"),
        ("4", "user_input", "text"),
        ("4", "spans", "none"),
        ("5", "choice", "none"),
        ("6", "relations", "none"),
    ]
    assert staged.rows("annotations", "extra")[-1] == ('{"relations":[{"head":0,"child":1,"label":"of"}]}',)
    items = {row["item_id"]: row for row in staged.rows("items")}
    assert ("uri" in items["1"], items["1"]["width"], items["2"]["uri"]) == (False, 640, "b.png")


def test_prodigy_files_of_old_versions_have_no_times(tmp_path: Path) -> None:
    task = prodigy("ner_manual", spans=[{"start": 4, "end": 8, "label": "PART"}], _session_id=None)
    del task["_timestamp"]
    staged = lines(tmp_path, task, annotator="Chika")
    assert staged.rows("annotations", "annotator", "annotation_id", "submitted_at") == [("Chika", "2/Chika", None)]
    assert "submitted_at" in staged.report.missing


def test_doccano_tiny(tmp_path: Path) -> None:
    staged = read(DATA / "doccano_anna.jsonl", tmp_path)
    assert staged.rows("annotations", "item_id", "question", "annotator", "role", "kind", "label", "extra") == [
        ("12", "label", "consensus", "consensus", "single", "NEG", '{"comments":["unsure"]}'),
        ("13", "label", "consensus", "consensus", "single", "POS", None),
    ]
    assert staged.rows("items", "batch", "text") == [("B07", "The pump failed twice."), ("B07", "Valve ok")]
    assert "--annotator NAME" in staged.report.notes[0]
    named = told(DATA / "doccano_anna.jsonl", tmp_path, annotator="Anna")
    assert named.rows("annotations", "annotator", "role", "annotation_id")[0] == ("Anna", "annotator", "12/Anna")


def test_doccano_spans_of_several_people_are_kept_once(tmp_path: Path) -> None:
    staged = read(DATA / "doccano_all_spans.jsonl", tmp_path)
    assert staged.rows("annotations", "question", "kind", "role") == [
        ("label", "spans", "consensus"),
        ("entities", "spans", "consensus"),
    ]
    assert staged.rows("regions", "region_id", "label", "t_start", "t_end", "quote") == [
        ("1", "PART", 4, 8, "pump"),
        ("90", "PART", 0, 5, "Rotor"),
        ("91", "PART", 10, 14, "pump"),
    ]
    extra = json.loads(staged.rows("annotations", "extra")[1][0])
    assert extra == {"relations": [{"id": 4, "from_id": 90, "to_id": 91, "type": "same"}]}


def test_doccano_before_1_3_names_people_and_times(tmp_path: Path) -> None:
    staged = read(DATA / "doccano_legacy_1_2.jsonl", tmp_path)
    assert staged.rows("annotations", "annotator", "role", "submitted_at", "started_at") == [
        ("2", "annotator", datetime(2021, 3, 1, 8, tzinfo=UTC), None)
    ]
    assert staged.rows("regions", "region_id", "label", "t_start", "t_end") == [("5", "3", 4, 8)]
    assert staged.rows("reviews", "annotation_id", "reviewer", "verdict") == [("12/2", "lead1", "accept")]


def test_doccano_member_of_an_archive_is_a_person(tmp_path: Path) -> None:
    path = tmp_path / "export.zip"
    with ZipFile(path, "w") as archive:
        for name in ("anna", "ben", "all"):
            label = {"id": 1, "text": "ok", "label": ["POS"], "Comments": []}
            archive.writestr(f"{name}.jsonl", json.dumps(label))
    staged = told(path, tmp_path)
    assert sorted(staged.rows("annotations", "annotator", "role", "annotation_id")) == [
        ("anna", "annotator", "1/anna"),
        ("ben", "annotator", "1/ben"),
        ("consensus", "consensus", "1/consensus"),
    ]


def test_doccano_csv_joins_labels(tmp_path: Path) -> None:
    content = (
        "id,text,label,Comments,batch\n1,The pump,NEG#POS,odd,B07\n2,A valve,POS,,B07\n3,A rotor,,,B07\n,no,NEG,,\n"
    )
    staged = told(write(tmp_path, "all.csv", content), tmp_path)
    assert staged.rows("annotations", "item_id", "kind", "labels", "role", "source_pos") == [
        ("1", "multi", ["NEG", "POS"], "consensus", 2),
        ("2", "multi", ["POS"], "consensus", 3),
    ]
    assert staged.rows("items", "text", "batch")[0] == ("The pump", "B07")
    assert (staged.report.format, staged.report.read, staged.report.quarantined) == ("doccano", 4, 1)


def test_doccano_texts_boxes_intents_and_nothing(tmp_path: Path) -> None:
    texts = ["The pump has failed twice this week.", "The valve is in good order now."]
    assert is_prose(texts)
    staged = lines(tmp_path, {"id": 1, "text": "a", "label": [texts[0]], "Comments": []},
                   {"id": 2, "text": "b", "label": [], "Comments": []})  # fmt: skip
    assert staged.rows("annotations", "kind", "text") == [("text", texts[0])]
    assert any(note.startswith("1 example has no labels") for note in staged.report.notes)
    box = {"id": 3, "x": 160, "y": 240, "width": 64, "height": 24, "label": "car"}
    staged = lines(tmp_path, {"id": 1, "filename": "a.png", "bbox": [box], "Comments": []})
    assert staged.rows("regions", "region_id", "x", "y", "w", "h", "label") == [("3", 160, 240, 64, 24, "car")]
    asked = {"id": 1, "text": "stop pump", "entities": [[5, 9, "PART"]], "cats": ["stop", "part"], "Comments": []}
    staged = lines(tmp_path, asked)
    assert staged.rows("annotations", "question", "kind", "labels") == [
        ("entities", "spans", None),
        ("cats", "multi", ["part", "stop"]),
    ]


def test_argilla_nested(tmp_path: Path) -> None:
    staged = read(DATA / "argilla_records.json", tmp_path)
    columns = ("question", "annotator", "role", "kind", "number", "labels", "score", "parent")
    model = "rec-1/suggestion of judge-v2"
    assert staged.rows("annotations", *columns) == [
        ("quality", "judge-v2", "model", "ordinal", 4, None, 0.77, None),
        ("quality", ANNA, "annotator", "ordinal", 5, None, None, model),
        ("quality", BEN, "annotator", "ordinal", 2, None, None, model),
        # Its options are fields of the record, so this is a ranking and no set of labels.
        ("rank", ANNA, "annotator", "ranking", None, ["reply_a", "reply_b"], None, None),
    ]
    assert staged.rows("items", "item_id", "text", "batch", "site") == [("rec-1", "Name a pump.", "B07", "manila")]
    assert any(note.startswith("3 answers are in a form that drops their status") for note in staged.report.notes)


def test_argilla_flattened(tmp_path: Path) -> None:
    staged = read(DATA / "argilla_flat.jsonl", tmp_path)
    assert staged.rows("annotations", "annotator", "status", "number") == [
        ("judge-v2", "submitted", 4),
        (ANNA, "submitted", 5),
        (BEN, "discarded", 2),
    ]
    assert staged.rows("items", "text", "batch") == [("Name a pump.", "B07")]
    assert staged.report.notes == ()


def test_argilla_rest_has_times_ties_and_spans(tmp_path: Path) -> None:
    staged = read(DATA / "argilla_rest_record.json", tmp_path, timezone="Asia/Manila")
    assert staged.rows("annotations", "question", "kind", "number", "labels")[1:] == [
        ("quality", "ordinal", 5, None),
        ("spans", "spans", None, None),
        ("rank", "ranking", None, ["reply_a = reply_b"]),
    ]
    person = staged.rows("annotations")[1]
    assert person["annotation_id"] == "eeeeeeee-0000-4000-8000-000000000001"
    # Argilla writes UTC without saying so, whatever zone the user names for other files.
    assert person["submitted_at"] == datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    assert person["updated_at"] == datetime(2026, 3, 2, 9, 0, 30, tzinfo=UTC)
    assert staged.rows("regions", "t_start", "t_end", "quote") == [(7, 11, "pump")]
    assert staged.rows("items", "item_id") == [("rec-1",)]


def test_argilla_kinds_by_value(tmp_path: Path) -> None:
    def record(name: str, **responses: Any) -> dict[str, Any]:
        given = {question: [{"value": value, "user_id": "u"}] for question, value in responses.items()}
        return {"id": name, "fields": {"text": "The pump failed."}, "responses": given, "suggestions": {}}

    reason = "The pump was not mentioned in the answer."
    staged = lines(
        tmp_path,
        record("1", mood="good", topics=["b", "a"], why=reason, ner=[]),
        record("2", mood="bad", topics=["c"], why=reason + " Twice.", order=["x", "y"]),
        record("3", order=["y", "x"]),
    )
    assert staged.rows("annotations", "question", "kind", "label", "labels") == [
        ("mood", "single", "good", None),
        ("topics", "multi", None, ["a", "b"]),
        ("why", "text", None, None),
        ("ner", "none", None, None),
        ("mood", "single", "bad", None),
        ("topics", "multi", None, ["c"]),
        ("why", "text", None, None),
        ("order", "ranking", None, ["x", "y"]),
        ("order", "ranking", None, ["y", "x"]),
    ]


def test_argilla_version_1_drafts_and_deleted_users(tmp_path: Path) -> None:
    given = [
        {"user_id": None, "value": "good", "status": "submitted"},
        {"user_id": None, "value": "bad", "status": "submitted"},
        {"user_id": "u", "value": "good", "status": "draft"},
    ]
    old = {"id": "1", "text": "ok", "mood": given, "mood-suggestion": "bad"}
    old["mood-suggestion-metadata"] = {"score": 0.4, "agent": "m"}
    staged = lines(tmp_path, old)
    assert staged.rows("annotations", "annotation_id", "annotator", "status", "label") == [
        ("1/suggestion of m", "m", "submitted", "bad"),
        ("1/(deleted user)", "(deleted user)", "submitted", "good"),
        ("1/(deleted user) 2", "(deleted user)", "submitted", "bad"),
        ("1/u", "u", "draft", "good"),
    ]
    assert any(note.startswith("2 answers are of users who were deleted") for note in staged.report.notes)


@pytest.mark.parametrize("name", ["prodigy.jsonl", "doccano_anna.jsonl", "argilla_records.json"])
def test_a_file_of_gold_answers(name: str, tmp_path: Path) -> None:
    staged = read(DATA / name, tmp_path, role=Role.GOLD)
    assert {role for (role,) in staged.rows("annotations", "role")} <= {"gold", "model"}
    assert {flag for (flag,) in staged.rows("items", "is_gold")} == {True}
