"""Sheets: long and wide, guessed and mapped (about 8 s).

Expected rows of the tiny files were derived by hand from their text; row counts of the real ones stand in their notice.
"""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from readers_staged import DATA, read, write

from qc.model import InputError, Kind, Role
from qc.readers import Mapping, Question, guess_mapping
from qc.readers.times import UNDECIDED

SAMPLES = Path(__file__).parent.parent / "sample_exports"


def at(hour: int, minute: int, second: int) -> datetime:
    return datetime(2026, 3, 2, hour, minute, second, tzinfo=UTC)


def test_long_sheet_gives_answers_gold_model_review_and_correction(tmp_path: Path) -> None:
    staged = read(DATA / "sheet_long.csv", tmp_path)
    assert staged.rows("annotations", "item_id", "annotator", "role", "labels", "source_pos") == [
        ("PMP-0007", "Anna", "annotator", ["neg"], 2),
        ("PMP-0008", "Ben", "annotator", ["calm", "pos"], 3),
        ("PMP-0008", "Xi", "reviewer", ["neg"], 3),
        ("PMP-0008", "gold", "gold", ["neg"], 3),
        ("PMP-0007", "model", "model", ["neu"], 2),
        ("PMP-0008", "model", "model", ["pos"], 3),
    ]
    anna, ben = staged.rows("annotations")[:2]
    assert anna == {
        "item_id": "PMP-0007",
        "question": "label",
        "annotator": "Anna",
        "role": "annotator",
        "status": "submitted",
        "kind": "multi",
        "labels": ["neg"],
        "started_at": at(1, 0, 0),
        "submitted_at": at(1, 0, 37),
        "tz_source": "explicit",
        "seconds": 37.0,
        "seconds_kind": "wall",
        "batch": "B07",
        "guideline": "v3",
        "source_pos": 2,
    }
    assert (ben["started_at"], ben["submitted_at"], ben["seconds"]) == (at(1, 1, 0), at(1, 1, 9), 9.0)
    assert staged.rows("reviews") == [
        {"item_id": "PMP-0007", "question": "label", "reviewer": "Xi", "verdict": "accept", "source_pos": 2},
        {"item_id": "PMP-0008", "question": "label", "reviewer": "Xi", "verdict": "reject", "source_pos": 3},
    ]
    assert staged.rows("items", "item_id", "batch", "guideline", "is_gold") == [
        ("PMP-0007", "B07", "v3", False),
        ("PMP-0008", "B07", "v3", True),
    ]
    scores = [row for row in staged.rows("annotations", "role", "model", "score") if row[0] == "model"]
    assert scores == [("model", "model", 0.61), ("model", "model", 0.93)]


def test_wide_sheet_melts_people_and_leaves_empty_cells_out(tmp_path: Path) -> None:
    staged = read(DATA / "sheet_wide.csv", tmp_path)
    assert staged.rows("annotations", "item_id", "annotator", "role", "label") == [
        ("PMP-0007", "Anna", "annotator", "neg"),
        ("PMP-0008", "Anna", "annotator", "pos"),
        ("PMP-0007", "Ben", "annotator", "neg"),
        ("PMP-0008", "Chika", "annotator", "pos"),
        ("PMP-0007", "gold", "gold", "neg"),
    ]
    assert staged.rows("items", "item_id", "text", "is_gold") == [
        ("PMP-0007", "The pump failed twice.", True),
        ("PMP-0008", "Valve ok", False),
    ]
    assert staged.report.notes == ("Each of these columns was taken for a person: Anna, Ben, Chika",)
    assert staged.report.missing["submitted_at"] == (
        "no times of submission: drift and trends are not available, nor is fatigue without positions"
    )
    assert "gold" not in staged.report.missing


