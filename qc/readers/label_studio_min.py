"""Label Studio's JSON-MIN: a list of flat objects, one per annotation."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Any, Final

from qc.readers.label_studio_flat import TOOL, read_rows
from qc.readers.label_studio_questions import LOOK_AHEAD
from qc.readers.reader import Options
from qc.readers.source import Source
from qc.readers.staging import Staging
from qc.readers.values import begins, listed

_SIGNS: Final = ("annotation_id", "lead_time", "annotator", "id")


def sniff(source: Source) -> int:
    """A JSON list of objects with an annotation's id, annotator and time, and without results."""
    text = source.text()
    named = all(f'"{name}"' in text for name in _SIGNS)
    return 85 if begins(source, "[") and named and '"annotations"' not in text and '"result"' not in text else 0


def read(source: Source, options: Options, staging: Staging) -> None:
    """Stages the answers of every row."""
    first = [value for _, value, _ in islice(listed(source), LOOK_AHEAD) if isinstance(value, dict)]
    named = [question.column for question in options.mapping.questions.values()] if options.mapping else []
    asked = [column for column in named if column] or questions(first)
    read_rows(listed(source), asked, options, staging)


def questions(records: Sequence[dict[str, Any]]) -> list[str]:
    """The questions of some rows: Label Studio writes the data of a task, its id, the answers, and who gave them."""
    found: dict[str, None] = {}
    for record in records:
        names = list(record)
        if "id" in names and "annotator" in names:
            found |= dict.fromkeys(names[names.index("id") + 1 : names.index("annotator")])
    return [name for name in found if name not in TOOL]
