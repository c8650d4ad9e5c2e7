"""How alike people's answers are within batches, sites, guideline versions and tags, where they are more than equal."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd
from ibis import _

from qc.model import undefined
from qc.stats.agreement.pair_sums import PairSums, grouped
from qc.stats.patterns import Integers
from qc.workspace.assess.lens import Lens
from qc.workspace.assess.splits import FEWEST_ITEMS, MOST_KEYS, SPLITS, left_out

OF_ITEMS: Final = ("batch", "guideline", "site")
NOTHING: Final = "nobody marked anything in this group"
NO_ALPHA: Final = "within groups only how alike the answers of two people are is told"


def item_splits(lens: Lens, sums: PairSums) -> list[dict[str, Any]]:
    """One entry per way to split that tells items apart, as `splits` gives for labels; `percent` is the ratio of sums.

    Items are as the export describes them; two answers to an item stand in one group.
    """
    compared = np.unique(sums.item)
    keys = described(lens).reindex(compared)
    # A single key that everything has splits nothing; a tag is had or not.
    found = [
        _split(name, keys[name], sums)
        for name in OF_ITEMS
        if keys[name].notna().any() and keys[name].nunique(dropna=False) > 1
    ]
    tags = _tags(lens)
    tagged = tags[tags.index.isin(compared)]
    if tagged.empty:
        return found
    untagged = pd.Series(None, index=np.setdiff1d(compared, tagged.index), dtype=object)
    return [*found, _split("tag", pd.concat([tagged, untagged]), sums)]


def described(lens: Lens) -> pd.DataFrame:
    """Batch, guideline and site of each item, by its code."""
    base = lens.snapshot.base(lens.policy)
    return lens.snapshot.rows(lambda _facts: base.items.select("item", *OF_ITEMS)).set_index("item")


def _tags(lens: Lens) -> pd.Series:
    """The tags of each item, by its code: one row per item and tag."""
    base = lens.snapshot.base(lens.policy)

    def rows(facts: Any) -> Any:
        tagged = facts.items.filter(_.tags.length() > 0).select(its="item_id", tag=_.tags.unnest()).distinct()
        return base.items.join(tagged, [("item_id", "its")]).select("item", "tag")

    return lens.snapshot.rows(rows).set_index("item")["tag"].sort_index(kind="stable")


def _split(name: str, key_of: pd.Series, sums: PairSums) -> dict[str, Any]:
    """key_of: one row per item and key, by the item's code; an item may have several keys."""
    counts = key_of.value_counts(sort=False).sort_index().sort_values(ascending=False, kind="stable")
    enough = counts[counts >= FEWEST_ITEMS]
    chosen = enough.index[:MOST_KEYS]
    rows, group = _members(key_of, chosen, sums)
    found = grouped(sums.where(rows), group, len(chosen), NOTHING) if len(chosen) else ()
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


def _members(key_of: pd.Series, chosen: pd.Index, sums: PairSums) -> tuple[Integers, Integers]:
    """The rows of the sums that belong to a chosen key, once for each of their keys, and the place of that key."""
    own = key_of[key_of.isin(chosen)]
    pairs = pd.DataFrame({"item": own.index, "group": chosen.get_indexer(pd.Index(own))})
    rows = pd.DataFrame({"item": sums.item, "row": np.arange(len(sums.item))})
    joined = rows.merge(pairs, on="item", how="inner")
    return joined["row"].to_numpy(np.int64), joined["group"].to_numpy(np.int64)
