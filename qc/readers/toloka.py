"""Toloka's results: one row per task of an assignment, which is a page of tasks that one person did in one go."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from qc.model import Decision, InputError, Kind, Status
from qc.readers.cells import filled, known, mask, trimmed
from qc.readers.crowd import Job, read_job
from qc.readers.crowd_columns import (
    AS_TEXT,
    LINE,
    asked_by,
    holds_json,
    holds_lists,
    item_columns,
    listed,
    lower,
    named,
    packed,
)
from qc.readers.crowd_questions import question, survey
from qc.readers.legacy_text import encoding_of
from qc.readers.mapping import Mapping
from qc.readers.question import Question
from qc.readers.reader import Options
from qc.readers.sheet import Sheet
from qc.readers.sheet_derived import Columns, Derived, header_of, with_columns
from qc.readers.source import Source
from qc.readers.staging import Staging
from qc.readers.table import open_sheet
from qc.readers.times import Clock, instants

AUTOMATIC: Final = "{n} answers were accepted as they were submitted, which is no review"
DECIDED: Final = "{n} answers were accepted or rejected by their requester, which was taken as a review of each"
NO_TIMES: Final = (
    "Toloka's default download leaves out when assignments were submitted: tick ASSIGNMENT:submitted for durations"
)

_TASK, _PAGE, _WORKER = "ASSIGNMENT:task_id", "ASSIGNMENT:assignment_id", "ASSIGNMENT:worker_id"
_INPUT, _OUTPUT, _GOLDEN, _HINT, _OWN = "INPUT:", "OUTPUT:", "GOLDEN:", "HINT:", "ASSIGNMENT:"
_STATUSES: Final = {
    **dict.fromkeys(("approved", "accepted", "submitted", "rejected"), Status.SUBMITTED.value),
    "skipped": Status.SKIPPED.value,
    "expired": Status.EXPIRED.value,
    "active": Status.DRAFT.value,
}
_ITEM, _ID, _STATUS = "task", "assignment and task", "state of the assignment"
_VERDICT, _DECIDED_AT, _COMMENT = "decision", "time of the decision", "comment on the decision"
_JUDGED: Final = (
    *("ASSIGNMENT:status", "ASSIGNMENT:submitted", "ASSIGNMENT:accepted", "ASSIGNMENT:rejected"),
    *("ACCEPT:verdict", "ACCEPT:comment"),
)
_EXTRA: Final = (_PAGE, "ASSIGNMENT:task_suite_id", "ASSIGNMENT:status", "ASSIGNMENT:reward")


def sniff(source: Source) -> int:
    """Sure of a table with assignments and outputs of tasks."""
    header = header_of(source)
    own = any(column.startswith(_OWN) for column in header)
    return 95 if own and any(column.startswith((_INPUT, _OUTPUT)) for column in header) else 0


def read(source: Source, options: Options, staging: Staging) -> None:
    """Stages the tasks of all assignments; what was skipped, expired or is still being done says so."""
    plain_sheet = open_sheet(source, encoding_of(source, options, staging))
    if _WORKER not in plain_sheet.header:
        raise InputError(f"{source.name} does not say who did the tasks; download it with ASSIGNMENT:worker_id.")
    if _TASK not in plain_sheet.header and not any(name.startswith(_INPUT) for name in plain_sheet.header):
        raise InputError(f"{source.name} does not say what the tasks were; download it with ASSIGNMENT:task_id.")
    guessed, derived = _questions(plain_sheet, staging.tally.note)
    questions = asked_by(options, lambda: guessed)
    by_name = named(plain_sheet.header, _INPUT)
    inputs = item_columns(by_name)
    derived += [_identified(plain_sheet, list(by_name.values())), _reviews(plain_sheet, staging.tally.note)]
    times = {"started_at": "ASSIGNMENT:started", "submitted_at": "ASSIGNMENT:submitted"}
    columns = {"item_id": _ITEM, "annotation_id": _ID, "annotator": _WORKER, **inputs}
    columns |= {name: column for name, column in times.items() if column in plain_sheet.header}
    columns |= {"review_decision": _VERDICT, "reviewed_at": _DECIDED_AT, "review_comment": _COMMENT}
    if "ASSIGNMENT:status" in plain_sheet.header:
        derived.append(Derived((_STATUS,), ("ASSIGNMENT:status",), _status))
        columns["status"] = _STATUS
    if "submitted_at" not in columns:
        staging.tally.note(NO_TIMES)
    sheet = with_columns(plain_sheet, derived)
    golds = {name: f"{asked.column}".replace(_OUTPUT, _GOLDEN, 1) for name, asked in questions.items()}
    kept = [column for column in plain_sheet.header if column.startswith((_INPUT, _HINT))]
    job = Job(
        Mapping(columns, questions),
        {name: column for name, column in golds.items() if column in sheet.header},
        [column for column in kept if column not in inputs.values()],
        [column for column in _EXTRA if column in plain_sheet.header],
    )
    read_job(sheet, job, options, staging)


def _questions(sheet: Sheet, note: Callable[[str], None]) -> tuple[dict[str, Question], list[Derived]]:
    """Each output is a question; lists in JSON are read for it and for its golden answers."""
    outputs = [column for column in sheet.header if column.startswith(_OUTPUT)]
    seen, _ = survey(sheet, outputs, {})
    questions: dict[str, Question] = {}
    derived: list[Derived] = []
    for column in outputs:
        name = column.removeprefix(_OUTPUT)
        if holds_lists(seen[column]):
            questions[name] = Question(f"{column} (chosen)", Kind.MULTI, LINE)
            golden = column.replace(_OUTPUT, _GOLDEN, 1)
            derived += [listed(f"{one} (chosen)", one) for one in (column, golden)]
        elif holds_json(seen[column]):
            questions[name] = Question(column, Kind.TEXT)
            note(AS_TEXT.replace("{name}", name.replace("{", "(")[:60]))
        else:
            questions[name] = question(name, column, seen[column])
    return questions, derived


def _identified(sheet: Sheet, inputs: Sequence[str]) -> Derived:
    """The task by its id, else by its inputs; and the answer by the assignment, else the person, and the task."""
    own = [name for name in (_TASK, _PAGE, _WORKER) if name in sheet.header]
    needs = own if _TASK in own else [*own, *inputs]

    def make(columns: Columns) -> Columns:
        cells = {name: trimmed(columns[name]) for name in own}
        if _TASK in own:
            task = cells[_TASK]
        else:
            task = trimmed(columns[inputs[0]]) if len(inputs) == 1 else packed(columns, inputs)
        page = pc.coalesce(cells[_PAGE], cells[_WORKER]) if _PAGE in own else cells[_WORKER]
        return {_ITEM: task, _ID: pc.binary_join_element_wise(page, task, "/")}

    return Derived((_ITEM, _ID), tuple(needs), make)


def _status(columns: Columns) -> Columns:
    stated = trimmed(columns["ASSIGNMENT:status"])
    return {_STATUS: pc.coalesce(known(stated, _STATUSES, pa.string()), stated)}


def _reviews(sheet: Sheet, note: Callable[[str, int], None]) -> Derived:
    """What the requester decided: a verdict of its own, a rejection, or an acceptance later than the submission."""
    present = [name for name in _JUDGED if name in sheet.header]

    def make(columns: Columns) -> Columns:
        length = len(next(iter(columns.values())))
        nothing = pa.nulls(length, pa.string())
        cells = {name: trimmed(columns[name]) if name in columns else nothing for name in _JUDGED}
        status, verdict = lower(cells["ASSIGNMENT:status"]), cells["ACCEPT:verdict"]
        submitted, accepted_at = (
            instants(cells[f"ASSIGNMENT:{name}"], Clock()).values for name in ("submitted", "accepted")
        )
        approved = mask(pc.is_in(status, pa.array(["approved", "accepted"]))) & ~filled(verdict)
        later = mask(pc.greater(accepted_at, submitted))
        rejected = (mask(pc.equal(status, "rejected")) & ~filled(verdict)) | mask(pc.equal(verdict, "-"))
        accepted = (approved & later) | mask(pc.equal(verdict, "+"))
        note(AUTOMATIC, int((approved & ~later).sum()))
        note(DECIDED, int((accepted | rejected).sum()))
        words = np.where(rejected, Decision.REJECT.value, Decision.ACCEPT.value).tolist()
        at = pc.if_else(pa.array(rejected), cells["ASSIGNMENT:rejected"], cells["ASSIGNMENT:accepted"])
        decided = {_VERDICT: pa.array(words, pa.string()), _DECIDED_AT: at, _COMMENT: cells["ACCEPT:comment"]}
        undecided = pa.array(~(rejected | accepted))
        return {name: pc.if_else(undecided, nothing, array) for name, array in decided.items()}

    return Derived((_VERDICT, _DECIDED_AT, _COMMENT), tuple(present) or (_WORKER,), make)
