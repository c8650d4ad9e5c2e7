"""A binomial model of errors with covariates, on cells: the same answer as on every single answer, at a fraction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, sqrt
from typing import Any, Final

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from qc.model import Estimate, undefined
from qc.stats.fatigue.frames import numbers
from qc.stats.fatigue.scores import Floats

UNIT: Final = "judged answers"
BIN_HOURS: Final = 1 / 6
# Rarer labels and sites are taken together.
MOST_LEVELS: Final = 20
FEWEST_OF_A_LEVEL: Final = 20
FEWEST_ANNOTATORS: Final = 5


@dataclass(frozen=True, slots=True)
class AdjustedModel:
    """What the model says of an hour at work beside its covariates.

    odds_per_hour: the factor of the odds of an error; error_per_hour: the mean change of the error rate; `covariates`
    are those that vary in the data; cells: rows that were fitted in place of the answers.
    """

    error_per_hour: Estimate
    odds_per_hour: Estimate
    covariates: list[str]
    cells: int
    formula: str


FORMULA: Final = (
    "logit P(error) = a + b·hours + c·mean hours of the annotator + d·weeks since the first day "
    "+ difficulty stratum + label + shift + site; binomial GLM on cells, sandwich over annotators, t(A − 1)"
)


def adjusted_model(cells: pd.DataFrame, shifts: Sequence[int] = (6, 14, 22)) -> AdjustedModel:
    """Errors against hours since the session began, beside difficulty, label, day, shift, site and the annotator's own
    mean hours (Mundlak 1978: those who work longer may err more for reasons of their own).

    cells: the measure judged_cells of one source. Undefined without times at work, under five annotators, or where the
    errors can be told perfectly. The likelihood and the scores of each annotator are sums, so cells give the estimates
    and the standard errors of single answers.
    """
    cells = cells[(cells["n"] > 0) & cells["bin"].notna()].reset_index(drop=True)
    n = int(cells["n"].sum())
    design, covariates = design_of(cells, shifts)
    reason = _impossible(cells)
    if reason is None:
        fit = fitted(cells, design)
        if fit is None:
            reason = "the model does not converge: some covariates tell the errors perfectly"
    if reason is not None:
        blank = undefined(reason, n, UNIT)
        return AdjustedModel(blank, blank, covariates, len(cells), FORMULA)
    assert fit is not None
    clusters = cells["annotator"].nunique()
    wide = float(stdtrit(clusters - 1, 0.975))
    slope, error = float(fit.params[1]), sqrt(float(fit.cov_params()[1, 1]))
    ends = (slope, slope - wide * error, slope + wide * error)
    odds, low, high = (exp(min(max(end, -50.0), 50.0)) for end in ends)
    method = "binomial GLM on cells, sandwich over annotators, 95 %"
    return AdjustedModel(
        _marginal(cells, design, fit, wide, method),
        Estimate(odds, low, high, n, UNIT, f"odds ratio, {method}"),
        covariates,
        len(cells),
        FORMULA,
    )


def design_of(cells: pd.DataFrame, shifts: Sequence[int]) -> tuple[Floats, list[str]]:
    """The model's matrix, one row per cell (1, hours, covariates), and the names of the covariates that vary."""
    n = numbers(cells, "n")
    hours = (numbers(cells, "bin") + 0.5) * BIN_HOURS
    who = pd.factorize(cells["annotator"])[0]
    size = int(who.max(initial=-1)) + 1
    mean = (np.bincount(who, n * hours, size) / np.maximum(np.bincount(who, n, size), 1.0))[who]
    day = numbers(cells, "day")
    weeks = np.where(np.isfinite(day), (day - np.nanmin(day, initial=np.inf)) / 7, 0.0)
    columns: dict[str, Floats] = {"annotator's mean hours": mean[:, None], "day": weeks[:, None]}
    hour = numbers(cells, "hour")
    begun = np.searchsorted(np.array(shifts), np.nan_to_num(hour), side="right") - 1
    shift = np.where(np.isfinite(hour), begun % len(shifts), -1)
    groups = {"difficulty": cells["stratum"], "label": cells["label"], "shift": shift, "site": cells["site"]}
    for name, values in groups.items():
        columns[name] = _dummies(pd.Series(values), n)
    kept = {name: column for name, column in columns.items() if column.size and np.ptp(column, axis=0).any()}
    parts = [np.ones((len(cells), 1)), hours[:, None], *kept.values()]
    matrix: Floats = np.hstack(parts).astype(np.float64)
    return _independent(matrix, n), list(kept)


