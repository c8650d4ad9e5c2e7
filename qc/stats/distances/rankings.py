"""Distance between orders of preference."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from qc.stats.agreement.chance import Distance
from qc.stats.patterns import Floats, Integers

_CELLS: Final = 4_000_000


def kendall(values: Sequence[Sequence[str]]) -> Distance:
    """The share of pairs of entries that two rankings put into opposite order: (1 - tau) / 2 of complete ones.

    values: entries, the best first. What one ranking leaves out shares the place below its last; a pair that only one
    of the two puts into an order counts half. Sources: Kendall 1938; Fagin et al. 2006 for partial rankings.
    """
    rankings = [list(dict.fromkeys(value)) for value in values]
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
