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
    """What a trend runs along: `column` of judged_rows, the sums of judged_time, and its unit in raw steps."""

    noun: str
    column: str
    sums: tuple[str, str, str]
    unit: float
    longest: float


HOURS = Axis("times", "t", ("st", "stt", "sty"), 3600.0, LONGEST_SESSION)
HUNDREDS = Axis("positions", "p", ("sp", "spp", "spy"), 100.0, np.inf)


@dataclass(frozen=True, slots=True)
class Scores:
    """One entry per session that tells anything; slopes are changes of y per unit of x.

    `u` = Σ x̃·y and `d` = Σ x̃² give the slope Σu/Σd; `v` is the variance of u when nothing trends; `score` is what u
    says beyond the common slope, and `excess` the part of Σ score² that is only the noise of estimated item effects.
    `annotator` holds codes, `n` answers, `y` their sum, `left_out` answers with impossible times.
    """

    annotator: Ints
    u: Floats
    d: Floats
    v: Floats
    score: Floats
    n: Floats
    y: Floats
    excess: float = 0.0
    left_out: int = 0

    def among(self, wanted: Flags) -> Scores:
        """The sessions wanted."""
        return replace(
            self,
            annotator=self.annotator[wanted],
            u=self.u[wanted],
            d=self.d[wanted],
            v=self.v[wanted],
            score=self.score[wanted],
            n=self.n[wanted],
            y=self.y[wanted],
        )

    @property
    def slope(self) -> float:
        """The common slope."""
        return float(self.u.sum() / self.d.sum())


@dataclass(frozen=True, slots=True)
class Recurring:
    """The answers on items that recur, along one axis: `x` less session means (`within`), and less items too (`free`).

    `coverage` is their share of all answers; `left` the share of the within-session variance of x left once items are
    taken out, per degree of freedom, None where hardly any item recurs: nothing is left then by construction, which
    says nothing about the order of the items.
    """

    crossing: Crossing
    annotator: Ints
    error: Floats
    n: Floats
    within: Floats
    free: Floats
    coverage: float
    left: float | None


@dataclass(frozen=True, slots=True)
class ItemScores:
    """Scores with item effects: for the team's slope, and for each annotator against the others."""

    team: Scores
    single: Scores


def stratum_scores(cells: pd.DataFrame, axis: Axis) -> Scores:
    """Scores from five sums per session and difficulty stratum; y is 0/1 or, with a column `syy`, any number.

    cells: columns annotator (code), session (code), n, the sums of the axis, sy, and syy. `v` is the permutation
    variance within the stratum, for 0/1 that of Mantel's trend test (Mantel 1963). Cells without variation are
    left out.
    """
    sx, sxx, sxy = (
        cells[name].to_numpy(np.float64) / axis.unit**power for name, power in zip(axis.sums, (1, 2, 1), strict=True)
    )
    n, sy, syy = (cells[name].to_numpy(np.float64) for name in ("n", "sy", "syy"))
    limit = axis.longest / axis.unit
    possible = (n > 0) & (sx >= 0) & (sxx <= n * limit**2)
    divisor = np.maximum(n, 1.0)
    d = sxx - sx**2 / divisor
    tells = possible & (n >= 2) & (d > NOTHING * sxx)
    u = sxy - sx * sy / divisor
    v = np.maximum(syy - sy**2 / divisor, 0.0) / np.maximum(n - 1, 1.0) * d
    left_out = int(n[np.isfinite(sxx) & (n > 0) & ~possible].sum())
    # Cells of one session lie anywhere in the frame; its annotator is that of any of its cells.
    session, first = np.unique(cells["session"].to_numpy(np.int64)[tells], return_index=True)
    where = np.searchsorted(session, cells["session"].to_numpy(np.int64)[tells])
    annotator = cells["annotator"].to_numpy(np.int64)[tells][first]
    u, d, v, n, sy = (sums(where, column[tells], len(session)) for column in (u, d, v, n, sy))
    slope = u.sum() / d.sum() if len(d) else 0.0
    return Scores(annotator, u, d, v, u - slope * d, n, sy, left_out=left_out)


def recurring_answers(rows: pd.DataFrame, axis: Axis) -> Recurring | None:
    """Answers on items that recur, with item and session effects taken out of the axis; None where no item recurs.

    rows: one per session and item, columns annotator, session, item (codes >= 0), error (0 to 1), n (answers), and the
    axis (raw steps, NaN where unknown).
    """
    x = rows[axis.column].to_numpy(np.float64)
    keep = np.isfinite(x) & (x >= 0) & (x <= axis.longest)
    usable = int(keep.sum())
    items, sessions = (rows[name].to_numpy(np.int64) for name in ("item", "session"))
    if keep.any():
        keep[keep] = recurring(items[keep], sessions[keep])
    if not keep.any():
        return None
    crossing, x = cross(items[keep], sessions[keep]), x[keep] / axis.unit
    within, free = crossing.within_sessions(x), crossing.residuals(x)
    comparisons = len(x) - crossing.rank
    left = None
    if comparisons >= FEWEST_COMPARISONS and within @ within > NOTHING * float(x @ x):
        before = float(within @ within) / (len(x) - len(crossing.session_counts))
        left = float(free @ free) / comparisons / before
    return Recurring(
        crossing,
        rows["annotator"].to_numpy(np.int64)[keep],
        rows["error"].to_numpy(np.float64)[keep],
        rows["n"].to_numpy(np.float64)[keep],
        within,
        free,
        coverage=len(x) / usable,
        left=left,
    )


def item_scores(answers: Recurring) -> ItemScores:
    """Scores with item and session effects, where something of x is left.

    An item's effect is partly the answer's own error: residuals are set against the item's other answers, and the
    noise that this adds is kept apart in `excess`. Each annotator's trend is tested against the items' other
    answers less the common trend.
    """
    crossing, within, free = answers.crossing, answers.within, answers.free
    sessions = len(crossing.session_counts)
    annotator = np.zeros(sessions, dtype=np.int64)
    annotator[crossing.sessions] = answers.annotator

    def per_session(column: Floats) -> Floats:
        return sums(crossing.sessions, column, sessions)

    wrong = crossing.residuals(answers.error)
    slope = float(free @ wrong / (free @ free))
    rest = wrong - slope * free
    others = (crossing.item_counts - 1.0)[crossing.items]
    own = others / (others + 1.0)

    n, y = per_session(answers.n), per_session(answers.n * answers.error)
    noise = free**2 * rest**2 / own
    team = Scores(
        annotator,
        u=per_session(free * wrong),
        d=per_session(free**2),
        v=per_session(noise),
        score=per_session(free * rest / own),
        n=n,
        y=y,
        excess=float((noise / others).sum()),
    )
    d = per_session(within**2 * own)
    freedom = own * (1.0 - 1.0 / crossing.session_counts)[crossing.sessions]
    variance = sums(answers.annotator, rest**2) / np.maximum(sums(answers.annotator, freedom), 1e-12)
    u = per_session(within * rest) + slope * d
    return ItemScores(team, Scores(annotator, u, d, variance[annotator] * d, u - slope * d, n, y))
