"""The tables of a report as files: CSV and JSON, and one workbook with a sheet for each."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import orjson
import pandas as pd

from qc.model import InputError
from qc.reports import Document, frames, tables_json
from qc.workspace.sheet_files import defused, written

_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_LONGEST_TITLE: Final = 31
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_STAMP: Final = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")


def write_tables(folder: Path, document: Document) -> tuple[Path, ...]:
    """Every table as CSV, all of them as tables.json and tables.xlsx; each file appears as a whole or not at all."""
    tables = frames(document)
    contents = {f"{name}.csv": written(frame, ".csv") for name, frame in tables.items()}
    contents["tables.json"] = orjson.dumps(tables_json(document), option=orjson.OPT_INDENT_2)
    contents["tables.xlsx"] = workbook(tables)
    scratch = folder / ".part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in contents.items():
            scratch.write_bytes(content)
            os.replace(scratch, folder / name)
    except OSError as error:
        raise InputError(f"{folder} cannot be written to: {error.strerror}; choose another folder.") from None
    return tuple(folder / name for name in contents)


def workbook(tables: Mapping[str, pd.DataFrame]) -> bytes:
    """A workbook with a sheet for each table; equal tables are equal bytes, and no cell is a formula."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    titles: set[str] = set()
    for name, frame in tables.items():
        sheet = book.create_sheet(_title(name, titles))
        sheet.append([str(column) for column in frame.columns])
        for row in frame.itertuples(index=False):
            sheet.append([_cell(value) for value in row])
    if not tables:
        book.create_sheet("empty")
    out = io.BytesIO()
    book.save(out)
    return _timeless(out)


def _cell(value: object) -> object:
    if value is None or value != value:
        return None
    return defused(_CONTROLS.sub("", value)) if isinstance(value, str) else value


def _title(name: str, taken: set[str]) -> str:
    """A sheet's name is short, and no other sheet has it."""
    title, number = name[:_LONGEST_TITLE], 1
    while title in taken:
        number += 1
        title = f"{name[: _LONGEST_TITLE - 3]}-{number}"
    taken.add(title)
    return title


def _timeless(book: io.BytesIO) -> bytes:
    """The workbook without the times at which it was made."""
    out = io.BytesIO()
    with ZipFile(book) as made, ZipFile(out, "w", ZIP_DEFLATED) as kept:
        for entry in made.namelist():
            content = made.read(entry)
            if entry == "docProps/core.xml":
                content = _STAMP.sub(rb"\g<1>1980-01-01T00:00:00Z", content)
            kept.writestr(ZipInfo(entry, _EPOCH), content, ZIP_DEFLATED)
    return out.getvalue()
