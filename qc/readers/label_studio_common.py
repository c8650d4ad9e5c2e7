"""Label Studio's tasks of the common shape: their submissions, and rows of values that point to them."""

from __future__ import annotations

from collections.abc import Container, Iterator
from typing import Any, Final

from qc.model import Decision, Kind, Origin, Role, TzSource
from qc.readers.label_studio_regions import SLACK
from qc.readers.label_studio_results import ORIGINS, origin_of, written
from qc.readers.label_studio_reviews import ACTIONS, FIXED, Review, reviews_of
from qc.readers.label_studio_submissions import Known, texts
from qc.readers.label_studio_tasks import Row, extent_of, item_row
from qc.readers.label_studio_types import Box, Choices, Numeric, Rating, Snapshot, Span, Submission, Task
from qc.readers.offsets import span
from qc.readers.shapes import about_corner
from qc.readers.times import BadTimeError, clock, instant

ANSWER: Final = ("submission", "question", "kind", "label", "labels", "number", "text", "origin", "score")
REGION: Final = (
    *("submission", "question", "kind", "region_id", "label", "t_start", "t_end", "quote"),
    *("x", "y", "w", "h", "rotation", "score", "origin", "frame"),
)
ITEM: Final = (
    *("item_id", "text", "media", "uri", "batch", "site", "guideline", "difficulty", "tags", "meta"),
    *("width", "height", "is_gold", "source_pos"),
)
# Plain texts: Arrow takes many times as long for the members of an enumeration.
_SINGLE, _MULTI, _ORDINAL = Kind.SINGLE.value, Kind.MULTI.value, Kind.ORDINAL.value
_NUMBER, _WORDS, _NONE = Kind.NUMBER.value, Kind.TEXT.value, Kind.NONE.value
_IMPORTED, _UNKNOWN = Origin.IMPORTED.value, Origin.UNKNOWN.value
_NO_SPAN: Final = (None, None, None)
_NO_BOX: Final = (None, None, None, None, None)
_ASKED: Final = {*("item_id", "batch", "site", "guideline", "difficulty", "tags")}


class MisfitError(ValueError):
    """A task that does not have the common shape after all: it is read value by value."""


def fits(paths: Row) -> bool:
    """Whether tasks of the common shape hold what the user's paths ask for."""
    asked = (path for name, path in paths.items() if name in _ASKED)
    return all(path == "id" or path.startswith(("data.", "meta.")) for path in asked)


