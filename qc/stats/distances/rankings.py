"""Distance between orders of preference."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from qc.model import Estimate, undefined
from qc.stats.agreement.chance import Distance
from qc.stats.agreement.deletions import jackknife_variance
from qc.stats.agreement.jackknife import Ground, Replicated, items_estimate
from qc.stats.agreement.pair_sums import few_items
from qc.stats.patterns import Floats, Integers

MOST_ENTRIES: Final = 100
_CELLS: Final = 4_000_000


def kendall(values: Sequence[Sequence[str]]) -> Distance:
    """The share of pairs of entries that two rankings put into opposite order: (1 - tau) / 2 of complete ones.

    values: entries, the best first. What one ranking leaves out shares the place below its last; a pair that only one
    of the two puts into an order counts half; only the first MOST_ENTRIES count. Sources: Kendall 1938; Fagin et al.
    2006 for partial rankings.
    """
    rankings = [list(dict.fromkeys(value))[:MOST_ENTRIES] for value in values]
    codes: dict[str, int] = {}
    longest = max([1, *map(len, rankings)])
    entries = np.full((len(rankings), longest), -1)
    for place, ranking in enumerate(rankings):
        entries[place, : len(ranking)] = [codes.setdefault(entry, len(codes)) for entry in ranking]
    step = max(1, _CELLS // (4 * longest * longest))

    def distance(first: Integers, second: Integers) -> Floats:
        found = [
            _discordant(entries[first[low : low + step]], entries[second[low : low + step]])
            for low in range(0, len(first), step)
        ]
        return np.concatenate(found) if found else np.zeros(0)

    return distance


NO_WHOLE_RANKINGS: Final = "no item has two rankings that all order the same entries"


def mean_w(item: NDArray[Any], value: NDArray[Any], rankings: Sequence[Sequence[str]]) -> tuple[Estimate, float | None]:
    """The mean over items of Kendall's W of their rankings, and what it would be by chance, the mean of 1 / m.

    The interval is for these annotators.

    item: codes; value: indices of `rankings`, one per answer. Only items count whose rankings (two or more) all order
    the same two or more entries: W = 12 S / (m² (n³ - n)). Undefined without one. Source: Kendall & Babington Smith
    1939.
    """
    whole = [dict.fromkeys(ranking) for ranking in rankings]
    codes: dict[str, int] = {}
    sets: dict[frozenset[str], int] = {}
    entries = [[codes.setdefault(entry, len(codes)) for entry in ranking] for ranking in whole]
    kind = np.array([sets.setdefault(frozenset(ranking), len(sets)) for ranking in whole] or [0])[value]
    n = np.array([len(ranking) for ranking in whole] or [0])[value]
    items, place, m = np.unique(item, return_inverse=True, return_counts=True)
    first = np.full(len(items), -1)
    first[place] = kind
    good = (m >= 2) & (np.bincount(place, kind != first[place], len(items)) == 0)
    good[place[n < 2]] = False
    rows = np.flatnonzero(good[place])
    if not len(rows):
        return undefined(NO_WHOLE_RANKINGS, 0, "items"), None
    of_row, width = np.repeat(place[rows], n[rows]), max(len(codes), 1)
    entry = np.array([code for row in value[rows].tolist() for code in entries[row]], dtype=np.int64)
    rank = np.arange(len(entry)) - np.repeat(np.cumsum(n[rows]) - n[rows], n[rows]) + 1
    keys, at = np.unique(of_row * width + entry, return_inverse=True)
    whose = keys // width
    size = np.bincount(whose, minlength=len(items)).astype(np.float64)
    sums = np.bincount(at, rank)
    squares = np.bincount(whose, (sums - m[whose] * (size[whose] + 1) / 2) ** 2, len(items))
    found = (12 * squares[good]) / (m[good] ** 2 * (size[good] ** 3 - size[good]))
    value_w, count = float(found.mean()), len(found)
    left = (found.sum() - found) / max(count - 1, 1)
    variance = jackknife_variance(left, np.ones(count, dtype=np.int64)) if count > 1 else float("nan")
    ground = Ground(count, 2.0, value_w, 1.0, 0.0, few_items(count))
    found_w = items_estimate(Replicated(value_w, variance, variance, variance), ground)
    return found_w, float((1 / m[good]).mean())


def _discordant(one: Integers, other: Integers) -> Floats:
    """Of each row of entries (-1: none) the share of pairs in opposite order, over all that either of them ranks."""
    longest = one.shape[1]
    same = (one[:, :, None] == other[:, None, :]) & (one[:, :, None] >= 0)
    here, place = same.any(axis=2), np.arange(longest)
    # All that the first ranks, then what only the other does; unranked entries share the last place.
    in_one = np.concatenate([np.broadcast_to(place, one.shape), np.full(one.shape, longest)], axis=1)
    in_other = np.concatenate([np.where(here, same.argmax(axis=2), longest), np.broadcast_to(place, one.shape)], axis=1)
    ranked = np.concatenate([one >= 0, (other >= 0) & ~same.any(axis=1)], axis=1)
    apart = np.abs(_order(in_one) - _order(in_other)) / 2
    counted = ranked[:, :, None] & ranked[:, None, :]
    entries = ranked.sum(axis=1)
    pairs = (entries * (entries - 1)).astype(np.float64)
    total = np.where(counted, apart, 0.0).sum(axis=(1, 2))
    # A single entry or none at all has no order to differ in.
    return np.asarray(np.divide(total, pairs, out=np.zeros(len(pairs)), where=pairs > 0), dtype=np.float64)


def _order(places: Integers) -> Integers:
    return np.asarray(np.sign(places[:, :, None] - places[:, None, :]))
