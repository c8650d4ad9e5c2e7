"""Label Studio's JSON (about 10 s).

Expected rows were derived by hand from the export's documented meaning; the box is left 160, top 240, 64 by 24 pixels
on an image of 640 by 480, which the tiny results give in percent.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from readers_staged import DATA, Staged, read, write

from qc.model import Role
from qc.readers import Mapping
from qc.readers.label_studio_questions import Questions
from qc.readers.label_studio_regions import NO_FRAME, Place
from qc.readers.label_studio_results import answers
from qc.readers.label_studio_submissions import NOTHING_KNOWN
from qc.readers.offsets import code_points, span
from qc.readers.text_spans import NO_ENDS, OUTSIDE


def export(folder: Path, *tasks: dict[str, Any], **options: Any) -> Staged:
    return read(write(folder, "tasks.json", json.dumps(tasks)), folder, **options)


def task(identity: Any = 1, text: str = "The pump failed.", **members: Any) -> dict[str, Any]:
    return {"id": identity, "data": {"text": text}, "annotations": [], **members}


def annotation(identity: Any, *results: dict[str, Any], **members: Any) -> dict[str, Any]:
    common = {"completed_by": 5, "created_at": "2026-03-02T09:00:00Z", "lead_time": 4.5}
    return {"id": identity, **common, "result": list(results), **members}


def choice(*labels: str, name: str = "mood", **members: Any) -> dict[str, Any]:
    return {
        "id": "c",
        "from_name": name,
        "to_name": "text",
        "type": "choices",
        "value": {"choices": list(labels)},
        **members,
    }


def marked(start: int, end: int, quote: str | None, name: str = "ner", **members: Any) -> dict[str, Any]:
    value = {"start": start, "end": end, "text": quote, "labels": ["PART"]}
    return {"id": f"s{start}", "from_name": name, "to_name": "text", "type": "labels", "value": value, **members}


def test_the_tiny_export_gives_exactly_these_rows(tmp_path: Path) -> None:
    staged = read(DATA / "label_studio.json", tmp_path)
    columns = (
        "annotation_id",
        "question",
        "annotator",
        "role",
        "status",
        "kind",
        "label",
        "seconds",
        "origin",
        "parent",
    )
    assert staged.rows("annotations", *columns) == [
        ("prediction 9001", "sentiment", "clf-0.4", "model", "submitted", "single", "Negative", None, "unknown", None),
        ("7001", "sentiment", "ann-a@example.org", "annotator", "submitted", "single", "Neutral", 37.412,
         "prediction_edited", "prediction 9001"),
        ("7001", "ner", "ann-a@example.org", "annotator", "submitted", "none", None, 37.412,
         "unknown", "prediction 9001"),
        ("7002", "ner", "ann-b@example.org", "gold", "submitted", "spans", None, 11.03, "manual", None),
        ("7002", "sentiment", "ann-b@example.org", "gold", "submitted", "single", "Negative", 11.03, "manual", None),
        ("7003", "label", "ann-c@example.org", "annotator", "skipped", "none", None, 2.2, "unknown", None),
    ]  # fmt: skip
    first = staged.rows("annotations")[1]
    assert first["started_at"] == datetime(2026, 3, 2, 9, 0, 12, tzinfo=UTC)
    assert first["submitted_at"] == datetime(2026, 3, 2, 9, 0, 41, 500_000, tzinfo=UTC)
    assert first["updated_at"] == datetime(2026, 3, 2, 10, 21, 9, tzinfo=UTC)
    assert (first["tz_source"], first["seconds_kind"], first["source_pos"]) == ("explicit", "active", 2)
    assert staged.rows("annotations", "model", "score")[0] == ("clf-0.4", 0.81)
    assert staged.rows("items") == [
        {
            "item_id": "501",
            "media": "text",
            "text": "The pump failed twice.",
            "batch": "B07",
            "site": "manila",
            "guideline": "v3",
            "difficulty": "hard",
            "is_gold": True,
            "meta": '{"item_key":"PMP-0007"}',
            "source_pos": 1,
        }
    ]
    assert staged.rows("regions") == [
        {
            "annotation_id": "7002",
            "question": "ner",
            "region_id": "q10",
            "kind": "spans",
            "label": "PART",
            "t_start": 4,
            "t_end": 8,
            "quote": "pump",
            "origin": "manual",
            "source_pos": 3,
        }
    ]
    assert staged.rows("reviews") == [
        {
            "review_id": "66/sentiment",
            "annotation_id": "7001",
            "question": "sentiment",
            "item_id": "501",
            "reviewer": "rev-x@example.org",
            "verdict": "reject",
            "decided_at": datetime(2026, 3, 2, 10, 21, 9, tzinfo=UTC),
            "source_pos": 2,
        }
    ]
    assert staged.report.read == staged.report.accepted == 4
    assert staged.report.notes == (
        "1 answer was fixed in place by their reviewer: this export holds only the fixed ones",
    )


def test_every_kind_of_result_in_the_tiny_list() -> None:
    results = json.loads((DATA / "label_studio_results.json").read_text())
    found, strange = answers(results, Place(), Questions())
    by_name = {answer.question: answer for answer in found}
    box = by_name["bbox"].regions[0].columns
    assert (box["x"], box["y"], box["w"], box["h"]) == pytest.approx((160, 240, 64, 24))
    assert (box["label"], box["rotation"], box["region_id"]) == ("car", None, "r1")
    assert by_name["poly"].regions[0].columns["points"] == pytest.approx([64, 48, 128, 48, 128, 144])
    assert by_name["kp"].regions[0].columns["points"] == pytest.approx([176, 244.8])
    kinds = {name: (answer.kind, answer.columns) for name, answer in by_name.items() if not answer.regions}
    assert kinds == {
        "stars": ("ordinal", {"number": 4.0}),
        "pair": ("pairwise", {"label": "a", "labels": ["a", "b"]}),
        "rank": ("ranking", {"labels": ["m2", "m1", "m3"]}),
        "tax": ("taxonomy", {"label": "Vehicle/Car; Weather/Rain", "labels": ["Vehicle/Car", "Weather/Rain"]}),
        "note": ("text", {"text": "left mirror broken"}),
    }
    assert strange == []
    assert [result["type"] for answer in found for result in answer.extra] == ["relation"]


def test_a_turned_box_is_given_about_its_centre() -> None:
    """A quarter turn about the top left corner (100, 100) of a 40 by 20 box: its centre comes to lie at (90, 120)."""
    value = {"x": 10, "y": 10, "width": 4, "height": 2, "rotation": 90, "rectanglelabels": ["a"]}
    result = {
        "id": "b",
        "from_name": "b",
        "type": "rectanglelabels",
        "original_width": 1000,
        "original_height": 1000,
        "value": value,
    }
    box = answers([result], Place(), Questions())[0][0].regions[0].columns
    assert (box["x"] + box["w"] / 2, box["y"] + box["h"] / 2) == pytest.approx((90, 120))
    assert (box["w"], box["h"], box["rotation"]) == (40, 20, 90)


def test_offsets_are_code_points_and_the_quote_decides() -> None:
    text = "😀 The pump 🚰 failed"
    assert span(7, 11, "pump", [text]) == (6, 10, True, False)
    assert span(6, 10, "pump", [text]) == (6, 10, True, False)
    assert span(7, 11, "pump", ["something else", text]) == (6, 10, True, False)
    assert span(7, 11, "valve", [text]) == (6, 10, False, False)
    assert span(0, 3, "a\\nb", ["a\nb"]) == (0, 3, True, False)
    assert span(4, 8, "pump", []) == (4, 8, False, False)
    # The text has 19 code points, two of them of two units.
    assert span(15, 21, "failed", ["x", text]) == (13, 19, True, False)
    assert [span(15, 22, quote, ["x", text]).beyond for quote in ("failed", "", None)] == [True] * 3
    assert [code_points("a😀b", units) for units in range(5)] == [0, 1, 2, 2, 3]


def test_spans_after_an_emoji_are_staged_in_code_points(tmp_path: Path) -> None:
    done = annotation(7, marked(7, 11, "pump"), marked(0, 2, "😀"), marked(0, 1, "x"))
    staged = export(tmp_path, task(text="😀 The pump", annotations=[done]))
    assert staged.rows("regions", "t_start", "t_end", "quote") == [(6, 10, "pump"), (0, 1, "😀"), (0, 1, "x")]
    assert staged.report.notes == ("1 span quotes another text than the item holds there",)
    assert staged.rows("regions", "attributes")[2] == ('{"quote_differs":true}',)


def test_one_choice_too_many_makes_the_question_multi_for_all(tmp_path: Path) -> None:
    staged = export(tmp_path, task(annotations=[annotation(1, choice("b")), annotation(2, choice("b", "a"))]))
    assert staged.rows("annotations", "kind", "label", "labels") == [
        ("multi", None, ["b"]),
        ("multi", None, ["a", "b"]),
    ]


def test_nothing_marked_is_an_answer_to_every_question_of_regions(tmp_path: Path) -> None:
    staged = export(
        tmp_path,
        task(1, annotations=[annotation(1), annotation(2, marked(4, 8, "pump"))]),
        task(2, predictions=[{"id": 1, "result": []}], drafts=[{"id": 2, "user": "x", "result": [choice("a")]}]),
    )
    assert staged.rows("annotations", "annotation_id", "question", "kind", "status", "role") == [
        ("1", "ner", "none", "submitted", "annotator"),
        ("2", "ner", "spans", "submitted", "annotator"),
        ("prediction 1", "ner", "none", "submitted", "model"),
        ("draft 2", "mood", "single", "draft", "annotator"),
    ]


def test_an_empty_submission_without_regions_answers_the_only_question(tmp_path: Path) -> None:
    staged = export(tmp_path, task(annotations=[annotation(1), annotation(2, choice("a"))]))
    assert staged.rows("annotations", "question", "kind", "label") == [("mood", "none", None), ("mood", "single", "a")]


def test_what_is_said_of_a_region_belongs_to_it(tmp_path: Path) -> None:
    sure = {"id": "s4", "from_name": "sure", "type": "rating", "value": {"rating": 3}}
    staged = export(tmp_path, task(annotations=[annotation(1, sure, marked(4, 8, "pump"))]))
    assert staged.rows("annotations", "question") == [("ner",)]
    assert staged.rows("regions", "attributes") == [('{"sure":{"rating":3}}',)]


def test_a_shape_and_its_labels_are_one_region(tmp_path: Path) -> None:
    size = {"original_width": 100, "original_height": 100}
    value = {"x": 1, "y": 2, "width": 3, "height": 4}
    shape = {"id": "r", "from_name": "rect", "type": "rectangle", "value": value, **size}
    label = {"id": "r", "from_name": "tag", "type": "labels", "value": value | {"labels": ["car"]}, **size}
    staged = export(tmp_path, task(annotations=[annotation(1, shape, label)]))
    boxes = staged.rows("regions", "question", "label", "x", "y", "w", "h")
    assert boxes == [("tag", "car", 1.0, 2.0, 3.0, 4.0)]


def test_reviews_judge_and_correct(tmp_path: Path) -> None:
    when = {"created_at": "2026-03-03T09:00:00Z", "created_by": {"id": 9, "email": "", "username": "rev"}}
    done = [
        annotation(1, choice("a"), reviews=[{"id": 1, "accepted": True, **when}]),
        annotation(2, choice("a"), reviews=[{"id": 2, "accepted": False, "result": [choice("b")], **when}]),
        annotation(3, choice("a"), last_action="rejected", last_created_by=31, updated_at="2026-03-04T09:00:00Z"),
        annotation(4, choice("a"), last_action="fixed_and_accepted", last_created_by=31),
    ]
    staged = export(tmp_path, task(annotations=done))
    assert staged.rows("reviews", "annotation_id", "reviewer", "verdict", "corrected_annotation_id") == [
        ("1", "rev", "accept", None),
        ("2", "rev", "reject", "review 2"),
        ("3", "31", "reject", None),
        ("4", "31", "reject", None),
    ]
    corrections = [row for row in staged.rows("annotations") if row["role"] == "reviewer"]
    assert [(row["annotation_id"], row["parent"], row["label"], row["annotator"]) for row in corrections] == [
        ("review 2", "2", "b", "rev")
    ]
    assert corrections[0]["submitted_at"] == datetime(2026, 3, 3, 9, tzinfo=UTC)


def test_bad_submissions_go_to_quarantine_alone(tmp_path: Path) -> None:
    done = [
        annotation(1, choice("a")),
        annotation(None, choice("a")),
        annotation(2, choice("a"), created_at="soon"),
        annotation(3, choice("a"), created_at=True),
        annotation(4, choice("a"), lead_time=-5),
        annotation(5, choice("a"), created_at="2031-01-01T00:00:00Z"),
        "no object",
    ]
    staged = export(tmp_path, task(annotations=done), {"data": {"text": "no id"}, "annotations": []}, task(3.5))
    assert [row[0] for row in staged.rows("annotations", "annotation_id")] == ["1", "4", "5"]
    assert (staged.report.read, staged.report.accepted, staged.report.clock_errors) == (9, 3, 2)
    assert staged.report.reasons == {
        "the submission is no object with an id": 2,
        "a time cannot be read": 2,
        "the record is no task with an id": 2,
    }
    assert staged.rows("quarantine", "line") == [(2,), (3,), (4,), (7,), (8,), (9,)]


def test_values_that_are_not_understood_are_kept_and_counted(tmp_path: Path) -> None:
    odd = [
        {"id": "e", "from_name": "shape", "type": "ellipselabels", "value": {"x": 1}},
        {"id": "b", "from_name": "bbox", "type": "rectanglelabels", "value": {"x": 1}},
        {"id": "c", "from_name": "mood", "type": "choices", "value": {"choices": [1]}},
        {"id": "d", "from_name": "mood", "type": "choices"},
        {"from_name": {"a": 1}, "type": "choices", "value": {"choices": ["x"]}},
    ]
    known = {"id": "k", "from_name": "topic", "type": "choices", "value": {"choices": ["x"]}}
    staged = export(tmp_path, task(annotations=[annotation(1, *odd, known)]))
    (row,) = staged.rows("annotations")
    assert (row["question"], row["label"], len(json.loads(row["extra"]))) == ("topic", "x", 5)
    where = "kept in `extra`, or in quarantine where a submission has no other"
    assert staged.report.notes == (
        f"3 results were not understood, being of type 'choices': {where}",
        f"1 result was not understood, being of type 'ellipselabels': {where}",
        f"1 result was not understood, being of type 'rectanglelabels': {where}",
    )


def test_a_submission_of_which_nothing_is_understood_is_no_answer(tmp_path: Path) -> None:
    """Neither an empty text nor "nothing to mark": nobody knows what was answered. Its siblings stand."""
    odd = {"id": "o", "from_name": "mood", "type": "unheard of", "value": {}}
    entries = [annotation(1, odd), annotation(2, choice("a")), annotation(3), annotation(4, odd, was_cancelled=True)]
    guess = {"id": 9, "model_version": "m", "result": [odd]}
    shown = annotation(5, choice("b"), prediction={"id": 8, "result": [odd]})
    staged = export(tmp_path, task(annotations=[*entries, shown], predictions=[guess]))
    assert staged.rows("annotations", "annotation_id", "status", "kind", "label") == [
        ("2", "submitted", "single", "a"),
        ("3", "submitted", "none", None),
        ("4", "skipped", "none", None),
        ("5", "submitted", "single", "b"),
    ]
    assert (staged.report.read, staged.report.accepted) == (6, 4)
    assert staged.report.reasons == {NOTHING_KNOWN: 2}


def test_a_pair_is_told_by_its_sides_where_the_two_have_no_names(tmp_path: Path) -> None:
    """`to_name` lists both controls; of one name, or none, left and right still tell who won."""
    for to_name, sides in (("a,b", ["a", "b"]), ("a", ["left", "right"]), (None, ["left", "right"]),
                           ("a,", ["left", "right"]), ("a,a", ["left", "right"])):  # fmt: skip
        pairs = [
            {"id": "p", "from_name": "pw", "to_name": to_name, "type": "pairwise", "value": {"selected": side}}
            for side in ("left", "right")
        ]
        staged = export(tmp_path, task(annotations=[annotation(place, pair) for place, pair in enumerate(pairs)]))
        assert staged.rows("annotations", "question", "kind", "label", "labels") == [
            ("pw", "pairwise", side, sides) for side in sides
        ]
        assert staged.report.notes == ()


@pytest.mark.parametrize("selected", [None, "none", 1, ["left"]])
def test_a_pair_without_a_winner_is_no_answer(selected: Any, tmp_path: Path) -> None:
    pair = {"id": "p", "from_name": "pw", "to_name": "a,b", "type": "pairwise", "value": {"selected": selected}}
    staged = export(tmp_path, task(annotations=[annotation(1, pair)]))
    assert staged.rows("annotations") == []
    assert staged.report.reasons == {NOTHING_KNOWN: 1}


SIZED = {"id": "b", "from_name": "bbox", "original_width": 640, "original_height": 480}
BOX = {"x": 25, "y": 50, "width": 10, "height": 5, "rectanglelabels": ["car"]}


@pytest.mark.parametrize(("bad", "reason"), [
    ({"type": "rectanglelabels", "value": BOX | {"width": -10}}, "a box has a negative width or height"),
    ({"type": "rectanglelabels", "value": BOX | {"x": None}}, "a box lacks a number"),
    ({"type": "rectanglelabels", "value": BOX | {"x": 101}}, "a shape lies outside its image"),
    ({"type": "polygonlabels", "value": {"points": [[1, 2], [3, 4]]}}, "a polygon has fewer than three points"),
    ({"type": "polygonlabels", "value": {"points": [[1, 2], [3, "x"], [5, 6]]}}, "a point lacks a number"),
    ({"type": "ellipselabels", "value": {"x": 1, "y": 2, "radiusX": 3}}, "an ellipse lacks a number"),
    ({"type": "brushlabels", "value": {"format": "rle", "rle": [1, 2]}}, "a mask cannot be read"),
    ({"type": "videorectangle", "value": {"sequence": [{"frame": 0}]}}, NO_FRAME),
    ({"type": "labels", "value": {"start": 12, "end": 8, "text": "x", "labels": ["PART"]}}, NO_ENDS),
    ({"type": "labels", "value": {"start": 4, "end": None, "text": "x", "labels": ["PART"]}}, NO_ENDS),
    ({"type": "labels", "value": {"start": 40, "end": 44, "text": "pump", "labels": ["PART"]}}, OUTSIDE),
    ({"type": "labels", "value": {"start": 40, "end": 44, "text": "", "labels": ["PART"]}}, OUTSIDE),
    ({"type": "labels", "value": {"start": 40, "end": 44, "labels": ["PART"]}}, OUTSIDE),
    (7, "a result of the submission is no object"),
])  # fmt: skip
def test_a_region_that_can_be_none_quarantines_its_submission(tmp_path: Path, bad: Any, reason: str) -> None:
    bad = SIZED | bad if isinstance(bad, dict) else bad
    fine = SIZED | {"type": "rectanglelabels", "value": BOX}
    staged = export(tmp_path, task(annotations=[annotation(1, choice("a"), bad), annotation(2, choice("a"), fine)]))
    assert staged.report.reasons == {reason: 1}
    assert {row[0] for row in staged.rows("annotations", "annotation_id")} == {"2"}
    assert staged.report.notes == ()


def test_a_text_that_is_only_linked_does_not_end_anywhere(tmp_path: Path) -> None:
    staged = export(tmp_path, task(text="s3://texts/1.txt", annotations=[annotation(7, marked(70, 74, "pump"))]))
    assert staged.rows("regions", "t_start", "t_end") == [(70, 74)]


@pytest.mark.parametrize("member", ["annotations", "completions", "predictions", "drafts"])
def test_what_is_no_list_of_submissions_is_told(tmp_path: Path, member: str) -> None:
    tasks = [task(1, **{member: {"id": 1, "result": []}}), task(2, **{member: 3}), task(3, **{member: None})]
    staged = export(tmp_path, *tasks, task(4, annotations=[annotation(5, result="none"), annotation(6)]))
    assert staged.report.reasons == {
        "the task's annotations, predictions or drafts are no list": 2,
        "the submission's result is no list": 1,
    }
    assert staged.rows("annotations", "annotation_id") == [("6",)]


def test_what_cannot_be_placed_is_not_said_to_be_empty(tmp_path: Path) -> None:
    box = {"id": "b", "from_name": "bbox", "type": "rectanglelabels", "value": BOX}
    fine = SIZED | {"type": "rectanglelabels", "value": BOX}
    staged = export(tmp_path, task(annotations=[annotation(1, choice("a"), box), annotation(2, choice("a"), fine)]))
    rows = staged.rows("annotations", "annotation_id", "question", "kind")
    assert [row for row in rows if row[0] == "1"] == [("1", "mood", "single")]


def test_old_exports_and_gold_files(tmp_path: Path) -> None:
    done = annotation(1, choice("a"), created_at=1772442000, skipped=False)
    staged = export(tmp_path, {"id": 1, "data": {"image": "a.jpg"}, "completions": [done]}, role=Role.GOLD)
    assert staged.rows("annotations", "role", "tz_source", "submitted_at") == [
        ("gold", "epoch", datetime(2026, 3, 2, 9, tzinfo=UTC))
    ]
    assert staged.rows("items", "media", "uri", "is_gold") == [("image", "a.jpg", True)]


def test_a_mapping_says_where_batch_and_item_stand(tmp_path: Path) -> None:
    mapping = Mapping({"item_id": "data.key", "batch": "meta.lot", "site": "data.where.city"})
    made = task(1, annotations=[annotation(1, choice("a"))], meta={"lot": 7})
    made["data"] |= {"key": "K-1", "where": {"city": "cebu"}}
    staged = export(tmp_path, made, task(2), mapping=mapping)
    assert staged.rows("annotations", "item_id", "batch", "site", "guideline") == [("K-1", "7", "cebu", None)]
    assert staged.report.reasons == {"the record is no task with an id": 1}


def test_questions_that_show_late_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qc.readers.label_studio.LOOK_AHEAD", 1)
    tasks = [task(1, annotations=[annotation(1, choice("a"))]), task(2, annotations=[annotation(2, choice("a", "b"))])]
    report = export(tmp_path, *tasks, task(3, annotations=[annotation(3, marked(4, 8, "pump"))])).report
    assert report.notes == ("2 answers are of a kind that the question did not show in the first 2,000 tasks",)


def test_the_size_of_an_image_stands_with_its_item(tmp_path: Path) -> None:
    value = {"x": 1, "y": 1, "width": 1, "height": 1}
    box = {
        "id": "b",
        "from_name": "b",
        "type": "rectangle",
        "original_width": 640,
        "original_height": 480,
        "value": value,
    }
    staged = export(tmp_path, task(annotations=[annotation(1, box)]))
    assert staged.rows("items", "width", "height") == [(640, 480)]


def test_values_of_any_type_anywhere_never_escape(tmp_path: Path) -> None:
    """Each member of the tiny export is replaced by a value of every type; `read` checks that the counts add up."""
    whole = json.loads((DATA / "label_studio.json").read_text())
    whole[0]["annotations"][1]["result"] += json.loads((DATA / "label_studio_results.json").read_text())
    whole[0]["drafts"] = [{"id": 1, "user": 3, "result": [], "created_at": "2026-03-02T09:00:00Z"}]
    odd = [None, True, -1, 1e300, 2**63, "", "x", [], {}, [[1]], {"choices": ["a", "b"]}, "2026-03-29 02:30:00"]
    places = list(members_of(whole))
    for number, (holder, key) in enumerate(places):
        before = holder[key]
        holder[key] = odd[number % len(odd)]
        read(write(tmp_path, "odd.json", json.dumps(whole)), tmp_path, timezone="Europe/Berlin", reader="label_studio")
        holder[key] = before
    assert len(places) > 200


def members_of(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in nested lists and objects, but for the outermost list's."""
    for key, inner in list(value.items() if isinstance(value, dict) else enumerate(value)):
        if isinstance(value, dict):
            yield value, key
        if isinstance(inner, dict | list):
            yield from members_of(inner)


def test_rows_do_not_depend_on_how_many_are_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tasks = [task(n, annotations=[annotation(n, choice("a"))]) for n in range(30)]
    whole = export(tmp_path, *tasks).rows("annotations")
    monkeypatch.setattr("qc.readers.records.ROWS", 7)
    monkeypatch.setattr("qc.readers.label_studio_reading.BYTES", 500)
    monkeypatch.setattr("qc.readers.label_studio.LOOK_AHEAD", 3)
    monkeypatch.setattr("qc.readers.elements.BLOCK", 50)
    assert export(tmp_path, *tasks).rows("annotations") == whole
