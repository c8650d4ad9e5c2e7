"""Recording what reviewers found; a row that cannot be taken is refused with its reason, the others are kept."""

from __future__ import annotations

import getpass
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from qc.access import allowed, authorize
from qc.judge import NOTHING_MARKED
from qc.model import SEVERITIES, TIERS, Decision, InputError, Kind, NotFoundError, Role
from qc.store.samples import drawn_answers
from qc.store.verdicts import revise_verdict, save_verdicts, verdicts, withdraw_verdict
from qc.workspace import lookup, sheet_files
from qc.workspace.answer_text import BY_LABEL, meant, written
from qc.workspace.corrected import as_text, corrected
from qc.workspace.desk import cases, choices, kind_asked
from qc.workspace.ingested import counted
from qc.workspace.opening import Workspace
from qc.workspace.queue import final_call
from qc.workspace.queue.places import Place, wanted
from qc.workspace.sheet_rows import another, as_seconds, no_verdict, spelt, spoilt
from qc.workspace.spelling import Words, spelling

LONGEST_SECONDS: Final = 24 * 3600.0
# What a verdict says; one that says the same again is no other verdict.
SAID: Final = (
    *("annotation_id", "question", "reviewer", "verdict", "error_type", "severity", "corrected_label"),
    *("corrected_regions", "comment", "seconds", "judged_digest"),
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many verdicts were recorded, under which ids, and which rows were refused: of a sheet by its own numbers.

    already: rows whose verdict stood on the record before, word for word; its id is among the last of ids.
    """

    recorded: int
    refused: tuple[tuple[int, str], ...]
    ids: tuple[str, ...] = ()
    already: int = 0

    @property
    def sentence(self) -> str:
        """The closing line."""
        already = f", {self.already:,} already recorded" if self.already else ""
        refused = f", {counted(len(self.refused), 'row')} refused" if self.refused else ""
        return f"{counted(self.recorded, 'verdict')} recorded{already}{refused}."


class _RefusedError(Exception):
    """Why a row cannot be taken."""


@dataclass(frozen=True)
class _Checklist:
    """What a verdict may say in a project."""

    ws: Workspace
    project: str

    @cached_property
    def error_types(self) -> tuple[str, ...]:
        return self.ws.policy(self.project).review.error_types

    def labels(self, question: str) -> tuple[str, ...]:
        return self._choices.get(question, (None, ()))[1]

    def answer(self, answer: Mapping[str, Any], text: str) -> tuple[str, str]:
        """The kind of the answer that is right, and the answer as the record keeps it."""
        question = answer["question"]
        kind = meant(kind_asked(self.ws, self.project, question, answer["kind"]), text)
        if kind not in (*BY_LABEL, Kind.NONE) or (kind == Kind.NONE and text != NOTHING_MARKED):
            raise _RefusedError("what is drawn or marked is put right at the desk, not by a corrected label")
        try:
            return kind, written(question, kind, text, self.labels(question))
        except InputError as error:
            raise _RefusedError(str(error)) from None

    def regions(self, key: tuple[str, str], wanted: Any) -> str:
        """The regions that are right, as the record keeps them."""
        try:
            return as_text(corrected(cases(self.ws, self.project, [key])[key], wanted))
        except InputError as error:
            raise _RefusedError(str(error)) from None

    @cached_property
    def _choices(self) -> Mapping[str, tuple[str | None, tuple[str, ...]]]:
        return choices(self.ws, self.project)


@allowed("review")
def record_sheet(ws: Workspace, project: str, path: Path, reviewer: str | None = None) -> Outcome:
    """Record a filled-in sheet; empty rows are left for later, what cannot be taken is refused by its row's number."""
    found = sheet_files.read(path, ("annotation_id", "verdict"))
    rows = spelt(found.rows, {row["annotation_id"] for row in drawn_answers(ws.store, project)})
    outcome = record(ws, project, rows, reviewer or getpass.getuser(), count(found.first))
    unclear = ((place, why) for place, row in enumerate(rows, found.first) if (why := no_verdict(row)))
    return replace(outcome, refused=tuple(sorted((*outcome.refused, *unclear))))


@allowed("review")
def record(
    ws: Workspace,
    project: str,
    rows: Sequence[Mapping[str, Any]],
    actor: str,
    numbers: Iterable[int] | None = None,
) -> Outcome:
    """Record verdicts given as rows with the columns of a sheet; a row without a verdict is left for later.

    numbers: what the rows are called in the reasons of those that are refused, from 1 unless told.

    A second person may judge an answer whose draw wants two opinions; nobody judges an answer twice, or their own. One
    that went up is judged by the tier that it went to; what a lead says of it is the final call on its item.
    """
    ws.store.project(project)
    filled = [(place, row) for place, row in zip(numbers or count(1), rows, strict=False) if _text(row, "verdict")]
    ids = sorted({_text(row, "annotation_id") for _, row in filled})
    snapshot = ws.imported(project)
    found = snapshot.rows(lambda facts: lookup.by_ids(facts, ids))
    answers = {(row["annotation_id"], row["question"]): row for row in found.to_dict("records")}
    checklist = _Checklist(ws, project)
    went_up = wanted(ws, project, set(answers))
    drawn = {(row["annotation_id"], row["question"]): row["draw_id"] for row in drawn_answers(ws.store, project)}
    given: dict[tuple[str, str, str], tuple[int, dict[str, Any]]] = {}
    refused: list[tuple[int, str]] = []
    for place, row in filled:
        try:
            verdict = _verdict(row, answers, checklist, actor)
            key = (verdict["annotation_id"], verdict["question"])
            if (subject := (*key, verdict["reviewer"])) in given:
                raise _RefusedError(f"row {given[subject][0]} already gives a verdict on this answer")
            verdict["tier"] = _tier(ws, project, answers[key], went_up.get(key), verdict)
            given[subject] = (place, {**verdict, "review_id": uuid4().hex[:12], "draw_id": drawn.get(key)})
        except _RefusedError as reason:
            refused.append((place, str(reason)))
    places, rows = zip(*given.values(), strict=True) if given else ((), ())
    standing = save_verdicts(ws.store, project, rows, actor)
    same = {at: one["review_id"] for at, one in standing if all(rows[at][name] == one[name] for name in SAID)}
    refused += [(places[index], _already(before)) for index, before in standing if index not in same]
    late = {index for index, _ in standing}
    kept = [row for index, row in enumerate(rows) if index not in late]
    for row in kept:
        if final_call.is_final(row):
            final_call.settle(ws, project, row, actor)
    recorded = (*(str(row["review_id"]) for row in kept), *same.values())
    return Outcome(len(kept), tuple(sorted(refused)), recorded, len(same))


@allowed("review")
def revise(
    ws: Workspace, project: str, review_id: str, row: Mapping[str, Any], actor: str, seen: int | None = None
) -> int:
    """Put another verdict of the same person in place of one, as a new revision; returns its number.

    seen: the revision that the actor looked at; ConflictError where another is in force by now.
    """
    own = _own(ws, project, review_id, actor)
    asked = {**row, "annotation_id": own["annotation_id"], "question": own["question"]}
    found = ws.imported(project).rows(lambda facts: lookup.by_ids(facts, [own["annotation_id"]]))
    answers = {(answer["annotation_id"], answer["question"]): answer for answer in found.to_dict("records")}
    try:
        verdict = _verdict(asked, answers, _Checklist(ws, project), own["reviewer"])
    except _RefusedError as reason:
        raise InputError(f"The verdict cannot be changed: {reason}.") from None
    revision = revise_verdict(ws.store, project, review_id, verdict, actor, seen)
    if final_call.is_final(own):
        final_call.settle(ws, project, {**own, **verdict}, actor)
    return revision


@allowed("review")
def undo(ws: Workspace, project: str, review_id: str, actor: str) -> None:
    """Take one's own verdict back; the answer waits again."""
    own = _own(ws, project, review_id, actor)
    withdraw_verdict(ws.store, project, review_id, actor)
    if final_call.is_final(own):
        final_call.withdraw(ws, project, own, actor)


def _own(ws: Workspace, project: str, review_id: str, actor: str) -> Mapping[str, Any]:
    """The verdict in force with this id, which the actor gave or a lead may see to."""
    current = next((row for row in verdicts(ws.store, project) if row["review_id"] == review_id), None)
    if current is None:
        raise NotFoundError(f"There is no verdict {review_id} to change.")
    if current["reviewer"] != actor:
        authorize(ws.actor, "settle", project)
    return current


def _verdict(
    row: Mapping[str, Any],
    answers: Mapping[tuple[str, str], Mapping[str, Any]],
    checklist: _Checklist,
    actor: str,
) -> dict[str, Any]:
    answer = _answer(row, answers)
    if mixed := another(row, answer):
        raise _RefusedError(mixed)
    decision = _text(row, "verdict").lower()
    if decision not in {member.value for member in Decision}:
        raise _RefusedError(f"{decision!r} is no verdict; use accept, minor or reject")
    error_type = _one_of(row, "error_type", checklist.error_types)
    severity = _one_of(row, "severity", SEVERITIES)
    kind = answer["kind"]
    if decision == Decision.ACCEPT and (error_type or severity):
        raise _RefusedError(
            f"an accepted answer has no {'error type' if error_type else 'severity'}; use minor or reject"
        )
    corrected = _text(row, "corrected_label") or None
    if corrected is not None:
        if decision == Decision.ACCEPT:
            raise _RefusedError("an accepted answer has no corrected label; use minor or reject")
        kind, corrected = checklist.answer(answer, corrected)
    regions = row.get("corrected_regions")
    if regions is not None and regions == regions and regions != "":
        if decision == Decision.ACCEPT:
            raise _RefusedError("an accepted answer has no corrected regions; use minor or reject")
        regions = checklist.regions((answer["annotation_id"], answer["question"]), regions)
    else:
        regions = None
    return {
        "annotation_id": answer["annotation_id"],
        "question": answer["question"],
        "item_id": answer["item_id"],
        "kind": kind,
        "reviewer": _text(row, "reviewer") or actor,
        "verdict": decision,
        "error_type": error_type,
        "severity": severity,
        "corrected_label": corrected,
        "corrected_regions": regions,
        "comment": _text(row, "comment") or None,
        "seconds": _seconds(row),
        "judged_digest": answer["answer_hash"],
    }


def _tier(
    ws: Workspace, project: str, answer: Mapping[str, Any], place: Place | None, verdict: Mapping[str, Any]
) -> str | None:
    """The tier for which the actor judges an answer that went up; None for others."""
    if answer["role"] == Role.ANNOTATOR and answer["annotator"] in ws.actor.called(project):
        raise _RefusedError("this answer is your own: somebody else has to judge it")
    if place is None or not (place.went_up or place.tier != TIERS[0]):
        return None
    own = ws.actor.tier(project)
    if TIERS.index(own) < TIERS.index(place.tier):
        raise _RefusedError(f"this answer waits for a {place.tier}")
    if place.went_up and own == TIERS[-1] and not final_call.says_what_is_right(verdict):
        raise _RefusedError("this is the final call on its item, so it has to say what is right")
    return own


def _answer(row: Mapping[str, Any], answers: Mapping[tuple[str, str], Mapping[str, Any]]) -> Mapping[str, Any]:
    wanted, question = _text(row, "annotation_id"), _text(row, "question")
    of_id = [answer for (known, _), answer in answers.items() if known == wanted]
    if not of_id:
        raise _RefusedError(f"there is no answer {wanted!r} in this project{spoilt(wanted)}")
    matching = [answer for answer in of_id if not question or answer["question"] == question]
    if len(matching) != 1:
        asked = ", ".join(sorted(str(answer["question"]) for answer in of_id))
        raise _RefusedError(f"answer {wanted!r} has the questions {asked}; the row says {question or 'none'!r}")
    return matching[0]


def _already(before: Mapping[str, Any]) -> str:
    return f"already judged: {before['verdict']} by {before['reviewer']} at {before['decided_at']:%Y-%m-%d %H:%M} UTC"


def _one_of(row: Mapping[str, Any], column: str, allowed: Sequence[str]) -> str | None:
    value = _text(row, column) or None
    if value is None:
        return None
    meant = spelling(value, Words(allowed)).word
    if meant is None:
        raise _RefusedError(f"{value!r} is no {column.replace('_', ' ')}; use one of {', '.join(allowed)}")
    return meant


def _seconds(row: Mapping[str, Any]) -> float | None:
    text = _text(row, "seconds")
    if not text:
        return None
    seconds = as_seconds(text)
    if seconds is None:
        raise _RefusedError(f"{text!r} is no number of seconds")
    if not 0 <= seconds <= LONGEST_SECONDS:
        raise _RefusedError(f"{text} seconds are not possible")
    return seconds


def _text(row: Mapping[str, Any], column: str) -> str:
    value = row.get(column)
    return "" if value is None or value != value else str(value).strip()
