"""Which columns of answers are taken for numbers, as docs/mapping.md says (about 3 s)."""

from pathlib import Path

import pytest
from readers_staged import NOW, read, write

from qc.model import Kind, Role
from qc.readers import Mapping, guess_mapping
from qc.readers.reader import Options
from qc.readers.sheet_csv import csv_sheet
from qc.readers.source import source
from qc.readers.table import NUMBERS, meant

WHOLE = [f"{value}" for value in range(21)]


def kind(column: str, *values: str) -> Kind:
    rows = [[f"i{place}", "ann", value] for place, value in enumerate(values)]
    return guess_mapping(["item", "annotator", column], rows).questions["label"].kind


@pytest.mark.parametrize(("column", "values", "expected"), [
    ("value", ["59.7", "60"], "number"),
    ("answer", ["-0.5", "1e-05", "+3"], "number"),
    ("value", ["59,7", "60,25", "61"], "number"),
    # A comma stands for the point only where most have one.
    ("value", ["1", "2", "1,2", "3", "2"], "single"),
    ("value", WHOLE, "number"),
    ("value", WHOLE[1:], "single"),
    ("value", ["1", "2", "3", "4", "5"] * 9, "single"),
    # What programs write of whole classes where some are missing.
    ("value", ["1.0", "0.0", "1.0"], "single"),
    # 19 of 20 are numbers; what stands for no answer does not count.
    ("value", ["0.5"] * 19 + ["unclear"], "number"),
    ("value", ["0.5"] * 18 + ["unclear"], "single"),
    ("value", ["0.5"] * 18 + ["N/A"] * 9 + [""], "number"),
    # Ids, clocks and versions.
    ("answer", [f"00{value}" for value in range(30)], "single"),
    ("answer", [f"{10**9 + value}" for value in range(30)], "single"),
    ("answer", ["1.2.3", "1.2.4"], "single"),
    ("answer", ["1:30", "2:45"], "single"),
    ("answer", [f"IMG{value}" for value in range(30)], "single"),
    # Classes may go by numbers.
    ("label", WHOLE, "single"),
    ("label", ["59.7", "60.1"], "number"),
    ("class", ["1.5", *WHOLE], "single"),
    ("category", WHOLE, "single"),
    # Ratings are ranks, unless there are too many of them.
    ("rating", ["1", "2.5", "5"], "ordinal"),
    ("stars", WHOLE[1:], "ordinal"),
    ("rating", WHOLE, "number"),
    ("rating", ["1", "good"], "single"),
    ("value", [], "single"),
])  # fmt: skip
def test_what_is_taken_for_numbers(column: str, values: list[str], expected: str) -> None:
    assert kind(column, *values) == expected


def test_ids_and_numbers_beside_the_answers_are_none() -> None:
    header = ["id", "annotator", "label", "seconds", "score", "length"]
    guessed = guess_mapping(header, [[f"{value}", "ann", "cat", f"{value}.5", "0.5", "9.5"] for value in range(40)])
    assert guessed.questions["label"].to_json() == {"column": "label", "kind": "single"}
    assert guessed.columns["item_id"] == "id"


def test_answers_of_several_questions_are_not_all_numbers() -> None:
    rows = [[f"{value}", "ann", name, answer] for value in range(9) for name, answer in (("age", "9.5"), ("ok", "1"))]
    header = ["item", "annotator", "question", "value"]
    assert guess_mapping(header, rows).questions["label"].kind is Kind.SINGLE
    assert guess_mapping(header, rows[::2]).questions["label"].kind is Kind.NUMBER


def test_wide_sheets_and_gold_may_be_of_numbers() -> None:
    wide = guess_mapping(["item", "Ann", "Ben"], [[f"i{value}", f"{value}.5", f"{value}.5"] for value in range(9)])
    assert (wide.people, wide.questions["label"].kind) == (("Ann", "Ben"), Kind.NUMBER)
    gold = guess_mapping(["item", "gold"], [["1", "59.7"], ["2", "60"]])
    assert gold.questions["label"].kind is Kind.NUMBER
    assert Mapping.from_toml(gold.to_toml()) == gold


def test_the_guess_is_of_the_first_rows_and_holds_for_the_file(tmp_path: Path) -> None:
    """200 rows are looked at: words behind them are no numbers, and a file that begins with words is of words."""
    rows = [f"i{value},ann,{value}.5\n" for value in range(300)]
    text = "item,annotator,value\n" + "".join(rows) + "x,ann,unclear\n"
    found = read(write(tmp_path, "numbers.csv", text), tmp_path)
    assert {row["kind"] for row in found.rows("annotations")} == {"number"}
    assert found.rows("annotations", "number")[:2] == [(0.5,), (1.5,)]
    assert (found.report.accepted, found.report.reasons) == (300, {"the answer is no number": 1})
    assert found.report.notes[0] == NUMBERS.replace("NAME", "label")
    assert found.report.mapping["questions"] == {"label": {"column": "value", "kind": "number"}}
    words = [f"w{value},ann,unclear\n" for value in range(200)]
    found = read(write(tmp_path, "words.csv", "item,annotator,value\n" + "".join(words + rows)), tmp_path)
    assert {row["kind"] for row in found.rows("annotations")} == {"single"}
    assert found.report.accepted == 500


def test_a_mapping_has_the_last_word_and_needs_no_note(tmp_path: Path) -> None:
    path = write(tmp_path, "numbers.csv", "item,annotator,value\n1,ann,59.7\n2,ann,60\n")
    first = read(path, tmp_path)
    mapping = Mapping.from_toml(Mapping.from_json(first.report.mapping).to_toml().replace('"number"', '"single"'))
    (tmp_path / "again").mkdir()
    found = read(path, tmp_path / "again", mapping)
    assert found.rows("annotations", "kind", "label") == [("single", "59.7"), ("single", "60")]
    assert found.report.notes == ()


def test_few_answers_are_of_the_kind_of_earlier_sheets(tmp_path: Path) -> None:
    """A file of gold whose numbers are all whole, in a project of numbers; in one of labels they are labels."""
    sheet = csv_sheet(source(write(tmp_path, "gold.csv", "item,gold\n1,60\n2,61\n")), None)
    columns = {"item_id": "unit", "annotator": "who"}
    for earlier in (Kind.NUMBER, Kind.SINGLE):
        saved = Mapping.from_json({"columns": columns, "questions": {"label": {"column": "v", "kind": earlier.value}}})
        found = meant(sheet, Options(NOW, role=Role.GOLD, saved=(saved,)))
        assert found.questions["label"].kind is earlier
