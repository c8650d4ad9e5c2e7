"""Agreement within batches, sites, guideline versions and tags."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd
from ibis import _

from qc.stats.agreement import agreement
from qc.workspace.assess.asked import Asked
from qc.workspace.ingested import counted

# Items with two answers, below which a group says too little.
FEWEST_ITEMS: Final = 30
MOST_KEYS: Final = 25
# What answers are split by, and what several of them are called.
SPLITS: Final = {"batch": "batches", "guideline": "guideline versions", "site": "sites", "tag": "tags"}

ONE: Final = {"batches": "batch", "guideline versions": "guideline version", "sites": "site", "tags": "tag"}


def splits(asked: Asked) -> list[dict[str, Any]]:
    """One entry per way to split that tells items apart: its groups, the largest first, and what was left out."""
    return [
        _split(asked, name, answers)
        for name in SPLITS
        # A single key that everything has splits nothing.
        if (answers := keys(asked, name)).index.notna().any() and (len(answers) > 1 or name == "tag")
    ]


def keys(asked: Asked, name: str) -> pd.Series:
    """How many answers each key of a split has, and how many have none (missing)."""
    if name == "tag" and not (_any_tag(asked, "items") or _any_tag(asked, "annotations")):
        return pd.Series(dtype=np.int64)
    cells = asked.of("tags" if name == "tag" else "split_cells")
    return cells.groupby(name, dropna=False)["answers"].sum()


def _any_tag(asked: Asked, table: str) -> bool:
    return asked.any_of(lambda facts: getattr(facts, table).filter(_.tags.length() > 0).select("tags"))


def _split(asked: Asked, name: str, answers: pd.Series) -> dict[str, Any]:
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
    named = answers.index.notna()
    without = int(answers[~named].sum())
    return {
        "by": name,
        "groups": groups,
        "left_out": left_out(
            SPLITS[name], int(named.sum()) - len(enough), len(enough) - len(chosen), without, "answer"
        ),
    }


def shared_items(votes: pd.DataFrame, key: str) -> pd.Series:
    """Of each key the items with two answers or more, the largest first."""
    sizes = votes["pattern"].str.count(",").to_numpy() + 1
    items = np.where(sizes >= 2, votes["votes"].to_numpy() / sizes, 0.0)
    counted = pd.DataFrame({"key": votes[key].astype(str).to_numpy(), "items": items}).groupby("key")["items"].sum()
    return counted.round().astype(int).sort_values(ascending=False, kind="stable")


def _several(n: int, plural: str) -> str:
    return f"{n:,} {ONE[plural] if n == 1 else plural}"


def left_out(plural: str, small: int, beyond: int, without: int, of: str) -> str | None:
    """How many groups are too small, or too many, and how many answers or items are in none."""
    parts = [
        *(
            [f"{_several(small, plural)} with fewer than {FEWEST_ITEMS} items that two people answered"]
            if small
            else []
        ),
        *([f"{_several(beyond, plural)} beyond the {MOST_KEYS} largest"] if beyond else []),
        *([f"{counted(without, of)} that name{'s' if without == 1 else ''} none"] if without else []),
    ]
    return f"left out: {'; '.join(parts)}" if parts else None
