"""Label Studio's CSV and TSV: one row per annotation, answers as JSON where they are more than a word."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from qc.readers.decoding import decoded
from qc.readers.label_studio_flat import TOOL, Line, form, read_rows
from qc.readers.label_studio_regions import REGIONS
from qc.readers.label_studio_tasks import SHARED
from qc.readers.legacy_text import encoding_of
from qc.readers.names import plain
from qc.readers.reader import Options
from qc.readers.sheet import Sheet
from qc.readers.sheet_csv import csv_sheet
from qc.readers.source import Source
from qc.readers.staging import Staging

_SIGNS: Final = {"annotation_id", "annotator", "lead_time", "id"}
_DATA: Final = {*TOOL, *SHARED, "text", "image", "audio", "video", "html", "url", "uri", "title", "file_upload"}
_KEY: Final = re.compile(r"(^|_)(id|key|name|file|path|url|uri|number|no)$")
_TOLD: Final = {"choices", "taxonomy", "ranker", *REGIONS}
_ENOUGH: Final = 5
"""Items with several rows that tell data (the same in all of them) from answers."""


def sniff(source: Source) -> int:
    """A header with an annotation's id, annotator and time."""
    line = source.text().lstrip("\ufeff\r\n").split("\n", 1)[0] if source.is_text else ""
    cells = {cell.strip(' \r"') for cell in re.split(r"[,;\t]", line)}
    return 85 if cells >= _SIGNS else 0


def read(source: Source, options: Options, staging: Staging) -> None:
    """Stages the answers of every row."""
    sheet = csv_sheet(source, encoding_of(source, options, staging))
    staging.tally.columns = sheet.header
    first = [_record(dict(zip(sheet.header, row, strict=False))) for row in sheet.sample]
    named = [question.column for question in options.mapping.questions.values()] if options.mapping else []
    asked = [column for column in named if column] or questions(sheet.header, first)
    read_rows(_lines(sheet, staging), asked, options, staging)


def _lines(sheet: Sheet, staging: Staging) -> Iterator[Line]:
    for rows in sheet.rows(sheet.header):
        staging.tally.read += len(rows.rejects)
        staging.reject(rows.rejects)
        columns = [rows.columns[name].to_pylist() for name in sheet.header] if len(rows.positions) else []
        for position, cells in zip(rows.positions.tolist(), zip(*columns, strict=True), strict=True):
            yield position, _record(dict(zip(sheet.header, cells, strict=True))), rows.reached


def _record(cells: Mapping[str, str | None]) -> dict[str, Any]:
    return {name: _value(cell) for name, cell in cells.items()}


def _value(cell: str | None) -> Any:
    """A cell as JSON where it is a list or an object, else as it stands."""
    if cell is None or not cell.startswith(("[", "{")):
        return cell
    try:
        return decoded(cell.encode("utf-8", "replace"), set())
    except (msgspec.MsgspecError, RecursionError):
        return cell


def questions(header: Sequence[str], records: Sequence[Mapping[str, Any]]) -> list[str]:
    """The columns that hold answers, among those that are neither the tool's nor have a usual name of data.

    What tells its type is an answer. Else data are the same in all rows of an item; where too few items have several
    rows, answers are short words or figures that repeat, and no column of ids, names or files.
    """
    free = [name for name in header if plain(name) not in _DATA and name not in TOOL]
    return [name for name in free if _answers(name, [(row.get("id"), row.get(name)) for row in records])]


def _answers(name: str, pairs: Sequence[tuple[Any, Any]]) -> bool:
    values = [value for _, value in pairs if value not in (None, "", [])]
    if any(_tells(value) for value in values):
        return True
    if not values or not all(isinstance(value, str) for value in values):
        return False
    by_item: dict[Any, list[Any]] = defaultdict(list)
    for item, value in pairs:
        by_item[str(item)].append(value)
    several = [found for found in by_item.values() if len(found) > 1]
    # Beside texts, an empty answer may be an empty list.
    if any(len(set(map(str, found))) > 1 for found in several):
        return True
    repeats = len(values) <= _ENOUGH or 2 * len(set(values)) <= len(values)
    return len(several) < _ENOUGH and repeats and not _KEY.search(plain(name)) and form(values) != "textarea"


def _tells(value: Any) -> bool:
    """Whether a value is a list of regions, of texts or of paths, or an object that names a type of result."""
    if not isinstance(value, list):
        return _tells_alone(value)
    paths = all(isinstance(entry, list) and all(isinstance(step, str) for step in entry) for entry in value)
    return paths or all(isinstance(entry, str) for entry in value) or any(map(_tells_alone, value))


def _tells_alone(value: Any) -> bool:
    return isinstance(value, dict) and not _TOLD.isdisjoint(value)
