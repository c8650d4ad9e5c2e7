"""Whether breaks restore, and when one pays."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
import pandas as pd

from qc.model import CostPolicy, Estimate, undefined
from qc.stats.fatigue.evidence import UNIT, estimate
from qc.stats.fatigue.frames import numbers
from qc.stats.fatigue.scores import Axis, stratum_scores
from qc.stats.fatigue.slopes import team_slope, with_few_errors

PAUSE_HOURS = 10 / 60
# Minutes of work between pauses that are tried, and the hours of a day that nobody knows.
STRETCHES = tuple(range(15, 245, 5))
USUAL_DAY = 8.0
# From before (0) to after (1) a pause; the pause takes the place of the session.
ACROSS = Axis("sides of a pause", "after", ("sx", "sxx", "sxy"), 1.0, 1.0)
# With fewer answers around pauses the difference says nothing.
FEWEST_AROUND = 50
NO_PAUSE = "no pause of 10 minutes or more has judged answers in the half hours before and after it"


@dataclass(frozen=True, slots=True)
class PausePlan:
    """A day with pauses against the day without: errors and money saved, minutes and money lost; `net` in money."""

    pauses: int
    errors_saved: float
    money_saved: float
    minutes_lost: float
    money_lost: float

    @property
    def net(self) -> float:
        """What the day gains."""
        return self.money_saved - self.money_lost


def recovery(pauses: pd.DataFrame) -> Estimate:
    """The error rate in the half hour after a pause less that in the half hour before, within each pause.

    pauses: the measure of that name, one source: annotator, pause, stratum, before, before_errors, after,
    after_errors. Every pause of 10 minutes or more of a day counts, whatever came before it, so that pauses after a bad
    quarter of an hour do not make recovery of what is regression to the mean. Sandwich over annotators.
    """
    before, wrong_before = numbers(pauses, "before"), numbers(pauses, "before_errors")
    after, wrong_after = numbers(pauses, "after"), numbers(pauses, "after_errors")
    names = pd.factorize(pauses["annotator"].astype(str), sort=True)[0]
    pause = pd.factorize(names * (int(numbers(pauses, "pause").max(initial=0)) + 1) + pauses["pause"].to_numpy())[0]
    errors = wrong_before + wrong_after
    cells = pd.DataFrame({"annotator": names, "session": pause, "stratum": pauses["stratum"].to_numpy()})
    cells = cells.assign(n=before + after, sx=after, sxx=after, sxy=wrong_after, sy=errors, syy=errors, pi=np.nan)
    scores = stratum_scores(cells, ACROSS)
    slope = team_slope(scores)
    if slope is None:
        return undefined(NO_PAUSE, 0, UNIT)
    if slope.n < FEWEST_AROUND:
        few = f"{slope.n} judged answers lie around pauses that have some on both sides; {FEWEST_AROUND} are needed"
        return undefined(few, slope.n, UNIT)
    method = f"within pauses of 10 minutes or more, half an hour before and after, {slope.method}"
    return estimate(with_few_errors(slope, scores), method, None)


def break_after_minutes(
    slope: float, answers_per_hour: float, cost: CostPolicy, day_hours: float = USUAL_DAY
) -> float | None:
    """The stretch of work between ten-minute pauses that costs least, in minutes; None where no pause pays.

    slope: errors per answer and hour, > 0. With pause d hours, wage w and cost c of an escaped error, a stretch of m
    hours costs d·w/m + slope·r·c·m/2 an hour, least at sqrt(2·d·w / (slope·r·c)): true if a pause restores.
    """
    return stretch_that_pays(slope, answers_per_hour, day_hours, PAUSE_HOURS, cost)


def stretch_that_pays(
    slope: float, answers_per_hour: float, day_hours: float, pause_hours: float, cost: CostPolicy
) -> float | None:
    """Minutes between pauses that a day of `day_hours` gains by: `best_stretch`; None where every pause costs more.

    A day is no whole number of stretches: where the best of an endless day gains nothing, the best of STRETCHES.
    """
    best = best_stretch(slope, answers_per_hour, pause_hours, cost)
    if best is None:
        return None

    def gain(minutes: float) -> float:
        return pause_plan(slope, answers_per_hour, day_hours, minutes / 60, pause_hours, cost).net

    tried = best if gain(best) > 0 else float(max(STRETCHES, key=gain))
    return tried if gain(tried) > 0 else None


def best_stretch(slope: float, answers_per_hour: float, pause_hours: float, cost: CostPolicy) -> float | None:
    """The stretch of an endless day, in minutes, for pauses of any length; None where errors cost nothing."""
    loss = slope * answers_per_hour * cost.escaped_error
    if not loss > 0:
        return None
    return round(60 * sqrt(2 * pause_hours * cost.annotator_wage / loss))


def pause_plan(
    slope: float, answers_per_hour: float, day_hours: float, stretch_hours: float, pause_hours: float, cost: CostPolicy
) -> PausePlan:
    """What pauses of one length after stretches of one length save and lose in a day of `day_hours` of work.

    Errors rise by `slope` per answer and hour since the last pause, so a stretch of m hours has slope·r·m²/2 of them
    more than rested work has: H hours in stretches of m save slope·r·(H² − Σm²)/2. Pauses come on top of the H hours.
    """
    stretch = min(max(stretch_hours, 1 / 60), day_hours)
    whole = int(day_hours / stretch + 1e-9)
    last = day_hours - whole * stretch
    pauses = whole if last > 1e-9 else whole - 1
    saved = slope * answers_per_hour * (day_hours**2 - whole * stretch**2 - last**2) / 2
    lost = pauses * pause_hours
    return PausePlan(pauses, saved, saved * cost.escaped_error, 60 * lost, lost * cost.annotator_wage)


def day_limit(slope: Estimate, answers_per_hour: float, cost: CostPolicy) -> float | None:
    """Hours of a day after which an hour's extra errors cost more than the hour's wage; None where errors do not rise.

    slope: errors per answer and hour worked that day. After h hours there are slope·h·r more errors an hour than
    rested, each at cost c: as much as the wage w at h = w/(slope·r·c). Work moved to another day saves them.
    """
    if slope.value is None or slope.low is None or slope.low <= 0:
        return None
    loss = slope.value * answers_per_hour * cost.escaped_error
    return round(cost.annotator_wage / loss, 2) if loss > 0 else None
