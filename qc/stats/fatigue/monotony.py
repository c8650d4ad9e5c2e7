"""Whether errors rise while the same kind of item comes again and again, and of which kind."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from qc.model import Estimate, undefined
from qc.stats.fatigue.evidence import UNIT, estimate
from qc.stats.fatigue.scores import Axis, Scores, stratum_scores
from qc.stats.fatigue.slopes import single_slopes, team_slope, with_few_errors
from qc.stats.multiple import benjamini_hochberg

RUN = Axis("runs of similar items", "run", ("sx", "sxx", "sxy"), 10.0, np.inf)
NO_RUNS = "the kind of the items is unknown, or no kind comes several times in a row"
FEWEST_OF_A_KIND = 100
FEWEST_IN_RUNS = 200


@dataclass(frozen=True, slots=True)
class KindRun:
    """How errors change with ten more items of one kind in a row; `q` of a rise, with false discoveries held."""

    kind: str
    n: int
    error_per_10: Estimate
    q: float


@dataclass(frozen=True, slots=True)
class Monotony:
    """The change of the error rate with ten more similar items in a row, overall and by kind."""

    error_per_10: Estimate
    by_kind: list[KindRun]


def monotony(rows: pd.DataFrame, names: dict[int, str]) -> Monotony:
    """Error against how many items of the same kind came before, in a row, within session and kind.

    rows: `judged_answers`, with run and kind (NaN: unknown); names: of kinds. A kind that is frequent comes in longer
    runs and may be easier: only its own answers are compared. Time at work rises along a run too, by minutes.
    """
    known = rows[np.isfinite(rows["run"]) & np.isfinite(rows["kind"])]
    if not len(known):
        return Monotony(undefined(NO_RUNS, 0, UNIT), [])
    kind = known["kind"].to_numpy(np.int64)
    scores = _scores(known, known["annotator"].to_numpy(np.int64))
    slope = team_slope(scores)
    if slope is None:
        return Monotony(undefined(NO_RUNS, len(known), UNIT), [])
    if slope.n < FEWEST_IN_RUNS:
        few = f"{slope.n} judged answers are in runs of different length; {FEWEST_IN_RUNS} are needed"
        return Monotony(undefined(few, slope.n, UNIT), [])
    method = f"within session and kind of item, {slope.method}"
    overall = estimate(with_few_errors(slope, scores), method, None)
    each = single_slopes(_scores(known, kind))
    each = each.among(each.n >= FEWEST_OF_A_KIND)
    q = benjamini_hochberg(each.rising)
    kinds = [
        KindRun(names.get(code, str(code)), int(n), _single(value, error, int(n)), float(adjusted))
        for code, value, error, n, adjusted in zip(
            each.annotator.tolist(), each.value, each.error, each.n, q, strict=True
        )
    ]
    return Monotony(overall, sorted(kinds, key=lambda row: (row.q, row.kind)))


def _single(value: float, error: float, n: int) -> Estimate:
    half = 1.959964 * float(error)
    return Estimate(float(value), float(value) - half, float(value) + half, n, UNIT, "within session, trend test, 95 %")


def _scores(rows: pd.DataFrame, who: np.ndarray) -> Scores:
    """Each answer is its own cell; sessions of a kind are apart."""
    run, error = rows["run"].to_numpy(np.float64), rows["error"].to_numpy(np.float64)
    kind = rows["kind"].to_numpy(np.int64)
    session = pd.factorize(rows["session"].to_numpy(np.int64) * (kind.max() + 1) + kind)[0]
    columns = {"sx": run, "sxx": run**2, "sxy": run * error, "sy": error, "syy": error**2}
    cells = pd.DataFrame({"annotator": who, "session": session, "stratum": rows["stratum"].to_numpy(), "n": 1.0})
    return stratum_scores(cells.assign(pi=rows["pi"].to_numpy(), **columns), RUN)
