"""Agreement by week, and since when it has changed."""

from __future__ import annotations

from typing import Any, Final

from qc.stats.agreement import Agreement, agreement
from qc.stats.disagreement import Week, drift, error_of, shifts
from qc.stats.disagreement.shifts import FALSE_ALARMS, FEWEST_WEEKS
from qc.workspace.assess.asked import Asked

MOST_PERIODS: Final = 60


def over_time(asked: Asked) -> dict[str, Any]:
    """`by_period`, oldest week first, `changes` of alpha between weeks with a word on them, and its `drift` a week."""
    weeks = _weeks(asked)
    return {
        "by_period": [
            {"period": period, "n": part.items_used, "alpha": part.alpha, "percent": part.percent}
            for period, part in weeks
        ],
        **_changes(weeks),
    }


def _weeks(asked: Asked) -> list[tuple[str, Agreement]]:
    votes = asked.by_period[asked.by_period["period"].notna()]
    last = sorted(votes["period"].unique())[-MOST_PERIODS:]
    return [
        (period, agreement(asked.patterns_of(rows), asked.level, asked.declared))
        for period, rows in votes[votes["period"].isin(last)].groupby("period", sort=True)
    ]


def _changes(weeks: list[tuple[str, Agreement]]) -> dict[str, Any]:
    known = [(period, part, error_of(part.alpha_items)) for period, part in weeks if part.alpha_items.value is not None]
    series = [
        (period, Week(part.alpha_items.value, error, part.items_used))
        for period, part, error in known
        if error is not None and part.alpha_items.value is not None
    ]
    periods = [period for period, _ in series]
    found = shifts([week for _, week in series])
    if len(series) < FEWEST_WEEKS:
        note = f"too few weeks to see a change: {len(series)} with an alpha, {FEWEST_WEEKS} are needed"
    elif not found:
        note = f"no change stands out among {len(series)} weeks (false alarms: {FALSE_ALARMS:.0%} of such series)"
    else:
        note = f"found in {FALSE_ALARMS:.0%} of series of {len(series)} weeks without a change"
    return {
        "changes": [
            {
                "period": periods[shift.place],
                "first": periods[shift.first],
                "last": periods[shift.last],
                "alpha": shift.change,
                "p": shift.p,
            }
            for shift in found
        ],
        "changes_note": note,
        "drift": drift([week for _, week in series]),
    }
