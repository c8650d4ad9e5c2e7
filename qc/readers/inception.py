"""INCEpTION's projects: whose file it is by its path, and what the project's own files tell of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Any, Final

from qc.model import InputError, Role, Status
from qc.readers.authors import MERGED, Author, author
from qc.readers.described import described
from qc.readers.documents import document
from qc.readers.drawings import Drawing
from qc.readers.fields import as_dict, as_list, text_of
from qc.readers.lines import lines
from qc.readers.reader import Options
from qc.readers.records import Records
from qc.readers.source import Source
from qc.readers.text_spans import Text, note_spans

CURATOR: Final = "CURATION_USER"
INITIAL: Final = "INITIAL_CAS"
UNTOUCHED: Final = "{n} files hold documents as they were before anybody worked on them, and were left out"
NOT_BEGUN: Final = "{n} documents were not begun by the person whose file it is, and have no answers"

_FOLDERS: Final = ("annotation", "curation")
_STATES: Final = {
    "NEW": None,
    "INPROGRESS": Status.DRAFT,
    "FINISHED": Status.SUBMITTED,
    "COMPLETE": Status.SUBMITTED,
    "IGNORE": Status.SKIPPED,
    "LOCKED": Status.SKIPPED,
}

Key = tuple[str, str]
"""A document and a person."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a file belongs: the document, who worked on it, and the project's files beside it, if there are any."""

    document: str
    user: str | None
    project: Source | None = None
    log: Source | None = None

    @property
    def status(self) -> Status | None:
        """How far the person is with the document; submitted where nothing tells, None where it was not begun."""
        known = _states(self.project) if self.project else {}
        return known.get((self.document, self.user or ""), Status.SUBMITTED)

    @property
    def finished(self) -> Any:
        """When the person said last to be finished, in milliseconds since 1970."""
        return _finished(self.log).get((self.document, self.user or "")) if self.log else None

    def given(self, options: Options) -> Author:
        """Whose answers these are; what the curator puts in place of them is the last word."""
        if self.user == CURATOR and options.role is Role.ANNOTATOR:
            return Author(CURATOR, Role.ADJUDICATOR)
        return author(self.user, options)


def place_of(source: Source, user: str | None = None, name: str | None = None) -> Place:
    """By the path `annotation/<document>/<user>`, else by what the file states, else by the name of its folder."""
    path = PurePosixPath(source.name)
    parts = path.parts
    at = next((place for place, part in enumerate(parts[:-2]) if part in _FOLDERS), None)
    if at is None:
        folder = path.parent.name
        return Place(name or folder or path.stem, user or (path.stem if folder else None))
    above = "../" * (len(parts) - 1 - at)
    project, log = (source.sibling(above + beside) for beside in ("exportedproject.json", "event.log"))
    return Place(parts[at + 1], PurePosixPath(parts[at + 2]).stem, project, log)


def stage(
    records: Records, place: Place, options: Options, text: Text, drawing: Drawing, asked: list[str], changed: Any
) -> None:
    """Adds what one person did on one document; `asked` are layers of spans, `changed` is the last edit."""
    status = place.status
    if place.user == INITIAL or status is None:
        records.note(UNTOUCHED if place.user == INITIAL else NOT_BEGUN)
        return
    about = described({}, {}, options)
    records.item(place.document, {**about, "media": "text", "text": text.content, "uri": place.document})
    given = place.given(options)
    records.note(MERGED, int(given.name == given.role.value == "consensus"))
    base = {
        "item_id": place.document,
        "annotator": given.name,
        "role": given.role,
        "status": status,
        "annotation_id": given.submission(place.document),
        **records.times(submitted=place.finished if status is Status.SUBMITTED else None, updated=changed),
    }
    extra = drawing.extra
    for columns, regions in drawing.rows(asked or [next(iter(drawing.regions), "spans")]):
        note_spans(records, text, regions)
        records.answer({**base, **columns, "extra": extra}, regions)
        extra = {}


@lru_cache(maxsize=1)
def _states(project: Source) -> Mapping[Key, Status | None]:
    try:
        known = as_list(as_dict(document(project)).get("annotation_documents"))
    except InputError:
        return {}
    found = {}
    for entry in known:
        name, user, state = (text_of(as_dict(entry).get(key)) for key in ("name", "user", "state"))
        word = "".join(filter(str.isalpha, state or "")).upper()
        if name and user and word in _STATES:
            found[name, user] = _STATES[word]
    return found


@lru_cache(maxsize=1)
def _finished(log: Source) -> Mapping[Key, Any]:
    found = {}
    try:
        for _, event, _ in lines(log):
            entry = as_dict(event)
            name, user = text_of(entry.get("document_name")), text_of(entry.get("annotator"))
            if name and user and as_dict(entry.get("details")).get("state") == "FINISHED":
                found[name, user] = entry.get("created")
    except InputError:
        return found
    return found


def short_names(types: list[str]) -> dict[str, str]:
    """Layers by the last part of their type's name, as people know them, unless two have the same."""
    lasts = [name.rsplit(".", 1)[-1] for name in types]
    return {name: last if lasts.count(last) == 1 else name for name, last in zip(types, lasts, strict=True)}


def label_of(values: Mapping[str, str], layer: str) -> str:
    """A span's label: its feature `value` or `label`, else its first one, else the layer's own name."""
    for name in ("value", "label"):
        if values.get(name):
            return values[name]
    return next((value for value in values.values() if value), layer)
