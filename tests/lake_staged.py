"""Staging folders as readers leave them, from a few literal rows."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

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
