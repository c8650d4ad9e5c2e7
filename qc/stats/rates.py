"""Error rates from judged answers, weighted by how the answers were chosen."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri, stdtrit

from qc.model import ErrorPolicy, Estimate, undefined
from qc.stats.intervals import NOTHING_JUDGED, wilson, wilson_bounds
from qc.stats.shrinkage import Beta, TeamPrior, team_prior

Floats = NDArray[np.float64]

ABOVE, WITHIN, UNCLEAR, TOO_LITTLE = "above target", "within target", "not yet clear", "too little data"

UNWEIGHTED = {
    "gold": "unweighted: gold items are not a random sample",
    "review": "unweighted: the export does not say how these were chosen",
    "adjudication": "unweighted: disputed answers are not a random sample",
    "consensus": "unweighted: every answer that has a consensus of others",
}
WEIGHTED = "weighted by inclusion probability (Hájek), Wilson, 95 %"
TAKEN_AS_DRAWN = "reviews taken as a random choice of each annotator's answers (Hájek), Wilson, 95 %"
CENSUS = "all judged: no sampling error"
NO_VARIANCE = 1e-15
# The draw of reviews that nobody drew here: taken as a random choice of each annotator's answers.
AS_IF_DRAWN = "as if drawn"
OBJECTS_WARNING = "objects of one answer are counted as independent, so the interval is too narrow"


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
    """The rates of one source of judgement; `posterior` is that of the team's overall rate."""

    overall: Estimate
    annotators: tuple[AnnotatorRate, ...]
    team: TeamPrior
    posterior: Beta


@dataclass(frozen=True, slots=True)
class _Group:
    """One group's rate, and how many independent answers it tells as much as about the person behind it."""

    key: Any
    errors: int
    rate: Estimate
    informative_as: float


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
    groups = _groups(frame, "annotator", unit)
    effective = np.array([group.informative_as for group in groups])
    team = team_prior(np.array([group.rate.value for group in groups], float) * effective, effective)
    rows = tuple(_annotator(group, team, policy) for group in groups)
    whole = _groups(frame.assign(everything=0), "everything", unit)
    if not whole:
        return ErrorRates(undefined(NOTHING_JUDGED, unit=unit), rows, team, team.beta)
    overall = whole[0].rate
    assert overall.value is not None
    size = whole[0].informative_as
    return ErrorRates(overall, rows, team, Beta(0.5, 0.5).updated(overall.value * size, size))


def rates_by(frame: pd.DataFrame, key: str, unit: str = "answers") -> tuple[KeyRate, ...]:
    """The error rate of each value of one key, in the key's order.

    frame: `judged_counts` with that key, one source; weighted as in `error_rates`. A key that cuts across strata (a
    label, a site) makes domains: their rates are ratios and the variance says so. Rows without the key are left out.
    """
    return tuple(KeyRate(group.key, group.rate.n, group.errors, group.rate) for group in _groups(frame, key, unit))


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


def _annotator(group: _Group, team: TeamPrior, policy: ErrorPolicy) -> AnnotatorRate:
    rate, size = group.rate, group.informative_as
    assert rate.value is not None
    posterior = team.posterior(rate.value * size, size)
    low, high = posterior.interval(policy.certainty)
    method = f"beta-binomial shrinkage towards the team, {policy.certainty * 100:g} %"
    return AnnotatorRate(
        str(group.key),
        rate.n,
        group.errors,
        rate,
        Estimate(posterior.mean, low, high, rate.n, rate.unit, method, rate.warning or team.note),
        posterior.p_above(policy.target),
        _verdict(rate.n, low, high, policy),
    )


def _verdict(n: int, low: float, high: float, policy: ErrorPolicy) -> str:
    if n < policy.min_judged:
        return TOO_LITTLE
    if low > policy.target:
        return ABOVE
    return WITHIN if high < policy.target else UNCLEAR


def _groups(frame: pd.DataFrame, key: str, unit: str) -> list[_Group]:
    judged = frame[(frame["n"] > 0) & frame[key].notna()]
    weighted = judged["pi"].notna()
    drawn, found = judged[weighted], judged[~weighted]
    left_out = found[found[key].isin(drawn[key])].groupby(key)["n"].sum().to_dict()
    groups = _drawn(drawn, key, unit, left_out) if len(drawn) else []
    groups += _found(found[~found[key].isin(drawn[key])], key, unit)
    return sorted(groups, key=lambda group: group.key)


