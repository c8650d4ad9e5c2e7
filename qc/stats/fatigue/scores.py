"""What each session says about a trend, once its own level and the difficulty of its items are taken out."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qc.stats.two_way import Crossing, cross, recurring, sums

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

# Longer than anybody works without a break that ends the session: such a time is a broken clock.
LONGEST_SESSION = 16 * 3600.0
# Below this many independent comparisons of the same item at two places, the order of items is not known.
FEWEST_COMPARISONS = 50
# A spread under a ten-thousandth of the root mean square is rounding, not time.
NOTHING = 1e-8
# Item effects take over from strata when at least this share of the answers is on items that recur.
ENOUGH_RECUR = 0.5


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

    @property
    def slope(self) -> float:
        """The common slope."""
        return float(self.u.sum() / self.d.sum())


@dataclass(frozen=True, slots=True)
class Recurring:
    """The answers on items that recur, along one axis: `x` less session means (`within`), and less items too (`free`).

    `wrong` is the error less session and item effects, `coverage` the share of all answers; `left` the share of the
    within-session variance of x left once items are taken out, per degree of freedom, None where hardly any item
    recurs: nothing is left then by construction, which says nothing about the order of the items. `kept` marks the
    rows of the frame.
    """

    crossing: Crossing
    annotator: Ints
    error: Floats
    n: Floats
    within: Floats
    free: Floats
    wrong: Floats
    coverage: float
    left: float | None
    kept: Flags

    @property
    def own(self) -> Floats:
        """How much of an answer's residual is its own: an item's effect is partly the answer itself."""
        return 1.0 - self.crossing.weights / self.crossing.item_sizes[self.crossing.items]


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
    group, pi = group[possible], _probabilities(cells)[possible]
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


def _probabilities(frame: pd.DataFrame) -> Floats:
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


def recurring_answers(rows: pd.DataFrame, axis: Axis) -> Recurring | None:
    """Answers on items that recur, with item and session effects taken out of the axis; None where no item recurs.

    rows: one per session and item, columns annotator, item, the axis' group (codes >= 0), error (0 to 1), n (answers),
    pi, and the axis (raw steps, NaN where unknown).
    """
    x = rows[axis.column].to_numpy(np.float64)
    items, groups = (rows[name].to_numpy(np.int64) for name in ("item", axis.group))
    keep = np.isfinite(x) & (x >= 0) & (x <= axis.longest) & (groups >= 0)
    usable = int(keep.sum())
    if keep.any():
        keep[keep] = recurring(items[keep], groups[keep])
    if not keep.any():
        return None
    n, error = rows["n"].to_numpy(np.float64)[keep], rows["error"].to_numpy(np.float64)[keep]
    _, group = np.unique(groups[keep], return_inverse=True)
    weight = relative_weights(_probabilities(rows)[keep], group, np.ones(len(group)))
    crossing, x = cross(items[keep], groups[keep], weight), x[keep] / axis.unit
    within, free = crossing.within_sessions(x), crossing.residuals(x)
    return Recurring(
        crossing,
        rows["annotator"].to_numpy(np.int64)[keep],
        error,
        n,
        within,
        free,
        crossing.residuals(error),
        coverage=len(x) / usable,
        left=_left(crossing, x, within, free),
        kept=keep,
    )


def variance_left(order: pd.DataFrame, axis: Axis) -> float | None:
    """`left` of Recurring, from all answers: columns item, session (codes) and the axis."""
    x = order[axis.column].to_numpy(np.float64)
    items, groups = (order[name].to_numpy(np.int64) for name in ("item", axis.group))
    keep = np.isfinite(x) & (x >= 0) & (x <= axis.longest)
    if keep.any():
        keep[keep] = recurring(items[keep], groups[keep])
    if not keep.any():
        return None
    crossing, x = cross(items[keep], groups[keep]), x[keep] / axis.unit
    return _left(crossing, x, crossing.within_sessions(x), crossing.residuals(x))


def _left(crossing: Crossing, x: Floats, within: Floats, free: Floats) -> float | None:
    comparisons = len(x) - crossing.rank
    if comparisons < FEWEST_COMPARISONS or not within @ within > NOTHING * float(x @ x):
        return None
    before = float(within @ within) / (len(x) - len(crossing.session_sizes))
    return float(free @ free) / comparisons / before


def item_scores(answers: Recurring, along: Floats) -> Scores:
    """Scores for the team's slope with item effects, along x less item and session effects (`free`) or a mix of it.

    An item's effect is partly the answer's own error: residuals are set against the item's other answers, and the
    noise that this adds is kept apart in `excess`.
    """
    crossing, own = answers.crossing, answers.own
    weight = crossing.weights
    slope = _common(answers, along)
    rest = answers.wrong - slope * answers.free
    noise = weight**2 * along**2 * rest**2 / own
    return Scores(
        _annotators(answers),
        u=_by_session(answers, weight * along * answers.wrong),
        d=_by_session(answers, weight * along * answers.free),
        v=_by_session(answers, noise),
        q=_by_session(answers, weight**2 * along**2),
        score=_by_session(answers, weight * along * rest / own),
        n=_by_session(answers, answers.n),
        y=_by_session(answers, answers.n * answers.error),
        excess=float((noise * (1.0 - own) / own).sum()),
    )


def single_scores(answers: Recurring) -> Scores:
    """Scores for each annotator against the others: their trend beyond the common one, on the items' other answers."""
    crossing, own, within = answers.crossing, answers.own, answers.within
    weight = crossing.weights
    slope = _common(answers, answers.free)
    rest = answers.wrong - slope * answers.free
    annotator = _annotators(answers)
    d = _by_session(answers, weight * within**2 * own)
    q = _by_session(answers, weight**2 * within**2 * own)
    freedom = own * (1.0 - weight / crossing.session_sizes[crossing.sessions])
    variance = sums(answers.annotator, rest**2) / np.maximum(sums(answers.annotator, freedom), 1e-12)
    u = _by_session(answers, weight * within * rest) + slope * d
    n, y = _by_session(answers, answers.n), _by_session(answers, answers.n * answers.error)
    return Scores(annotator, u, d, variance[annotator] * q, q, u - slope * d, n, y)


def _common(answers: Recurring, along: Floats) -> float:
    weight = answers.crossing.weights
    return float((weight * along) @ answers.wrong / ((weight * along) @ answers.free))


def _annotators(answers: Recurring) -> Ints:
    annotator = np.zeros(len(answers.crossing.session_sizes), dtype=np.int64)
    annotator[answers.crossing.sessions] = answers.annotator
    return annotator


def _by_session(answers: Recurring, column: Floats) -> Floats:
    return sums(answers.crossing.sessions, column, len(answers.crossing.session_sizes))
