"""The curve within a session, and what the clock and the site say apart from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from qc.model import Estimate, undefined
from qc.stats.fatigue.curve import MOST_LEVELS, Levels, adjusted_levels, strata_out, without_items
from qc.stats.fatigue.evidence import UNIT, Evidence, estimate
from qc.stats.fatigue.frames import numbers
from qc.stats.fatigue.result import ClockRate, HourBin, PlaceBin, SiteSlope
from qc.stats.fatigue.scores import LONGEST_SESSION, Floats
from qc.stats.fatigue.slopes import team_slope, with_few_errors
from qc.stats.intervals import wilson

BINS_PER_HOUR = 4
MOST_PLACES = 12
WIDTHS = (1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000, 2500, 5000, 10_000, 100_000)
NO_PLACE = "these answers are on no item that others tell of"


def by_hour(time_bins: pd.DataFrame, rows: pd.DataFrame, hours: Evidence) -> list[HourBin]:
    """Error rates by quarter of an hour since the session began, raw and adjusted; `hour` is where it begins."""
    columns = (numbers(time_bins, name) for name in ("bin", "n", "errors"))
    raw = [
        (int(at), int(n), int(errors))
        for at, n, errors in sorted(zip(*columns, strict=True))
        if 0 <= at < LONGEST_SESSION / 3600 * BINS_PER_HOUR and n > 0
    ]
    adjusted = _curve(rows, hours, hours.axis.unit / BINS_PER_HOUR)
    return [
        HourBin(at / BINS_PER_HOUR, n, wilson(errors, n, unit=UNIT), adjusted.get(at, undefined(NO_PLACE, n, UNIT)))
        for at, n, errors in raw
    ]


def by_position(rows: pd.DataFrame, hundreds: Evidence) -> list[PlaceBin]:
    """Error rates by place in the session, in about twelve bins of a round number of answers, raw and adjusted."""
    place = rows["p"].to_numpy(np.float64)
    known = np.isfinite(place) & (place >= 0)
    if not known.any() or not place[known].max() > 0:
        return []
    # The few longest sessions are not to make the bins of all others wide.
    wanted = float(np.quantile(place[known], 0.95)) / MOST_PLACES
    width = next((width for width in WIDTHS if width >= wanted), WIDTHS[-1])
    bins = (place[known] // width).astype(np.int64)
    error = rows["error"].to_numpy(np.float64)[known] * rows["n"].to_numpy(np.float64)[known]
    n, errors = np.bincount(bins, rows["n"].to_numpy(np.float64)[known]), np.bincount(bins, error)
    adjusted = _curve(rows, hundreds, float(width))
    return [
        PlaceBin(
            at * width,
            int(n[at]),
            wilson(round(errors[at]), int(n[at]), unit=UNIT),
            adjusted.get(at, undefined(NO_PLACE, int(n[at]), UNIT)),
        )
        for at in np.flatnonzero(n).tolist()
        if at <= 2 * MOST_PLACES
    ]


def by_clock(rows: pd.DataFrame, hours: Evidence, shifts: Sequence[int]) -> tuple[list[ClockRate], list[ClockRate]]:
    """Error rates by shift (from its hour to the next one's) and by local hour, as if everybody worked at all of them.

    Within annotators, whose shares of a shift differ; time on task (by the team's slope) and difficulty are taken out.
    """
    known = rows[np.isfinite(rows["hour"])].reset_index(drop=True)
    if not len(known):
        return [], []
    error = known["error"].to_numpy(np.float64)
    annotator = known["annotator"].to_numpy(np.int64)
    slope = hours.change.value or 0.0
    late = np.nan_to_num(known["t"].to_numpy(np.float64)) / 3600
    y = strata_out(error, known["stratum"].to_numpy(np.float64), annotator) - slope * late
    y += error.mean() - y.mean()
    hour = known["hour"].to_numpy(np.int64) % 24
    method = "within annotator, less time on task and difficulty strata, 95 %"
    # Before the first shift begins the last one goes on.
    shift = (np.searchsorted(np.array(shifts), hour, side="right") - 1) % len(shifts)
    names = tuple(f"{at:02d}–{end:02d}" for at, end in zip(shifts, (*shifts[1:], shifts[0]), strict=True))
    found = [adjusted_levels(code, annotator, annotator, y, float(error.mean()), method) for code in (shift, hour)]
    return _named(found[0], names), _named(found[1], tuple(f"{hour:02d}:00" for hour in range(24)))


def by_site(hours: Evidence, names: list[str], sites: Mapping[str, str]) -> list[SiteSlope]:
    """The slope per hour of each site's annotators, where there are two sites or more."""
    at = np.array([sites.get(name, "") for name in names])
    if len({site for site in at.tolist() if site}) < 2:
        return []
    home = at[hours.team.annotator]
    result = []
    for site in sorted({site for site in home.tolist() if site}):
        scores = hours.team.among(home == site)
        scores = scores.weighted(np.ones(len(scores.d)))
        slope = team_slope(scores)
        if slope is not None:
            change = estimate(with_few_errors(slope, scores), f"at one site, {slope.method}", hours.caveat)
            result.append(SiteSlope(site, len(np.unique(scores.annotator)), change.n, change))
    return result


def _curve(rows: pd.DataFrame, along: Evidence, width: float) -> dict[int, Estimate]:
    """The adjusted rate of each bin of `width` raw steps along an axis."""
    if not len(rows):
        return {}
    error = rows["error"].to_numpy(np.float64)
    axis = along.axis
    y: Floats = without_items(rows, along.answers, along.change.value or 0.0, axis.column, axis.unit)
    x = rows[axis.column].to_numpy(np.float64)
    told = np.isfinite(y) & np.isfinite(x) & (x >= 0) & (x < min(axis.longest, MOST_LEVELS * width))
    if not told.any():
        return {}
    session, stratum = rows["session"].to_numpy(np.int64)[told], rows["stratum"].to_numpy(np.float64)[told]
    y = y[told] if along.answers is not None else strata_out(y[told], stratum, session)
    found = adjusted_levels(
        (x[told] // width).astype(np.int64),
        session,
        rows["annotator"].to_numpy(np.int64)[told],
        y,
        float(error[told].mean()),
        f"within {' and '.join(along.adjusted_for)}, 95 %",
    )
    return dict(zip(found.at, found.rate, strict=True))


def _named(levels: Levels, names: tuple[str, ...]) -> list[ClockRate]:
    return [ClockRate(names[at], n, rate) for at, n, rate in zip(levels.at, levels.n, levels.rate, strict=True)]
