"""doccano's JSON Lines, and CSV: one example and its labels a line; a line is the record that is counted."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, islice
from pathlib import PurePosixPath
from typing import Any, Final

import msgspec

from qc.model import Decision, Kind
from qc.readers.authors import MERGED, author
from qc.readers.decoding import decoded
from qc.readers.described import described
from qc.readers.doccano_csv import examples, is_csv
from qc.readers.doccano_values import LABELLED, Labels, answers_of
from qc.readers.drawings import Drawing
from qc.readers.fields import as_dict, as_list, identity, text_of
from qc.readers.lines import lines
from qc.readers.reader import Options
from qc.readers.records import NO_JSON, BadRecordError, Records, Row, of_types
from qc.readers.source import Source
from qc.readers.staging import Staging
from qc.readers.text_spans import Text, note_spans, utf16

LOOK_AHEAD: Final = 2_000
"""Lines whose labels are looked at before the first row is made."""

NO_EXAMPLE: Final = "the line is no example with an id"
EMPTY: Final = (
    "{n} examples have no labels; the export does not tell whether nobody looked or nothing was to be marked: "
    "export confirmed examples only, and mark those with a label of their own"
)
EMOJI: Final = "{n} texts hold characters that browsers count twice; offsets were read as doccano counts them (UTF-16)"
IDS: Final = "{n} labels are numbers, as this version writes them; the project's label configuration has their names"

_TEXTS: Final = ("text", "data")
_OWN: Final = (
    *_TEXTS,
    *LABELLED,
    "id",
    "Comments",
    "filename",
    "meta",
    "relations",
    "annotations",
    "annotation_approver",
)


def sniff(source: Source) -> int:
    """The weakest signature of all: an id, a text or file, and labels in one of the names that doccano uses."""
    if is_csv(source):
        return 65
    text = source.text().lstrip("\ufeff \r\n\t")
    if not text.startswith("{") or not any(f'"{name}"' in text for name in ("text", "data", "filename")):
        return 0
    if '"annotation_approver"' in text and '"annotations"' in text:
        return 75
    first = text.split("\n", 1)[0]
    try:
        example = as_dict(decoded(first.encode(errors="replace"), set()))
    except (msgspec.MsgspecError, RecursionError):
        return 0
    if "id" not in example or not any(name in example for name in LABELLED):
        return 0
    return 70 if "Comments" in example else 35


def read(source: Source, options: Options, staging: Staging) -> None:
    """Stages the examples of a file with their labels."""
    found = examples(source) if is_csv(source) else lines(source)
    first = list(islice(found, LOOK_AHEAD))
    labels = Labels()
    for _, example, _ in first:
        labels.learn(as_dict(example))
    export = Export(options, staging, labels, _person(source))
    for line, example, reached in chain(first, found):
        export.take(line, example)
        staging.progress(reached)
    export.records.finish()


def _person(source: Source) -> str | None:
    """Whose file it is: an archive has one for each member by name, or `all` and `unknown`."""
    stem = PurePosixPath(source.name).stem
    return stem if source.bundled and stem not in ("all", "unknown") else None


class Export:
    """Turns the examples of one file into rows."""

    def __init__(self, options: Options, staging: Staging, labels: Labels, person: str | None) -> None:
        self.records = Records(options, staging)
        self._options = options
        self._labels = labels
        self._person = person

    def take(self, line: int, example: Any) -> None:
        """Stages one example."""
        with self.records.record(line, example):
            item_id = identity(example.get("id")) if isinstance(example, dict) else None
            if item_id is None:
                raise BadRecordError(NO_JSON if isinstance(example, bytes) else NO_EXAMPLE)
            content = next((found for name in _TEXTS if (found := text_of(example.get(name))) is not None), None)
            text = Text(content, utf16)
            meta = {name: value for name, value in example.items() if name not in _OWN} | as_dict(example.get("meta"))
            item = {**described(meta, example, self._options), "text": content, "uri": text_of(example.get("filename"))}
            self.records.item(item_id, item | {"media": "text" if content is not None else None})
            if "annotations" in example:
                self._legacy(item_id, example, text)
            else:
                comments = {"comments": as_list(example.get("Comments"))} if example.get("Comments") else {}
                self._stage(item_id, example, text, self._person, {}, comments)

    def _stage(self, item_id: str, example: Row, text: Text, person: str | None, more: Row, extra: Row) -> str | None:
        """The answers in an example, and the id of the submission."""
        given = author(person, self._options)
        merged = given.role.value == given.name == "consensus"
        drawing = answers_of(example, text, self._labels, merged)
        self._notes(drawing, text)
        found = list(drawing.rows())
        if not found:
            self.records.note(EMPTY)
            return None
        self.records.note(MERGED, int(merged))
        base = {"item_id": item_id, "annotator": given.name, "role": given.role}
        base |= {"annotation_id": given.submission(item_id), **more}
        extra = extra | drawing.extra
        for columns, regions in found:
            self.records.answer({**base, **columns, "extra": extra}, regions)
            extra = {}
        return base["annotation_id"]

    def _notes(self, drawing: Drawing, text: Text) -> None:
        spans = [region for found in drawing.regions.values() for region in found if region["kind"] == Kind.SPANS]
        note_spans(self.records, text, spans)
        self.records.note(EMOJI, int(bool(spans) and max(text.content or "", default="") > "\uffff"))

    def _legacy(self, item_id: str, example: Row, text: Text) -> None:
        """The annotations of an old export, which names who made each of them and when."""
        of_types(example, lists=("annotations",))
        people: dict[str | None, list[Row]] = {}
        for annotation in as_list(example.get("annotations")):
            if not isinstance(annotation, dict):
                raise BadRecordError("an annotation is no object")
            people.setdefault(identity(annotation.get("user")), []).append(annotation)
        if not people:
            self.records.note(EMPTY)
        approver = identity(example.get("annotation_approver"))
        for person, made in people.items():
            self.records.note(IDS, sum(isinstance(one.get("label"), int) for one in made))
            more = self.records.times(submitted=_latest(made, "created_at"), updated=_latest(made, "updated_at"))
            name = self._stage(item_id, {"annotations": made}, text, person, more, {})
            if name and approver:
                self.records.review(
                    {"review_id": f"{name} approved", "annotation_id": name, "item_id": item_id}
                    | {"reviewer": approver, "verdict": Decision.ACCEPT}
                )


def _latest(annotations: Sequence[Row], name: str) -> Any:
    """The last of some times of one make, which sort as texts."""
    return max((found for one in annotations if (found := text_of(one.get(name)))), default=None)
