"""Scores with item effects: what answers on items that recur say of time, once the items are taken out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from qc.stats.fatigue.scores import NOTHING, Axis, Flags, Floats, Ints, Scores, probabilities, relative_weights
from qc.stats.two_way import Crossing, cross, recurring, sums

# Below this many independent comparisons of the same item at two places, the order of items is not known.
FEWEST_COMPARISONS = 50
# Item effects take over from strata when at least this share of the answers is on items that recur.
ENOUGH_RECUR = 0.5
# So many answers of the team are added to each annotator's own.
FIRM = 20.0


@dataclass(frozen=True, slots=True)
class Recurring:
    """The answers on items that recur, along one axis: `x` less session means (`within`), and less items too (`free`).

    `error` and `wrong` (the error less session and item effects) are divided by `pull`, how strongly difficulty and
    time pull at an answer's annotator: see `pulls`. `coverage` is the share of all answers; `left` the share of the
    within-session variance of x left once items are taken out, per degree of freedom, None where hardly any item
    recurs: nothing is left then by construction, which says nothing about the order of the items. `kept` marks the
    rows of the frame.
    """

    crossing: Crossing
    annotator: Ints
    error: Floats
    pull: Floats
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


def pulls(cells: pd.DataFrame, work: Floats) -> Floats:
    """How strongly difficulty and time pull at each annotator's error rate, beside the mean over the team's work.

    On the logistic scale hard items and tiredness add up; an error rate p follows by p·(1 − p). Were everybody's errors
    taken to follow alike, those who err more would seem to tire wherever hard items come late. Rates are drawn towards
    the team's by twenty answers. cells: as in `stratum_scores`; work: answers by annotator code.
    """
    if not len(work):
        return work
    who = cells["annotator"].to_numpy(np.int64)
    n, y = (sums(who, cells[name].to_numpy(np.float64), len(work)) for name in ("n", "sy"))
    team = (y.sum() + 0.5) / (n.sum() + 1.0)
    rate = (y + FIRM * team) / (n + FIRM)
    spread = rate * (1.0 - rate)
    mean = float(work @ spread / work.sum()) if work.sum() > 0 else float(spread.mean())
    pull: Floats = spread / mean
    return pull


def recurring_answers(rows: pd.DataFrame, axis: Axis, pull: Floats | None = None) -> Recurring | None:
    """Answers on items that recur, with item and session effects taken out of the axis; None where no item recurs.

    rows: one per session and item, columns annotator, item, the axis' group (codes >= 0), error (0 to 1), n (answers),
    pi, and the axis (raw steps, NaN where unknown). pull: of each annotator code (`pulls`), else 1; answers weigh by
    it, since their errors divided by it vary as its inverse.
    """
    x = rows[axis.column].to_numpy(np.float64)
    items, groups = (rows[name].to_numpy(np.int64) for name in ("item", axis.group))
    keep = np.isfinite(x) & (x >= 0) & (x <= axis.longest) & (groups >= 0)
    usable = int(keep.sum())
    if keep.any():
        keep[keep] = recurring(items[keep], groups[keep])
    if not keep.any():
        return None
    annotator = rows["annotator"].to_numpy(np.int64)[keep]
    drawn = np.ones(len(annotator)) if pull is None else pull[annotator]
    n, error = rows["n"].to_numpy(np.float64)[keep], rows["error"].to_numpy(np.float64)[keep] / drawn
    _, group = np.unique(groups[keep], return_inverse=True)
    weight = relative_weights(probabilities(rows)[keep], group, np.ones(len(group)))
    crossing, x = cross(items[keep], groups[keep], weight * drawn), x[keep] / axis.unit
    within, free = crossing.within_sessions(x), crossing.residuals(x)
    return Recurring(
        crossing,
        annotator,
        error,
        drawn,
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
        q=_by_session(answers, weight**2 * along**2 / answers.pull),
        score=_by_session(answers, weight * along * rest / own),
        n=_by_session(answers, answers.n),
        y=_by_session(answers, answers.n * answers.error * answers.pull),
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
    square = _by_session(answers, weight**2 * within**2 * own)
    q = _by_session(answers, weight**2 * within**2 * own / answers.pull)
    freedom = own * (1.0 - weight / crossing.session_sizes[crossing.sessions])
    variance = sums(answers.annotator, rest**2) / np.maximum(sums(answers.annotator, freedom), 1e-12)
    u = _by_session(answers, weight * within * rest) + slope * d
    n, y = _by_session(answers, answers.n), _by_session(answers, answers.n * answers.error * answers.pull)
    return Scores(annotator, u, d, variance[annotator] * square, q, u - slope * d, n, y)


def _common(answers: Recurring, along: Floats) -> float:
    weight = answers.crossing.weights
    return float((weight * along) @ answers.wrong / ((weight * along) @ answers.free))


def _annotators(answers: Recurring) -> Ints:
    annotator = np.zeros(len(answers.crossing.session_sizes), dtype=np.int64)
    annotator[answers.crossing.sessions] = answers.annotator
    return annotator


def _by_session(answers: Recurring, column: Floats) -> Floats:
    return sums(answers.crossing.sessions, column, len(answers.crossing.session_sizes))
