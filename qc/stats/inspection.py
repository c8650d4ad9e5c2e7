"""What a plan of review costs: none, all, a random share, or a sample that decides on the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import bdtr

from qc.model import Estimate
from qc.stats.shrinkage import Beta

Floats = NDArray[np.float64]

NONE, ESTIMATE, ALL = "none", "estimate", "all"
SHOWN_RATES: Final = (0.0, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
# As good as the best, for all that anybody can tell from prices.
NEARLY: Final = 1.02
# A smaller share of the cost is no reason to sample.
NOTHING_GAINED = 1e-4
# Slices of the posterior over which costs are averaged, and sample sizes tried.
SLICES: Final = 1000
SIZES: Final = 200
BLIND: Final = "such reviewers cannot tell right from wrong"
FREE: Final = "nothing is at stake: an escaped error costs nothing"


@dataclass(frozen=True, slots=True)
class Prices:
    """Money per answer: to review it, for an error that escapes, for a false flag; and what reviewers are worth."""

    review: float
    escaped: float
    false_flag: float
    sensitivity: float
    specificity: float

    @property
    def discernment(self) -> float:
        """Youden's J; at 0 or below a review says nothing."""
        return self.sensitivity + self.specificity - 1

    @property
    def break_even(self) -> float | None:
        """The rate of true errors above which a review pays; above 1 it never does, None where nothing is at stake.

        p* = (k1 + (1 − Sp)·kf) / (Se·k2 + (1 − Sp)·kf): Deming's rule with imperfect inspectors.
        """
        flags = (1 - self.specificity) * self.false_flag
        stake = self.sensitivity * self.escaped + flags
        return (self.review + flags) / stake if stake > 0 else None

    def true(self, reported: ArrayLike) -> Floats:
        """True error rates behind reported ones, cut to 0 to 1 (Rogan & Gladen 1978)."""
        return np.clip((np.asarray(reported, float) + self.specificity - 1) / self.discernment, 0.0, 1.0)

    def reviewed(self, p: ArrayLike) -> Floats:
        """Expected cost of an answer that is reviewed, at true error rates p."""
        rate = np.asarray(p, float)
        missed = rate * (1 - self.sensitivity) * self.escaped
        return self.review + missed + (1 - rate) * (1 - self.specificity) * self.false_flag

    def unreviewed(self, p: ArrayLike) -> Floats:
        """Expected cost of an answer that is not reviewed."""
        return np.asarray(p, float) * self.escaped


@dataclass(frozen=True, slots=True)
class Best:
    """The cheapest way to review as many answers again; undefined (choice None) where `reason` says why.

    `rate_low` to `rate_high`: the shares whose expected cost is within 2 % of the least. `probability`: that the
    decision on the bulk of the answers turns out to be the right one. `size`: of the cheapest sample, 0 without one.
    """

    choice: str | None
    rate_low: float | None
    rate_high: float | None
    probability: float | None
    reason: str | None = None
    size: int | None = None


@dataclass(frozen=True, slots=True)
class CurveRow:
    """Expected cost of reviewing a share of the answers under one policy, and the errors that escape."""

    policy: str
    rate: float
    cost: float
    escaped: Estimate


@dataclass(frozen=True, slots=True)
class Sampling:
    """First checking `sizes` of a lot at random, then all or none of the rest: one entry per size.

    `cost` is expected, `right` the probability that the rest is decided rightly; `escaped` and `by_slice` (cost) hold
    one column per slice of the posterior.
    """

    sizes: NDArray[np.int64]
    cost: Floats
    right: Floats
    escaped: Floats
    by_slice: Floats


