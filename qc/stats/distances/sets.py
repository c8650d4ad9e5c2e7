"""Distances between sets of labels, and between places in a tree of labels."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, Final

import numpy as np
from scipy.sparse import csr_array

from qc.stats.agreement.chance import Distance
from qc.stats.patterns import Floats, Integers

_BETWEEN_PATHS: Final = "; "
_BETWEEN_LEVELS: Final = re.compile(r"\s*(?:/|>|→|›)\s*")


@dataclass(frozen=True, eq=False, slots=True)
class Bags:
    """What each value holds of anything countable: `held` (values x things, sparse), and how much in all."""

    held: Any
    sizes: Floats

    @classmethod
    def of(cls, values: Sequence[Iterable[Any]]) -> Bags:
        """One bag per value; what stands twice counts twice."""
        codes: dict[Any, int] = {}
        rows = [[codes.setdefault(thing, len(codes)) for thing in value] for value in values]
        ends = np.fromiter(accumulate(map(len, rows), initial=0), dtype=np.int64, count=len(rows) + 1)
        columns = np.fromiter((code for row in rows for code in row), dtype=np.int64, count=int(ends[-1]))
        held = csr_array((np.ones(len(columns)), columns, ends.copy()), shape=(len(rows), max(len(codes), 1)))
        held.sum_duplicates()
        return cls(held, np.diff(ends).astype(np.float64))

    def shared(self, first: Integers, second: Integers) -> Floats:
        """How much two values have in common, pair by pair."""
        return np.asarray(self.held[first].minimum(self.held[second]).sum(axis=1), dtype=np.float64).reshape(-1)

    def dice(self, first: Integers, second: Integers) -> Floats:
        """1 - 2 · common / (one + other); 0 for two that hold nothing."""
        both = self.sizes[first] + self.sizes[second]
        return 1 - np.divide(2 * self.shared(first, second), both, out=np.ones(len(both)), where=both > 0)


def jaccard(values: Sequence[Iterable[str]]) -> Distance:
    """1 - |∩| / |∪| of sets of labels; 0 for two empty ones. Source: Jaccard 1912."""
    bags = Bags.of([set(value) for value in values])
    return lambda first, second: 1 - _jaccard(bags, first, second)[0]


def masi(values: Sequence[Iterable[str]]) -> Distance:
    """1 - J · M: Jaccard's share times 1 for equal sets, 2/3 for a subset, 1/3 where they overlap, 0 where they do not.

    0 for two empty sets. Source: Passonneau 2006, as in nltk; DKPro's function of the name weighs the Jaccard distance
    instead.
    """
    bags = Bags.of([set(value) for value in values])

    def distance(first: Integers, second: Integers) -> Floats:
        share, common = _jaccard(bags, first, second)
        one, other = bags.sizes[first], bags.sizes[second]
        equal, nested = (common == one) & (common == other), common == np.minimum(one, other)
        return np.asarray(1 - share * np.select([equal, nested, common > 0], [1.0, 2 / 3, 1 / 3]))

    return distance


def taxonomy(labels: Sequence[str]) -> Distance:
    """The path between two places of a tree, over the way up from both to its root.

    labels: paths as text (`animal/dog`, `animal > dog`), several of them between "; ". 1 minus the similarity of Wu &
    Palmer 1994; of several paths, one minus Dice's share of all the nodes that they pass.
    """
    return Bags.of([_nodes(label) for label in labels]).dice


def _nodes(label: str) -> set[tuple[str, ...]]:
    paths = [_BETWEEN_LEVELS.split(path.strip()) for path in label.split(_BETWEEN_PATHS) if path.strip()]
    return {tuple(path[:depth]) for path in paths for depth in range(1, len(path) + 1)}


def _jaccard(bags: Bags, first: Integers, second: Integers) -> tuple[Floats, Floats]:
    """|∩| / |∪|, 1 for two empty sets, and |∩|."""
    common = bags.shared(first, second)
    union = bags.sizes[first] + bags.sizes[second] - common
    return np.divide(common, union, out=np.ones(len(union)), where=union > 0), common
