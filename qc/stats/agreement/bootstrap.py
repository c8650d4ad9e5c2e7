"""The exact bootstrap of items: as items of one pattern are alike, only how many are drawn of each pattern matters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import sqrt
from typing import Final

import numpy as np
from scipy.special import ndtr, ndtri, stdtr, stdtrit

from qc.model import Estimate, undefined
from qc.stats.agreement.basis import nothing_to_compare
from qc.stats.agreement.deletions import WHOLE, Deletion, nothing
from qc.stats.agreement.jackknife import LEVEL
from qc.stats.agreement.statistic import WEIGHTED, Labels, needs_pairs, statistic
from qc.stats.patterns import Floats, Integers, Patterns

TIMES: Final = 2_000
FEW_DEFINED: Final = 0.975

_CELLS: Final = 4_000_000
"""Patterns of replicates that are held at a time."""


@dataclass(frozen=True, slots=True)
class Resampled:
    """The limits of a resampled statistic, two-sided p against 0, and a warning where many replicates say nothing."""

    low: float
    high: float
    p_value: float
    warning: str | None


def bootstrap_items(
    patterns: Patterns,
    name: str = "alpha",
    level: str = "nominal",
    declared: int | Floats | None = None,
    times: int = TIMES,
    seed: int = 0,
) -> Estimate:
    """A coefficient with the bootstrap interval for these annotators on such items.

    name: of NAMES, or of WEIGHTED on a scale; level and declared: as in `agreement`. The limits are percentiles,
    expanded for few items (Hesterberg 2015, doi:10.1080/00031305.2015.1089789). The cost depends on the number of
    patterns, not of items. Undefined where the coefficient is.
    """
    used = patterns.pairable() if needs_pairs(name) else patterns
    shared = int(patterns.items[patterns.sizes >= 2].sum()) if len(patterns.items) else 0
    if reason := nothing_to_compare(patterns):
        return undefined(reason, shared, "items")
    labels = Labels.of(patterns, level, declared)
    if name in WEIGHTED and (reason := labels.no_weights):
        return undefined(reason, shared, "items")
    of = statistic(name, labels)
    value = float(of(used, nothing())[0])
    if shared < 2 or not np.isfinite(value):
        return undefined("nothing tells agreement from chance here", shared, "items")
    generator = np.random.default_rng(seed)
    values = np.concatenate([of(used, part) for part in resamples(used, drawn(used.items, times, generator))])
    limits = resampled(values, shared)
    method = f"items, bootstrap of {times:,}, {LEVEL * 100:g} %"
    return Estimate(value, min(limits.low, value), max(limits.high, value), shared, "items", method, limits.warning)


def drawn(items: Integers, times: int, generator: np.random.Generator) -> Integers:
    """How many items of each pattern are drawn in each replicate (times x P)."""
    return generator.multinomial(int(items.sum()), items / items.sum(), size=times)


def resamples(patterns: Patterns, draws: Integers) -> Iterator[Deletion]:
    """The replicates as what is left out of the data, or less than nothing of what is drawn more than once."""
    step = max(1, _CELLS // max(1, len(patterns.items)))
    for start in range(0, len(draws), step):
        less = patterns.items - draws[start : start + step]
        replicate, pattern = np.nonzero(less)
        whole = np.full(len(pattern), WHOLE)
        yield Deletion(np.ones(len(less), dtype=np.int64), replicate, pattern, whole, less[replicate, pattern])


def resampled(values: Floats, items: int) -> Resampled:
    """From the values of all replicates; those that are NaN are left aside, and counted in the warning.

    p is that for which the interval would end at 0.
    """
    known = np.sort(values[np.isfinite(values)])
    share = len(known) / len(values)
    warning = None if share >= FEW_DEFINED else f"undefined in {(1 - share) * 100:.0f} % of the resamples"
    if not len(known):
        return Resampled(-1.0, 1.0, 1.0, warning)
    wider = sqrt(items / (items - 1))
    tail = float(ndtr(wider * stdtrit(items - 1, (1 - LEVEL) / 2)))
    low, high = np.quantile(known, [tail, 1 - tail])
    below = (min(np.count_nonzero(known <= 0), np.count_nonzero(known >= 0)) + 1) / (len(known) + 1)
    p_value = 2 * float(stdtr(items - 1, ndtri(min(below, 0.5)) / wider))
    return Resampled(float(low), float(high), min(p_value, 1.0), warning)
