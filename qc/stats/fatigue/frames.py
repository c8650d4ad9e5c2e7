"""The measures' frames as columns of numbers: codes for names, NaN for the unknown."""

from __future__ import annotations

from math import exp

import numpy as np
import pandas as pd

from qc.stats.fatigue.scores import HOURS, HUNDREDS, Axis, Floats, Scores, stratum_scores

PACE = Axis("times", "t", ("st", "stt", "stv"), HOURS.unit, HOURS.longest)
# Measures hold 1000·ln(seconds), rounded.
LOG_SCALE = 1000.0


def numbers(frame: pd.DataFrame, column: str) -> Floats:
    """A column as floats; what is missing or no number is NaN."""
    values: Floats = pd.to_numeric(frame[column], errors="coerce").to_numpy(np.float64, na_value=np.nan)
    return values


def judged_cells(judged_time: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """judged_time of one source as `stratum_scores` reads it; an error is 0 or 1, so its square sums to itself."""
    judged_time = judged_time[judged_time["session"].notna()]
    cells = _keys(judged_time, names)
    for column in ("n", "sy", *HOURS.sums, *HUNDREDS.sums):
        cells[column] = numbers(judged_time, column)
    cells["syy"] = cells["sy"]
    cells["stratum"] = judged_time["stratum"].to_numpy()
    return cells


def judged_answers(judged_rows: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """judged_rows of one source as `recurring_answers` reads it; answers of nobody in `names` are dropped.

    Several answers of one session on one item (its questions) come as one row with their mean: an item recurs where
    it is met again, not where it is asked about twice.
    """
    judged_rows = judged_rows[judged_rows["session"].notna()]
    rows = _keys(judged_rows, names)
    rows["item"] = pd.factorize(judged_rows["item"])[0]
    for column in ("t", "p", "error"):
        rows[column] = numbers(judged_rows, column)
    rows["n"] = 1
    rows = rows[(rows["annotator"] >= 0) & (rows["item"] >= 0) & rows["error"].notna()]
    if rows.duplicated(["session", "item"]).any():
        means = {column: (column, "mean") for column in ("t", "p", "error")}
        rows = rows.groupby(["annotator", "session", "item"], as_index=False).agg(**means, n=("n", "sum"))
    return rows


def pace_scores(pace: pd.DataFrame) -> Scores:
    """The scores of log-seconds in hours at work."""
    cells = _keys(pace, sorted(pace["annotator"].astype(str).unique()))
    for column in ("n", "st", "stt"):
        cells[column] = numbers(pace, column)
    cells["sy"] = numbers(pace, "sv") / LOG_SCALE
    cells["stv"] = numbers(pace, "stv") / LOG_SCALE
    cells["syy"] = numbers(pace, "svv") / LOG_SCALE**2
    return stratum_scores(cells, PACE)


def hours_per_hundred(pace: pd.DataFrame) -> float | None:
    """Hours that 100 answers take, by the mean of log-normal durations; None without durations."""
    n, sv, svv = (numbers(pace, column) for column in ("n", "sv", "svv"))
    known = np.isfinite(sv) & np.isfinite(svv) & (n > 0)
    total = n[known].sum()
    if not total:
        return None
    mean = sv[known].sum() / total / LOG_SCALE
    variance = max(svv[known].sum() / total / LOG_SCALE**2 - mean**2, 0.0)
    return 100 * exp(mean + variance / 2) / 3600


def _keys(frame: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    keys, found = pd.factorize(frame["annotator"])
    annotator = pd.Index(names).get_indexer(pd.Index(found).astype(str))[keys]
    sessions, known = pd.factorize(frame["session"])
    # A session's key may be its own for each annotator only.
    session = pd.factorize(annotator * len(known) + sessions)[0]
    return pd.DataFrame({"annotator": annotator, "session": session}).astype(np.int64)
