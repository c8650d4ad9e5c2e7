"""What each session says about a trend, once its own level and the difficulty of its items are taken out."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qc.stats.two_way import sums

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

# Longer than anybody works without a break that ends the session: such a time is a broken clock.
LONGEST_SESSION = 16 * 3600.0
# A spread under a ten-thousandth of the root mean square is rounding, not time.
NOTHING = 1e-8


@dataclass(frozen=True, slots=True)
class Axis:
    """What a trend runs along: `column` of judged_rows, the sums of judged_time, and its unit in raw steps.

    Levels are taken out within each `group`: a session, or for the hours of a day the day.
    """

    noun: str
    column: str
    sums: tuple[str, str, str]
    unit: float
    longest: float
    group: str = "session"


HOURS = Axis("times", "t", ("st", "stt", "sty"), 3600.0, LONGEST_SESSION)
HUNDREDS = Axis("positions", "p", ("sp", "spp", "spy"), 100.0, np.inf)
DAY_HOURS = Axis("hours that day", "h", ("sh", "shh", "shy"), 3600.0, 24 * 3600.0, "day")


@dataclass(frozen=True, slots=True)
class Scores:
    """One entry per session (or day) that tells anything; slopes are changes of y per unit of x.

    `u` = Σ w·x̃·y and `d` = Σ w·x̃² give the slope Σu/Σd; `v` is the variance of u when nothing trends, `q` = Σ (w·x̃)²
    the same per unit of variance of an answer; `score` is what u says beyond the common slope, and `excess` the part of
    Σ score² that is only the noise of estimated item effects. `annotator` holds codes, `n` answers, `y` their sum,
    `left_out` answers with impossible times.
    """

    annotator: Ints
    u: Floats
    d: Floats
    v: Floats
    q: Floats
    score: Floats
    n: Floats
    y: Floats
    excess: float = 0.0
    left_out: int = 0

    def among(self, wanted: Flags) -> Scores:
        """The sessions wanted."""
        columns = ("annotator", "u", "d", "v", "q", "score", "n", "y")
        return replace(self, **{name: getattr(self, name)[wanted] for name in columns})

    def weighted(self, weight: Floats) -> Scores:
        """The same with a weight for each session; the score is against the slope that they have together."""
        d, u = weight * self.d, weight * self.u
        slope = u.sum() / d.sum()
        return replace(self, u=u, d=d, v=weight**2 * self.v, q=weight**2 * self.q, score=u - slope * d)

    def pulled(self, pull: Floats) -> Scores:
        """Slopes of errors divided by `pull` (of each annotator code) as slopes of errors."""
        own = pull[self.annotator]
        return replace(self, u=own * self.u, v=own**2 * self.v, q=own**2 * self.q, score=own * self.score)

    @property
    def slope(self) -> float:
        """The common slope."""
        return float(self.u.sum() / self.d.sum())


def stratum_scores(cells: pd.DataFrame, axis: Axis) -> Scores:
    """Scores from five sums per group and difficulty stratum; y is 0/1 or, with a column `syy`, any number.

    cells: columns annotator (code), the axis' group (code), n, the sums of the axis, sy, syy, and where known `stratum`
    and `pi`, the probability with which the cell's answers were chosen (NaN: all alike). Weights are relative to the
    group's mean 1/pi: they undo a choice that favours answers within a session, and leave sessions as telling as they
    are.
    `v` is the permutation variance within the stratum, for 0/1 that of Mantel's trend test (Mantel 1963). Strata
    without variation are left out.
    """
    sx, sxx, sxy = (
        cells[name].to_numpy(np.float64) / axis.unit**power for name, power in zip(axis.sums, (1, 2, 1), strict=True)
    )
    n, sy, syy = (cells[name].to_numpy(np.float64) for name in ("n", "sy", "syy"))
    group = cells[axis.group].to_numpy(np.int64)
    possible = (n > 0) & (group >= 0) & (sx >= 0) & (sxx <= n * (axis.longest / axis.unit) ** 2)
    left_out = int(n[np.isfinite(sxx) & (n > 0) & ~possible].sum())
    columns = [column[possible] for column in (n, sx, sxx, sxy, sy, syy)]
    group, pi = group[possible], probabilities(cells)[possible]
    groups, where = np.unique(group, return_inverse=True)
    weight = relative_weights(pi, where, columns[0])
    strata = cells["stratum"].to_numpy()[possible] if "stratum" in cells else np.zeros_like(where)
    stratum = pd.factorize(strata)[0]
    cell_keys, cell = np.unique(where * (stratum.max(initial=0) + 1) + stratum, return_inverse=True)
    size = len(cell_keys)
    n, sx, sxx, sxy, sy, syy = (sums(cell, weight * column, size) for column in columns)
    count = sums(cell, columns[0], size)
    d, u = sxx - sx**2 / n, sxy - sx * sy / n
    mean = (sx / n)[cell]
    q = sums(cell, weight**2 * (columns[2] - 2 * mean * columns[1] + columns[0] * mean**2), size)
    spread = np.maximum(syy / n - (sy / n) ** 2, 0.0) * count / np.maximum(count - 1, 1.0)
    tells = (count >= 2) & (d > NOTHING * sxx)
    # Which group a cell is of, and which annotator a group.
    home = np.empty(size, dtype=np.int64)
    home[cell] = where
    annotator = np.empty(len(groups), dtype=np.int64)
    annotator[where] = cells["annotator"].to_numpy(np.int64)[possible]
    known, at = np.unique(home[tells], return_inverse=True)
    errors = sums(cell, columns[4], size)
    summed = (sums(at, column[tells], len(known)) for column in (u, d, spread * q, q, count, errors))
    u, d, v, q, n, y = summed
    slope = u.sum() / d.sum() if len(d) else 0.0
    return Scores(annotator[known], u, d, v, q, u - slope * d, n, y, left_out=left_out)


def probabilities(frame: pd.DataFrame) -> Floats:
    """The column `pi` as floats; NaN where it is unknown or not there."""
    if "pi" not in frame:
        return np.full(len(frame), np.nan)
    values: Floats = frame["pi"].to_numpy(np.float64)
    return values


def relative_weights(pi: Floats, group: Ints, n: Floats) -> Floats:
    """1/pi relative to the mean of the group's answers; 1 where pi is unknown."""
    known = np.isfinite(pi) & (pi > 0)
    if not known.any():
        return np.ones(len(pi))
    weight = np.where(known, 1.0 / np.where(known, pi, 1.0), 1.0)
    mean = sums(group, weight * n) / np.maximum(sums(group, n), 1.0)
    return weight / np.where(mean > 0, mean, 1.0)[group]
