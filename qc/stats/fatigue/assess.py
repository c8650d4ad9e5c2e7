"""The fatigue section of an assessment: one verdict per source of judgement, with the slopes behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import expm1

import numpy as np
import pandas as pd

from qc.model import CostPolicy, Estimate, FatiguePolicy, undefined
from qc.stats.fatigue.advice import advice
from qc.stats.fatigue.evidence import UNIT, Evidence, answers_per_hour, gather, shown
from qc.stats.fatigue.frames import (
    apart,
    hours_per_hundred,
    judged_answers,
    judged_cells,
    mixed_sources,
    ordered,
    pace_scores,
)
from qc.stats.fatigue.monotony import monotony
from qc.stats.fatigue.pauses import NO_PAUSE, USUAL_DAY, break_after_minutes, day_limit, recovery
from qc.stats.fatigue.people import by_annotator
from qc.stats.fatigue.result import Fatigue, OverallFatigue
from qc.stats.fatigue.scores import DAY_HOURS, HOURS, HUNDREDS, Axis
from qc.stats.fatigue.shape import by_clock, by_hour, by_position, by_site
from qc.stats.fatigue.slopes import team_slope
from qc.stats.fatigue.verdict import Trend, Verdict, decide, pace_alone, sentence, too_wide
from qc.stats.fatigue.work import by_work, shares
from qc.stats.two_way import sums

# Times of half of the answers say more of fatigue than positions of all.
TWICE = 2


def assess_fatigue(
    judged_time: pd.DataFrame,
    judged_rows: pd.DataFrame,
    pace: pd.DataFrame,
    time_bins: pd.DataFrame,
    policy: FatiguePolicy,
    cost: CostPolicy,
    sources: Sequence[str] = (),
    *,
    answer_order: pd.DataFrame | None = None,
    pauses: pd.DataFrame | None = None,
    work: Mapping[str, float] | None = None,
    sites: Mapping[str, str] | None = None,
    kinds: Mapping[int, str] | None = None,
    unusable: str | None = None,
) -> list[Fatigue]:
    """Fatigue by source of judgement, from the measures of those names (docs/architecture.md).

    Sources, annotators and sessions are named alike in all frames, which may be empty; `sources` adds those whose
    answers belong to no session, and they get `too little data`. Equal bytes need equal row order.
    answer_order: all answers, judged or not; work: answers by annotator (else those judged); sites: by annotator;
    unusable: what is wrong with the times that there are.
    """
    mixed = mixed_sources(judged_time)
    frames = [apart(frame, mixed) for frame in (judged_time, judged_rows, time_bins)]
    paused = None if pauses is None else apart(pauses, mixed)
    usual = hours_per_hundred(pace)
    seconds = paces(pace)
    order = None if answer_order is None else ordered(answer_order)
    result = []
    for source in sorted({*frames[0]["source"], *sources}):
        cells, rows, bins = (frame[frame["source"] == source] for frame in frames)
        names = sorted(cells["annotator"].astype(str).unique())
        counted, answers = judged_cells(cells, names), judged_answers(rows, names)
        judged = sums(counted["annotator"].to_numpy(np.int64), counted["n"].to_numpy(np.float64), len(names))
        share = judged if work is None else np.array([work.get(name, 0.0) for name in names])
        hours, hundreds, day = gather(counted, answers, order, share)
        deciding = hours if _timed(hours, hundreds) else hundreds
        trend = _trend(deciding, usual, policy, _reach(answers, deciding.axis))
        lack = _lack(counted, trend, policy, unusable)
        pace_of = _hourly(seconds, usual)
        verdict, reason = _decide(trend, deciding, pace_of, lack, policy)
        alone = pace_alone(pace_of, seconds[HUNDREDS], policy.seconds_margin)
        rate = answers_per_hour(answers) or (100 / usual if usual else 0.0)
        restored = undefined(NO_PAUSE, 0, UNIT)
        if paused is not None:
            restored = recovery(paused[paused["source"] == source])
        alike = monotony(answers, dict(kinds or {}))
        told = verdict is not Verdict.CONFOUNDED and lack is None
        rising = verdict is Verdict.RISING and hours.change.value is not None
        restores = restored.high is not None and restored.high < 0
        worked = _median_day(answers)
        by_day = max(worked or USUAL_DAY, 1.0)
        pause = break_after_minutes(hours.change.value or 0.0, rate, cost, by_day) if rising and restores else None
        limit = day_limit(day.change, rate, cost) if told else None
        overall = OverallFatigue(
            str(verdict),
            sentence(verdict, trend, pace_of, reason, deciding.caveat, alone),
            shown(hours.change, verdict),
            shown(hundreds.change, verdict),
            shown(day.change, verdict),
            seconds[HOURS],
            seconds[HUNDREDS],
            seconds[DAY_HOURS],
            deciding.adjusted_for,
            deciding.left,
            deciding.residual,
            reason,
        )
        shifts, clock = by_clock(answers, hours, policy.shifts)
        result.append(
            Fatigue(
                str(source),
                overall,
                by_annotator(names, counted, hours, hundreds, None if lack else trend, verdict, policy, pace_of),
                by_hour(bins, answers, hours),
                by_position(answers, hundreds),
                restored,
                alike,
                shifts,
                clock,
                by_site(hours, names, sites or {}) if verdict is not Verdict.CONFOUNDED else [],
                advice(verdict, pause, restored, alike, limit),
                rate or None,
                worked,
                limit,
                pause,
            )
        )
    return result


def paces(pace: pd.DataFrame) -> dict[Axis, Estimate]:
    """`seconds_along` each axis: hours of the session, hundreds of answers, hours of the day."""
    return {axis: seconds_along(pace, axis) for axis in (HOURS, HUNDREDS, DAY_HOURS)}


def pace_only(pace: pd.DataFrame, policy: FatiguePolicy) -> tuple[list[Estimate], str]:
    """What can be said where nothing was judged: the change of pace along the three axes, and a sentence if it is sure.

    pace: the measure of that name, which may be empty.
    """
    seconds = paces(pace)
    hourly = _hourly(seconds, hours_per_hundred(pace))
    return list(seconds.values()), pace_alone(hourly, seconds[HUNDREDS], policy.seconds_margin)


def seconds_along(pace: pd.DataFrame, axis: Axis) -> Estimate:
    """The relative change of the time an answer takes, per unit of the axis: 0.05 is 5 % longer.

    pace: the measure of that name; undefined where no session (day) has durations at different places.
    """
    scores = pace_scores(pace, axis)
    size = int(scores.annotator.max(initial=-1)) + 1
    target = shares(scores, sums(scores.annotator, scores.n, size)) if size else None
    slope = team_slope(by_work(scores, target), target.between) if target else None
    if slope is None:
        return undefined(f"no {axis.group} has durations at different {axis.noun}", unit="answers")
    ends = (slope.value, slope.value - slope.half_width, slope.value + slope.half_width)
    inferred = "inferred" in pace and bool(pace["inferred"].any())
    known = "from one answer to the next where no durations are known, " if inferred else ""
    # Beyond e^±20 an interval says nothing, and would overflow.
    value, low, high = (expm1(min(max(end, -20.0), 20.0)) for end in ends)
    return Estimate(
        value,
        low,
        high,
        slope.n,
        "answers",
        f"mean of log-seconds over the team's work, {known}within {axis.group} and stratum, {slope.method}",
    )


def _hourly(seconds: Mapping[Axis, Estimate], usual: float | None) -> Estimate:
    """The change of pace per hour: along hours, else along positions by the hours that 100 answers take."""
    return seconds[HOURS] if seconds[HOURS].value is not None else _per_hour(seconds[HUNDREDS], usual)


def _per_hour(per_hundred: Estimate, usual: float | None) -> Estimate:
    """A relative change per 100 answers as one per hour of answers."""
    if per_hundred.value is None or not usual:
        return per_hundred
    low, high = per_hundred.low or 0.0, per_hundred.high or 0.0
    value, low, high = ((1 + end) ** (1 / usual) - 1 for end in (per_hundred.value, low, high))
    return Estimate(value, low, high, per_hundred.n, per_hundred.unit, per_hundred.method)


def _median_day(rows: pd.DataFrame) -> float | None:
    """Hours that the median annotator's day lasted, as far as judged answers tell; None without hours of a day."""
    known = rows[np.isfinite(rows["h"]) & (rows["day"] >= 0)]
    return float(known.groupby("day")["h"].max().median() / 3600) if len(known) else None


