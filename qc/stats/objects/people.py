"""Objects by person: who misses, who adds, who names otherwise, who draws elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from qc.model import Estimate, undefined
from qc.stats.agreement.pair_sums import PairSums, grouped
from qc.stats.patterns import Floats, Integers

FEWEST: Final = 30
"""Fewer objects than this say nothing about a person."""


@dataclass(frozen=True, eq=False, slots=True)
class Found:
    """What two people's answers to an item have in common: a row each, `one` and `other` are the people.

    of_one, of_other: their objects; alike: objects that both have, counted once; paired: those that the other has as
    well, of these `mislabelled` and `mislocated`; matched: those in one place, `similarity` the sum of theirs.
    """

    item: Integers
    one: Integers
    other: Integers
    of_one: Floats
    of_other: Floats
    alike: Floats
    paired: Floats
    mislabelled: Floats
    mislocated: Floats
    matched: Floats
    similarity: Floats


@dataclass(frozen=True, eq=False, slots=True)
class Own:
    """What each person has on an item that somebody else answered as well, and how many of it nobody else has."""

    item: Integers
    annotator: Integers
    objects: Floats
    alone: Floats


@dataclass(frozen=True, slots=True)
class Person:
    """One person beside all others who answered the same items; rates of fewer than FEWEST objects are undefined.

    n: own objects on these items. `missed`: of the others' objects there, once for each, those that this person has
    neither in one place nor under one label within reach; `extra`: of the own objects those that nobody else has so.
    Of the own objects that another has as well, once for each other: `mislabelled`, with another label in one place,
    and `mislocated`, under one label but apart. `f1` and `iou` as for the question. Whom the others are wrong about
    misses what they add, so these say who differs, not who is wrong. Intervals: items left out one by one.
    """

    annotator: int
    n: int
    f1: Estimate
    missed: Estimate
    extra: Estimate
    mislabelled: Estimate
    mislocated: Estimate
    iou: Estimate


def by_person(found: Found, own: Own) -> tuple[Person, ...]:
    """Who shares an item with somebody, the lowest F1 first and those without one last."""
    item, person = np.tile(found.item, 2), np.concatenate([found.one, found.other])
    people = np.unique(person)

    def both(of_one: Floats, of_other: Floats | None = None) -> Floats:
        return np.concatenate([of_one, of_one if of_other is None else of_other])

    def rates(numerator: Floats, denominator: Floats) -> list[Estimate]:
        return _rates(PairSums(item, person, None, numerator, denominator), people)

    every, paired, matched = both(found.of_one + found.of_other), both(found.paired), both(found.matched)
    others = both(found.of_other, found.of_one)
    columns = (
        rates(2 * both(found.alike), every),
        rates(others - paired, others),
        _rates(PairSums(own.item, own.annotator, None, own.alone, own.objects), people),
        rates(both(found.mislabelled), paired),
        rates(both(found.mislocated), paired),
        rates(both(found.similarity), matched),
    )
    n = np.bincount(np.searchsorted(people, own.annotator), own.objects, len(people)).astype(np.int64)
    rows = [Person(*row) for row in zip(people.tolist(), n.tolist(), *columns, strict=True)]
    return tuple(sorted(rows, key=lambda row: (row.f1.value is None, row.f1.value or 0.0, row.annotator)))


def _rates(sums: PairSums, people: Integers) -> list[Estimate]:
    place = np.searchsorted(people, sums.a)
    total = np.bincount(place, sums.denominator, len(people)).astype(np.int64)
    few = f"fewer than {FEWEST} objects"
    found = grouped(sums, place, len(people), few)
    rows = zip(total.tolist(), found, strict=True)
    return [undefined(few, n, "objects") if n < FEWEST else items for n, (_, items) in rows]
