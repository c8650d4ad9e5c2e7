"""The formats that can be read."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from qc.model import InputError
from qc.readers import json_records, label_studio, table
from qc.readers.reader import Reader
from qc.readers.source import Source, source

READERS: Final[tuple[Reader, ...]] = (
    Reader("label_studio", "Label Studio JSON", label_studio.sniff, label_studio.read),
    Reader("records", "JSON or JSON Lines of records", json_records.sniff, json_records.read),
    Reader("table", "Sheet: CSV, TSV, XLSX or Parquet", table.sniff, table.read),
)

# First bytes of files that people take for exports, and what to do with them.
_MISTAKEN: Final = (
    (b"PK\x03\x04", "a ZIP archive; unpack it and read the export in it"),
    (b"\x1f\x8b", "compressed with gzip; unpack it first"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook; save it as .xlsx or CSV"),
    (b"%PDF", "a PDF; export the data itself"),
    (b"SQLite format 3", "a SQLite database; export its table as CSV"),
)


def reader(name: str) -> Reader:
    """The reader of a format by its name; an unknown one is an InputError."""
    for known in READERS:
        if known.name == name:
            return known
    raise InputError(f"There is no format {name!r}; known are {', '.join(known.name for known in READERS)}.")


def recognise(path: Path) -> Reader:
    """The reader that is surest of a file; an InputError says what the file looks like when none is."""
    found = source(path)
    sure, best = max(((known.sniff(found), known) for known in READERS), key=lambda ranked: ranked[0])
    if not sure:
        raise InputError(
            f"{path.name} is {_looks_like(found)}. Known formats: {'; '.join(known.title for known in READERS)}."
        )
    return best


def _looks_like(found: Source) -> str:
    for mark, words in _MISTAKEN:
        if found.head.startswith(mark):
            return words
    if not found.is_text:
        return "binary data of no known format"
    text = found.text().lstrip("\ufeff \r\n\t")
    for sign, kind in (("[", "a JSON list"), ("{", "a JSON object or JSON lines"), ("<", "XML or HTML")):
        if text.startswith(sign):
            return f"{kind}, but of no known tool ({_excerpt(text)})"
    return f"text, but no table ({_excerpt(text)})"


def _excerpt(text: str) -> str:
    return "it begins " + repr(" ".join(text[:200].split())[:60])
