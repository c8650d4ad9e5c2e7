"""How much of a subject's work is reviewed: raised by a control chart, lowered by a posterior."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qc.model import LEVELS, ErrorPolicy
from qc.stats.charts import CusumDesign, path
from qc.stats.shrinkage import FALLBACK, Beta

# Judgements before the last so many are forgotten when a level is to be lowered.
REMEMBERED = 300


@dataclass(frozen=True, slots=True)
class Evidence:
    """The number that decided, what it was compared with, and from how many judged answers."""

    statistic: float | None
    threshold: float | None
    n: int


@dataclass(frozen=True, slots=True)
class LevelProposal:
    """The level in force, the one that the evidence asks for (the same where it asks for no change), and why."""

    level: str
    proposed: str
    reason: str
    evidence: Evidence


def assess_level(
    level: str, drawn: ArrayLike, gold: ArrayLike, chart: CusumDesign, policy: ErrorPolicy, prior: Beta = FALLBACK
) -> LevelProposal:
    """The level that a subject's judged answers ask for; one step at a time.

    drawn, gold: judgements since the level last changed, in time order, 1 = wrong; `drawn` is the random share alone,
    and gold answers have a chart of their own. Up where either chart alarmed (from `full` there is no way up). Down
    from `full` or `tightened` when P(rate > (p0 + p1)/2), and from `normal` when P(rate > p0), is under
    policy.lower_below, in the posterior of the last 300 drawn answers under the team's prior; policy.min_to_lower of
    them are needed.
    """
    wrong = np.asarray(drawn, bool)
    if level != LEVELS[-1]:
        for name, errors in (("randomly drawn", wrong), ("gold", np.asarray(gold, bool))):
            if alarm := _alarm(level, name, errors, chart):
                return alarm
    recent = wrong[-REMEMBERED:]
    if level == LEVELS[0] or recent.size < policy.min_to_lower:
        return _steady(level, wrong, chart, policy)
    return _posterior(level, recent, policy, prior)


def _alarm(level: str, name: str, errors: NDArray[np.bool_], chart: CusumDesign) -> LevelProposal | None:
    trace = path(errors, chart)
    if not trace.alarms.size:
        return None
    at = int(trace.alarms[0])
    height = float(trace.values[at])
    proposed = LEVELS[LEVELS.index(level) + 1]
    return LevelProposal(
        level,
        proposed,
        f"{int(errors[: at + 1].sum())} errors in {at + 1} {name} answers took the control chart to {height:.2f}, "
        f"over its threshold of {chart.h:.2f}: review goes from {level} to {proposed}.",
        Evidence(height, chart.h, errors.size),
    )


def _steady(level: str, errors: NDArray[np.bool_], chart: CusumDesign, policy: ErrorPolicy) -> LevelProposal:
    if not errors.size:
        reason = "No randomly drawn answer was judged since the level last changed."
        return LevelProposal(level, level, reason, Evidence(None, chart.h, 0))
    height = float(path(errors, chart).values[-1])
    missing = "" if level == LEVELS[0] else f"; at least {policy.min_to_lower} are needed before review is lowered"
    reason = f"The control chart stands at {height:.2f} of {chart.h:.2f} after {errors.size} drawn answers{missing}."
    return LevelProposal(level, level, reason, Evidence(height, chart.h, errors.size))


def _posterior(level: str, errors: NDArray[np.bool_], policy: ErrorPolicy, prior: Beta) -> LevelProposal:
    rate = policy.target if level == "normal" else (policy.target + policy.limit) / 2
    wrong = int(errors.sum())
    p = prior.updated(wrong, errors.size).p_above(rate)
    lower = p < policy.lower_below
    proposed = LEVELS[LEVELS.index(level) - 1] if lower else level
    change = f"review goes from {level} to {proposed}" if lower else f"review stays {level}"
    return LevelProposal(
        level,
        proposed,
        f"After {wrong} errors in the last {errors.size} drawn answers the probability of an error rate above "
        f"{100 * rate:.1f} % is {p:.2f}, {'under' if lower else 'not under'} {policy.lower_below:.2f}: {change}.",
        Evidence(p, policy.lower_below, errors.size),
    )
