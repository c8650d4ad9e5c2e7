"""Who found what of another's objects: matches at a gate, and the counts behind every figure on drawn objects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from qc.stats.agreement.clustered import ABSENT, Units
from qc.stats.agreement.pair_sums import PairSums
from qc.stats.objects.answers import Answers, Pairs
from qc.stats.objects.apart import Pair, apart, distance
from qc.stats.objects.assignment import assigned
from qc.stats.objects.clusters import clusters
from qc.stats.objects.keypoints import tolerance
from qc.stats.objects.pairs import Candidates, within
from qc.stats.objects.people import Found, Own
from qc.stats.objects.regions import Objects
from qc.stats.patterns import Floats, Integers

GATE: Final = 0.5
"""Objects at least this similar can be the same."""
SAME_LABEL: Final = 1e-6
"""What the same label adds to a similarity: it decides where two objects lie in exactly one place."""


@dataclass(frozen=True, eq=False)
class Comparison:
    """The objects of all answers (sorted), and how near they are to each other."""

    objects: Objects
    answers: Answers
    near: Candidates

    @cached_property
    def answer(self) -> Integers:
        """The answer of each object."""
        return self.answers.of(self.objects.item, self.objects.annotator)

    @cached_property
    def drawn(self) -> Integers:
        """Objects of each answer."""
        return np.bincount(self.answer, minlength=len(self.answers.item))

    @cached_property
    def pairs(self) -> Pairs:
        """Every two answers to an item."""
        return self.answers.pairs()

    @cached_property
    def _nodes(self) -> tuple[Integers, Integers]:
        """Each object is a node of its own in each pair of answers."""
        i, j, answers = self.near.i, self.near.j, len(self.answers.item)
        left = np.unique(i * answers + self.answer[j], return_inverse=True)[1]
        return left, np.unique(j * answers + self.answer[i], return_inverse=True)[1]

    @cached_property
    def same_label(self) -> NDArray[np.bool_]:
        """Which candidates agree on the label."""
        label = self.objects.label
        return np.asarray(label[self.near.i] == label[self.near.j])

    @cached_property
    def row(self) -> Integers:
        """The pair of answers of each candidate."""
        return self.pairs.row(self.answer[self.near.i], self.answer[self.near.j])

    def matched(self, gate: float = GATE) -> Integers:
        """The candidates that are matches: between any two answers those that are similar most, after the gate.

        A single point that has a partner of its label within reach is matched with no point of another label.
        """
        if gate not in self._matched:
            self._matched[gate] = self._assigned(np.flatnonzero((self.near.similarity >= gate) & self._by_label_first))
        return self._matched[gate]

    @cached_property
    def _matched(self) -> dict[float, Integers]:
        return {}

    @cached_property
    def _by_label_first(self) -> NDArray[np.bool_]:
        """Which candidates may be matched as far as their labels go."""
        points = np.flatnonzero(self.objects.point)
        if not len(points):
            return np.ones(len(self.near.i), dtype=bool)
        taken = self._nodes_of(*apart(self.objects, self.answer, points, _every))
        own = self._nodes_of(self.near.i, self.near.j)
        partnered = np.isin(own, taken).reshape(2, -1).any(axis=0)
        both = self.objects.point[self.near.i] & self.objects.point[self.near.j]
        return np.asarray(self.same_label | ~(both & partnered))

    @cached_property
    def mislocated(self) -> Pair:
        """Objects i, j with one label and no match that lie apart, each nearest to the other within reach."""
        rows = self.matched()
        i, j = self.near.i[rows], self.near.j[rows]
        taken = np.unique(self._nodes_of(i, j))
        times = np.bincount(i, minlength=len(self.answer)) + np.bincount(j, minlength=len(self.answer))
        others = np.bincount(np.unique(self.answers.item, return_inverse=True)[1])
        others = others[np.searchsorted(np.unique(self.answers.item), self.objects.item)] - 1
        some = np.flatnonzero((times < others) & (self.objects.annotator >= 0))

        def free(one: Integers, other: Integers) -> NDArray[np.bool_]:
            return np.asarray(~np.isin(self._nodes_of(one, other), taken).reshape(2, -1).any(axis=0))

        return apart(self.objects, self.answer, some, free)

    def _nodes_of(self, i: Integers, j: Integers) -> Integers:
        """Each i in the answer of j, then each j in that of i."""
        answers = len(self.answers.item)
        return np.concatenate([i * answers + self.answer[j], j * answers + self.answer[i]])

    def _assigned(self, rows: Integers) -> Integers:
        left, right = self._nodes
        weight = self.near.similarity[rows] + SAME_LABEL * self.same_label[rows]
        return rows[assigned(left[rows], right[rows], weight)]

    def found(self, gate: float = GATE) -> Floats:
        """Matches with the same label, for each pair of answers."""
        matches = self.matched(gate)
        return self._count(matches[self.same_label[matches]])

    def _count(self, rows: Integers, weights: NDArray[Any] | None = None) -> Floats:
        return np.bincount(self.row[rows], weights, len(self.pairs.one)).astype(np.float64)

    @cached_property
    def people(self) -> NDArray[np.bool_]:
        """The pairs of answers that are both of people."""
        return np.asarray(self.answers.annotator[self.pairs.one] >= 0)

    @cached_property
    def both(self) -> Floats:
        """Objects of both answers of each pair."""
        return (self.drawn[self.pairs.one] + self.drawn[self.pairs.other]).astype(np.float64)

    def sums(self, numerator: Floats, denominator: Floats) -> PairSums:
        """Of the pairs of people."""
        item, annotator = self.answers.item, self.answers.annotator
        rows, one, other = self.people, self.pairs.one[self.people], self.pairs.other[self.people]
        return PairSums(item[one], annotator[one], annotator[other], numerator[rows], denominator[rows])

    def f1(self, gate: float = GATE) -> PairSums:
        """2 TP over the objects of both, where TP are matches with the same label."""
        return self.sums(2 * self.found(gate), self.both)

    @cached_property
    def overlap(self) -> PairSums:
        """The similarity of matches, whatever their labels, over their number."""
        matches = self.matched()
        return self.sums(self._count(matches, self.near.similarity[matches]), self._count(matches))

    @cached_property
    def disagreement(self) -> dict[str, PairSums]:
        """How many objects of both answers differ, and in what; the others are found alike."""
        matches = self.matched()
        mislabelled = 2 * self._count(matches[~self.same_label[matches]])
        mislocated = 2 * self._mislocated()
        missed = self.both - 2 * self.found() - mislabelled - mislocated
        kinds = {"missed": missed, "mislabelled": mislabelled, "mislocated": mislocated}
        return {kind: self.sums(count, self.both) for kind, count in kinds.items()}

    def _mislocated(self) -> Floats:
        one, other = (self.answer[side] for side in self.mislocated)
        return np.bincount(self.pairs.row(one, other), minlength=len(self.pairs.one)).astype(np.float64)

    def everyone(self) -> tuple[Found, Own]:
        """What people have in common, and what they have alone."""
        rows, matches = self.people, self.matched()
        same = self.same_label[matches]
        mislocated, matched = self._mislocated()[rows], self._count(matches)[rows]
        one, other = self.pairs.one[rows], self.pairs.other[rows]
        item, annotator = self.answers.item, self.answers.annotator
        found = Found(
            *(item[one], annotator[one], annotator[other]),
            *(self.drawn[one].astype(np.float64), self.drawn[other].astype(np.float64)),
            *(self.found()[rows], matched + mislocated, self._count(matches[~same])[rows], mislocated),
            *(matched, self._count(matches, self.near.similarity[matches])[rows]),
        )
        among = matches[rows[self.row[matches]]]
        alone = np.ones(len(self.answer), dtype=bool)
        for side in (self.near.i[among], self.near.j[among], *self.mislocated):
            alone[side] = False
        shared = np.unique(np.concatenate([one, other]))
        lonely = np.bincount(self.answer, alone, len(item))[shared]
        return found, Own(item[shared], annotator[shared], self.drawn[shared].astype(np.float64), lonely)

    @cached_property
    def distances(self) -> tuple[Integers, Floats]:
        """Single points that two people have under one label: the pair of answers, and how many pixels lie between."""
        matches = self.matched()
        matches = matches[self.same_label[matches] & self.people[self.row[matches]]]
        own = (self.near.i[matches], self.near.j[matches])
        i, j = (np.concatenate(sides) for sides in zip(own, self.mislocated, strict=True))
        points = self.objects.point[i] & self.objects.point[j]
        i, j = i[points], j[points]
        return self.pairs.row(self.answer[i], self.answer[j]), distance(self.objects.bounds, i, j)

    @cached_property
    def tolerances(self) -> Floats:
        """How far another point may lie from each single point to be matched, in pixels."""
        return tolerance(self.objects.bounds[self.objects.point & (self.objects.annotator >= 0)])

    def by_label(self) -> tuple[PairSums, Integers]:
        """F1 of the objects of each label (codes beside it): a row for each pair of answers and label of either."""
        labels, label = np.unique(self.objects.label, return_inverse=True)
        width = max(len(labels), 1)
        cell, count = np.unique(self.answer * width + label, return_counts=True)
        start = np.searchsorted(cell, np.arange(len(self.answers.item) + 1) * width)
        held = np.diff(start)
        rows = np.flatnonzero(self.people)
        keys, counts = [], []
        for answer in (self.pairs.one[rows], self.pairs.other[rows]):
            place = within(held[answer]) + np.repeat(start[answer], held[answer])
            keys.append(np.repeat(rows, held[answer]) * width + cell[place] % width)
            counts.append(count[place])
        key, at = np.unique(np.concatenate(keys), return_inverse=True)
        denominator = np.bincount(at, np.concatenate(counts), len(key)).astype(np.float64)
        matches = self.matched()
        matches = matches[self.same_label[matches] & self.people[self.row[matches]]]
        mine = np.searchsorted(key, self.row[matches] * width + label[self.near.i[matches]])
        numerator = 2 * np.bincount(mine, minlength=len(key)).astype(np.float64)
        row, code = np.divmod(key, width)
        one, other = self.pairs.one[row], self.pairs.other[row]
        item, annotator = self.answers.item, self.answers.annotator
        return PairSums(item[one], annotator[one], annotator[other], numerator, denominator), labels[code]

    def units(self) -> Units:
        """The objects as units: what each annotator of the item calls it, ABSENT for those who did not draw it."""
        own = np.flatnonzero(self.objects.annotator >= 0)
        place = np.full(len(self.objects.item), -1)
        place[own] = np.arange(len(own))
        matches = self.near.where(self.matched())
        among = matches.where((place[matches.i] >= 0) & (place[matches.j] >= 0))
        among = Candidates(place[among.i], place[among.j], among.similarity)
        cluster = clusters(self.objects.annotator[own], self.objects.bounds[own], among)
        count = int(cluster.max(initial=-1)) + 1
        item = np.zeros(count, dtype=np.int64)
        item[cluster] = self.objects.item[own]
        answers = np.flatnonzero(self.answers.annotator >= 0)
        begin = np.searchsorted(self.answers.item[answers], item)
        size = np.searchsorted(self.answers.item[answers], item, "right") - begin
        row = answers[within(size) + np.repeat(begin, size)]
        unit = np.repeat(np.arange(count), size)
        code = np.full(len(unit), ABSENT)
        shift = self.answer[own] - answers[begin[cluster]]
        code[(np.cumsum(size) - size)[cluster] + shift] = self.objects.label[own]
        return Units(self.answers.item[row], unit, self.answers.annotator[row], code)


def joined(parts: Sequence[tuple[Objects, Candidates]]) -> tuple[Objects, Candidates]:
    """The objects of several parts of the items as one."""
    start = np.cumsum([0, *(len(objects.item) for objects, _ in parts)]).tolist()
    objects = Objects(
        *(
            np.concatenate([empty, *(getattr(objects, name) for objects, _ in parts)])
            for name, empty in (
                *((name, _NONE) for name in ("item", "annotator", "label")),
                ("bounds", np.zeros((0, 4))),
                ("point", np.zeros(0, dtype=bool)),
                ("page", _NONE),
            )
        )
    )
    near = Candidates(
        np.concatenate([_NONE, *(near.i + at for (_, near), at in zip(parts, start, strict=False))]),
        np.concatenate([_NONE, *(near.j + at for (_, near), at in zip(parts, start, strict=False))]),
        np.concatenate([np.zeros(0), *(near.similarity for _, near in parts)]),
    )
    return objects, near


def _every(i: Integers, j: Integers) -> NDArray[np.bool_]:
    return np.ones(len(i), dtype=bool)


_NONE: Final = np.zeros(0, dtype=np.int64)
