"""The sequential probability ratio test: decides as soon as the errors so far are clear enough."""

from __future__ import annotations

from dataclasses import dataclass
from math import floor, log
from typing import Final

import numpy as np

from qc.stats.acceptance.plans import find_plan

# Beyond so many times the answers of the fixed plan the test decides by the nearer line.
TRUNCATED: Final = 3


@dataclass(frozen=True, slots=True)
class Sprt:
    """After n answers with d errors: accept where d <= slope·n − low, reject where d >= slope·n + high.

    `most`: the answer at which it decides in any case.
    """

    low: float
    high: float
    slope: float
    most: int

    def decide(self, errors: int, n: int) -> bool | None:
        """True accepts, False rejects, None asks for another answer."""
        if errors <= self.slope * n - self.low:
            return True
        if errors >= self.slope * n + self.high:
            return False
        return errors <= self.slope * n if n >= self.most else None

    def run(self, rate: float) -> tuple[float, float]:
        """Probability to accept, and mean number of answers, at a constant error rate (exact, truncation included)."""
        accepted, answers = 0.0, 0.0
        alive = np.array([1.0])
        for n in range(1, self.most + 1):
            answers += alive.sum()
            alive = np.append(alive * (1 - rate), 0.0) + np.insert(alive * rate, 0, 0.0)
            errors = np.arange(alive.size)
            passed = errors <= (self.slope * n if n == self.most else self.slope * n - self.low)
            accepted += alive[passed].sum()
            alive[passed | (errors >= self.slope * n + self.high)] = 0.0
            alive = alive[: floor(self.slope * n + self.high) + 1]
        return float(accepted), float(answers)


def sprt(good: float, bad: float, alpha: float = 0.05, beta: float = 0.10) -> Sprt:
    """Wald's test of an error rate `good` against `bad` (> good), at risks alpha and beta.

    Source: Wald 1945; 0.01 against 0.06 gives low 1.2211, high 1.5678, slope 0.02811 (Montgomery).
    """
    k = log(bad * (1 - good) / (good * (1 - bad)))
    fixed = find_plan(good, 1 - alpha, bad, beta)
    return Sprt(
        log((1 - alpha) / beta) / k, log((1 - beta) / alpha) / k, log((1 - good) / (1 - bad)) / k, TRUNCATED * fixed.n
    )
