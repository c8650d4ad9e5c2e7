"""From session scores to slopes with intervals: the team's, each annotator's, and those drawn towards the team."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import inf, sqrt

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr, stdtrit

from qc.stats.fatigue.scores import Flags, Floats, Ints, Scores
from qc.stats.two_way import sums

LEVEL = 0.95
# With fewer effective annotators a sandwich over them says more about its own noise than about the team.
FEWEST_CLUSTERS = 4.0
FEWEST_SESSIONS = 10
FEWEST_ERRORS = 10.0
FEWEST_TO_SHRINK = 5
# Rounding: of squared hours or hundreds of answers no spread, of a binomial variance no variance.
NEXT_TO_NOTHING = 1e-9


@dataclass(frozen=True, slots=True)
class Slope:
    """A slope, its standard error and the degrees of freedom behind it; `method` says whom the interval speaks of."""

    value: float
    error: float
    freedom: float
    n: int
    method: str

    @property
    def half_width(self) -> float:
        """Half the 95 % interval."""
        return float(stdtrit(self.freedom, (1 + LEVEL) / 2)) * self.error


@dataclass(frozen=True, slots=True)
class SingleSlopes:
    """One entry per annotator with any score: code, slope, standard error, answers, sessions."""

    annotator: Ints
    value: Floats
    error: Floats
    n: Ints
    sessions: Ints

    def among(self, wanted: Flags) -> SingleSlopes:
        """Those wanted."""
        return SingleSlopes(
            self.annotator[wanted], self.value[wanted], self.error[wanted], self.n[wanted], self.sessions[wanted]
        )

    @property
    def rising(self) -> Floats:
        """One-sided p-values against a slope of at most zero."""
        return np.asarray(ndtr(-self.value / self.error), dtype=np.float64)

    @property
    def falling(self) -> Floats:
        """One-sided p-values against a slope of at least zero."""
        return np.asarray(ndtr(self.value / self.error), dtype=np.float64)


def team_slope(scores: Scores, between: float = 0.0) -> Slope | None:
    """The common slope of weighted scores; None where no session tells anything.

    Sandwich over annotators; each squared score is set against what it would be on average were answers independent
    and annotators' slopes as different as `between` (their variance per unit of variance of an answer), with
    Satterthwaite's degrees of freedom. For weights by how much each tells and `between` 0 these are CR2 and the
    degrees of freedom of Bell & McCaffrey 2002 (Survey Methodology 28:169): A − 1 when A annotators weigh the same.
    Where fewer than four are left the interval speaks of these annotators alone (`guarded_variance`).
    """
    total = float(scores.d.sum())
    if not total > 0:
        return None
    n = int(scores.n.sum())
    _, cluster = np.unique(scores.annotator, return_inverse=True)
    d, each, q = (sums(cluster, column) for column in (scores.d, scores.score, scores.q))
    share = d / total
    # The variance of each one's share of the slope, and what estimating the slope takes from it.
    variance = q / total**2 + between * share**2
    pull = np.divide(variance, share, out=np.zeros_like(share), where=share != 0)
    whole = float(variance.sum())
    expected = variance - 2 * share * variance + share**2 * whole
    told = (expected > 0) & (variance > 0)
    freedom = _freedom(share[told], variance[told], expected[told], pull[told], whole)
    if freedom < FEWEST_CLUSTERS:
        variance = guarded_variance(scores.score, scores.v, np.zeros_like(cluster), scores.excess)
        return Slope(scores.slope, sqrt(float(variance[0])) / total, inf, n, "these annotators, 95 %")
    corrected = float((each[told] ** 2 * variance[told] / expected[told]).sum())
    found = max(corrected - scores.excess, float(scores.v.sum()))
    return Slope(scores.slope, sqrt(found) / total, freedom, n, "over annotators, 95 %")


def _freedom(share: Floats, variance: Floats, expected: Floats, pull: Floats, whole: float) -> float:
    """Satterthwaite's degrees of freedom of Σ score²·variance/expected; 0 where one annotator is half of it or more."""
    if not len(share) or share.max() >= 0.5:
        return 0.0
    f = share**2 * variance / expected
    # The covariance of two scores is share·share·(whole − pull − pull): its squares, all pairs less those of one.
    pairs = whole**2 * f.sum() ** 2 + 2 * f.sum() * (f @ pull**2) - 4 * whole * f.sum() * (f @ pull)
    pairs += 2 * (f @ pull) ** 2 - float((f**2) @ (whole - 2 * pull) ** 2)
    return round(whole**2 / float(variance @ variance + max(pairs, 0.0)), 9)