class Rows:
    """Collects tasks: items, submissions as they are, and answers, regions and reviews that point to theirs."""

    def __init__(self, known: Known) -> None:
        questions = known.questions
        self._questions = questions
        self._marked = questions.marked()
        self._kinds = {name: kinds[0] for name, kinds in questions.shown.items() if len(kinds) == 1}
        self._sole = questions.sole()
        self._paths = known.paths
        self._clock = clock(known.zone)
        self._latest = known.latest
        self._gold = known.options.role is Role.GOLD
        self._items: list[tuple[Any, ...]] = []
        self.item_of: list[int] = []
        self.positions: list[int] = []
        self.member_of: list[int] = []
        self.submissions: list[Submission] = []
        # Values one behind the other, as many to a row as the table has names: cheaper than a tuple for each row.
        self.answers: list[Any] = []
        self.regions: list[Any] = []
        self.reviews: list[Row] = []
        self.fixed = 0

    def take(self, task: Task, position: int) -> int:
        """Adds a task, from a position on, and returns the next one; a misfit adds nothing."""
        before = len(self.submissions), len(self.answers), len(self.regions), len(self.reviews), self.fixed
        try:
            return self._take(task, position)
        except MisfitError:
            del self.submissions[before[0] :]
            del self.answers[before[1] :]
            del self.regions[before[2] :]
            del self.reviews[before[3] :]
            self.fixed = before[4]
            raise

    def _take(self, task: Task, position: int) -> int:
        if "item_id" in self._paths:
            raise MisfitError
        whole = {"id": task.id, "data": task.data, "meta": task.meta} if self._paths else {}
        item = item_row(str(task.id), task.data, task.meta or {}, self._paths, whole)
        first = len(self.submissions)
        for entry in task.predictions:
            self._submission(entry, item, task, True, True)
        for entry in task.annotations:
            shown = entry.prediction
            if entry.history or (shown and shown.result and not _stands(shown, task)):
                raise MisfitError
            self._submission(entry, item, task, True, False)
        for entry in task.drafts:
            if entry.history or entry.prediction:
                raise MisfitError
            self._submission(entry, item, task, False, False)
        count = len(self.submissions) - first
        self.item_of += [len(self._items)] * count
        self.positions += range(position, position + count)
        self.member_of += [0] * len(task.predictions) + [1] * len(task.annotations) + [2] * len(task.drafts)
        gold = self._gold or any(entry.ground_truth for entry in task.annotations)
        self._items.append((*item.values(), *_extent(task), gold, position))
        return position + count

    def _submission(self, entry: Submission, item: Row, task: Task, final: bool, model: bool) -> None:
        number = len(self.submissions)
        self.submissions.append(entry)
        begin = len(self.answers)
        skipped = entry.was_cancelled or entry.skipped
        marked: Container[str] = ()
        if entry.result and not skipped:
            marked = self._results(entry, number, item, task)
        given = len(self.answers)
        if final and not skipped and not (model and given > begin):
            for name in self._marked:
                if name not in marked:
                    self.answers += _nothing(entry, number, name)
        if len(self.answers) == begin:
            self.answers += _nothing(entry, number, self._sole)
        if entry.reviews or entry.last_action in ACTIONS:
            self._reviews(entry, number, begin, given)

    def _results(self, entry: Submission, number: int, item: Row, task: Task) -> Container[str]:
        """Adds answers and regions; answers of regions come first. Returns the questions of regions."""
        several = self._questions.several
        marked: dict[str, set[Origin]] = {}
        plain: list[Any] = []
        names: set[str] = set()
        identities: set[str] = set()
        others: set[str | None] = set()
        for result in entry.result:
            name, origin = result.from_name, ORIGINS.get(result.origin or "", Origin.UNKNOWN)
            if isinstance(result, Span | Box):
                self._region(result, number, origin, item, task)
                if result.id in identities:
                    raise MisfitError
                identities.add(result.id or "")
                marked.setdefault(name, set()).add(origin)
                continue
            label = labels = value = text = None
            if result.item_index is not None:
                name = f"{name}/page {result.item_index + 1}"
            if isinstance(result, Choices):
                choices = result.value.choices
                if len(choices) == 1 and name not in several:
                    kind, label = _SINGLE, choices[0]
                elif len(choices) > 1 and name not in several:
                    raise MisfitError
                else:
                    kind, labels = _MULTI, sorted(set(choices))
            elif isinstance(result, Rating):
                kind, value = _ORDINAL, result.value.rating
            elif isinstance(result, Numeric):
                kind, value = _NUMBER, result.value.number
            else:
                kind, text = _WORDS, written(result.value.text)
            if name in names:
                raise MisfitError
            names.add(name)
            others.add(result.id)
            score = entry.score if result.score is None else result.score
            plain += (number, name, kind, label, labels, value, text, origin.value, score)
        if identities:
            if others & identities or names & marked.keys():
                raise MisfitError
            for name, origins in marked.items():
                origin = origin_of(origins)
                kind = self._kinds[name].value
                self.answers += (number, name, kind, None, None, None, None, origin.value, entry.score)
        self.answers += plain
        return marked

    def _region(self, result: Span | Box, number: int, origin: Origin, item: Row, task: Task) -> None:
        kind = Kind.SPANS if isinstance(result, Span) else Kind.BOXES
        if result.id is None or self._kinds.get(result.from_name) is not kind:
            raise MisfitError
        if isinstance(result, Span):
            value = result.value
            labels = value.labels
            stretch: tuple[Any, ...] = _stretch(result, item, task)
            box: tuple[Any, ...] = _NO_BOX
        else:
            labels = result.value.rectanglelabels
            stretch, box = _NO_SPAN, _box(result)
        label = labels[0] if len(labels) == 1 else ", ".join(labels)
        self.regions += (number, result.from_name, kind.value, result.id, label)
        self.regions += (*stretch, *box, result.score, origin.value, result.item_index)

    def _reviews(self, entry: Submission, number: int, begin: int, given: int) -> None:
        """Adds a row for each answer that a review judges: all where it accepts, else those that were given."""
        raw = {
            "id": entry.id,
            "reviews": entry.reviews,
            "last_action": entry.last_action,
            "last_created_by": entry.last_created_by,
            "updated_at": entry.updated_at,
        }
        for review in reviews_of(raw):
            if review.results:
                raise MisfitError
            decided = self._decided(review)
            self.fixed += review.fixed
            every = review.verdict is Decision.ACCEPT or given == begin
            for question in self.answers[begin + 1 : None if every else given : len(ANSWER)]:
                self.reviews.append(
                    {
                        "submission": number,
                        "review_id": f"{review.review_id}/{question}",
                        "question": question,
                        "reviewer": review.reviewer,
                        "verdict": review.verdict,
                        "comment": review.comment,
                        "decided_at": decided,
                    }
                )

    def _decided(self, review: Review) -> int | None:
        when = review.decided_at
        if when is None or when == "":
            return None
        try:
            found = instant(when, self._clock) if isinstance(when, str) else None
        except BadTimeError:
            found = None
        if found is None or found.source is not TzSource.EXPLICIT or found.micros > self._latest:
            raise MisfitError
        return found.micros

    def items_by_column(self) -> Iterator[tuple[str, tuple[Any, ...]]]:
        """The columns of the items."""
        return zip(ITEM, zip(*self._items, strict=True) if self._items else [()] * len(ITEM), strict=True)

    def notes(self) -> dict[str, int]:
        """Remarks on what was taken."""
        return {FIXED: self.fixed}


