"""Sheets (CSV, TSV, XLSX, Parquet): one row per answer, or one row per item and a column for each person."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from qc.model import InputError, Kind, Role
from qc.readers import trials
from qc.readers.blocks import places
from qc.readers.date_order import day_first
from qc.readers.legacy_text import encoding_of
from qc.readers.mapping import Mapping
from qc.readers.names import guess_mapping
from qc.readers.question import REGIONS
from qc.readers.reader import Options
from qc.readers.rows import Answered
from qc.readers.sheet import Sheet, headless
from qc.readers.sheet_csv import csv_sheet
from qc.readers.skeleton import MappingNeededError, skeleton
from qc.readers.source import Source
from qc.readers.staging import Staging
from qc.readers.times import clock

NUMBERS: Final = (
    "The answers look like numbers and were taken for measurements, compared by how near they are: "
    'if they are classes or ids, write kind = "single" below [questions.NAME] of the mapping, or "ordinal" for ranks'
)
UNUSED: Final = (
    "These columns mean nothing to the mapping and were left out: {columns}; where they say of what kind an item is, "
    "list them in the mapping, as groups = [{first}], to see errors and agreement by them"
)
_REVIEWED: Final = ("reviewer", "reviewed_at", "review_seconds", "review_comment", "error_type", "severity")


def sniff(source: Source) -> int:
    """Sure of workbooks and Parquet; a text is a table when its first line has a separator or its name says so."""
    if source.head.startswith(b"PAR1") or _is_workbook(source):
        return 90
    if not source.is_text:
        return 0
    text = source.text().lstrip("\ufeff \r\n\t")
    if text.startswith(("{", "[", "<")):
        return 0
    line = text.splitlines()[0] if text else ""
    if source.path.suffix.lower() in (".csv", ".tsv", ".tab"):
        return 40
    return 20 if any(mark in line for mark in ",;\t|") else 0


def _is_workbook(source: Source) -> bool:
    return source.head.startswith(b"PK\x03\x04") and source.path.suffix.lower() in (".xlsx", ".xlsm")


def open_sheet(source: Source, encoding: str | None, name: str | None = None, usual: str | None = None) -> Sheet:
    """The sheet in a file, by its first bytes; of a workbook the named one, else the usual or the first."""
    # Imported here: a CSV file pays neither for Parquet nor for workbooks.
    if source.head.startswith(b"PAR1"):
        from qc.readers.sheet_parquet import parquet_sheet

        return parquet_sheet(source)
    if _is_workbook(source):
        from qc.readers.sheet_xlsx import xlsx_sheet

        return xlsx_sheet(source, name, usual)
    return csv_sheet(source, encoding)


def read(source: Source, options: Options, staging: Staging) -> None:
    """Stages a sheet by its mapping, or by the one that its header suggests."""
    encoding = encoding_of(source, options, staging)
    usual = next((mapping.sheet for mapping in options.saved if mapping.sheet), None)
    sheet = open_sheet(source, encoding, options.mapping.sheet if options.mapping else None, usual)
    read_sheet(sheet, replace(meant(sheet, options), encoding=encoding), options, staging)


def meant(sheet: Sheet, options: Options) -> Mapping:
    """The mapping that the user gave or saved, or what the header suggests; of gold, two columns are item and answer.

    A MappingNeededError holds a mapping to edit where nothing is known of the header.
    """
    known = options.for_columns(sheet.header)
    if known and _names_columns(known):
        return _by_name(known, sheet, options)
    guessed = _as_before(_guessed(sheet, options), options)
    if known is None:
        return guessed
    # A mapping that names no columns says how to read those that are understood.
    return replace(
        known,
        columns=guessed.columns,
        questions=guessed.questions,
        people=guessed.people,
        seconds_unit=known.seconds_unit or guessed.seconds_unit,
    )


def _names_columns(mapping: Mapping | None) -> bool:
    return mapping is not None and bool(mapping.columns or mapping.people)


def _as_before(guessed: Mapping, options: Options) -> Mapping:
    """The mapping, in which a question whose answers were numbers in earlier sheets is one of numbers again.

    Few answers, as of a file of gold, do not show it.
    """
    earlier = (saved.questions["label"] for saved in options.saved if "label" in saved.questions)
    asked = guessed.questions.get("label")
    before = next(earlier, None)
    if asked is None or asked.kind is not Kind.SINGLE or before is None or before.kind is not Kind.NUMBER:
        return guessed
    return replace(guessed, questions={**guessed.questions, "label": replace(asked, kind=Kind.NUMBER)})


def _by_name(mapping: Mapping, sheet: Sheet, options: Options) -> Mapping:
    """The mapping, in which a question without a column is answered in the one of its name, where there is such."""
    told = mapping.columns.keys() | ({"annotator"} if options.annotator else set())
    if mapping.people or "annotator" not in told or "question" in told:
        return mapping
    free = set(sheet.header) - set(mapping.used())
    questions = {
        name: replace(question, column=name) if not question.named and name in free else question
        for name, question in mapping.questions.items()
    }
    asked = any(question.named for question in questions.values())
    if not asked and not told & {"gold_label", "model_label", "corrected_label", "status"}:
        raise InputError(
            f"The mapping names no column of answers for question {next(iter(questions))!r}, and the sheet has none of "
            f'that name; add column = "…", one of {_listed(sorted(free)) or "its columns"}.'
        )
    return replace(mapping, questions=questions)


def _guessed(sheet: Sheet, options: Options) -> Mapping:
    try:
        return guess_mapping(sheet.header, sheet.sample)
    except InputError as error:
        if headless(sheet):
            raise InputError(
                f"The first row ({_listed(sheet.header)}) looks like answers, not like the names of columns: put a row "
                "of names above it, like item_id,annotator,label or item,gold, and read the file again."
            ) from None
        if options.role is Role.GOLD and len(sheet.header) == 2:
            return Mapping({"item_id": sheet.header[0], "gold_label": sheet.header[1]})
        raise MappingNeededError(f"{error}", skeleton(sheet.header, sheet.sample)) from None


def read_sheet(sheet: Sheet, mapping: Mapping, options: Options, staging: Staging) -> None:
    """Stages the rows of a sheet of any make by a mapping."""
    mapping = _complete(mapping, sheet, options)
    if mapping.annotators or mapping.labels:
        staging.aliases = mapping.aliases
    staging.tally.columns = sheet.header
    staging.tally.mapping = mapping.to_json()
    for sentence in sheet.notes:
        staging.tally.note(sentence)
    used = set(mapping.used())
    if mapping.people:
        staging.tally.note(f"Each of these columns was taken for a person: {_listed(mapping.people)}")
    if not _names_columns(options.for_columns(sheet.header)):
        for name, question in mapping.questions.items():
            if question.kind is Kind.NUMBER:
                staging.tally.note(NUMBERS.replace("NAME", name))
        for sentence in trials.notes(mapping):
            staging.tally.note(sentence)
    if unused := [column for column in sheet.header if column not in used]:
        first = json.dumps(unused[0], ensure_ascii=False)
        staging.tally.note(UNUSED.format(columns=_listed(unused), first=first))
    if idle := _idle(mapping):
        staging.tally.note(
            f"These columns tell of reviews, and were left out as no column holds a decision or a correction: "
            f"{_listed(idle)}; if they hold answers, make each a question of the mapping"
        )
    order = day_first(sheet, mapping, staging.tally)
    time = clock(options.timezone or mapping.timezone, mapping.dates)
    answered = Answered(mapping, time, order, places(sheet, mapping, staging.tally), options, staging)
    for rows in sheet.rows([column for column in sheet.header if column in used]):
        staging.tally.read += len(rows.positions) + len(rows.rejects)
        staging.reject(rows.rejects)
        if len(rows.positions):
            answered.take(rows)
        staging.progress(rows.reached)
    answered.finish()


def _idle(mapping: Mapping) -> list[str]:
    """The columns that are understood and of no use: what is said of reviews, where none is told."""
    told = mapping.columns.keys() & {"review_decision", "corrected_label"} and not mapping.people
    return [] if told else [mapping.columns[name] for name in _REVIEWED if name in mapping.columns]


def _complete(mapping: Mapping, sheet: Sheet, options: Options) -> Mapping:
    """The mapping, checked against the header; the answers of a file of gold become gold labels."""
    if absent := [column for column in mapping.used() if column not in sheet.header]:
        raise InputError(
            f"The mapping names a column {absent[0]!r} that the sheet has not; it has {', '.join(sheet.header[:12])}."
        )
    if "item_id" not in mapping.columns:
        raise InputError("The mapping names no column for item_id.")
    answered = [name for question in mapping.questions.values() for name in question.named.values()]
    regions = any(question.kind in REGIONS for question in mapping.questions.values())
    if options.role is Role.GOLD and regions:
        return mapping
    if options.role is Role.GOLD and "gold_label" not in mapping.columns and (mapping.people or len(answered) > 1):
        raise InputError(
            f"Several columns may hold gold answers ({_listed([*mapping.people, *answered])}): give them as rows of "
            "item, question and gold, or name the one of them as gold_label in a mapping."
        )
    if options.role is Role.GOLD and "gold_label" not in mapping.columns and answered:
        gold = {"gold_label": answered[0]}
        questions = {name: replace(question, column=None) for name, question in mapping.questions.items()}
        return replace(mapping, columns={**mapping.columns, **gold}, questions=questions)
    if answered and "annotator" not in mapping.columns and not options.annotator:
        raise MappingNeededError(
            "No column says who gave the answers (usual names: annotator, worker, rater, user): name it in a mapping, "
            "name the person by --annotator NAME, take the names of files or folders by --role like "
            '"people/*.csv=annotator" or "ann_*/=annotator", or read the file as gold answers.',
            skeleton(sheet.header, sheet.sample, mapping),
        )
    return mapping


def _listed(columns: Sequence[str]) -> str:
    more = f" and {len(columns) - 12} more" if len(columns) > 12 else ""
    return ", ".join(column[:40].replace("{", "(") for column in columns[:12]) + more
