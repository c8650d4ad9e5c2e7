"""LightTag, Datasaur and Scale (about 4 s).

Expected rows were derived by hand from what is documented of each export; the box is left 160, top 240, 64 by 24
pixels, as in all tools.
"""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from readers_staged import DATA, read, write


def changed(name: str, **members: Any) -> str:
    return json.dumps(json.loads((DATA / name).read_text()) | members)


def test_lighttag_tiny(tmp_path: Path) -> None:
    staged = read(DATA / "lighttag.json", tmp_path)
    assert staged.rows("annotations", "item_id", "question", "annotator", "role", "kind", "annotation_id") == [
        ("e-1", "tags", "anna", "annotator", "spans", "e-1/anna")
    ]
    assert staged.rows("regions", "region_id", "label", "t_start", "t_end", "quote") == [("tt-1", "PART", 4, 8, "pump")]
    assert staged.rows("items", "text", "batch") == [("The pump failed twice.", "B07")]
    assert '"tagged_token_id":"tt-1"' in staged.rows("annotations", "extra")[0][0]


def test_lighttag_people_without_names_and_examples_without_tags(tmp_path: Path) -> None:
    tag = {"start": 0, "end": 1, "value": "a", "tag": "X"}
    examples = [
        {"example_id": 1, "content": "a b", "annotations": [tag | {"annotator_id": 7}, tag | {"annotator_id": 8}]},
        {"example_id": 2, "content": "a b", "annotations": []},
        {"content": "a b", "annotations": []},
    ]
    staged = read(write(tmp_path, "l.json", changed("lighttag.json", examples=examples)), tmp_path, reader="lighttag")
    assert staged.rows("annotations", "item_id", "annotator") == [("1", "7"), ("1", "8")]
    assert staged.report.reasons == {"the example has no example_id": 1}
    assert any(note.startswith("1 example has no tags") for note in staged.report.notes)


def test_datasaur_tiny(tmp_path: Path) -> None:
    staged = read(DATA / "datasaur.json", tmp_path)
    assert staged.rows("annotations", "item_id", "question", "annotator", "role", "kind", "label") == [
        ("doc1.txt:0", "sentiment", "ann-a@example.org", "annotator", "single", "negative"),
        # Kind text is compared by nobody: the span's place is not known.
        ("doc1.txt", "spans", "consensus", "consensus", "text", None),
    ]
    assert '"labelName":"PART"' in staged.rows("annotations", "extra")[1][0]
    assert any(note.startswith("1 span and arrows is placed by tokens") for note in staged.report.notes)


def test_datasaur_folders_say_whose_file_it_is(tmp_path: Path) -> None:
    answers = [{"line": 0, "answers": {"mood": ["b", "a"], "n": 3, "ok": True}, "labeledBy": "x"}]
    content = json.dumps({"data": {"documentName": "d", "spanLabels": [], "rowAnswers": answers}})
    path = tmp_path / "export.zip"
    with ZipFile(path, "w") as archive:
        for folder in ("DOCUMENT-anna", "REVIEW", "ROOT"):
            archive.writestr(f"{folder}/d.json", content)
    staged = read(path, tmp_path)
    assert staged.rows("annotations", "question", "annotator", "role", "kind")[::3] == [
        ("mood", "anna", "annotator", "multi"),
        ("mood", "REVIEW", "adjudicator", "multi"),
    ]
    assert staged.rows("annotations", "labels", "number", "label")[:3] == [
        (["a", "b"], None, None),
        (None, 3, None),
        (None, None, "true"),
    ]


def test_scale_1_tiny(tmp_path: Path) -> None:
    staged = read(DATA / "scale_v1_task.json", tmp_path)
    name = "5774cc78b01249ab09f089dd"
    assert staged.rows("annotations", "item_id", "question", "annotation_id", "role", "kind", "label") == [
        ("img-0001", "boxes", name, "consensus", "boxes", None),
        ("img-0001", "polygons", name, "consensus", "polygons", None),
        ("img-0001", "night", name, "consensus", "single", "No"),
    ]
    assert staged.rows("annotations", "submitted_at", "started_at", "seconds")[0] == (
        datetime(2026, 3, 2, 10, tzinfo=UTC),
        None,
        None,
    )
    assert staged.rows("regions", "label", "x", "y", "w", "h", "points", "attributes") == [
        ("crane", 160, 240, 64, 24, None, '{"moving":"no"}'),
        ("lane", None, None, None, None, [64, 48, 128, 48, 128, 144], None),
    ]
    # The customer fixed the task: what the worker had submitted was not accepted.
    assert staged.rows("reviews", "question", "reviewer", "verdict", "comment") == [
        (question, "customer", "reject", "tighten box") for question in ("boxes", "polygons", "night")
    ]
    (item,) = staged.rows("items")
    assert (item["batch"], item["site"], item["tags"], item["uri"]) == (
        "B07",
        "manila",
        ["rain"],
        "https://example.org/0001.jpg",
    )


