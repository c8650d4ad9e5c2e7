"""Continuous sampling: everything is checked until a run without errors, then a fraction until the next error."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Csp1:
    """CSP-1: `clean` answers without error in a row, then the share `fraction`. Source: Dodge 1943.

    Its figures are those at a constant error rate above 0.
    """

    clean: int
    fraction: float

    def checking(self, rate: float) -> float:
        """Mean number of answers in a stretch of full checking (u)."""
        right = (1 - rate) ** self.clean
        return float((1 - right) / (rate * right))

    def sampling(self, rate: float) -> float:
        """Mean number of answers that pass while only the fraction is checked (v)."""
        return 1 / (self.fraction * rate)

    def inspected(self, rate: float) -> float:
        """Average fraction inspected."""
        u, v = self.checking(rate), self.sampling(rate)
        return (u + self.fraction * v) / (u + v)

    def outgoing(self, rate: float) -> float:
        """Average outgoing quality: the error rate left, where found errors are put right."""
        return rate * (1 - self.inspected(rate))

    def limit(self) -> float:
        """Average outgoing quality limit: the worst that is left, at any rate."""
        rates = np.geomspace(1e-4, 0.9, 20_000)
        right = (1 - rates) ** self.clean
        u, v = (1 - right) / (rates * right), 1 / (self.fraction * rates)
        return float((rates * (1 - (u + self.fraction * v) / (u + v))).max())
