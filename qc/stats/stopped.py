"""Whether a pattern has become rarer since a rule was written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from qc.model import Estimate, undefined
from qc.stats.intervals import difference, proportion

FEWEST: Final = 10
"""Items before and after below which nothing is said."""

RARER: Final = "rarer"
MORE: Final = "more frequent"
UNCLEAR: Final = "not yet clear"
TOO_LITTLE: Final = "too little data"


@dataclass(frozen=True, slots=True)
class BeforeAfter:
    """Shares of items with a pattern before and after a moment, how much the share fell, and the test of it.

    p: Fisher's exact test, two-sided; None where it cannot be made. verdict: RARER or MORE where the interval of the
    fall excludes 0, else UNCLEAR; TOO_LITTLE below FEWEST items on either side.
    """

    before: Estimate
    after: Estimate
    fall: Estimate
    p: float | None
    verdict: str


def before_and_after(found: int, of: int, found_after: int, of_after: int) -> BeforeAfter:
    """Items with the pattern among those that could have it, before and after.

    0 <= found <= of. Each item counts as one independent trial. The interval of the fall is Newcombe's from those of
    the two shares. Sources: Fisher 1922; Newcombe 1998 (difference), whose 56/70 against 48/80 gives 0.0524 to 0.3339.

    >>> print(before_and_after(56, 70, 48, 80).fall, "|", before_and_after(56, 70, 48, 80).verdict)
    0.2 (0.0524–0.334), 70 items | rarer
    """
    before, after = _share(found, of), _share(found_after, of_after)
    fall = difference(before, after)
    if not (of and of_after):
        return BeforeAfter(before, after, fall, None, TOO_LITTLE)
    # Half a second to load, and only this page needs it.
    from scipy.stats import fisher_exact

    table = [[found, of - found], [found_after, of_after - found_after]]
    p = float(fisher_exact(table).pvalue)
    return BeforeAfter(before, after, fall, p, _verdict(fall, min(of, of_after)))


def _share(found: int, of: int) -> Estimate:
    return proportion(found, of, unit="items") if of else undefined("no such item was answered", unit="items")


def _verdict(fall: Estimate, fewest: int) -> str:
    if fewest < FEWEST or fall.low is None or fall.high is None:
        return TOO_LITTLE
    if fall.low > 0:
        return RARER
    return MORE if fall.high < 0 else UNCLEAR
