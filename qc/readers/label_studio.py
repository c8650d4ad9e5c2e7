"""Label Studio's JSON export: a list of tasks with annotations, predictions, drafts and reviews."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import chain, islice
from typing import Any, Final

import msgspec
import pyarrow as pa

from qc.model import Decision, Kind, Role, SecondsKind, Status, TzSource
from qc.readers.elements import Readable, elements
from qc.readers.label_studio_regions import Region
from qc.readers.label_studio_results import Answer, Questions, answers, to_json
from qc.readers.label_studio_reviews import FIXED, identity, reviews_of
from qc.readers.label_studio_tasks import FACETS, Row, answer_row, answered, as_dict, at, author, item_row, members
from qc.readers.numbers import duration
from qc.readers.reader import Options
from qc.readers.source import Source
from qc.readers.staging import TABLES, Reject, Staging
from qc.readers.times import EPOCH, MICROSECOND, TWICE, UNREADABLE, BadTimeError, Instant, clock, instant

LOOK_AHEAD: Final = 2_000
"""Tasks whose questions are looked at before the first row is made."""
ROWS: Final = 1_000
"""Rows that are held as objects; more of them no longer fit into the processor's cache."""

NO_TASK: Final = "the record is no task with an id"
NO_OBJECT: Final = "the submission is no object with an id"
LATE: Final = f"{{n}} answers are of a kind that their question did not show in the first {LOOK_AHEAD:,} tasks"
MISQUOTED: Final = "{n} spans quote another text than the item holds there"
NO_JSON: Final = "the record is no readable JSON"

_TABLES: Final = ("annotations", "regions", "items", "reviews")
_FROM_ITEM: Final = ("item_id", *FACETS)
_FUTURE: Final = timedelta(days=1)

# Members of a task, whose role they have (None: the people's), their status, and what keeps their ids apart.
_MEMBERS: Final[tuple[tuple[str, Role | None, Status, str], ...]] = (
    ("predictions", Role.MODEL, Status.SUBMITTED, "prediction "),
    ("annotations", None, Status.SUBMITTED, ""),
    # What annotations were called before version 1.0.
    ("completions", None, Status.SUBMITTED, ""),
    ("drafts", None, Status.DRAFT, "draft "),
)


class BadSubmissionError(ValueError):
    """A submission that cannot be taken; the message is the reason for quarantine."""


def sniff(source: Source) -> int:
    """A JSON list whose first task shows annotations or predictions beside its data."""
    text = source.text().lstrip("\ufeff \r\n\t")
    tasks = any(f'"{name}"' in text for name in ("annotations", "completions", "predictions"))
    return 80 if text.startswith("[") and tasks and '"data"' in text else 0


def read(source: Source, options: Options, staging: Staging) -> None:
    """Stages the submissions of every task; the record that is counted is the submission."""
    with source.stream() as stream:
        tasks = _tasks(stream, source.name)
        first = list(islice(tasks, LOOK_AHEAD))
        questions = Questions()
        for task in first:
            for submission in answered(task):
                questions.learn(members(submission, "result"))
        export = Export(options, staging, questions)
        for task in chain(first, tasks):
            export.take(task)
            staging.progress(stream.passed / source.size)
    export.finish()


def _tasks(stream: Readable, name: str) -> Iterator[Any]:
    decode = msgspec.json.Decoder().decode
    for element in elements(stream, name):
        try:
            yield decode(element)
        except (msgspec.MsgspecError, RecursionError):
            # Bytes are no task: whoever takes them puts them into quarantine.
            yield element