def test_a_wide_sheet_may_have_times_and_tags(tmp_path: Path) -> None:
    text = (
        "item,tags,start,end,Anna,Ben\n"
        "1,night; rain,2026-03-02 09:00:00Z,2026-03-02 09:01:00Z,x,x\n"
        "2,,2026-03-02 09:01:00Z,2026-03-02 09:01:10Z,y,x\n"
    )
    staged = read(write(tmp_path, "s.csv", text), tmp_path)
    assert staged.rows("annotations", "item_id", "annotator", "seconds", "tags") == [
        ("1", "Anna", 60.0, ["night", "rain"]),
        ("2", "Anna", 10.0, None),
        ("1", "Ben", 60.0, ["night", "rain"]),
        ("2", "Ben", 10.0, None),
    ]
    assert staged.rows("items", "tags") == [(["night", "rain"],), (None,)]


def test_whole_numbers_are_one_label_with_and_without_their_point(tmp_path: Path) -> None:
    """pandas writes 2 as 2.0 in a column that has blanks, such as that of a person who answered less."""
    wide = "item,rater_1,rater_2,gold\n1,2,2.0,\n2,3,,3.0\n3,2,2.0,\n4,3,3.0,\n"
    staged = read(write(tmp_path, "wide.csv", wide), tmp_path)
    assert {row for row in staged.rows("annotations", "annotator", "role", "label") if row[1] != "annotator"} == {
        ("gold", "gold", "3")
    }
    assert [row for row in staged.rows("annotations", "annotator", "label") if row[0] == "rater_2"] == [
        ("rater_2", "2"),
        ("rater_2", "2"),
        ("rater_2", "3"),
    ]
    long = "item,annotator,label,reviewer,corrected_label\n1,ann,2,rita,2.0\n2,ann,3,rita,2.0\n3,ann,v1.0,,\n"
    staged = read(write(tmp_path, "long.csv", long), tmp_path)
    assert staged.rows("reviews", "item_id", "verdict") == [("1", "accept"), ("2", "reject")]
    assert ("ann", "v1.0") in staged.rows("annotations", "annotator", "label")


def test_a_label_that_a_mapping_names_stays_as_it_is_written(tmp_path: Path) -> None:
    columns = {"item_id": "item", "annotator": "who"}
    mapping = Mapping(columns, {"label": Question("label")}, labels={"1.0": "yes", "0": "no"})
    sheet = write(tmp_path, "s.csv", "item,who,label\n1,ann,1.0\n2,ann,0.0\n3,ann,2.0\n")
    staged = read(sheet, tmp_path, mapping=mapping)
    assert staged.rows("annotations", "label") == [("yes",), ("no",), ("2",)]
    text = Mapping(columns, {"label": Question("label", Kind.TEXT)})
    assert read(sheet, tmp_path, mapping=text).rows("annotations", "text") == [("1.0",), ("0.0",), ("2.0",)]


def test_crowdkit_columns_need_no_mapping(tmp_path: Path) -> None:
    staged = read(DATA / "crowdkit_long.csv", tmp_path)
    assert staged.rows("annotations", "item_id", "annotator", "label") == [
        ("PMP-0007", "w1", "neg"),
        ("PMP-0007", "w2", "neg"),
        ("PMP-0007", "w3", "pos"),
    ]


@pytest.mark.parametrize(
    ("name", "rows", "items", "annotators"),
    [("weather_sentiment_amt", 6030, 300, 110), ("sentence_polarity_amt", 10000, 500, 143)],
)
def test_real_sheets_are_read_whole(tmp_path: Path, name: str, rows: int, items: int, annotators: int) -> None:
    """Counts of rows, items and annotators as published with the data sets."""
    staged = read(SAMPLES / f"{name}.csv", tmp_path)
    given = [row for row in staged.rows("annotations", "role", "annotator", "seconds") if row[0] == "annotator"]
    assert (staged.report.read, len(given), staged.report.rows["items"]) == (rows, rows, items)
    assert len({annotator for _, annotator, _ in given}) == annotators
    assert all(seconds is not None for _, _, seconds in given)
    gold = [item for item, role in staged.rows("annotations", "item_id", "role") if role == "gold"]
    assert len(gold) == len(set(gold)) == items


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_encodings_and_delimiters_of_sheets(tmp_path: Path, encoding: str, delimiter: str) -> None:
    text = "item,annotator,label\n1,Zoë,ja\n2,Ünal,nein\n".replace(",", delimiter)
    staged = read(write(tmp_path, "sheet.csv", text.encode(encoding)), tmp_path)
    assert staged.rows("annotations", "item_id", "annotator", "label") == [("1", "Zoë", "ja"), ("2", "Ünal", "nein")]


