"""Whether a batch is like the batches before it: its labels, its values, its lengths."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc, ndtr, ndtri

from qc.model import Estimate
from qc.stats.intervals import wilson

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

# A label expected less often, in the smaller of the two, is counted with others.
FEWEST: Final = 5.0
# Lengths outside of the middle 99 % of what was seen before are unusual.
TAIL: Final = 0.005
FEW_ITEMS: Final = 2


@dataclass(frozen=True, slots=True)
class Mix:
    """A batch against those before it: how far its labels moved (half of the absolute differences), and p.

    `labels`: codes told apart; `share`, `before`: their shares; `z`: each difference over its standard error.
    """

    items: int
    items_before: int
    moved: float
    p: float | None
    labels: Integers
    share: Floats
    before: Floats
    z: Floats


def mix_against(item: Integers, code: Integers, before_item: Integers, before_code: Integers) -> Mix:
    """The label mix of answers (one row each: item, label) against those before; items are the clusters.

    p: Rao and Scott's first-order correction of Pearson's statistic, since answers to one item are alike; None where
    fewer than two labels can be told apart or a side has fewer than FEW_ITEMS items. Source: Rao & Scott 1981.
    """
    labels = np.unique(np.concatenate([code, before_code])) if len(code) + len(before_code) else np.zeros(0, np.int64)
    own, other = _shares(item, code, labels), _shares(before_item, before_code, labels)
    gap = own.share - other.share
    moved = float(np.abs(gap).sum() / 2)
    spread = own.variance + other.variance
    z = np.divide(gap, np.sqrt(spread), out=np.zeros_like(gap), where=spread > 0)
    return Mix(own.items, other.items, moved, _p(own, other), labels, own.share, other.share, z)


def new_values(now: Mapping[str, int], before: Mapping[str, int]) -> dict[str, int]:
    """Values of a batch that no earlier one had, and how many items have each."""
    return {value: n for value, n in now.items() if value not in before}


def outside(lengths: Floats, before: Floats) -> tuple[Estimate, float, tuple[float, float]]:
    """The share of lengths outside the middle 99 % of those before, p against its being 1 %, and those limits.

    Both are known and not empty. p is one-sided by the score test, and allows for limits that are themselves
    estimated from `before`.
    """
    low, high = np.quantile(before, (TAIL, 1 - TAIL))
    out = int(((lengths < low) | (lengths > high)).sum())
    n, expected = len(lengths), 2 * TAIL
    # Beyond the limits of a sample lie a little more than the share cut off: one order statistic at each end.
    expected += 2 * (1 - expected) / (len(before) + 1)
    variance = expected * (1 - expected) * (1 / n + 1 / len(before))
    excess = out / n - expected - 0.5 / n
    p = float(ndtr(-max(excess, 0.0) / np.sqrt(variance))) if excess > 0 else 0.5
    return wilson(out, n, unit="items"), p, (float(low), float(high))


def standing_out(z: Floats, level: float = 0.95) -> float:
    """The z beyond which one of these labels stands out, whichever it is. Source: Bonferroni's inequality."""
    return float(ndtri(1 - (1 - level) / (2 * max(len(z), 1))))


@dataclass(frozen=True, slots=True)
class _Shares:
    items: int
    answers: int
    share: Floats
    variance: Floats


def _shares(item: Integers, code: Integers, labels: Integers) -> _Shares:
    """The share of each label among answers and its variance between items."""
    n = len(item)
    if not n:
        nothing = np.zeros(len(labels))
        return _Shares(0, 0, nothing, nothing)
    names, place = np.unique(item, return_inverse=True)
    column = np.searchsorted(labels, code)
    size = np.bincount(place, minlength=len(names)).astype(float)
    keys, counts = np.unique(place.astype(np.int64) * len(labels) + column, return_counts=True)
    row, label = keys // len(labels), keys % len(labels)
    share = np.bincount(column, minlength=len(labels)) / n
    # Σ over items of (count − share · size)², without a table of items by labels.
    squares = np.bincount(label, counts.astype(float) ** 2, len(labels))
    cross = np.bincount(label, counts * size[row], len(labels))
    total = squares - 2 * share * cross + share**2 * float((size**2).sum())
    m = len(names)
    variance = np.maximum(total, 0) / n**2 * (m / (m - 1) if m > 1 else 1.0)
    return _Shares(m, n, share, variance)


def _p(own: _Shares, other: _Shares) -> float | None:
    if min(own.items, other.items) < FEW_ITEMS:
        return None
    both = (own.share * own.answers + other.share * other.answers) / (own.answers + other.answers)
    rare = both * min(own.answers, other.answers) < FEWEST
    kept = ~rare
    gap, spread, share = ((own.share - other.share)[kept], (own.variance + other.variance)[kept], both[kept])
    if rare.any():
        # Rare labels count as one; their variance as if no two stood on one item.
        gap = np.append(gap, (own.share - other.share)[rare].sum())
        spread = np.append(spread, (own.variance + other.variance)[rare].sum())
        share = np.append(share, both[rare].sum())
    told = share > 0
    freedom = int(told.sum()) - 1
    if freedom < 1:
        return None
    statistic = float((gap[told] ** 2 / share[told]).sum())
    mean = float((spread[told] / share[told]).sum())
    return float(chdtrc(freedom, freedom * statistic / mean)) if mean > 0 else None
