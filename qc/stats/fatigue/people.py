"""Each annotator's slope, tested against no trend with the false discovery rate held, and drawn towards the team."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from qc.model import Estimate, FatiguePolicy, undefined
from qc.stats.fatigue.evidence import UNIT, Evidence, estimate, shown
from qc.stats.fatigue.result import AnnotatorFatigue
from qc.stats.fatigue.slopes import FEWEST_TO_SHRINK, Slope, shrink, single_slopes
from qc.stats.fatigue.verdict import Trend, Verdict, interval, sentence, too_wide
from qc.stats.multiple import benjamini_hochberg

# Nobody is judged on fewer answers of their own.
FEWEST_OF_ONE = 50


def by_annotator(
    names: list[str],
    cells: pd.DataFrame,
    hours: Evidence,
    hundreds: Evidence,
    trend: Trend | None,
    team: Verdict,
    policy: FatiguePolicy,
    seconds: Estimate,
) -> list[AnnotatorFatigue]:
    """One entry per name, in order; nobody gets a verdict where the team's data cannot give one.

    trend: what decides for the team, None where there is too little. Rising (or falling) means a q value within
    the policy's false discovery rate and an interval, once drawn towards the team, above (or below) 0.
    """
    per_hour, q_hours = _slopes(hours)
    per_hundred, q_hundreds = _slopes(hundreds)
    slopes, q_values = (
        (per_hour, q_hours) if trend is None or trend.change is hours.change else (per_hundred, q_hundreds)
    )
    judged = cells.groupby("annotator").agg(n=("n", "sum"), sessions=("session", "nunique"))
    judged = judged.reindex(range(len(names)), fill_value=0)
    result = []
    for code, name in enumerate(names):
        n = int(judged.at[code, "n"])
        verdict, q = Verdict.TOO_LITTLE, None
        if team is Verdict.CONFOUNDED:
            verdict = team
        elif trend is not None and code in slopes:
            q, q_falling = q_values[code]
            verdict = _verdict(slopes[code], q, q_falling, trend.margin, policy.false_discovery)
        own = None if trend is None or code not in slopes else replace(trend, change=slopes[code])
        evidence = hours if slopes is per_hour else hundreds
        lack = None
        if own is None:
            lack = _missing(evidence, n).reason
        elif verdict is Verdict.TOO_LITTLE:
            lack = too_wide(own)
        result.append(
            AnnotatorFatigue(
                name,
                str(verdict),
                sentence(verdict, own, seconds, lack, evidence.caveat),
                shown(per_hour.get(code, _missing(hours, n)), team),
                shown(per_hundred.get(code, _missing(hundreds, n)), team),
                q,
                n,
                int(judged.at[code, "sessions"]),
            )
        )
    return result


def _missing(evidence: Evidence, n: int) -> Estimate:
    """Why an annotator has no slope: nobody has one, or theirs would stand on too few answers."""
    if evidence.change.value is None:
        return evidence.change
    return undefined(f"fewer than {FEWEST_OF_ONE} judged answers tell of time at work", n, UNIT)


def _slopes(evidence: Evidence) -> tuple[dict[int, Estimate], dict[int, tuple[float, float]]]:
    """By annotator code: the slope drawn towards the team, and the q values of a rise and of a fall."""
    single = single_slopes(evidence.single)
    single = single.among(single.n >= FEWEST_OF_ONE)
    rising, falling = benjamini_hochberg(single.rising), benjamini_hochberg(single.falling)
    value, error = shrink(single.value, single.error)
    drawn = "drawn towards the team, " if len(value) >= FEWEST_TO_SHRINK else ""
    method = f"within {' and '.join(evidence.adjusted_for)}, trend test, {drawn}95 %"
    slopes, q = {}, {}
    for at, code in enumerate(single.annotator.tolist()):
        slope = Slope(float(value[at]), float(error[at]), np.inf, int(single.n[at]), method)
        slopes[code] = estimate(slope, method, evidence.caveat)
        q[code] = (float(rising[at]), float(falling[at]))
    return slopes, q


def _verdict(slope: Estimate, rising: float, falling: float, margin: float, false_discovery: float) -> Verdict:
    low, high = interval(slope)
    if rising <= false_discovery and low > 0:
        return Verdict.RISING
    if falling <= false_discovery and high < 0:
        return Verdict.FALLING
    return Verdict.FLAT if -margin <= low and high <= margin else Verdict.TOO_LITTLE
