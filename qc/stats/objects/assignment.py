"""Optimal assignment of one annotator's objects to another's, after a gate."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from qc.stats.patterns import Floats, Integers

LARGEST: Final = 4_000_000
"""Cells of the largest group of objects in conflict that is solved exactly; beyond it the best pair goes first."""


def assigned(left: Integers, right: Integers, weight: Floats) -> NDArray[np.bool_]:
    """Which edges to keep so that no node has two and the sum of their weights is greatest.

    left, right: the nodes of each edge, 0 … on either side; weight: above 0, of edges that passed the gate. Edges
    that compete with none are kept at once, the best of a star likewise; Hungarian method for the groups that remain.
    """
    kept = np.zeros(len(left), dtype=bool)
    if not len(left):
        return kept
    of_left, of_right = np.bincount(left)[left], np.bincount(right)[right]
    lone = (of_left == 1) & (of_right == 1)
    kept[lone] = True
    rest = np.flatnonzero(~lone)
    if not len(rest):
        return kept
    lefts, u = np.unique(left[rest], return_inverse=True)
    rights, v = np.unique(right[rest], return_inverse=True)
    nodes = len(lefts) + len(rights)
    graph = csr_array((np.ones(len(rest)), (u, v + len(lefts))), shape=(nodes, nodes))
    group = connected_components(graph, directed=False)[1][u]
    order = np.lexsort((-weight[rest], group))
    rest, u, v, group = rest[order], u[order], v[order], group[order]
    _, start, edges = np.unique(group, return_index=True, return_counts=True)
    star = np.maximum.reduceat(np.maximum(of_left[rest], of_right[rest]), start) == edges
    kept[rest[start[star]]] = True
    rows, columns = _within(group, u, start), _within(group, v, start)
    for begin, size in zip(start[~star].tolist(), edges[~star].tolist(), strict=True):
        part = slice(begin, begin + size)
        kept[rest[part][_best(rows[part], columns[part], weight[rest[part]])]] = True
    return kept


def _within(group: Integers, node: Integers, start: Integers) -> Integers:
    """Numbers the nodes of each group from 0; groups lie one after the other from `start`."""
    number = np.unique(group * (int(node.max()) + 1) + node, return_inverse=True)[1]
    lowest = np.minimum.reduceat(number, start)
    return np.asarray(number - np.repeat(lowest, np.diff(np.append(start, len(group)))))


def _best(row: Integers, column: Integers, weight: Floats) -> Integers:
    """Which edges of one group, given from the heaviest down."""
    shape = int(row.max()) + 1, int(column.max()) + 1
    if shape[0] * shape[1] > LARGEST:
        return _heaviest_first(row, column)
    table = np.zeros(shape)
    table[row, column] = weight
    chosen = np.full(shape[0], -1)
    at, to = linear_sum_assignment(table, maximize=True)
    chosen[at] = to
    return np.flatnonzero(chosen[row] == column)


def _heaviest_first(row: Integers, column: Integers) -> Integers:
    taken: tuple[set[Any], set[Any]] = (set(), set())
    found = []
    for place, (one, other) in enumerate(zip(row.tolist(), column.tolist(), strict=True)):
        if one not in taken[0] and other not in taken[1]:
            taken[0].add(one)
            taken[1].add(other)
            found.append(place)
    return np.array(found, dtype=np.int64)