def single_slopes(scores: Scores) -> SingleSlopes:
    """Each annotator's own slope by the stratified trend test (Mantel 1963), with its variance under no trend."""
    scores = scores.among(scores.d > NEXT_TO_NOTHING)
    codes, cluster = np.unique(scores.annotator, return_inverse=True)
    n, y, d, u, q = (sums(cluster, column) for column in (scores.n, scores.y, scores.d, scores.u, scores.q))
    value = u / d
    score = scores.u - value[cluster] * scores.d
    variance = guarded_variance(score, scores.v, cluster)
    error = np.sqrt(few_errors(variance, y, n, q)) / d
    return SingleSlopes(codes, value, error, n.astype(np.int64), np.bincount(cluster))


def guarded_variance(score: Floats, v: Floats, group: Ints, excess: float = 0.0) -> Floats:
    """Variance of each group's summed score: Σv, and not below that between sessions where there are ten or more."""
    sessions = np.bincount(group)
    expected = sums(group, v)
    between = sums(group, score**2) - excess
    between *= sessions / np.maximum(sessions - 1, 1)
    return np.where(sessions >= FEWEST_SESSIONS, np.maximum(expected, between), expected)


def few_errors(variance: Floats, errors: Floats, n: Floats, q: Floats) -> Floats:
    """The variance, not below the binomial one where fewer than ten errors (or right answers) are there to vary.

    Nor where none varies within any session: sessions all right or all wrong prove no slope of zero either.
    """
    rate = (errors + 0.5) / (n + 1.0)
    binomial = rate * (1.0 - rate) * q
    few = (np.minimum(errors, n - errors) < FEWEST_ERRORS) | (variance <= NEXT_TO_NOTHING * binomial)
    return np.where(few, np.maximum(variance, binomial), variance)


def with_few_errors(slope: Slope, scores: Scores) -> Slope:
    """The team's slope of errors under the rule of `few_errors`: no error at all does not prove a slope of zero."""
    d, q = float(scores.d.sum()), float(scores.q.sum())
    variance = few_errors(*(np.array([x]) for x in ((slope.error * d) ** 2, scores.y.sum(), scores.n.sum(), q)))
    return replace(slope, error=sqrt(float(variance[0])) / d)


def shrink(value: Floats, error: Floats) -> tuple[Floats, Floats]:
    """Slopes drawn towards their mean, and their standard errors; unchanged under five annotators.

    Normal–normal empirical Bayes with the between-annotator variance of Paule & Mandel 1982 (J Res NBS 87:377), and
    Morris 1983 (JASA 78:47) for the uncertainty of what is drawn towards.
    """
    if len(value) < FEWEST_TO_SHRINK:
        return value, error

    def weighted(between: float) -> tuple[float, float]:
        weight = 1.0 / (error**2 + between)
        mean = float(weight @ value / weight.sum())
        return mean, float(weight @ (value - mean) ** 2)

    def surplus(between: float) -> float:
        return weighted(between)[1] - (len(value) - 1)

    widest = float(np.ptp(value) ** 2 + error.max() ** 2) * len(value)
    between = float(brentq(surplus, 0.0, widest)) if surplus(0.0) > 0 else 0.0
    mean = weighted(between)[0]
    drawn = error**2 / (error**2 + between)
    unsure_mean = drawn**2 / float((1.0 / (error**2 + between)).sum())
    unsure_between = 2.0 / (len(value) - 3) * drawn**2 * (value - mean) ** 2
    variance = (1.0 - drawn) * error**2 + unsure_mean + unsure_between
    return mean + (1.0 - drawn) * (value - mean), np.sqrt(np.minimum(variance, error**2))
