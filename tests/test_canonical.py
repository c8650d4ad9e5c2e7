"""Facts that leave and come back are the same facts."""

from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fuzzing import fixtures
from readers_staged import DATA, Staged, read, write

from qc.model import FACT_TABLES, InputError
from qc.readers.registry import recognise
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


@pytest.mark.parametrize("path", [path for path in fixtures(DATA) if readable(path)], ids=lambda path: path.name)
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
