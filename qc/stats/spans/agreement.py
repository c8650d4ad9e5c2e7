"""Agreement on marks: F1 by how close ends must be, overlap, labels of what is matched, and how people differ.

F1 of two annotators is symmetric, 2 · matched / (marks of one + of the other), so it needs no right one; with no count
of what nobody marked it is what kappa tends to. Source: Hripcsak & Rothschild 2005.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from qc.model import Estimate
from qc.stats.agreement.clustered import Units, clustered
from qc.stats.agreement.pair_sums import NO_OVERLAP, PairSums, grouped, pooled
from qc.stats.objects.people import Found, Own
from qc.stats.patterns import Floats, Integers
from qc.stats.spans.marks import Marks, Overlaps, Pairs, iou, marks_of, matched, overlaps, pairs_of, together, united

EXACT: Final = 1.0
GATES: Final = (0.0, 0.5, EXACT)
"""How much of what two marks cover together they must have in common, to be the same: anything, half, all."""

NOTHING_MARKED: Final = "nobody marked anything on items with two answers"
NOTHING_MATCHED: Final = "no two people's marks overlap"
TYPES: Final = ("missed", "mislabelled", "mislocated")

# More than all overlaps of a group of marks together: first as many matches as can be, then the closest.
_ONE_MORE: Final = 1e6
# Of two equally close marks the one with the same label.
_SAME_LABEL: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Disagreement:
    """How many of the objects compared differ like this, and which share of them."""

    type: str
    n: int
    share: Estimate


@dataclass(frozen=True, eq=False, slots=True)
class MarkAgreement:
    """How well people agree on marks; plain names are for such a team, `_items` for these annotators.

    `f1` needs the same label and at least the gate in common, `f1_at` the same for each of GATES, `token_f1` compares
    what is marked with each label character by character (or millisecond), `token_chance` is that of marks laid
    anywhere on their item. `iou` is the mean overlap of marks that are matched by place, `label_alpha` their nominal
    alpha, two labels a match. `percent` is the share of two people's answers that are equal. `disagreement` counts,
    over every two people, matched marks once and others once: `missed` has no partner, `mislabelled` one of another
    label, `mislocated` one of its label with less in common than the gate. `by_label` has a label's
    code, how often it was given and its F1; `f1_sums` one row for every two answers to an item, for further groups.
    `foremost` is the type that more than half of what differs is, None where the interval does not tell; `everyone` is
    what people have in common and alone.
    """

    f1: Estimate
    f1_items: Estimate
    f1_at: tuple[tuple[float, Estimate], ...]
    token_f1: Estimate
    token_f1_items: Estimate
    token_chance: float | None
    iou: Estimate
    label_alpha: Estimate
    percent: Estimate
    disagreement: tuple[Disagreement, ...]
    by_label: tuple[tuple[int, int, Estimate], ...]
    f1_sums: PairSums
    foremost: str | None
    everyone: tuple[Found, Own]


def mark_agreement(marks: Marks, gate: float) -> MarkAgreement:
    """Agreement of every two annotators on each item; gate: one of GATES.

    Undefined without two annotators who share an item, and where nobody marked anything on such items. Matching is
    optimal: most marks matched first, then the greatest overlap; by place, the greatest overlap whatever the labels.
    """
    pairs, (at, by_place) = pairs_of(marks), _matches(marks, GATES)
    given = _count(marks.answer, None, len(marks.item))
    both = given[pairs.one] + given[pairs.other]
    hits = {each: _count(_row(marks, pairs, kept), None, len(both)) for each, kept in at.items()}
    sums = {each: _sums(marks, pairs, 2 * counted, both) for each, counted in hits.items()}
    f1, f1_items = pooled(sums[gate], NOTHING_MARKED)

    row, overlap = _row(marks, pairs, by_place), iou(marks, by_place)
    met = _count(row, None, len(both))
    shared = _sums(marks, pairs, _count(row, overlap, len(both)), met)
    equal = 2 * hits[EXACT] == both
    percent = pooled(_sums(marks, pairs, equal.astype(np.float64), np.ones(len(both))), NOTHING_MARKED)
    tokens, chance = _tokens(marks, pairs)
    differ = _differ(marks, pairs, by_place, row, overlap < gate, both - met)
    total = both - met
    alike = (given[pairs.one], given[pairs.other], hits[gate])
    return MarkAgreement(
        f1,
        f1_items,
        tuple((each, pooled(sums[each], NOTHING_MARKED)[0]) for each in GATES),
        *tokens,
        chance,
        pooled(shared, NOTHING_MATCHED)[0],
        _label_alpha(marks, by_place, NOTHING_MATCHED if len(both) else NO_OVERLAP),
        percent[0],
        _disagreement(marks, pairs, differ, total),
        _by_label(marks, pairs, at[gate]),
        sums[gate],
        _foremost(marks, pairs, differ, total),
        (
            Found(
                *(marks.item[pairs.one], marks.annotator[pairs.one], marks.annotator[pairs.other]),
                *(*alike, met, differ["mislabelled"], differ["mislocated"], met, shared.numerator),
            ),
            _own(marks, pairs, by_place, given),
        ),
    )


def against(marks: Marks, gold: Marks, gate: float) -> dict[str, Estimate]:
    """precision, recall and iou of people's marks against one known answer an item; gate as in `mark_agreement`.

    precision is matched over people's marks, recall over the known ones that they should have made. Undefined without
    a known answer to an item that people answered, and where there is nothing to divide by.
    """
    judge = int(marks.annotator.max(initial=-1)) + 1
    of = [each.item[each.answer] for each in (marks, gold)]
    both = marks_of(
        (
            np.concatenate([marks.item, gold.item]),
            np.concatenate([marks.annotator, np.full(len(gold.item), judge)]),
            np.concatenate([marks.extent, gold.extent]),
        ),
        (
            np.concatenate(of),
            np.concatenate([marks.annotator[marks.answer], np.full(len(gold.answer), judge)]),
            np.concatenate([marks.code, gold.code]),
            np.concatenate([marks.first, gold.first]),
            np.concatenate([marks.last, gold.last]),
        ),
    )
    pairs, (at, by_place) = pairs_of(both), _matches(both, (gate,), judge)
    judged, size = both.annotator[pairs.other] == judge, len(pairs.one)
    given, met = _count(both.answer, None, len(both.item)), _row(both, pairs, by_place)
    right = _count(_row(both, pairs, at[gate]), None, size)
    ratios = {
        "precision": (right, given[pairs.one], "people marked nothing on items with a known answer"),
        "recall": (right, given[pairs.other], "the known answers mark nothing"),
        "iou": (_count(met, iou(both, by_place), size), _count(met, None, size), "no mark overlaps a known one"),
    }
    return {
        name: pooled(
            PairSums(both.item[pairs.one], both.annotator[pairs.one], None, numerator, denominator).where(judged),
            nothing,
        )[0]
        for name, (numerator, denominator, nothing) in ratios.items()
    }


def _count(place: Integers, weights: NDArray[Any] | None, size: int) -> Floats:
    return np.bincount(place, weights, size).astype(np.float64)


def _sums(marks: Marks, pairs: Pairs, numerator: Floats, denominator: Floats) -> PairSums:
    one, other = pairs.one, pairs.other
    return PairSums(marks.item[one], marks.annotator[one], marks.annotator[other], numerator, denominator)


def _row(marks: Marks, pairs: Pairs, found: Overlaps) -> Integers:
    return pairs.of(marks.answer[found.i], marks.answer[found.j])


def _matches(marks: Marks, gates: Sequence[float], judge: int | None = None) -> tuple[dict[float, Overlaps], Overlaps]:
    """Marks of one label by gate, as many as can be matched and those that overlap most; and marks matched by place.

    judge: an annotator with the greatest code; where given, only overlaps with this one's marks count.
    """
    kept: dict[float, list[Overlaps]] = {gate: [] for gate in gates}
    by_place = []
    for part in overlaps(marks):
        found = part if judge is None else part.where(marks.annotator[marks.answer[part.j]] == judge)
        close, same = iou(marks, found), marks.code[found.i] == marks.code[found.j]
        for gate, matches in kept.items():
            passed = same & (close >= gate)
            near = found.where(passed)
            # Equal marks of one answer are one mark: exact partners have no rivals.
            matches.append(near if gate == EXACT else matched(marks, near, _ONE_MORE + close[passed]))
        by_place.append(matched(marks, found, close + _SAME_LABEL * same))
    return {gate: together(matches) for gate, matches in kept.items()}, together(by_place)


def _tokens(marks: Marks, pairs: Pairs) -> tuple[tuple[Estimate, Estimate], float | None]:
    """F1 of what is marked with each label, in characters, and what marks laid anywhere would have in common."""
    whole = united(marks)
    length = _count(whole.answer, whole.length, len(marks.item))
    both = length[pairs.one] + length[pairs.other]
    common = np.zeros(len(both))
    for found in overlaps(whole):
        same = found.where(whole.code[found.i] == whole.code[found.j])
        common += _count(_row(whole, pairs, same), same.common, len(both))
    held = csr_array((whole.length.astype(np.float64), (whole.answer, _codes(whole)[0])), shape=_shape(marks, whole))
    extent = np.maximum(marks.extent[pairs.one], 1)
    by_chance = np.asarray(held[pairs.one].multiply(held[pairs.other]).sum(axis=1)).reshape(-1) / extent
    chance = float(2 * by_chance.sum() / both.sum()) if both.sum() else None
    return pooled(_sums(marks, pairs, 2 * common, both), NOTHING_MARKED), chance


def _codes(marks: Marks) -> tuple[Integers, Integers]:
    """The label of each mark as a number without gaps, and the codes behind the numbers."""
    known, code = np.unique(marks.code, return_inverse=True)
    return code, known


def _shape(marks: Marks, whole: Marks) -> tuple[int, int]:
    return len(marks.item), max(len(np.unique(whole.code)), 1)


def _label_alpha(marks: Marks, by_place: Overlaps, nothing: str) -> Estimate:
    i, j = by_place.i, by_place.j
    answer = np.concatenate([marks.answer[i], marks.answer[j]])
    code = np.concatenate([marks.code[i], marks.code[j]])
    # ABSENT is taken: codes count from 0, whether or not a mark has a label.
    code = np.unique(code, return_inverse=True)[1]
    units = Units(marks.item[answer], np.tile(np.arange(len(i)), 2), marks.annotator[answer], code)
    return clustered(units, nothing).alpha


def _differ(
    marks: Marks, pairs: Pairs, by_place: Overlaps, row: Integers, apart: NDArray[np.bool_], total: Floats
) -> dict[str, Floats]:
    """Marks of each of TYPES in each pair; total: marks of both people, matched ones once."""
    size = len(total)
    other_label = marks.code[by_place.i] != marks.code[by_place.j]
    counts = (
        total - _count(row, None, size),
        _count(row[other_label], None, size),
        _count(row[~other_label & apart], None, size),
    )
    return dict(zip(TYPES, counts, strict=True))


def _disagreement(marks: Marks, pairs: Pairs, differ: Mapping[str, Floats], total: Floats) -> tuple[Disagreement, ...]:
    return tuple(
        Disagreement(type, int(n.sum()), pooled(_sums(marks, pairs, n, total), NOTHING_MARKED)[0])
        for type, n in differ.items()
    )


def _foremost(marks: Marks, pairs: Pairs, differ: Mapping[str, Floats], total: Floats) -> str | None:
    """The type that exceeds the others together, if the interval of the difference of their shares does not reach 0."""
    most = max(differ, key=lambda type: float(differ[type].sum()))
    others = sum((n for type, n in differ.items() if type != most), np.zeros(len(total)))
    lead = pooled(_sums(marks, pairs, differ[most] - others, total), NOTHING_MARKED, -1.0)[0]
    return most if lead.low is not None and lead.low > 0 else None


def _own(marks: Marks, pairs: Pairs, by_place: Overlaps, given: Floats) -> Own:
    alone = np.ones(len(marks.answer), dtype=bool)
    alone[by_place.i] = alone[by_place.j] = False
    shared = np.unique(np.concatenate([pairs.one, pairs.other]))
    lonely = _count(marks.answer, alone, len(given))
    return Own(marks.item[shared], marks.annotator[shared], given[shared], lonely[shared])


def _by_label(marks: Marks, pairs: Pairs, same: Overlaps) -> tuple[tuple[int, int, Estimate], ...]:
    """Of each label its code, how often it was given on items with two answers, and its F1."""
    code, known = _codes(marks)
    if not len(known):
        return ()
    ones = np.ones(len(code))
    held = csr_array((ones, (marks.answer, code)), shape=(len(marks.item), len(known)))
    hits = csr_array(
        (np.full(len(same.i), 2.0), (_row(marks, pairs, same), code[same.i])), shape=(len(pairs.one), len(known))
    )
    both = (held[pairs.one] + held[pairs.other]).tocoo()
    row, label = both.coords
    numerator = np.asarray(hits[row, label]).reshape(-1) if len(row) else np.zeros(0)
    sums = _sums(marks, Pairs(pairs.one[row], pairs.other[row], pairs.before), numerator, both.data)
    shared = np.bincount(np.concatenate([pairs.one, pairs.other]), minlength=len(marks.item)) > 0
    given = np.bincount(code[shared[marks.answer]], minlength=len(known))
    found = grouped(sums, label.astype(np.int64), len(known), NOTHING_MARKED)
    return tuple(
        (int(name), int(n), team) for name, n, (team, _) in zip(known.tolist(), given.tolist(), found, strict=True) if n
    )