def _found(found: pd.DataFrame, key: str, unit: str) -> list[_Group]:
    """Judgements of answers that nobody drew: counted as they are, and the method says so."""
    return [
        _Group(
            row[key],
            int(row["errors"]),
            replace(
                wilson(int(row["errors"]), int(row["n"]), unit=unit),
                method=f"Wilson, 95 %; {UNWEIGHTED.get(row['source'], 'unweighted')}",
                warning=OBJECTS_WARNING if unit == "objects" else None,
            ),
            float(row["n"]),
        )
        for row in found.groupby(["source", key], as_index=False)[["n", "errors"]].sum().to_dict("records")
    ]


def _drawn(drawn: pd.DataFrame, key: str, unit: str, left_out: dict[Any, int]) -> list[_Group]:
    """Hájek's ratio, its linearised variance by stratum, and Wilson's interval at what that variance is worth."""
    # How much of a stratum was judged: all that was drawn, unless the frame says that some are still waiting.
    judged = "stratum_judged" if "stratum_judged" in drawn else "stratum_drawn"
    method = TAKEN_AS_DRAWN if (drawn["draw_id"] == AS_IF_DRAWN).all() else WEIGHTED
    design = ["draw_id", "stratum", "stratum_size", "stratum_drawn", "pi", judged]
    rows = drawn.groupby(list(dict.fromkeys([key, *design])), as_index=False, dropna=False)[["n", "errors"]].sum()
    n, errors, pi = (rows[name].to_numpy(float) for name in ("n", "errors", "pi"))
    size, taken, units = (rows[name].to_numpy(float) for name in ("stratum_size", "stratum_drawn", judged))
    units = np.maximum(units, rows.groupby(["draw_id", "stratum"], dropna=False)["n"].transform("sum").to_numpy(float))
    # In the random share pi is drawn / size, and the judged answers of a stratum stand for all of it. Elsewhere each
    # answer was drawn on its own (Poisson), with its own pi.
    simple = np.isclose(pi, taken / size)
    fraction = np.where(simple, np.minimum(units / size, 1.0), pi)
    weight = 1 / fraction

    names, group = np.unique(rows[key].to_numpy(), return_inverse=True)

    def total(values: Floats) -> Floats:
        return np.bincount(group, values, names.size).astype(float)

    weights = total(weight * n)
    rate = total(weight * errors) / weights
    p = rate[group]
    squares, residue = errors * (1 - p) ** 2 + (n - errors) * p**2, errors - n * p
    within = np.where(units > 1, (squares - residue**2 / units) * units / np.maximum(units - 1, 1), squares)
    unseen = weight**2 * (1 - fraction)
    variance = total(unseen * np.where(simple, within, squares)) / weights**2
    # The variance per p(1 − p) if all strata had one rate. It serves where the estimated variance is 0 although more
    # errors may exist: none was seen, or all of them in strata that were judged completely.
    common = total(unseen * n) / weights**2
    spread = rate * (1 - rate)
    with np.errstate(divide="ignore", invalid="ignore"):
        worth = np.where(variance > NO_VARIANCE, spread / variance, 1 / common)
        # A variance that hangs on few errors of great weight is itself uncertain: Student's t in place of z, but never
        # wider than without any gain from the weights.
        freedom = np.maximum(spread * total(unseen * n) ** 2 / total(unseen**2 * n), 1.0)
        trusted = worth * (float(ndtri(0.975)) / stdtrit(freedom, 0.975)) ** 2
        worth = np.where(common > NO_VARIANCE, np.maximum(trusted, np.minimum(worth, 1 / common)), np.inf)
    low, high = wilson_bounds(rate, worth)
    judged_n, wrong, informative = total(n), total(errors), weights**2 / total(weight**2 * n)
    return [
        _Group(
            name,
            round(wrong[index]),
            Estimate(
                float(rate[index]),
                float(low[index]),
                float(high[index]),
                round(judged_n[index]),
                unit,
                method if common[index] > NO_VARIANCE else CENSUS,
                _warning(unit, left_out.get(name, 0)),
            ),
            float(informative[index]),
        )
        for index, name in enumerate(names.tolist())
    ]


def _warning(unit: str, left_out: int) -> str | None:
    notes = [OBJECTS_WARNING] if unit == "objects" else []
    if left_out:
        notes.append(f"{left_out:,} further judged {unit} are left out: it is not known how they were chosen")
    return "; ".join(notes) or None