def test_a_mapping_names_the_encoding(tmp_path: Path) -> None:
    path = write(tmp_path, "sheet.csv", "item,annotator,label\n1,Zoë,ja\n".encode("latin-1"))
    mapping = Mapping.from_toml(
        'encoding = "latin-1"\n[columns]\nitem_id="item"\nannotator="annotator"\n[questions.mood]\ncolumn="label"\n'
    )
    assert read(path, tmp_path, mapping).rows("annotations", "annotator", "question") == [("Zoë", "mood")]


def test_cells_with_quotes_line_breaks_and_markup_stay_text(tmp_path: Path) -> None:
    names = ["<script>alert(1)</script>", "![x](http://example.org)", 'a "quoted" name', "two\nlines", "=1+1"]
    rows = "".join('i,"{}",x\n'.format(name.replace('"', '""')) for name in names)
    staged = read(write(tmp_path, "sheet.csv", "item,annotator,label\n" + rows), tmp_path)
    assert [name for (name,) in staged.rows("annotations", "annotator")] == names


def test_ids_stay_text_in_every_make_of_sheet(tmp_path: Path) -> None:
    ids = ["007", "9007199254740993", "1e5"]
    rows = "".join(f"{id_},a,x\n" for id_ in ids)
    staged = read(write(tmp_path, "s.csv", "item,annotator,label\n" + rows), tmp_path)
    assert [item for (item,) in staged.rows("annotations", "item_id")] == ids

    table = pa.table(
        {"item": [9007199254740993, 7], "annotator": ["a", "a"], "label": [1.0, None], "seconds": [2.5, 3]}
    )
    pq.write_table(table, tmp_path / "s.parquet")
    staged = read(tmp_path / "s.parquet", tmp_path)
    assert staged.rows("annotations", "item_id", "label", "seconds") == [("9007199254740993", "1", 2.5)]
    assert staged.report.reasons == {"the answer is empty (a column `status` may say skipped)": 1}

    book = openpyxl.Workbook()
    for row in [["item", "annotator", "label", "submitted_at"], [12, "a", "x", datetime(2026, 3, 2, 9)], [None] * 4]:
        book.active.append(row)
    book.save(tmp_path / "s.xlsx")
    staged = read(tmp_path / "s.xlsx", tmp_path, timezone="Asia/Manila")
    assert staged.rows("annotations", "item_id", "label", "submitted_at", "tz_source") == [
        ("12", "x", at(1, 0, 0), "assumed")
    ]


def test_bad_rows_go_to_quarantine_with_their_line(tmp_path: Path) -> None:
    text = (
        "item,annotator,label,submitted_at,seconds\n"
        "1,a,x,2026-03-02 09:00:00Z,5\n"
        "2,a\n"
        "\n"
        "3,a,x,2026-03-02 09:00:00Z,5,6\n"
        ",a,x,2026-03-02 09:00:00Z,5\n"
        "4,,x,2026-03-02 09:00:00Z,5\n"
        "5,a,,2026-03-02 09:00:00Z,5\n"
        "6,a,x,yesterday,5\n"
        "7,a,x,2031-01-01 00:00:00Z,-3\n"
    )
    staged = read(write(tmp_path, "sheet.csv", text), tmp_path)
    assert staged.rows("annotations", "item_id", "seconds", "source_pos") == [("1", 5.0, 2), ("7", None, 9)]
    assert sorted(staged.rows("quarantine", "line", "reason")) == [
        (3, "the row has more or fewer cells than the header"),
        (4, "the row has more or fewer cells than the header"),
        (5, "the row names no item"),
        (6, "the row has an answer and names nobody who gave it"),
        (7, "the answer is empty (a column `status` may say skipped)"),
        (8, "a time cannot be read"),
    ]
    assert (staged.report.read, staged.report.accepted, staged.report.clock_errors) == (8, 2, 2)
    assert "item=6, annotator=a, label=x, submitted_at=yesterday, seconds=5" in {
        excerpt for (excerpt,) in staged.rows("quarantine", "excerpt")
    }


