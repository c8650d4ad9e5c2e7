"""Sheets as people save them: empty cells in words, other encodings, workbooks of several sheets, no header (5 s).

Expected rows were derived by hand from the text of each file.
"""

from pathlib import Path

import openpyxl
import pytest
from readers_staged import read, write

from qc.model import InputError, Role
from qc.readers import Mapping, MappingNeededError
from qc.readers.missing import DOUBTFUL, EMPTY, KEPT, TAKEN
from qc.readers.report import told

LONG = "item,annotator,label\n"


def long_of(*labels: str) -> str:
    return LONG + "".join(f"i{place},anna,{label}\n" for place, label in enumerate(labels))


def test_what_programs_write_for_an_empty_cell_is_no_answer(tmp_path: Path) -> None:
    staged = read(write(tmp_path, "a.csv", long_of("pos", *EMPTY)), tmp_path)
    assert staged.rows("annotations", "item_id", "label") == [("i0", "pos")]
    assert staged.report.reasons == {"the answer is empty (a column `status` may say skipped)": len(EMPTY)}
    assert told(TAKEN.replace("WORD", "#N/A"), 1) in staged.report.notes
    assert "write `missing = []` into the mapping" in TAKEN


def test_what_may_be_a_label_stays_one_and_is_told(tmp_path: Path) -> None:
    staged = read(write(tmp_path, "a.csv", long_of("pos", *DOUBTFUL, "None")), tmp_path)
    assert [label for (label,) in staged.rows("annotations", "label")] == ["pos", *DOUBTFUL, "None"]
    assert told(KEPT.replace("WORD", "None"), 2) in staged.report.notes
    assert 'write `missing = ["None"]` into the mapping' in told(KEPT.replace("WORD", "None"), 2)


@pytest.mark.parametrize(("missing", "labels"), [
    ("[]", ["N/A", "None", "-"]), ('["None", "-"]', ["N/A"]), ('["N/A"]', ["None", "-"]),
])  # fmt: skip
def test_a_mapping_says_what_is_no_answer(tmp_path: Path, missing: str, labels: list[str]) -> None:
    text = f'missing = {missing}\n[columns]\nitem_id = "item"\nannotator = "annotator"\n[questions.label]\n'
    mapping = Mapping.from_toml(text + 'column = "label"\n')
    assert Mapping.from_toml(mapping.to_toml()) == mapping
    staged = read(write(tmp_path, "a.csv", long_of("N/A", "None", "-")), tmp_path, mapping)
    assert [label for (label,) in staged.rows("annotations", "label")] == labels
    assert staged.report.notes == ()


def test_a_label_of_a_stated_order_is_a_label(tmp_path: Path) -> None:
    text = '[columns]\nitem_id = "item"\nannotator = "annotator"\n[questions.label]\ncolumn = "label"\n'
    mapping = Mapping.from_toml(text + 'kind = "ordinal"\norder = ["n/a", "low", "high"]\n')
    staged = read(write(tmp_path, "a.csv", long_of("N/A", "high", "NaN")), tmp_path, mapping)
    assert staged.rows("annotations", "label", "number") == [("N/A", 1.0), ("high", 3.0)]


def test_no_answer_in_wide_sheets_gold_and_records(tmp_path: Path) -> None:
    wide = "item,Anna,Ben,gold\ni1,pos,NaN,neg\ni2,null,pos,#N/A\ni3,neg,neg,pos\n"
    staged = read(write(tmp_path, "wide.csv", wide), tmp_path)
    assert staged.rows("annotations", "item_id", "annotator", "label") == [
        ("i1", "Anna", "pos"), ("i3", "Anna", "neg"), ("i2", "Ben", "pos"), ("i3", "Ben", "neg"),
        ("i1", "gold", "neg"), ("i3", "gold", "pos"),
    ]  # fmt: skip
    lines = '{"item": 1, "annotator": "a", "label": "pos"}\n{"item": 2, "annotator": "a", "label": NaN}\n'
    staged = read(write(tmp_path, "a.jsonl", lines + lines.replace("NaN", '"null"').replace('"a"', '"b"')), tmp_path)
    assert staged.rows("annotations", "annotator", "label") == [("a", "pos"), ("b", "pos")]
    assert staged.report.quarantined == 2


def test_a_western_sheet_is_read_and_its_encoding_proposed(tmp_path: Path) -> None:
    content = (LONG + "i1,Zoë,schön\ni2,José,“gut” – 5 €\n").encode("cp1252")
    staged = read(write(tmp_path, "a.csv", content), tmp_path)
    assert staged.rows("annotations", "annotator", "label") == [("Zoë", "schön"), ("José", "“gut” – 5 €")]
    assert "was read as cp1252" in staged.report.notes[0]
    assert staged.report.mapping is not None
    assert 'encoding = "cp1252"' in Mapping.from_json(staged.report.mapping).to_toml()
    utf8 = read(write(tmp_path, "a.csv", LONG + "i1,Zoë,schön\n"), tmp_path)
    assert utf8.report.mapping is not None
    assert "encoding" not in utf8.report.mapping


