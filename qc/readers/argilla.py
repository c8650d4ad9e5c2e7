"""Argilla's records, with the answers of people and the suggestions of models; a record is what is counted."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from itertools import chain, islice
from typing import Any, Final

from qc.model import Kind, Role, Status
from qc.readers.argilla_records import Response, Suggestion, Taken, taken
from qc.readers.argilla_values import Questions, value_of
from qc.readers.described import described
from qc.readers.fields import as_dict, as_list, text_of
from qc.readers.numbers import number
from qc.readers.reader import Options
from qc.readers.records import NO_JSON, BadRecordError, Records, Row
from qc.readers.shapes import BadShapeError
from qc.readers.source import Source
from qc.readers.staging import Staging
from qc.readers.text_spans import Text, code_points, note_spans, utf16
from qc.readers.values import begins, lined, listed

LOOK_AHEAD: Final = 2_000
"""Records whose answers are looked at before the first row is made."""
DELETED: Final = "(deleted user)"

NO_STATUS: Final = (
    "{n} answers are in a form that drops their status: drafts and discarded ones count as submitted; "
    "export the records flattened, or by the REST interface"
)
GONE: Final = "{n} answers are of users who were deleted; they are taken for one person, '(deleted user)'"
EMOJI: Final = (
    "{n} texts hold characters that browsers count twice; people's offsets were read as the browser counts them "
    "(UTF-16), those of suggestions as Python does"
)
UNKNOWN_STATUS: Final = "an answer has an unknown status"

_PAGE: Final = re.compile(r'\{\s*"(total"\s*:\s*\d+\s*,\s*")?items"\s*:\s*\[')

_STATUSES: Final = {
    None: Status.SUBMITTED,
    "submitted": Status.SUBMITTED,
    "draft": Status.DRAFT,
    "discarded": Status.DISCARDED,
    # Left by people who have not answered yet.
    "pending": None,
}


def sniff(source: Source) -> int:
    """Fields with responses or suggestions beside them, or the endings of a flattened export."""
    text = source.text()
    if not begins(source, "[") and not begins(source, "{"):
        return 0
    if '.responses":' in text or '.suggestion":' in text:
        return 90
    if '"fields"' in text and '"responses"' in text and ('"suggestions"' in text or '"user_id"' in text):
        return 90
    return 80 if '-suggestion-metadata"' in text and '"user_id"' in text else 0


def read(source: Source, options: Options, staging: Staging) -> None:
    """Stages the records of a list, of lines, or of the one object that REST gives (with `items`, or a record)."""
    found = iter(_records(source))
    first = list(islice(found, LOOK_AHEAD))
    questions = Questions()
    for _, record, _ in first:
        with suppress(BadRecordError):
            questions.learn(taken(record))
    export = Export(options, staging, questions)
    for place, record, reached in chain(first, found):
        export.take(place, record)
        staging.progress(reached)
    export.records.finish()


def _records(source: Source) -> Iterable[tuple[int, Any, float]]:
    """One object over several lines is a record or a page of them, as one that begins with items; else one a line."""
    text = source.text().lstrip("\ufeff \r\n\t")
    paged = _PAGE.match(text)
    if not paged and (not text.startswith("{") or text.split("\n", 1)[0].rstrip().endswith("}")):
        return lined(source)
    (_, value, _), *_ = listed(source)
    page = as_dict(value).get("items")
    return [(place, entry, 1.0) for place, entry in enumerate(page, 1)] if isinstance(page, list) else [(1, value, 1.0)]


class Export:
    """Turns the records of one file into rows."""

    def __init__(self, options: Options, staging: Staging, questions: Questions) -> None:
        self.records = Records(options, staging)
        self._options = options
        self._questions = questions

    def take(self, place: int, record: Any) -> None:
        """Stages one record."""
        with self.records.record(place, record):
            if isinstance(record, bytes):
                raise BadRecordError(NO_JSON)
            found = taken(record)
            several = {"fields": found.fields} if len(found.fields) > 1 and "fields" in record else {}
            columns = described(found.meta | several, record, self._options)
            content = _content(found, columns)
            self.records.item(
                found.item_id, columns | {"media": "text" if content is not None else None, "text": content}
            )
            models = self._suggested(found, Text(content, code_points))
            self._answered(found, Text(content, utf16), models)

    def _suggested(self, found: Taken, text: Text) -> dict[str, str]:
        """The rows of the suggestions, and their ids by question."""
        ids: dict[str, str] = {}
        for suggestion in found.suggestions:
            if suggestion.value is None:
                continue
            agent = suggestion.agent or Role.MODEL.value
            name = f"{found.item_id}/suggestion of {agent}"
            ids[suggestion.question] = name
            base: Row = {"item_id": found.item_id, "annotation_id": name, "annotator": agent, "model": agent}
            self._rows(
                base | {"role": Role.MODEL, "score": number(suggestion.score)}, suggestion, text, suggestion.score
            )
        return ids

    def _answered(self, found: Taken, text: Text, models: dict[str, str]) -> None:
        """The rows of what people answered, person by person."""
        times: Counter[tuple[str, str]] = Counter()
        for response in found.responses:
            if response.status not in _STATUSES:
                raise BadRecordError(UNKNOWN_STATUS)
            status = _STATUSES[response.status]
            if status is None:
                continue
            self.records.note(NO_STATUS, int(response.status is None))
            person = response.user or self._options.annotator
            self.records.note(GONE, int(person is None))
            name = response.name or f"{found.item_id}/{person or DELETED}"
            times[name, response.question] += 1
            again = times[name, response.question]
            base = {
                "item_id": found.item_id,
                # Of several users who were deleted, each answer is a submission of its own.
                "annotation_id": name if again == 1 else f"{name} {again}",
                "annotator": person or DELETED,
                "role": self._options.role,
                "status": status,
                "parent": models.get(response.question),
                # Without a zone as they are, these times are in UTC.
                **self.records.times(submitted=_utc(response.inserted), updated=_utc(response.updated)),
            }
            self._rows(base, response, text)

    def _rows(self, base: Row, answer: Response | Suggestion, text: Text, score: Any = None) -> None:
        drawing = value_of(answer.question, answer.value, text, self._questions, score)
        question = answer.question or next(iter([*self._questions.texts, *self._questions.lists]), "label")
        spans = drawing.regions.get(question, [])
        note_spans(self.records, text, spans)
        self.records.note(EMOJI, int(bool(spans) and max(text.content or "", default="") > "\uffff"))
        for columns, regions in drawing.rows([question]):
            self.records.answer(base | columns, regions)


def _content(found: Taken, columns: Row) -> str | None:
    """The field that spans lie in, which the export does not name: the first that holds all of them."""
    described_as = {value for value in columns.values() if isinstance(value, str)}
    fields = [text for value in found.fields.values() if (text := text_of(value)) and text not in described_as]
    return next((text for text in fields if _fits(text, found.responses)), None)


def _fits(content: str, responses: Sequence[Response]) -> bool:
    text = Text(content, utf16)
    marks = [as_dict(entry) for response in responses for entry in as_list(response.value)]
    try:
        return all(
            text.span(mark["start"], mark.get("end"), None)["kind"] == Kind.SPANS for mark in marks if "start" in mark
        )
    except BadShapeError:
        return False


def _utc(value: Any) -> Any:
    if isinstance(value, str) and value and not value.endswith("Z") and "+" not in value:
        return f"{value} UTC"
    return value
