"""Every two answers to the same item, in blocks that fit into memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from qc.stats.patterns import Integers

BLOCK: Final = 1_000_000
"""Pairs that are held at a time; an item is never divided."""


def pairs_within(item: Integers, block: int = BLOCK) -> Iterator[tuple[Integers, Integers]]:
    """The rows of every two answers to one item, each pair once; `item` is sorted, the first row of a pair is earlier.

    >>> [(first.tolist(), second.tolist()) for first, second in pairs_within(np.array([3, 3, 3, 5, 8, 8]))]
    [([0, 0, 1, 4], [1, 2, 2, 5])]
    """
    n = len(item)
    if not n:
        return
    starts = np.flatnonzero(np.concatenate([[True], item[1:] != item[:-1]]))
    ends = np.append(starts[1:], n)
    last = np.repeat(ends, ends - starts)
    later = last - np.arange(n) - 1
    before = np.concatenate([[0], np.cumsum(later)])
    low = 0
    while low < n:
        full = np.searchsorted(before[ends], before[low] + block, "right")
        high = int(ends[max(int(full) - 1, int(np.searchsorted(ends, low, "right")))])
        repeats = later[low:high]
        if repeats.any():
            first = np.repeat(np.arange(low, high), repeats)
            offset = np.arange(len(first)) - np.repeat(before[low:high] - before[low], repeats)
            yield first, first + 1 + offset
        low = high
