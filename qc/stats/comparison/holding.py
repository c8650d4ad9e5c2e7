"""Whether one part holds the standard of another: not worse by more than a margin, and that is shown, not assumed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from scipy.special import stdtrit

from qc.stats.comparison.sides import LEVEL, Gapped, Side

HOLDS, FAILS, UNCLEAR = "holds the standard", "does not hold the standard", "not yet clear"
ALPHA: Final = 1 - LEVEL


@dataclass(frozen=True, slots=True)
class Standard:
    """The margin, the most by which the second may be worse (one-sided, 95 %), p and the verdict."""

    margin: float
    at_most: float | None
    p: float | None
    p_worse: float | None
    verdict: str


def standard(first: Side, second: Side, margin: float) -> Standard:
    """A test of non-inferiority of the second's error rate: is it worse than the first's by less than the margin?

    p: of data as good as these if it were worse by the whole margin; p_worse: as bad as these if it were not worse by
    more. "not yet clear" where neither is under 5 %, or one of the rates is undefined. Source: Blackwelder 1982.
    """
    if first.reason is not None or second.reason is not None:
        return Standard(margin, None, None, None, UNCLEAR)
    gap = Gapped(first, second)
    beyond = gap.beyond(margin)
    p, p_worse = (beyond, 1 - beyond) if gap.value < margin else (1 - beyond, beyond)
    at_most = gap.limits(float(stdtrit(gap.freedom, LEVEL)))[1]
    return Standard(margin, at_most, p, p_worse, told(p, p_worse))


def told(p: float | None, p_worse: float | None) -> str:
    """The verdict that two p-values allow, adjusted or not."""
    if p is not None and p < ALPHA:
        return HOLDS
    return FAILS if p_worse is not None and p_worse < ALPHA else UNCLEAR
