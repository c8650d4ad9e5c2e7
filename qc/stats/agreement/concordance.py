"""Kendall's W: how far annotators put the same things in the same order."""

from __future__ import annotations

from math import isfinite, nan, sqrt
from typing import Final

import numpy as np
from scipy.special import stdtrit

from qc.model import Estimate
from qc.stats.agreement.deletions import jackknife_variance, team_variance
from qc.stats.agreement.jackknife import LEVEL, Both
from qc.stats.patterns import Floats

GROUPS: Final = 100
"""With more items than this, a jackknife leaves out so many groups of items in turn."""

FEW_ITEMS: Final = 20
NOT_CROSSED: Final = "fewer than two items were placed by two annotators or more, all of them"
ALL_ALIKE: Final = "without any one item or annotator nothing changes: the data do not show how sure that is"
NO_SPREAD: Final = 1e-15
NO_ORDER: Final = "every annotator put all items in one place"


def kendall_w(values: Floats) -> float:
    """W of items x annotators, with mid-ranks and the correction for ties; NaN without an order.

    W = 12 S / (m² (n³ - n) - m Σ (t³ - t)) = χ² of Friedman / (m (n - 1)). Source: Kendall & Babington Smith 1939.
    """
    n, m = values.shape
    if n < 2 or m < 1:
        return nan
    # Takes as long to load as most commands take.
    from scipy.stats import rankdata

    ranks = np.asarray(rankdata(values, axis=0), dtype=np.float64) - (n + 1) / 2
    # Σ (t³ - t) over the ties of an annotator is n³ - n less twelve times the squares of centred mid-ranks.
    room = m * float((ranks**2).sum())
    return float((ranks.sum(axis=1) ** 2).sum()) / room if room > 0 else nan


def concordance(values: Floats) -> Both:
    """Kendall's W of n items x m annotators without gaps, for such a team and for these annotators.

    Undefined for fewer than two of either, and where nobody tells the items apart. Items are left out one by one (in
    groups where there are many) and ranked anew; the interval for such a team adds the jackknife of annotators, whose
    common noise counts twice, so that it is rather too wide.
    """
    n, m = values.shape
    if n < 2 or m < 2:
        return Both.undefined("only one annotator" if n and m == 1 else NOT_CROSSED, n, "items")
    value = kendall_w(values)
    if not isfinite(value):
        return Both.undefined(NO_ORDER, n, "items")
    group = np.arange(n) % GROUPS
    without_items = np.array([kendall_w(values[group != one]) for one in range(min(n, GROUPS))])
    of_items = jackknife_variance(without_items, np.ones(len(without_items), dtype=np.int64))
    warnings = [f"fewer than {FEW_ITEMS} items"] if n < FEW_ITEMS else []
    items = _estimate(value, of_items, len(without_items) - 1, n, "items", warnings)
    if m < 3:
        few = "two annotators cannot show how annotators differ: the interval holds for these annotators only"
        return Both(_estimate(value, of_items, len(without_items) - 1, n, "items", [few, *warnings]), items)
    without = np.array([kendall_w(np.delete(values, one, axis=1)) for one in range(m)])
    of_annotators = jackknife_variance(without, np.ones(m, dtype=np.int64))
    team = team_variance(of_items, of_annotators, 0.0)
    return Both(_estimate(value, team, m - 1, n, "items and annotators", warnings), items)


def _estimate(value: float, variance: float, freedom: int, n: int, over: str, warnings: list[str]) -> Estimate:
    known = isfinite(variance) and variance > NO_SPREAD
    half = float(stdtrit(freedom, (1 + LEVEL) / 2)) * sqrt(variance) if known else 1.0
    if not known:
        warnings = [ALL_ALIKE, *warnings]
    low, high = max(value - half, 0.0), min(value + half, 1.0)
    return Estimate(value, low, high, n, "items", f"{over}, {LEVEL * 100:g} %", "; ".join(warnings) or None)
