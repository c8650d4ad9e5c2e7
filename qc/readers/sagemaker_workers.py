"""Ground Truth's worker responses: what each worker answered on one data object, with times."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any, Final

from qc.model import InputError, Role, SecondsKind
from qc.readers.documents import document
from qc.readers.fields import as_dict, identity
from qc.readers.reader import Options
from qc.readers.records import BadRecordError, Records, Row
from qc.readers.sagemaker_answers import AS_TEXT, Entered
from qc.readers.sagemaker_objects import DataObject, object_of
from qc.readers.source import Source
from qc.readers.staging import Staging
from qc.readers.text_spans import Text, note_spans, utf16

NO_MANIFEST: Final = (
    "{n} files of worker responses do not say which object they are about, and items go by the numbers or names of the "
    "files: import the whole output folder of the job, with its manifest"
)
NO_ANSWER: Final = "the answer is no object"
NO_WORKER: Final = "the answer names no worker"


def sniff(source: Source) -> int:
    """Sure of an object whose answers have workers and contents."""
    text = source.text().lstrip("\ufeff \r\n\t") if source.is_text else ""
    if not text.startswith("{") or '"answers"' not in text[:4_000]:
        return 0
    return 92 if '"workerId"' in text and '"answerContent"' in text else 0


def read(source: Source, options: Options, staging: Staging) -> None:
    """Stages the answers of one file; the record that is counted is a worker's answer."""
    value = document(source)
    answers = as_dict(value).get("answers")
    if not isinstance(answers, list):
        raise InputError(f"{source.name} has no list of answers; it is no worker response of Ground Truth.")
    records = Records(options, staging)
    found = object_of(source)
    if found is None or (found.uri is None and found.text is None):
        records.note(NO_MANIFEST)
    about = found or DataObject(PurePosixPath(source.name).stem)
    for number, answer in enumerate(answers, 1):
        with records.record(number, answer):
            _take(records, about, answer, options)
        staging.progress(number / len(answers))
    records.finish()


def _take(records: Records, about: DataObject, answer: Any, options: Options) -> None:
    if not isinstance(answer, dict):
        raise BadRecordError(NO_ANSWER)
    worker = identity(answer.get("workerId"))
    if worker is None:
        raise BadRecordError(NO_WORKER)
    text = Text(about.text, utf16)
    entered = Entered(answer.get("answerContent"), text)
    submitted = answer.get("submissionTime")
    columns: Row = records.times(
        submitted, answer.get("acceptanceTime"), seconds=answer.get("timeSpentInSeconds"), kind=SecondsKind.ACTIVE
    )
    columns |= {"item_id": about.item_id, "annotator": worker, "role": options.role}
    # The same worker may meet the same object again in another job.
    columns["annotation_id"] = "/".join([about.item_id, worker, *([str(submitted)] if submitted else [])])
    person = identity(as_dict(as_dict(answer.get("workerMetadata")).get("identityData")).get("sub"))
    columns["extra"] = {"sub": person} if person else None
    width, height = entered.size
    gold = True if options.role is Role.GOLD else None
    records.item(about.item_id, {**about.columns(), "width": width, "height": height, "is_gold": gold})
    for own, regions in entered.rows():
        records.answer({**columns, **own}, regions, entered.size)
        note_spans(records, text, [region for region in regions if "t_start" in region])
    records.note(AS_TEXT, entered.odd)
