"""Weeks and groups of sets, paths and orders, by alpha of the distance that their headline is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from qc.model import Estimate
from qc.stats.agreement.chance import Distance
from qc.stats.agreement.difference import Difference, difference_of
from qc.stats.agreement.influences import of_pairs
from qc.stats.agreement.pair_sums import NO_OVERLAP, PairSums, grouped
from qc.stats.patterns import Integers
from qc.workspace.assess.asked import Asked, first_days
from qc.workspace.assess.compared import alpha_apart, alpha_of, by_week, closeness
from qc.workspace.assess.differences import compared
from qc.workspace.assess.over_time import changes_of
from qc.workspace.assess.splits import FEWEST_ITEMS, MOST_KEYS, SPLITS, keys, left_out


@dataclass(frozen=True, eq=False, slots=True)
class Measure:
    """How far answers are apart: a distance of places in `codes`, and what it is of any two answers (None: unknown)."""

    distance: Distance
    codes: Integers
    expected: float | None

    def near(self, given: pd.DataFrame, within: Integers) -> PairSums:
        """How close every two answers are that stand `within` one group of rows."""
        return _pairs(given, within, np.searchsorted(self.codes, given["code"].to_numpy(np.int64)), self.distance)


def by_distance(asked: Asked, measure: Measure) -> dict[str, Any]:
    """What `labelled.entry` tells of weeks and groups, with alpha of the distance in place of that of equality.

    `percent` stays the share of equal pairs. Chance is that of all answers.
    """
    given = asked.given()
    weeks, items = _weeks(given), given["item"].to_numpy(np.int64)
    weekly = by_week(measure.near(given, items), weeks)
    equal = {week: share for week, _, share in by_week(_equal(given, items), weeks)}
    alphas = [(week, n, alpha_of(close, measure.expected)) for week, n, close in weekly]
    return {
        "by_period": [{"period": week, "n": n, "alpha": alpha, "percent": equal[week]} for week, n, alpha in alphas],
        **changes_of([(week, alpha) for week, _, alpha in alphas], "alpha"),
        "splits": [
            _split(asked, measure, name, answers)
            for name in SPLITS
            if (answers := keys(asked, name)).index.notna().any() and (len(answers) > 1 or name == "tag")
        ],
        "differences": [_difference(measure, *parts) for parts in compared(asked)],
    }


def _split(asked: Asked, measure: Measure, name: str, answers: pd.Series) -> dict[str, Any]:
    """Answers to an item are compared within their group."""
    given = asked.given((name,))
    given = given[given[name].notna()]
    sizes = given.groupby([name, "item"]).size()
    items = (sizes[sizes >= 2].groupby(level=0).size()).sort_index().sort_values(ascending=False, kind="stable")
    enough = items[items >= FEWEST_ITEMS]
    chosen = enough.index[:MOST_KEYS]
    given = given[given[name].isin(chosen)]
    group = chosen.get_indexer(pd.Index(given[name]))
    width = int(given["item"].max()) + 1 if len(given) else 1
    within = group * width + given["item"].to_numpy(np.int64)
    near, equal = (_teams(sums, width, len(chosen)) for sums in (measure.near(given, within), _equal(given, within)))
    named = answers.index.notna()
    return {
        "by": name,
        "groups": [
            {"key": str(key), "items": int(items[key]), "percent": same, "alpha": alpha_of(close, measure.expected)}
            for key, close, same in zip(chosen, near, equal, strict=True)
        ],
        "left_out": left_out(
            SPLITS[name],
            int(named.sum()) - len(enough),
            len(enough) - len(chosen),
            int(answers[~named].sum()),
            "answer",
        ),
    }


def _teams(sums: PairSums, width: int, groups: int) -> list[Estimate]:
    """For such a team, of each group; items are numbered through within them."""
    return [team for team, _ in grouped(sums, sums.item // width, groups, NO_OVERLAP)]


def _difference(
    measure: Measure, by: str, first: Any, second: Any, before: pd.DataFrame, after: pd.DataFrame
) -> dict[str, Any]:
    near, equal = (
        _apart(*(sums(part, part["item"].to_numpy(np.int64)) for part in (before, after)))
        for sums in (measure.near, _equal)
    )
    team, items = (alpha_apart(each, measure.expected) for each in (near.team, near.items))
    return {
        "by": by,
        "first": str(first),
        "second": str(second),
        "alpha": team,
        "p": None if team.value is None else near.p_team,
        "alpha_items": items,
        "p_items": None if items.value is None else near.p_items,
        "percent": equal.team,
        "p_percent": equal.p_team,
        "shared_items": near.shared_items,
        "shared_annotators": near.shared_annotators,
    }


def _apart(first: PairSums, second: PairSums) -> Difference:
    return difference_of(of_pairs(first), of_pairs(second))


def _equal(given: pd.DataFrame, within: Integers) -> PairSums:
    return _pairs(given, within, given["code"].to_numpy(np.int64), lambda one, other: (one != other).astype(np.float64))


def _pairs(given: pd.DataFrame, within: Integers, value: Integers, distance: Distance) -> PairSums:
    annotator = given["annotator"].to_numpy(np.int64)
    order = np.lexsort((annotator, within))
    return closeness(within[order], annotator[order], value[order], distance)


def _weeks(given: pd.DataFrame) -> pd.Series:
    """The Monday of the week in which each item was first answered, by its code; None where no time is known."""
    days = pd.Series(first_days(given), index=given["item"].to_numpy(np.int64)).groupby(level=0).first()
    known = days[np.isfinite(days)].astype(np.int64)
    # Day 0, 1970-01-01, was a Thursday.
    mondays = (known - (known + 3) % 7).to_numpy().astype("datetime64[D]").astype(str)
    return pd.Series(mondays, index=known.index, dtype=object).reindex(days.index)
