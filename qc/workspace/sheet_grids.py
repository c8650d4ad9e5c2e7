"""Tables as spreadsheets save them: rows of texts, whatever separator, encoding or type of cell was used."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final

Grid = list[list[str]]

FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
SEPARATORS: Final = (",", ";", "\t")
_SAID: Final = re.compile(r"sep=(.)\r?\n")
_MARKS: Final = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


def from_csv(path: Path, most: int) -> Iterator[Grid]:
    """One table; blank rows stay, so that the numbers of rows are those that a spreadsheet shows."""
    text = _decoded(path.read_bytes())
    said = _SAID.match(text)
    text = text[said.end() :] if said else text
    line = text.split("\n", 1)[0]
    separator = said[1] if said else max(SEPARATORS, key=line.count)
    rows: Grid = []
    for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator):
        rows.append([_armed(cell) for cell in row])
        if len(rows) > most:
            break
    yield rows


def from_xlsx(path: Path, most: int) -> Iterator[Grid]:
    """One table per worksheet, with what formulas gave."""
    from openpyxl import load_workbook

    book = load_workbook(path, read_only=True, data_only=True)
    try:
        for sheet in book.worksheets:
            rows = sheet.iter_rows(values_only=True, max_row=most + 1)
            yield [[_armed(cell(value)) for value in row] for row in rows]
    finally:
        book.close()


def cell(value: Any) -> str:
    """A typed cell as the text that was meant.

    >>> cell(5.0), cell(True), cell(timedelta(seconds=90))
    ('5', 'true', '90')
    """
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case float():
            return str(int(value)) if value.is_integer() else str(value)
        case datetime():
            return value.isoformat(" ") if value.time() != time() else value.date().isoformat()
        case date() | time():
            return value.isoformat()
        case timedelta():
            return f"{value.total_seconds():g}"
    return str(value)


def _decoded(content: bytes) -> str:
    """UTF-8 with or without its mark, UTF-16 as Excel's "Unicode text", else the encoding of Windows."""
    marked = _MARKS.get(content[:2])
    if marked:
        return content.decode(marked)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252")


def _armed(text: str) -> str:
    """A cell as it was before it was made harmless."""
    bare = text.strip()
    return bare[1:] if bare.startswith("'") and bare[1:].startswith(FORMULA) else bare
