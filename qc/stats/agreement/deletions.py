"""What a jackknife leaves out, counted in patterns: every item, every rating or every annotator once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import nan
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from qc.stats.patterns import Floats, Integers, Patterns

WHOLE: Final = -1
"""The code of an entry that leaves out the whole item."""


@dataclass(frozen=True, eq=False, slots=True)
class Deletion:
    """Replicates of a data set with something left out; replicate r stands for `repeats[r]` equal ones.

    Entry i says that replicate `replicate[i]` lacks, in `times[i]` items of `pattern[i]`, one label `code[i]` (or the
    item, where the code is WHOLE). Entries are sorted by replicate.
    """

    repeats: Integers
    replicate: Integers
    pattern: Integers
    code: Integers
    times: Integers

    @property
    def size(self) -> int:
        """Number of replicates that are told apart."""
        return len(self.repeats)

    @property
    def whole(self) -> NDArray[np.bool_]:
        """Which entries leave out whole items."""
        return np.asarray(self.code == WHOLE)

    def parts(self, size: int) -> Iterator[Deletion]:
        """The same replicates, at most `size` at a time."""
        for start in range(0, self.size, size):
            stop = min(start + size, self.size)
            low, high = np.searchsorted(self.replicate, [start, stop])
            yield Deletion(
                self.repeats[start:stop],
                self.replicate[low:high] - start,
                self.pattern[low:high],
                self.code[low:high],
                self.times[low:high],
            )

    def matrix(self, columns: Integers, weights: Floats, width: int) -> Any:
        """Sparse replicates x width: the weights of the entries, summed by replicate and column."""
        return csr_array((weights * self.times, (self.replicate, columns)), shape=(self.size, width))

    def total(self, weights: Floats) -> Floats:
        """The weights of the entries, summed by replicate."""
        return np.bincount(self.replicate, weights * self.times, self.size).astype(np.float64)


def nothing() -> Deletion:
    """One replicate: the data as they are."""
    none = np.zeros(0, dtype=np.int64)
    return Deletion(np.ones(1, dtype=np.int64), none, none, none, none)


def each_item(patterns: Patterns) -> Deletion:
    """Every item once; the items of a pattern are alike."""
    rows = np.arange(len(patterns.items))
    return Deletion(patterns.items, rows, rows, np.full(len(rows), WHOLE), np.ones(len(rows), dtype=np.int64))


def each_rating(patterns: Patterns) -> Deletion:
    """Every rating once; the ratings of one label in a pattern are alike."""
    cells = patterns.counts.tocoo()
    pattern, code = cells.coords
    rows = np.arange(len(pattern))
    repeats = (cells.data * patterns.items[pattern]).astype(np.int64)
    return Deletion(repeats, rows, pattern.astype(np.int64), code.astype(np.int64), np.ones(len(rows), dtype=np.int64))


def each_annotator(patterns: Patterns) -> Deletion:
    """Every annotator once; one who shares no item with anybody is kept for the index but counts as no replicate."""
    shares = np.bincount(patterns.annotator, patterns.sizes[patterns.pattern] >= 2, len(patterns.annotators)) > 0
    return Deletion(shares.astype(np.int64), patterns.annotator, patterns.pattern, patterns.code, patterns.votes)


def jackknife_variance(values: Floats, repeats: Integers) -> float:
    """Variance of a statistic from its delete-one values; NaN where one of them is undefined.

    Source: Efron & Stein 1981. With n replicates: (n - 1)/n times the sum of squares about their mean.
    """
    counted = repeats > 0
    times, values = repeats[counted], values[counted]
    n = int(times.sum())
    if n == 0:
        return nan
    centre = float(times @ values) / n
    return (n - 1) / n * float(times @ (values - centre) ** 2)


def team_variance(items: float, annotators: float, ratings: float) -> float:
    """Variance over items and annotators that are both a sample.

    The item and the annotator jackknife both contain the noise of single ratings, so it is taken off once, as in
    two-way clustering (Cameron, Gelbach & Miller 2011); it is at least that over items. The annotators' alone is no
    such bound: a disagreement goes with either of its two ratings, so that both `annotators` and `ratings` hold it
    twice, and with few items for each annotator the intervals would cover 97 to 98.5 %. NaN where one of the three is.
    """
    return float(np.max([items + annotators - ratings, items]))
