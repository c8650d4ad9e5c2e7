"""Objects of one label that two people drew apart: each other's nearest within reach, whatever they have in common."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from qc.stats.objects.pairs import overlapping
from qc.stats.objects.regions import Objects
from qc.stats.patterns import Floats, Integers

Pair = tuple[Integers, Integers]


def apart(
    objects: Objects, answer: Integers, rows: Integers, free: Callable[[Integers, Integers], NDArray[np.bool_]]
) -> Pair:
    """Pairs i, j of `rows`, of one item, page and label by two annotators, each nearest to the other in that answer.

    answer: that of each object; free(i, j): which pairs count. Within reach are objects whose `squares` overlap. The
    smaller annotator's object is i.
    """
    none = np.zeros(0, dtype=np.int64)
    group = objects.item[rows] * (int(objects.label.max(initial=0)) + 1) + objects.label[rows]
    group = group * (int(objects.page.max(initial=0)) + 1) + objects.page[rows]
    found = [(none, none)]
    for one, other in overlapping(group, objects.annotator[rows], squares(objects.bounds[rows])):
        i, j = rows[one], rows[other]
        counts = free(i, j)
        i, j = i[counts], j[counts]
        # What is nearest to neither of the two among some pairs is not so among all.
        left, right = _nearest(objects, answer, i, j)
        found.append((i[left | right], j[left | right]))
    i, j = (np.concatenate(side) for side in zip(*found, strict=True))
    left, right = _nearest(objects, answer, i, j)
    return i[left & right], j[left & right]


def squares(bounds: Floats) -> Floats:
    """The squares around the middles of bounds (n x 4) whose sides are the longer ones of these."""
    middle = (bounds[:, :2] + bounds[:, 2:]) / 2
    half = (bounds[:, 2:] - bounds[:, :2]).max(axis=1, keepdims=True) / 2
    return np.concatenate([middle - half, middle + half], axis=1)


def distance(bounds: Floats, i: Integers, j: Integers) -> Floats:
    """From the middle of the bounds (n x 4) of i to that of j."""
    middle = (bounds[:, :2] + bounds[:, 2:]) / 2
    return np.asarray(np.hypot(*(middle[i] - middle[j]).T))


def _nearest(objects: Objects, answer: Integers, i: Integers, j: Integers) -> tuple[NDArray[np.bool_], ...]:
    """Which pairs are the nearest of i in the answer of j, and of j in that of i; where they lie decides a tie."""
    way = distance(objects.bounds, i, j)
    low, high = objects.bounds[i], objects.bounds[j]
    corners = (*np.maximum(low, high).T, *np.minimum(low, high).T, way)
    answers = int(answer.max(initial=0)) + 1
    found = []
    for node in (i * answers + answer[j], j * answers + answer[i]):
        order = np.lexsort((*corners, node))
        first = np.zeros(len(i), dtype=bool)
        first[order[np.unique(node[order], return_index=True)[1]]] = True
        found.append(first)
    return tuple(found)
