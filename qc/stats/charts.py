"""Control charts for a stream of right and wrong answers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from math import log

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import solve_banded

from qc.model import InputError

WEEKS_PER_MONTH = 365.25 / 12 / 7
# The exact chain has about 4·m states and costs m² numbers; 1/m is the finest step that is still quick.
FINEST_STEP = 1000


@dataclass(frozen=True, slots=True)
class CusumDesign:
    """A Bernoulli CUSUM: S ← max(0, S + error − 1/m), alarm when S reaches h.

    gamma is the exact reference value, 1/m its rounding; `h` = threshold / m. `anos0` and `anos1` are the mean
    numbers of answers until an alarm at the rates p0 (a false one) and p1 (the delay), from the exact chain.
    """

    p0: float
    p1: float
    gamma: float
    m: int
    threshold: int
    anos0: float
    anos1: float

    @property
    def h(self) -> float:
        """The alarm threshold, in errors."""
        return self.threshold / self.m

    def false_alarms(self, answers: float) -> float:
        """Mean number of false alarms in so many judged answers at the rate p0, over all annotators."""
        return answers / self.anos0

    def weeks(self, answers_per_week: float) -> float | None:
        """Mean delay at the rate p1 for one annotator with so many judged answers a week; None without any."""
        return self.anos1 / answers_per_week if answers_per_week > 0 else None


@dataclass(frozen=True, slots=True)
class CusumPath:
    """The statistic after each answer (in errors), and the places in the sequence where it alarmed."""

    values: NDArray[np.float64]
    alarms: NDArray[np.int64]


def answers_to_signal(rate: float, m: int, threshold: int) -> float:
    """Mean number of answers until an alarm at a constant error rate, starting from 0 (exact Markov chain).

    The chain lives on 0, 1/m, …, (threshold − 1)/m: an error moves it m − 1 steps up, a right answer one down.
    Source: Reynolds & Stoumbos 1999.
    """
    up = min(m - 1, threshold - 1)
    bands = np.zeros((up + 2, threshold))
    bands[up] = 1.0
    bands[up + 1, :-1] = -(1 - rate)
    bands[up, 0] -= 1 - rate
    if m - 1 < threshold:
        bands[up - (m - 1), m - 1 :] -= rate
    return float(solve_banded((1, up), bands, np.ones(threshold))[0])


@lru_cache(maxsize=256)
def design(p0: float, p1: float, anos0: float) -> CusumDesign:
    """The chart with the lowest threshold whose mean time between false alarms at p0 is at least `anos0` answers.

    0 < p0 < p1 < 1 as reviewers report them. One error alone never alarms. InputError outside the range, or where
    p1 is so small (about 0.001) that the exact chain would be too large.
    Source: Reynolds & Stoumbos 1999; 0.02 → 0.06 with anos0 = 2000 gives m = 27, h = 79/27, 2006 and 105 answers.

    >>> chart = design(0.02, 0.06, 2000)
    >>> chart.m, chart.threshold, round(chart.anos0), round(chart.anos1)
    (27, 79, 2006, 105)
    """
    if not 0 < p0 < p1 < 1:
        raise InputError(
            f"A chart cannot tell {p0:g} from {p1:g}; set errors.target below errors.limit, both in 0 to 1."
        )
    r1 = -log((1 - p1) / (1 - p0))
    r2 = log(p1 * (1 - p0) / (p0 * (1 - p1)))
    m = max(2, round(r2 / r1))
    if m > FINEST_STEP:
        raise InputError(f"Rates of {p0:g} and {p1:g} are too small for a chart; raise errors.limit above 0.001.")
    below, enough = m - 1, m
    while answers_to_signal(p0, m, enough) < anos0:
        below, enough = enough, 2 * enough
    while enough - below > 1:
        middle = (below + enough) // 2
        if answers_to_signal(p0, m, middle) < anos0:
            below = middle
        else:
            enough = middle
    return CusumDesign(p0, p1, r1 / r2, m, enough, answers_to_signal(p0, m, enough), answers_to_signal(p1, m, enough))


def from_false_alarms(p0: float, p1: float, false_alarms_per_month: float, reviewed_per_month: float) -> CusumDesign:
    """The chart whose mean number of false alarms a month, over all annotators, is at most what the team will bear.

    reviewed_per_month: judged answers a month over all annotators, all of them assumed at p0. The stated number is a
    mean: it is exceeded in about half of the months. InputError unless false_alarms_per_month > 0.
    """
    if not false_alarms_per_month > 0:
        raise InputError("A chart without false alarms never alarms; set errors.false_alarms_per_month above 0.")
    return design(p0, p1, max(1.0, reviewed_per_month / false_alarms_per_month))


def path(errors: ArrayLike | Iterable[int], chart: CusumDesign) -> CusumPath:
    """The chart drawn over a sequence of judged answers in time order (1 = wrong); it restarts at 0 after an alarm.

    The value kept at an alarm is the one that reached the threshold. An empty sequence gives an empty path.

    >>> path([1, 1, 1, 0], design(0.02, 0.06, 2000)).values.round(2).tolist()
    [0.96, 1.93, 2.89, 2.85]
    """
    wrong = np.asarray(errors, bool)
    steps = np.where(wrong, chart.m - 1, -1)
    positions = np.empty(wrong.size, np.int64)
    alarms: list[int] = []
    begin = 0
    while begin < wrong.size:
        # max(0, S + step) is the sum so far less its lowest value, so only restarts need a turn of their own.
        walked = np.cumsum(steps[begin:])
        here = walked - np.minimum(np.minimum.accumulate(walked), 0)
        positions[begin:] = here
        over = int(np.argmax(here >= chart.threshold))
        if here[over] < chart.threshold:
            break
        alarms.append(begin + over)
        begin += over + 1
    return CusumPath(positions / chart.m, np.array(alarms, np.int64))
