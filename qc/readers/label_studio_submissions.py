"""Label Studio's submissions, one value after the other: for tasks of any shape, however odd."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

from qc.model import Decision, Kind, Origin, Role, SecondsKind, Status
from qc.readers.label_studio_part import Part, columns_of
from qc.readers.label_studio_questions import LOOK_AHEAD, Questions
from qc.readers.label_studio_regions import REGIONS, Place
from qc.readers.label_studio_results import Answer, answers, origin_of
from qc.readers.label_studio_reviews import FIXED, Review, before_fix, identity, reviews_of
from qc.readers.label_studio_tasks import MEMBERS, SHARED, Row, answered, as_dict, at, author, extent, item_row, members
from qc.readers.numbers import number
from qc.readers.reader import Options
from qc.readers.records import NO_JSON, BadRecordError, Records
from qc.readers.times import EPOCH, MICROSECOND, clock

NO_TASK: Final = "the record is no task with an id"
NO_LIST: Final = "the task's annotations, predictions or drafts are no list"
NO_RESULTS: Final = "the submission's result is no list"
NO_OBJECT: Final = "the submission is no object with an id"
NOTHING_KNOWN: Final = "no result of the submission was understood"
LATE: Final = f"{{n}} answers are of a kind that the question did not show in the first {LOOK_AHEAD:,} tasks"
NOBODY: Final = (
    "{n} submissions do not say who gave them: export them with the details of users, "
    "or name the person with --annotator"
)

STRANGE: Final = (
    "{{n}} results were not understood, being of type {}: "
    "kept in `extra`, or in quarantine where a submission has no other"
)

_FUTURE: Final = timedelta(days=1)


class _NothingKnownError(BadRecordError):
    """A submission has results, and none was understood: what was answered is not known, nor that nothing was."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known before a part is read: what the user says, and what the first tasks tell of the questions."""

    options: Options
    questions: Questions

    @property
    def zone(self) -> str | None:
        """The time zone of times that carry none."""
        return self.options.timezone or (self.options.mapping.timezone if self.options.mapping else None)

    @property
    def latest(self) -> int:
        """The last moment that is no time in the future, in microseconds since 1970."""
        return (self.options.now + _FUTURE - EPOCH) // MICROSECOND

    @property
    def paths(self) -> dict[str, str]:
        """Where the user says that batch and the like stand."""
        return dict(self.options.mapping.columns) if self.options.mapping else {}


