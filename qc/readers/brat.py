"""brat's standoff files: one document and one person's marks a file; the document is the record that is counted."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Any, Final

from qc.readers.authors import MERGED, author
from qc.readers.brat_lines import LINE, BadLineError, Standoff, parsed
from qc.readers.described import described
from qc.readers.reader import Options
from qc.readers.records import Records
from qc.readers.source import Source
from qc.readers.staging import Staging
from qc.readers.text_spans import Text, code_points, note_spans

QUESTION: Final = "entities"
EMPTY: Final = (
    "{n} documents have no marks; an empty file does not tell whether nobody looked: they count as nothing to mark"
)

_LINE: Final = re.compile(LINE)


def sniff(source: Source) -> int:
    """A file of standoff lines; the suffix alone tells little, as other tools use it too."""
    named = source.path.suffix.lower() == ".ann"
    if not source.is_text:
        return 0
    lines = [line for line in source.text().split("\n")[:5] if line.strip()]
    if not lines:
        return 60 if named else 0
    if not all(_LINE.match(line) for line in lines[:-1] or lines):
        return 0
    return 90 if named else 50


def read(source: Source, options: Options, staging: Staging) -> None:
    """Stages a document; its text stands beside it, and the folder has the name of the person."""
    records = Records(options, staging)
    with source.stream() as stream:
        content = stream.readall() or b""
    lines = content.decode(errors="replace").removeprefix("\ufeff").split("\n")
    beside = source.sibling(f"{source.path.stem}.txt")
    text = Text(_whole(beside) if beside else None, code_points)
    document = PurePosixPath(source.name)
    folder = document.parent.name or None
    given = author(options.annotator or folder, options)
    found, fault = Standoff(), None
    try:
        found = parsed(lines, text)
    except BadLineError as error:
        fault = error
    with records.record(fault.line if fault else 1, lines[fault.line - 1] if fault else content):
        if fault:
            raise fault
        item_id = document.stem
        about = described({}, {}, options)
        records.item(item_id, {**about, "media": "text", "text": text.content, "uri": f"{item_id}.txt"})
        base: dict[str, Any] = {"item_id": item_id, "annotator": given.name, "role": given.role, "question": QUESTION}
        base |= {"annotation_id": given.submission(item_id), "extra": found.extra}
        regions = found.regions
        records.note(MERGED, int(given.name == given.role.value == "consensus"))
        records.note(EMPTY, int(not regions))
        note_spans(records, text, regions)
        records.answer(base | ({"kind": "spans"} if regions else {}), regions)
    records.finish()
    staging.progress(1.0)


def _whole(source: Source) -> str:
    """The text as it is: line ends of two characters count as two."""
    with source.stream() as stream:
        return (stream.readall() or b"").decode(errors="replace").removeprefix("\ufeff")