def test_times_without_a_zone_are_assumed_or_stated(tmp_path: Path) -> None:
    """Berlin leaves out 02:30 on 29 March 2026 and has it twice on 25 October."""
    text = (
        "item,annotator,label,submitted_at\n"
        "1,a,x,2026-03-02 09:00:00\n"
        "2,a,x,2026-03-29 02:30:00\n"
        "3,a,x,2025-10-26 02:30:00\n"
    )
    path = write(tmp_path, "sheet.csv", text)
    staged = read(path, tmp_path)
    assert staged.report.notes == ("3 rows have times without a zone; UTC was assumed",)
    staged = read(path, tmp_path, timezone="Europe/Berlin")
    assert staged.rows("annotations", "item_id", "submitted_at", "tz_source") == [
        ("1", at(8, 0, 0), "assumed"),
        ("3", datetime(2025, 10, 26, 0, 30, tzinfo=UTC), "assumed"),
    ]
    assert staged.report.reasons == {"a time falls into the hour that the change to summer time leaves out": 1}
    assert staged.report.notes == (
        "1 time falls into the hour that occurs twice when summer time ends; the first was taken",
    )


def test_skipped_rows_are_answers_without_a_label(tmp_path: Path) -> None:
    text = "item,annotator,label,status\n1,a,x,submitted\n2,a,,skipped\n3,a,x,odd\n4,a,y,rejected\n"
    staged = read(write(tmp_path, "sheet.csv", text), tmp_path)
    assert sorted(staged.rows("annotations", "item_id", "label", "kind", "status"), key=str) == [
        ("1", "x", "single", "submitted"),
        ("2", None, "none", "skipped"),
        ("4", "y", "single", "discarded"),
    ]
    assert staged.report.reasons == {"the status is none that is known": 1}


def test_what_a_sheet_repeats_is_stated_once_across_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qc.readers.sheet_csv.BLOCK", 400)
    rows = "".join(f"i{n % 7},a{n},x,{'g' if n % 7 < 3 else ''},{'deep' if n == 50 else ''}\n" for n in range(200))
    staged = read(write(tmp_path, "s.csv", "item,annotator,label,gold,difficulty\n" + rows), tmp_path)
    gold = [item for item, role in staged.rows("annotations", "item_id", "role") if role == "gold"]
    assert gold == ["i0", "i1", "i2"]
    assert sorted(staged.rows("items", "item_id", "is_gold", "difficulty", "source_pos")) == [
        (f"i{n}", n < 3, "deep" if n == 50 % 7 else None, n + 2) for n in range(7)
    ]
    assert [row[0] for row in staged.rows("annotations", "source_pos")][:200] == list(range(2, 202))


def test_answers_submitted_together_part_their_time(tmp_path: Path) -> None:
    """Two items in one page of 60 s took 30 s each; an exact repeat of a row is no second item."""
    text = (
        "item,annotator,label,start,end\n"
        "1,a,x,2026-03-02 09:00:00Z,2026-03-02 09:01:00Z\n"
        "2,a,x,2026-03-02 09:00:00Z,2026-03-02 09:01:00Z\n"
        "2,a,x,2026-03-02 09:00:00Z,2026-03-02 09:01:00Z\n"
        "1,b,x,2026-03-02 09:00:00Z,2026-03-02 09:01:00Z\n"
        "1,c,x,2026-03-02 09:02:00Z,2026-03-02 09:01:00Z\n"
    )
    staged = read(write(tmp_path, "s.csv", text), tmp_path)
    assert staged.rows("annotations", "annotator", "seconds", "seconds_kind") == [
        ("a", 30.0, "shared"),
        ("a", 30.0, "shared"),
        ("a", 30.0, "shared"),
        ("b", 60.0, "wall"),
        ("c", None, None),
    ]
    assert staged.report.clock_errors == 1


