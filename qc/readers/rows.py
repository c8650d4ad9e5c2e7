"""The rows of a sheet as answers, items and reviews, a block at a time."""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from qc.model import Decision, Kind, Role, Status
from qc.readers.blocks import Places
from qc.readers.cells import (
    DECISIONS,
    NO_DECISION,
    NO_NUMBER,
    NO_SIDE,
    NO_STATUS,
    STATUSES,
    Mask,
    answers,
    as_labels,
    constant,
    filled,
    first_of,
    known,
    mask,
    tags,
    trimmed,
    winners,
)
from qc.readers.crowd_columns import packed
from qc.readers.mapping import Mapping
from qc.readers.missing import Missing
from qc.readers.moments import Cells, Moments, Times, without
from qc.readers.numbers import durations, numbers
from qc.readers.question import REGIONS, Question
from qc.readers.reader import Options
from qc.readers.region_rows import Marked
from qc.readers.sheet import Rows
from qc.readers.staging import Reject, Staging
from qc.readers.stated import Stated
from qc.readers.times import Clock

NO_ITEM: Final = "the row names no item"
NO_ID: Final = "the item's id was rounded by a spreadsheet: format its column as text and export again"
ROUNDED: Final = r"^\d[.,]\d+E\+\d+$"
NO_PERSON: Final = "the row has an answer and names nobody who gave it"
NO_ANSWER: Final = "the answer is empty (a column `status` may say skipped)"

GOLD: Final = Role.GOLD.value
_LABELS: Final = {"gold_label", "model_label", "corrected_label"}
_PLAIN: Final = ("session", "batch", "site", "guideline", "difficulty", "annotation_id")
_WITHOUT_ANSWER: Final = [status.value for status in Status if status is not Status.SUBMITTED]
_REVIEWED: Final = {"comment": "review_comment", "error_type": "error_type", "severity": "severity"}

Marks = dict[str, dict[str, pa.Array]]
"""Columns of region questions: by question, then by their names in it."""


