"""Sheets of paid crowds: a row is what one person gave for one item, with gold and reviews beside it."""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from qc.model import Decision, InputError, Kind, Role, Status
from qc.readers.cells import FLAGS, STATUSES, Mask, answers, constant, filled, first_of, known, mask, trimmed
from qc.readers.crowd_columns import LINE, packed
from qc.readers.crowd_gold import Gold
from qc.readers.mapping import Mapping
from qc.readers.moments import Cells, Moments, without
from qc.readers.numbers import numbers
from qc.readers.question import REGIONS, Question
from qc.readers.reader import Options
from qc.readers.region_rows import Marked
from qc.readers.sheet import Rows, Sheet
from qc.readers.staging import Reject, Staging
from qc.readers.stated import pixels
from qc.readers.times import clock

REQUESTER: Final = "requester"

NO_ITEM: Final = "the row names no item"
NO_PERSON: Final = "the row names nobody who gave the answer"
NO_STATUS: Final = "the status is none that is known"
NO_ANSWER: Final = "the answer is none of its question's kind"

_PLAIN: Final = ("session", "batch", "site", "guideline", "difficulty", "annotation_id")
_ITEM: Final = ("uri", "text", "batch", "site", "guideline", "difficulty")
_VERDICTS: Final = {verdict.value: verdict.value for verdict in Decision}


@dataclass(frozen=True, slots=True)
class Job:
    """What the columns of a crowd's sheet mean.

    `mapping` is as for any sheet; its review_decision holds a Decision of the whole row. `golds` maps questions to the
    columns of their accepted answers, one a line, and `scores` to those of the confidence in their answers. `meta` and
    `extra` are columns that are kept, as JSON, with the item and with the answer. `fault` is a column of reasons why
    rows cannot be taken. `role` is that of all answers; without a column of annotators it is also their name.
    """

    mapping: Mapping
    golds: MappingType[str, str] = field(default_factory=dict)
    meta: Sequence[str] = ()
    extra: Sequence[str] = ()
    role: Role = Role.ANNOTATOR
    fault: str | None = None
    scores: MappingType[str, str] = field(default_factory=dict)

    def told(self, mapping: Mapping | None) -> Job:
        """The job with what the user says of columns and questions in place of what the format says."""
        if mapping is None:
            return self
        columns = {**self.mapping.columns, **mapping.columns}
        asked = mapping.questions if mapping.questions != Mapping().questions else self.mapping.questions
        merged = replace(
            self.mapping,
            columns=columns,
            questions=asked,
            timezone=mapping.timezone or self.mapping.timezone,
            dates=mapping.dates or self.mapping.dates,
            seconds_kind=mapping.seconds_kind or self.mapping.seconds_kind,
        )
        golds, scores = ({name: of[name] for name in of if name in asked} for of in (self.golds, self.scores))
        return replace(self, mapping=merged, golds=golds, scores=scores)

    def used(self) -> list[str]:
        """The columns that are read, each once."""
        beside = [column for of in (self.golds, self.scores) for column in of.values()]
        faults = [self.fault] if self.fault else []
        return list(dict.fromkeys([*self.mapping.used(), *beside, *self.meta, *self.extra, *faults]))


def read_job(sheet: Sheet, job: Job, options: Options, staging: Staging) -> None:
    """Stages the rows of a crowd's sheet; a row without anything in it is none."""
    job = job.told(options.mapping)
    if absent := [column for column in job.used() if column not in sheet.header]:
        raise InputError(
            f"The export has no column {absent[0]!r}; download it with all columns, or name another in a mapping. "
            f"It has {', '.join(sheet.header[:12])}."
        )
    staging.tally.columns = sheet.header
    submissions = Submissions(job, options, staging)
    for rows in sheet.rows(job.used()):
        found = _not_blank(rows) if len(rows.positions) else rows
        staging.tally.read += len(found.positions) + len(found.rejects)
        staging.reject(found.rejects)
        if len(found.positions):
            submissions.take(found)
        staging.progress(found.reached)
    submissions.finish()