@pytest.mark.parametrize("encoding", ["cp1251", "shift_jis", "gb18030"])
def test_other_alphabets_are_refused_with_the_line_to_write(tmp_path: Path, encoding: str) -> None:
    word = "хорошо" if encoding == "cp1251" else "良好である"
    path = write(tmp_path, "a.csv", (LONG + f"i1,anna,{word}\n").encode(encoding))
    with pytest.raises(InputError, match='encoding = "cp1251"'):
        read(path, tmp_path)
    text = f'encoding = "{encoding}"\n[columns]\nitem_id = "item"\nannotator = "annotator"\n[questions.label]\n'
    staged = read(path, tmp_path, Mapping.from_toml(text + 'column = "label"\n'))
    assert staged.rows("annotations", "label") == [(word,)]


def workbook(folder: Path) -> Path:
    book = openpyxl.Workbook()
    for name, label in (("Week 1", "pos"), ("Empty", None), ("Week 2", "neg")):
        sheet = book.create_sheet(name) if name != "Week 1" else book.active
        sheet.title = name
        for row in [["item", "annotator", "label"], ["i1", "anna", label]] if label else []:
            sheet.append(row)
    book.save(folder / "book.xlsx")
    return folder / "book.xlsx"


def test_further_sheets_of_a_workbook_are_named_and_can_be_read(tmp_path: Path) -> None:
    path = workbook(tmp_path)
    staged = read(path, tmp_path)
    assert staged.rows("annotations", "label") == [("pos",)]
    assert staged.report.notes == (
        "Of the workbook, 'Week 1' was read and 'Week 2' not: `sheet = \"Week 2\"` in a mapping reads it",
    )
    staged = read(path, tmp_path, Mapping.from_toml('sheet = "Week 2"\n'))
    assert staged.rows("annotations", "label") == [("neg",)]
    with pytest.raises(InputError, match=r"has no sheet 'Week 3'; it has 'Week 1', 'Week 2'\."):
        read(path, tmp_path, Mapping.from_toml('sheet = "Week 3"\n'))


def test_columns_of_reviews_that_are_of_no_use_are_told(tmp_path: Path) -> None:
    for sheet in (
        "item,Anna,Ben,severity\ni1,pos,pos,high\ni2,neg,pos,low\n",
        "item,annotator,label,severity\ni1,anna,pos,high\ni2,ben,neg,low\n",
    ):
        notes = read(write(tmp_path, "a.csv", sheet), tmp_path).report.notes
        assert any("were left out" in note and note.endswith("severity; if they hold answers, make each a question of "
                   "the mapping") for note in notes)  # fmt: skip
    reviewed = "item,annotator,label,verdict,severity\ni1,anna,pos,reject,high\n"
    assert read(write(tmp_path, "a.csv", reviewed), tmp_path).report.notes == ()


@pytest.mark.parametrize("text", [
    "crane.jpg,pos\ntruck.jpg,neg\nbus.jpg,pos\n",
    "1,pos\n2,neg\n3,neg\n",
    "PMP-0001,anna,pos\nPMP-0002,anna,neg\n",
])  # fmt: skip
def test_a_first_row_of_answers_is_not_lost(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError, match="looks like answers, not like the names of columns") as found:
        read(write(tmp_path, "gold.csv", text), tmp_path, role=Role.GOLD)
    assert not isinstance(found.value, MappingNeededError)


@pytest.mark.parametrize("text", [
    "Task No.,1,2,3\nA,5,1,3\nB,2,2,3\n", "what,who,how\nA,anna,bad\nB,ben,good\n", "what,how\nA,bad\nB,good\n",
])  # fmt: skip
def test_names_that_say_nothing_are_still_names(tmp_path: Path, text: str) -> None:
    with pytest.raises(MappingNeededError):
        read(write(tmp_path, "a.csv", text), tmp_path)


def test_a_format_that_the_file_is_not_is_said_to_be_the_fault(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", long_of("pos"))
    with pytest.raises(InputError) as found:
        read(path, tmp_path, reader="kili")
    assert str(found.value).startswith(
        "a.csv does not look like Kili JSON, the format 'kili': leave --format out, or name another; as kili, a.csv is"
    )
    lines = write(tmp_path, "a.jsonl", '{"item": 1, "annotator": "a", "label": "pos"}\n')
    staged = read(lines, tmp_path, reader="prodigy")
    assert (staged.report.read, staged.report.quarantined) == (1, 1)
    assert any(note.startswith("a.jsonl does not look like Prodigy JSON Lines") for note in staged.report.notes)
    with pytest.raises(InputError, match="There is no format 'labelstudio': perhaps 'label_studio' or"):
        read(path, tmp_path, reader="labelstudio")