class Answered:
    """Turns the rows of one sheet into answers, items and reviews, a block at a time."""

    def __init__(
        self,
        mapping: Mapping,
        clock: Clock,
        day_first: MappingType[str, bool],
        places: Places | None,
        options: Options,
        staging: Staging,
    ) -> None:
        self._mapping = mapping
        self._places = places
        self._moments = Moments(mapping, clock, options, staging.tally, day_first)
        self._role = options.role
        self._annotator = options.annotator
        self._staging = staging
        self._stated = Stated(mapping, staging)
        self._missing = Missing(mapping.missing, staging.tally)
        self._asked = {name: asked for name, asked in mapping.questions.items() if asked.named}
        self._marked = {
            name: Marked(name, asked, staging) for name, asked in self._asked.items() if asked.kind in REGIONS
        }

    def take(self, rows: Rows) -> None:
        """Stages one block of rows; rows that cannot be taken go to quarantine."""
        cells = {meaning: trimmed(rows.columns[column]) for meaning, column in self._mapping.columns.items()}
        if kinds := self._mapping.groups:
            cells["meta"] = packed({name: trimmed(rows.columns[name]) for name in kinds}, kinds)
        if self._annotator and "annotator" not in cells:
            cells["annotator"] = constant(self._annotator, len(rows.positions))
        if self._role is Role.GOLD and self._marked:
            cells |= {"is_gold": constant("yes", len(rows.positions)), "annotator": constant(GOLD, len(rows.positions))}
        first = next(iter(self._mapping.questions.values()))
        for label in _LABELS & cells.keys():
            cells[label] = self._words(cells[label], first)
        given = {
            name: self._words(trimmed(rows.columns[asked.column]), asked)
            for name, asked in self._asked.items()
            if asked.column and name not in self._marked
        }
        marks = {name: _parts(rows, self._asked[name].named) for name in self._marked}
        pairs = {
            name: winners(texts, *_parts(rows, self._asked[name].parts).values())
            for name, texts in given.items()
            if self._asked[name].parts
        }
        given |= {name: pair.winners for name, pair in pairs.items()}
        people = {person: self._words(trimmed(rows.columns[person]), first) for person in self._mapping.people}
        times = self._moments.read(cells)
        cells["source_pos"] = pa.array(rows.positions)
        reasons = self._reasons(cells, given, marks, people, times)
        reasons |= {int(row): NO_SIDE for pair in pairs.values() for row in np.flatnonzero(pair.bad)}
        if reasons:
            self._quarantine(rows, reasons)
            keep = np.setdiff1d(np.arange(len(rows.positions)), list(reasons))
            cells, given, people = (
                {name: array.take(keep) for name, array in part.items()} for part in (cells, given, people)
            )
            marks = {name: {part: array.take(keep) for part, array in one.items()} for name, one in marks.items()}
            pairs = {name: pair.take(keep) for name, pair in pairs.items()}
            times = without(times, keep)
        shared = self._shared(cells, times)
        for name, texts in given.items():
            sides = {"labels": pairs[name].sides} if name in pairs else {}
            self._answers(name, texts, cells["annotator"], cells, {**shared, **sides})
            self._reviews(name, texts, cells, shared)
        status = {"status": self._status(cells, len(cells["item_id"]))}
        for name, one in marks.items():
            self._marked[name].take(one, {**shared, **status}, cells["annotator"], self._role)
        if self._asked:
            self._skipped(self._answered(given, marks), cells, shared)
        for person, texts in people.items():
            name = next(iter(self._mapping.questions))
            self._answers(name, texts, constant(person, len(texts)), cells, shared)
        self._stated.add(cells, self._named(next(iter(self._mapping.questions)), cells))

    def finish(self) -> None:
        """Stages what is spread over rows or repeated on them: answers of regions, gold and model answers."""
        for marked in self._marked.values():
            marked.finish()
        self._stated.finish()

    def _words(self, texts: pa.Array, question: Question) -> pa.Array:
        """A column of answers as the question has them; null where a word says that there is none."""
        given = self._missing.emptied(texts, question)
        if question.kind is Kind.TEXT or question.parts:
            return given
        return as_labels(given, self._mapping.labels)

    def _reasons(
        self,
        cells: Cells,
        given: Cells,
        marks: Marks,
        people: Cells,
        times: Times,
    ) -> dict[int, str]:
        """Why rows cannot be taken, by row."""
        found = [
            (mask(pc.is_null(cells["item_id"])), NO_ITEM),
            (mask(pc.match_substring_regex(cells["item_id"], ROUNDED)), NO_ID),
        ]
        if given or marks:
            answered = self._answered(given, marks)
            named = filled(cells["annotator"])
            excused = ~named & (_any(cells, "gold_label", "model_label"))
            if "status" in cells:
                status = known(cells["status"], STATUSES, pa.string())
                found.append((filled(cells["status"]) & ~filled(status), NO_STATUS))
                excused |= named & mask(pc.is_in(status, pa.array(_WITHOUT_ANSWER)))
            found += [(answered & ~named, NO_PERSON), (~answered & ~excused, NO_ANSWER)]
        if "review_decision" in cells:
            decision = known(cells["review_decision"], DECISIONS, pa.string())
            found.append((filled(cells["review_decision"]) & ~filled(decision), NO_DECISION))
        for name, texts in given.items():
            found.append((answers(texts, self._mapping.questions[name]).bad, NO_NUMBER))
        found += [self._marked[name].bad(one) for name, one in marks.items()]
        question = next(iter(self._mapping.questions.values()))
        found += [(answers(texts, question).bad, NO_NUMBER) for texts in people.values()]
        reasons = first_of([(rows, reason) for rows, reason in found if rows.any()])
        for instants_ in times.values():
            reasons = instants_.bad | reasons
        return reasons

    def _answered(self, given: Cells, marks: Marks) -> Mask:
        """Which rows hold an answer to any question."""
        plain = [filled(texts) for texts in given.values()]
        found: Mask = np.logical_or.reduce(plain + [self._marked[name].answered(one) for name, one in marks.items()])
        return found

    def _quarantine(self, rows: Rows, reasons: MappingType[int, str]) -> None:
        places = sorted(reasons)
        kept = pa.table(rows.columns).take(places).to_pylist()
        excerpts = [", ".join(f"{name}={value}" for name, value in row.items() if value is not None) for row in kept]
        self._staging.reject(
            [
                Reject(int(rows.positions[place]), reasons[place], excerpt)
                for place, excerpt in zip(places, excerpts, strict=True)
            ]
        )

    def _shared(self, cells: Cells, times: Times) -> dict[str, pa.Array]:
        """The columns that all answers of a row have in common."""
        shared = {name: cells[name] for name in _PLAIN if name in cells}
        shared |= {"item_id": cells["item_id"], "source_pos": cells["source_pos"]}
        shared |= {name: numbers(cells[name]) for name in ("position", "score") if name in cells}
        if self._places:
            shared["position"] = self._places.of(shared["position"], cells["block"])
        if "tags" in cells:
            shared["tags"] = tags(cells["tags"])
        return shared | self._moments.columns(cells, times)

    def _answers(self, name: str, texts: pa.Array, people: pa.Array, cells: Cells, shared: Cells) -> None:
        """Stages the answers to one question."""
        question = self._mapping.questions[name]
        rows = pc.and_(pc.is_valid(texts), pc.is_valid(people))
        columns = {
            **shared,
            **answers(texts, question).columns,
            "annotator": people,
            "question": self._named(name, cells),
        }
        columns["status"] = self._status(cells, len(texts))
        self._stage(columns, rows, question.kind, self._role)

    def _skipped(self, answered: Mask, cells: Cells, shared: Cells) -> None:
        if "status" in cells:
            columns = {
                **shared,
                "annotator": cells["annotator"],
                "question": self._named(next(iter(self._asked)), cells),
            }
            columns["status"] = self._status(cells, len(answered))
            self._stage(columns, pa.array(~answered & filled(cells["annotator"])), Kind.NONE, self._role)

    def _named(self, name: str, cells: Cells) -> pa.Array:
        asked = constant(name, len(cells["item_id"]))
        return pc.coalesce(cells["question"], asked) if "question" in cells else asked

    def _status(self, cells: Cells, length: int) -> pa.Array:
        submitted = constant(Status.SUBMITTED.value, length)
        return pc.coalesce(known(cells["status"], STATUSES, pa.string()), submitted) if "status" in cells else submitted

    def _stage(self, columns: Cells, rows: pa.Array, kind: Kind, role: Role) -> None:
        chosen = dict(columns)
        if not pc.all(rows).as_py():
            chosen = {name: array.filter(rows) for name, array in columns.items()}
        length = len(chosen["item_id"])
        chosen |= {"kind": constant(kind.value, length), "role": constant(role.value, length)}
        self._staging.write("annotations", chosen)

    def _reviews(self, name: str, texts: pa.Array, cells: Cells, shared: Cells) -> None:
        """Stages the reviews of the answers to one question, and the corrections where the sheet has one question."""
        if not cells.keys() & {"review_decision", "corrected_label"}:
            return
        nothing = pa.nulls(len(texts), pa.string())
        corrected = cells.get("corrected_label", nothing)
        reviewer = cells.get("reviewer", nothing)
        answered = pc.and_(pc.is_valid(texts), pc.is_valid(cells["annotator"]))
        changed = pc.if_else(pc.equal(corrected, texts), Decision.ACCEPT.value, Decision.REJECT.value)
        verdict = pc.coalesce(known(cells.get("review_decision", nothing), DECISIONS, pa.string()), changed)
        common = {"item_id": cells["item_id"], "question": self._named(name, cells), "source_pos": cells["source_pos"]}
        given = cells.get("annotation_id", nothing)
        reviews = common | {"annotation_id": given, "reviewer": reviewer, "verdict": verdict}
        reviews |= {column: cells[meaning] for column, meaning in _REVIEWED.items() if meaning in cells}
        reviews |= {"decided_at": shared["reviewed_at"]} if "reviewed_at" in shared else {}
        reviews |= {"seconds": durations(cells["review_seconds"])} if "review_seconds" in cells else {}
        judged = pc.and_(answered, pc.is_valid(verdict))
        self._staging.write("reviews", {column: array.filter(judged) for column, array in reviews.items()})
        if len(self._mapping.questions) == 1:
            question = self._mapping.questions[name]
            own = common | answers(corrected, question).columns | {"parent": given}
            own |= {"annotator": reviewer.fill_null(Role.REVIEWER.value)}
            own |= {"status": constant(Status.SUBMITTED.value, len(texts))}
            own |= {"submitted_at": shared["reviewed_at"]} if "reviewed_at" in shared else {}
            self._stage(own, pc.and_(answered, pc.is_valid(corrected)), question.kind, Role.REVIEWER)


def _parts(rows: Rows, named: MappingType[str, str]) -> dict[str, pa.Array]:
    """Columns by the names that a question gives them."""
    return {name: trimmed(rows.columns[column]) for name, column in named.items()}


def _any(cells: Cells, *names: str) -> Mask:
    """Rows where one of some columns, if there at all, holds something."""
    nothing = np.zeros(len(cells["item_id"]), np.bool_)
    found: Mask = np.logical_or.reduce([nothing, *(filled(cells[name]) for name in names if name in cells)])
    return found
