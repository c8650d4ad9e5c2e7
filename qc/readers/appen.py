"""Appen's full report (Figure Eight, CrowdFlower): one row per judgment, that is one person's answers on one unit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from qc.model import InputError
from qc.readers.crowd import Job, read_job
from qc.readers.crowd_columns import LINE, asked_by, item_columns, named
from qc.readers.crowd_questions import question, survey
from qc.readers.legacy_text import encoding_of
from qc.readers.mapping import Mapping
from qc.readers.question import Question
from qc.readers.reader import Options
from qc.readers.sheet import Sheet
from qc.readers.sheet_derived import header_of
from qc.readers.source import Source
from qc.readers.staging import Staging
from qc.readers.table import open_sheet

GOLD: Final = "_gold"
REASON: Final = "_gold_reason"

_COLUMNS: Final = {
    "item_id": "_unit_id",
    "annotation_id": "_id",
    "annotator": "_worker_id",
    "started_at": "_started_at",
    "submitted_at": "_created_at",
    "is_gold": "_golden",
}
_NEEDED: Final = ("item_id", "annotator")
_EXTRA: Final = ("_trust", "_tainted", "_missed", "_channel")
_ORIGINAL: Final = "orig_"


def sniff(source: Source) -> int:
    """Sure of a table with units and workers."""
    return 95 if {"_unit_id", "_worker_id"} <= set(header_of(source)) else 0


def read(source: Source, options: Options, staging: Staging) -> None:
    """Stages the judgments of a job; addresses and places of workers are left out."""
    sheet = open_sheet(source, encoding_of(source, options, staging))
    questions = asked_by(options, lambda: _questions(sheet, source.name))
    columns = {name: column for name, column in _COLUMNS.items() if column in sheet.header or name in _NEEDED}
    extra = [column for column in _EXTRA if column in sheet.header]
    read_job(sheet, job(sheet, columns, questions, extra), options, staging)


def job(sheet: Sheet, columns: dict[str, str], questions: dict[str, Question], extra: Sequence[str]) -> Job:
    """What the columns of either report mean: those of the job's data tell of the item."""
    golds = {name: f"{asked.column}{GOLD}" for name, asked in questions.items()}
    golds = {name: column for name, column in golds.items() if column in sheet.header}
    answered = {column for asked in questions.values() for column in asked.named.values()}
    data = [column for column in data_columns(sheet) if column not in answered and column not in golds.values()]
    told = item_columns(named(data, ""))
    meta = [column for column in data if column not in told.values() and ":" not in column]
    return Job(Mapping({**columns, **told}, questions, dates="month first"), golds, meta, extra)


def data_columns(sheet: Sheet) -> list[str]:
    """The columns that the tool did not add by itself."""
    return [column for column in sheet.header if not column.startswith(("_", f"{_ORIGINAL}_"))]


def _questions(sheet: Sheet, file: str) -> dict[str, Question]:
    """The columns of answers: those with test questions, those that the tool puts first, else those that differ."""
    names = _asked(sheet)
    if not names:
        raise InputError(
            f"No column of {file} could be told to hold answers rather than data; "
            'name them in a mapping, like [questions.mood] column = "mood".'
        )
    seen, _ = survey(sheet, names, {})
    return {name: question(name, name, seen[name], LINE) for name in names}


def _asked(sheet: Sheet) -> list[str]:
    header = [column for column in sheet.header if not column.endswith((GOLD, REASON))]
    own = [place for place, column in enumerate(header) if column.startswith("_")]
    original = [place for place, column in enumerate(header) if column.startswith(_ORIGINAL)]
    # The report has the tool's own columns, then the answers, then the data, which begin with what was renamed.
    between = header[max(own) + 1 : min(original)] if own and original else []
    tested = [column for column in header if f"{column}{GOLD}" in sheet.header]
    return list(dict.fromkeys([*between, *tested])) or _differing(sheet)


def _differing(sheet: Sheet) -> list[str]:
    """The columns whose values differ between the judgments of a unit, in the first rows."""
    unit = sheet.header.index("_unit_id") if "_unit_id" in sheet.header else 0
    found = []
    for place, column in enumerate(sheet.header):
        if column in data_columns(sheet) and not column.endswith((GOLD, REASON)):
            pairs = {(row[unit], row[place]) for row in sheet.sample if place < len(row) and unit < len(row)}
            if len(pairs) > len({one for one, _ in pairs}):
                found.append(column)
    return found
