"""The team's slope as the mean over the team's work: who answered more counts more, whoever was reviewed more.

A slope fitted to all judged answers together weighs people by how much their answers tell of time at work, which is
mostly a matter of who is reviewed and who sits longest. What a lead asks is how errors change over the team's answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

import numpy as np
from scipy.optimize import brentq
from scipy.special import chdtri

from qc.stats.fatigue.items import Recurring, item_scores
from qc.stats.fatigue.scores import Floats, Ints, Scores
from qc.stats.two_way import sums

# How sure it must be that people do not differ more before slopes are pooled by how much they tell: the bound on the
# variance between people is exceeded in one of a thousand teams. One in twenty leaves twice the bias where those who
# sit longest err and learn otherwise than the rest (tests/benchmarks/fatigue_scenarios.py, "learning and selection").
UNSURE = 0.999
MOST_ROUNDS = 6
DEAREST = 1.5
CLOSE = 0.01


@dataclass(frozen=True, slots=True)
class Shares:
    """What each annotator's slope counts for in the team's (they add up to 1), and how far slopes differ between them.

    `between` is the variance between annotators per unit of variance of an answer, as estimated (Paule & Mandel 1982).
    """

    annotator: Ints
    share: Floats
    between: float


def shares(single: Scores, work: Floats) -> Shares | None:
    """Weights near each one's share of the work, less for those whose slope is hardly known; None without any slope.

    single: scores of each annotator's own slope; work: answers of each annotator code. The weights are those of the
    best linear unbiased prediction of Σ work·slope (Henderson 1975), under the largest variance between
    annotators that their slopes are compatible with (the Q profile's upper bound, Viechtbauer 2007, Stat Med 26:37):
    work decides unless the data show that people hardly differ.
    """
    codes, cluster = np.unique(single.annotator, return_inverse=True)
    u, d, q = (sums(cluster, column) for column in (single.u, single.d, single.q))
    known = (d > 0) & (q > 0) & (work[codes] > 0)
    if not known.any():
        return None
    codes, (u, d, q) = codes[known], (column[known] for column in (u, d, q))
    noise, value = q / d**2, u / d
    answer = float(single.v.sum() / single.q.sum())
    wanted = work[codes] / work[codes].sum()
    if len(codes) == 1 or not answer > 0:
        return Shares(codes, wanted, 0.0)
    value = value / np.sqrt(answer)
    between = _between(value, noise, float(len(codes) - 1))
    largest = _between(value, noise, float(chdtri(len(codes) - 1, UNSURE)))
    precision = 1.0 / (noise + largest)
    pull = largest * wanted * precision
    share = pull + precision * (1.0 - pull.sum()) / precision.sum()
    return Shares(codes, share, between)


def by_work(scores: Scores, target: Shares) -> Scores:
    """Scores of sessions, weighted so that each annotator has their share of the slope."""
    size = int(scores.annotator.max()) + 1
    d = sums(scores.annotator, scores.d, size)
    weight = np.zeros(size)
    weight[target.annotator] = target.share / d[target.annotator]
    weighted = scores.weighted(weight[scores.annotator])
    return weighted.among(weighted.d > 0)


def items_by_work(answers: Recurring, single: Scores, target: Shares) -> Scores:
    """Scores with item effects, so mixed that the slope is Σ share·slope even where slopes differ.

    With items in common, one annotator's slope leaks into another's residuals. The mix k of everybody's x for
    which x'M(kx) has the shares, M taking out items and sessions, is found by conjugate gradients on as many
    unknowns as there are annotators; whatever mix comes out, the slope is exact for the shares that it has. Shares
    that the items do not tell apart (half of the team has them in the opposite order) would cost any precision: the
    search ends where the slope's variance for independent answers is more than half as much again as it began.
    """
    weight, within = answers.crossing.weights, answers.within
    size = int(answers.annotator.max()) + 1
    wanted = np.zeros(size)
    wanted[target.annotator] = target.share
    scale = sums(single.annotator, single.d, size)
    told = (wanted > 0) & (scale > 0)
    scale = np.where(told, scale, 1.0)

    def along(mix: Floats) -> Floats:
        return answers.crossing.residuals(mix[answers.annotator] * within)

    def noise(column: Floats) -> float:
        total = float((weight * column) @ answers.free)
        return float(((weight * column) ** 2 / answers.pull).sum()) / total**2 if total > 0 else inf

    def reached(column: Floats) -> Floats:
        shares = sums(answers.annotator, weight * within * column, size)
        return np.where(told, shares, 0.0)

    wanted = np.where(told, wanted, 0.0)
    mix = wanted / scale
    column = along(mix)
    bearable = DEAREST * noise(column)
    remaining = wanted - reached(column)
    step = remaining / scale
    direction, power = step, float(remaining @ step)
    for _ in range(MOST_ROUNDS):
        if np.abs(remaining).sum() <= CLOSE * wanted.sum():
            break
        moved = along(direction)
        change = reached(moved)
        curvature = float(direction @ change)
        if not curvature > 0:
            break
        length = power / curvature
        further = column + length * moved
        if not noise(further) <= bearable:
            break
        column = further
        remaining = remaining - length * change
        step = remaining / scale
        power, previous = float(remaining @ step), power
        direction = step + (power / previous) * direction
    return item_scores(answers, column)


def _between(value: Floats, noise: Floats, wanted: float) -> float:
    """The variance between annotators at which Cochran's Q is `wanted`; 0 where it is less even without any."""

    def surplus(between: float) -> float:
        weight = 1.0 / (noise + between)
        return float(weight @ (value - weight @ value / weight.sum()) ** 2) - wanted

    if not surplus(0.0) > 0:
        return 0.0
    # Where Q with equal weights is certainly less than what is wanted.
    widest = float(((value - value.mean()) ** 2).sum()) / wanted + float(noise.max())
    while surplus(widest) > 0:
        widest *= 4
    return float(brentq(surplus, 0.0, widest, xtol=1e-6 * float(noise.min()), maxiter=1000))
