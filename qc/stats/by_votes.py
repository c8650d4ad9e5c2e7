"""How often the majority is right when each item gets k labels instead of all that it has."""

from __future__ import annotations

from dataclasses import dataclass
from math import comb
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qc.model import Estimate
from qc.stats.intervals import wilson_bounds

Floats = NDArray[np.float64]

METHOD: Final = "every choice of k of an item's labels, ties shared, exact; Wilson over items, 95 %"
# Items with fewer labels than this share of the items have are left out, so that all k speak of the same items.
FEWEST_AT: Final = 0.1


@dataclass(frozen=True, slots=True)
class Votes:
    """One row of the curve: so many labels an item, and the share of items whose majority is wrong."""

    labels: int
    error: Estimate


def majority_by_k(counts: ArrayLike, truth: ArrayLike) -> tuple[Votes, ...]:
    """The error of the majority of k labels chosen at random of those that each item got, for every k.

    counts: labels given, one row per item and one column per label; truth: the column that is right. k runs to what
    nine tenths of the items have; items with fewer are left out. Nothing is smoothed: even k share more ties, and more
    labels may make the majority worse where most annotators err on the same items (Condorcet 1785).
    """
    given, right = np.asarray(counts, np.int64), np.asarray(truth, np.int64)
    if not len(given):
        return ()
    most = int(np.quantile(given.sum(axis=1), FEWEST_AT, method="lower"))
    enough = given.sum(axis=1) >= most
    given, right = given[enough], right[enough]
    own = given[np.arange(len(given)), right]
    others = np.sort(np.where(np.arange(given.shape[1]) == right[:, None], 0, given), axis=1)[:, ::-1]
    patterns, items = np.unique(np.column_stack([own, others]), axis=0, return_counts=True)
    accuracy = np.array([_accuracy(int(row[0]), tuple(row[1:][row[1:] > 0].tolist()), most) for row in patterns])
    return tuple(Votes(k, _error(accuracy[:, k - 1], items)) for k in range(1, most + 1))


def _accuracy(own: int, others: tuple[int, ...], most: int) -> Floats:
    """P(the majority of k of the labels is the true one, ties shared) for k = 1 … most."""
    total = own + sum(others)
    right = np.zeros(most)
    for wins in range(1, own + 1):
        # ways[picked, tied]: how many choices of others' labels give none of them more than `wins`.
        ways = {(0, 0): 1}
        for count in others:
            step: dict[tuple[int, int], int] = {}
            for (picked, tied), number in ways.items():
                for taken in range(min(count, wins, most - wins - picked) + 1):
                    key = picked + taken, tied + (taken == wins)
                    step[key] = step.get(key, 0) + number * comb(count, taken)
            ways = step
        for (picked, tied), number in ways.items():
            if wins + picked <= most:
                k = wins + picked
                right[k - 1] += comb(own, wins) * number / comb(total, k) / (tied + 1)
    return right


def _error(accuracy: Floats, items: NDArray[np.int64]) -> Estimate:
    n = int(items.sum())
    wrong = 1 - accuracy
    mean = float(wrong @ items / n)
    variance = float((wrong - mean) ** 2 @ items) / n / max(n - 1, 1)
    worth = mean * (1 - mean) / variance if variance > 0 else float(n)
    low, high = wilson_bounds(min(max(mean, 0.0), 1.0), worth)
    return Estimate(mean, float(low), float(high), n, "gold items", METHOD)
