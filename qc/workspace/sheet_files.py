"""Sheets as files that a person fills in: CSV, XLSX and JSON, out and back."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final
from zipfile import BadZipFile

import orjson
import pandas as pd

from qc.model import InputError

FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
MOST_ROWS: Final = 200_000


def written(frame: pd.DataFrame, suffix: str) -> bytes:
    """The frame as a file; InputError for an unknown suffix."""
    return writer(suffix)(frame)


def writer(suffix: str) -> Callable[[pd.DataFrame], bytes]:
    """What writes sheets with this suffix; InputError where nothing does."""
    if suffix.lower() not in WRITERS:
        wished = repr(suffix) if suffix else "a file without suffix"
        raise InputError(f"A sheet cannot be written as {wished}; use .csv, .xlsx or .json.")
    return WRITERS[suffix.lower()]


def read(path: Path) -> list[dict[str, str]]:
    """The rows of a sheet as texts; InputError where it is no sheet."""
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise InputError(f"{path.name} is no sheet; give the .csv, .xlsx or .json file that qc sample wrote.")
    try:
        rows = reader(path)
    except FileNotFoundError as error:
        raise InputError(f"{path} does not exist.") from error
    except (OSError, UnicodeDecodeError, csv.Error, orjson.JSONDecodeError, BadZipFile, KeyError, ValueError) as error:
        raise InputError(f"{path.name} cannot be read as a sheet ({error}); save it again as CSV or XLSX.") from error
    if len(rows) > MOST_ROWS:
        raise InputError(f"{path.name} has more than {MOST_ROWS:,} rows; split it.")
    return rows


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


def _from_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        text = file.read()
    dialect = ";" if text.split("\n", 1)[0].count(";") > text.split("\n", 1)[0].count(",") else ","
    return [
        {_armed(key): _armed(value) for key, value in row.items() if key}
        for row in csv.DictReader(io.StringIO(text), delimiter=dialect)
    ]


def _from_xlsx(path: Path) -> list[dict[str, str]]:
    from openpyxl import load_workbook

    book = load_workbook(path, read_only=True, data_only=True)
    cells = list(book.worksheets[0].iter_rows(values_only=True, max_row=MOST_ROWS + 2))
    book.close()
    if not cells:
        return []
    head = [str(cell or "") for cell in cells[0]]
    return [
        {name: _armed(_cell(value)) for name, value in zip(head, row, strict=False) if name}
        for row in cells[1:]
        if any(value is not None for value in row)
    ]


def _from_json(path: Path) -> list[dict[str, str]]:
    rows = orjson.loads(path.read_bytes())
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ValueError("it is no list of rows")
    return [{str(key): _cell(value) for key, value in row.items()} for row in rows]


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _armed(value: str | None) -> str:
    """A cell as it was before it was defused."""
    text = (value or "").strip()
    return text[1:] if text.startswith("'") and text[1:].startswith(FORMULA) else text


WRITERS: Final[dict[str, Callable[[pd.DataFrame], bytes]]] = {".csv": _csv, ".xlsx": _xlsx, ".json": _json}
READERS: Final[dict[str, Callable[[Path], list[dict[str, str]]]]] = {
    ".csv": _from_csv,
    ".xlsx": _from_xlsx,
    ".json": _from_json,
}
