"""Errors that become more frequent than they were at first: a control chart whose run length is guaranteed."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaincinv

from qc.stats.charts import CusumDesign, design, path

# Judged answers that say how it was at first; fewer tell too little, and those after them are watched.
BASELINE: Final = 200
# The rate that it was at first is below the reference with this probability.
CERTAINTY: Final = 0.95
# References are rounded up to this, so that charts are shared.
STEP: Final = 0.005
HIGHEST: Final = 0.5
# An alarm is told with at least so many answers before it: three errors in a row say little to a reader.
LATELY: Final = 100


@dataclass(frozen=True, slots=True)
class Drift:
    """The chart over `n` judged answers after the first `baseline`, and the places of its alarms among them."""

    chart: CusumDesign
    baseline: int
    values: NDArray[np.float64]
    alarms: NDArray[np.int64]
    wrong: NDArray[np.bool_]

    @property
    def n(self) -> int:
        """How many judged answers the chart saw."""
        return len(self.values)

    @property
    def peak(self) -> float:
        """The statistic at the latest alarm, else its last value."""
        return float(self.values[self.alarms[-1] if len(self.alarms) else -1])

    @property
    def lately(self) -> tuple[int, int]:
        """Errors and judged answers up to the latest alarm: since the chart last stood at 0, but LATELY or more."""
        end = int(self.alarms[-1]) + 1 if len(self.alarms) else self.n
        zero = np.flatnonzero(self.values[: end - 1] == 0)
        begins = min(int(zero[-1]) + 1 if len(zero) else 0, max(0, end - LATELY))
        return int(self.wrong[begins:end].sum()), end - begins


def drift(errors: ArrayLike, target: float, ratio: float, anos0: float, baseline: int = BASELINE) -> Drift | None:
    """The chart of a sequence of judged answers (1 = wrong, in time order) against its own beginning.

    The reference rate is the upper limit of the error rate of the first `baseline` answers, at least `target`; what
    is to be noticed is `ratio` times as much; `anos0` is the least mean number of answers between false alarms. As
    the true rate is below the reference in 95 % of sequences, the run length is kept in these, whatever the number of
    looks. None where nothing follows the beginning, or its rate is so high that nothing worse could be seen.
    Source: Reynolds & Stoumbos 1999; Gandy & Kvaløy 2013 for guaranteed performance with an estimated reference.
    """
    wrong = np.asarray(errors, bool)
    if wrong.size <= baseline:
        return None
    found = int(wrong[:baseline].sum())
    upper = float(betaincinv(found + 1, baseline - found, CERTAINTY)) if found < baseline else 1.0
    p0 = ceil(round(max(target, upper) / STEP, 9)) * STEP
    if p0 > HIGHEST:
        return None
    odds = ratio * p0 / (1 - p0)
    chart = design(p0, odds / (1 + odds), anos0)
    trace = path(wrong[baseline:], chart)
    return Drift(chart, baseline, trace.values, trace.alarms, wrong[baseline:])
