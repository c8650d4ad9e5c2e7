"""Prodigy's JSON Lines: one task and its answer a line; a line is the record that is counted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import chain, islice
from typing import Any, Final

from qc.model import Kind, Origin, Role, Status
from qc.readers.described import described
from qc.readers.drawings import Drawing
from qc.readers.fields import as_dict, as_list, identity, pixels, text_of
from qc.readers.lines import lines
from qc.readers.numbers import number
from qc.readers.prodigy_values import Views, drawn, pages
from qc.readers.reader import Options
from qc.readers.records import NO_JSON, BadRecordError, Records, Row, of_types
from qc.readers.source import Source
from qc.readers.staging import Staging
from qc.readers.text_spans import Text, code_points, note_spans

LOOK_AHEAD: Final = 2_000
"""Lines whose answers are looked at before the first row is made."""
ANONYMOUS: Final = "anonymous"

NO_TASK: Final = "the line is no task with an _input_hash and an answer"
UNNAMED: Final = (
    "{n} answers come from sessions without a name and are taken for one person, 'anonymous': "
    "name the person with --annotator NAME"
)
BAD_TASK: Final = "{n} tasks were rejected as bad tasks: they are kept as discarded"
REPEATED: Final = "{n} versions in reviews repeat answers that stand in this file and were taken once"
OTHERS: Final = "{n} answers have members that are not Prodigy's own: they are kept in `extra`"
STARTED: Final = "{n} answers were given on marks of a model; what it had proposed is not in the export"

_STATUSES: Final = {"accept": Status.SUBMITTED, "reject": Status.DISCARDED, "ignore": Status.SKIPPED}
# Views that show one proposal, to be accepted or rejected; older files do not say so.
_BINARY: Final = frozenset({"classification", "ner", "pos", "dep", "text", "html", "image", "audio", "video", "spans"})
_SERVER_START: Final = re.compile(r"\d{4}-\d{2}-\d{2}[_T ]\d{2}[-:]\d{2}[-:]\d{2}")
_MEDIA: Final = ("image", "audio", "video", "html")


def sniff(source: Source) -> int:
    """Tasks that carry the hashes which Prodigy gives them."""
    text = source.text().lstrip("\ufeff \r\n\t")
    if not text.startswith("{") or '"_input_hash"' not in text:
        return 0
    return 90 if '"_task_hash"' in text else 60


def read(source: Source, options: Options, staging: Staging) -> None:
    """Stages the tasks of a file with the answers that people gave them."""
    found = lines(source)
    first = list(islice(found, LOOK_AHEAD))
    views = Views()
    for _, task, _ in first:
        for page in pages(as_dict(task)):
            views.learn(page)
        for version in as_list(as_dict(task).get("versions")):
            views.learn({**task, **as_dict(version), "_view_id": task.get("view_id")})
    export = Export(options, staging, views)
    reviewed = False
    for line, task, reached in chain(first, found):
        if _is_review(task):
            reviewed = True
        else:
            export.take(line, task)
        staging.progress(reached)
    if reviewed:
        # After all others, wherever they stand: they repeat answers of people, which count once.
        for line, task, _ in lines(source):
            if _is_review(task):
                export.take(line, task)
    export.records.finish()


class Export:
    """Turns the lines of one file into rows."""

    def __init__(self, options: Options, staging: Staging, views: Views) -> None:
        self.records = Records(options, staging)
        self._options = options
        self._views = views
        self._proposed: set[str] = set()
        self._answered: set[tuple[str, str, str]] = set()

    def take(self, line: int, task: Any) -> None:
        """Stages one line."""
        with self.records.record(line, task):
            if not isinstance(task, dict):
                raise BadRecordError(NO_JSON if isinstance(task, bytes) else NO_TASK)
            of_types(task, lists=("pages",))
            for page in pages(task):
                self._page(page)

    def _page(self, task: Row) -> None:
        """Stages one page of a task, which is the task itself where it has no others."""
        item_id = identity(task.get("_input_hash"))
        if item_id is None or text_of(task.get("answer")) not in _STATUSES:
            raise BadRecordError(NO_TASK)
        of_types(task, lists=("spans", "accept", "relations", "versions"))
        item = self._item(task)
        self.records.item(item_id, item)
        text = Text(item.get("text"), code_points)
        if _is_review(task):
            self._review(item_id, task, text)
        elif _is_binary(task):
            self._binary(item_id, task)
        else:
            self._manual(item_id, task, task, text, self._options.role)

    def _item(self, task: Row) -> Row:
        media = next((name for name in _MEDIA if isinstance(task.get(name), str)), None)
        uri = task[media] if media else None
        return {
            **described(as_dict(task.get("meta")), task, self._options),
            "media": media or "text",
            # An image may stand in the task itself, as base64, with the path that it came from beside it.
            "uri": text_of(task.get("path")) if uri is None or uri.startswith("data:") or media == "html" else uri,
            "text": text_of(task.get("text")),
            "width": pixels(task.get("width")),
            "height": pixels(task.get("height")),
        }

    def _given(self, task: Row, session: Any) -> Row:
        """Who answered when; the name of a server start is no person but a session of work."""
        name = identity(session)
        unnamed = name is None or _SERVER_START.match(name)
        if unnamed and not self._options.annotator:
            self.records.note(UNNAMED)
        stated = identity(task.get("_session_id"))
        return {
            "annotator": (self._options.annotator or ANONYMOUS) if unnamed else name,
            "session": stated if stated and _SERVER_START.match(stated) else None,
            **self.records.times(submitted=task.get("_timestamp")),
        }

    def _manual(self, item_id: str, task: Row, shown: Row, text: Text, role: Role, prefix: str = "") -> None:
        """The answers to a task whose marks, choices and texts a person made; `shown` is the task as shown."""
        drawing, expected = drawn({**shown, **task}, text, self._views)
        given = self._given(task, task.get("_annotator_id") or task.get("_session_id"))
        status = _STATUSES[task["answer"]]
        self.records.note(BAD_TASK, int(status is Status.DISCARDED))
        name = f"{prefix}{identity(shown.get('_task_hash')) or item_id}/{given['annotator']}"
        if task.get("_timestamp") is not None:
            name += f"/{task['_timestamp']}"
        base = {**given, "item_id": item_id, "annotation_id": name, "role": role, "status": status}
        if status is Status.SKIPPED:
            drawing = Drawing()
        rows = list(drawing.rows(expected)) or [({"question": self._views.sole(shown)}, [])]
        size = (pixels(shown.get("width")), pixels(shown.get("height")))
        extra = drawing.extra
        self.records.note(OTHERS, int("members" in extra))
        for columns, regions in rows:
            if not prefix:
                self._answered.add((item_id, columns["question"], given["annotator"]))
            self.records.note(STARTED, int(columns.get("origin") in (Origin.PREDICTION, Origin.PREDICTION_EDITED)))
            note_spans(self.records, text, [region for region in regions if region["kind"] == Kind.SPANS])
            self.records.answer({**base, **columns, "extra": extra}, regions, size)
            extra = {}

    def _binary(self, item_id: str, task: Row) -> None:
        """Accept or reject of what was proposed: a label of the whole item, else the item is the proposal itself."""
        view = text_of(task.get("_view_id")) or "binary"
        label, spans = text_of(task.get("label")), as_list(task.get("spans"))
        hashed = identity(task.get("_task_hash")) or item_id
        asked = f"{view}/{label}" if label and not spans else view
        proposal = item_id if asked != view else f"{item_id}/{hashed}"
        if proposal != item_id:
            self.records.item(proposal, self._item(task))
        given = self._given(task, task.get("_annotator_id") or task.get("_session_id"))
        status = _STATUSES[task["answer"]]
        done = status is not Status.SKIPPED
        model = next((name for span in spans if (name := identity(as_dict(span).get("source")))), None)
        score = number(task.get("score", as_dict(task.get("meta")).get("score")))
        common = {"item_id": proposal, "question": asked, "extra": {"label": label, "spans": spans}}
        if score is not None and asked + hashed not in self._proposed:
            self._proposed.add(asked + hashed)
            named = model or Role.MODEL.value
            self.records.answer(
                common
                | {"annotation_id": f"{hashed}/proposal", "annotator": named, "model": named, "role": Role.MODEL}
                | {"kind": Kind.SINGLE, "label": "accept", "score": score}
            )
        self.records.answer(
            {**common, **given, "role": self._options.role, "kind": Kind.SINGLE if done else Kind.NONE}
            | {"status": Status.SUBMITTED if done else Status.SKIPPED, "label": task["answer"] if done else None}
            | {"parent": None if score is None else f"{hashed}/proposal"}
        )

    def _review(self, item_id: str, task: Row, text: Text) -> None:
        """The final answer of whoever reviewed, and the versions that people had given."""
        view = {"_view_id": task.get("view_id")}
        for version in as_list(task.get("versions")):
            for session in _sessions(as_dict(version)):
                given = {"_timestamp": as_dict(version).get("_timestamp"), "_session_id": session, "answer": "accept"}
                if text_of(as_dict(version).get("answer")) in _STATUSES:
                    given["answer"] = version["answer"]
                own = {name: value for name, value in version.items() if not name.startswith("_")}
                shown = {**task, **own, **view}
                shown["_task_hash"] = version.get("_task_hash") or task.get("_task_hash")
                if (item_id, self._views.sole(shown), session) in self._answered:
                    self.records.note(REPEATED)
                    continue
                self._manual(item_id, {**own, **given, **view}, _without_marks(shown), text, self._options.role)
        role = Role.ADJUDICATOR if self._options.role is Role.ANNOTATOR else self._options.role
        final = {name: value for name, value in task.items() if name != "versions"} | view
        self._manual(item_id, final, final, text, role, "review ")


def _is_review(task: Any) -> bool:
    return isinstance(task, dict) and task.get("_view_id") == "review"


def _is_binary(task: Row) -> bool:
    stated = task.get("_is_binary")
    if isinstance(stated, bool):
        return stated
    return text_of(task.get("_view_id")) in _BINARY


def _sessions(version: Row) -> Sequence[str]:
    return [name for session in as_list(version.get("sessions")) if (name := identity(session))]


def _without_marks(task: Row) -> Row:
    """A task without the answer of whoever answered it last."""
    return {name: value for name, value in task.items() if name not in ("spans", "accept", "relations", "audio_spans")}