@pytest.mark.parametrize(
    ("members", "status", "question", "kind"),
    [
        ({"status": "canceled"}, "discarded", "boxes", "none"),
        ({"status": "error"}, "skipped", "boxes", "none"),
        ({"response": {"annotations": []}}, "submitted", "boxes", "none"),
        ({"type": "lineannotation", "response": {"annotations": []}}, "submitted", "polylines", "none"),
        ({"response": {"annotations": {"url": "https://example.org/r"}}}, "submitted", "response", "text"),
        ({"response": {"annotations": [{"type": "cuboid"}]}}, "submitted", "response", "text"),
    ],
)
def test_scale_1_states(members: dict[str, Any], status: str, question: str, kind: str, tmp_path: Path) -> None:
    staged = read(write(tmp_path, "task.json", changed("scale_v1_task.json", **members)), tmp_path)
    assert staged.rows("annotations", "status", "question", "kind") == [(status, question, kind)]


def test_scale_1_open_tasks_have_no_answers(tmp_path: Path) -> None:
    staged = read(write(tmp_path, "task.json", changed("scale_v1_task.json", status="pending")), tmp_path)
    assert (staged.report.accepted, staged.rows("annotations"), staged.rows("reviews")) == (1, [], [])
    assert "1 task is not completed, and have no answers" in staged.report.notes


def test_scale_2_tiny(tmp_path: Path) -> None:
    staged = read(DATA / "scale_v2_task.json", tmp_path)
    assert staged.rows("annotations", "item_id", "question", "annotator", "kind", "number", "label", "labels") == [
        ("t-1", "thread/overall", "c-77", "ordinal", 4, None, None),
        ("t-1/tu-1", "turn/preference", "c-77", "ranking", None, None, ["m2", "m1"]),
        ("t-1/tu-1/2", "message/truthful", "c-77", "single", None, "true", None),
    ]
    assert staged.rows("annotations", "submitted_at")[0] == (datetime(2026, 3, 2, 9, 59, tzinfo=UTC),)
    assert staged.rows("annotations", "extra")[1] == ('{"justification":"m1 is wrong"}',)
    assert staged.rows("items", "text", "batch", "guideline")[1:] == [
        ("Name a pump.", "b-7", "v3"),
        ("Gear pump", "b-7", "v3"),
    ]


def test_scale_2_kinds_and_what_does_not_apply(tmp_path: Path) -> None:
    given: list[tuple[str, Any]] = [
        ("category", "x"),
        ("category_multiple", ["b", "a"]),
        ("text", "fine"),
        ("ranked_groups", [["m3"], ["m2", "m1"]]),
        ("rubric", {"a": 1}),
    ]
    answers = [{"key": kind, "type": kind, "value": value} for kind, value in given]
    answers += [{"key": "n/a", "type": "boolean", "value": None, "not_applicable": True}]
    threads = [{"submissions": [], "annotations": answers}]
    path = write(tmp_path, "task.json", changed("scale_v2_task.json", threads=threads))
    staged = read(path, tmp_path)
    assert staged.rows("annotations", "question", "status", "kind", "label", "labels", "text") == [
        ("thread/category", "submitted", "single", "x", None, None),
        ("thread/category_multiple", "submitted", "multi", None, ["a", "b"], None),
        ("thread/text", "submitted", "text", None, None, "fine"),
        ("thread/ranked_groups", "submitted", "ranking", None, ["m3", "m1 = m2"], None),
        ("thread/rubric", "submitted", "text", None, None, None),
        ("thread/n/a", "skipped", "none", None, None, None),
    ]
    assert {row[0] for row in staged.rows("annotations", "role")} == {"consensus"}


def test_scale_tasks_in_a_page_and_in_lines(tmp_path: Path) -> None:
    task = json.loads((DATA / "scale_v2_task.json").read_text())
    two = [task, task | {"task_id": "t-2"}]
    page = json.dumps({"docs": two}, indent=1)
    lines = "\n".join(map(json.dumps, two))
    for name, content in (("page.json", page), ("list.json", json.dumps(two)), ("tasks.jsonl", lines)):
        staged = read(write(tmp_path, name, content), tmp_path)
        assert (staged.report.read, len(staged.rows("annotations"))) == (2, 6)
