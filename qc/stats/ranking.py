"""Who errs most, and how sure that is: ranks drawn from the posterior of every rate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qc.stats.shrinkage import Beta

TOP: Final = 3
DRAWS: Final = 2000
SEED: Final = 0
BLOCK: Final = 200
"""Draws that are held at a time, so that a thousand people take a few megabytes."""


@dataclass(frozen=True, slots=True)
class Ranks:
    """One entry per person: P(among the TOP highest rates), and the ranks (1 is the highest) that hold `level`.

    `together`: the probability that the TOP people of the highest expected rates are, as a set, the true ones.
    """

    p_top: NDArray[np.float64]
    low: NDArray[np.int64]
    high: NDArray[np.int64]
    first: NDArray[np.int64]
    together: float


def ranks(posteriors: Sequence[Beta], level: float = 0.95, seed: int = SEED) -> Ranks:
    """The ranks of independent rates, from DRAWS seeded draws of all of them.

    `first` are the places of the TOP highest expected rates. With no more people than TOP everybody is among them.
    Source: Goldstein & Spiegelhalter 1996 (ranks have wide intervals, show them).
    """
    a, b = (np.array([getattr(each, name) for each in posteriors], float) for name in ("a", "b"))
    size = len(a)
    top = min(TOP, size)
    first = np.sort(np.argsort(-(a / (a + b)), kind="stable")[:top])
    if not size:
        nobody = np.zeros(0, dtype=np.int64)
        return Ranks(np.zeros(0), nobody, nobody, first, 1.0)
    rng = np.random.default_rng(seed)
    places = np.empty((DRAWS, size), dtype=np.int32)
    for begin in range(0, DRAWS, BLOCK):
        order = np.argsort(-rng.beta(a, b, size=(min(BLOCK, DRAWS - begin), size)), axis=1)
        np.put_along_axis(places[begin : begin + BLOCK], order, np.arange(1, size + 1, dtype=np.int32)[None], axis=1)
    among = places <= top
    tails = [(1 - level) / 2, (1 + level) / 2]
    low = np.quantile(places, tails[0], axis=0, method="inverted_cdf")
    high = np.quantile(places, tails[1], axis=0, method="inverted_cdf")
    return Ranks(
        among.mean(axis=0),
        low.astype(np.int64),
        high.astype(np.int64),
        first,
        float(among[:, first].all(axis=1).mean()),
    )


def sentence(found: Ranks, distinct: bool, level: float = 0.95) -> str | None:
    """Whether the highest rates are the highest beyond chance; None with no more people than could be among them."""
    size = len(found.p_top)
    if size <= TOP:
        return None
    if not distinct:
        return f"Nothing shows that people differ: the {TOP} highest of {size:,} rates may be chance."
    if found.together < level:
        return (
            f"The {TOP} highest of {size:,} rates may be chance: that these are the {TOP} people who err most has a "
            f"probability of {found.together:.0%}."
        )
    return (
        f"The {TOP} highest of {size:,} rates are those of the people who err most (probability {found.together:.0%})."
    )
