"""By how much somebody moves agreement: alpha without a person less alpha with everybody."""

from __future__ import annotations

from math import isnan, sqrt
from typing import Any, Final

import numpy as np
from scipy.sparse import csr_array
from scipy.special import stdtrit

from qc.model import Estimate, undefined
from qc.stats.agreement.alpha import ALPHA
from qc.stats.agreement.deletions import each_item, jackknife_variance, nothing
from qc.stats.patterns import Floats, Integers, Patterns

LEVEL: Final = 0.95
MOST_PEOPLE: Final = 120
MOST_WORK: Final = 100_000
"""People, and patterns times people, beyond which no interval is made: a third of a second."""

TOO_MANY: Final = "not computed for so many people and combinations of labels"
NO_ALPHA: Final = "alpha is undefined with or without this person"


def moved(patterns: Patterns, level: str) -> dict[Any, Estimate]:
    """Alpha without each annotator less alpha, paired by item: the jackknife of the difference, t(items − 1).

    level: a key of ALPHA. Items that only pair with this person leave with them. Undefined where either alpha is, and
    beyond MOST_PEOPLE and MOST_WORK.
    """
    shared = patterns.pairable()
    names = shared.annotators.tolist()
    n = int(shared.items.sum())
    if len(names) > MOST_PEOPLE or len(names) * len(shared.items) > MOST_WORK:
        return dict.fromkeys(names, undefined(TOO_MANY, n, "items"))
    if n < 2:
        return dict.fromkeys(names, undefined(NO_ALPHA, n, "items"))
    of = ALPHA[level]
    value, without_item = float(of(shared, nothing())[0]), of(shared, each_item(shared))
    starts = np.searchsorted(shared.annotator, np.arange(len(names) + 1))
    return {
        name: _moved(shared, level, value, without_item, slice(starts[who], starts[who + 1]))
        for who, name in enumerate(names)
    }


def _moved(patterns: Patterns, level: str, value: float, without_item: Floats, votes: slice) -> Estimate:
    """Of one annotator, whose votes are a stretch of the patterns'."""
    n = int(patterns.items.sum())
    pattern, code, times = patterns.pattern[votes], patterns.code[votes], patterns.votes[votes]
    # Of each pattern the items that this person answered, by the answer, and those of others only.
    untouched = patterns.items - np.bincount(pattern, times, len(patterns.items)).astype(np.int64)
    others = np.flatnonzero(untouched)
    of = np.concatenate([pattern, others])
    items = np.concatenate([times, untouched[others]])
    ones = csr_array((np.ones(len(code), np.int64), (np.arange(len(code)), code)), (len(of), patterns.counts.shape[1]))
    left = patterns.counts[of] - ones
    left.eliminate_zeros()
    keep = np.asarray(left.sum(axis=1)).reshape(-1) >= 2
    if items[keep].sum() < 2 or isnan(value):
        return undefined(NO_ALPHA, n, "items")
    rest = _items_only(patterns, csr_array(left[np.flatnonzero(keep)]), items[keep])
    alpha = float(ALPHA[level](rest, nothing())[0])
    moved = np.full(len(of), alpha)
    moved[keep] = ALPHA[level](rest, each_item(rest))
    variance = jackknife_variance(moved - without_item[of], items)
    if isnan(alpha) or isnan(variance):
        return undefined(NO_ALPHA, n, "items")
    half = float(stdtrit(n - 1, (1 + LEVEL) / 2)) * sqrt(variance)
    size = alpha - value
    return Estimate(size, size - half, size + half, n, "items", f"paired by item, {LEVEL * 100:g} %")


def _items_only(patterns: Patterns, counts: csr_array, items: Integers) -> Patterns:
    """Patterns without votes, which leaving out items does not need."""
    none = np.zeros(0, dtype=np.int64)
    return Patterns(counts, items, none, none, none, none, patterns.annotators[:0], patterns.labels, patterns.values)
