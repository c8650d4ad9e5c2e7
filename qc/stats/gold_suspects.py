"""Known answers that people fail who are otherwise right: perhaps they are wrong themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qc.stats.multiple import benjamini_hochberg
from qc.stats.shrinkage import team_prior

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

SUSPECT: Final = "suspect"
PLAUSIBLE: Final = "no sign of it"
TOO_FEW: Final = "too few answers"
# One person who fails an item says more about the person.
FEWEST_FAILURES: Final = 2


@dataclass(frozen=True, slots=True)
class GoldDoubt:
    """What speaks against each known answer; arrays run over `item`, in ascending order.

    n, failed: answers held against it. expected: failures if it were like the other gold, for these people. p: the
    probability of at least so many. q: p adjusted for the false discovery rate among all items.
    """

    item: Integers
    n: Integers
    failed: Integers
    expected: Floats
    p: Floats
    q: Floats

    def verdicts(self, level: float = 0.05) -> list[str]:
        """One word for each: SUSPECT where q is at most `level` and two answers or more failed."""
        few = self.n < FEWEST_FAILURES
        suspect = (self.q <= level) & (self.failed >= FEWEST_FAILURES)
        return [TOO_FEW if short else SUSPECT if bad else PLAUSIBLE for short, bad in zip(few, suspect, strict=True)]


def gold_doubt(item: ArrayLike, annotator: ArrayLike, wrong: ArrayLike) -> GoldDoubt:
    """Tests of each gold item whether the people who answered it fail it more often than they fail the others.

    One entry per answer: integer codes of item and annotator, and whether it was judged wrong (0 or 1). Each answer's
    chance to fail is its annotator's rate on the other gold answers, shrunk to the team; failures of one item are then
    Poisson-binomial, of which the upper tail is exact. A bad item in the others raises the rates a little, so that
    fewer are suspected. What is merely hard is suspected, too: a person has to look.
    Source: Hong 2013 (Poisson-binomial); Benjamini & Hochberg 1995.
    """
    items, of = np.unique(np.asarray(item, np.int64), return_inverse=True)
    people, who = np.unique(np.asarray(annotator, np.int64), return_inverse=True)
    bad = np.asarray(wrong, float)
    n, failures = np.bincount(of, minlength=len(items)), np.bincount(of, bad, len(items)).astype(np.int64)
    if not len(items):
        return GoldDoubt(items, n, failures, np.zeros(0), np.zeros(0), np.zeros(0))
    chance = _elsewhere(who, bad, len(people))
    p = np.clip(_tail(of, chance, n, failures), 0.0, 1.0)
    expected = np.bincount(of, chance, len(items)).astype(float)
    return GoldDoubt(items, n, failures, expected, p, benjamini_hochberg(p))


def _elsewhere(who: Integers, bad: Floats, people: int) -> Floats:
    """Of each answer how likely its annotator fails, judged by their other answers and the team."""
    errors, n = np.bincount(who, bad, people), np.bincount(who, minlength=people).astype(float)
    team = team_prior(errors, n)
    others = np.stack([errors[who] - bad, n[who] - 1])
    cases, place = np.unique(others, axis=1, return_inverse=True)
    a, b = team.a[:, None] + cases[0], team.b[:, None] + cases[1] - cases[0]
    rates: Floats = team.weights @ (a / (a + b))
    return rates[place]


def _tail(of: Integers, chance: Floats, n: Integers, failed: Integers) -> Floats:
    """P(at least `failed` failures) of each item."""
    order = np.argsort(of, kind="stable")
    column = np.arange(len(of)) - np.repeat(np.cumsum(n) - n, n)
    padded = np.zeros((len(n), int(n.max())))
    padded[of[order], column] = chance[order]
    spread = np.zeros((len(n), padded.shape[1] + 1))
    spread[:, 0] = 1.0
    for rate in padded.T:
        spread[:, 1:] = spread[:, 1:] * (1 - rate[:, None]) + spread[:, :-1] * rate[:, None]
        spread[:, 0] *= 1 - rate
    least = np.arange(spread.shape[1]) >= failed[:, None]
    tail: Floats = (spread * least).sum(axis=1)
    return tail
