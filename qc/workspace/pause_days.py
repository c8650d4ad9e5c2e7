"""What if everybody paused: days with pauses against days without, from the fatigue section and the prices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from qc.model import CostPolicy
from qc.stats.fatigue import STRETCHES, USUAL_DAY, PausePlan, pause_plan, stretch_that_pays


@dataclass(frozen=True, slots=True)
class PauseDays:
    """The stretch that costs least, what it brings in a day of one person, and the same for other stretches.

    minutes: that of the whole day, which has no pause, where none pays.
    rows: minutes (of work between pauses), saved, lost, net, in money; low and high: the gain at the ends of the
    slope's interval. hours: the day.
    """

    minutes: float
    plan: PausePlan
    low: float
    high: float
    hours: float
    rows: list[dict[str, float]]


def pause_days(part: Mapping[str, Any], cost: CostPolicy, pause_minutes: float, error_price: float) -> PauseDays | None:
    """Days with pauses of one length at one price of an escaped error; None where no slope above 0 is known.

    part: the section `fatigue` of one source. True only as far as a pause restores.
    """
    slope, rate = part["overall"]["error_per_hour"], part["answers_per_hour"]
    if slope["value"] is None or slope["value"] <= 0 or not rate:
        return None
    prices, pause = replace(cost, escaped_error=error_price), pause_minutes / 60
    hours = max(part["day_hours"] or USUAL_DAY, 1.0)

    def plan(change: float, minutes: float) -> PausePlan:
        return pause_plan(change, rate, hours, minutes / 60, pause, prices)

    minutes = stretch_that_pays(slope["value"], rate, hours, pause, prices) or 60 * hours
    rows = [
        {"minutes": float(stretch), "saved": day.money_saved, "lost": day.money_lost, "net": day.net}
        for stretch in STRETCHES
        if stretch <= 60 * hours
        for day in [plan(slope["value"], stretch)]
    ]
    low, high = (plan(slope[end], minutes).net for end in ("low", "high"))
    return PauseDays(minutes, plan(slope["value"], minutes), low, high, hours, rows)
