"""Sheets of paid crowds: Mechanical Turk, Appen, Toloka, crowd-kit (about 12 s).

Expected rows were derived by hand from the tiny exports and from what the tools document of their columns; times in PST
are eight hours, in PDT seven hours behind UTC.
"""

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from readers_staged import DATA, Staged, read, write

from qc.model import InputError, Role
from qc.readers import Mapping
from qc.readers.registry import recognise
from qc.readers.sheet_csv import csv_sheet
from qc.readers.sheet_derived import Derived, with_columns
from qc.readers.source import source
from qc.readers.times import BadTimeError, Clock, instant, instants

FIXTURES = {
    "mturk_batch.csv": "mturk",
    "appen_full.csv": "appen",
    "appen_aggregated.csv": "appen_aggregated",
    "toloka_assignments.tsv": "toloka",
    "crowdkit_long.csv": "crowdkit",
}
ANSWER = ("annotation_id", "item_id", "annotator", "question", "kind", "label")


def table(
    folder: Path, *rows: dict[str, str], name: str = "export.csv", delimiter: str = ",", **options: Any
) -> Staged:
    header = list(dict.fromkeys(column for row in rows for column in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, header, delimiter=delimiter, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return read(write(folder, name, text.getvalue()), folder, **options)


def hit(number: int, **cells: str) -> dict[str, str]:
    """A row of a batch; `__` in a name stands for a dot."""
    common = {"HITId": "H1", "AssignmentId": f"A{number}", "WorkerId": f"W{number}", "AssignmentStatus": "Submitted"}
    return common | {name.replace("__", "."): value for name, value in cells.items()}


def judgment(number: int, **cells: str) -> dict[str, str]:
    common = {"_unit_id": "1", "_id": str(number), "_worker_id": f"w{number}", "_golden": "false"}
    return common | cells


def task(number: int, **cells: str) -> dict[str, str]:
    """A row of Toloka's; names are of the assignment, or have a prefix before `__`."""
    common = {"task_id": f"t{number}", "assignment_id": "a1", "worker_id": "w1", "status": "APPROVED"}
    named = {name.replace("__", ":") if "__" in name else f"ASSIGNMENT:{name}": value for name, value in cells.items()}
    return {f"ASSIGNMENT:{name}": value for name, value in common.items()} | named


def toloka(folder: Path, *rows: dict[str, str], **options: Any) -> Staged:
    return table(folder, *rows, name="assignments.tsv", delimiter="\t", **options)


@pytest.mark.parametrize("file", FIXTURES)
def test_each_export_is_recognised(file: str) -> None:
    assert recognise(DATA / file).name == FIXTURES[file]


@pytest.mark.parametrize("file", FIXTURES)
def test_a_file_cut_anywhere_is_refused_or_gives_no_row_that_the_whole_lacks(file: str, tmp_path: Path) -> None:
    content = (DATA / file).read_bytes()
    header = content.index(b"\n")
    whole = len(read(DATA / file, tmp_path, reader=FIXTURES[file]).rows("annotations"))
    for cut in [*range(0, header, 53), *range(header, len(content), 19)]:
        try:
            staged = read(write(tmp_path, "cut.csv", content[:cut] or b" "), tmp_path, reader=FIXTURES[file])
        except InputError:
            continue
        assert len(staged.rows("annotations")) <= whole + 1
        assert staged.report.read <= 3


def test_columns_are_made_only_where_they_are_wanted_and_possible(tmp_path: Path) -> None:
    made: list[int] = []

    def make(columns: Any) -> Any:
        made.append(1)
        return {"b": pc.utf8_upper(columns["a"])}

    sheet = csv_sheet(source(write(tmp_path, "s.csv", "a,c\nx,1\n")), None)
    wide = with_columns(sheet, [Derived(("b",), ("a",), make), Derived(("d",), ("absent",), make)])
    assert wide.header == ("a", "c", "b")
    assert [rows.columns["c"].to_pylist() for rows in wide.rows(["c"]) if len(rows.positions)] == [["1"]]
    assert not made
    assert [rows.columns["b"].to_pylist() for rows in wide.rows(["b"]) if len(rows.positions)] == [["X"]]


# Mechanical Turk


def test_the_tiny_batch_gives_exactly_these_rows(tmp_path: Path) -> None:
    staged = read(DATA / "mturk_batch.csv", tmp_path)
    first, second = staged.rows("annotations")
    assert first == {
        "item_id": "3HIT0001",
        "question": "mood",
        "annotation_id": "3ASG0001",
        "annotator": "A00000000001X",
        "role": "annotator",
        "status": "submitted",
        "kind": "single",
        "label": "negative",
        "started_at": datetime(2026, 3, 2, 17, 0, tzinfo=UTC),
        "submitted_at": datetime(2026, 3, 2, 17, 0, 41, tzinfo=UTC),
        "tz_source": "named",
        "seconds": 41.0,
        "seconds_kind": "wall",
        "batch": "1234",
        "extra": '{"AssignmentStatus":"Approved","Reward":"$0.05"}',
        "source_pos": 2,
    }
    assert (second["label"], second["status"], second["seconds"]) == ("positive", "submitted", 3.0)
    assert staged.rows("items") == [
        {
            "item_id": "3HIT0001",
            "text": "The pump failed twice.",
            "batch": "1234",
            "meta": '{"HITTypeId":"3TYPE01","Title":"Rate text","Input.item_id":"PMP-0007"}',
            "source_pos": 2,
        }
    ]
    assert staged.rows("reviews") == [
        {
            "review_id": "3ASG0001/requester",
            "annotation_id": "3ASG0001",
            "item_id": "3HIT0001",
            "reviewer": "requester",
            "verdict": "accept",
            "decided_at": datetime(2026, 3, 3, 18, 0, tzinfo=UTC),
            "source_pos": 2,
        },
        {
            "review_id": "3ASG0002/requester",
            "annotation_id": "3ASG0002",
            "item_id": "3HIT0001",
            "reviewer": "requester",
            "verdict": "reject",
            "comment": "Random answers",
            "decided_at": datetime(2026, 3, 3, 18, 0, tzinfo=UTC),
            "source_pos": 3,
        },
    ]
    assert (staged.report.read, staged.report.quarantined) == (2, 0)
    assert not any("12/12" in str(row) for name in ("annotations", "items") for row in staged.rows(name))


def test_summer_time_is_an_hour_later_in_the_clock_than_winter_time(tmp_path: Path) -> None:
    accepted = ("Fri Jul 03 09:00:00 PDT 2026", "Fri Jan 02 09:00:00 PST 2026")
    rows = [hit(place, AcceptTime=at, Answer__mood__label="a") for place, at in enumerate(accepted)]
    assert table(tmp_path, *rows).rows("annotations", "started_at") == [
        (datetime(2026, 7, 3, 16, 0, tzinfo=UTC),),
        (datetime(2026, 1, 2, 17, 0, tzinfo=UTC),),
    ]


def test_an_automatic_approval_is_no_review(tmp_path: Path) -> None:
    due, early = "Thu Mar 05 09:00:41 PST 2026", "Tue Mar 03 10:00:00 PST 2026"
    approved = {"AssignmentStatus": "Approved", "AutoApprovalTime": due, "Answer.mood.label": "a"}
    staged = table(
        tmp_path,
        hit(1) | approved | {"ApprovalTime": due},
        hit(2) | approved | {"ApprovalTime": ""},
        hit(3) | approved | {"ApprovalTime": early},
        hit(4, Answer__mood__label="a"),
        hit(5, Answer__mood__label="a", Approve="x"),
        hit(6, Answer__mood__label="a", Reject="too fast"),
    )
    assert staged.rows("reviews", "annotation_id", "verdict", "comment") == [
        ("A3", "accept", None),
        ("A5", "accept", None),
        ("A6", "reject", "too fast"),
    ]
    assert "2 assignments were approved automatically, which is no review" in staged.report.notes


def test_ticked_boxes_are_sets_and_radio_buttons_are_one_label(tmp_path: Path) -> None:
    """One box true in each row is a radio button; two true, or none, can only be boxes."""

    def ticks(**values: str) -> dict[str, str]:
        return {f"Answer.{name.replace('__', '.')}": value for name, value in values.items()}

    staged = table(
        tmp_path,
        hit(1) | ticks(mood__sad="true", mood__glad="false", parts__pump="true", parts__cap="true", agree__on="true"),
        hit(2)
        | ticks(mood__sad="false", mood__glad="true", parts__pump="false", parts__cap="false", agree__on="false"),
    )
    assert sorted(staged.rows("annotations", "annotation_id", "question", "kind", "label", "labels")) == [
        ("A1", "agree", "single", "true", None),
        ("A1", "mood", "single", "sad", None),
        ("A1", "parts", "multi", None, ["cap", "pump"]),
        ("A2", "agree", "single", "false", None),
        ("A2", "mood", "single", "glad", None),
        ("A2", "parts", "none", None, None),
    ]


def test_lists_bars_numbers_and_free_text(tmp_path: Path) -> None:
    staged = table(
        tmp_path,
        hit(1, Answer__parts__labels='["valve", "pump"]', Answer__old="a|b", Answer__stars="4", Answer__note="So-so."),
        hit(2, Answer__parts__labels="[]", Answer__old="b", Answer__stars="2", Answer__note=""),
    )
    assert sorted(staged.rows("annotations", "annotation_id", "question", "kind", "labels", "number", "text")) == [
        ("A1", "note", "text", None, None, "So-so."),
        ("A1", "old", "multi", ["a", "b"], None, None),
        ("A1", "parts", "multi", ["pump", "valve"], None, None),
        ("A1", "stars", "ordinal", None, 4.0, None),
        ("A2", "old", "multi", ["b"], None, None),
        ("A2", "parts", "none", None, None, None),
        ("A2", "stars", "ordinal", None, 2.0, None),
    ]


def test_a_list_that_is_cut_off_quarantines_its_row(tmp_path: Path) -> None:
    rows = [hit(place, Answer__parts__labels=cell) for place, cell in enumerate(('["a"]', '["b"', "7"))]
    staged = table(tmp_path, *rows)
    assert staged.report.reasons == {"the answers are no readable JSON": 2}
    assert staged.rows("annotations", "labels") == [(["a"],)]


def test_packed_answers_are_unfolded(tmp_path: Path) -> None:
    packed = (
        '[{"mood":{"label":"sad"},"parts":{"pump":{"on":true},"valve":{"on":true}},"note":"Hm."}]',
        '[{"mood":{"label":"glad"},"parts":{"pump":{"on":false},"valve":{"on":false}},"note":""}]',
        "[1]",
    )
    staged = table(tmp_path, *(hit(place, Answer__taskAnswers=cell) for place, cell in enumerate(packed)))
    assert sorted(staged.rows("annotations", "annotation_id", "question", "kind", "label", "labels", "text")) == [
        ("A0", "mood", "single", "sad", None, None),
        ("A0", "note", "text", None, None, "Hm."),
        ("A0", "parts", "multi", None, ["pump", "valve"], None),
        ("A1", "mood", "single", "glad", None, None),
        ("A1", "parts", "none", None, None, None),
    ]
    assert staged.report.reasons == {"the answers are no readable JSON": 1}


def test_boxes_are_in_pixels_and_none_is_an_answer(tmp_path: Path) -> None:
    box = '[{"left":160,"top":240,"width":64,"height":24,"label":"crane"}]'
    size = {"Answer.yard.inputImageProperties.width": "640", "Answer.yard.inputImageProperties.height": "480"}
    staged = table(
        tmp_path, hit(1, Answer__yard__boundingBoxes=box) | size, hit(2, Answer__yard__boundingBoxes="[]") | size
    )
    assert sorted(staged.rows("annotations", "annotation_id", "question", "kind")) == [
        ("A1", "yard", "boxes"),
        ("A2", "yard", "none"),
    ]
    assert staged.rows("regions", "x", "y", "w", "h", "label") == [(160.0, 240.0, 64.0, 24.0, "crane")]
    assert staged.rows("items", "width", "height") == [(640, 480)]


def test_who_submits_an_empty_form_marked_nothing(tmp_path: Path) -> None:
    staged = table(tmp_path, hit(1, Answer__mood__label="a"), hit(2, Answer__mood__label=""))
    assert staged.rows("annotations", "annotation_id", "kind", "status") == [
        ("A1", "single", "submitted"),
        ("A2", "none", "submitted"),
    ]


def test_accepted_answers_stand_in_inputs_that_are_named_so(tmp_path: Path) -> None:
    rows = [hit(place, Answer__mood__label="sad", Input__gold_mood="glad") for place in (1, 2)]
    staged = table(tmp_path, *rows)
    assert staged.rows("annotations", "role", "annotator", "label")[2:] == [("gold", "gold", "glad")]
    assert staged.rows("items", "is_gold") == [(True,)]


def test_a_mapping_says_which_input_names_the_item_and_what_is_asked(tmp_path: Path) -> None:
    mapping = Mapping.from_toml(
        'timezone = "UTC"\n[columns]\nitem_id = "Input.key"\nbatch = "Input.wave"\n'
        '[questions.feeling]\ncolumn = "Answer.mood"\nkind = "ordinal"\norder = ["bad", "good"]'
    )
    row = hit(1, Answer__mood="Good", Input__key="K1", Input__wave="w3")
    staged = table(tmp_path, row, mapping=mapping)
    assert staged.rows("annotations", "item_id", "question", "kind", "number", "batch") == [
        ("K1", "feeling", "ordinal", 2.0, "w3")
    ]


def test_texts_are_no_longer_parts_of_a_page(tmp_path: Path) -> None:
    staged = table(tmp_path, hit(1, Answer__mood__label="a", Input__text="Valve &lt;3&gt; &amp; pump"))
    assert staged.rows("items", "text") == [("Valve <3> & pump",)]


def test_a_batch_without_answers_or_ids_says_what_to_download(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="download the results"):
        table(tmp_path, hit(1, Input__text="x"))
    with pytest.raises(InputError, match="no column 'HITId'"):
        read(write(tmp_path, "x.csv", "AssignmentId,WorkerId,Answer.a\n1,2,3\n"), tmp_path, reader="mturk")


def test_rows_without_a_worker_or_a_time_go_to_quarantine(tmp_path: Path) -> None:
    staged = table(
        tmp_path,
        hit(1, Answer__mood__label="a") | {"WorkerId": ""},
        hit(2, Answer__mood__label="a", SubmitTime="yesterday"),
        hit(3, Answer__mood__label="a", WorkTimeInSeconds="-5"),
    )
    assert staged.report.reasons == {"the row names nobody who gave the answer": 1, "a time cannot be read": 1}
    assert (staged.report.read, staged.report.accepted, staged.report.clock_errors) == (3, 1, 1)


def test_answers_of_experts_are_read_as_gold(tmp_path: Path) -> None:
    staged = table(tmp_path, hit(1, Answer__mood__label="a"), role=Role.GOLD)
    assert staged.rows("annotations", "role", "label") == [("gold", "a")]
    assert staged.rows("items", "is_gold") == [(True,)]


# Appen


def test_the_tiny_full_report_gives_exactly_these_rows(tmp_path: Path) -> None:
    staged = read(DATA / "appen_full.csv", tmp_path)
    assert staged.rows("annotations", "role", *ANSWER) == [
        ("annotator", "4027532621", "724227031", "29289135", "sentiment", "single", "2"),
        ("annotator", "4027532622", "724227040", "29289135", "sentiment", "single", "1"),
        ("gold", None, "724227031", "gold", "sentiment", "single", "5"),
        ("gold", None, "724227031", "gold", "sentiment", "single", "4"),
    ]
    first = staged.rows("annotations")[0]
    # Half a minute for a page of two units.
    assert (first["seconds"], first["seconds_kind"], first["tz_source"]) == (15.0, "shared", "assumed")
    assert first["started_at"] == datetime(2026, 3, 2, 9, 0, 11, tzinfo=UTC)
    assert first["submitted_at"] == datetime(2026, 3, 2, 9, 0, 41, tzinfo=UTC)
    assert first["extra"] == '{"_trust":"0.8571","_tainted":"false","_missed":"true","_channel":"instagc"}'
    assert staged.rows("items") == [
        {
            "item_id": "724227031",
            "text": "Great pump",
            "is_gold": True,
            "meta": '{"item_key":"PMP-0001","sentiment_gold_reason":"Author is upbeat"}',
            "source_pos": 2,
        },
        {
            "item_id": "724227040",
            "text": "The pump failed twice.",
            "is_gold": False,
            "meta": '{"item_key":"PMP-0007"}',
            "source_pos": 3,
        },
    ]
    assert not any("203.0.113.7" in str(staged.rows(name)) for name in ("annotations", "items", "quarantine"))


def test_the_tiny_aggregated_report_holds_merged_answers(tmp_path: Path) -> None:
    staged = read(DATA / "appen_aggregated.csv", tmp_path)
    assert staged.rows("annotations", "role", "score", *ANSWER) == [
        ("consensus", 0.7579, "724227031/consensus", "724227031", "consensus", "sentiment", "single", "5"),
        ("consensus", 0.8123, "724227040/consensus", "724227040", "consensus", "sentiment", "single", "1"),
        ("gold", None, None, "724227031", "gold", "sentiment", "single", "5"),
        ("gold", None, None, "724227031", "gold", "sentiment", "single", "4"),
    ]
    times = staged.rows("annotations", "submitted_at")
    assert times[:2] == [(None,), (datetime(2026, 3, 2, 9, 20, tzinfo=UTC),)]
    assert "seconds" in staged.report.missing


def test_the_month_stands_first(tmp_path: Path) -> None:
    row = judgment(1, _created_at="4/5/2026 09:00:00", mood="a", orig__golden="")
    assert table(tmp_path, row).rows("annotations", "submitted_at") == [(datetime(2026, 4, 5, 9, tzinfo=UTC),)]


def test_a_row_of_its_own_page_has_its_time_to_itself(tmp_path: Path) -> None:
    times = [("3/2/2026 09:00:00", "3/2/2026 09:00:30"), ("3/2/2026 09:00:30", "3/2/2026 09:01:30")]
    rows = [
        judgment(place, _started_at=begin, _created_at=end, _unit_id=str(place), mood="a", orig__golden="")
        for place, (begin, end) in enumerate(times)
    ]
    assert table(tmp_path, *rows).rows("annotations", "seconds", "seconds_kind") == [(30.0, "wall"), (60.0, "wall")]


def test_lines_are_several_labels_and_their_gold_is_one_set(tmp_path: Path) -> None:
    common = {"orig__golden": "true", "_golden": "true", "parts_gold": "valve\npump"}
    rows = [judgment(1, parts="pump\nvalve") | common, judgment(2, parts="pump") | common]
    assert table(tmp_path, *rows).rows("annotations", "role", "kind", "labels") == [
        ("annotator", "multi", ["pump", "valve"]),
        ("annotator", "multi", ["pump"]),
        ("gold", "multi", ["pump", "valve"]),
    ]


def test_a_unit_that_is_no_test_question_has_no_gold(tmp_path: Path) -> None:
    rows = [judgment(1, mood="a", mood_gold="b"), judgment(2, mood="a", mood_gold="b", _unit_id="2", _golden="true")]
    staged = table(tmp_path, *rows)
    assert staged.rows("annotations", "role", "item_id")[2:] == [("gold", "2")]
    assert sorted(staged.rows("items", "item_id", "is_gold")) == [("1", False), ("2", True)]


def test_without_test_questions_the_answers_are_what_differs_within_a_unit(tmp_path: Path) -> None:
    rows = [judgment(1, mood="a", text="T"), judgment(2, mood="b", text="T")]
    assert table(tmp_path, *rows).rows("annotations", "question", "label") == [("mood", "a"), ("mood", "b")]
    with pytest.raises(InputError, match="name them in a mapping"):
        table(tmp_path, judgment(1, mood="a"))


def test_a_report_in_an_older_encoding_is_read_and_noted(tmp_path: Path) -> None:
    content = "_unit_id,_worker_id,mood,mood_gold\n1,w1,fr\u00f6hlich,\n"
    staged = read(write(tmp_path, "report.csv", content.encode("cp1252")), tmp_path)
    assert staged.rows("annotations", "label") == [("fr\u00f6hlich",)]
    assert any("was read as cp1252" in note for note in staged.report.notes)


def test_units_without_a_merged_answer_are_not_done(tmp_path: Path) -> None:
    unit = {"_unit_id": "1", "_unit_state": "new", "mood": "", "mood:confidence": ""}
    done = {"_unit_id": "2", "_unit_state": "finalized", "mood": "a", "mood:confidence": "1.0"}
    staged = table(tmp_path, unit, done)
    assert staged.rows("annotations", "item_id") == [("2",)]
    assert "1 item has no merged answer yet" in staged.report.notes


# Toloka


def test_the_tiny_assignments_give_exactly_these_rows(tmp_path: Path) -> None:
    staged = read(DATA / "toloka_assignments.tsv", tmp_path)
    assert staged.rows("annotations", "role", *ANSWER) == [
        ("annotator", "as-1/0001--t1", "0001--t1", "1a2b3c", "result", "single", "cat"),
        ("annotator", "as-1/0001--t2", "0001--t2", "1a2b3c", "result", "single", "dog"),
        ("gold", None, "0001--t2", "gold", "result", "single", "dog"),
    ]
    first = staged.rows("annotations")[0]
    # 90.333 s for two tasks.
    assert (first["seconds"], first["seconds_kind"]) == (pytest.approx(45.1665), "shared")
    assert first["started_at"] == datetime(2026, 3, 2, 9, 0, 0, 123_000, tzinfo=UTC)
    assert first["submitted_at"] == datetime(2026, 3, 2, 9, 1, 30, 456_000, tzinfo=UTC)
    assert staged.rows("items", "item_id", "uri", "is_gold") == [
        ("0001--t1", "https://e.org/1.jpg", False),
        ("0001--t2", "https://e.org/2.jpg", True),
    ]
    assert staged.rows("reviews") == []
    assert "2 answers were accepted as they were submitted, which is no review" in staged.report.notes


def test_every_state_of_an_assignment(tmp_path: Path) -> None:
    states = ("APPROVED", "SUBMITTED", "REJECTED", "SKIPPED", "EXPIRED", "ACTIVE", "LOST")
    rows = [task(place, status=state, OUTPUT__r="a" if place < 3 else "") for place, state in enumerate(states)]
    staged = toloka(tmp_path, *rows)
    assert staged.rows("annotations", "status", "kind", "label") == [
        ("submitted", "single", "a"),
        ("submitted", "single", "a"),
        ("submitted", "single", "a"),
        ("skipped", "none", None),
        ("expired", "none", None),
        ("draft", "none", None),
    ]
    assert staged.report.reasons == {"the status is none that is known": 1}
    assert staged.rows("reviews", "annotation_id", "verdict") == [("a1/t2", "reject")]


def test_what_the_requester_decides_later_is_a_review(tmp_path: Path) -> None:
    done, later = "2026-03-02T09:01:30", "2026-03-03T10:00:00"
    staged = toloka(
        tmp_path,
        task(1, OUTPUT__r="a", submitted=done, accepted=later),
        task(2, OUTPUT__r="a", submitted=done, status="REJECTED", rejected=later, ACCEPT__comment="cropped"),
        task(3, OUTPUT__r="a", submitted=done, status="SUBMITTED", ACCEPT__verdict="-"),
        task(4, OUTPUT__r="a", submitted=done, accepted=done),
    )
    at = datetime(2026, 3, 3, 10, tzinfo=UTC)
    assert staged.rows("reviews", "annotation_id", "verdict", "comment", "decided_at") == [
        ("a1/t1", "accept", None, at),
        ("a1/t2", "reject", "cropped", at),
        ("a1/t3", "reject", None, None),
    ]


def test_lists_are_sets_and_other_json_is_kept_as_text(tmp_path: Path) -> None:
    drawn = '[{"shape":"rectangle","left":0.25,"top":0.5,"width":0.1,"height":0.05,"label":"crane"}]'
    staged = toloka(tmp_path, task(1, OUTPUT__parts='["b","a"]', OUTPUT__path=drawn, GOLDEN__parts='["a"]'))
    assert staged.rows("annotations", "role", "question", "kind", "labels", "text") == [
        ("annotator", "parts", "multi", ["a", "b"], None),
        ("annotator", "path", "text", None, drawn),
        ("gold", "parts", "multi", ["a"], None),
    ]
    assert any("path are kept as they came" in note for note in staged.report.notes)


def test_blank_lines_between_pages_are_no_rows(tmp_path: Path) -> None:
    staged = toloka(tmp_path, task(1, OUTPUT__r="a"), dict.fromkeys(task(1), ""), task(2, OUTPUT__r="b"))
    assert (staged.report.read, staged.report.quarantined) == (2, 0)


def test_a_default_download_has_no_task_ids_and_no_times_of_submission(tmp_path: Path) -> None:
    row = {"INPUT:image": "https://e.org/1.jpg", "OUTPUT:r": "a", "HINT:text": "look at the ears"}
    row |= {"ASSIGNMENT:assignment_id": "a1", "ASSIGNMENT:worker_id": "w1", "ASSIGNMENT:status": "APPROVED"}
    row |= {"ASSIGNMENT:started": "2026-03-02T09:00:00"}
    staged = toloka(tmp_path, row)
    assert staged.rows("annotations", "item_id", "annotation_id", "seconds") == [
        ("https://e.org/1.jpg", "a1/https://e.org/1.jpg", None)
    ]
    assert staged.rows("items", "uri", "meta") == [("https://e.org/1.jpg", '{"HINT:text":"look at the ears"}')]
    assert any("tick ASSIGNMENT:submitted" in note for note in staged.report.notes)
    assert staged.rows("reviews") == []


def test_an_export_without_workers_says_what_to_download(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="ASSIGNMENT:worker_id"):
        toloka(tmp_path, {"INPUT:a": "1", "OUTPUT:r": "a", "ASSIGNMENT:status": "APPROVED"})


# crowd-kit


def test_the_tiny_table_of_labels(tmp_path: Path) -> None:
    staged = read(DATA / "crowdkit_long.csv", tmp_path)
    assert staged.rows("annotations", *ANSWER) == [
        (None, "PMP-0007", worker, "label", "single", label)
        for worker, label in (("w1", "neg"), ("w2", "neg"), ("w3", "pos"))
    ]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("task,performer,label\nt1,p1,a\n", [("t1", "p1", "label", "single", "a", None, None)]),
        ("worker,task,text\nw1,t1,the pump\n", [("t1", "w1", "text", "text", None, None, "the pump")]),
        (
            "worker,left,right,label\nw1,b,a,b\nw2,a,b,b\n",
            [
                ("a | b", "w1", "label", "pairwise", "b", ["b", "a"], None),
                ("a | b", "w2", "label", "pairwise", "b", ["a", "b"], None),
            ],
        ),
    ],
)
def test_the_other_tables(content: str, expected: list[Any], tmp_path: Path) -> None:
    staged = read(write(tmp_path, "t.csv", content), tmp_path)
    assert staged.report.format == "crowdkit"
    columns = ("item_id", "annotator", "question", "kind", "label", "labels", "text")
    assert staged.rows("annotations", *columns) == expected


