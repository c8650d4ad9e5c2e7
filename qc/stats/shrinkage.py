"""What a team's error rates say about one annotator with few judged answers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaincc, betaincinv, betaln, xlog1py, xlogy

Floats = NDArray[np.float64]

FEWEST_TO_COMPARE = 3
MEANS, STRENGTHS = 32, 32
# Half the 5 % point of a likelihood-ratio test at the edge of the parameter space (Self & Liang 1987).
DETECTABLE = 2.71 / 2


@dataclass(frozen=True, slots=True)
class Beta:
    """A Beta distribution of an error rate: before data a prior, after `updated` a posterior."""

    a: float
    b: float

    @property
    def mean(self) -> float:
        """The expected rate."""
        return self.a / (self.a + self.b)

    def reported(self, sensitivity: float, specificity: float) -> Beta:
        """A distribution of true rates as reviewers would report them: the same strength, the mean as they see it."""
        mean = self.mean * sensitivity + (1 - self.mean) * (1 - specificity)
        strength = self.a + self.b
        return Beta(mean * strength, (1 - mean) * strength)

    def updated(self, errors: float, n: float) -> Beta:
        """The posterior after so many errors among n judged answers."""
        return Beta(self.a + errors, self.b + n - errors)

    def p_above(self, rate: float) -> float:
        """P(rate > `rate`); 1 below 0, and 0 from 1 on."""
        return float(betaincc(self.a, self.b, min(max(rate, 0.0), 1.0)))

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """The equal-tailed interval."""
        low, high = betaincinv(self.a, self.b, [(1 - level) / 2, (1 + level) / 2])
        return float(low), float(high)

    def quantiles(self, count: int) -> Floats:
        """The midpoints of `count` equally probable slices: averages over them are averages over the distribution."""
        return np.asarray(betaincinv(self.a, self.b, (np.arange(count) + 0.5) / count))

    @classmethod
    def of(cls, mean: float, variance: float) -> Beta:
        """The Beta distribution with these moments; 0 < mean < 1 and 0 < variance < mean·(1 − mean)."""
        strength = mean * (1 - mean) / variance - 1
        return cls(mean * strength, (1 - mean) * strength)


# One error in twenty, worth twenty answers: what is assumed of a team before anything is known of it.
FALLBACK = Beta(1.0, 19.0)


@dataclass(frozen=True, slots=True)
class TeamPrior:
    """How error rates spread over a team: Beta(a, b) with these weights, as far as the team's answers can tell.

    `distinct` is False where no difference between annotators shows.
    """

    a: Floats
    b: Floats
    weights: Floats
    distinct: bool
    annotators: int

    @property
    def beta(self) -> Beta:
        """The rate of an annotator of whom nothing is known yet, as one Beta distribution."""
        return self.posterior(0.0, 0.0)

    def posterior(self, errors: float, n: float) -> Beta:
        """The rate of an annotator with so many errors among n judged answers: the Beta with the mixture's moments."""
        a, b = self.a + errors, self.b + n - errors
        means = a / (a + b)
        mean = float(self.weights @ means)
        variance = float(self.weights @ (means * (1 - means) / (a + b + 1) + (means - mean) ** 2))
        return Beta.of(mean, variance)

    @property
    def note(self) -> str | None:
        """What to say of the team, if anything."""
        if self.annotators < FEWEST_TO_COMPARE:
            return "too few annotators to learn from the team"
        return None if self.distinct else "no detectable difference between annotators"


def team_prior(errors: ArrayLike, n: ArrayLike) -> TeamPrior:
    """The beta-binomial model of annotators' error rates, fitted to all of them.

    errors, n: one entry per annotator, effective counts need not be whole; those with n = 0 are left out. With fewer
    than three annotators it is Beta(1, 19). The strength a + b is not set to its maximum-likelihood value, which is
    infinite for underdispersed counts and would then make everybody the same: mean and strength are averaged over
    their posterior (uniform in the mean and in the shrinkage (a + b)/(a + b + n)), so that shrinkage never reaches 1
    and the intervals know that the team, too, is only estimated.
    Source: Christiansen & Morris 1997 (uniform shrinkage prior); Morris & Tang 2011 (why not the mode).
    """
    wrong, size = np.broadcast_arrays(np.asarray(errors, float), np.asarray(n, float))
    wrong, size = wrong[size > 0], size[size > 0]
    if size.size < FEWEST_TO_COMPARE:
        return TeamPrior(np.array([FALLBACK.a]), np.array([FALLBACK.b]), np.ones(1), False, size.size)
    # Means are tried where they may lie if every annotator told no more than one answer would.
    usual = float(np.median(size))
    likely = Beta(wrong.sum() / usual + 0.5, (size - wrong).sum() / usual + 0.5)
    means = likely.quantiles(MEANS)
    shrinkage = (np.arange(STRENGTHS) + 0.5) / STRENGTHS
    # Relative to those judged least: it errs on the side of letting annotators differ. No weaker than Jeffreys' prior:
    # else a team without errors would pass for one where everybody is either perfect or always wrong.
    weakest = 0.5 / np.minimum(means, 1 - means)
    strengths = weakest[:, None] + float(np.quantile(size, 0.1)) * shrinkage / (1 - shrinkage)
    a, b = (means[:, None] * strengths).ravel(), ((1 - means[:, None]) * strengths).ravel()
    pairs, times = np.unique(np.stack([wrong, size - wrong]), axis=1, return_counts=True)
    logs = -betaln(a, b) * size.size
    for (bad, good), count in zip(pairs.T, times, strict=True):
        logs += count * betaln(a + bad, b + good)
    share = wrong.sum() / size.sum()
    alike = float(xlogy(wrong.sum(), share) + xlog1py((size - wrong).sum(), -share))
    distinct = bool(logs.max() - alike > DETECTABLE)
    # The means were not tried uniformly; dividing by their density makes up for it.
    logs -= np.repeat((likely.a - 1) * np.log(means) + (likely.b - 1) * np.log1p(-means), STRENGTHS)
    weights = np.exp(logs - logs.max())
    return TeamPrior(a, b, weights / weights.sum(), distinct, size.size)
