"""Facts as JSON Lines, all columns of them: what `qc.readers.canonical` reads back without loss.

One line is an item, an answer with its regions, or a review: `{"table": "annotations", "item_id": …, "regions": […]}`.
Columns that are null, and those of provenance, are left out. Of an answer that was changed each revision is a line,
with its number; `current` is only written where it is false. Times are ISO 8601 in UTC.
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
"""Columns that the lake fills anew, whatever the file, or that are written in their own way."""

JSON_TEXT: Final = ("extra", "attributes", "meta")

_WITH_ANSWER: Final = ("annotation_id", "question")
_ONE_REVISION: Final = (*_WITH_ANSWER, "revision")


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
        regions.setdefault(tuple(row.get(name) for name in _ONE_REVISION), []).append(_plain(row, _WITH_ANSWER))
    for row in _rows(tables["items"]):
        yield {"table": "items", **_plain(row)}
    # Several accepted gold answers share an id, which is then left to be made anew.
    ids = Counter(zip(*(tables["annotations"][name].to_pylist() for name in _ONE_REVISION), strict=True))
    for row in _rows(tables["annotations"]):
        key = tuple(row.get(name) for name in _ONE_REVISION)
        if ids[key] > 1:
            row["annotation_id"] = None
        marked = {"regions": regions[key]} if key in regions else {}
        yield {"table": "annotations", **_plain(row), **_history(row), **marked}
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


def _history(row: Mapping[str, Any]) -> dict[str, Any]:
    """Which of several revisions an answer is, where there are several."""
    past = {"current": False} if row["current"] is False else {}
    return {"revision": row["revision"], **past} if past or (row["revision"] or 1) > 1 else {}


def _value(name: str, value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return json.loads(value) if name in JSON_TEXT else value
