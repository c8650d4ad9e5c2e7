"""Ground Truth's output manifest: one line per data object, with the merged label of each job that it went through."""

from __future__ import annotations

import re
from typing import Any, Final

from qc.model import Decision, Role
from qc.readers.authors import MERGED, author
from qc.readers.fields import as_dict, as_list, facets, identity, text_of
from qc.readers.lines import lines
from qc.readers.reader import Options
from qc.readers.records import NO_JSON, BadRecordError, Records, Row, of_types, to_json
from qc.readers.sagemaker_answers import AS_TEXT, Entered
from qc.readers.sagemaker_labels import Label, Labelled, label_of, labelled
from qc.readers.sagemaker_objects import DataObject, data_object
from qc.readers.source import Source
from qc.readers.staging import Staging
from qc.readers.text_spans import Text, note_spans, utf16

FAILED: Final = "{n} objects have no label of a job, as it failed on them; they were not done"
NOT_TOLD: Final = "{n} verifications do not say which label they are of, or if it is good; they were kept as answers"
NO_OBJECT: Final = "the line names no data object (source or source-ref)"

_VERDICTS: Final = {
    **dict.fromkeys(
        ("good", "correct", "accept", "accepted", "approve", "approved", "pass", "yes", "ok"), Decision.ACCEPT
    ),
    **dict.fromkeys(("bad", "incorrect", "reject", "rejected", "fail", "failed", "wrong", "no"), Decision.REJECT),
}
_SOURCE: Final = re.compile(r'"source(?:-ref)?"\s*:')
_META: Final = re.compile(r'"[^"\n]+-metadata"\s*:\s*\{')


def sniff(source: Source) -> int:
    """Sure of JSON Lines with a source and with metadata of a label on the first."""
    text = source.text().lstrip("\ufeff \r\n\t") if source.is_text else ""
    line = text.partition("\n")[0]
    if not line.startswith("{") or not _SOURCE.search(line):
        return 0
    return 90 if _META.search(line) or _META.search(text) else 0


def read(source: Source, options: Options, staging: Staging) -> None:
    """Stages the merged labels of a manifest; the record that is counted is its line."""
    manifest = Manifest(options, Records(options, staging))
    for number, value, share in lines(source):
        manifest.take(number, value)
        staging.progress(share)
    manifest.records.finish()


