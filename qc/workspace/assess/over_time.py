"""Agreement by week, and since when it has changed."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from qc.model import Estimate
from qc.stats.agreement import Agreement, agreement, krippendorff
from qc.stats.disagreement import Outlier, Shift, Week, drift, error_of, outliers, shifts
from qc.stats.disagreement.shifts import FALSE_ALARMS, FEWEST_WEEKS
from qc.workspace.assess.asked import Asked, first_days
from qc.workspace.ingested import counted

MOST_PERIODS: Final = 60
# Items with two answers, below which a week or a day says too little of a change.
FEWEST_ITEMS: Final = 5

_NAMED: Final = {"alpha": "an alpha", "F1": "an F1", "words in common": "words in common"}

Series = list[tuple[str, Week]]


def over_time(asked: Asked) -> dict[str, Any]:
    """`by_period`, oldest week first, lasting `changes` of alpha, `outliers`, a word on both, its `drift`.

    Changes are looked for between weeks, in a short project between days: `changes_by` says which.
    """
    weeks = _weeks(asked)
    series, step = _series([(period, part.alpha_items) for period, part in weeks]), "week"
    if len(series) < FEWEST_WEEKS and len(days := _series(_days(asked))) >= FEWEST_WEEKS:
        series, step = days, "day"
    return {
        "by_period": [
            {"period": period, "n": part.items_used, "alpha": part.alpha, "percent": part.percent}
            for period, part in weeks
        ],
        "changes_by": step,
        **_changes(series, step),
        "drift": drift([part for _, part in series]),
    }


def changes_of(weeks: list[tuple[str, Estimate]], of: str) -> dict[str, Any]:
    """`changes`, `outliers`, `changes_note` and `drift` of what is known by week for these annotators, such as F1."""
    series = _series(weeks)
    return {
        "changes_by": "week",
        **_changes(series, "week", of),
        "drift": drift([part for _, part in series]),
    }


def _weeks(asked: Asked) -> list[tuple[str, Agreement]]:
    """Agreement in each of the last weeks, oldest first."""
    votes = asked.by_period[asked.by_period["period"].notna()]
    last = sorted(votes["period"].unique())[-MOST_PERIODS:]
    return [
        (str(period), agreement(asked.patterns_of(rows), asked.level, asked.declared))
        for period, rows in votes[votes["period"].isin(last)].groupby("period", sort=True)
    ]


def _days(asked: Asked) -> list[tuple[str, Estimate]]:
    """Alpha on each of the last days, from the answers, which are at hand."""
    given = asked.given()
    first = first_days(given)
    last = np.unique(first[np.isfinite(first)]).astype(np.int64)[-MOST_PERIODS:].tolist()
    return [
        (str(np.datetime64(day, "D")), krippendorff(asked.ratings_of(given[first == day]).patterns, asked.level).items)
        for day in last
    ]


def _series(alphas: list[tuple[str, Estimate]]) -> Series:
    found = []
    for key, alpha in alphas:
        error = error_of(alpha)
        if alpha.value is not None and error is not None and alpha.n >= FEWEST_ITEMS:
            found.append((key, Week(alpha.value, error, alpha.n)))
    return found


def _changes(series: Series, step: str, of: str = "alpha") -> dict[str, Any]:
    keys = [key for key, _ in series]
    weeks = [part for _, part in series]
    found = shifts(weeks)
    single = outliers(weeks, found)
    return {
        "changes": [
            {
                "period": keys[shift.place],
                "first": keys[shift.first],
                "last": keys[shift.last],
                "alpha": shift.change,
                "p": shift.p,
            }
            for shift in found
        ],
        "outliers": [{"period": keys[one.place], "alpha": one.difference, "p": one.p} for one in single],
        "changes_note": _note(keys, step, found, single, of),
    }


def _note(keys: list[str], step: str, found: tuple[Shift, ...], single: tuple[Outlier, ...], of: str) -> str:
    seen, chance = counted(len(keys), step), f"{FALSE_ALARMS * 100:.0f} %"
    if len(keys) < FEWEST_WEEKS:
        return f"too little time to see a change: {seen} with {_NAMED[of]}, {FEWEST_WEEKS} are needed"
    if found:
        lasting = f"in {chance} of series of {seen} without a change one is found"
    else:
        lasting = f"no lasting change stands out among {seen}; one would in {chance} of such series without a change"
    if not single:
        return f"{lasting}; nor does a single {step}" if not found else lasting
    named = ", ".join(f"{keys[one.place]} ({_by(one, of)})" for one in single)
    return f"{lasting}; {counted(len(single), f'single {step}')} stand{'s' if len(single) == 1 else ''} out: {named}"


def _by(one: Outlier, of: str) -> str:
    value = one.difference.value or 0.0
    return f"{of} {abs(value):.2f} {'above' if value > 0 else 'below'} the others"