def _nothing(entry: Submission, number: int, question: str) -> tuple[Any, ...]:
    """The row of a question that was seen and has no answer."""
    origin = _IMPORTED if entry.last_action == "imported" else _UNKNOWN
    return (number, question, _NONE, None, None, None, None, origin, entry.score)


def _stands(shown: Snapshot, task: Task) -> bool:
    """Whether the prediction that an annotation started from stands with its task."""
    return any(entry.id == shown.id for entry in task.predictions)


def _extent(task: Task) -> tuple[int | None, int | None]:
    for entry in task.annotations:
        for result in entry.result:
            width, height = result.original_width, result.original_height
            if width and height and width > 0 and height > 0 and (found := extent_of((width, height))):
                return found["width"], found["height"]
    return None, None


def _stretch(result: Span, item: Row, task: Task) -> tuple[int, int, str]:
    start, end, quote = result.value.start, result.value.end, result.value.text
    if not 0 <= start <= end:
        raise MisfitError
    text = item["text"]
    if text is None or not text.isascii() or end > len(text) or text[start:end] != quote:
        found = span(start, end, quote, texts(text, task.data))
        if not found.agrees:
            raise MisfitError
        start, end = found.start, found.end
    return start, end, quote


def _box(result: Box) -> tuple[float, float, float, float, float | None]:
    """A box in pixels; one that is empty or reaches over the edge is a misfit."""
    width, height, value = result.original_width, result.original_height, result.value
    if not width or not height or width <= 0 or height <= 0:
        raise MisfitError
    across, down = width / 100, height / 100
    x, y, w, h = value.x * across, value.y * down, value.width * across, value.height * down
    if w <= 0 or h <= 0:
        raise MisfitError
    if value.rotation:
        turned = about_corner(x, y, w, h, value.rotation)
        return turned["x"], turned["y"], turned["w"], turned["h"], turned["rotation"]
    low = -SLACK * width
    if x < low or y < low or x + w > width * (1 + SLACK) or y + h > height * (1 + SLACK):
        raise MisfitError
    return x, y, w, h, None