class Manifest:
    """Turns the lines of one manifest into rows."""

    def __init__(self, options: Options, records: Records) -> None:
        self.records = records
        self._options = options
        self._paths = options.mapping.columns if options.mapping else {}

    def take(self, number: int, value: Any) -> None:
        """Stages what one line holds."""
        with self.records.record(number, value):
            if not isinstance(value, dict):
                raise BadRecordError(NO_JSON)
            about = data_object(value)
            if about is None:
                raise BadRecordError(NO_OBJECT)
            found = list(labelled(value))
            meta = {key: held for key, held in value.items() if not _is_own(key, [one.name for one in found])}
            size: tuple[int | None, int | None] = (None, None)
            before: list[Row] = []
            for one in found:
                size = one.size if one.size[0] else size
                before += self._label(about, one, before)
            item = {**about.columns(), **facets(meta, value, self._paths), "meta": to_json(meta)}
            gold = True if self._options.role is Role.GOLD else None
            self.records.item(about.item_id, {**item, "width": size[0], "height": size[1], "is_gold": gold})

    def _label(self, about: DataObject, one: Labelled, before: list[Row]) -> list[Row]:
        """Stages a job's label, or what it says of an earlier one; gives what later jobs may be about."""
        if one.failed:
            self.records.note(FAILED)
            return []
        if one.verifies and len(before) == 1 and (verdict := self._verdict(one)):
            self._review(about, one, before[0], verdict, None)
            return []
        of_types(as_dict(one.value), lists=("annotationsFromAllWorkers",))
        if workers := as_dict(one.value).get("annotationsFromAllWorkers"):
            self._workers(about, one, as_list(workers))
            return []
        self.records.note(NOT_TOLD, int(one.verifies))
        text = Text(about.text, utf16)
        label = label_of(one, text)
        adjusted = next((row for row in reversed(before) if row["type"] == one.type), None) if one.adjusted else None
        if adjusted and one.adjusted == "unadjusted":
            self._review(about, one, adjusted, Decision.ACCEPT, None)
            return []
        row = self._columns(about, one, label)
        if adjusted:
            row |= {"role": Role.REVIEWER, "annotator": Role.REVIEWER.value, "question": adjusted["question"]}
            row |= {"annotation_id": f"{about.item_id}/{Role.REVIEWER}/{one.name}", "parent": adjusted["annotation_id"]}
            self._review(about, one, adjusted, Decision.REJECT, row["annotation_id"])
        self.records.answer(row, label.regions, one.size)
        note_spans(self.records, text, [region for region in label.regions if "t_start" in region])
        self.records.note(AS_TEXT, int(label.odd))
        return [{**row, "type": one.type}]

    def _columns(self, about: DataObject, one: Labelled, label: Label) -> Row:
        row: Row = {**self.records.times(one.created), **label.columns, "item_id": about.item_id, "question": one.name}
        row["extra"] = {key: one.metadata[key] for key in ("job-name", "type", "confidence-map") if key in one.metadata}
        if not one.human:
            name = one.job or one.name
            own: Row = {"role": Role.MODEL, "annotator": name, "model": name, "score": label.score}
            return row | own | {"annotation_id": f"{about.item_id}/{Role.MODEL} {name}/{one.name}"}
        who = author(None, self._options)
        self.records.note(MERGED, int(who.role is Role.CONSENSUS))
        row |= {"role": who.role, "annotator": who.name, "annotation_id": f"{who.submission(about.item_id)}/{one.name}"}
        # A label that one worker gave has a confidence of 0, which says nothing.
        return row | {"score": label.score or None}

    def _verdict(self, one: Labelled) -> Decision | None:
        word = text_of(one.metadata.get("class-name"))
        return _VERDICTS.get(word.strip().casefold()) if word else None

    def _review(self, about: DataObject, one: Labelled, of: Row, verdict: Decision, corrected: str | None) -> None:
        said = [text_of(as_dict(entry).get("comment")) for entry in as_list(one.metadata.get("worker-feedback"))]
        decided = self.records.instant(one.created)
        self.records.review(
            {
                "review_id": f"{about.item_id}/{one.name}",
                "annotation_id": of["annotation_id"],
                "question": of["question"],
                "item_id": about.item_id,
                "reviewer": one.job or one.name,
                "verdict": verdict,
                "corrected_annotation_id": corrected,
                "comment": "\n".join(filter(None, said)) or None,
                "decided_at": decided and decided.micros,
            }
        )

    def _workers(self, about: DataObject, one: Labelled, answers: list[Any]) -> None:
        """Stages the answers that a custom job keeps as its workers gave them."""
        for answer in answers:
            worker = identity(as_dict(answer).get("workerId"))
            if worker is None:
                raise BadRecordError("an answer names no worker")
            entered = Entered(as_dict(as_dict(answer).get("annotationData")).get("content"), Text(about.text, utf16))
            row = {"item_id": about.item_id, "annotator": worker, "role": self._options.role}
            row["annotation_id"] = f"{about.item_id}/{worker}/{one.name}"
            for own, regions in entered.rows():
                self.records.answer({**row, **own, "question": f"{one.name}/{own['question']}"}, regions, entered.size)
            self.records.note(AS_TEXT, entered.odd)


def _is_own(key: str, names: list[str]) -> bool:
    """Whether a member of a line is the object itself or belongs to a job."""
    return key in ("source", "source-ref") or any(key == name or key.startswith(f"{name}-") for name in names)
