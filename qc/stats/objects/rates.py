"""Error rates of objects: those of one item stand or fall together, so the item is what was sampled."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from scipy.special import ndtri, stdtrit

from qc.model import ErrorPolicy, Estimate
from qc.stats.hajek import Group
from qc.stats.intervals import wilson_bounds
from qc.stats.rates import ErrorRates, KeyRate, of_groups

METHOD: Final = (
    "objects clustered by item, Wilson at the effective n, 95 %; unweighted: gold items are not a random sample"
)
UNIT: Final = "objects"
ONE_ITEM: Final = "one item: it is not known how items differ"
_NONE: Final = 1e-12


def groups(frame: pd.DataFrame, key: str) -> list[Group]:
    """The share of wrong objects of each value of a key, in its order.

    frame: one row per item (`question`, `item`) and whatever splits it, with n objects and `errors`; rows without the
    key are left out. The variance is the linearised one of a ratio over items (Cochran 1977, 6.4), never less than that
    of independent objects; where it is 0, because nothing or everything is wrong, an item tells as much as one object.
    """
    rows = frame[(frame["n"] > 0) & frame[key].notna()]
    if not len(rows):
        return []
    items = rows.groupby([key, "question", "item"], as_index=False)[["n", "errors"]].sum()
    names, of = np.unique(items[key].to_numpy(), return_inverse=True)
    n, errors = items["n"].to_numpy(float), items["errors"].to_numpy(float)
    objects, wrong, clusters = (np.bincount(of, values, len(names)) for values in (n, errors, np.ones(len(n))))
    rate = wrong / objects
    residue = np.bincount(of, (errors - n * rate[of]) ** 2, len(names))
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = residue / objects**2 * clusters / (clusters - 1)
        worth = np.where(variance > _NONE, rate * (1 - rate) / variance, clusters)
        # Few items tell little of how items differ: Student's t in place of z.
        worth = np.where(clusters > 1, worth * (float(ndtri(0.975)) / stdtrit(clusters - 1, 0.975)) ** 2, 1.0)
    worth = np.minimum(worth, objects)
    low, high = wilson_bounds(rate, worth)
    return [
        Group(
            name,
            int(wrong[k]),
            _estimate(float(rate[k]), float(low[k]), float(high[k]), int(objects[k]), int(clusters[k])),
            float(worth[k]),
            float(worth[k]),
        )
        for k, name in enumerate(names.tolist())
    ]


def object_rates(frame: pd.DataFrame, policy: ErrorPolicy) -> ErrorRates:
    """The overall rate, and each annotator's drawn towards the team with its verdict; frame: as in `groups`."""
    whole = groups(frame.assign(everything=0), "everything")
    return of_groups(groups(frame, "annotator"), whole[0] if whole else None, policy, UNIT)


def object_rates_by(frame: pd.DataFrame, key: str) -> tuple[KeyRate, ...]:
    """The rate of each value of one key, in its order."""
    return tuple(KeyRate(group.key, group.rate.n, group.errors, group.rate) for group in groups(frame, key))


def _estimate(rate: float, low: float, high: float, n: int, clusters: int) -> Estimate:
    return Estimate(rate, low, high, n, UNIT, METHOD, ONE_ITEM if clusters < 2 else None)
