"""Single sampling plans: how likely they accept, what gets through, what they cost, and the smallest that will do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil, log
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import bdtr, gammaln, pdtr

from qc.model import InputError

Floats = NDArray[np.float64]
# Above this no plan is worth searching for.
MOST: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class SinglePlan:
    """Check n answers, accept with up to `accept` errors among them."""

    n: int
    accept: int

    def accepts(self, rate: ArrayLike) -> Floats:
        """The operating characteristic: probability to accept at each error rate, from a steady stream (binomial)."""
        return binomial(self.n, self.accept, np.asarray(rate, float), None)


def binomial(n: int, accept: int, rate: Floats, lot: int | None) -> Floats:
    """P(at most `accept` errors among n) where every answer is wrong with the same probability."""
    return np.asarray(bdtr(accept, n, rate), float)


def poisson(n: int, accept: int, rate: Floats, lot: int | None) -> Floats:
    """The same of faults, of which an answer may have several."""
    return np.asarray(pdtr(accept, n * rate), float)


def hypergeometric(n: int, accept: int, rate: Floats, lot: int | None) -> Floats:
    """The same of a lot with round(rate · lot) wrong answers, drawn without replacement."""
    if lot is None:
        raise InputError("A plan for a lot needs the size of the lot.")
    wrong, found = np.round(np.asarray(rate, float) * lot)[..., None], np.arange(accept + 1)
    # What cannot be found has a logarithm of minus infinity.
    logs = _choose(wrong, found) + _choose(lot - wrong, n - found) - _choose(lot, n)
    return np.asarray(np.exp(logs).sum(axis=-1).clip(0.0, 1.0), float)


Model = Callable[[int, int, Floats, int | None], Floats]
MODELS: Final[dict[str, Model]] = {"binomial": binomial, "hypergeometric": hypergeometric, "poisson": poisson}


def find_plan(
    good: float, accepted: float, bad: float, missed: float, lot: int | None = None, model: str = "binomial"
) -> SinglePlan:
    """The plan with the smallest acceptance number that keeps both points.

    Work at the error rate `good` is accepted with probability `accepted` at least, work at `bad` with `missed` at
    most. Equal to R AcceptanceSampling's find.plan: 0.01, 0.95, 0.05, 0.10 gives n = 132, c = 3. InputError unless
    0 < good < bad < 1, or where no plan keeps both.
    """
    if not 0 < good < bad < 1:
        raise InputError("The rate to refuse must lie above the rate to accept, both between 0 and 1.")
    chance = MODELS[model]
    most = MOST if lot is None else lot
    at_good, at_bad = np.array(good), np.array(bad)
    accept, enough = 0, 1
    while enough <= most:
        short, enough = enough - 1, _grown(chance, accept, max(enough, accept + 1), at_bad, missed, most, lot)
        while enough - short > 1:
            middle = (short + enough) // 2
            if chance(middle, accept, at_bad, lot) <= missed:
                enough = middle
            else:
                short = middle
        if enough <= most and chance(enough, accept, at_good, lot) >= accepted:
            return SinglePlan(enough, accept)
        accept += 1
    raise InputError("No plan keeps both risks; allow more risk, or rates that lie further apart.")


def average_outgoing(p_accept: ArrayLike, rate: ArrayLike, n: int, lot: int) -> Floats:
    """Average outgoing quality: the error rate left where rejected lots are checked whole and errors put right."""
    return np.asarray(np.asarray(p_accept, float) * np.asarray(rate, float) * (lot - n) / lot, float)


def average_inspected(p_accept: ArrayLike, n: int, lot: int) -> Floats:
    """Average total inspection: answers checked of a lot, all of it where it is rejected."""
    return np.asarray(n + (1 - np.asarray(p_accept, float)) * (lot - n), float)


def zero_failure_size(bad: float, missed: float, lot: int | None = None) -> int:
    """How many answers without any error show that fewer than `bad` are wrong, at risk `missed`.

    5 % at risk 0.05 needs 59, of a lot of 500 it needs 56. In a lot `bad` is rounded up to whole answers.
    """
    if lot is None:
        return ceil(log(missed) / log(1 - bad))
    # The small constants undo 0.07 · 100 = 7.000000000000001, and the rounding of logarithms.
    wrong, sizes = ceil(bad * lot - 1e-9), np.arange(1, lot + 1)
    chances = np.exp(_choose(lot - wrong, sizes) - _choose(lot, sizes))
    return int(sizes[np.argmax(chances <= missed * (1 + 1e-9))])


def _grown(chance: Model, accept: int, start: int, bad: Floats, missed: float, most: int, lot: int | None) -> int:
    """A size, by doubling, at which bad work is accepted rarely enough; beyond `most` where there is none."""
    size = start
    while size < most and chance(size, accept, bad, lot) > missed:
        size = min(2 * size, most)
    return size if chance(size, accept, bad, lot) <= missed else most + 1


def _choose(n: ArrayLike, k: ArrayLike) -> Floats:
    n, k = np.asarray(n, float), np.asarray(k, float)
    return np.asarray(gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1), float)
