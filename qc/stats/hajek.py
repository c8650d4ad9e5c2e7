"""Rates of groups of judged answers, weighted by how the answers were chosen: Hájek's ratio and its variance."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri, stdtrit

from qc.model import Estimate
from qc.stats.intervals import proportion, wilson_bounds

Floats = NDArray[np.float64]

UNWEIGHTED = {
    "gold": "unweighted: gold items are not a random sample",
    "review": "unweighted: the export does not say how these were chosen",
    "adjudication": "unweighted: disputed answers are not a random sample",
    "consensus": "unweighted: every answer that has a consensus of others",
}
WEIGHTED = "weighted by inclusion probability (Hájek), Wilson, 95 %"
TAKEN_AS_DRAWN = "reviews taken as a random choice of each annotator's answers (Hájek), Wilson, 95 %"
CENSUS = "all judged: no sampling error"
NO_VARIANCE = 1e-15
# The draw of reviews that nobody drew here: taken as a random choice of each annotator's answers.
AS_IF_DRAWN = "as if drawn"
OBJECTS_WARNING = "objects of one answer are counted as independent, so the interval is too narrow"


@dataclass(frozen=True, slots=True)
class Group:
    """One group's rate, and how many independent answers it tells as much as about the person behind it.

    `worth`: the binomial n of as much sampling error, finite populations allowed for; infinite without any.
    """

    key: Any
    errors: int
    rate: Estimate
    informative_as: float
    worth: float


def groups(frame: pd.DataFrame, key: str, unit: str) -> list[Group]:
    """The rate of each value of a key, in its order.

    frame: `judged_counts` with that key, one source. Rows without the key, and rows that nobody drew in a group where
    others were drawn, are left out; the latter with a warning.
    """
    judged = frame[(frame["n"] > 0) & frame[key].notna()]
    weighted = judged["pi"].notna()
    drawn, found = judged[weighted], judged[~weighted]
    apart = found[key].isin(drawn[key].unique())
    left_out = found[apart].groupby(key)["n"].sum().to_dict()
    groups = _drawn(drawn, key, unit, left_out) if len(drawn) else []
    groups += _found(found[~apart], key, unit)
    return sorted(groups, key=lambda group: group.key)


def fractions(drawn: pd.DataFrame) -> Floats:
    """For which part of what they were drawn from the answers of each row stand; the weight of one is its inverse.

    drawn: rows of `judged_counts` of one source that were drawn.
    """
    return _design(drawn)[2]


def _found(found: pd.DataFrame, key: str, unit: str) -> list[Group]:
    """Judgements of answers that nobody drew: counted as they are, and the method says so."""
    found = found.groupby(["source", key], as_index=False)[["n", "errors"]].sum()
    return [
        Group(name, int(errors), _unweighted(int(errors), int(n), source, unit), float(n), float(n))
        for source, name, n, errors in found[["source", key, "n", "errors"]].itertuples(index=False)
    ]


def _unweighted(errors: int, n: int, source: str, unit: str) -> Estimate:
    rate = proportion(errors, n, unit=unit)
    return replace(
        rate,
        method=f"{rate.method}; {UNWEIGHTED.get(source, 'unweighted')}",
        warning=OBJECTS_WARNING if unit == "objects" else None,
    )


def _drawn(drawn: pd.DataFrame, key: str, unit: str, left_out: dict[Any, int]) -> list[Group]:
    """Hájek's ratio, its linearised variance by stratum, and Wilson's interval at what that variance is worth."""
    judged = [name for name in ("stratum_judged", "stratum_offered") if name in drawn]
    method = TAKEN_AS_DRAWN if (drawn["draw_id"] == AS_IF_DRAWN).all() else WEIGHTED
    design = ["draw_id", "stratum", "stratum_size", "stratum_drawn", "pi", *judged]
    rows = drawn.groupby(list(dict.fromkeys([key, *design])), as_index=False, dropna=False)[["n", "errors"]].sum()
    n, errors = (rows[name].to_numpy(float) for name in ("n", "errors"))
    units, simple, fraction = _design(rows)
    weight = 1 / fraction

    names, group = np.unique(rows[key].to_numpy(), return_inverse=True)

    def total(values: Floats) -> Floats:
        return np.bincount(group, values, names.size).astype(float)

    weights = total(weight * n)
    rate = total(weight * errors) / weights
    p = rate[group]
    squares, residue = errors * (1 - p) ** 2 + (n - errors) * p**2, errors - n * p
    within = np.where(units > 1, (squares - residue**2 / units) * units / np.maximum(units - 1, 1), squares)
    unseen = weight**2 * (1 - fraction)
    variance = total(unseen * np.where(simple, within, squares)) / weights**2
    # The variance per p(1 − p) if all strata had one rate. It serves where the estimated variance is 0 although more
    # errors may exist: none was seen, or all of them in strata that were judged completely.
    common = total(unseen * n) / weights**2
    spread = rate * (1 - rate)
    with np.errstate(divide="ignore", invalid="ignore"):
        worth = np.where(variance > NO_VARIANCE, spread / variance, 1 / common)
        # A variance that hangs on few errors of great weight is itself uncertain: Student's t in place of z, but never
        # wider than without any gain from the weights.
        freedom = np.maximum(spread * total(unseen * n) ** 2 / total(unseen**2 * n), 1.0)
        trusted = worth * (float(ndtri(0.975)) / stdtrit(freedom, 0.975)) ** 2
        worth = np.where(common > NO_VARIANCE, np.maximum(trusted, np.minimum(worth, 1 / common)), np.inf)
    low, high = wilson_bounds(rate, worth)
    judged_n, wrong, informative = total(n), total(errors), weights**2 / total(weight**2 * n)
    return [
        Group(
            name,
            round(wrong[index]),
            Estimate(
                float(rate[index]),
                float(low[index]),
                float(high[index]),
                round(judged_n[index]),
                unit,
                method if common[index] > NO_VARIANCE else CENSUS,
                _warning(unit, left_out.get(name, 0)),
            ),
            float(informative[index]),
            float(worth[index]),
        )
        for index, name in enumerate(names.tolist())
    ]


def _design(rows: pd.DataFrame) -> tuple[Floats, NDArray[np.bool_], Floats]:
    """Of each row how many of its stratum were judged, whether it went by lot, and for which part it stands."""
    # How much of a stratum was judged: all that was drawn, unless the frame says that some are still waiting.
    judged = "stratum_judged" if "stratum_judged" in rows else "stratum_drawn"
    pi, size, taken, units = (rows[name].to_numpy(float) for name in ("pi", "stratum_size", "stratum_drawn", judged))
    units = np.maximum(units, rows.groupby(["draw_id", "stratum"], dropna=False)["n"].transform("sum").to_numpy(float))
    # In the random share pi is drawn / size, and the judged answers of a stratum stand for all of it. Elsewhere each
    # answer was drawn on its own (Poisson), with its own pi; those judged so far stand for the rest of the stratum.
    # A little risk beside the lot makes another pi, however near.
    simple = np.isclose(pi, taken / size, rtol=1e-12, atol=0.0)
    offered = np.maximum(rows["stratum_offered"].to_numpy(float), units) if "stratum_offered" in rows else units
    return units, simple, np.where(simple, np.minimum(units / size, 1.0), pi * units / offered)


def _warning(unit: str, left_out: int) -> str | None:
    notes = [OBJECTS_WARNING] if unit == "objects" else []
    if left_out:
        notes.append(f"{left_out:,} further judged {unit} are left out: it is not known how they were chosen")
    return "; ".join(notes) or None
