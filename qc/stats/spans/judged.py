"""Spans and intervals against known ones, one by one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qc.stats.objects.judged import MISLABELLED, MISLOCATED, RIGHT, Judged, Met, judged
from qc.stats.patterns import Floats, Integers
from qc.stats.spans.marks import Marks, Overlaps, Pairs, iou, marks_of, matched, overlaps, pairs_of, together

# Of two equally close marks the one with the same label.
_SAME_LABEL = 1e-6


def against_known(marks: Marks, known: Marks) -> Judged:
    """People's marks against known ones: right with exact ends and the same label.

    Of the others, those that overlap most are taken for one another: under one label they are mislocated, else
    mislabelled. `known` may hold several accepted answers to an item, as annotators of its own; each person's is held
    against the one with most marks in common, then the first.
    """
    base = int(marks.annotator.max(initial=-1)) + 1
    both = _together(marks, known, base)
    pairs = pairs_of(both)
    whose = both.annotator
    rows = np.flatnonzero((whose[pairs.one] < base) & (whose[pairs.other] >= base))
    exact, by_place = _met(both, base)
    hits = np.bincount(_row(both, pairs, exact), minlength=len(pairs.one)).astype(np.float64)
    size = np.bincount(both.answer, minlength=len(both.item))
    drawn = (size[pairs.one] + size[pairs.other]).astype(np.float64)
    agrees = np.where(drawn > 0, 2 * hits / np.maximum(drawn, 1), 1.0)
    order = np.lexsort((pairs.other[rows], -agrees[rows], pairs.one[rows]))
    best = rows[order[np.unique(pairs.one[rows][order], return_index=True)[1]]]
    chosen = np.zeros(len(pairs.one), dtype=bool)
    chosen[best] = True

    def of_chosen(found: Overlaps) -> Overlaps:
        return found.where(chosen[_row(both, pairs, found)])

    exact, by_place = of_chosen(exact), of_chosen(by_place)
    same = both.code[by_place.i] == both.code[by_place.j]
    met = Met(
        np.concatenate([exact.j, by_place.j]),
        np.concatenate([exact.i, by_place.i]),
        np.concatenate([np.full(len(exact.i), RIGHT), np.where(same, MISLOCATED, MISLABELLED)]),
    )
    return judged((both.item, both.annotator), both.answer, both.code, (pairs.other[best], pairs.one[best]), met)


def _together(marks: Marks, known: Marks, base: int) -> Marks:
    """People's and known marks of the items that both have; known annotators begin at `base`."""
    asked = np.isin(marks.item, known.item)
    own = asked[marks.answer]
    rows = marks.answer[own]
    return marks_of(
        (
            np.concatenate([marks.item[asked], known.item]),
            np.concatenate([marks.annotator[asked], known.annotator + base]),
            np.concatenate([marks.extent[asked], known.extent]),
        ),
        (
            np.concatenate([marks.item[rows], known.item[known.answer]]),
            np.concatenate([marks.annotator[rows], known.annotator[known.answer] + base]),
            np.concatenate([marks.code[own], known.code]),
            np.concatenate([marks.first[own], known.first]),
            np.concatenate([marks.last[own], known.last]),
        ),
    )


def _met(both: Marks, base: int) -> tuple[Overlaps, Overlaps]:
    """A person's marks i and known ones j that are equal, and of the others those that overlap most."""
    exact, by_place = [], []
    for part in overlaps(both):
        found = part.where((both.annotator[both.answer[part.i]] < base) & (both.annotator[both.answer[part.j]] >= base))
        close, same = iou(both, found), both.code[found.i] == both.code[found.j]
        equal = same & (close == 1)
        exact.append(found.where(equal))
        rest = np.flatnonzero(_apart_from(both, found, equal))
        by_place.append(matched(both, found.where(rest), _weight(close[rest], same[rest])))
    return together(exact), together(by_place)


def _apart_from(both: Marks, found: Overlaps, equal: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which overlaps are of two marks that both have no equal one in the answer of the other."""
    answers = len(both.item)
    nodes = found.i * answers + both.answer[found.j], found.j * answers + both.answer[found.i]
    return np.asarray(~(np.isin(nodes[0], nodes[0][equal]) | np.isin(nodes[1], nodes[1][equal])))


def _weight(close: Floats, same: NDArray[np.bool_]) -> Floats:
    return np.asarray(close + _SAME_LABEL * same)


def _row(both: Marks, pairs: Pairs, found: Overlaps) -> Integers:
    return pairs.of(both.answer[found.i], both.answer[found.j])
