"""How alike people's answers are within batches, sites and guideline versions, where answers are more than equal."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from qc.model import undefined
from qc.stats.agreement.pair_sums import PairSums, grouped
from qc.workspace.assess.lens import Lens
from qc.workspace.assess.splits import FEWEST_ITEMS, MOST_KEYS, SPLITS, left_out

OF_ITEMS: Final = ("batch", "guideline", "site")
NOTHING: Final = "nobody marked anything in this group"
NO_ALPHA: Final = "within groups only how alike the answers of two people are is told"


def item_splits(lens: Lens, sums: PairSums) -> list[dict[str, Any]]:
    """One entry per way to split that tells items apart, as `splits` gives for labels; `percent` is the ratio of sums.

    Items are as the export describes them; two answers to an item stand in one group.
    """
    base = lens.snapshot.base(lens.policy)
    described = lens.snapshot.rows(lambda _facts: base.items.select("item", *OF_ITEMS)).set_index("item")
    keys = described.reindex(np.unique(sums.item))
    # A single key that everything has splits nothing.
    return [
        _split(name, keys[name], sums)
        for name in OF_ITEMS
        if keys[name].notna().any() and keys[name].nunique(dropna=False) > 1
    ]


def _split(name: str, key_of: pd.Series, sums: PairSums) -> dict[str, Any]:
    counts = key_of.value_counts(sort=False).sort_index().sort_values(ascending=False, kind="stable")
    enough = counts[counts >= FEWEST_ITEMS]
    chosen = enough.index[:MOST_KEYS]
    group = chosen.get_indexer(pd.Index(key_of.reindex(sums.item)))
    within = sums.where(group >= 0)
    found = grouped(within, group[group >= 0].astype(np.int64), len(chosen), NOTHING) if len(chosen) else ()
    groups = [
        {
            "key": str(key),
            "items": int(counts[key]),
            "percent": team,
            "alpha": undefined(NO_ALPHA, int(counts[key]), "items"),
        }
        for key, (team, _) in zip(chosen, found, strict=True)
    ]
    without = int(key_of.isna().sum())
    return {
        "by": name,
        "groups": groups,
        "left_out": left_out(SPLITS[name], len(counts) - len(enough), len(enough) - len(chosen), without, "item"),
    }
