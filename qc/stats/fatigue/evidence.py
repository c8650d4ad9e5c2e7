"""Which adjustment the data can bear along each axis: items where they recur, else strata of difficulty."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import sqrt

import numpy as np
import pandas as pd

from qc.model import Estimate, undefined
from qc.stats.fatigue.items import (
    ENOUGH_RECUR,
    Recurring,
    item_scores,
    pulls,
    recurring_answers,
    single_scores,
    variance_left,
)
from qc.stats.fatigue.scores import DAY_HOURS, HOURS, HUNDREDS, Axis, Floats, Ints, Scores, stratum_scores
from qc.stats.fatigue.slopes import Slope, team_slope, with_few_errors
from qc.stats.fatigue.verdict import LEAST_LEFT, Verdict, interval, points
from qc.stats.fatigue.work import by_work, items_by_work, shares
from qc.stats.two_way import sums

UNIT = "judged answers"
SAME_ORDER = "time at work and the order of the items cannot be told apart"
FEW_RECUR = "few items recur, so part of it may be harder items coming later"
# Of what difficulty strata take out of a slope, how much more may stay in: simulated queues that grow harder leave a
# quarter of it with many other answers to an item, three quarters with two (tests/benchmarks/fatigue_scenarios.py).
STAYS = 0.75
STEPS = {HOURS: "an hour", HUNDREDS: "per 100 answers", DAY_HOURS: "an hour"}


@dataclass(frozen=True, slots=True)
class Evidence:
    """Scores along one axis, for the team and for each annotator, and what they are adjusted for.

    `left` is the share of the within-session variance of the axis left once items are taken out (None: items do not
    recur); `caveat` says what the adjustment cannot take out, and `residual` is that bias of the slope where it can be
    guessed. `answers` are those that items were taken out of, None where strata had to do.
    """

    axis: Axis
    team: Scores
    single: Scores
    adjusted_for: list[str]
    left: float | None
    caveat: str | None
    residual: float | None
    change: Estimate
    answers: Recurring | None


def gather(
    cells: pd.DataFrame, rows: pd.DataFrame, order: pd.DataFrame | None, work: Floats
) -> tuple[Evidence, Evidence, Evidence]:
    """The evidence along hours, along hundreds of answers, and along the hours of a day.

    order: all answers, judged or not, as `variance_left` reads them. Where everybody meets the items in the same
    order, time still varies within an item by each one's pace; that is no experiment, so hours are no better told
    from items than positions are. work: answers by annotator code.
    """
    pull = pulls(cells, work)
    along = {axis: recurring_answers(rows, axis, pull) for axis in (HOURS, HUNDREDS, DAY_HOURS)}
    left = {axis: answers.left if answers else None for axis, answers in along.items()}
    everywhere = [variance_left(order, axis) for axis in (HOURS, HUNDREDS)] if order is not None and len(order) else []
    known = [share for share in (left[HOURS], left[HUNDREDS], *everywhere) if share is not None]
    least = min(known, default=None)
    places = [share for share in (left[HUNDREDS], *everywhere[1:]) if share is not None]
    by_axis = {HOURS: least, HUNDREDS: min(places, default=None), DAY_HOURS: least}
    hours, hundreds, day = (_adjust(cells, axis, along[axis], by_axis[axis], work, pull) for axis in along)
    return hours, hundreds, day


def estimate(slope: Slope, method: str, warning: str | None) -> Estimate:
    """A slope with its 95 % interval."""
    half = slope.half_width
    return Estimate(slope.value, slope.value - half, slope.value + half, slope.n, UNIT, method, warning)


def shown(change: Estimate, verdict: Verdict) -> Estimate:
    """The slope as reported: where items cannot be told from time its interval would speak of the items."""
    if verdict is Verdict.CONFOUNDED and change.value is not None:
        return undefined(SAME_ORDER, change.n, change.unit, change.method)
    return change


def answers_per_hour(rows: pd.DataFrame) -> float:
    """How fast positions run against time within sessions, of answers with both; 0 where there are none."""
    both = rows[rows[HOURS.column].between(0, HOURS.longest) & np.isfinite(rows[HUNDREDS.column])]
    session = both["session"].to_numpy(np.int64)
    hours, hundreds = (
        within(both[axis.column].to_numpy(np.float64) / axis.unit, session) for axis in (HOURS, HUNDREDS)
    )
    return 100 * sqrt(hundreds / hours) if hours > 0 else 0.0


def within(column: Floats, group: Ints) -> float:
    """The sum of squares within groups."""
    if not len(column):
        return 0.0
    _, home = np.unique(group, return_inverse=True)
    return float(((column - (sums(home, column) / sums(home, np.ones(len(home))))[home]) ** 2).sum())


def _adjust(
    cells: pd.DataFrame, axis: Axis, answers: Recurring | None, left: float | None, work: Floats, pull: Floats
) -> Evidence:
    strata = stratum_scores(cells, axis)
    separable = left is not None and left >= LEAST_LEFT
    residual = None
    if answers is not None and answers.left is not None and separable and answers.coverage >= ENOUGH_RECUR:
        adjusted_for, caveat = [axis.group, "item"], None
        single = single_scores(answers)
        # A slope divided by the pull counts by work times pull: that is the slope of the errors, by work.
        target = shares(single, work * pull)
        team = items_by_work(answers, single, target) if target else item_scores(answers, answers.free)
        single = single.pulled(pull)
    else:
        answers = None
        single = strata
        target = shares(strata, work)
        team = by_work(strata, target) if target else strata
        by_strata = cells["stratum"].nunique() > 1
        adjusted_for = [axis.group, "difficulty strata"] if by_strata else [axis.group]
        caveat = SAME_ORDER if left is not None and not separable else FEW_RECUR
        if by_strata and target:
            raw = stratum_scores(cells.assign(stratum=0), axis)
            taken = by_work(raw, target).slope - team.slope if len(raw.d) else 0.0
            residual = STAYS * taken
            caveat += f" (strata took out {points(taken)} points {STEPS[axis]}; up to {points(residual)} may be left)"
    impossible = f"{strata.left_out} answers with impossible times left out" if strata.left_out else None
    slope = team_slope(team, target.between if target else 0.0)
    if slope is None:
        change = undefined(_why_none(cells, axis), int(cells["n"].sum()), UNIT)
    else:
        method = f"mean over the team's work, within {' and '.join(adjusted_for)}, {slope.method}"
        method += ", and what strata may leave" if residual else ""
        change = estimate(with_few_errors(slope, team), method, "; ".join(filter(None, (caveat, impossible))) or None)
        change = _widened(change, residual or 0.0)
    return Evidence(axis, team, single, adjusted_for, left, caveat, residual, change, answers)


def _widened(change: Estimate, residual: float) -> Estimate:
    """The interval made longer on the side to which the slope would move without the bias that may be left."""
    low, high = interval(change)
    return replace(change, low=low - max(residual, 0.0), high=high - min(residual, 0.0))


def _why_none(cells: pd.DataFrame, axis: Axis) -> str:
    sx = cells[axis.sums[0]]
    if not (sx.fillna(0) != 0).any():
        return f"no {axis.noun}"
    return f"no {axis.group} has judged answers at different {axis.noun}"
