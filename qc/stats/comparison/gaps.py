"""Groups whose errors differ from those of the rest by more than noise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from qc.model import Estimate
from qc.stats.comparison.answers import Cells, error_side
from qc.stats.comparison.sides import difference, estimate
from qc.stats.multiple import benjamini_hochberg

WORSE, BETTER, NOISE, LITTLE = "worse than the rest", "better than the rest", "no more than noise", "too little data"


@dataclass(frozen=True, slots=True)
class Gap:
    """One group beside the rest of the work: both rates, the first less the second, p and what may be said."""

    key: Any
    n: int
    errors: int
    rate: Estimate
    rest: Estimate
    gap: Estimate
    p: float | None
    p_adjusted: float | None
    verdict: str


def gaps(parts: Cells, whole: Cells, least: int, effect: float, false_discovery: float) -> tuple[Gap, ...]:
    """Every group of `parts` beside all of `whole` that is not in it.

    A group with fewer than `least` judged answers, or with fewer beside it, is not tested. Flagged are gaps of at
    least `effect` whose p, adjusted for the groups tested, is under `false_discovery`. Source: Benjamini & Hochberg
    1995.
    """
    found = []
    for key in parts.keys:
        own = parts.row(key)
        rest = whole.less(own)
        first, second = error_side(rest), error_side(own)
        gap, p = difference(first, second)
        tested = min(own.n.sum(), rest.n.sum()) >= least
        found.append((key, own, estimate(second), estimate(first), gap, p if tested else None))
    adjusted = adjust([row[-1] for row in found])
    return tuple(
        Gap(
            key,
            round(own.n.sum()),
            round(own.errors.sum()),
            rate,
            rest_rate,
            gap,
            p,
            q,
            flagged(gap, q, effect, false_discovery),
        )
        for (key, own, rate, rest_rate, gap, p), q in zip(found, adjusted, strict=True)
    )


def adjust(p: Sequence[float | None]) -> list[float | None]:
    """p-values adjusted for the false discovery rate; None stays None and counts for nothing."""
    adjusted = iter(benjamini_hochberg([value for value in p if value is not None]).tolist())
    return [None if value is None else next(adjusted) for value in p]


def flagged(gap: Estimate, q: float | None, effect: float, false_discovery: float, *, more_is: str = WORSE) -> str:
    """What may be said of a gap with an adjusted p; more_is: what a positive one means."""
    if q is None or gap.value is None:
        return LITTLE
    if q >= false_discovery or abs(gap.value) < effect:
        return NOISE
    return more_is if gap.value > 0 else BETTER if more_is == WORSE else WORSE
