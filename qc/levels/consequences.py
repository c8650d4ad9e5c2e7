"""What a policy of levels leads to, in sentences and figures, before anybody puts it in force."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor
from typing import Final

import numpy as np

from qc.levels.lots import SEVERITY, plan_for
from qc.levels.proposal import counted
from qc.model import LEVELS, Policy
from qc.stats.acceptance import LotPlan, SinglePlan, average_inspected, average_outgoing
from qc.stats.charts import CusumDesign, from_false_alarms

NUMBERS: Final = (
    *("no", "one", "two", "three", "four", "five", "six"),
    *("seven", "eight", "nine", "ten", "eleven", "twelve"),
)
ADVICE: Final = "review more or ask for less"
# A rise that is noticed within this many months needs no advice.
SOON: Final = 1.0
WEEKS: Final = 365.25 / 12 / 7
# Sizes of batches that show how plans differ.
BATCHES: Final = (50, 500, 5000)
# Error rates of the curve of lots.
CURVE: Final = tuple(round(0.005 * step, 3) for step in range(41))


@dataclass(frozen=True, slots=True)
class Volume:
    """Annotators, judged answers a month over all of them, and how many the busiest month so far had."""

    annotators: int
    judged: float
    busiest: int


@dataclass(frozen=True, slots=True)
class CurveRow:
    """Under one level of lots, at one error rate: how likely a lot passes, what is left wrong, what is checked of it.

    n answers of each lot are checked; rejected lots are taken to be checked whole and put right.
    """

    level: str
    n: int
    rate: float
    accepted: float
    outgoing: float
    inspected: float


@dataclass(frozen=True, slots=True)
class Consequences:
    """What follows from a policy: sentences, the control chart, and the curves where lots decide."""

    sentences: tuple[str, ...]
    chart: CusumDesign
    curve: tuple[CurveRow, ...] = ()


def consequences(policy: Policy, volume: Volume) -> Consequences:
    """What a policy of levels leads to at a volume of review; InputError where it could not work.

    Means over many months: a stated mean is exceeded in about half of them.
    """
    errors = policy.errors
    judged = volume.judged * len(policy.levels.subjects)
    chart = from_false_alarms(errors.target, errors.limit, errors.false_alarms_per_month, judged)
    charted = _charted(policy, chart, volume)
    match policy.levels.policy:
        case "lots":
            said = (_plans(policy), _passes(policy), _leaves(policy), *_who(policy))
            return Consequences(said, chart, curve(policy))
        case "manual":
            shown = "No level changes by itself; the control charts are shown, and a lead decides."
            return Consequences((shown, charted, _reckoned(volume)), chart)
        case _:
            return Consequences((charted, _reckoned(volume), _lowered(policy), *_who(policy)), chart)


def curve(policy: Policy) -> tuple[CurveRow, ...]:
    """Operating characteristic and average outgoing quality of lots of the usual size, at each level that samples."""
    rates = np.array(CURVE)
    rows = []
    for level in LEVELS[:-1]:
        plan = plan_for(policy.levels.lot_size, level, policy.levels)
        accepted = _accepts(plan, rates)
        columns = (
            accepted,
            average_outgoing(accepted, rates, plan.n, policy.levels.lot_size),
            average_inspected(accepted, plan.n, policy.levels.lot_size),
        )
        rows += [
            CurveRow(level, plan.n, rate, *(float(value) for value in values))
            for rate, *values in zip(CURVE, *columns, strict=True)
        ]
    return tuple(rows)


def _charted(policy: Policy, chart: CusumDesign, volume: Volume) -> str:
    judged = volume.judged * len(policy.levels.subjects)
    each = volume.judged / max(volume.annotators, 1)
    alarms = f"About {_alarms(chart.false_alarms(judged))} a month"
    team = f"for {counted(volume.annotators, 'annotator')} with {_rounded(each)} reviewed answers each"
    rise = f"a rise from {_percent(chart.p0)} to {_percent(chart.p1)} % is noticed after about"
    months = chart.anos1 / each if each else None
    when = "never without review" if months is None else f"{_duration(months)} at this volume"
    advice = f": {ADVICE}" if months is None or months > SOON else ""
    return f"{alarms} {team}; {rise} {_rounded(chart.anos1)} reviewed answers, {when}{advice}."


def _reckoned(volume: Volume) -> str:
    so_far = f"the busiest month so far had {volume.busiest:,}"
    if volume.judged > volume.busiest:
        return f"This reckons with {_rounded(volume.judged)} reviewed answers a month, as the policy expects; {so_far}."
    return f"This reckons with {_rounded(volume.judged)} reviewed answers a month, as in the busiest month so far."


def _lowered(policy: Policy) -> str:
    errors = policy.errors
    return (
        f"Review is lowered after {errors.min_to_lower} reviewed answers at the earliest, where the last "
        f"{policy.levels.window} leave a chance under {_percent(errors.lower_below)} % of an error rate above "
        f"{_percent(errors.target)} % (from tightened or full: above {_percent((errors.target + errors.limit) / 2)} %)."
    )


def _plans(policy: Policy) -> str:
    levels = policy.levels
    plans = [(level, plan_for(levels.lot_size, level, levels)) for level in LEVELS[:-1]]
    said = "; ".join(
        f"{level} {plan.n} answers, rejected from {counted(plan.reject, 'error')} on" for level, plan in reversed(plans)
    )
    what, waits = "run", ""
    if levels.lot == "batch":
        what = "batch"
        others = ", ".join(f"of {size:,} {plan_for(size, 'normal', levels).n:,}" for size in BATCHES)
        waits = f" Every batch is drawn and judged by the plan of its own size and level: under normal {others}."
    return (
        f"Of each {what} of {levels.lot_size:,} answers are checked: {said} "
        f"(MIL-STD-105E, inspection level {levels.inspection}, AQL {levels.aql:g} %).{waits}"
    )


def _passes(policy: Policy) -> str:
    plan = plan_for(policy.levels.lot_size, "normal", policy.levels)
    rates = (policy.errors.target, policy.errors.limit)
    good, bad = (float(_accepts(plan, np.array(rate))) for rate in rates)
    return (
        f"Under {SEVERITY['normal']} inspection a lot with {_percent(rates[0])} % errors passes in {_percent(good)} % "
        f"of cases, one with {_percent(rates[1])} % in {_percent(bad)} %; two rejected of five tighten "
        "inspection, five rejected under tightened inspection end it, and everything is checked."
    )


def _leaves(policy: Policy) -> str:
    rows = [row for row in curve(policy) if row.level == "normal"]
    worst = max(rows, key=lambda row: row.outgoing)
    return (
        f"Where rejected lots are checked whole, at most {_percent(worst.outgoing)} % errors are left on average "
        f"(at {_percent(worst.rate)} %)."
    )


def _who(policy: Policy) -> tuple[str, ...]:
    if policy.errors.automatic:
        return ()
    return ("No level changes until a lead has approved it.",)


def _accepts(plan: LotPlan, rates: np.ndarray) -> np.ndarray:
    # In the gap of reduced inspection a lot passes, too.
    return SinglePlan(plan.n, plan.reject - 1).accepts(rates)


def _alarms(mean: float) -> str:
    return f"{mean:.1f} false alarm{'' if f'{mean:.1f}' == '1.0' else 's'}"


def _duration(months: float) -> str:
    count, unit = (months, "month") if months >= SOON else (months * WEEKS, "week")
    low, high = floor(count + 0.05), ceil(count - 0.05)
    if count < 1 - 0.05:
        return f"less than a {unit}"
    if low >= high or high >= len(NUMBERS):
        return f"about {counted(round(count), unit)}"
    return f"{NUMBERS[low]} to {NUMBERS[high]} {unit}s"


def _rounded(value: float) -> str:
    return f"{value:.1f}" if 0 < value < 1 else f"{round(value):,}"


def _percent(rate: float) -> str:
    return f"{100 * rate:.1f}".removesuffix(".0")
