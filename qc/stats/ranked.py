"""Reviewing the riskiest answers first: what each share finds and costs, and which plan of review is cheapest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qc.model import Estimate
from qc.stats.inspection import ALL, ESTIMATE, NEARLY, NONE, SLICES, Best, Prices, best, sampling, undecidable
from qc.stats.shrinkage import Beta

Floats = NDArray[np.float64]

RANKED: Final = "ranked"
SEED: Final = 8
METHOD: Final = "posterior of the error rate and of how it differs by risk, 95 %"
# Shares at which a curve is drawn, and costs are compared.
GRID: Final = np.linspace(0.0, 1.0, 201)


@dataclass(frozen=True, eq=False)
class Cells:
    """A lot in cells of like risk, the riskiest first.

    answers: of each cell. rates: true error rates, one row per equally likely state of what is known, a column a cell.
    """

    answers: NDArray[np.int64]
    rates: Floats

    @property
    def lot(self) -> int:
        """All answers."""
        return int(self.answers.sum())

    @property
    def overall(self) -> Floats:
        """The error rate of the lot in each state."""
        mean: Floats = self.rates @ self.answers / max(self.lot, 1)
        return mean

    def within(self, share: ArrayLike) -> tuple[Floats, Floats]:
        """Answers and, in each state, errors among the riskiest shares: shape (shares,) and (states, shares)."""
        wanted = np.asarray(share, float).ravel() * self.lot
        ends = np.r_[0, self.answers.cumsum()]
        errors = np.column_stack([np.zeros(len(self.rates)), (self.rates * self.answers).cumsum(axis=1)])
        place = np.clip(np.searchsorted(ends, wanted, side="left"), 1, len(ends) - 1)
        part = (wanted - ends[place - 1]) / np.maximum(self.answers[place - 1], 1)
        return wanted, errors[:, place - 1] * (1 - part) + errors[:, place] * part

    def rate_at(self, share: float) -> Floats:
        """The error rate of the next answer once so much was reviewed, in each state."""
        ends = self.answers.cumsum()
        place = int(np.searchsorted(ends, share * self.lot, side="right"))
        return self.rates[:, min(place, len(ends) - 1)]


def cells(answers: ArrayLike, overall: Beta, relative: Floats, price: Prices) -> Cells:
    """Cells whose rates are the overall one, as reviewers report it, times what each cell's differs by.

    relative: how the reported rates of the cells may be, one row per state; only their proportions count once false
    flags are taken off. The overall rate moves through equally probable slices of its posterior, apart from them.
    """
    sizes = np.asarray(answers, np.int64)
    p = price.true(overall.quantiles(len(relative)))
    true = np.maximum(relative - (1 - price.specificity), 1e-9)
    true /= (true @ sizes / sizes.sum())[:, None]
    order = np.random.default_rng(SEED).permutation(len(p))
    return Cells(sizes, _up_to_all(p[order][:, None] * true, sizes))


def _up_to_all(rates: Floats, sizes: NDArray[np.int64]) -> Floats:
    """The rates cut to 1, what is cut off spread over the other cells in proportion: each state keeps its errors."""
    errors = rates @ sizes
    for _ in sizes:
        full = rates >= 1
        open_errors = np.where(full, 0.0, rates) @ sizes
        growth = np.divide(errors - full @ sizes, open_errors, out=np.ones_like(errors), where=open_errors > 0)
        rates = np.where(full, 1.0, rates * growth[:, None])
    return np.minimum(rates, 1.0)


def alike(lot: int, overall: Beta, price: Prices) -> Cells:
    """A lot of which nobody knows what is riskier."""
    return Cells(np.array([lot]), price.true(overall.quantiles(SLICES))[:, None])


def spread(posteriors: tuple[Beta, ...], states: int = SLICES) -> Floats:
    """Draws of the rates of cells, a row per state; seeded, so that the same counts give the same figures."""
    rng = np.random.default_rng(SEED)
    return np.column_stack([rng.beta(one.a, one.b, states) for one in posteriors])


def ranked_costs(share: ArrayLike, lot: Cells, price: Prices) -> Floats:
    """Cost of reviewing the riskiest shares and nothing else, in each state: shape (states, shares).

    With p ~ Beta(1, 19), k1 = 1 and k2 = 20 it is least where the next answer errs at break-even.
    """
    n, caught = lot.within(share)
    errors = (lot.overall * lot.lot)[:, None]
    flags = (n - caught) * (1 - price.specificity)
    return n * price.review + (errors - price.sensitivity * caught) * price.escaped + flags * price.false_flag


@dataclass(frozen=True, slots=True)
class Option:
    """One way of reviewing as many answers again: share of it (of a sample, the sample's), expected cost, errors left.

    `cost_low` and `cost_high` span 95 % of what the cost may be as the error rate is not known exactly.
    """

    choice: str
    rate: float
    cost: float
    cost_low: float
    cost_high: float
    escaped: Estimate


def options(lot: Cells, overall: Beta, price: Prices) -> tuple[Option, ...]:
    """None, the best estimation sample, the best share of the riskiest, and all; empty where nothing can be decided.

    The estimation sample is left out where what it would tell is known already, the riskiest share where nobody knows
    what is riskier.
    """
    if undecidable(lot.lot, price):
        return ()
    p = lot.overall
    none, full = lot.lot * price.unreviewed(p), lot.lot * price.reviewed(p)
    found = [_option(NONE, 0.0, none, lot.lot * p, lot.lot)]
    plan = best(lot.lot, overall, price)
    if plan.choice == ESTIMATE and plan.size is not None:
        one = sampling([plan.size], lot.lot, overall, price)
        found.append(_option(ESTIMATE, plan.size / lot.lot, one.by_slice[0], one.escaped[0], lot.lot))
    if len(lot.answers) > 1:
        grid = _corners(lot)
        costs = ranked_costs(grid, lot, price)
        place = int(costs.mean(axis=0).argmin())
        left = lot.lot * p - price.sensitivity * lot.within(grid[place])[1][:, 0]
        found.append(_option(RANKED, float(grid[place]), costs[:, place], left, lot.lot))
    return (*found, _option(ALL, 1.0, full, lot.lot * p * (1 - price.sensitivity), lot.lot))


def cheapest(lot: Cells, overall: Beta, price: Prices) -> Best:
    """The option of least expected cost, the shares within 2 % of it, and how sure the choice is.

    `probability`: of none, ranked and all, that it costs less than the other two, over what the error rate may be; of
    a sample, that the rest is then decided rightly.
    """
    plain = best(lot.lot, overall, price)
    if plain.choice is None or len(lot.answers) < 2:
        return plain
    choices = {option.choice: option for option in options(lot, overall, price)}
    least = min(choices.values(), key=lambda option: option.cost)
    if least.choice == ESTIMATE:
        return plain
    p = lot.overall
    by_state = {NONE: lot.lot * price.unreviewed(p), ALL: lot.lot * price.reviewed(p)}
    if 0 < choices[RANKED].rate < 1:
        by_state[RANKED] = ranked_costs(choices[RANKED].rate, lot, price)[:, 0]
    elif least.choice == RANKED:
        least = choices[NONE if choices[RANKED].rate == 0 else ALL]
    others = [costs for choice, costs in by_state.items() if choice != least.choice]
    probability = float((by_state[least.choice] <= np.minimum.reduce(others)).mean())
    near = np.flatnonzero(ranked_costs(GRID, lot, price).mean(axis=0) <= NEARLY * least.cost)
    at = int(np.abs(GRID - least.rate).argmin())
    low, high = _around(near, at)
    return Best(least.choice, min(float(GRID[low]), least.rate), max(float(GRID[high]), least.rate), probability)


@dataclass(frozen=True, slots=True)
class Swap:
    """Reviewing the riskiest `share` in place of a random `random`: per lot, money saved on review and errors let by.

    more: errors let through more than before (below 0: fewer). net: what is saved in all, these errors counted.
    """

    share: float
    random: float
    answers: int
    reviews: int
    reviews_random: int
    saved: float
    more: Estimate
    net: Estimate


def swap(share: float, random: float, lot: Cells, price: Prices) -> Swap:
    """What changes when the riskiest share is reviewed in place of a random one; needs cells of different risk."""
    taken, caught = lot.within(share)
    by_lot = random * lot.overall * lot.lot
    n = lot.lot
    more = price.sensitivity * (by_lot - caught[:, 0])
    saved = (random * n - float(taken[0])) * price.review
    flags = ((random * n - by_lot) - (taken[0] - caught[:, 0])) * (1 - price.specificity)
    net = saved - more * price.escaped + flags * price.false_flag
    return Swap(share, random, n, round(float(taken[0])), round(random * n), saved, expected(more, n), expected(net, n))


def expected(states: Floats, n: int, unit: str = "answers") -> Estimate:
    """The mean over all states with their middle 95 %."""
    low, high = np.quantile(states, [0.025, 0.975])
    mean = float(states.mean())
    return Estimate(mean, min(float(low), mean), max(float(high), mean), n, unit, METHOD)


def _option(choice: str, rate: float, costs: Floats, left: Floats, lot: int) -> Option:
    low, high = np.quantile(costs, [0.025, 0.975])
    return Option(choice, rate, float(costs.mean()), float(low), float(high), expected(left, lot))


def _corners(lot: Cells) -> Floats:
    """Costs are linear within a cell, so that the least lies where one ends."""
    corners: Floats = np.r_[0, lot.answers.cumsum()] / lot.lot
    return corners


def _around(near: NDArray[np.int64], at: int) -> tuple[int, int]:
    """The stretch of neighbouring places that holds `at`."""
    inside = set(near.tolist())
    low = high = at
    while low - 1 in inside:
        low -= 1
    while high + 1 in inside:
        high += 1
    return low, high