@pytest.mark.parametrize(
    ("header", "row", "meant"),
    [
        ("item,annotator,label,gold", ["1", "a", "cat", "true"], "is_gold"),
        ("item,annotator,label,gold", ["1", "a", "1", "1"], "gold_label"),
        ("item,annotator,label,golden", ["1", "a", "cat", "dog"], "gold_label"),
        ("item,annotator,label,golden", ["1", "a", "cat", "0"], "is_gold"),
    ],
)
def test_a_flag_is_told_from_a_label_by_its_values(header: str, row: list[str], meant: str) -> None:
    assert list(guess_mapping(header.split(","), [row]).columns)[-1] == meant


def test_a_gold_file_gives_gold_answers(tmp_path: Path) -> None:
    staged = read(write(tmp_path, "gold.csv", "item,label\n1,x\n2,y\n1,x\n"), tmp_path, role=Role.GOLD)
    assert staged.rows("annotations", "item_id", "annotator", "role", "label") == [
        ("1", "gold", "gold", "x"),
        ("2", "gold", "gold", "y"),
    ]
    assert staged.rows("items", "is_gold") == [(True,), (True,)]


def test_several_questions_and_kinds_by_mapping(tmp_path: Path) -> None:
    mapping = Mapping.from_toml(
        """
        [columns]
        item_id = "unit"
        annotator = "who"
        [questions.mood]
        column = "m"
        [questions.stars]
        column = "s"
        kind = "ordinal"
        [questions.rank]
        column = "r"
        kind = "ranking"
        separator = ">"
        """
    )
    text = "unit,who,m,s,r\n1,a,good,4,b>a\n2,a,,2.5,\n3,a,bad,four,\n"
    staged = read(write(tmp_path, "s.csv", text), tmp_path, mapping)
    assert sorted(staged.rows("annotations", "item_id", "question", "kind", "label", "number", "labels"), key=str) == [
        ("1", "mood", "single", "good", None, None),
        ("1", "rank", "ranking", None, None, ["b", "a"]),
        ("1", "stars", "ordinal", None, 4.0, None),
        ("2", "stars", "ordinal", None, 2.5, None),
    ]
    assert staged.report.reasons == {"the answer is no number": 1}


