"""Sheets as files that a person fills in: CSV, XLSX and JSON, out and back."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from zipfile import BadZipFile

import orjson
import pandas as pd

from qc.model import InputError
from qc.workspace.sheet_grids import FORMULA, Grid, cell, from_csv, from_xlsx

MOST_ROWS: Final = 200_000
# Rows among which the header is looked for: people put titles above it.
WITHIN: Final = 10
# Columns that must not be there twice.
COUNTED: Final = ("annotation_id", "question", "verdict", "corrected_label", "reviewer")


def written(frame: pd.DataFrame, suffix: str) -> bytes:
    """The frame as a file; InputError for an unknown suffix."""
    return writer(suffix)(frame)


def writer(suffix: str) -> Callable[[pd.DataFrame], bytes]:
    """What writes sheets with this suffix; InputError where nothing does."""
    if suffix.lower() not in WRITERS:
        wished = repr(suffix) if suffix else "a file without suffix"
        raise InputError(f"A sheet cannot be written as {wished}; use .csv, .xlsx or .json.")
    return WRITERS[suffix.lower()]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The rows of a sheet as texts by column, and the number that a spreadsheet shows beside the first of them."""

    rows: list[dict[str, str]]
    first: int


def read(path: Path, required: tuple[str, ...]) -> Sheet:
    """A sheet by its header: the first row with the columns that are required; InputError where it is none.

    Names of columns may differ in case, blanks, hyphens and order; further columns stay.
    """
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise InputError(f"{path.name} is no sheet; give the .csv, .xlsx or .json file that qc sample wrote.")
    try:
        sheet = reader(path, required)
    except FileNotFoundError as error:
        raise InputError(f"{path} does not exist.") from error
    except (OSError, UnicodeError, csv.Error, orjson.JSONDecodeError, BadZipFile, KeyError, ValueError) as error:
        raise InputError(f"{path.name} cannot be read as a sheet ({error}); save it again as CSV or XLSX.") from error
    if not any(any(row.values()) for row in sheet.rows):
        raise InputError(f"{path.name} has no rows.")
    if missing := [name for name in required if name not in sheet.rows[0]]:
        raise InputError(f"{path.name} has no column {missing[0]}; use the sheet that qc sample wrote.")
    if len(sheet.rows) > MOST_ROWS:
        raise InputError(f"{path.name} has more than {MOST_ROWS:,} rows; split it.")
    return sheet


def defused(value: Any) -> Any:
    """Text that a spreadsheet would run as a formula, made text by an apostrophe; numbers stay numbers.

    >>> defused("=1+1"), defused(-1)
    ("'=1+1", -1)
    """
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def _csv(frame: pd.DataFrame) -> bytes:
    return str(frame.map(defused).to_csv(index=False)).encode("utf-8-sig")


def _xlsx(frame: pd.DataFrame) -> bytes:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet("sample")
    sheet.append([str(name) for name in frame.columns])
    for row in frame.itertuples(index=False):
        sheet.append([defused(_printable(value)) for value in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _printable(value: Any) -> Any:
    """Without the control characters that a workbook cannot hold."""
    if value is None or value != value:
        return None
    return "".join(c for c in value if c in "\t\n" or ord(c) >= 32) if isinstance(value, str) else value


def _json(frame: pd.DataFrame) -> bytes:
    rows = frame.astype(object).where(frame.notna(), None).to_dict("records")
    return orjson.dumps(rows, option=orjson.OPT_INDENT_2)


def _headed(read_grids: Callable[[Path, int], Iterable[Grid]]) -> Callable[[Path, tuple[str, ...]], Sheet]:
    def reader(path: Path, required: tuple[str, ...]) -> Sheet:
        grids = list(read_grids(path, MOST_ROWS + WITHIN))
        for grid in grids:
            for place, row in enumerate(grid[:WITHIN]):
                if set(required) <= {_name(cell) for cell in row}:
                    return _by_name(grid, place)
        return next((_by_name(grid, 0) for grid in grids if grid), Sheet([], 2))

    return reader


def _by_name(grid: Grid, head: int) -> Sheet:
    names = [_name(cell) for cell in grid[head]]
    if twice := [name for name in COUNTED if names.count(name) > 1]:
        raise ValueError(f"it has two columns {twice[0]}")
    blank = dict.fromkeys(filter(None, names), "")
    rows = [
        {**blank, **{name: cell for name, cell in zip(names, row, strict=False) if name}} for row in grid[head + 1 :]
    ]
    return Sheet(rows, head + 2)


def _name(text: str) -> str:
    """A column by its name, however a person wrote it."""
    return re.sub(r"[\s_-]+", "_", text.strip()).casefold()


def _from_json(path: Path, required: tuple[str, ...]) -> Sheet:
    rows = orjson.loads(path.read_bytes())
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ValueError("it is no list of rows")
    return Sheet([{str(key): cell(value) for key, value in row.items()} for row in rows], 1)


WRITERS: Final[dict[str, Callable[[pd.DataFrame], bytes]]] = {".csv": _csv, ".xlsx": _xlsx, ".json": _json}
READERS: Final[dict[str, Callable[[Path, tuple[str, ...]], Sheet]]] = {
    ".csv": _headed(from_csv),
    ".xlsx": _headed(from_xlsx),
    ".json": _from_json,
}
