"""The confidence below which people must look."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betaincinv

from qc.model import Estimate, undefined
from qc.stats.intervals import clopper_pearson
from qc.stats.models.shares import Floats, worth

CUSTOMARY = 0.70
UNIT = "answers"
# A threshold is chosen once and then used on as much work again, whose own noise doubles the variance:
# 1.645·√2 standard errors, so that what is let through there meets the target in 95 of 100 cases, too.
CERTAINTY = 0.99
# The sequence begins where half the target would be shown to meet it, and grows by a fifth from step to step.
STEP = 1.2
MOST_STEPS = 40
NO_SCORES = "no judged answer of the model carries a confidence"
NONE_MEETS = "at no confidence do the judged answers show that the error stays within the target"


@dataclass(frozen=True, slots=True)
class Passed:
    """What a threshold does: the share of answers that pass unseen, and the share of errors among them.

    worth: the effective n behind the errors.
    """

    threshold: float
    passing: Estimate
    error: Estimate
    worth: float


@dataclass(frozen=True, slots=True, eq=False)
class Ordered:
    """Judged answers from the surest down: score, wrong (0 or 1), weight; ends: where a score's last answer stands."""

    score: Floats
    wrong: Floats
    weight: Floats
    ends: np.ndarray

    @classmethod
    def of(cls, score: ArrayLike, wrong: ArrayLike, weight: ArrayLike) -> Ordered:
        """Sorted; answers of one score pass or are looked at together."""
        s, y, w = (np.asarray(values, float) for values in (score, wrong, weight))
        order = np.argsort(-s, kind="stable")
        s, y, w = s[order], y[order], w[order]
        return cls(s, y, w, np.flatnonzero(np.append(s[1:] != s[:-1], True)) if len(s) else np.empty(0, int))

    def let_through(self, end: int) -> tuple[float, float]:
        """The weighted share of errors down to a place, and the effective n that it rests on."""
        y, w = self.wrong[: end + 1], self.weight[: end + 1]
        return float(w @ y / w.sum()), min(worth(y, w), float(w.sum() ** 2 / (w**2).sum()))


def upper(rate: float, n: float, level: float) -> float:
    """Clopper–Pearson's one-sided upper bound at an effective n."""
    errors = rate * n
    return 1.0 if errors >= n else float(betaincinv(errors + 1, n - errors, level))


def for_target(ordered: Ordered, target: float) -> float | None:
    """The lowest threshold whose error let through is shown to stay within the target; None where none is.

    Thresholds are tried from the surest down, at sizes fixed before any verdict was seen, each only when the one
    before has passed, so that the choice among them costs no certainty (fixed-sequence testing: Westfall & Krishen
    2001; as in Angelopoulos et al. 2021, Learn then Test). One passes where the 99 % upper bound (Clopper–Pearson at
    the effective n) meets the target.
    """
    chosen = None
    for end in _sequence(ordered, target):
        rate, n = ordered.let_through(int(end))
        if upper(rate, n, CERTAINTY) > target:
            return chosen
        chosen = float(ordered.score[end])
    return chosen


def _sequence(ordered: Ordered, target: float) -> list[int]:
    total = len(ordered.score)
    if not total:
        return []
    size = float(_first(target))
    if size > total:
        size = float(np.log(1 - CERTAINTY) / np.log1p(-target)) + 1
    wanted: list[int] = []
    while size < total and len(wanted) < MOST_STEPS:
        wanted.append(int(size) - 1)
        size = max(size * STEP, size + 1)
    wanted.append(total - 1)
    places = np.searchsorted(ordered.ends, wanted)
    return [int(end) for end in dict.fromkeys(ordered.ends[places].tolist())]


def _first(target: float) -> int:
    """The fewest answers with half the target wrong that would pass."""
    n = 10
    while upper(target / 2, n, CERTAINTY) > target and n < 1_000_000:
        n = int(n * 1.1) + 1
    return n


def passed(ordered: Ordered, threshold: float) -> Passed:
    """What a threshold lets through, in exact intervals at the effective n (Clopper & Pearson 1934)."""
    end = int((ordered.score >= threshold).sum()) - 1
    total = len(ordered.score)
    if end < 0:
        nothing = undefined("no judged answer is that sure", 0, UNIT)
        return Passed(threshold, clopper_pearson(0, total, unit=UNIT), nothing, 0.0)
    part = (ordered.score >= threshold).astype(float)
    size = float(ordered.weight.sum() ** 2 / (ordered.weight**2).sum())
    passing = clopper_pearson(float(ordered.weight @ part / ordered.weight.sum()) * size, size, unit=UNIT)
    rate, n = ordered.let_through(end)
    error = clopper_pearson(rate * n, n, unit=UNIT)
    return Passed(threshold, replace(passing, n=total), replace(error, n=end + 1), n)


def costs(ordered: Ordered, review: float, escaped: float, sensitivity: float, grid: Floats) -> Floats:
    """The cost per answer at each threshold: reviews of what is less sure, errors that pass, errors reviewers miss."""
    w = ordered.weight / ordered.weight.sum()
    looked = ordered.score[None, :] < grid[:, None]
    found: Floats = (looked * (review + escaped * (1 - sensitivity) * ordered.wrong) @ w) + (
        ~looked * (escaped * ordered.wrong)
    ) @ w
    return found


def at_least_cost(ordered: Ordered, review: float, escaped: float, sensitivity: float) -> tuple[float, Passed]:
    """The threshold of the least expected cost, and what it lets through; in hundredths, the highest of equals.

    It is chosen on either half of the answers (every second by confidence) and tried on the other, so that the error
    that is told was not chosen to be small. The threshold returned is that of all answers together.
    """
    grid = np.round(np.arange(0, 102) / 100, 2)
    best = _cheapest(ordered, review, escaped, sensitivity, grid)
    halves = [_half(ordered, place) for place in (0, 1)]
    errors, size, told = 0.0, 0.0, 0
    for chosen_on, tried_on in (halves, halves[::-1]):
        at = _cheapest(chosen_on, review, escaped, sensitivity, grid)
        end = int((tried_on.score >= at).sum()) - 1
        if end >= 0:
            rate, n = tried_on.let_through(end)
            errors, size, told = errors + rate * n, size + n, told + end + 1
    whole = passed(ordered, best)
    error = clopper_pearson(errors, size, unit=UNIT)
    if error.value is None:
        return best, whole
    method = f"{error.method}; chosen on one half and tried on the other, both ways"
    return best, replace(whole, error=replace(error, n=told, method=method), worth=size)


def _cheapest(ordered: Ordered, review: float, escaped: float, sensitivity: float, grid: Floats) -> float:
    found = costs(ordered, review, escaped, sensitivity, grid)
    return float(grid[np.flatnonzero(found <= found.min() + 1e-12)[-1]])


def _half(ordered: Ordered, place: int) -> Ordered:
    return Ordered.of(ordered.score[place::2], ordered.wrong[place::2], ordered.weight[place::2])
