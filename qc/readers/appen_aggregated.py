"""Appen's aggregated report: one row per unit, with the answer that its judgments were merged to."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from qc.model import InputError, Role
from qc.readers.appen import GOLD, job
from qc.readers.crowd import read_job
from qc.readers.crowd_columns import LINE, asked_by
from qc.readers.crowd_questions import question, survey
from qc.readers.legacy_text import encoding_of
from qc.readers.question import Question
from qc.readers.reader import Options
from qc.readers.sheet import Sheet
from qc.readers.sheet_derived import Columns, Derived, header_of, with_columns
from qc.readers.source import Source
from qc.readers.staging import Staging
from qc.readers.table import open_sheet

MERGED: Final = (
    "This report holds merged answers without people, which no agreement counts; export the full report for those"
)
CONFIDENCE: Final = ":confidence"

_ID: Final = "id of the merged answer"
_EXTRA: Final = ("_unit_state", "_trusted_judgments")


def sniff(source: Source) -> int:
    """Sure of a table with the states of units and no workers."""
    header = set(header_of(source))
    return 95 if {"_unit_id", "_unit_state"} <= header and "_worker_id" not in header else 0


def read(source: Source, options: Options, staging: Staging) -> None:
    """Stages the merged answer of each unit, with the tool's confidence in it."""
    sheet = open_sheet(source, encoding_of(source, options, staging))
    questions = asked_by(options, lambda: _questions(sheet, source.name))
    columns = {"item_id": "_unit_id", "annotation_id": _ID, "submitted_at": "_last_judgment_at", "is_gold": "_golden"}
    columns = {name: column for name, column in columns.items() if column in (*sheet.header, "_unit_id", _ID)}
    scores = {name: f"{asked.column}{CONFIDENCE}" for name, asked in questions.items()}
    merged = replace(
        job(sheet, columns, questions, [column for column in _EXTRA if column in sheet.header]),
        role=Role.CONSENSUS,
        scores={name: column for name, column in scores.items() if column in sheet.header},
    )
    staging.tally.note(MERGED)
    role = merged.role if options.role is Role.ANNOTATOR else options.role

    def identified(block: Columns) -> Columns:
        return {_ID: pc.binary_join_element_wise(block["_unit_id"], pa.scalar(role.value), "/")}

    read_job(with_columns(sheet, [Derived((_ID,), ("_unit_id",), identified)]), merged, options, staging)


def _questions(sheet: Sheet, file: str) -> dict[str, Question]:
    """The columns that come with a confidence, or with accepted answers."""
    names = [column for column in sheet.header if {f"{column}{CONFIDENCE}", f"{column}{GOLD}"} & set(sheet.header)]
    if not names:
        raise InputError(f"{file} has no column of merged answers with its confidence; export the full report.")
    seen, _ = survey(sheet, names, {})
    return {name: question(name, name, seen[name], LINE) for name in names}
