"""Staging in this process, for tests that look at rows."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from qc.model import FACT_TABLES, Role
from qc.readers import Mapping, Options, ReadReport
from qc.readers.child import parse

DATA = Path(__file__).parent / "data" / "readers"
EXPORTS = DATA.parent / "exports"
"""Fuller exports than the smallest, each named after its format."""
NOW = datetime(2026, 6, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Staged:
    report: ReadReport
    folder: Path

    def rows(self, table: str, *columns: str) -> list[Any]:
        """Rows as dicts without nulls, or as tuples of some columns."""
        rows = pq.read_table(self.folder / f"{table}.parquet").to_pylist()
        if columns:
            return [tuple(row[column] for column in columns) for row in rows]
        return [{name: value for name, value in row.items() if value is not None} for row in rows]


def read(
    path: Path,
    folder: Path,
    mapping: Mapping | None = None,
    timezone: str | None = None,
    role: Role = Role.ANNOTATOR,
    reader: str | None = None,
) -> Staged:
    folder = folder / "staged"
    folder.mkdir(exist_ok=True)
    report = parse(path, reader, Options(NOW, mapping, timezone, role), folder, lambda _: None)
    staged = Staged(report, folder)
    check(staged)
    return staged


def check(staged: Staged) -> None:
    """What holds for every file that can be read."""
    report = staged.report
    assert report.read == report.accepted + report.quarantined
    assert sum(report.reasons.values()) == report.quarantined == report.rows["quarantine"]
    for table, schema in FACT_TABLES.items():
        found = pq.read_table(staged.folder / f"{table}.parquet")
        assert found.num_rows == report.rows[table]
        assert found.schema.names == schema.names
        groups = pq.read_metadata(staged.folder / f"{table}.parquet")
        assert all(groups.row_group(n).column(0).statistics.has_null_count for n in range(groups.num_row_groups))
        assert [_spelt(type_) for type_ in found.schema.types] == [_spelt(type_) for type_ in schema.types]
    items = [item for (item,) in staged.rows("items", "item_id")]
    assert len(items) == len(set(items))


def _spelt(type_: object) -> str:
    """Parquet and Arrow name the entries of lists differently."""
    return str(type_).replace("element:", "item:")


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path
