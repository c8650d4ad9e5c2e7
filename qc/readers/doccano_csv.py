"""doccano's CSV, which it offers for categories and texts: the same examples, their labels joined with #."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pyarrow as pa

from qc.readers.names import NAMES, plain
from qc.readers.sheet_csv import csv_sheet
from qc.readers.source import Source

JOINED: Final = "#"

_LISTS: Final = ("label", "Comments")


def is_csv(source: Source) -> bool:
    """Whether the header is doccano's: an id, a text or file, label and Comments, and nobody who answered."""
    first = source.text().lstrip("\ufeff").split("\n", 1)[0].strip()
    names = {name.strip('"') for name in first.split(",")}
    people = {name for name in names if plain(name) in NAMES["annotator"]}
    return {"id", *_LISTS} <= names and bool(names & {"text", "filename"}) and not people


def examples(source: Source) -> Iterator[tuple[int, Any, float]]:
    """Line, example and share of the file read for each row; None where a row does not fit the header."""
    sheet = csv_sheet(source, None)
    for rows in sheet.rows(sheet.header):
        for reject in rows.rejects:
            yield reject.line, None, rows.reached
        for line, row in zip(rows.positions.tolist(), pa.table(rows.columns).to_pylist(), strict=True):
            lists = {name: row[name].split(JOINED) if row[name] else [] for name in _LISTS}
            yield line, row | lists, rows.reached
