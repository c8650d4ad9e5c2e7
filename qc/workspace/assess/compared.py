"""Pairs of answers as an assessment shows them: by annotators, by item, by week."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, replace
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qc.model import Estimate, undefined
from qc.stats.agreement.chance import Distance
from qc.stats.agreement.pair_sums import PairSums, grouped
from qc.stats.agreement.within import pairs_within
from qc.stats.objects.people import Person
from qc.workspace.assess.asked import Asked

MOST_PERIODS: Final = 60
ALL_ALIKE: Final = "all answers are alike: agreement beyond chance cannot show"


def coded_rows(asked: Asked, measure: str) -> pd.DataFrame:
    """The rows of a measure whose questions are codes."""
    questions, frame = asked.of("questions"), asked.lens.frame(measure)
    return frame[frame["question"] == questions["code"].iloc[0]] if len(questions) else frame[:0]


def pairs_of(sums: PairSums, people: Mapping[int, str], no_kappa: str) -> list[dict[str, Any]]:
    """Every two annotators who share items: on how many, and their ratio of the sums."""
    other = sums.a if sums.b is None else sums.b
    width = int(other.max(initial=0)) + 1
    keys, group = np.unique(sums.a * width + other, return_inverse=True)
    n = np.bincount(group, minlength=len(keys))
    found = grouped(sums, group, len(keys), "neither of the two marked anything on the items they share")
    return [
        {
            "a": people[key // width],
            "b": people[key % width],
            "n": count,
            "percent": items,
            "kappa": undefined(no_kappa, 0, "items"),
        }
        for key, count, (_, items) in zip(keys.tolist(), n.tolist(), found, strict=True)
    ]


def closeness(item: NDArray[Any], annotator: NDArray[Any], value: NDArray[Any], distance: Distance) -> PairSums:
    """How close every two answers to an item are; rows are sorted by item and annotator."""
    blocks = [(first, second, 1 - distance(value[first], value[second])) for first, second in pairs_within(item)]
    none = np.zeros(0, dtype=np.int64)
    first, second, close = (np.concatenate(each) for each in zip((none, none, np.zeros(0)), *blocks, strict=True))
    return PairSums(item[first], annotator[first], annotator[second], close, np.ones(len(close)))


def by_annotator(found: Iterable[Person], people: Mapping[int, str]) -> list[dict[str, Any]]:
    """Each person beside the others, by name."""
    names = tuple(each.name for each in fields(Person))
    return [{name: getattr(row, name) for name in names} | {"annotator": people[row.annotator]} for row in found]


def by_agreement(sums: PairSums, digits: int) -> list[dict[str, Any]]:
    """How many items share each degree of agreement, rounded."""
    _, share = item_shares(sums)
    degrees, items = np.unique(np.round(share, digits), return_counts=True)
    return [{"agreement": float(each), "items": int(n)} for each, n in zip(degrees, items, strict=True)]


def item_shares(sums: PairSums) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The items that something can be said of, and their ratio of the sums."""
    items, place = np.unique(sums.item, return_inverse=True)
    numerator = np.bincount(place, sums.numerator, len(items))
    denominator = np.bincount(place, sums.denominator, len(items))
    some = denominator > 0
    return items[some], numerator[some] / denominator[some]


def by_week(sums: PairSums, weeks: pd.Series) -> list[tuple[str, int, Estimate]]:
    """Of each of the last weeks: its Monday, how many items, the ratio of the sums for these annotators."""
    of_row = weeks.reindex(sums.item).to_numpy(dtype=object)
    known = np.array([isinstance(week, str) for week in of_row], dtype=bool)
    names = sorted(set(of_row[known].tolist()))[-MOST_PERIODS:]
    at = {name: place for place, name in enumerate(names)}
    group = np.array([at.get(week, -1) for week in of_row.tolist()], dtype=np.int64)
    within = sums.where(group >= 0)
    group = group[group >= 0]
    found = grouped(within, group, len(names), "nobody marked anything in this week")
    width = int(sums.item.max(initial=0)) + 1
    counts = np.bincount(np.unique(group * width + within.item) // width, minlength=len(names))
    return [(name, int(n), items) for name, n, (_, items) in zip(names, counts, found, strict=True)]


def alpha_of(close: Estimate, expected: float | None) -> Estimate:
    """A mean closeness as alpha of a distance, one less it over the expected one: that of all answers, never of a part.

    So a week or a group of few answers does not move what chance is. Undefined where the closeness is, and where all
    answers are alike.
    """
    if close.value is None or not expected:
        return undefined(close.reason or ALL_ALIKE, close.n, close.unit)
    moved = _moved(close, lambda value: 1 - (1 - value) / expected)
    return replace(moved, method=f"{close.method}; chance of all answers")


def alpha_apart(closer: Estimate, expected: float | None) -> Estimate:
    """A difference of two mean closenesses as that of two alphas of a distance, by one and the same chance."""
    if closer.value is None or not expected:
        return undefined(closer.reason or ALL_ALIKE, closer.n, closer.unit)
    return _moved(closer, lambda value: value / expected)


def _moved(of: Estimate, by: Callable[[float], float]) -> Estimate:
    value, low, high = (None if each is None else by(each) for each in (of.value, of.low, of.high))
    return replace(of, value=value, low=low, high=high)
