"""Answers in cells of like risk, and how often each cell errs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qc.stats.inspection import Prices
from qc.stats.ranked import Cells, alike, cells, spread
from qc.stats.shrinkage import Beta

Floats = NDArray[np.float64]

# Where cells end: at these shares of all answers, the riskiest first.
CUTS: Final = (0.02, 0.05, 0.10, 0.20, 0.35, 0.50, 0.75)
FEWEST_JUDGED: Final = 100
NOT_JUDGED: Final = "fewer than {:,} answers were judged, too few to say how errors lie by risk"
ALL_ALIKE: Final = "nothing tells one answer from another: all have the same risk"


@dataclass(frozen=True, slots=True)
class Riskiest:
    """Cells of like risk, the riskiest first: answers, of them `waiting` (not reviewed), judged and found wrong.

    judged, wrong: effective counts. limits: the least risk of each cell. `reason`: why there are none.
    """

    answers: tuple[int, ...] = ()
    waiting: tuple[int, ...] = ()
    judged: tuple[float, ...] = ()
    wrong: tuple[float, ...] = ()
    limits: tuple[float, ...] = ()
    reason: str | None = NOT_JUDGED.format(FEWEST_JUDGED)

    def lot(self, size: int, posterior: Beta, price: Prices) -> Cells:
        """The lot in these cells; without them a lot of which nobody knows what is riskier."""
        if self.reason is not None:
            return alike(size, posterior, price)
        return cells(self.answers, posterior, self.relative(), price)

    def queue(self, posterior: Beta, price: Prices) -> Cells:
        """What nobody reviewed, with the same rates as the lot."""
        return Cells(np.asarray(self.waiting, np.int64), self.lot(sum(self.answers), posterior, price).rates)

    def relative(self) -> Floats:
        """Draws of each cell's reported rate: what was judged in it, and one answer's worth of the rate of all cells.

        Not drawn towards each other any further: cells are cut by risk because they are thought to differ.
        """
        usual = (sum(self.wrong) + 0.5) / (sum(self.judged) + 1)
        prior = Beta(usual, 1 - usual)
        return spread(tuple(prior.updated(bad, n) for bad, n in zip(self.wrong, self.judged, strict=True)))


def cut(risk: ArrayLike, answers: ArrayLike) -> Floats:
    """The least risk of each cell, the riskiest first; answers with one risk are in one cell."""
    order = np.argsort(-np.asarray(risk, float), kind="stable")
    levels, size = np.asarray(risk, float)[order], np.asarray(answers, float)[order]
    if not len(levels):
        return np.empty(0)
    share = size.cumsum() / size.sum()
    ends = levels[np.minimum(np.searchsorted(share, CUTS), len(levels) - 1)]
    return np.unique(np.r_[ends, levels[-1]])[::-1]


def places(risk: ArrayLike, limits: Floats) -> NDArray[np.int64]:
    """The cell of each risk."""
    inside = np.searchsorted(-limits, -np.asarray(risk, float), side="left")
    place: NDArray[np.int64] = np.minimum(inside, max(len(limits) - 1, 0)).astype(np.int64)
    return place
