"""Agreement within batches, sites, guideline versions and tags."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from qc.measures.votes import SPLITS
from qc.stats.agreement import agreement
from qc.workspace.assess.asked import Asked

# Items with two answers, below which a group says too little.
FEWEST_ITEMS: Final = 30
MOST_KEYS: Final = 25
PLURAL: Final = {"batch": "batches", "guideline": "guideline versions", "site": "sites", "tag": "tags"}


def splits(asked: Asked) -> list[dict[str, Any]]:
    """One entry per way to split that tells items apart: its groups, the largest first, and what was left out."""
    keys = asked.of("split_keys")
    found = []
    for name in SPLITS:
        rows = keys[keys["split"] == name]
        # A single key that everything has splits nothing.
        if rows["key"].notna().any() and (len(rows) > 1 or name == "tag"):
            found.append(_split(asked, name, rows))
    return found


def _split(asked: Asked, name: str, keys: pd.DataFrame) -> dict[str, Any]:
    votes = asked.of("label_votes", (name,))
    votes = votes[votes[name].notna()]
    items = shared_items(votes, name)
    enough = items[items >= FEWEST_ITEMS]
    chosen = enough.index[:MOST_KEYS]
    parts = dict(list(votes[votes[name].isin(chosen)].groupby(name)))
    groups = []
    for key in chosen:
        part = agreement(asked.patterns_of(parts[key]), asked.level, asked.declared)
        groups.append({"key": key, "items": part.items_used, "percent": part.percent, "alpha": part.alpha})
    without = int(keys.loc[keys["key"].isna(), "answers"].sum())
    named = keys["key"].notna().sum()
    return {
        "by": name,
        "groups": groups,
        "left_out": _left_out(PLURAL[name], int(named) - len(enough), len(enough) - len(chosen), without),
    }


def shared_items(votes: pd.DataFrame, key: str) -> pd.Series:
    """Of each key the items with two answers or more, the largest first."""
    sizes = votes["pattern"].str.count(",").to_numpy() + 1
    items = np.where(sizes >= 2, votes["votes"].to_numpy() / sizes, 0.0)
    counted = pd.DataFrame({"key": votes[key].astype(str).to_numpy(), "items": items}).groupby("key")["items"].sum()
    return counted.round().astype(int).sort_values(ascending=False, kind="stable")


def _left_out(plural: str, small: int, beyond: int, without: int) -> str | None:
    parts = [
        *([f"{small:,} {plural} with fewer than {FEWEST_ITEMS} items that two people answered"] if small else []),
        *([f"{beyond:,} {plural} beyond the {MOST_KEYS} largest"] if beyond else []),
        *([f"{without:,} answers that name none"] if without else []),
    ]
    return f"left out: {'; '.join(parts)}" if parts else None