def test_a_pair_is_won_by_one_of_its_sides(tmp_path: Path) -> None:
    staged = read(write(tmp_path, "t.csv", "worker,left,right,label\nw1,x,y,z\nw2,x,y,y\n"), tmp_path)
    assert staged.report.reasons == {"the answer names neither side of the pair": 1}


def test_another_table_is_not_taken_for_one_of_crowd_kit(tmp_path: Path) -> None:
    assert recognise(write(tmp_path, "a.csv", "task,worker,label,gold\n1,2,3,4\n")).name == "table"
    with pytest.raises(InputError, match="read it as a table"):
        read(write(tmp_path, "a.csv", "task,label\n1,2\n"), tmp_path, reader="crowdkit")


ODD: dict[str, Callable[[int], dict[str, str]]] = {
    "mturk": lambda n: hit(n, Answer__a="\u202e", Answer__b__labels="[[1]]", AcceptTime="0", Approve="\x07"),
    "appen": lambda n: judgment(n, a="\ufeff", a_gold="\n\n", _golden="perhaps", _created_at="99/99/9999 1:1:1"),
    "toloka": lambda n: task(n, OUTPUT__a='{"a":' * 200, status="\u00df", accepted="x", started="1e999"),
}


@pytest.mark.parametrize("name", ODD)
def test_odd_cells_are_taken_or_quarantined(name: str, tmp_path: Path) -> None:
    staged = table(tmp_path, *(ODD[name](place) for place in range(3)), reader=name)
    assert staged.report.read == 3


