"""Workbooks as sheets: the first sheet, or the one that a mapping names, up to a limit."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import date, datetime
from functools import partial
from itertools import islice
from typing import Any, Final

import numpy as np
import pyarrow as pa

from qc.model import InputError
from qc.readers.sheet import COLUMNS, SAMPLE, Rows, Sheet, checked_header
from qc.readers.source import Source

XLSX_ROWS: Final = 300_000
XLSX_BYTES: Final = 1 << 30
BATCH: Final = 20_000
FIRST: Final = 5
"""Rows in which a sheet that is not read shows whether it holds anything."""
SHOWN: Final = 8
"""Names of sheets that a sentence lists."""


def xlsx_sheet(source: Source, name: str | None, usual: str | None) -> Sheet:
    """Header and sample of a workbook's sheet of some name, else of the usual or first one; notes tell the others."""
    names = _named(source)
    if name is not None and name not in names:
        raise InputError(f"{source.name} has no sheet {name!r}; it has {_listed(names)}.")
    chosen = name or (usual if usual in names else names[0])
    cells = _cells(source, chosen)
    header = checked_header(next(cells, ()), source.name)
    sample = tuple(tuple(value or "" for value in row) for row in islice(cells, SAMPLE))
    others = [other for other in names if other != chosen]
    another = f"sheet = {json.dumps(others[0], ensure_ascii=False)}" if others else ""
    if not sample:
        advice = f"to read another, write {another} into a mapping" if others else "fill it or export it again"
        raise InputError(f"The sheet {chosen!r} of {source.name} has no rows under a header; {advice}.")
    note = f"Of the workbook, {_listed([chosen])} was read and {_listed(others)} not: `{another}` in a mapping reads it"
    return Sheet(header, sample, partial(_rows, source, chosen, header), (note,) if others else ())


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(repr(name).replace("{", "(") for name in names[:SHOWN]) + more


def _rows(source: Source, chosen: str, header: Sequence[str], wanted: Sequence[str]) -> Iterator[Rows]:
    places = {name: header.index(name) for name in wanted}
    cells = enumerate(_cells(source, chosen), 1)
    next(cells)
    while block := list(islice(cells, BATCH)):
        filled = [(number, row) for number, row in block if any(row)]
        columns = {
            name: pa.array([row[place] if place < len(row) else None for _, row in filled], pa.string())
            for name, place in places.items()
        }
        yield Rows(columns, np.array([number for number, _ in filled], np.int64), [], 0.5)


def _named(source: Source) -> list[str]:
    """The names of the first sheet and of all others that hold anything in their first rows."""
    with _opened(source) as book:
        first, *others = book.worksheets
        filled = [sheet for sheet in others if any(map(any, islice(sheet.iter_rows(values_only=True), FIRST)))]
        return [sheet.title for sheet in (first, *filled)]


def _cells(source: Source, name: str) -> Iterator[tuple[str | None, ...]]:
    """The rows of a sheet as texts, header included; limits keep a small file from becoming a large one."""
    with _opened(source) as book:
        for number, row in enumerate(book[name].iter_rows(values_only=True), 1):
            if number > XLSX_ROWS or len(row) > COLUMNS:
                raise InputError(
                    f"{source.name} has over {XLSX_ROWS:,} rows or {COLUMNS} columns; save the sheet as CSV."
                )
            yield tuple(_cell(value) for value in row)


@contextmanager
def _opened(source: Source) -> Iterator[Any]:
    """The workbook; whatever is wrong with it is an InputError."""
    # Imported here: it costs a quarter of a second that other formats need not pay.
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(source.path) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > XLSX_BYTES:
                raise InputError(f"{source.name} unpacks to more than {XLSX_BYTES >> 30} GB; save the sheet as CSV.")
        with closing(load_workbook(source.path, read_only=True, data_only=True, keep_links=False)) as book:
            yield book
    except InputError:
        raise
    except Exception as error:
        # A damaged workbook surfaces as almost any exception of zipfile, the XML parser and openpyxl.
        raise InputError(
            f"{source.name} is a damaged workbook ({type(error).__name__}); save it again or as CSV."
        ) from None


def _cell(value: Any) -> str | None:
    """A cell as text: whole numbers without a point, times as ISO, dates of a sheet without a zone."""
    if value is None or value == "":
        return None
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)
