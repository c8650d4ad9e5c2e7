"""Two crossed sets of effects (items and sessions) taken out of columns of millions of answers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import bmat, csr_array
from scipy.sparse.csgraph import connected_components

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

TOLERANCE = 1e-10
MOST_SWEEPS = 2000


def sums(codes: Ints, column: Floats, size: int = 0) -> Floats:
    """The sum of the column for each code 0, 1, …, at least `size` of them."""
    return np.bincount(codes, column, size).astype(np.float64, copy=False)


@dataclass(frozen=True, slots=True)
class Crossing:
    """Rows that belong to one item and one session each; `items` and `sessions` are codes 0, 1, … without gaps.

    `weights` are those of the rows, > 0; `item_sizes`, `session_sizes` and `table` add them up. Where every weight is
    1 they are counts.
    """

    items: Ints
    sessions: Ints
    weights: Floats
    item_sizes: Floats
    session_sizes: Floats
    table: csr_array

    @property
    def rank(self) -> int:
        """Independent item and session effects: codes minus the connected parts that share no row."""
        parts = connected_components(bmat([[None, self.table], [self.table.T, None]]), return_labels=False)
        return len(self.item_sizes) + len(self.session_sizes) - int(parts)

    def within_sessions(self, column: Floats) -> Floats:
        """The column less the mean of its session."""
        return column - (sums(self.sessions, self.weights * column) / self.session_sizes)[self.sessions]

    def residuals(self, column: Floats) -> Floats:
        """The column less its item and session effects by least squares.

        Alternating projections on items and on sessions, accelerated by conjugate gradients; stops when one more round
        would move no session by 1e-10 of the column's size. Source: Guimarães & Portugal 2010 (Stata Journal
        10:628); Correia 2016 for the acceleration.
        """
        size = float(np.sqrt(np.mean(column**2)))
        column = self.within_sessions(column)
        by_item, transposed = sums(self.items, self.weights * column), self.table.T.tocsr()
        effects = np.zeros(len(self.session_sizes))
        remaining = -(transposed @ (by_item / self.item_sizes))
        step = direction = remaining / self.session_sizes
        power = float(remaining @ step)
        for _ in range(MOST_SWEEPS):
            if np.max(np.abs(step)) <= TOLERANCE * size:
                break
            moved = self.session_sizes * direction - transposed @ (self.table @ direction / self.item_sizes)
            length = power / float(direction @ moved)
            effects += length * direction
            remaining = remaining - length * moved
            step = remaining / self.session_sizes
            power, previous = float(remaining @ step), power
            direction = step + (power / previous) * direction
        by_item = (by_item - self.table @ effects) / self.item_sizes
        left: Floats = column - effects[self.sessions] - by_item[self.items]
        return left


def recurring(items: Ints, sessions: Ints) -> NDArray[np.bool_]:
    """Rows that can tell items from sessions: those left when items and sessions with one row are dropped in turn.

    items, sessions: codes >= 0, one per row. A row alone in its item or session is fitted exactly, so it says
    nothing about a slope.
    """
    keep = np.ones(len(items), dtype=np.bool_)
    while keep.any():
        lonely = np.bincount(items[keep], minlength=items.max() + 1)[items] == 1
        lonely |= np.bincount(sessions[keep], minlength=sessions.max() + 1)[sessions] == 1
        lonely &= keep
        if not lonely.any():
            break
        keep &= ~lonely
    return keep


def cross(items: Ints, sessions: Ints, weights: Floats | None = None) -> Crossing:
    """The crossing of two columns of codes, renumbered without gaps; rows weigh the same unless `weights` are given."""
    _, items = np.unique(items, return_inverse=True)
    _, sessions = np.unique(sessions, return_inverse=True)
    if weights is None:
        weights = np.ones(len(items))
    table = csr_array((weights, (items, sessions)))
    table.sum_duplicates()
    return Crossing(items, sessions, weights, sums(items, weights), sums(sessions, weights), table)
