"""Facts that leave and come back are the same facts."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fuzzing import fixtures
from readers_staged import DATA, EXPORTS, Staged, read, write

from qc.model import FACT_TABLES, KEYS, InputError
from qc.readers.registry import recognise
from qc.workspace import Workspace, open_workspace
from qc.workspace.export import export_facts
from qc.workspace.ingest import ingest
from qc.writers import canonical

PROVENANCE = {"project", "source", "row_hash", "import_id", "source_pos", "answer_hash"}


def tables(staged: Staged) -> dict[str, pa.Table]:
    return {name: pq.read_table(staged.folder / f"{name}.parquet") for name in FACT_TABLES}


def content(staged: Staged, table: str) -> list[dict]:
    rows = [{name: value for name, value in row.items() if name not in PROVENANCE} for row in staged.rows(table)]
    return sorted(rows, key=repr)


def readable(path: Path) -> bool:
    try:
        recognise(path)
    except InputError:
        return False
    return True


@pytest.mark.parametrize(
    "path", [path for path in fixtures(DATA, EXPORTS) if readable(path)], ids=lambda path: path.name
)
def test_every_fixture_survives_the_round(path: Path, tmp_path) -> None:
    (tmp_path / "first").mkdir()
    (tmp_path / "again").mkdir()
    try:
        first = read(path, tmp_path / "first")
    except InputError as error:
        pytest.skip(f"only read with a mapping or beside other files: {error}")
    lines = canonical.write(tmp_path / "facts.jsonl", tables(first))
    again = read(tmp_path / "facts.jsonl", tmp_path / "again")
    assert (again.report.format, again.report.read, again.report.quarantined) == ("canonical", lines, 0)
    for table in FACT_TABLES:
        assert content(again, table) == content(first, table)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{broken", "the record is no readable JSON"),
        ('{"table": "people"}', "the line names no table of facts"),
        ('{"table": "annotations"}', "the line names no item"),
        ('{"table": "annotations", "item_id": 3}', "a column of the line holds what it cannot"),
        ('{"table": "annotations", "item_id": "i", "role": "boss"}', "a column of the line holds what it cannot"),
        ('{"table": "annotations", "item_id": "i", "labels": [true]}', "a column of the line holds what it cannot"),
        ('{"table": "annotations", "item_id": "i", "colour": "red"}', "the line has a column that the facts lack"),
        ('{"table": "annotations", "item_id": "i", "regions": 3}', "the regions of an answer are no list"),
        ('{"table": "annotations", "item_id": "i", "submitted_at": "soon"}', "a time cannot be read"),
    ],
)
def test_lines_that_cannot_be_facts(tmp_path, line: str, reason: str) -> None:
    good = '{"table":"items","item_id":"i"}'
    staged = read(write(tmp_path, "facts.jsonl", f"{good}\n{line}\n"), tmp_path)
    assert staged.report.reasons == {reason: 1}
    assert staged.rows("items", "item_id") == [("i",)]


def test_times_and_json_are_written_as_such(tmp_path) -> None:
    row = {"item_id": "i", "question": "q", "extra": '{"a":[1]}', "submitted_at": datetime(2026, 3, 2, 9, tzinfo=UTC)}
    given = {name: schema.empty_table() for name, schema in FACT_TABLES.items()}
    given["annotations"] = pa.Table.from_pylist([row], schema=FACT_TABLES["annotations"])
    assert list(canonical.lines(given)) == [
        {
            "table": "annotations",
            "item_id": "i",
            "question": "q",
            "submitted_at": "2026-03-02T09:00:00Z",
            "extra": {"a": [1]},
        }
    ]


def test_all_revisions_leave_and_come_back(tmp_path) -> None:
    """Three states of an export: item 1 says x, y, z; the box of item 2 grows at last; item 3 never changes.

    Answers: a tone of items 1 and 3, a box of item 2, and no box on the two others.
    """
    home = open_workspace(tmp_path / "ws")
    states = [("x", 10, "x"), ("y", 10, "x"), ("z", 20, "x")]
    for week, (tone, width, same) in enumerate(states, 1):
        (tmp_path / "tasks.json").write_text(json.dumps([task(1, tone, week), boxed(2, width, week), task(3, same, 1)]))
        ingest(home, "p", tmp_path / "tasks.json")
    said = export_facts(home, "p", tmp_path / "facts.jsonl")
    assert said.startswith("5 answers on 3 items and 3 earlier revisions of them written, ")
    other = open_workspace(tmp_path / "other")
    read = ingest(other, "p", tmp_path / "facts.jsonl")
    assert read.sentence.startswith("5 answers read")
    assert "3 earlier revisions of answers came with them" in read.sentence
    for table in FACT_TABLES:
        assert kept(other, table) == kept(home, table)
    tones = [(row["label"], row["revision"], row["current"]) for row in kept(other, "annotations") if row["label"]]
    assert [found for found in tones if found[0] in "yz" or not found[2]] == [
        *[("x", 1, False), ("y", 2, False)],
        ("z", 3, True),
    ]
    assert export_facts(other, "p", tmp_path / "again.jsonl").startswith("5 answers on 3 items and 3 earlier")
    assert (tmp_path / "again.jsonl").read_bytes() == (tmp_path / "facts.jsonl").read_bytes()
    # Where the answers are known, only the newest count: nothing is undone and done again.
    (tmp_path / "copy.jsonl").write_bytes((tmp_path / "facts.jsonl").read_bytes() + b"\n")
    ingest(home, "p", tmp_path / "copy.jsonl")
    assert kept(home, "annotations") == kept(other, "annotations")


def kept(ws: Workspace, table: str) -> list[dict]:
    session = ws.snapshot("p").session
    rows = session.arrow(getattr(session.facts, table)).to_pylist()
    without = {"source", "import_id", "source_pos"}
    plain = [{name: value for name, value in row.items() if name not in without} for row in rows]
    return sorted(plain, key=lambda row: tuple(str(row[name]) for name in KEYS[table]))


def task(number: int, tone: str, week: int) -> dict:
    given = {"from_name": "tone", "to_name": "text", "type": "choices", "value": {"choices": [tone]}}
    return submitted(number, given, week)


def boxed(number: int, width: int, week: int) -> dict:
    value = {"x": 5, "y": 5, "width": width, "height": 10, "rectanglelabels": ["car"]}
    size = {"original_width": 400, "original_height": 200, "id": "r"}
    return submitted(
        number, {"from_name": "boxes", "to_name": "image", "type": "rectanglelabels", "value": value, **size}, week
    )


def submitted(number: int, given: dict, week: int) -> dict:
    at = f"2026-03-{7 * week:02d}T09:00:00Z"
    annotation = {"id": 100 + number, "completed_by": "ann", "updated_at": at, "result": [given]}
    return {"id": number, "data": {"image": "a.png", "text": "t"}, "annotations": [annotation]}
