"""Which objects of an item come near enough to be the same: a sweep over their bounds, then their similarity."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from qc.stats.patterns import Floats, Integers

NEAR: Final = 0.1
"""Objects less similar than this have nothing to do with each other."""

MOST: Final = 30_000_000
CLOSEST: Final = 20

_AT_A_TIME: Final = 2_000_000


@dataclass(frozen=True, eq=False, slots=True)
class Candidates:
    """Pairs of objects i, j of one item, by two annotators, and how similar they are (NEAR to 1); each pair once."""

    i: Integers
    j: Integers
    similarity: Floats

    def where(self, rows: NDArray[Any]) -> Candidates:
        """Some of the pairs, by mask or place."""
        return Candidates(self.i[rows], self.j[rows], self.similarity[rows])


def candidates(
    item: Integers, annotator: Integers, bounds: Floats, similarity: Callable[[Integers, Integers], Floats]
) -> Candidates:
    """The pairs whose similarity is NEAR or more.

    bounds (n x 4): left, top, right, bottom, outside of which an object is similar to none; not finite: similar to
    none. similarity(i, j): 0 to 1 for arrays of places. The smaller annotator's object is i. Where there are more than
    MOST, an object keeps only its CLOSEST of each other annotator: thousands of objects in one place are no drawing.
    """
    found: list[tuple[NDArray[Any], ...]] = []
    room = MOST
    for i, j in overlapping(item, annotator, bounds):
        alike = similarity(i, j)
        near = alike >= NEAR
        found.append((i[near], j[near], np.minimum(alike[near], 1.0)))
        if sum(len(part[0]) for part in found) > room:
            found = [_closest(annotator, *(np.concatenate(column) for column in zip(*found, strict=True)))]
            room = max(MOST, 2 * len(found[0][0]))
    if not found:
        none = np.zeros(0, dtype=np.int64)
        return Candidates(none, none, np.zeros(0))
    i, j, alike = (np.concatenate(column) for column in zip(*found, strict=True))
    return Candidates(i, j, alike)


def _closest(annotator: Integers, i: Integers, j: Integers, alike: Floats) -> tuple[NDArray[Any], ...]:
    """The pairs that are among the CLOSEST of either of the two."""
    keep = np.zeros(len(i), dtype=bool)
    width = int(annotator.max()) - int(annotator.min()) + 1
    for one, other in ((i, j), (j, i)):
        key = one * width + annotator[other] - annotator.min()
        order = np.lexsort((-alike, key))
        keep[order[within(np.unique(key, return_counts=True)[1]) < CLOSEST]] = True
    return i[keep], j[keep], alike[keep]


def overlapping(item: Integers, annotator: Integers, bounds: Floats) -> Iterator[tuple[Integers, Integers]]:
    """Pairs of one item and two annotators whose bounds share an area, some millions at a time.

    The smaller annotator's object is the first.
    """
    place = np.flatnonzero(np.isfinite(bounds).all(axis=1))
    left, right = bounds[place, 0], bounds[place, 2]
    n = len(place)
    # One line of all left and right edges: what begins after an object and before its right edge lies beside it.
    begins = np.repeat([True, False], n)
    line = np.lexsort((begins, np.concatenate([left, right]), np.tile(item[place], 2)))
    begun = np.cumsum(begins[line])
    order = line[begins[line]]
    last = np.empty(2 * n, dtype=np.int64)
    last[line] = begun
    first = np.arange(1, n + 1)
    beside = np.maximum(last[n:][order] - first, 0)
    place = place[order]
    for start, stop in portions(beside):
        count = beside[start:stop]
        one = np.repeat(np.arange(start, stop), count)
        other = one + 1 + within(count)
        i, j = place[one], place[other]
        keep = annotator[i] != annotator[j]
        i, j = i[keep], j[keep]
        keep = (bounds[i, 1] < bounds[j, 3]) & (bounds[j, 1] < bounds[i, 3])
        i, j = i[keep], j[keep]
        turned = annotator[i] > annotator[j]
        yield np.where(turned, j, i), np.where(turned, i, j)


def portions(counts: Integers) -> Iterator[tuple[int, int]]:
    """Ranges that cover all counts; those of a range come to some millions, or it holds one."""
    ends = np.cumsum(counts)
    start = 0
    while start < len(counts):
        before = int(ends[start - 1]) if start else 0
        stop = max(start + 1, int(np.searchsorted(ends, before + _AT_A_TIME, "right")))
        yield start, stop
        start = stop


def within(counts: Integers) -> Integers:
    """0 … count - 1 for each count, one after the other.

    >>> within(np.array([2, 0, 3])).tolist()
    [0, 1, 0, 1, 2]
    """
    return np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