class Submissions:
    """Turns the rows of one job into answers, items, gold and reviews, a block at a time."""

    def __init__(self, job: Job, options: Options, staging: Staging) -> None:
        mapping = job.mapping
        self._job = job
        self._role = job.role if options.role is Role.ANNOTATOR else options.role
        self._staging = staging
        self._moments = Moments(
            mapping, clock(options.timezone or mapping.timezone, mapping.dates), options, staging.tally
        )
        self._gold = Gold({name: asked for name, asked in mapping.questions.items() if name in job.golds}, staging)
        self._marked = {
            name: Marked(name, asked, staging) for name, asked in mapping.questions.items() if asked.kind in REGIONS
        }

    def take(self, rows: Rows) -> None:
        """Stages one block of rows; rows that cannot be taken go to quarantine."""
        cells = {meaning: trimmed(rows.columns[column]) for meaning, column in self._job.mapping.columns.items()}
        times = self._moments.read(cells)
        questions = self._job.mapping.questions
        given = {
            name: _unmarked(rows.columns[column], asked)
            for name, asked in questions.items()
            if (column := asked.column)
        }
        reasons = self._reasons(cells, {name: one.texts for name, one in given.items()})
        for found in times.values():
            reasons = found.bad | reasons
        if self._job.fault:
            told = rows.columns[self._job.fault].to_pylist()
            reasons = {row: reason for row, reason in enumerate(told) if reason} | reasons
        if reasons:
            self._quarantine(rows, reasons)
            keep = np.setdiff1d(np.arange(len(rows.positions)), list(reasons))
            cells = {name: array.take(keep) for name, array in cells.items()}
            given = {name: one.take(keep) for name, one in given.items()}
            times = without(times, keep)
            rows = rows._replace(
                columns={name: array.take(keep) for name, array in rows.columns.items()}, positions=rows.positions[keep]
            )
        cells["source_pos"] = pa.array(rows.positions)
        if "annotator" not in cells:
            cells["annotator"] = constant(self._role.value, len(rows.positions))
        shared = self._shared(cells, rows) | self._moments.columns(cells, times)
        scores = {name: numbers(trimmed(rows.columns[column])) for name, column in self._job.scores.items()}
        self._answers(given, shared, scores)
        self._items(cells, rows)
        self._reviews(cells, shared)

    def finish(self) -> None:
        """Stages what is spread over rows or repeated on them."""
        for marked in self._marked.values():
            marked.finish()
        self._gold.finish()

    def _reasons(self, cells: Cells, given: Cells) -> dict[int, str]:
        """Why rows cannot be taken, by row."""
        found = [(mask(pc.is_null(cells["item_id"])), NO_ITEM)]
        if "annotator" in cells:
            found.append((mask(pc.is_null(cells["annotator"])), NO_PERSON))
        if "status" in cells:
            status = known(cells["status"], STATUSES, pa.string())
            found.append((filled(cells["status"]) & ~filled(status), NO_STATUS))
        for name, texts in given.items():
            if name in self._marked:
                found.append(self._marked[name].bad({"column": texts}))
            else:
                found.append((answers(texts, self._job.mapping.questions[name]).bad, NO_ANSWER))
        return first_of([(rows, reason) for rows, reason in found if rows.any()])

    def _quarantine(self, rows: Rows, reasons: MappingType[int, str]) -> None:
        places = sorted(reasons)
        # What is dropped from answers is not kept in quarantine either: only the columns that are used are here.
        kept = pa.table(dict(rows.columns)).take(places).to_pylist()
        excerpts = [", ".join(f"{name}={value}" for name, value in row.items() if value is not None) for row in kept]
        self._staging.reject(
            [
                Reject(int(rows.positions[place]), reasons[place], excerpt)
                for place, excerpt in zip(places, excerpts, strict=True)
            ]
        )

    def _shared(self, cells: Cells, rows: Rows) -> dict[str, pa.Array]:
        """The columns that all answers of a row have in common."""
        shared = {name: cells[name] for name in (*_PLAIN, "item_id", "annotator", "source_pos") if name in cells}
        submitted = constant(Status.SUBMITTED.value, len(rows.positions))
        status = known(cells["status"], STATUSES, pa.string()) if "status" in cells else submitted
        shared |= {"status": pc.coalesce(status, submitted), "role": constant(self._role.value, len(submitted))}
        if self._job.extra:
            shared["extra"] = packed(rows.columns, self._job.extra)
        return shared

    def _answers(self, given: MappingType[str, _Given], shared: Cells, scores: Cells) -> None:
        """Stages the answers of each question, and those who marked nothing at all."""
        silent = np.ones(len(shared["item_id"]), np.bool_)
        for name, one in given.items():
            asked = self._job.mapping.questions[name]
            if name in self._marked:
                self._marked[name].take({"column": one.texts}, dict(shared), shared["annotator"], self._role)
            else:
                columns = {**shared, **answers(one.texts, asked).columns}
                columns |= {"score": scores[name]} if name in scores else {}
                self._stage(name, columns, asked.kind, filled(one.texts))
            self._stage(name, shared, Kind.NONE, one.nothing)
            silent &= ~(filled(one.texts) | one.nothing)
        if self._role is Role.CONSENSUS:
            self._staging.tally.note("{n} items have no merged answer yet", int(silent.sum()))
        else:
            self._stage(next(iter(given), "label"), shared, Kind.NONE, silent)

    def _stage(self, name: str, columns: Cells, kind: Kind, rows: Mask) -> None:
        if not rows.any():
            return
        chosen = {column: array.filter(pa.array(rows)) for column, array in columns.items()}
        length = int(rows.sum())
        chosen |= {"question": constant(name, length), "kind": constant(kind.value, length)}
        self._staging.write("annotations", chosen)

    def _items(self, cells: Cells, rows: Rows) -> None:
        """Collects the items and their accepted answers, of which rows that say that they are no gold have none."""
        items = {name: cells[name] for name in ("item_id", "source_pos", *_ITEM) if name in cells}
        items |= {name: pixels(cells[name]) for name in ("width", "height") if name in cells}
        if self._job.meta:
            items["meta"] = packed(rows.columns, self._job.meta)
        golden = pa.array(np.ones(len(rows.positions), np.bool_))
        if "is_gold" in cells:
            golden = known(cells["is_gold"], FLAGS, pa.bool_())
            items["is_gold"] = golden.fill_null(False)
            golden = golden.fill_null(True)
        stated = np.zeros(len(rows.positions), np.bool_)
        for name, column in self._job.golds.items():
            stated |= self._gold.add(name, trimmed(rows.columns[column]), golden, cells)
        if stated.any() or self._role is Role.GOLD:
            own = pa.array(stated | (self._role is Role.GOLD))
            items["is_gold"] = pc.or_(items["is_gold"], own) if "is_gold" in items else own
        self._staging.state(items)

    def _reviews(self, cells: Cells, shared: Cells) -> None:
        """Stages decisions on whole submissions."""
        if "review_decision" not in cells:
            return
        verdict = known(cells["review_decision"], _VERDICTS, pa.string())
        reviews = {"item_id": cells["item_id"], "annotation_id": cells["annotation_id"], "verdict": verdict}
        reviews |= {"reviewer": constant(REQUESTER, len(verdict)), "source_pos": cells["source_pos"]}
        reviews["review_id"] = pc.binary_join_element_wise(cells["annotation_id"], reviews["reviewer"], "/")
        reviews |= {"comment": cells["review_comment"]} if "review_comment" in cells else {}
        reviews |= {"decided_at": shared["reviewed_at"]} if "reviewed_at" in shared else {}
        judged = pc.is_valid(verdict)
        self._staging.write("reviews", {name: array.filter(judged) for name, array in reviews.items()})


@dataclass(frozen=True, slots=True)
class _Given:
    """The cells of a question, null where empty, and which rows say that there is nothing to mark."""

    texts: pa.Array
    nothing: Mask

    def take(self, keep: npt.NDArray[np.int64]) -> _Given:
        """Some of the rows."""
        return _Given(self.texts.take(keep), self.nothing[keep])


def _unmarked(raw: pa.Array, asked: Question) -> _Given:
    texts = trimmed(raw)
    if asked.kind not in (Kind.MULTI, *REGIONS):
        return _Given(texts, np.zeros(len(texts), np.bool_))
    nothing = mask(pc.or_kleene(pc.equal(raw, LINE), pc.equal(texts, "[]")))
    return _Given(pc.if_else(pa.array(nothing), pa.scalar(None, pa.string()), texts), nothing)


def _not_blank(rows: Rows) -> Rows:
    """The rows without those that have nothing in any column."""
    blank = np.logical_and.reduce([mask(pc.is_null(array)) for array in rows.columns.values()])
    if not blank.any():
        return rows
    keep = pa.array(~blank)
    columns = {name: array.filter(keep) for name, array in rows.columns.items()}
    return rows._replace(columns=columns, positions=rows.positions[~blank])
