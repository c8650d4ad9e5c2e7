"""Which adjustment the data can bear along each axis: items where they recur, else strata of difficulty."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import pandas as pd

from qc.model import Estimate, undefined
from qc.stats.fatigue.scores import (
    ENOUGH_RECUR,
    HOURS,
    HUNDREDS,
    Axis,
    Recurring,
    Scores,
    item_scores,
    recurring_answers,
    stratum_scores,
)
from qc.stats.fatigue.slopes import Slope, team_slope, with_few_errors
from qc.stats.fatigue.verdict import LEAST_LEFT, Verdict

UNIT = "judged answers"
SAME_ORDER = "time at work and the order of the items cannot be told apart"
FEW_RECUR = "few items recur, so part of it may be harder items coming later"


@dataclass(frozen=True, slots=True)
class Evidence:
    """Scores along one axis, for the team and for each annotator, and what they are adjusted for.

    `left` is the share of the within-session variance of the axis left once items are taken out (None: items do not
    recur); `caveat` says what the adjustment cannot take out.
    """

    team: Scores
    single: Scores
    adjusted_for: list[str]
    left: float | None
    caveat: str | None
    change: Estimate


def gather(cells: pd.DataFrame, rows: pd.DataFrame) -> tuple[Evidence, Evidence]:
    """The evidence along hours and along hundreds of answers.

    Where everybody meets the items in the same order, time still varies within an item by each one's pace; that is
    no experiment, so hours are no better told from items than positions are.
    """
    by_time, by_position = recurring_answers(rows, HOURS), recurring_answers(rows, HUNDREDS)
    known = [answers.left for answers in (by_time, by_position) if answers and answers.left is not None]
    return (
        _adjust(cells, HOURS, by_time, min(known, default=None)),
        _adjust(cells, HUNDREDS, by_position, by_position.left if by_position else None),
    )


def estimate(slope: Slope, method: str, warning: str | None) -> Estimate:
    """A slope with its 95 % interval."""
    half = slope.half_width
    return Estimate(slope.value, slope.value - half, slope.value + half, slope.n, UNIT, method, warning)


def shown(change: Estimate, verdict: Verdict) -> Estimate:
    """The slope as reported: where items cannot be told from time its interval would speak of the items."""
    if verdict is Verdict.CONFOUNDED and change.value is not None:
        return undefined(SAME_ORDER, change.n, change.unit, change.method)
    return change


def answers_per_hour(cells: pd.DataFrame) -> float:
    """How fast positions run against time within sessions; 0 where either is unknown."""
    hours, hundreds = (float(stratum_scores(cells, axis).d.sum()) for axis in (HOURS, HUNDREDS))
    return 100 * sqrt(hundreds / hours) if hours > 0 else 0.0


def _adjust(cells: pd.DataFrame, axis: Axis, answers: Recurring | None, left: float | None) -> Evidence:
    strata = stratum_scores(cells, axis)
    separable = left is not None and left >= LEAST_LEFT
    if answers is not None and answers.left is not None and separable and answers.coverage >= ENOUGH_RECUR:
        items = item_scores(answers)
        team, single, adjusted_for, caveat = items.team, items.single, ["session", "item"], None
    else:
        team = single = strata
        adjusted_for = ["session", "difficulty strata"] if cells["stratum"].nunique() > 1 else ["session"]
        caveat = SAME_ORDER if left is not None and not separable else FEW_RECUR
    impossible = f"{strata.left_out} answers with impossible times left out" if strata.left_out else None
    slope = team_slope(team)
    if slope is None:
        change = undefined(_why_none(cells, axis), int(cells["n"].sum()), UNIT)
    else:
        method = f"within {' and '.join(adjusted_for)}, {slope.method}"
        change = estimate(with_few_errors(slope, team), method, "; ".join(filter(None, (caveat, impossible))) or None)
    return Evidence(team, single, adjusted_for, left, caveat, change)


def _why_none(cells: pd.DataFrame, axis: Axis) -> str:
    sx = cells[axis.sums[0]]
    if not (sx.fillna(0) != 0).any():
        return f"no {axis.noun}"
    return f"no session has judged answers at different {axis.noun}"
