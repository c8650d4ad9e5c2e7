"""Objects against known ones, one by one: found, missed, extra, mislabelled or mislocated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qc.stats.objects.apart import apart
from qc.stats.objects.comparison import Comparison
from qc.stats.objects.pairs import within
from qc.stats.objects.reference import best_known
from qc.stats.patterns import Integers

RIGHT, MISLABELLED, MISLOCATED, MISSED, EXTRA = range(5)
TYPES: Final = ("right", "mislabelled", "mislocated", "missed", "extra")
NOTHING: Final = -1
"""The label of what is not there."""


@dataclass(frozen=True, eq=False, slots=True)
class Judged:
    """One row per known object and per object that is none: whose answer to which item, and what became of it.

    truth, given: labels, NOTHING of what one of the two lacks. type: place in TYPES; all but RIGHT are errors.
    """

    item: Integers
    annotator: Integers
    truth: Integers
    given: Integers
    type: Integers


@dataclass(frozen=True, eq=False, slots=True)
class Met:
    """Known objects `i` and people's `j` that are taken for one another, and how well: a place in TYPES."""

    i: Integers
    j: Integers
    type: Integers


def judged(
    place: tuple[Integers, Integers], answer: Integers, label: Integers, pairs: tuple[Integers, Integers], met: Met
) -> Judged:
    """Every object of some pairs of answers.

    place: item and annotator of each answer; answer, label: of each object; pairs: the known answer and the person's,
    a person's answer in one pair only; met: objects of these pairs, each at most once in a pair.
    """
    known, given = pairs
    answers = len(place[0])
    order = np.argsort(answer, kind="stable")
    first = np.searchsorted(answer[order], np.arange(answers + 1))
    taken = np.concatenate([met.i * answers + answer[met.j], met.j * answers + answer[met.i]])

    def left(own: Integers, other: Integers) -> tuple[Integers, Integers]:
        """Objects of `own` that met nothing of `other`, and the row of pairs that they are of."""
        size = first[own + 1] - first[own]
        thing = order[within(size) + np.repeat(first[own], size)]
        row = np.repeat(np.arange(len(own)), size)
        alone = ~np.isin(thing * answers + other[row], taken)
        return thing[alone], row[alone]

    missed, missed_in = left(known, given)
    extra, extra_in = left(given, known)
    whose = np.concatenate([answer[met.j], given[missed_in], given[extra_in]])
    return Judged(
        place[0][whose],
        place[1][whose],
        np.concatenate([label[met.i], label[missed], np.full(len(extra), NOTHING)]),
        np.concatenate([label[met.j], np.full(len(missed), NOTHING), label[extra]]),
        np.concatenate([met.type, np.full(len(missed), MISSED), np.full(len(extra), EXTRA)]),
    )


def against_known(comparison: Comparison) -> Judged:
    """People's drawn objects against gold: the same at GATE with the same label is right.

    An object of the right label that lies apart from the only known one within reach is mislocated, and that one not
    missed as well. Of several accepted answers each person's is held against the one that it agrees with most.
    """
    answer, answers = comparison.answer, len(comparison.answers.item)
    rows = best_known(comparison)
    known, given = comparison.pairs.one[rows], comparison.pairs.other[rows]
    chosen = np.zeros(len(comparison.pairs.one), dtype=bool)
    chosen[rows] = True
    matches = comparison.matched()
    matches = matches[chosen[comparison.row[matches]]]
    i, j = comparison.near.i[matches], comparison.near.j[matches]
    taken = np.concatenate([i * answers + answer[j], j * answers + answer[i]])

    def free(one: Integers, other: Integers) -> NDArray[np.bool_]:
        met = np.isin(np.concatenate([one * answers + answer[other], other * answers + answer[one]]), taken)
        return np.asarray(chosen[comparison.pairs.row(answer[one], answer[other])] & ~met.reshape(2, -1).any(axis=0))

    some = np.flatnonzero(np.isin(answer, np.concatenate([known, given])))
    near_known, near_given = apart(comparison.objects, answer, some, free)
    met = Met(
        np.concatenate([i, near_known]),
        np.concatenate([j, near_given]),
        np.concatenate(
            [
                np.where(comparison.same_label[matches], RIGHT, MISLABELLED),
                np.full(len(near_known), MISLOCATED),
            ]
        ),
    )
    place = comparison.answers.item, comparison.answers.annotator
    return judged(place, answer, comparison.objects.label, (known, given), met)