def test_guessed_mapping_and_toml_round_trip() -> None:
    header = ["Task ID", "Worker", "Answer", "Submit Time", "Duration", "Gold"]
    guessed = guess_mapping(header, [["1", "w", "a;b", "", "", ""]])
    assert guessed.columns == {
        "item_id": "Task ID",
        "annotator": "Worker",
        "submitted_at": "Submit Time",
        "seconds": "Duration",
        "gold_label": "Gold",
    }
    assert guessed.questions == {"label": Question("Answer", Kind.MULTI, ";")}
    assert Mapping.from_toml(guessed.to_toml()) == guessed
    odd = Mapping(
        {"item_id": 'a "b"\n\\c'}, {"q 1": Question("ü\t", Kind.TEXT)}, ("p'1",), "UTC", "day first", "cp1252"
    )
    assert Mapping.from_toml(odd.to_toml()) == odd


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[columns\n", "The mapping is not TOML"),
        ("[columns]\nitm = 'a'", r"\[columns\] of the mapping does not know 'itm'"),
        ("[questions.q]\nkind = 'masks'", "Question 'q' cannot be 'masks'"),
        ("[questions.q]\nkind = 'multi'", "name the separator"),
        ("encoding = 'klingon'", "There is no encoding 'klingon'"),
        ("dates = 'odd'", "day first"),
        ("people = 'Anna'", "must be a list"),
        ("[columns]\nitem_id = 3", "must be texts"),
    ],
)
def test_a_wrong_mapping_says_what_it_knows(text: str, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        Mapping.from_toml(text)


@pytest.mark.parametrize(
    ("header", "sentence"),
    [
        (["annotator", "label"], "No column names the item"),
        (["item", "annotator", "colour"], "No column holds the answer"),
        (["item"], "No column holds answers"),
    ],
)
def test_a_header_without_what_is_needed_says_so(header: list[str], sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        guess_mapping(header, [])


def dated(*dates: str) -> str:
    rows = [f"i{place},Anna,neg,{date} 09:00:00,2026-03-02T08:00:00Z" for place, date in enumerate(dates)]
    return "\n".join(["item_id,annotator,label,submitted_at,started_at", *rows]) + "\n"


@pytest.mark.parametrize(
    ("dates", "days", "order"),
    [
        (("3/1/2026", "3/13/2026", "3/2/2026"), [(3, 1), (3, 13), (3, 2)], "month first, as 3/13/2026 shows"),
        (("3/1/2026", "13/3/2026", "3/2/2026"), [(1, 3), (3, 13), (2, 3)], "day first, as 13/3/2026 shows"),
    ],
)
def test_one_date_tells_the_order_of_its_column(
    tmp_path: Path, dates: tuple[str, ...], days: list[tuple[int, int]], order: str
) -> None:
    staged = read(write(tmp_path, "a.csv", dated(*dates)), tmp_path)
    assert staged.report.quarantined == 0
    assert [(row[0].month, row[0].day) for row in staged.rows("annotations", "submitted_at")] == days
    assert any(order in note for note in staged.report.notes)


def test_dates_of_both_orders_tell_nothing_of_the_others(tmp_path: Path) -> None:
    staged = read(write(tmp_path, "a.csv", dated("3/1/2026", "3/13/2026", "14/3/2026")), tmp_path)
    assert [(row[0].month, row[0].day) for row in staged.rows("annotations", "submitted_at")] == [(3, 13), (3, 14)]
    assert staged.report.reasons == {UNDECIDED: 1}
    assert not any("shows" in note for note in staged.report.notes)


def test_a_date_late_in_the_sheet_tells_the_order_too(tmp_path: Path) -> None:
    staged = read(write(tmp_path, "a.csv", dated(*["3/1/2026"] * 500, "3/30/2026")), tmp_path)
    assert (staged.report.accepted, staged.report.quarantined) == (501, 0)


def test_the_stated_order_stands_against_what_a_date_shows(tmp_path: Path) -> None:
    mapping = Mapping.from_toml('dates = "day first"\n')
    staged = read(write(tmp_path, "a.csv", dated("3/1/2026", "3/13/2026")), tmp_path, mapping)
    assert [(row[0].month, row[0].day) for row in staged.rows("annotations", "submitted_at")] == [(1, 3), (3, 13)]


LONG = "item_id,who,mood,topic\ni1,Anna,neg,pump\ni2,Ben,pos,valve\n"


def test_a_question_without_a_column_is_answered_in_the_one_of_its_name(tmp_path: Path) -> None:
    mapping = Mapping.from_toml('[columns]\nitem_id = "item_id"\nannotator = "who"\n\n[questions.mood]\n')
    staged = read(write(tmp_path, "a.csv", LONG), tmp_path, mapping)
    assert staged.rows("annotations", "item_id", "annotator", "question", "label") == [
        ("i1", "Anna", "mood", "neg"),
        ("i2", "Ben", "mood", "pos"),
    ]


def test_a_question_without_any_column_is_refused(tmp_path: Path) -> None:
    mapping = Mapping.from_toml('[columns]\nitem_id = "item_id"\nannotator = "who"\n\n[questions.severity]\n')
    with pytest.raises(InputError, match=r"no column of answers for question 'severity'.*one of mood, topic"):
        read(write(tmp_path, "a.csv", LONG), tmp_path, mapping)


def test_a_column_that_means_something_else_is_no_answer(tmp_path: Path) -> None:
    mapping = Mapping.from_toml('[columns]\nitem_id = "item_id"\nannotator = "who"\ngold_label = "mood"\n')
    staged = read(
        write(tmp_path, "a.csv", LONG.replace("mood", "label")),
        tmp_path,
        replace(mapping, columns={**mapping.columns, "gold_label": "label"}),
    )
    assert {row[0] for row in staged.rows("annotations", "role")} == {"gold"}


def test_a_start_centuries_ago_costs_no_file(tmp_path: Path) -> None:
    """Three centuries are more microseconds than a float counts one by one."""
    text = "item,annotator,label,started_at,submitted_at\n1,a,x,1700-01-01T00:00:00Z,2026-01-01T00:00:00Z\n"
    staged = read(write(tmp_path, "sheet.csv", text), tmp_path)
    assert staged.report.read == 1
    assert staged.report.accepted + staged.report.quarantined == 1
