"""Whether two parts of the items differ in how alike people's answers are: weeks, guideline versions, sites."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, pairwise
from typing import Any, Final

import numpy as np
import pandas as pd

from qc.model import undefined
from qc.stats.agreement.difference import difference_of
from qc.stats.agreement.influences import of_pairs
from qc.stats.agreement.pair_sums import PairSums
from qc.stats.patterns import Integers
from qc.workspace.assess.differences import MOST_SITES, MOST_VERSIONS
from qc.workspace.assess.item_splits import described
from qc.workspace.assess.lens import Lens
from qc.workspace.assess.splits import FEWEST_ITEMS

NO_ALPHA: Final = "between parts only how alike the answers of two people are is compared"
Parts = Iterator[tuple[str, str, str, Integers, Integers]]


def item_differences(lens: Lens, sums: PairSums, weeks: pd.Series) -> list[dict[str, Any]]:
    """The last week less the one before, each guideline version less the one before it, and sites by twos.

    As `differences` gives for labels; `percent` is the difference of the two ratios of sums. weeks: of each item.
    """
    compared = np.unique(sums.item)
    of = weeks.reindex(compared)
    keys = described(lens).reindex(compared)
    return [_entry(sums, *parts) for parts in (*_weeks(of), *_versions(keys["guideline"], of), *_sites(keys["site"]))]


def _weeks(of: pd.Series) -> Parts:
    last = sorted(of.dropna().unique())[-2:]
    if len(last) == 2:
        yield "week", str(last[0]), str(last[1]), _items(of, last[0]), _items(of, last[1])


def _versions(of: pd.Series, weeks: pd.Series) -> Parts:
    """In the order in which they came into use."""
    first = {key: str(weeks[of == key].min()) for key in _enough(of)}
    order = sorted(first, key=lambda key: (first[key], key))[-MOST_VERSIONS:]
    for one, other in pairwise(order):
        yield "guideline", one, other, _items(of, one), _items(of, other)


def _sites(of: pd.Series) -> Parts:
    """The largest."""
    for one, other in combinations(sorted(_enough(of)[:MOST_SITES]), 2):
        yield "site", one, other, _items(of, one), _items(of, other)


def _enough(of: pd.Series) -> list[str]:
    counts = of.value_counts(sort=False).sort_index().sort_values(ascending=False, kind="stable")
    return [str(key) for key in counts[counts >= FEWEST_ITEMS].index]


def _items(of: pd.Series, key: Any) -> Integers:
    return np.asarray(of.index[of == key], np.int64)


def _entry(sums: PairSums, by: str, first: str, second: str, one: Integers, other: Integers) -> dict[str, Any]:
    found = difference_of(*(of_pairs(sums.where(np.isin(sums.item, items))) for items in (one, other)))
    n = len(one) + len(other)
    return {
        "by": by,
        "first": first,
        "second": second,
        "alpha": undefined(NO_ALPHA, n, "items"),
        "p": None,
        "alpha_items": undefined(NO_ALPHA, n, "items"),
        "p_items": None,
        "percent": found.team,
        "p_percent": found.p_team,
        "percent_items": found.items,
        "p_percent_items": found.p_items,
        "shared_items": found.shared_items,
        "shared_annotators": found.shared_annotators,
    }
