"""Sheets that people filled in and spreadsheets wrote anew: what is meant is taken, the rest refused (about 25 s).

The sheets are made as Excel and its like save them: semicolons, other encodings, dates and rounded numbers.
"""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Callable, Iterator
from datetime import datetime, time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from openpyxl import Workbook

from qc.cli import main
from qc.model import InputError
from qc.store.samples import draws
from qc.workspace import Workspace, open_workspace, sample, verdict
from qc.workspace.assess import section
from qc.workspace.ingest import ingest

Rows = list[dict[str, Any]]


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Three people answer twelve items, ids are numbers; every answer is drawn."""
    folder = tmp_path_factory.mktemp("sheets")
    rows = ["item,annotator,label,text,annotation_id"]
    for place in range(12):
        for number, who in enumerate(("ana", "bo", "cy")):
            label = ("Größe", "1-2", "=SUM(1)")[place % 3]
            rows.append(f"i{place},{who},{label},text {place},{1000 + 10 * place + number}")
    (folder / "answers.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    ws = open_workspace(folder / "workspace")
    ingest(ws, "p", folder / "answers.csv")
    sample.draw(ws, "p", sample.Ask(rate=1.0), seed=1)
    return ws


@pytest.fixture
def copied(drawn: Workspace, tmp_path: Path) -> Iterator[Callable[[], Workspace]]:
    """Workspaces of their own with the same draw."""
    opened: list[Workspace] = []

    def make() -> Workspace:
        folder = tmp_path / f"copy{len(opened)}"
        shutil.copytree(drawn.root, folder)
        opened.append(open_workspace(folder))
        return opened[-1]

    yield make
    for ws in opened:
        ws.store.engine.dispose()


def blank(ws: Workspace) -> Rows:
    rows: Rows = sample.sheet(ws, "p", draws(ws.store, "p")[0]["id"]).to_dict("records")
    return rows


def filled(ws: Workspace) -> Rows:
    """Every third answer is wrong, every seventh has a small flaw."""
    rows = blank(ws)
    for place, row in enumerate(rows):
        row["verdict"] = "reject" if place % 3 == 0 else "minor" if place % 7 == 0 else "accept"
        if row["verdict"] == "reject":
            row |= {"corrected_label": "Größe" if row["label"] != "Größe" else "1-2", "error_type": "wrong label"}
        row["seconds"] = "12.5"
    return rows


def as_csv(path: Path, rows: Rows, separator: str = ",", encoding: str = "utf-8-sig") -> Path:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(rows[0]), delimiter=separator)
    writer.writeheader()
    writer.writerows(rows)
    path.write_bytes(out.getvalue().encode(encoding))
    return path


def as_xlsx(path: Path, rows: list[list[Any]]) -> Path:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    book.save(path)
    return path


def judged(ws: Workspace) -> Any:
    return section(ws, "p", "errors")


def refusals(ws: Workspace, path: Path) -> dict[int, str]:
    return dict(verdict.record_sheet(ws, "p", path, "rev").refused)


def test_estimates_agree_before_and_after_a_round_trip(copied: Callable[[], Workspace], tmp_path: Path) -> None:
    """The same verdicts given directly, and by sheets re-ordered, in other encodings, separators and cases."""
    direct = copied()
    rows = filled(direct)
    assert verdict.record(direct, "p", rows, "rev").recorded == 36
    expected = judged(direct)
    assert next(part for part in expected if part["source"] == "review")["overall"]["n"] == 36
    ways = [
        as_csv(tmp_path / "windows.csv", [dict(reversed(row.items())) for row in rows[::-1]], ";", "cp1252"),
        as_csv(tmp_path / "unicode.csv", rows, "\t", "utf-16"),
    ]
    shouted = [
        {**row, "verdict": f" {row['verdict'].upper()} ", "error_type": row["error_type"].title()} for row in rows
    ]
    typed = [[_typed(name, value) for name, value in row.items()] for row in shouted]
    ways.append(
        as_xlsx(
            tmp_path / "typed.xlsx",
            [["Sample of March"], [], [name.replace("_", " ").title() for name in rows[0]], *typed[:9], [], *typed[9:]],
        )
    )
    for path in ways:
        ws = copied()
        outcome = verdict.record_sheet(ws, "p", path, "rev")
        assert (outcome.recorded, outcome.refused) == (36, ()), path.name
        assert judged(ws) == expected, path.name


def _typed(name: str, value: Any) -> Any:
    """As a spreadsheet keeps what was typed: ids are numbers, a label like a date is a date, seconds are a time."""
    if name == "annotation_id":
        return float(value)
    if name == "label" and value == "1-2":
        return datetime(2026, 2, 1)
    if name == "seconds":
        return time(0, 0, 12, 500_000)
    return value or None


def test_half_a_sheet_is_taken_and_the_rest_later(copied: Callable[[], Workspace], tmp_path: Path) -> None:
    ws = copied()
    rows = filled(ws)
    half = [row if place < 10 else {**row, **dict.fromkeys(sample.TO_FILL, "")} for place, row in enumerate(rows)]
    half = [{**row, "my notes": "x"} for row in half]
    assert verdict.record_sheet(ws, "p", as_csv(tmp_path / "half.csv", half), "rev").recorded == 10
    outcome = verdict.record_sheet(ws, "p", as_csv(tmp_path / "whole.csv", rows), "rev")
    assert (outcome.recorded, outcome.already, outcome.refused) == (26, 10, ())
    assert outcome.sentence == "26 verdicts recorded, 10 already recorded."


def test_only_rows_that_say_another_thing_than_the_record_need_repair(
    copied: Callable[[], Workspace], tmp_path: Path
) -> None:
    ws = copied()
    rows = filled(ws)
    verdict.record_sheet(ws, "p", as_csv(tmp_path / "first.csv", rows), "rev")
    rows[3] |= {"comment": "on second thoughts"}
    sheet = as_csv(tmp_path / "again.csv", rows)
    own = ["--project", "p", "--workspace", str(ws.root), "--reviewer", "rev"]
    said = CliRunner().invoke(main, ["review", *own, str(sheet)])
    assert said.exit_code == 1
    refused, last = said.output.splitlines()
    assert refused.startswith("  row 5: already judged: ")
    assert last == "0 verdicts recorded, 35 already recorded, 1 row refused."


def test_a_sheet_of_wrong_words_does_not_flood_the_terminal(copied: Callable[[], Workspace], tmp_path: Path) -> None:
    """36 rows with another word: the first 20 are named, the others counted."""
    ws = copied()
    sheet = as_csv(tmp_path / "words.csv", [row | {"verdict": "right"} for row in filled(ws)])
    said = CliRunner().invoke(main, ["review", "--project", "p", "--workspace", str(ws.root), str(sheet)])
    assert said.exit_code == 1
    assert said.output.count("use accept, minor or reject") == 20
    assert "  and 16 more rows" in said.output
    assert "0 verdicts recorded, 36 rows refused." in said.output


def test_what_cannot_be_taken_is_refused_by_its_row(copied: Callable[[], Workspace], tmp_path: Path) -> None:
    """Rows are numbered as a spreadsheet shows them: the header is row 1."""
    ws = copied()
    rows = filled(ws)[:13]
    rows[0] |= {"verdict": "", "corrected_label": "Größe"}
    rows[1] |= {"verdict": "ok"}
    rows[2] |= {"annotation_id": "1.00123E+15"}
    rows[3] |= {"item_id": "i99"}
    rows[4] |= {"label": "another"}
    rows[5] |= {"seconds": "soon"}
    rows[6] |= {"verdict": "reject", "corrected_label": "perhaps", "error_type": ""}
    rows[7] |= {"severity": "terrible"}
    rows[8] |= {"annotation_id": "2026-03-01"}
    rows[9] |= {"annotation_id": rows[10]["annotation_id"], "item_id": "", "label": ""}
    rows[12] |= {"verdict": "accept", "error_type": "missed", "corrected_label": ""}
    found = refusals(ws, as_csv(tmp_path / "odd.csv", rows))
    said = {
        2: "it has an error type but no verdict",
        3: "'ok' is no verdict; use accept, minor or reject",
        4: "a spreadsheet has rounded it",
        5: "was one column sorted alone?",
        6: "what is right belongs into corrected_label",
        7: "'soon' is no number of seconds",
        8: "'perhaps' is no label of 'label'",
        9: "'terrible' is no severity; use one of critical, major, minor",
        10: "a spreadsheet has made a date of it",
        12: "row 11 already gives a verdict on this answer",
        14: "an accepted answer has no error type; use minor or reject",
    }
    assert sorted(found) == sorted(said)
    for row, words in said.items():
        assert words in found[row], row


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("empty.csv", b"", "has no rows"),
        ("other.csv", b"a,b\n1,2\n", "has no column annotation_id"),
        ("twice.csv", b"annotation_id,verdict,Verdict\n1,accept,reject\n", "two columns verdict"),
        ("broken.xlsx", b"PK\x03\x04nothing", "cannot be read as a sheet"),
        ("sheet.docx", b"", "is no sheet"),
        ("list.json", b'{"a": 1}', "no list of rows"),
    ],
)
def test_what_is_no_sheet_gets_a_sentence(
    drawn: Workspace, tmp_path: Path, name: str, content: bytes, why: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=why):
        verdict.record_sheet(drawn, "p", tmp_path / name, "rev")
