"""crowd-kit's tables: task, worker, label; worker, left, right, label of pairs; task, worker, text."""

from __future__ import annotations

from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from qc.model import InputError, Kind
from qc.readers.cells import trimmed
from qc.readers.legacy_text import encoding_of
from qc.readers.mapping import Mapping
from qc.readers.names import guess_mapping
from qc.readers.question import Question
from qc.readers.reader import Options
from qc.readers.sheet import Sheet
from qc.readers.sheet_derived import Columns, Derived, header_of, with_columns
from qc.readers.source import Source
from qc.readers.staging import Staging
from qc.readers.table import open_sheet, read_sheet

_WORKERS: Final = ("worker", "performer")
_FORMS: Final = ({"task", "label"}, {"task", "text"}, {"left", "right", "label"})
_PAIR: Final = "pair"


def sniff(source: Source) -> int:
    """Sure of a table of exactly these columns, in any order."""
    return 85 if _form(header_of(source)) else 0


def read(source: Source, options: Options, staging: Staging) -> None:
    """Stages labels, texts or pairs; a pair is the same item whichever side stood left."""
    sheet = open_sheet(source, encoding_of(source, options, staging))
    form = _form(sheet.header)
    if not form:
        raise InputError(
            f"{source.name} has no columns of crowd-kit's (task, worker and label or text; or worker, left, right and "
            "label); read it as a table."
        )
    if "left" in form:
        sheet = with_columns(sheet, [Derived((_PAIR,), ("left", "right"), _pair)])
    read_sheet(sheet, options.mapping or _mapping(sheet), options, staging)


def _mapping(sheet: Sheet) -> Mapping:
    """The tool's meaning of the columns; what kind of labels there are is guessed from them."""
    worker = next(name for name in _WORKERS if name in sheet.header)
    if _PAIR in sheet.header:
        sides = {"left": "left", "right": "right"}
        return Mapping(
            {"item_id": _PAIR, "annotator": worker}, {"label": Question("label", Kind.PAIRWISE, parts=sides)}
        )
    if "text" in sheet.header:
        return Mapping({"item_id": "task", "annotator": worker}, {"text": Question("text", Kind.TEXT)})
    return guess_mapping(sheet.header, sheet.sample)


def _form(header: tuple[str, ...]) -> set[str] | None:
    """The columns beside the worker's."""
    people = [name for name in header if name in _WORKERS]
    rest = {name for name in header if name not in _WORKERS}
    return rest if len(people) == 1 and rest in _FORMS else None


def _pair(columns: Columns) -> Columns:
    left, right = trimmed(columns["left"]), trimmed(columns["right"])
    swapped = pc.greater(left, right)
    first, second = pc.if_else(swapped, right, left), pc.if_else(swapped, left, right)
    return {_PAIR: pc.binary_join_element_wise(first, second, pa.scalar(" | "))}
