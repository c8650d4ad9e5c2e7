"""Objects of several annotators that are one and the same: clusters of pairwise matches."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from qc.stats.objects.pairs import Candidates
from qc.stats.patterns import Floats, Integers


def clusters(annotator: Integers, bounds: Floats, matches: Candidates) -> Integers:
    """The cluster of each object (numbered from 0), in which an annotator has one object at most.

    matches: what each two annotators matched. Where these chain two objects of one annotator together, the most
    similar matches hold and the others give way; so neither the order of rows nor the names of annotators decide.
    bounds (n x 4) breaks ties. With two annotators the clusters are their optimal assignment.
    """
    n = len(annotator)
    graph = csr_array((np.ones(len(matches.i)), (matches.i, matches.j)), shape=(n, n))
    count, cluster = connected_components(graph, directed=False)
    _, first, size = np.unique(cluster * (int(annotator.max(initial=0)) + 1) + annotator, True, False, True)
    torn = np.zeros(count, dtype=bool)
    torn[cluster[first[size > 1]]] = True
    if not torn.any():
        return np.asarray(cluster, dtype=np.int64)
    among = matches.where(torn[cluster[matches.i]])
    found = np.asarray(cluster, dtype=np.int64)
    loose = np.flatnonzero(torn[cluster])
    found[loose] = count + _agglomerated(loose, annotator, bounds, among)
    return np.unique(found, return_inverse=True)[1]


def _agglomerated(places: Integers, annotator: Integers, bounds: Floats, matches: Candidates) -> Integers:
    """The clusters of some objects, from the most similar match down, never with two of one annotator."""
    i, j = np.searchsorted(places, matches.i), np.searchsorted(places, matches.j)
    low, high = bounds[matches.i], bounds[matches.j]
    corners = (np.minimum(low, high), np.maximum(low, high))
    order = np.lexsort((*corners[1].T, *corners[0].T, -matches.similarity))
    parent = list(range(len(places)))
    members = [{who} for who in annotator[places].tolist()]

    def root(node: int) -> int:
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for one, other in zip(i[order].tolist(), j[order].tolist(), strict=True):
        a, b = root(one), root(other)
        if a != b and members[a].isdisjoint(members[b]):
            parent[b] = a
            members[a] |= members[b]
    return np.array([root(node) for node in range(len(places))], dtype=np.int64)
