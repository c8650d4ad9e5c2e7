"""How often reviewers see an error, and how often they let a right answer pass."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qc.model import Estimate, undefined
from qc.stats.intervals import proportion

Floats = NDArray[np.float64]

GOLD: Final = "gold"
DOUBLE: Final = "double reviews"
SOURCES: Final = (GOLD, DOUBLE)
NO_WRONG: Final = "no wrong answer with a known truth was reviewed"
NO_RIGHT: Final = "no right answer with a known truth was reviewed"
NOTHING_SETTLED: Final = "{} was settled, and two readers without a truth identify nothing"
KINDS_OF_PAIRS: Final = (
    ("no answer that both let pass", "no answer that the other alone flagged"),
    ("no answer that this reviewer alone flagged", "no answer that both flagged"),
)
PAIRS_METHOD: Final = (
    "double reviews, each way in which two reviewers may judge weighted by how many such answers were settled "
    "(Begg & Greenes 1983), posterior, 95 %"
)
DRAWS: Final = 4000
SEED: Final = 0
_NEUTRAL: Final = 1 / 3
_NO_MORE: Final = 1e9


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Sensitivity (flagged among wrong) and specificity (let pass among right), and what each is worth.

    `n` counts the reviews whose truth is known; the sizes are the binomial counts that tell as much.
    """

    n: int
    sensitivity: Estimate
    specificity: Estimate
    sensitivity_size: float = 0.0
    specificity_size: float = 0.0

    @property
    def known(self) -> bool:
        """Whether both have a value."""
        return self.sensitivity.value is not None and self.specificity.value is not None


def on_gold(flagged_wrong: int, wrong: int, passed_right: int, right: int) -> Accuracy:
    """What a reviewer made of answers whose truth is known from gold.

    flagged_wrong of `wrong` answers, passed_right of `right` ones. Undefined where there were none of a kind.

    >>> print(on_gold(18, 20, 190, 200).sensitivity)
    0.9 (0.716–0.979), 20 wrong answers
    """
    seen = proportion(flagged_wrong, wrong, unit="wrong answers")
    passed = proportion(passed_right, right, unit="right answers")
    return Accuracy(
        wrong + right,
        seen if wrong else undefined(NO_WRONG, 0, "wrong answers"),
        passed if right else undefined(NO_RIGHT, 0, "right answers"),
        float(wrong),
        float(right),
    )


def pair_rates(double: ArrayLike, settled: ArrayLike, wrong: ArrayLike) -> tuple[Floats, Floats]:
    """Sensitivity and specificity of a reviewer from double reviews, elementwise; NaN where nothing is known.

    Arrays of shape (…, 2, 2) by own verdict and the other's (0 let pass, 1 flagged): answers reviewed twice, those of
    them that a lead settled, and those of these that were wrong. Within a cell the settled ones stand for all, so that
    a random tenth of the agreements and all disagreements count as they should. Source: Begg & Greenes 1983.
    """
    n, k = np.asarray(settled, float), np.asarray(wrong, float)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(n > 0, k / n, np.where(np.asarray(double) > 0, np.nan, 0.0))
        bad = np.asarray(double, float) * share
        good = np.asarray(double, float) * (1 - share)
        return bad[..., 1, :].sum(-1) / bad.sum((-1, -2)), good[..., 0, :].sum(-1) / good.sum((-1, -2))


def from_pairs(double: ArrayLike, settled: ArrayLike, wrong: ArrayLike, seed: int = SEED) -> Accuracy:
    """Sensitivity and specificity of a reviewer from double reviews, with the intervals of their posterior.

    Arrays of shape (2, 2) as in `pair_rates`. Undefined where a cell that occurs holds nothing settled: two readers
    without a truth identify neither (Hui & Walter 1980). The posterior is Dirichlet's of the cells and, of the share of
    wrong answers in each, that under Kerman's neutral prior (2011; Jeffreys' covers less, most cells hold few errors),
    drawn DRAWS times; seeded, so that the same counts give the same interval.
    """
    counts, n, k = (np.asarray(each, float) for each in (double, settled, wrong))
    known = int(n.sum())
    if not known and not counts.any():
        return Accuracy(0, undefined(NO_WRONG, 0, "wrong answers"), undefined(NO_RIGHT, 0, "right answers"))
    if unsettled := [KINDS_OF_PAIRS[i][j] for i, j in np.argwhere((counts > 0) & (n == 0)).tolist()]:
        reason = NOTHING_SETTLED.format(unsettled[0])
        return Accuracy(known, undefined(reason, 0, "wrong answers"), undefined(reason, 0, "right answers"))
    rates = [float(rate) for rate in pair_rates(counts, n, k)]
    rng = np.random.default_rng(seed)
    cells = rng.gamma(counts, size=(DRAWS, 2, 2))
    share = rng.beta(k + _NEUTRAL, n - k + _NEUTRAL, size=(DRAWS, 2, 2))
    bad, good = cells * share, cells * (1 - share)
    drawn = bad[:, 1].sum(-1) / bad.sum((-1, -2)), good[:, 0].sum(-1) / good.sum((-1, -2))
    wrong_answers, right_answers = float(k.sum()), float((n - k).sum())
    seen, size = _posterior(rates[0], drawn[0], wrong_answers, "wrong answers", NO_WRONG)
    passed, many = _posterior(rates[1], drawn[1], right_answers, "right answers", NO_RIGHT)
    return Accuracy(known, seen, passed, size, many)


def _posterior(rate: float, drawn: Floats, n: float, unit: str, nothing: str) -> tuple[Estimate, float]:
    """A rate with the interval of its draws, and the binomial n that spreads as much."""
    if isnan(rate):
        return undefined(nothing, 0, unit), 0.0
    low, high = np.quantile(drawn, [0.025, 0.975])
    mean, variance = float(drawn.mean()), float(drawn.var())
    size = min(mean * (1 - mean) / variance, _NO_MORE) if variance > 0 else _NO_MORE
    return Estimate(rate, min(float(low), rate), max(float(high), rate), round(n), unit, PAIRS_METHOD), size
