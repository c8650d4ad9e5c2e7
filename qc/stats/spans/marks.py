"""Spans of texts and intervals of recordings: who marked what, where marks overlap, which of them are the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from qc.stats.agreement.within import pairs_within
from qc.stats.objects.assignment import assigned
from qc.stats.patterns import Floats, Integers

BLOCK: Final = 5_000_000
"""Overlaps that are held at a time; an item is never divided."""
MOST_OF_ITEM: Final = 50_000_000
"""Overlaps of one item: all that 10,000 marks can have, by any number of people."""


@dataclass(frozen=True, eq=False, slots=True)
class Marks:
    """Answers, sorted by item and annotator, and their marks.

    Answer k is that of `annotator[k]` to `item[k]` (integer codes), an item of `extent[k]` characters or milliseconds.
    Mark i belongs to `answer[i]`, has the label `code[i]` and reaches from `first[i]` to before `last[i]`.
    """

    item: Integers
    annotator: Integers
    extent: Integers
    answer: Integers
    code: Integers
    first: Integers
    last: Integers

    @property
    def length(self) -> Integers:
        """How long each mark is; one without length, a point, counts as one character or millisecond."""
        return np.asarray(np.maximum(self.last - self.first, 1), dtype=np.int64)

    def at(self, rows: NDArray[Any]) -> Marks:
        """Some of the marks, of the same answers."""
        return Marks(
            self.item,
            self.annotator,
            self.extent,
            self.answer[rows],
            self.code[rows],
            self.first[rows],
            self.last[rows],
        )


def marks_of(
    answers: tuple[NDArray[Any], NDArray[Any], NDArray[Any]],
    marks: tuple[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any]],
) -> Marks:
    """Marks from columns: answers (item, annotator, extent), marks (item, annotator, code, first, last).

    One answer per item and annotator is kept, and one of several marks that are equal; marks of nobody's answer are
    left out. An extent that is not known (NaN or less than the last end) reaches to the last end on the item.
    """
    item, annotator, extent = (np.asarray(column) for column in answers)
    of_item, of_annotator, code, first, last = (np.asarray(column, dtype=np.int64) for column in marks)
    width = int(max(annotator.max(initial=0), of_annotator.max(initial=0))) + 1
    keys, place = np.unique(item.astype(np.int64) * width + annotator, return_index=True)
    wanted = of_item * width + of_annotator
    answer = np.searchsorted(keys, wanted)
    answer[answer == len(keys)] = 0
    rows = np.stack([answer, first, last, code])[:, keys[answer] == wanted] if len(keys) else np.zeros((4, 0), np.int64)
    rows = np.unique(rows, axis=1)
    items, who = np.divmod(keys, width)
    _, group = np.unique(items, return_inverse=True)
    longest = np.zeros(len(keys), dtype=np.int64)
    np.maximum.at(longest, group[rows[0]], rows[2])
    stated = np.nan_to_num(np.asarray(extent, dtype=np.float64)[place], nan=0.0).astype(np.int64)
    return Marks(items, who, np.maximum(stated, longest[group]), rows[0], rows[3], rows[1], rows[2])


def united(marks: Marks) -> Marks:
    """What each answer marks with each label: overlapping marks as one, without points."""
    some = marks.at(marks.last > marks.first)
    order = np.lexsort((some.first, some.code, some.answer))
    some = some.at(order)
    if not len(order):
        return some
    new = np.concatenate([[True], (np.diff(some.answer) != 0) | (np.diff(some.code) != 0)])
    # Within a group ends only grow: what the groups before reached lies below the offset of the next one.
    offset = (np.cumsum(new) - 1) * (int(some.last.max()) + 1)
    reached = np.maximum.accumulate(some.last + offset)
    begins = new | np.concatenate([[True], some.first[1:] + offset[1:] >= reached[:-1]])
    start = np.flatnonzero(begins)
    ends = np.maximum.reduceat(some.last, start)
    joined = some.at(start)
    return Marks(
        joined.item, joined.annotator, joined.extent, joined.answer, joined.code, joined.first, ends.astype(np.int64)
    )


@dataclass(frozen=True, eq=False, slots=True)
class Pairs:
    """Every two answers to one item: the rows `one` < `other` of answers; `before` finds a pair by them."""

    one: Integers
    other: Integers
    before: Integers

    def of(self, one: Integers, other: Integers) -> Integers:
        """Where pairs of answers to one item stand, one < other."""
        return np.asarray(self.before[one] + other - one - 1)


def pairs_of(marks: Marks) -> Pairs:
    """All pairs of answers to one item."""
    found = list(pairs_within(marks.item))
    one, other = (np.concatenate([pair[side] for pair in found] or [np.zeros(0, dtype=np.int64)]) for side in (0, 1))
    later = np.bincount(one, minlength=len(marks.item))
    return Pairs(one, other, np.cumsum(later) - later)


@dataclass(frozen=True, eq=False, slots=True)
class Overlaps:
    """Marks `i` and `j` of two answers to one item, the answer of i first, that have `common` > 0 in common."""

    i: Integers
    j: Integers
    common: Integers

    def where(self, rows: NDArray[Any]) -> Overlaps:
        """Some of them, by mask or place."""
        return Overlaps(self.i[rows], self.j[rows], self.common[rows])


def overlaps(marks: Marks, block: int = BLOCK) -> Iterator[Overlaps]:
    """All marks of two answers to one item that overlap, some items at a time, whatever their labels.

    Points overlap as one unit does. On an item of many thousand marks that all lie within each other, a mark meets only
    so many of those that begin in it that MOST_OF_ITEM are not exceeded.
    """
    ends = marks.first + marks.length
    at, place = np.unique(np.concatenate([marks.first, ends]), return_inverse=True)
    item = marks.item[marks.answer]
    start, stop = (item * (len(at) + 1) + each for each in np.split(place, 2))
    order = np.argsort(start, kind="stable")
    later = np.searchsorted(start[order], stop[order]) - np.arange(len(order)) - 1
    last = np.flatnonzero(np.concatenate([np.diff(item[order]) != 0, [True]])[: len(order)]) + 1
    size = np.diff(last, prepend=0)
    later = np.minimum(later, np.repeat(np.maximum(MOST_OF_ITEM // np.maximum(size, 1), 1), size))
    before = np.concatenate([[0], np.cumsum(later)])
    low = 0
    while low < len(order):
        full = int(np.searchsorted(before[last], before[low] + block, "right"))
        high = int(last[max(full - 1, int(np.searchsorted(last, low, "right")))])
        one = np.repeat(np.arange(low, high), later[low:high])
        other = one + 1 + np.arange(len(one)) - np.repeat(before[low:high] - before[low], later[low:high])
        i, j = order[one], order[other]
        two = marks.answer[i] != marks.answer[j]
        i, j = i[two], j[two]
        turned = marks.answer[i] > marks.answer[j]
        i, j = np.where(turned, j, i), np.where(turned, i, j)
        yield Overlaps(i, j, np.minimum(ends[i], ends[j]) - np.maximum(marks.first[i], marks.first[j]))
        low = high


def together(parts: Sequence[Overlaps]) -> Overlaps:
    """Several as one."""
    none = np.zeros(0, dtype=np.int64)
    columns = [(none, none, none), *((part.i, part.j, part.common) for part in parts)]
    i, j, common = (np.concatenate(column) for column in zip(*columns, strict=True))
    return Overlaps(i, j, common)


def iou(marks: Marks, found: Overlaps) -> Floats:
    """What two marks have in common over what they cover together."""
    return np.asarray(found.common / (marks.length[found.i] + marks.length[found.j] - found.common))


def matched(marks: Marks, found: Overlaps, weight: Floats) -> Overlaps:
    """The overlaps to keep so that a mark meets at most one of each other answer, by the greatest sum of weights."""
    answers = len(marks.item)
    left = np.unique(found.i * answers + marks.answer[found.j], return_inverse=True)[1]
    right = np.unique(found.j * answers + marks.answer[found.i], return_inverse=True)[1]
    return found.where(assigned(left, right, weight))
