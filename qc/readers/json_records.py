"""JSON or JSON Lines of records, of whatever make: read as a sheet whose columns are paths."""

from __future__ import annotations

from qc.readers.reader import Options
from qc.readers.sheet_json import json_sheet
from qc.readers.source import Source
from qc.readers.staging import Staging
from qc.readers.table import meant, read_sheet


def sniff(source: Source) -> int:
    """A text that begins as JSON; every format of a known tool is surer."""
    return 25 if source.is_text and source.text().lstrip("\ufeff \r\n\t").startswith(("{", "[")) else 0


def read(source: Source, options: Options, staging: Staging) -> None:
    """Stages records by their mapping, or by the one that their paths suggest."""
    sheet = json_sheet(source)
    mapping = meant(sheet, options)
    # An answer beside a list of regions is one answer, however many regions there are.
    once = {question.column for question in mapping.questions.values() if question.column and not question.parts}
    read_sheet(json_sheet(source, once), mapping, options, staging)
