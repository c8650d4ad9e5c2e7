"""Staging folders as readers leave them, from a few literal rows, and a lake that takes them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from qc.lake import Changes, Lake
from qc.model import FACT_TABLES

Rows = Iterable[dict[str, Any]]


def stage(folder: Path, answers: Rows = (), regions: Rows = (), items: Rows = (), reviews: Rows = ()) -> Path:
    """Write the four Parquet files of one import; columns that a row lacks are null, `source_pos` counts."""
    folder.mkdir(parents=True, exist_ok=True)
    given = {"annotations": answers, "regions": regions, "items": items, "reviews": reviews}
    for table, rows in given.items():
        numbered = [{"source_pos": position, **row} for position, row in enumerate(rows)]
        pq.write_table(pa.Table.from_pylist(numbered, FACT_TABLES[table]), folder / f"{table}.parquet")
    return folder


def answer(item: str, annotator: str, label: str | None = None, **more: Any) -> dict[str, Any]:
    """One single-choice answer."""
    return {
        "item_id": item,
        "question": "label",
        "annotator": annotator,
        "role": "annotator",
        "status": "submitted",
        "kind": "single",
        "label": label,
        **more,
    }


def at(minute: int) -> datetime:
    return datetime(2026, 3, 2, 9, minute, tzinfo=UTC)


class Project:
    """A lake, and the versions that its record would name."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.lake = Lake(folder / "lake")
        self.versions: dict[str, int] = {}
        self.imports = 0

    def take(self, source: str = "export", replace: bool = False, project: str = "demo", **rows: Any) -> Changes:
        self.imports += 1
        staging = stage(self.folder / f"staging-{self.imports}", **rows)
        changes = self.lake.absorb(staging, project, source, f"import-{self.imports}", self.versions, replace)
        self.versions = dict(changes.versions)
        return changes

    def rows(self, table: str, order: str, project: str = "demo") -> list[dict[str, Any]]:
        files = self.lake.files(table, self.versions.get(table), project)
        if not files:
            return []
        read = f"SELECT * FROM read_parquet({files!r}, hive_partitioning = true) ORDER BY {order}"
        return duckdb.connect().execute(read).to_arrow_table().to_pylist()

    def answers(self) -> list[tuple[Any, ...]]:
        rows = self.rows("annotations", "annotation_id, question, revision")
        return [(row["annotation_id"], row["label"], row["revision"], row["current"]) for row in rows]
