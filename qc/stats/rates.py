"""Error rates from judged answers, weighted by how the answers were chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isinf
from typing import Any

import numpy as np
import pandas as pd

from qc.model import ErrorPolicy, Estimate, undefined
from qc.stats.hajek import Group, groups
from qc.stats.intervals import NOTHING_JUDGED
from qc.stats.shrinkage import Beta, TeamPrior, team_prior

ABOVE, WITHIN, UNCLEAR, TOO_LITTLE = "above target", "within target", "not yet clear", "too little data"


@dataclass(frozen=True, slots=True)
class KeyRate:
    """The error rate of one value of a key (a label, a site, a day)."""

    key: Any
    n: int
    errors: int
    rate: Estimate


@dataclass(frozen=True, slots=True)
class AnnotatorRate:
    """One annotator's error rate: as judged, and drawn towards the team; the verdict follows the latter's interval."""

    annotator: str
    n: int
    errors: int
    rate: Estimate
    shrunk: Estimate
    p_above_target: float | None
    verdict: str


@dataclass(frozen=True, slots=True)
class ErrorRates:
    """The rates of one source of judgement; `posterior` is that of the team's overall rate, `posteriors` each person's.

    `worth`: the effective n behind `overall`; infinite where everything was judged.
    """

    overall: Estimate
    annotators: tuple[AnnotatorRate, ...]
    team: TeamPrior
    posterior: Beta
    posteriors: tuple[Beta, ...]
    worth: float

    def standing(self, policy: ErrorPolicy) -> tuple[float | None, str]:
        """P(the rate of these answers is above the target), None where nothing was judged; and the verdict on it.

        It rests on the effective n, as the rate's interval does; where everything was judged the rate itself decides.
        """
        rate = self.overall.value
        if rate is None:
            return None, TOO_LITTLE
        if isinf(self.worth):
            return float(rate > policy.target), verdict(self.overall.n, rate, rate, policy)
        posterior = Beta(0.5, 0.5).updated(rate * self.worth, self.worth)
        return posterior.p_above(policy.target), verdict(self.overall.n, *posterior.interval(policy.certainty), policy)


def sources(frame: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The `judged_counts` frame cut into what may be counted together, by name.

    Where a source has judgements of drawn answers (with `pi`) and others, the others are apart, under
    "<source>, not drawn".
    """
    parts: dict[str, pd.DataFrame] = {}
    for source, rows in frame.groupby("source", sort=True):
        drawn = rows["pi"].notna()
        if drawn.any():
            parts[str(source)] = rows[drawn]
        if not drawn.all():
            parts[f"{source}, not drawn" if drawn.any() else str(source)] = rows[~drawn]
    return parts


def error_rates(frame: pd.DataFrame, policy: ErrorPolicy, unit: str = "answers") -> ErrorRates:
    """The overall rate of one source and each annotator's, with verdicts against policy.target.

    frame: `judged_counts` with the key `annotator`, one source. Rates are Hájek's, weighted by 1/pi, with stratified
    variance and finite-population correction, in Wilson's interval at the effective n; where nothing was drawn they
    are unweighted, and where only a part was, the rest is left out and a warning says so (`sources` splits them).
    The shrunk rates are posteriors under the team's prior. "above" and "within target" are said only where the
    shrunk interval (of level policy.certainty) lies on one side; "too little data" under policy.min_judged.
    """
    people = groups(frame, "annotator", unit)
    whole = groups(frame.assign(everything=0), "everything", unit)
    return of_groups(people, whole[0] if whole else None, policy, unit)


def of_groups(people: Sequence[Group], whole: Group | None, policy: ErrorPolicy, unit: str) -> ErrorRates:
    """The rates of a team from those of its people (named by annotator) and of all their work together."""
    effective = np.array([group.informative_as for group in people])
    team = team_prior(np.array([group.rate.value for group in people], float) * effective, effective)
    posteriors = tuple(_posterior(group, team) for group in people)
    rows = tuple(
        _annotator(group, posterior, team, policy) for group, posterior in zip(people, posteriors, strict=True)
    )
    if whole is None:
        return ErrorRates(undefined(NOTHING_JUDGED, unit=unit), rows, team, team.beta, posteriors, 0.0)
    assert whole.rate.value is not None
    size = whole.informative_as
    posterior = Beta(0.5, 0.5).updated(whole.rate.value * size, size)
    return ErrorRates(whole.rate, rows, team, posterior, posteriors, whole.worth)


def rates_by(frame: pd.DataFrame, key: str, unit: str = "answers") -> tuple[KeyRate, ...]:
    """The error rate of each value of one key, in the key's order.

    frame: `judged_counts` with that key, one source; weighted as in `error_rates`. A key that cuts across strata (a
    label, a site) makes domains: their rates are ratios and the variance says so. Rows without the key are left out.
    """
    return tuple(KeyRate(group.key, group.rate.n, group.errors, group.rate) for group in groups(frame, key, unit))


def true_rate(reported: Estimate, sensitivity: float, specificity: float) -> Estimate:
    """The rate of true errors behind the rate that reviewers of known sensitivity and specificity report.

    Undefined where fewer errors are reported than false flags alone would make, or where the reviewers tell nothing
    apart. Source: Rogan & Gladen 1978; 60/500 at 0.9 and 0.95 gives 0.08235 (0.05221 to 0.11932).
    """
    if reported.value is None:
        return reported
    discernment = sensitivity + specificity - 1
    if discernment <= 0:
        return undefined("such reviewers cannot tell right from wrong", reported.n, reported.unit)
    value, low, high = (
        None if rate is None else min(1.0, (rate + specificity - 1) / discernment)
        for rate in (reported.value, reported.low, reported.high)
    )
    assert value is not None
    if value < 0:
        limit = "" if high is None else f"; the true rate is at most {max(high, 0.0):.2%}"
        reason = f"fewer errors are reported than false flags expected at a specificity of {specificity:g}{limit}"
        return undefined(reason, reported.n, reported.unit)
    return Estimate(
        value,
        None if low is None else max(0.0, low),
        high,
        reported.n,
        reported.unit,
        f"{reported.method}; corrected for reviewers (sensitivity {sensitivity:g}, specificity {specificity:g})",
        reported.warning,
    )


def verdict(n: int, low: float, high: float, policy: ErrorPolicy) -> str:
    """One of the four verdicts on a rate that n judged answers put between low and high."""
    if n < policy.min_judged:
        return TOO_LITTLE
    if low > policy.target:
        return ABOVE
    return WITHIN if high < policy.target else UNCLEAR


def _posterior(group: Group, team: TeamPrior) -> Beta:
    assert group.rate.value is not None
    return team.posterior(group.rate.value * group.informative_as, group.informative_as)


def _annotator(group: Group, posterior: Beta, team: TeamPrior, policy: ErrorPolicy) -> AnnotatorRate:
    rate = group.rate
    low, high = posterior.interval(policy.certainty)
    method = f"beta-binomial shrinkage towards the team, {policy.certainty * 100:g} %"
    return AnnotatorRate(
        str(group.key),
        rate.n,
        group.errors,
        rate,
        Estimate(posterior.mean, low, high, rate.n, rate.unit, method, rate.warning or team.note),
        posterior.p_above(policy.target),
        verdict(rate.n, low, high, policy),
    )
