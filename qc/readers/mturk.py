"""Amazon Mechanical Turk's batch results: one row per assignment, that is one person's answers to one HIT."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from collections.abc import Mapping as MappingType
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from qc.model import Decision, InputError, SecondsKind
from qc.readers.cells import filled, mask, trimmed
from qc.readers.crowd import Job, read_job
from qc.readers.crowd_columns import asked_by, item_columns, lower, named
from qc.readers.legacy_text import encoding_of
from qc.readers.mapping import Mapping
from qc.readers.mturk_answers import FAULT, PREFIX, asked
from qc.readers.names import plain
from qc.readers.reader import Options
from qc.readers.sheet_derived import Columns, Derived, header_of, with_columns
from qc.readers.source import Source
from qc.readers.staging import Staging
from qc.readers.table import open_sheet
from qc.readers.times import Clock, instants

AUTOMATIC: Final = "{n} assignments were approved automatically, which is no review"
DECIDED: Final = "{n} assignments were approved or rejected by their requester, which was taken as a review of each"
BY_NAME: Final = "Accepted answers were found by the names of the input columns: {names}"

_INPUT: Final = "Input."
_COLUMNS: Final = {
    "item_id": "HITId",
    "annotation_id": "AssignmentId",
    "annotator": "WorkerId",
    "started_at": "AcceptTime",
    "submitted_at": "SubmitTime",
    "seconds": "WorkTimeInSeconds",
}
_OPTIONAL: Final = ("started_at", "submitted_at", "seconds")
_META: Final = ("HITTypeId", "Title")
_EXTRA: Final = ("AssignmentStatus", "Reward")
_GOLD: Final = ("gold", "gold_label", "gold_answer")

_BATCH, _TEXT = "batch of the HIT", "text of the item"
_VERDICT, _DECIDED_AT, _COMMENT = "decision", "time of the decision", "comment on the decision"
_JUDGED: Final = (
    *("AssignmentStatus", "AutoApprovalTime", "ApprovalTime", "RejectionTime", "RequesterFeedback"),
    *("Approve", "Reject"),
)


def sniff(source: Source) -> int:
    """Sure of a table with the ids of HITs, assignments and workers."""
    return 95 if {"HITId", "AssignmentId", "WorkerId"} <= set(header_of(source)) else 0


def read(source: Source, options: Options, staging: Staging) -> None:
    """Stages the assignments of a batch; rejected work stays an answer, and has a review that says so."""
    sheet = open_sheet(source, encoding_of(source, options, staging))
    if not any(column.startswith(PREFIX) for column in sheet.header):
        raise InputError(f"{source.name} has no column Answer.…: download the results of the batch, not its input.")
    found = asked(sheet, staging.tally.note)
    questions = asked_by(options, lambda: found.questions)
    by_name = named(sheet.header, _INPUT)
    golds = _golds(by_name, list(questions))
    columns = {
        meaning: column for meaning, column in _COLUMNS.items() if column in sheet.header or meaning not in _OPTIONAL
    } | found.columns
    inputs = item_columns(by_name)
    columns |= inputs
    derived = [_reviews([name for name in _JUDGED if name in sheet.header], staging.tally.note)]
    columns |= {"review_decision": _VERDICT, "reviewed_at": _DECIDED_AT, "review_comment": _COMMENT}
    if "batch" not in columns and "RequesterAnnotation" in sheet.header:
        derived.append(Derived((_BATCH,), ("RequesterAnnotation",), _batch))
        columns["batch"] = _BATCH
    if "text" in columns:
        derived.append(Derived((_TEXT,), (columns["text"],), _unescaped(columns["text"])))
        columns["text"] = _TEXT
    used = {*columns.values(), *golds.values(), *inputs.values()}
    job = Job(
        Mapping(columns, questions, seconds_kind=SecondsKind.WALL),
        golds,
        [column for column in sheet.header if (column in _META or column.startswith(_INPUT)) and column not in used],
        [column for column in _EXTRA if column in sheet.header],
        fault=FAULT if FAULT in found.sheet.header else None,
    )
    if golds:
        staging.tally.note(BY_NAME.replace("{names}", ", ".join(golds.values()).replace("{", "(")[:200]))
    read_job(with_columns(found.sheet, derived), job, options, staging)


def _golds(by_name: MappingType[str, str], questions: Sequence[str]) -> dict[str, str]:
    """Input columns of accepted answers, by question: the tool has none of its own, but people name them so."""
    found = {}
    for name in questions:
        names = (f"gold_{plain(name)}", f"{plain(name)}_gold", *(_GOLD if len(questions) == 1 else ()))
        if column := next((by_name[one] for one in names if one in by_name), None):
            found[name] = column
    return found


def _batch(columns: Columns) -> Columns:
    found = pc.extract_regex(columns["RequesterAnnotation"], r"BatchId:(?P<batch>\d+)")
    return {_BATCH: pc.struct_field(found, "batch")}


def _unescaped(column: str) -> Callable[[Columns], Columns]:
    """Texts were given to Mechanical Turk as parts of a page."""

    def make(columns: Columns) -> Columns:
        coded = columns[column].dictionary_encode()
        plain_texts = [html.unescape(text) for text in coded.dictionary.to_pylist()]
        return {_TEXT: pa.array(plain_texts, pa.string()).take(coded.indices)}

    return make


def _reviews(present: Sequence[str], note: Callable[[str, int], None]) -> Derived:
    """What the requester decided. The columns Approve and Reject are those that are filled in to be uploaded."""

    def make(columns: Columns) -> Columns:
        length = len(next(iter(columns.values())))
        nothing = pa.nulls(length, pa.string())
        cells = {name: trimmed(columns[name]) if name in columns else nothing for name in _JUDGED}
        status = lower(cells["AssignmentStatus"])
        due, approved_at = (instants(cells[name], Clock()).values for name in ("AutoApprovalTime", "ApprovalTime"))
        automatic = (
            mask(pc.equal(status, "approved"))
            & (mask(pc.is_null(approved_at)) | mask(pc.greater_equal(approved_at, due)))
            & ~filled(cells["Approve"])
        )
        rejected = mask(pc.equal(status, "rejected")) | filled(cells["Reject"])
        accepted = (mask(pc.equal(status, "approved")) & ~automatic) | filled(cells["Approve"])
        note(AUTOMATIC, int((automatic & ~rejected).sum()))
        note(DECIDED, int((accepted | rejected).sum()))
        verdict = np.where(rejected, Decision.REJECT.value, Decision.ACCEPT.value)
        undecided = pa.array(~(rejected | accepted))
        words = pc.if_else(pc.equal(lower(cells["Reject"]), "x"), nothing, cells["Reject"])
        at = pc.if_else(pa.array(rejected), cells["RejectionTime"], cells["ApprovalTime"])
        decided = {
            _VERDICT: pa.array(verdict.tolist(), pa.string()),
            _DECIDED_AT: at,
            _COMMENT: pc.coalesce(cells["RequesterFeedback"], words),
        }
        return {name: pc.if_else(undecided, nothing, array) for name, array in decided.items()}

    return Derived((_VERDICT, _DECIDED_AT, _COMMENT), tuple(present) or ("AssignmentId",), make)