class Export:
    """Turns tasks into rows and stages them some thousands at a time."""

    def __init__(self, options: Options, staging: Staging, questions: Questions) -> None:
        self._options = options
        self._clock = clock(options.timezone or (options.mapping.timezone if options.mapping else None))
        self._paths = options.mapping.columns if options.mapping else {}
        self._latest = (options.now + _FUTURE - EPOCH) // MICROSECOND
        self._staging = staging
        self._tally = staging.tally
        self._questions = questions
        self._rows: dict[str, list[Row]] = {table: [] for table in _TABLES}

    def take(self, task: Any) -> None:
        """Stages what one task holds."""
        item_id = identity(at(task, self._paths.get("item_id", "id"))) if isinstance(task, dict) else None
        if item_id is None:
            self._tally.read += 1
            self._reject(NO_JSON if isinstance(task, bytes) else NO_TASK, task)
            return
        item = item_row(item_id, task, self._paths)
        texts = [text for text in (item.get("text"), *as_dict(task.get("data")).values()) if isinstance(text, str)]
        position = self._tally.read + 1
        for member, role, status, prefix in _MEMBERS:
            for raw in members(task, member):
                self._tally.read += 1
                before = {table: len(rows) for table, rows in self._rows.items()}
                try:
                    self._submission(raw, item, texts, role or self._options.role, status, prefix)
                except (BadSubmissionError, BadTimeError) as error:
                    for table, length in before.items():
                        del self._rows[table][length:]
                    self._reject(f"{error}", raw)
        gold = self._options.role is Role.GOLD or any(
            as_dict(raw).get("ground_truth") is True for raw in answered(task)
        )
        self._rows["items"].append(item | {"is_gold": gold, "source_pos": position})
        self._tally.present.update(["gold"] if gold else [])
        if len(self._rows["annotations"]) >= ROWS or len(self._rows["items"]) >= ROWS:
            self._flush()

    def finish(self) -> None:
        """Stages what is left."""
        self._flush()

    def _flush(self) -> None:
        for table, rows in self._rows.items():
            if rows:
                schema = TABLES[table]
                names = set().union(*rows)
                columns = {name: pa.array([row.get(name) for row in rows], schema.field(name).type) for name in names}
                if table == "items":
                    self._staging.state(columns)
                else:
                    self._staging.write(table, columns)
                rows.clear()

    def _reject(self, reason: str, raw: Any) -> None:
        excerpt = raw.decode(errors="replace") if isinstance(raw, bytes) else to_json(raw) or ""
        self._staging.reject([Reject(self._tally.read, reason, excerpt)])

    def _submission(
        self,
        raw: Any,
        item: Row,
        texts: Sequence[str],
        role: Role,
        status: Status,
        prefix: str,
    ) -> None:
        """The rows of one annotation, prediction or draft."""
        number_ = identity(raw.get("id")) if isinstance(raw, dict) else None
        if number_ is None:
            raise BadSubmissionError(NO_OBJECT)
        if raw.get("was_cancelled") is True or raw.get("skipped") is True:
            status = Status.SKIPPED
        if raw.get("ground_truth") is True and role is Role.ANNOTATOR:
            role = Role.GOLD
        base = {
            **{name: item[name] for name in _FROM_ITEM},
            "annotation_id": prefix + number_,
            "role": role,
            "status": status,
            "source_pos": self._tally.read,
            **self._times(raw),
            **author(raw, role),
        }
        found, strange = (
            answers(members(raw, "result"), texts, self._questions) if status is not Status.SKIPPED else ([], [])
        )
        for kind in strange:
            self._tally.note(f"{{n}} results of type {kind!r} were not understood and are kept in `extra`")
        given = list(found)
        # A person saw every question; a model that answered one may not know the others.
        if status is Status.SUBMITTED and not (found and role is Role.MODEL):
            done = {answer.question for answer in found}
            found += [Answer(name, Kind.NONE) for name in self._questions.regions if name not in done]
        found = found or [Answer(self._questions.sole(), Kind.NONE)]
        for answer in found:
            if self._questions.surprised_by(answer):
                self._tally.note(LATE)
            self._rows["annotations"].append(base | answer_row(answer, raw))
            for region in answer.regions:
                self._rows["regions"].append(self._region(region, base, answer))
        self._reviews(raw, base, given or found, found, texts)

    def _region(self, region: Region, base: Row, answer: Answer) -> Row:
        attributes = region.columns.get("attributes")
        if attributes:
            self._tally.note(MISQUOTED, int("quote_differs" in attributes))
        shared = {name: base[name] for name in ("annotation_id", "source_pos")}
        return (
            shared
            | region.columns
            | {"question": answer.question, "kind": region.kind, "attributes": to_json(attributes)}
        )

    def _times(self, raw: Row) -> Row:
        submitted = self._instant(raw.get("created_at"))
        started = self._instant(raw.get("draft_created_at"))
        updated = self._instant(raw.get("updated_at"))
        if started and submitted and started.micros > submitted.micros:
            self._tally.clock_errors += 1
            started = None
        lead = raw.get("lead_time")
        seconds = duration(lead)
        self._tally.clock_errors += lead is not None and seconds is None
        known = submitted or started or updated
        return {
            "started_at": started and started.micros,
            "submitted_at": submitted and submitted.micros,
            "updated_at": updated and updated.micros,
            "tz_source": known and known.source,
            "seconds": seconds,
            "seconds_kind": None if seconds is None else SecondsKind.ACTIVE,
        }

    def _instant(self, value: Any) -> Instant | None:
        if value is None or value == "":
            return None
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise BadTimeError(UNREADABLE)
        found = instant(str(value), self._clock)
        self._tally.clock_errors += found.micros > self._latest
        if found.twice:
            self._tally.note(TWICE)
        if found.source is TzSource.ASSUMED and not self._clock.stated:
            self._tally.note("{n} times have no zone; UTC was assumed")
        return found

    def _reviews(
        self,
        raw: Row,
        base: Row,
        given: Sequence[Answer],
        found: Sequence[Answer],
        texts: Sequence[str],
    ) -> None:
        """The reviews of one submission, one row for each answer that they judge, and the reviewer's own answers."""
        for review in reviews_of(raw):
            decided = self._instant(review.decided_at)
            judged = found if review.verdict is Decision.ACCEPT else given
            corrected = f"review {review.review_id}" if review.results else None
            for answer in judged:
                self._rows["reviews"].append(
                    {name: base[name] for name in ("item_id", "annotation_id", "source_pos")}
                    | {
                        "review_id": f"{review.review_id}/{answer.question}",
                        "question": answer.question,
                        "reviewer": review.reviewer,
                        "verdict": review.verdict,
                        "corrected_annotation_id": corrected,
                        "comment": review.comment,
                        "decided_at": decided and decided.micros,
                    }
                )
            self._tally.note(FIXED, int(review.fixed))
            if corrected:
                own = {"annotation_id": corrected, "parent": base["annotation_id"], "role": Role.REVIEWER}
                own |= {
                    "annotator": review.reviewer,
                    "status": Status.SUBMITTED,
                    "source_pos": base["source_pos"],
                }
                own |= {"submitted_at": decided and decided.micros, "tz_source": decided and decided.source}
                own |= {name: base[name] for name in _FROM_ITEM}
                for answer in answers(review.results, texts, self._questions)[0]:
                    self._rows["annotations"].append(answer_row(answer, {}) | own)
                    self._rows["regions"] += [self._region(region, own, answer) for region in answer.regions]
