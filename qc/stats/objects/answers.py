"""Who answered what, and every two answers to an item."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qc.stats.objects.pairs import within
from qc.stats.patterns import Integers


@dataclass(frozen=True, eq=False, slots=True)
class Pairs:
    """Two answers `one` < `other` to an item by place; those with answer k as the first begin at first[k]."""

    one: Integers
    other: Integers
    first: Integers

    def row(self, one: Integers, other: Integers) -> Integers:
        """Which pair two answers are."""
        return self.first[one] + other - one - 1


@dataclass(frozen=True, eq=False, slots=True)
class Answers:
    """Who answered which item, also where nothing was marked; annotators below 0 are gold."""

    item: Integers
    annotator: Integers

    def sorted(self) -> Answers:
        """By item and annotator, each once."""
        order = np.lexsort((self.annotator, self.item))
        item, annotator = self.item[order], self.annotator[order]
        new = np.append(True, (np.diff(item) != 0) | (np.diff(annotator) != 0))[: len(item)]
        return Answers(item[new], annotator[new])

    def between(self, low: int, high: int) -> Answers:
        """Those of the sorted answers to items low … high."""
        part = slice(*np.searchsorted(self.item, [low, high + 1]).tolist())
        return Answers(self.item[part], self.annotator[part])

    def of(self, item: Integers, annotator: Integers) -> Integers:
        """Places among the sorted answers."""
        low = int(self.annotator.min(initial=0))
        width = int(self.annotator.max(initial=0)) - low + 1
        return np.searchsorted(self.item * width + self.annotator - low, item * width + annotator - low)

    def pairs(self) -> Pairs:
        """Every two of the sorted answers to an item."""
        place = np.arange(len(self.item))
        after = np.searchsorted(self.item, self.item, "right") - place - 1
        one = np.repeat(place, after)
        return Pairs(one, one + 1 + within(after), np.cumsum(after) - after)
