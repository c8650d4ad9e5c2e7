"""Datasaur's JSON: a document with its answers by row and as a whole; each of these is a record that is counted.

Spans are given by line, cell and token, and the tokens are not in the export: they are kept as they stand.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any, Final

from qc.model import InputError, Kind, Role
from qc.readers.authors import MERGED, Author, author
from qc.readers.described import described
from qc.readers.documents import document
from qc.readers.drawings import chosen, written
from qc.readers.fields import as_dict, as_list, identity
from qc.readers.numbers import number
from qc.readers.prose import is_prose
from qc.readers.reader import Options
from qc.readers.records import BadRecordError, Records, Row, of_types
from qc.readers.source import Source
from qc.readers.staging import Staging
from qc.readers.values import begins

CONFLICT: Final = "CONFLICT"
REVIEWED: Final = "REVIEW"

NO_ANSWER: Final = "the answer is no object with answers"
STRANGE: Final = "an answer is neither a text, a number nor a list of texts"
SPANS: Final = (
    "{n} spans and arrows are placed by tokens that the export lacks; they are kept in `extra` and compared with "
    "nothing: write an export transformer that gives offsets in the text"
)
UNRESOLVED: Final = "{n} labels are unresolved conflicts between people and are kept as merged (consensus)"
RAW: Final = "{n} files hold documents as they were uploaded (ROOT) and were left out"

_LABELERS: Final = "DOCUMENT-"


def sniff(source: Source) -> int:
    """A document with span labels and answers under `data`."""
    text = source.text()
    answered = '"rowAnswers"' in text or '"documentAnswers"' in text or '"labelSetIndex"' in text
    return 85 if begins(source, "{") and '"spanLabels"' in text and answered else 0


def read(source: Source, options: Options, staging: Staging) -> None:
    """Stages the answers of a document, and its spans as they stand."""
    data = as_dict(document(source)).get("data")
    if not isinstance(data, dict):
        raise InputError(f"{source.name} has no object `data` with the answers of a document; export it again as JSON.")
    records = Records(options, staging)
    folders = PurePosixPath(source.name).parent.parts
    if "ROOT" in folders:
        records.note(RAW)
        return
    named = identity(data.get("documentName")) or PurePosixPath(source.name).stem
    entries = list(_entries(data, named))
    texts = [value for _, _, entry in entries for value in as_dict(as_dict(entry).get("answers")).values()]
    prose = is_prose([text for text in texts if isinstance(text, str)])
    for place, (item_id, kind, entry) in enumerate(entries, 1):
        with records.record(place, entry):
            if not isinstance(entry, dict):
                raise BadRecordError(NO_ANSWER)
            of_types(entry, objects=("answers",))
            records.item(item_id, {**described({}, entry, options), "media": "text", "uri": named})
            given = _given(records, entry, folders, options)
            base = {"item_id": item_id, "annotator": given.name, "role": given.role}
            base |= {"annotation_id": given.submission(f"{item_id}{kind}")}
            if kind:
                records.answer({**base, "question": "spans", "kind": Kind.TEXT, "extra": entry["marks"]})
                continue
            for question, value in as_dict(entry.get("answers")).items():
                records.answer({**base, "question": question, **_value(value, prose)})
    records.finish()
    staging.progress(1.0)


def _entries(data: Row, named: str) -> Iterator[tuple[str, str, Any]]:
    """Item, what its id takes, and entry: answers by row, of the document, and the marks of each person together.

    A member that is no list is one entry, and no object.
    """
    for name in ("rowAnswers", "documentAnswers", "spanLabels", "arrowLabels"):
        if not isinstance(data.get(name), list | None):
            yield named, "", [data[name]]
    for answer in as_list(data.get("rowAnswers")):
        line = identity(as_dict(answer).get("line"))
        yield (f"{named}:{line}" if line else named), "", answer
    for answer in as_list(data.get("documentAnswers")):
        yield named, "", answer
    people: dict[str | None, Row] = {}
    for name in ("spanLabels", "arrowLabels"):
        for mark in as_list(data.get(name)):
            person = identity(as_dict(mark).get("labeledBy"))
            marks = people.setdefault(person, {"labeledBy": person, "marks": {}})["marks"]
            marks.setdefault(name, []).append(mark)
    for entry in people.values():
        yield named, "/spans", entry


def _given(records: Records, entry: Row, folders: tuple[str, ...], options: Options) -> Author:
    """Whose answer it is: the folder's, or the one named; what a reviewer settled is the last word."""
    person = identity(entry.get("labeledBy"))
    records.note(SPANS, sum(map(len, as_dict(entry.get("marks")).values())))
    if person == CONFLICT:
        records.note(UNRESOLVED)
        return Author(Role.CONSENSUS.value, Role.CONSENSUS)
    if REVIEWED in folders and options.role is Role.ANNOTATOR:
        return Author(REVIEWED, Role.ADJUDICATOR)
    labeler = next((folder.removeprefix(_LABELERS) for folder in folders if folder.startswith(_LABELERS)), None)
    given = author(labeler or person, options)
    records.note(MERGED, int(given.name == given.role.value == "consensus"))
    return given


def _value(value: Any, prose: bool) -> Row:
    if isinstance(value, str):
        return written(value) if prose else chosen([value], False)
    if isinstance(value, list) and value and all(isinstance(entry, str) for entry in value):
        return chosen(value, True)
    if isinstance(value, bool):
        return chosen(["true" if value else "false"], False)
    if isinstance(value, int | float) and number(value) is not None:
        return {"kind": Kind.NUMBER, "number": number(value)}
    raise BadRecordError(STRANGE)
