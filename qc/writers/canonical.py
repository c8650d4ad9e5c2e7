"""Facts as JSON Lines, all columns of them: what `qc.readers.canonical` reads back without loss.

One line is an item, an answer with its regions, or a review: `{"table": "annotations", "item_id": …, "regions": […]}`.
Columns that are null, and those of provenance, are left out. Times are ISO 8601 in UTC.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import msgspec
import pyarrow as pa

LEFT_OUT: Final = frozenset(
    ("project", "source", "row_hash", "import_id", "source_pos", "answer_hash", "revision", "current")
)
"""Columns that the lake fills anew, whatever the file."""

JSON_TEXT: Final = ("extra", "attributes", "meta")

_WITH_ANSWER: Final = ("annotation_id", "question")


def write(path: Path, tables: Mapping[str, pa.Table]) -> int:
    """Writes items, annotations with their regions, and reviews to a file; the number of lines."""
    count = 0
    encode = msgspec.json.Encoder().encode
    with path.open("wb") as file:
        for line in lines(tables):
            file.write(encode(line) + b"\n")
            count += 1
    return count


def lines(tables: Mapping[str, pa.Table]) -> Iterator[dict[str, Any]]:
    """The lines of a file as plain data, items first."""
    regions: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for row in _rows(tables["regions"]):
        regions.setdefault(tuple(row.get(name) for name in _WITH_ANSWER), []).append(_plain(row, _WITH_ANSWER))
    for row in _rows(tables["items"]):
        yield {"table": "items", **_plain(row)}
    # Several accepted gold answers share an id, which is then left to be made anew.
    ids = Counter(zip(*(tables["annotations"][name].to_pylist() for name in _WITH_ANSWER), strict=True))
    for row in _rows(tables["annotations"]):
        if ids[row["annotation_id"], row["question"]] > 1:
            row["annotation_id"] = None
        marked = regions.get(tuple(row.get(name) for name in _WITH_ANSWER), [])
        yield {"table": "annotations", **_plain(row), **({"regions": marked} if marked else {})}
    for row in _rows(tables["reviews"]):
        yield {"table": "reviews", **_plain(row)}


def _rows(table: pa.Table) -> Iterator[dict[str, Any]]:
    for batch in table.to_batches(max_chunksize=10_000):
        yield from batch.to_pylist()


def _plain(row: Mapping[str, Any], without: tuple[str, ...] = ()) -> dict[str, Any]:
    kept = {
        name: value for name, value in row.items() if value is not None and name not in LEFT_OUT and name not in without
    }
    return {name: _value(name, value) for name, value in kept.items()}


def _value(name: str, value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return json.loads(value) if name in JSON_TEXT else value
