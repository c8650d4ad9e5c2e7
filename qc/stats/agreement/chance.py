"""Agreement by chance of answers compared by distance, for the data and for every replicate of a jackknife."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.sparse import csr_array

from qc.stats.patterns import Floats, Integers

Distance = Callable[[Integers, Integers], Floats]
"""From indices of values to how far they are apart, pair by pair: 0 for equal ones, symmetric."""

MOST_VALUES: Final = 1500
"""Distinct values beyond which chance is drawn, not computed."""
DRAWN_PAIRS: Final = 100_000
RARE: Final = 0.05
"""Two answers are closer than chance where fewer of any two answers are as close."""

_CELLS: Final = 4_000_000


@dataclass(frozen=True, eq=False, slots=True)
class Leave:
    """What leaves with each replicate: answer i leaves with `own[i]`, and with `other[i]` (-1: none) for being alone.

    `distance` is the loss of the sum of distances; `inner` the sum of the distances among the answers that leave, where
    it is known. A replicate counts `counts` times.
    """

    own: Integers
    other: Integers
    distance: Floats
    whole: float
    counts: Integers
    inner: Floats | None

    @property
    def lost(self) -> Integers:
        """How many answers leave with each replicate."""
        size = len(self.counts)
        alone = self.other[self.other >= 0]
        return np.asarray(np.bincount(self.own, minlength=size) + np.bincount(alone, minlength=size))

    def observed(self, n: int) -> Floats:
        """D_o of every replicate, NaN where nothing is left."""
        left = n - self.lost
        return np.asarray(np.divide(self.whole - self.distance, left, out=np.full(len(left), np.nan), where=left > 0))


@dataclass(frozen=True, eq=False, slots=True)
class Exact:
    """D_e from the distances of all distinct values (V x V); `value` is the place of each answer's.

    `all` is D_e of all answers, `rare` the greatest distance that few pairs keep to (None: no distance is rare).
    """

    all: float
    rare: float | None
    table: Floats
    value: Integers

    def without(self, leave: Leave) -> Floats:
        """D_e of every replicate, NaN where nothing is left."""
        n = len(self.value)
        totals = np.bincount(self.value, minlength=len(self.table)).astype(np.float64)
        to_all = self.table @ totals
        size, alone = len(leave.counts), leave.other >= 0
        to_others = np.bincount(leave.own, to_all[self.value], size)
        to_others += np.bincount(leave.other[alone], to_all[self.value[alone]], size)
        inner = self._inner(leave) if leave.inner is None else leave.inner
        left = n - leave.lost
        pairs = left * (left - 1.0)
        total = float(totals @ to_all) - 2 * to_others + inner
        return np.asarray(np.divide(total, pairs, out=np.full(size, np.nan), where=pairs > 0))

    def _inner(self, leave: Leave) -> Floats:
        alone = leave.other >= 0
        rows = np.concatenate([leave.own, leave.other[alone]])
        columns = np.concatenate([self.value, self.value[alone]])
        given = csr_array((np.ones(len(rows)), (rows, columns)), shape=(len(leave.counts), len(self.table)))
        step = max(1, _CELLS // len(self.table))
        parts = [given[low : low + step] for low in range(0, given.shape[0], step)]
        return np.concatenate([np.asarray(part.multiply(part @ self.table).sum(axis=1)).reshape(-1) for part in parts])


@dataclass(frozen=True, eq=False, slots=True)
class Drawn:
    """D_e from pairs of answers that were drawn; `all` and `rare` as in Exact."""

    all: float
    rare: float | None
    first: Integers
    second: Integers
    distances: Floats

    def without(self, leave: Leave) -> Floats:
        """D_e of every replicate, NaN where nothing is left."""
        gone = np.stack([leave.own[self.first], leave.other[self.first]])
        gone = np.sort(np.concatenate([gone, leave.own[self.second][None], leave.other[self.second][None]]), axis=0)
        once = (gone >= 0) & np.concatenate([np.ones((1, gone.shape[1]), dtype=bool), gone[1:] != gone[:-1]])
        size, lengths = len(leave.counts), np.broadcast_to(self.distances, gone.shape)
        left = len(self.distances) - np.bincount(gone[once], minlength=size)
        total = float(self.distances.sum()) - np.bincount(gone[once], lengths[once], size)
        return np.asarray(np.divide(total, left, out=np.full(size, np.nan), where=left > 0))


def chance_of(value: Integers, distance: Distance, seed: int) -> Exact | Drawn:
    """Chance for these answers: exact up to MOST_VALUES distinct values, beyond from DRAWN_PAIRS drawn with `seed`."""
    known, code = np.unique(value, return_inverse=True)
    return _exact(known, code, distance) if len(known) <= MOST_VALUES else _drawn(value, distance, seed)


def _exact(known: Integers, code: Integers, distance: Distance) -> Exact:
    n, width = len(code), len(known)
    table = np.zeros((width, width))
    step = max(1, _CELLS // 4 // width)
    for low in range(0, width, step):
        first, second = np.meshgrid(np.arange(low, min(low + step, width)), np.arange(width))
        upper = first < second
        table[first[upper], second[upper]] = distance(known[first[upper]], known[second[upper]])
    table += table.T
    totals = np.bincount(code).astype(np.float64)
    weights = np.outer(totals, totals) - np.diag(totals)
    cells = np.tril_indices(width)
    rare = _rare(table[cells], np.where(cells[0] == cells[1], 1.0, 2.0) * weights[cells])
    return Exact(float(totals @ table @ totals) / (n * (n - 1)), rare, table, code)


def _drawn(value: Integers, distance: Distance, seed: int) -> Drawn:
    generator = np.random.default_rng(seed)
    first = generator.integers(0, len(value), DRAWN_PAIRS)
    second = (first + generator.integers(1, len(value), DRAWN_PAIRS)) % len(value)
    found = distance(value[first], value[second])
    return Drawn(float(found.mean()), _rare(found, np.ones(DRAWN_PAIRS)), first, second, found)


def _rare(distances: Floats, weights: Floats) -> float | None:
    """The greatest distance that at most RARE of all pairs keep to."""
    known, place = np.unique(distances, return_inverse=True)
    share = np.cumsum(np.bincount(place, weights)) / weights.sum()
    within = int(np.searchsorted(share, RARE + 1e-12, "right"))
    # A value that no pair has (an answer given once is as close to none as to itself) is no evidence.
    return float(known[within - 1]) if within and share[within - 1] > 0 else None
