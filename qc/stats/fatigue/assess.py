"""The fatigue section of an assessment: one verdict per source of judgement, with the slopes behind it."""

from __future__ import annotations

from collections.abc import Sequence
from math import expm1

import pandas as pd

from qc.model import CostPolicy, Estimate, FatiguePolicy, undefined
from qc.stats.fatigue.evidence import UNIT, Evidence, answers_per_hour, gather, shown
from qc.stats.fatigue.frames import hours_per_hundred, judged_answers, judged_cells, numbers, pace_scores
from qc.stats.fatigue.people import by_annotator
from qc.stats.fatigue.result import Fatigue, HourBin, OverallFatigue
from qc.stats.fatigue.scores import LONGEST_SESSION
from qc.stats.fatigue.slopes import team_slope
from qc.stats.fatigue.verdict import Trend, Verdict, break_after_minutes, decide, sentence, too_wide
from qc.stats.intervals import wilson

BINS_PER_HOUR = 4


def assess_fatigue(
    judged_time: pd.DataFrame,
    judged_rows: pd.DataFrame,
    pace: pd.DataFrame,
    time_bins: pd.DataFrame,
    policy: FatiguePolicy,
    cost: CostPolicy,
    sources: Sequence[str] = (),
) -> list[Fatigue]:
    """Fatigue by source of judgement, from the measures of those names (docs/architecture.md).

    Sources, annotators and sessions are named alike in all frames, which may be empty; `sources` adds those whose
    answers belong to no session, and they get `too little data`. Equal bytes need equal row order.
    """
    seconds, usual = seconds_per_hour(pace), hours_per_hundred(pace)
    result = []
    for source in sorted({*judged_time["source"], *sources}):
        cells, rows, bins = (frame[frame["source"] == source] for frame in (judged_time, judged_rows, time_bins))
        names = sorted(cells["annotator"].astype(str).unique())
        sums = judged_cells(cells, names)
        hours, hundreds = gather(sums, judged_answers(rows, names))
        deciding = hours if hours.change.value is not None else hundreds
        trend = _trend(hours, hundreds, usual, policy)
        lack = _lack(sums, trend, policy)
        verdict, reason = _decide(trend, deciding, seconds, lack, policy)
        pause = None
        if verdict is Verdict.RISING and hours.change.value is not None:
            pause = break_after_minutes(hours.change.value, answers_per_hour(sums), cost)
        overall = OverallFatigue(
            str(verdict),
            sentence(verdict, trend, seconds, reason, deciding.caveat),
            shown(hours.change, verdict),
            shown(hundreds.change, verdict),
            seconds,
            deciding.adjusted_for,
            reason,
        )
        people = by_annotator(names, sums, hours, hundreds, None if lack else trend, verdict, policy)
        result.append(Fatigue(str(source), overall, people, by_hour(bins), pause))
    return result


def seconds_per_hour(pace: pd.DataFrame) -> Estimate:
    """The relative change of the time an answer takes, per hour at work: 0.05 is 5 % longer each hour.

    pace: the measure of that name; undefined where no session has durations at different times.
    """
    scores = pace_scores(pace)
    slope = team_slope(scores)
    if slope is None:
        return undefined("no session has durations at different times", unit="answers")
    ends = (slope.value, slope.value - slope.half_width, slope.value + slope.half_width)
    # Beyond e^±20 an interval says nothing, and would overflow.
    value, low, high = (expm1(min(max(end, -20.0), 20.0)) for end in ends)
    return Estimate(value, low, high, slope.n, "answers", f"log-seconds within session and stratum, {slope.method}")


def by_hour(time_bins: pd.DataFrame) -> list[HourBin]:
    """Error rates by quarter of an hour since the session began, adjusted for nothing; `hour` is where it begins."""
    columns = (numbers(time_bins, name) for name in ("bin", "n", "errors"))
    return [
        HourBin(at / BINS_PER_HOUR, int(n), wilson(int(errors), int(n), unit=UNIT))
        for at, n, errors in sorted(zip(*columns, strict=True))
        if 0 <= at < LONGEST_SESSION / 3600 * BINS_PER_HOUR and n > 0
    ]


def _trend(hours: Evidence, hundreds: Evidence, usual: float | None, policy: FatiguePolicy) -> Trend | None:
    """What decides: hours where there are times, else positions, with the margin for as long as 100 answers take.

    Without any durations 100 answers count as an hour.
    """
    if hours.change.value is not None:
        return Trend(hours.change, policy.margin, "an hour", "hour")
    if hundreds.change.value is not None:
        return Trend(hundreds.change, policy.margin * (usual or 1.0), "per 100 answers", "hundred answers")
    return None


def _lack(cells: pd.DataFrame, trend: Trend | None, policy: FatiguePolicy) -> str | None:
    """Why nothing can be decided yet, None if it can."""
    if trend is None:
        timed = (cells[["st", "sp"]].fillna(0) != 0).any(axis=None)
        return "no session has judged answers at different times" if timed else "no times and no positions"
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