class Submissions:
    """Adds tasks to a part."""

    def __init__(self, known: Known, part: Part) -> None:
        self._questions = known.questions
        self._marked = known.questions.marked()
        self._role = known.options.role
        self._unnamed = known.options.annotator
        self._paths = known.paths
        self._clock = clock(known.zone)
        self._records = Records(known.options, part)
        self._part = part
        self._items: list[Row] = []

    def take(self, task: Any, position: int) -> int:
        """Adds what one task holds, from a position on; returns the next position."""
        item_id = identity(at(task, self._paths.get("item_id", "id"))) if isinstance(task, dict) else None
        if item_id is None:
            with self._records.record(position, task):
                _refuse(NO_JSON if isinstance(task, bytes) else NO_TASK)
            return position + 1
        data, meta = as_dict(task.get("data")), as_dict(task.get("meta"))
        item = item_row(item_id, data, meta, self._paths, task) | extent(task)
        place = Place(texts(item.get("text"), data), self._clock)
        predictions = {identity(as_dict(entry).get("id")) for entry in members(task, "predictions")}
        before = position
        for member, role, draft, prefix in MEMBERS:
            held = task.get(member)
            if not isinstance(held, list | None):
                with self._records.record(position, held):
                    _refuse(NO_LIST)
                position += 1
            for raw in members(task, member):
                with self._records.record(position, raw):
                    self._submission(raw, item, place, role or self._role, draft, prefix)
                    if role is None:
                        self._snapshot(raw, item, place, predictions)
                position += 1
        gold = self._role is Role.GOLD or any(as_dict(raw).get("ground_truth") is True for raw in answered(task))
        self._items.append(item | {"is_gold": gold, "source_pos": before})
        return position

    def finish(self) -> None:
        """Adds what is left."""
        self._records.finish()
        if self._items:
            self._part.state(columns_of("items", self._items))

    def _snapshot(self, raw: Row, item: Row, place: Place, predictions: set[str | None]) -> None:
        """The prediction that an annotation started from, where the task itself lacks it."""
        shown = as_dict(raw.get("prediction"))
        if members(shown, "result") and identity(shown.get("id")) not in predictions:
            predictions.add(identity(shown.get("id")))
            # What a model said that nobody understands is no reason to lose the person's answer.
            with suppress(_NothingKnownError):
                self._submission(shown, item, place, Role.MODEL, False, "prediction ")

    def _submission(self, raw: Any, item: Row, place: Place, role: Role, draft: bool, prefix: str) -> None:
        """The rows of one annotation, prediction or draft."""
        identity_ = identity(raw.get("id")) if isinstance(raw, dict) else None
        if identity_ is None:
            raise BadRecordError(NO_OBJECT)
        status = Status.DRAFT if draft else Status.SUBMITTED
        if raw.get("was_cancelled") is True or raw.get("skipped") is True:
            status = Status.SKIPPED
        if raw.get("ground_truth") is True and role is Role.ANNOTATOR:
            role = Role.GOLD
        base = {
            **{name: item[name] for name in SHARED},
            "item_id": item["item_id"],
            "annotation_id": prefix + identity_,
            "role": role,
            "status": status,
            **self._records.times(
                raw.get("created_at"),
                raw.get("draft_created_at"),
                raw.get("updated_at"),
                raw.get("lead_time"),
                SecondsKind.ACTIVE,
            ),
            **author(raw, role, self._unnamed),
        }
        self._records.note(NOBODY, int(base["annotator"] is None))
        if not isinstance(raw.get("result"), list | None):
            raise BadRecordError(NO_RESULTS)
        results, original = members(raw, "result"), before_fix(raw)
        given = self._given(results if original is None else original, place) if status is not Status.SKIPPED else []
        found = list(given)
        # A person saw every question; a model that answered one may not know the others.
        if status is Status.SUBMITTED and not (found and role is Role.MODEL):
            done = {answer.question for answer in found} | _kept(found)
            found += [Answer(name, Kind.NONE) for name in self._marked if name not in done]
        found = found or [Answer(self._questions.sole(), Kind.NONE)]
        for answer in found:
            self._answer(answer, raw, base)
        for review in reviews_of(raw):
            judged = found if review.verdict is Decision.ACCEPT else given or found
            known = review.fixed and original is not None
            self._records.note(FIXED, int(review.fixed and not known))
            self._review(replace(review, results=results) if known else review, judged, base, place)

    def _given(self, results: Sequence[Any], place: Place) -> list[Answer]:
        found = self._answers(results, place)
        if results and not found:
            raise _NothingKnownError(NOTHING_KNOWN)
        return found

    def _answers(self, results: Sequence[Any], place: Place) -> list[Answer]:
        found, strange = answers(results, place, self._questions)
        for kind in strange:
            self._records.note(STRANGE.format(repr(kind)))
        return found

    def _answer(self, answer: Answer, raw: Row, base: Row) -> None:
        if late(answer, self._questions, self._marked):
            self._records.note(LATE)
        for remark in answer.remarks:
            self._records.note(remark)
        for region in answer.regions:
            if region.remark:
                self._records.note(region.remark)
        self._records.answer(
            base | answer_row(answer, raw), [region.columns | {"kind": region.kind} for region in answer.regions]
        )

    def _review(self, review: Review, judged: Sequence[Answer], base: Row, place: Place) -> None:
        """A decision, one row for each answer that it judges, and the reviewer's own answers."""
        decided = self._records.instant(review.decided_at)
        own = self._answers(review.results, place) if review.results else []
        corrected = f"review {review.review_id}" if own else None
        for answer in judged:
            self._records.review(
                {
                    "review_id": f"{review.review_id}/{answer.question}",
                    "item_id": base["item_id"],
                    "annotation_id": base["annotation_id"],
                    "question": answer.question,
                    "reviewer": review.reviewer,
                    "verdict": review.verdict,
                    "corrected_annotation_id": corrected,
                    "comment": review.comment,
                    "decided_at": decided and decided.micros,
                }
            )
        shared = {name: base[name] for name in ("item_id", *SHARED)} | {
            "annotation_id": corrected,
            "parent": base["annotation_id"],
            "role": Role.REVIEWER,
            "annotator": review.reviewer,
            "status": Status.SUBMITTED,
            "submitted_at": decided and decided.micros,
            "tz_source": decided and decided.source,
        }
        for answer in own:
            self._answer(answer, {}, shared)


def _kept(answers: Sequence[Answer]) -> set[str]:
    """The questions of results that are kept as they came: something was marked there."""
    kept = [entry for answer in answers for entry in answer.extra if str(entry.get("type")) in REGIONS]
    return {str(entry.get("from_name")) for entry in kept}


def _refuse(reason: str) -> None:
    raise BadRecordError(reason)


def texts(text: Any, data: Row) -> list[str]:
    """The texts of an item that a span may lie in, the likeliest first."""
    return [found for found in (text, *data.values()) if isinstance(found, str)]


def late(answer: Answer, questions: Questions, marked: Sequence[str]) -> bool:
    """Whether regions or several choices are met where the first submissions had none."""
    if answer.regions:
        return answer.question not in marked
    return answer.kind is Kind.MULTI and answer.question not in questions.several and len(answer.columns["labels"]) > 1


def answer_row(answer: Answer, raw: Row) -> Row:
    """The value columns of one answer."""
    score = answer.score if answer.score is not None else number(raw.get("score"))
    origins = answer.origins or {Origin.IMPORTED if raw.get("last_action") == "imported" else Origin.UNKNOWN}
    return {
        **answer.columns,
        "question": answer.question,
        "kind": answer.kind,
        "origin": origin_of(origins),
        "score": score,
        "extra": answer.extra,
    }