UNIX = ["Mon Mar 02 09:00:00 PST 2026", None, "Wed Jul  1 23:59:59 PDT 2026", "Fri Jul 31 23:59:59 GMT 2026"]
ZONED = [Clock(UTC, False, order) for order in (True, False, None)] + [Clock(ZoneInfo("Europe/Berlin"), True, True)]


@pytest.mark.parametrize("clock", ZONED)
@pytest.mark.parametrize(
    "texts",
    [
        UNIX,
        [*UNIX, "Mon Feb 30 09:00:00 PST 2026"],
        ["Mon Mar 02 09:00:00 IST 2026"],
        ["Mon Foo 02 09:00:00 PST 2026"],
        ["Mon Mar 02 25:00:00 PST 2026"],
        ["3/2/2026 9:00:41", "3/2/2026 09:00:41", None],
        ["13/2/2026 09:00:41", "2/13/2026 09:00:41"],
        ["3/2/2026 09:00:41 PM", "2/30/2026 09:00:41"],
        ["25/10/2026 02:30:00"],
        ["29/3/2026 02:30:00"],
        ["3/2/2040 09:00:41", "3/2/0000 02:30:00", "0/0/2026 02:30:00"],
    ],
)
def test_a_column_of_times_is_read_as_each_of_them_is(texts: list[str | None], clock: Clock) -> None:
    """The cast of a whole column has the reading of single texts as its oracle: 2026-10-25 02:30 is twice in Berlin,
    2026-03-29 02:30 never.
    """
    found = instants(pa.array(texts, pa.string()), clock)
    for place, text in enumerate(texts):
        reason, expected = None, None
        try:
            expected = instant(text, clock) if text else None
        except BadTimeError as error:
            reason = str(error)
        assert found.bad.get(place) == reason
        assert found.values.cast(pa.int64())[place].as_py() == (expected and expected.micros)
        assert found.sources[place].as_py() == (expected and expected.source)
