"""How long answers take and what they cost in parts of the work, with annotators as clusters."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, sqrt
from typing import Final

import numpy as np
import pandas as pd

from qc.stats.comparison.sides import Floats, Side, none, unbiased

NO_TIMES: Final = "no durations are known"
ONE: Final = "one annotator alone does not show how much people differ"
HALF: Final = 0.5
SECONDS, MONEY = "answers", "answers"
HOUR: Final = 3600.0


@dataclass(frozen=True, slots=True)
class Pace:
    """Durations of one part: counts per person and bin of the logarithm, and each person's seconds and answers.

    bins: the lower edges, of ln seconds, all of the same width.
    """

    bins: Floats
    counts: Floats
    seconds: Floats

    @classmethod
    def of(cls, frame: pd.DataFrame, people: tuple[str, ...], width: float) -> Pace:
        """Of rows annotator, bin (a whole number of widths), n, spent_ms; widths are in ln seconds."""
        lowest, highest = (int(frame["bin"].min()), int(frame["bin"].max())) if len(frame) else (0, 0)
        who = pd.Index(people).get_indexer(pd.Index(frame["annotator"]))
        counts, seconds = np.zeros((len(people), highest - lowest + 1)), np.zeros(len(people))
        np.add.at(counts, (who, frame["bin"].to_numpy(np.int64) - lowest), frame["n"].to_numpy(float))
        np.add.at(seconds, who, frame["spent_ms"].to_numpy(float) / 1000)
        return cls(np.arange(lowest, highest + 1, dtype=np.float64) * width, counts, seconds)


def median_side(pace: Pace) -> Side:
    """The median of seconds per answer: limits are the quantiles within which the share below it may lie.

    Undefined without durations. Source: Woodruff 1952, with people as the clusters.
    """
    each = pace.counts.sum(axis=1)
    total = float(each.sum())
    if not total:
        return none(NO_TIMES, SECONDS, each)
    heap = np.concatenate([[0.0], np.cumsum(pace.counts.sum(axis=0))]) / total
    width = float(pace.bins[1] - pace.bins[0]) if len(pace.bins) > 1 else 0.0
    edges = np.append(pace.bins, pace.bins[-1] + width)

    def quantile(share: float) -> float:
        at = min(max(share, 0.0), 1.0)
        filled = np.flatnonzero(np.diff(heap) > 0)
        place = int(filled[min(int(np.searchsorted(heap[filled + 1], at)), len(filled) - 1)])
        part = (at - heap[place]) / (heap[place + 1] - heap[place])
        return exp(float(edges[place] + min(max(part, 0.0), 1.0) * width))

    value = quantile(HALF)
    below = np.array([np.interp(np.log(value), edges, np.concatenate([[0.0], np.cumsum(row)])) for row in pace.counts])
    shifts = unbiased((HALF * each - below) / total, each)
    share = max(float((shifts**2).sum()), HALF**2 / total)
    error = sqrt(share)

    def limits(q: float) -> tuple[float, float]:
        return min(value, quantile(HALF - q * error)), max(value, quantile(HALF + q * error))

    # One standard error on the scale of seconds, so that two medians can be weighed against each other.
    low, high = limits(1.0)
    unit = (high - low) / 2 / error if error else 0.0
    return Side(value, round(total), SECONDS, limits, (unit * error) ** 2, shifts * unit, each)


def cost_side(pace: Pace, wage: float) -> Side:
    """What the work on one answer costs at a wage per hour: the mean of seconds, in money.

    Undefined without durations, and for one person alone. Source: Cochran 1977 §6 (ratio of sums), people as clusters.
    """
    each = pace.counts.sum(axis=1)
    total = float(each.sum())
    if not total:
        return none(NO_TIMES, MONEY, each)
    if (each > 0).sum() < 2:
        return none(ONE, MONEY, each)
    mean = float(pace.seconds.sum()) / total
    price = wage / HOUR
    shifts = unbiased((pace.seconds - mean * each) / total * price, each)
    variance = float((shifts**2).sum())
    value, error = mean * price, sqrt(variance)
    return Side(
        value,
        round(total),
        MONEY,
        lambda q: (max(0.0, value - q * error), value + q * error),
        variance,
        shifts,
        each,
    )
