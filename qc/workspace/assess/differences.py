"""Whether agreement differs between two parts of the answers: weeks, guideline versions, sites."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, pairwise
from typing import Any, Final

import numpy as np
import pandas as pd

from qc.stats.agreement.difference import difference
from qc.workspace.assess.asked import Asked, first_days
from qc.workspace.assess.splits import FEWEST_ITEMS, keys, shared_items

WEEK: Final = 7
MOST_VERSIONS: Final = 6
MOST_SITES: Final = 3


def differences(asked: Asked) -> list[dict[str, Any]]:
    """The last week less the one before, each guideline version less the one before it, and sites by twos."""
    return [
        _entry(asked, by, (str(first), str(second)), (before, after))
        for by, first, second, before, after in compared(asked)
    ]


Compared = tuple[str, Any, Any, pd.DataFrame, pd.DataFrame]


def compared(asked: Asked) -> Iterator[Compared]:
    """By what, the names of the two parts, and the answers of each, in the order of `differences`."""
    yield from (*_weeks(asked), *_versions(asked), *_sites(asked))


def _weeks(asked: Asked) -> Iterator[Compared]:
    """An item is of the week in which it was first answered, as in `by_period`."""
    periods = sorted(asked.by_period["period"].dropna().unique())[-2:]
    if len(periods) < 2:
        return
    given = asked.given()
    first = first_days(given)
    before, last = (_monday(period) for period in periods)
    yield (
        "week",
        *periods,
        given[(first >= before) & (first < before + WEEK)],
        given[(first >= last) & (first < last + WEEK)],
    )


def _versions(asked: Asked) -> Iterator[Compared]:
    """In the order in which they came into use."""
    given, enough = _groups(asked, "guideline")
    if len(enough) < 2:
        return
    began = given.groupby("guideline")["day"].min()
    order = sorted(enough, key=lambda version: (began[version], version))[-MOST_VERSIONS:]
    for first, second in pairwise(order):
        yield "guideline", first, second, given[given["guideline"] == first], given[given["guideline"] == second]


def _sites(asked: Asked) -> Iterator[Compared]:
    """The largest."""
    given, enough = _groups(asked, "site")
    for first, second in combinations(sorted(enough[:MOST_SITES]), 2):
        yield "site", first, second, given[given["site"] == first], given[given["site"] == second]


def _groups(asked: Asked, by: str) -> tuple[pd.DataFrame, list[str]]:
    """The answers, and the groups with enough items to compare, the largest first."""
    if keys(asked, by).index.notna().sum() < 2:
        return pd.DataFrame(), []
    votes = asked.of("label_votes", (by,))
    items = shared_items(votes[votes[by].notna()], by)
    return asked.given((by,)), items[items >= FEWEST_ITEMS].index.tolist()


def _entry(asked: Asked, by: str, names: tuple[str, str], parts: tuple[pd.DataFrame, pd.DataFrame]) -> dict[str, Any]:
    first, second = (asked.ratings_of(part) for part in parts)
    alpha, percent = (difference(first, second, name, asked.level, asked.declared) for name in ("alpha", "percent"))
    return {
        "by": by,
        "first": names[0],
        "second": names[1],
        "alpha": alpha.team,
        "p": alpha.p_team,
        "alpha_items": alpha.items,
        "p_items": alpha.p_items,
        "percent": percent.team,
        "p_percent": percent.p_team,
        "shared_items": alpha.shared_items,
        "shared_annotators": alpha.shared_annotators,
    }


def _monday(period: str) -> int:
    return int(np.datetime64(period).astype("datetime64[D]").astype(np.int64))
