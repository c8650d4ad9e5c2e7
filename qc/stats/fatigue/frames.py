"""The measures' frames as columns of numbers: codes for names, NaN for the unknown."""

from __future__ import annotations

from collections.abc import Sized
from dataclasses import replace
from math import exp

import numpy as np
import pandas as pd

from qc.stats.fatigue.scores import DAY_HOURS, HOURS, HUNDREDS, Axis, Floats, Ints, Scores, stratum_scores

# The same axes with the sums of log-seconds in place of errors.
PACES = {
    HOURS: replace(HOURS, sums=("st", "stt", "stv")),
    HUNDREDS: replace(HUNDREDS, sums=("sp", "spp", "spv")),
    DAY_HOURS: replace(DAY_HOURS, sums=("sh", "shh", "shv")),
}
# Measures hold 1000·ln(seconds), rounded.
LOG_SCALE = 1000.0
# Nobody takes an hour for the usual answer: such seconds are milliseconds, or another clock.
LONGEST_HUNDRED = 100.0
# Judgements of drawn answers and others are never counted together; the others stand apart under this name.
NOT_DRAWN = "{}, not drawn"


def numbers(frame: pd.DataFrame, column: str) -> Floats:
    """A column as floats; what is missing or no number is NaN, as is all of a column that is not there."""
    if column not in frame:
        return np.full(len(frame), np.nan)
    values: Floats = pd.to_numeric(frame[column], errors="coerce").to_numpy(np.float64, na_value=np.nan)
    return values


def apart(frame: pd.DataFrame, mixed: frozenset[str]) -> pd.DataFrame:
    """The frame with a `source` of their own for judgements that nobody drew, in sources where others were drawn."""
    if not mixed or "pi" not in frame:
        return frame
    others = frame["source"].isin(list(mixed)) & ~np.isfinite(numbers(frame, "pi"))
    return frame.assign(source=frame["source"].where(~others, frame["source"].map(NOT_DRAWN.format)))


def mixed_sources(judged_time: pd.DataFrame) -> frozenset[str]:
    """Sources in which some answers were drawn with a known probability, and some were not."""
    drawn = pd.Series(np.isfinite(numbers(judged_time, "pi")), index=judged_time.index)
    each = drawn.groupby(judged_time["source"]).agg(["any", "all"])
    return frozenset(str(name) for name in each.index[each["any"] & ~each["all"]])


def judged_cells(judged_time: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """judged_time of one source as `stratum_scores` reads it; an error is 0 or 1, so its square sums to itself."""
    judged_time = judged_time[judged_time["session"].notna()]
    cells = _keys(judged_time, names)
    for column in ("n", "sy", "pi", *HOURS.sums, *HUNDREDS.sums, *DAY_HOURS.sums):
        cells[column] = numbers(judged_time, column)
    cells["syy"] = cells["sy"]
    cells["stratum"] = judged_time["stratum"].to_numpy()
    return cells


def judged_answers(judged_rows: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """judged_rows of one source as `recurring_answers` reads it; answers of nobody in `names` are dropped.

    Several answers on one item at one time and place of a session (its questions) come as one row with their mean: an
    item recurs where it is met again, be it in the same session, not where it is asked about twice.
    """
    judged_rows = judged_rows[judged_rows["session"].notna()]
    rows = _keys(judged_rows, names)
    rows["item"] = pd.factorize(judged_rows["item"])[0]
    columns = ("t", "p", "h", "error", "stratum", "pi", "run", "kind", "hour")
    for column in columns:
        rows[column] = numbers(judged_rows, column)
    rows["n"] = 1.0
    rows = rows[(rows["annotator"] >= 0) & (rows["item"] >= 0) & rows["error"].notna()]
    met = ["annotator", "session", "item", "t", "p"]
    if rows.duplicated(met).any():
        rest = [column for column in columns if column not in met]
        means = {column: (column, "mean") for column in rest} | {"day": ("day", "first"), "n": ("n", "sum")}
        rows = rows.groupby(met, as_index=False, dropna=False).agg(**means)
    return rows.reset_index(drop=True)


def ordered(answer_order: pd.DataFrame) -> pd.DataFrame:
    """answer_order as `variance_left` reads it: one row per session and item."""
    answer_order = answer_order[answer_order["session"].notna()]
    rows = _keys(answer_order, sorted(answer_order["annotator"].astype(str).unique()))
    rows["item"] = numbers(answer_order, "item").astype(np.int64)
    for column in ("t", "p"):
        rows[column] = numbers(answer_order, column)
    return rows


def pace_scores(pace: pd.DataFrame, axis: Axis) -> Scores:
    """The scores of log-seconds along an axis."""
    cells = _keys(pace, sorted(pace["annotator"].astype(str).unique()))
    along = PACES[axis]
    for column in ("n", "pi", *along.sums[:2]):
        cells[column] = numbers(pace, column)
    cells["sy"] = numbers(pace, "sv") / LOG_SCALE
    cells[along.sums[2]] = numbers(pace, along.sums[2]) / LOG_SCALE
    cells["syy"] = numbers(pace, "svv") / LOG_SCALE**2
    cells["stratum"] = pace["stratum"].to_numpy()
    return stratum_scores(cells, along)


def hours_per_hundred(pace: pd.DataFrame) -> float | None:
    """Hours that 100 answers take, by the mean of log-normal durations; None without durations that can be seconds."""
    n, sv, svv = (numbers(pace, column) for column in ("n", "sv", "svv"))
    known = np.isfinite(sv) & np.isfinite(svv) & (n > 0)
    total = n[known].sum()
    if not total:
        return None
    mean = sv[known].sum() / total / LOG_SCALE
    variance = max(svv[known].sum() / total / LOG_SCALE**2 - mean**2, 0.0)
    hours = 100 * exp(mean + variance / 2) / 3600
    return hours if hours <= LONGEST_HUNDRED else None


def _keys(frame: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """Codes of annotator, session and day; −1 where the day is unknown."""
    keys, found = pd.factorize(frame["annotator"])
    annotator = pd.Index(names).get_indexer(pd.Index(found).astype(str))[keys]
    # A session's key may be its own for each annotator only.
    session = _within(annotator, *pd.factorize(frame["session"]))
    if "day" not in frame:
        return pd.DataFrame({"annotator": annotator, "session": session, "day": -1}).astype(np.int64)
    days, known = pd.factorize(frame["day"])
    day = np.where(days < 0, -1, _within(annotator, days, known))
    return pd.DataFrame({"annotator": annotator, "session": session, "day": day}).astype(np.int64)


def _within(annotator: Ints, codes: Ints, known: Sized) -> Ints:
    joint: Ints = pd.factorize(annotator * len(known) + codes)[0]
    return joint
