"""Workbooks as sheets: the first sheet, up to a limit."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
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


def xlsx_sheet(source: Source) -> Sheet:
    """Header and sample of a workbook's first sheet."""
    cells = _cells(source)
    header = checked_header(next(cells, ()), source.name)
    sample = tuple(tuple(value or "" for value in row) for row in islice(cells, SAMPLE))
    if not sample:
        raise InputError(f"The first sheet of {source.name} has no rows under a header; fill it or export it again.")
    return Sheet(header, sample, partial(_rows, source, header))


def _rows(source: Source, header: Sequence[str], wanted: Sequence[str]) -> Iterator[Rows]:
    places = {name: header.index(name) for name in wanted}
    cells = enumerate(_cells(source), 1)
    next(cells)
    while block := list(islice(cells, BATCH)):
        filled = [(number, row) for number, row in block if any(row)]
        columns = {
            name: pa.array([row[place] if place < len(row) else None for _, row in filled], pa.string())
            for name, place in places.items()
        }
        yield Rows(columns, np.array([number for number, _ in filled], np.int64), [], 0.5)


def _cells(source: Source) -> Iterator[tuple[str | None, ...]]:
    """The rows as texts, header included; limits keep a small file from becoming a large one."""
    # Imported here: it costs a quarter of a second that other formats need not pay.
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(source.path) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > XLSX_BYTES:
                raise InputError(f"{source.name} unpacks to more than {XLSX_BYTES >> 30} GB; save the sheet as CSV.")
        book = load_workbook(source.path, read_only=True, data_only=True, keep_links=False)
        for number, row in enumerate(book.worksheets[0].iter_rows(values_only=True), 1):
            if number > XLSX_ROWS or len(row) > COLUMNS:
                raise InputError(
                    f"{source.name} has over {XLSX_ROWS:,} rows or {COLUMNS} columns; save the sheet as CSV."
                )
            yield tuple(_cell(value) for value in row)
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