def _timed(hours: Evidence, hundreds: Evidence) -> bool:
    """Whether hours decide: where there are times, unless positions tell of more than twice as many answers."""
    if hours.change.value is None:
        return False
    return hundreds.change.value is None or hundreds.change.n <= TWICE * hours.change.n


def _trend(deciding: Evidence, usual: float | None, policy: FatiguePolicy, reach: float) -> Trend | None:
    """The trend that decides: along hours, or along positions with the margin for as long as 100 answers take.

    Without any durations 100 answers count as an hour, and the sentence speaks of the fourth hundred.
    """
    if deciding.change.value is None:
        return None
    if deciding.axis is HOURS:
        return Trend(deciding.change, policy.margin, "an hour", "hour", reach=reach)
    later, steps = ("hour", 3 / usual) if usual else ("hundred answers", 3.0)
    return Trend(deciding.change, policy.margin * (usual or 1.0), "per 100 answers", later, steps, reach)


def _reach(rows: pd.DataFrame, axis: Axis) -> float:
    """How far along the axis judged answers go, but for the last hundredth of them; 0 without any."""
    along = rows[axis.column].to_numpy(np.float64)
    along = along[np.isfinite(along) & (along >= 0) & (along <= axis.longest)]
    return float(np.quantile(along, 0.99)) / axis.unit if len(along) else 0.0


def _lack(cells: pd.DataFrame, trend: Trend | None, policy: FatiguePolicy, unusable: str | None) -> str | None:
    """Why nothing can be decided yet, None if it can."""
    if trend is None:
        if (cells[["st", "sp"]].fillna(0) != 0).any(axis=None):
            return "no session has judged answers at different times"
        return f"no usable times and no positions: {unusable}" if unusable else "no times and no positions"
    if trend.change.n < policy.min_judged:
        return f"{trend.change.n} judged answers tell of time at work; at least {policy.min_judged} are needed"
    return None


def _decide(
    trend: Trend | None, deciding: Evidence, seconds: Estimate, lack: str | None, policy: FatiguePolicy
) -> tuple[Verdict, str | None]:
    if lack is not None or trend is None:
        return Verdict.TOO_LITTLE, lack
    verdict = decide(trend, seconds, policy.seconds_margin, deciding.left)
    if verdict is Verdict.TOO_LITTLE:
        return verdict, too_wide(trend)
    if verdict is Verdict.CONFOUNDED and deciding.left is not None:
        return verdict, f"items leave {deciding.left:.0%} of the variance of time at work".replace("%", " %")
    return verdict, None
