"""The curve within a session, and what the clock and the site say apart from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from qc.model import Estimate, undefined
from qc.stats.fatigue.curve import Levels, adjusted_levels, strata_out, without_items
from qc.stats.fatigue.evidence import UNIT, Evidence, estimate
from qc.stats.fatigue.frames import numbers
from qc.stats.fatigue.result import ClockRate, HourBin, SiteSlope
from qc.stats.fatigue.scores import LONGEST_SESSION, Floats
from qc.stats.fatigue.slopes import team_slope, with_few_errors
from qc.stats.intervals import wilson

BINS_PER_HOUR = 4
NO_PLACE = "these answers are on no item that others tell of"


def by_hour(time_bins: pd.DataFrame, rows: pd.DataFrame, hours: Evidence) -> list[HourBin]:
    """Error rates by quarter of an hour since the session began, raw and adjusted; `hour` is where it begins."""
    columns = (numbers(time_bins, name) for name in ("bin", "n", "errors"))
    raw = [
        (int(at), int(n), int(errors))
        for at, n, errors in sorted(zip(*columns, strict=True))
        if 0 <= at < LONGEST_SESSION / 3600 * BINS_PER_HOUR and n > 0
    ]
    adjusted = _curve(rows, hours)
    return [
        HourBin(at / BINS_PER_HOUR, n, wilson(errors, n, unit=UNIT), adjusted.get(at, undefined(NO_PLACE, n, UNIT)))
        for at, n, errors in raw
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


def _curve(rows: pd.DataFrame, hours: Evidence) -> dict[int, Estimate]:
    if not len(rows):
        return {}
    error = rows["error"].to_numpy(np.float64)
    y: Floats = without_items(rows, hours.answers, hours.change.value or 0.0, hours.axis.column, hours.axis.unit)
    t = rows["t"].to_numpy(np.float64)
    told = np.isfinite(y) & np.isfinite(t) & (t >= 0) & (t < LONGEST_SESSION)
    if not told.any():
        return {}
    session, stratum = rows["session"].to_numpy(np.int64)[told], rows["stratum"].to_numpy(np.float64)[told]
    y = y[told] if hours.answers is not None else strata_out(y[told], stratum, session)
    found = adjusted_levels(
        (t[told] // (3600 / BINS_PER_HOUR)).astype(np.int64),
        session,
        rows["annotator"].to_numpy(np.int64)[told],
        y,
        float(error[told].mean()),
        f"within {' and '.join(hours.adjusted_for)}, 95 %",
    )
    return dict(zip(found.at, found.rate, strict=True))


def _named(levels: Levels, names: tuple[str, ...]) -> list[ClockRate]:
    return [ClockRate(names[at], n, rate) for at, n, rate in zip(levels.at, levels.n, levels.rate, strict=True)]
