"""Answers as integers, for what depends on who gave which label to what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qc.stats.agreement.within import pairs_within
from qc.stats.patterns import Floats, Integers, Patterns, patterns_from_answers


@dataclass(frozen=True, eq=False, slots=True)
class Ratings:
    """One label `code[i]` of `annotator[i]` on `item[i]`, sorted by item and annotator, one for each two of them.

    Items and annotators are 0, 1, 2 …; `items` and `annotators` name them. `values` (C) places the labels on their
    scale.
    """

    item: Integers
    annotator: Integers
    code: Integers
    items: NDArray[Any]
    annotators: NDArray[Any]
    values: Floats

    @classmethod
    def of(
        cls,
        item: NDArray[Any],
        annotator: NDArray[Any],
        code: NDArray[Any],
        values: Sequence[float] | None = None,
    ) -> Ratings:
        """From any items and annotators and codes 0, 1, 2 …; without values a label's place is its code.

        Of several answers of one annotator to an item the first counts.
        """
        items, item = np.unique(item, return_inverse=True)
        annotators, annotator = np.unique(annotator, return_inverse=True)
        _, first = np.unique(item * max(len(annotators), 1) + annotator, return_index=True)
        code = np.asarray(code, dtype=np.int64)
        scale = np.arange(int(code.max(initial=-1)) + 1) if values is None else values
        return cls(item[first], annotator[first], code[first], items, annotators, np.asarray(scale, dtype=np.float64))

    @property
    def patterns(self) -> Patterns:
        """The same answers without who stood beside whom."""
        who = self.annotators[self.annotator]
        return patterns_from_answers(self.item, who, self.code, len(self.values), self.values.tolist())

    def shared(self) -> Ratings:
        """Those of items that two annotators or more labelled."""
        kept = np.bincount(self.item, minlength=len(self.items))[self.item] >= 2
        names = self.items[self.item[kept]], self.annotators[self.annotator[kept]]
        return Ratings.of(*names, self.code[kept], self.values.tolist())

    @property
    def crossed(self) -> Floats:
        """Values of the items that every annotator labelled (items x annotators, perhaps none)."""
        people = len(self.annotators)
        if not people:
            return np.zeros((0, 0))
        full = np.bincount(self.item)[self.item] == people
        return np.asarray(self.values[self.code[full]].reshape(-1, people))


@dataclass(frozen=True, eq=False, slots=True)
class PairedVotes:
    """Every two answers to one item: the item, the annotators a < b, and the row of `frame` that counts them.

    frame: columns a, b, code_a, code_b, items, as the measure `pair_votes` has them.
    """

    item: Integers
    a: Integers
    b: Integers
    row: Integers
    frame: pd.DataFrame


def paired_votes(ratings: Ratings) -> PairedVotes:
    """All pairs of answers within items, which must fit into memory."""
    rows = [np.zeros((2, 0), dtype=np.int64), *(np.array(pair) for pair in pairs_within(ratings.item))]
    first, second = np.concatenate(rows, axis=1)
    people, labels = max(len(ratings.annotators), 1), max(len(ratings.values), 1)
    a, b = ratings.annotator[first], ratings.annotator[second]
    key = ((a * people + b) * labels + ratings.code[first]) * labels + ratings.code[second]
    cells, row, items = np.unique(key, return_inverse=True, return_counts=True)
    rest, code_b = np.divmod(cells, labels)
    rest, code_a = np.divmod(rest, labels)
    of_a, of_b = np.divmod(rest, people)
    frame = pd.DataFrame({"a": of_a, "b": of_b, "code_a": code_a, "code_b": code_b, "items": items})
    return PairedVotes(ratings.item[first], a, b, row, frame)