def fitted(cells: pd.DataFrame, design: Floats) -> Any:
    """statsmodels' GLM of errors and right answers, clustered by annotator; None where it does not converge."""
    import warnings

    from statsmodels.genmod.families import Binomial
    from statsmodels.genmod.generalized_linear_model import GLM
    from statsmodels.tools.sm_exceptions import ConvergenceWarning, PerfectSeparationWarning

    n, errors = numbers(cells, "n"), numbers(cells, "errors")
    groups = pd.factorize(cells["annotator"])[0]
    with warnings.catch_warnings():
        warnings.simplefilter("error", PerfectSeparationWarning)
        warnings.simplefilter("error", ConvergenceWarning)
        warnings.simplefilter("error", RuntimeWarning)
        try:
            model = GLM(np.column_stack([errors, n - errors]), design, family=Binomial())
            # `df_correction` would count cells where single answers count answers: no correction by their number.
            found = model.fit(
                tol=1e-12,
                maxiter=100,
                cov_type="cluster",
                cov_kwds={"groups": groups, "use_correction": False, "df_correction": False},
            )
        except (PerfectSeparationWarning, ConvergenceWarning, RuntimeWarning, np.linalg.LinAlgError, ValueError):
            return None
    return found


def _marginal(cells: pd.DataFrame, design: Floats, fit: Any, wide: float, method: str) -> Estimate:
    """The mean over the answers of the change of the error rate per hour, with its interval by the delta method."""
    n = numbers(cells, "n")
    chance = np.asarray(fit.predict(design), dtype=np.float64)
    density = n * chance * (1 - chance) / n.sum()
    slope = float(fit.params[1])
    gradient = slope * (density * (1 - 2 * chance)) @ design
    gradient[1] += density.sum()
    value = slope * float(density.sum())
    half = wide * sqrt(max(float(gradient @ fit.cov_params() @ gradient), 0.0))
    return Estimate(value, value - half, value + half, int(n.sum()), UNIT, f"mean marginal effect, {method}")


def _impossible(cells: pd.DataFrame) -> str | None:
    if cells["bin"].nunique() < 2:
        return "no judged answers at different times at work"
    if cells["annotator"].nunique() < FEWEST_ANNOTATORS:
        return f"fewer than {FEWEST_ANNOTATORS} annotators"
    errors, n = numbers(cells, "errors").sum(), numbers(cells, "n").sum()
    return "all judged answers are right, or all are wrong" if errors in (0, n) else None


def _dummies(values: pd.Series, n: Floats) -> Floats:
    """A column for each level but the most frequent; rare levels, and all beyond twenty, are one."""
    codes, _ = pd.factorize(values, use_na_sentinel=False)
    weight = np.bincount(codes, n) if len(codes) else np.zeros(0)
    order = np.argsort(-weight, kind="stable")
    frequent = [int(code) for code in order[:MOST_LEVELS] if weight[code] >= FEWEST_OF_A_LEVEL]
    columns = [(codes == code).astype(np.float64) for code in frequent[1:]]
    rare = ~np.isin(codes, frequent)
    if rare.any() and frequent:
        columns.append(rare.astype(np.float64))
    return np.column_stack(columns) if columns else np.zeros((len(values), 0))


def _independent(matrix: Floats, n: Floats) -> Floats:
    """The columns that are no sum of those before them."""
    if not len(matrix):
        return matrix
    gram = (matrix * n[:, None]).T @ matrix
    scale = np.sqrt(np.diag(gram))
    scale[scale == 0] = 1.0
    gram = gram / scale / scale[:, None]
    kept: list[int] = []
    for column in range(gram.shape[0]):
        rest = gram[column, column]
        if kept:
            inner = gram[np.ix_(kept, kept)]
            rest -= gram[column, kept] @ np.linalg.solve(inner, gram[kept, column])
        if rest > 1e-8:
            kept.append(column)
    result: Floats = matrix[:, kept]
    return result