def sampling(sizes: ArrayLike, lot: int, posterior: Beta, price: Prices) -> Sampling:
    """Expected cost of checking n answers of a lot to decide on the rest (expected value of sample information).

    After x reported errors the rest is reviewed where the posterior mean is above break-even. Costs are averaged over
    equally probable slices of the posterior. Source: Raiffa & Schlaifer 1961; review 1, escape 20, perfect reviewers,
    Beta(2, 48) and 2000 answers: least 1414 at n = 139, against 1600 without and 2000 with full review.
    """
    n = np.asarray(sizes, np.int64)
    reported = posterior.quantiles(SLICES)
    p = price.true(reported)
    limit = price.break_even
    assert limit is not None
    reported_limit = limit * price.discernment + 1 - price.specificity
    accept = np.floor(reported_limit * (posterior.a + posterior.b + n) - posterior.a + 1e-9)
    accept = np.minimum(accept, n)[:, None]
    leave = np.where(accept >= 0, bdtr(np.maximum(accept, 0), np.maximum(n, 1)[:, None], reported), 0.0)
    leave = np.where(n[:, None] > 0, leave, accept >= 0)
    first, rest = n[:, None], (lot - n)[:, None]
    money = first * price.reviewed(p) + rest * (leave * price.unreviewed(p) + (1 - leave) * price.reviewed(p))
    errors = p * ((1 - price.sensitivity) * (first + rest * (1 - leave)) + rest * leave)
    right = np.where(p < limit, leave, 1 - leave)
    return Sampling(n, money.mean(axis=1), right.mean(axis=1), errors, money)


def best(lot: int, posterior: Beta, price: Prices) -> Best:
    """Whether to review none, all, or an estimation sample of as many answers, by expected cost.

    A random share pays through what it teaches, or not at all: its own cost is linear in the rate (Deming 1982).
    Undefined without answers, without stakes, or with reviewers who tell nothing apart.
    """
    if reason := undecidable(lot, price):
        return Best(None, None, None, None, reason)
    sizes = np.unique(np.r_[0, np.geomspace(1, lot, SIZES).round().astype(np.int64)])
    plan = sampling(sizes, lot, posterior, price)
    cheapest = int(plan.cost.argmin())
    if plan.cost[cheapest] > (1 - NOTHING_GAINED) * plan.cost[0]:
        # What a sample would tell is known already.
        cheapest = 0
    p = price.true(posterior.quantiles(SLICES))
    without, full = lot * float(price.unreviewed(p).mean()), lot * float(price.reviewed(p).mean())
    if sizes[cheapest] == 0 and full < without:
        spare = (NEARLY - 1) * full / (without - full)
        return Best(ALL, max(0.0, 1 - spare), 1.0, float(plan.right[0]))
    dear = np.flatnonzero(plan.cost > NEARLY * plan.cost[cheapest])
    low = dear[dear < cheapest].max(initial=-1) + 1
    high = dear[dear > cheapest].min(initial=sizes.size) - 1
    return Best(
        ESTIMATE if sizes[cheapest] else NONE,
        float(sizes[low] / lot),
        float(sizes[high] / lot),
        float(plan.right[cheapest]),
        size=int(sizes[cheapest]),
    )


def curve(lot: int, posterior: Beta, price: Prices) -> tuple[CurveRow, ...]:
    """Expected cost and escaped errors of reviewing a share of the lot, at the rates that teams ask about.

    `random`: that share and no more; `estimate`: that share first, then all or none of the rest. Intervals are those
    of the posterior, 95 %. Empty where `best` is undefined.
    """
    if undecidable(lot, price):
        return ()
    p = price.true(posterior.quantiles(SLICES))
    without, full = float(price.unreviewed(p).mean()), float(price.reviewed(p).mean())
    shares = np.array(SHOWN_RATES)
    inside = shares[(shares > 0) & (shares < 1)]
    plan = sampling(np.round(inside * lot), lot, posterior, price)
    left = lot * p * (1 - shares[:, None] * price.sensitivity)
    rows = [
        ("random", share, lot * (share * full + (1 - share) * without), row)
        for share, row in zip(shares, left, strict=True)
    ]
    rows += [(ESTIMATE, share, money, row) for share, money, row in zip(inside, plan.cost, plan.escaped, strict=True)]
    return tuple(CurveRow(name, float(share), float(money), _expected(row, lot)) for name, share, money, row in rows)


def undecidable(lot: int, price: Prices) -> str | None:
    """Why no plan can be compared with another; None where they can."""
    if lot < 1:
        return "no answers"
    if price.discernment <= 0:
        return BLIND
    return FREE if price.break_even is None else None


def _expected(errors: Floats, lot: int) -> Estimate:
    low, high = np.quantile(errors, [0.025, 0.975])
    return Estimate(float(errors.mean()), float(low), float(high), lot, "answers", "posterior of the error rate, 95 %")
