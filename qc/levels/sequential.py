"""The policy `sequential`: a level is raised by a control chart and lowered by a posterior."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from qc.levels.proposal import Evidence, Judged, LevelProposal, counted
from qc.model import LEVELS, Policy
from qc.stats.charts import CusumDesign, path
from qc.stats.shrinkage import Beta

NOTHING_DRAWN: Final = (
    "No randomly drawn answer was judged {when}. Reviews that came with an export do not count: nobody knows how they "
    "were chosen."
)


def sequential(level: str, judged: Judged, chart: CusumDesign, policy: Policy, prior: Beta) -> LevelProposal:
    """The level that a subject's judged answers ask for; one step at a time.

    Gold answers have a chart of their own. Up where either chart alarmed (from `full` there is no way up). Down from
    `full` or `tightened` when P(rate > (p0 + p1)/2), and from `normal` when P(rate > p0), is under errors.lower_below,
    in the posterior of the last levels.window drawn answers under the team's prior; errors.min_to_lower of them are
    needed.
    """
    if level != LEVELS[-1]:
        for name, errors in (("randomly drawn", judged.drawn), ("gold", judged.gold)):
            if alarm := _alarm(level, name, errors, chart):
                return alarm
    recent = judged.drawn[-policy.levels.window :]
    if level == LEVELS[0] or recent.size < policy.errors.min_to_lower:
        return steady(level, judged, chart, "" if level == LEVELS[0] else _missing(policy))
    return _posterior(level, recent, policy, prior)


def steady(level: str, judged: Judged, chart: CusumDesign, more: str) -> LevelProposal:
    """No change: how near the control chart of the drawn answers is to its threshold."""
    errors = judged.drawn
    if not errors.size:
        nothing = NOTHING_DRAWN.format(when="since the level last changed" if judged.changed else "yet")
        return LevelProposal(level, level, nothing, Evidence(None, chart.h, 0))
    height = float(path(errors, chart).values[-1])
    after = counted(errors.size, "drawn answer")
    reason = f"The control chart stands at {height:.2f} of {chart.h:.2f} after {after}{more}."
    return LevelProposal(level, level, reason, Evidence(height, chart.h, errors.size))


def _missing(policy: Policy) -> str:
    return f"; at least {policy.errors.min_to_lower} are needed before review is lowered"


def _alarm(level: str, name: str, errors: NDArray[np.bool_], chart: CusumDesign) -> LevelProposal | None:
    trace = path(errors, chart)
    if not trace.alarms.size:
        return None
    at = int(trace.alarms[0])
    height = float(trace.values[at])
    wrong, seen = counted(int(errors[: at + 1].sum()), "error"), counted(at + 1, f"{name} answer")
    proposed = LEVELS[LEVELS.index(level) + 1]
    return LevelProposal(
        level,
        proposed,
        f"{wrong} in {seen} took the control chart to {height:.2f}, "
        f"and it alarms from {chart.h:.2f} on: review goes from {level} to {proposed}.",
        Evidence(height, chart.h, errors.size),
    )


def _posterior(level: str, errors: NDArray[np.bool_], policy: Policy, prior: Beta) -> LevelProposal:
    rules = policy.errors
    rate = rules.target if level == "normal" else (rules.target + rules.limit) / 2
    wrong = int(errors.sum())
    p = prior.updated(wrong, errors.size).p_above(rate)
    lower = p < rules.lower_below
    proposed = LEVELS[LEVELS.index(level) - 1] if lower else level
    change = f"review goes from {level} to {proposed}" if lower else f"review stays {level}"
    return LevelProposal(
        level,
        proposed,
        f"After {counted(wrong, 'error')} in the last {errors.size:,} drawn answers the probability of an error rate "
        f"above {100 * rate:.1f} % is {_probability(p)}, {'less' if lower else 'not less'} than "
        f"{rules.lower_below:.2f}: {change}.",
        Evidence(p, rules.lower_below, errors.size),
    )


def _probability(p: float) -> str:
    """Nothing that was estimated is certain."""
    return "under 0.01" if p < 0.01 else "over 0.99" if p > 0.99 else f"{p:.2f}"
