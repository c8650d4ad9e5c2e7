"""Krippendorff's alpha of answers that are neither equal nor unequal but more or less far apart.

alpha = 1 - D_o / D_e: D_o is the mean distance of two answers to an item (an item's pairs weigh 1 / (answers - 1)), D_e
that of any two answers. Source: Krippendorff 2011. Alphas of different distances are not comparable, and where answers
to different items are far apart whatever people do, alpha is near 1 for all but chaos: Braylan, Alonso & Lease 2022
(arXiv 2212.09503), whose sigma stands beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from qc.model import Estimate, undefined
from qc.stats.agreement.chance import RARE, Distance, Leave, chance_of
from qc.stats.agreement.coefficients import Influence
from qc.stats.agreement.deletions import jackknife_variance
from qc.stats.agreement.jackknife import Ground, Replicated, effective_number, items_estimate, team_estimate
from qc.stats.agreement.pair_sums import NO_OVERLAP, few_items
from qc.stats.agreement.within import pairs_within
from qc.stats.patterns import Floats, Integers

ONE_ITEM: Final = "only one item has two answers or more"
ALL_ALIKE: Final = "all answers are alike: agreement beyond chance cannot show"


@dataclass(frozen=True, slots=True)
class DistanceAgreement:
    """How close people's answers to the same item are, beside any two answers.

    `similarity` is 1 - D_o, for such a team; `similarity_items` and `alpha_items` hold for these annotators. `observed`
    is D_o and `expected` D_e, None where nothing can be compared. `sigma` is the share of pairs of answers to an item
    that are closer than all but the closest 5 % of any two answers. `influence` is as that of nominal alpha.
    """

    similarity: Estimate
    similarity_items: Estimate
    alpha: Estimate
    alpha_items: Estimate
    observed: float | None
    expected: float | None
    sigma: Estimate
    items_used: int
    items_dropped: int
    influence: tuple[Influence, ...]


def distance_agreement(
    item: NDArray[Any],
    annotator: NDArray[Any],
    value: NDArray[Any],
    distance: Distance,
    seed: int = 0,
) -> DistanceAgreement:
    """Agreement by a distance in [0, 1], from one answer per item and annotator, in integer codes.

    value: indices of distinct values, from 0. D_e is exact up to 1,500 distinct values, beyond from 100,000 pairs drawn
    with `seed`. Undefined without two annotators who share items; alpha also for one item and where all are alike.
    """
    answers = _pairable(item, annotator, value)
    dropped = len(np.unique(item)) - answers.items
    if not answers.items:
        none = undefined(_nothing_to_compare(item, annotator), 0, "items")
        return DistanceAgreement(none, none, none, none, None, None, none, 0, dropped, ())
    chance = chance_of(answers.value, distance, seed)
    observed = _observed(answers, distance, chance.rare)
    whole, leaves = observed.distances.sum(), _leaves(answers, observed)
    n = len(answers.item)
    expected = chance.all
    closeness = Replicated(1 - whole / n, *(jackknife_variance(1 - one.observed(n), one.counts) for one in leaves))
    ratings = np.bincount(answers.annotator).astype(np.float64)
    few = few_items(answers.items)
    ground = Ground(answers.items, effective_number(ratings), closeness.value, 1.0, 0.0, few)
    similarity, similarity_items = team_estimate(closeness, ground), items_estimate(closeness, ground)
    sigma = _sigma(observed, chance.rare, ground)
    if answers.items < 2 or expected < 1e-12:
        none = undefined(ONE_ITEM if answers.items < 2 else ALL_ALIKE, answers.items, "items")
        alphas, without = (none, none), np.full(len(ratings), np.nan)
    else:
        values = [_alpha(one.observed(n), chance.without(one)) for one in leaves]
        of = Replicated(
            1 - whole / n / expected,
            *(jackknife_variance(one, leave.counts) for one, leave in zip(values, leaves, strict=True)),
        )
        beyond = Ground(answers.items, ground.annotators, closeness.value, expected, -1.0, few)
        alphas, without = (team_estimate(of, beyond), items_estimate(of, beyond)), values[-1]
    influence = _influence(answers.annotators, ratings, without)
    return DistanceAgreement(
        similarity,
        similarity_items,
        *alphas,
        float(whole / n),
        expected,
        sigma,
        answers.items,
        dropped,
        influence,
    )


@dataclass(frozen=True, eq=False, slots=True)
class _Answers:
    """Answers to items that have two or more, sorted by item; item and annotator are codes without gaps.

    `size` is the number of answers to each answer's item, `annotators` names the codes.
    """

    item: Integers
    annotator: Integers
    value: Integers
    size: Integers
    annotators: NDArray[Any]

    @property
    def items(self) -> int:
        return int(self.item[-1]) + 1 if len(self.item) else 0


@dataclass(frozen=True, eq=False, slots=True)
class _Observed:
    """Per answer the sum of its distances to the others of its item (`sums`), and that over their number (`distances`).

    Per item the number of pairs, and how many of them are rarely as close by chance.
    """

    distances: Floats
    sums: Floats
    pairs: Floats
    close: Floats


def _pairable(item: NDArray[Any], annotator: NDArray[Any], value: NDArray[Any]) -> _Answers:
    order = np.lexsort((annotator, item))
    _, code, size = np.unique(item[order], return_inverse=True, return_counts=True)
    keep = size[code] >= 2
    order, sizes = order[keep], size[code][keep]
    _, code = np.unique(item[order], return_inverse=True)
    names, who = np.unique(annotator[order], return_inverse=True)
    return _Answers(code, who, np.asarray(value[order], dtype=np.int64), sizes, names)


def _observed(answers: _Answers, distance: Distance, rare: float | None) -> _Observed:
    n, items = len(answers.item), answers.items
    sums, pairs, close = np.zeros(n), np.zeros(items), np.zeros(items)
    for first, second in pairs_within(answers.item):
        found = np.zeros(len(first))
        differ = answers.value[first] != answers.value[second]
        found[differ] = distance(answers.value[first[differ]], answers.value[second[differ]])
        low, high = int(first[0]), int(second[-1]) + 1
        sums[low:high] += np.bincount(first - low, found, high - low) + np.bincount(second - low, found, high - low)
        its = answers.item[first]
        pairs += np.bincount(its, minlength=items)
        close += np.bincount(its, found <= (-1.0 if rare is None else rare), items)
    return _Observed(sums / (answers.size - 1), sums, pairs, close)


def _leaves(answers: _Answers, observed: _Observed) -> tuple[Leave, Leave, Leave]:
    """Every item, every answer and every annotator once."""
    whole = float(observed.distances.sum())
    of_item, inner = (
        np.bincount(answers.item, each).astype(np.float64) for each in (observed.distances, observed.sums)
    )
    nobody = np.full(len(answers.item), -1)
    items = Leave(answers.item, nobody, of_item, whole, np.ones(answers.items, dtype=np.int64), inner)

    two = answers.size == 2
    rows = np.arange(len(answers.item))
    # Of two answers to an item the other one stands before or after in the order of items.
    first = np.concatenate([[True], answers.item[1:] != answers.item[:-1]])
    partner = np.where(first, rows + 1, rows - 1)
    kept = (inner[answers.item] - 2 * observed.sums) / np.maximum(answers.size - 2, 1)
    loss = of_item[answers.item] - np.where(two, 0.0, kept)
    single = Leave(
        rows,
        np.where(two, partner, -1),
        loss,
        whole,
        np.ones(len(rows), dtype=np.int64),
        np.where(two, inner[answers.item], 0.0),
    )
    who = answers.annotator
    people = Leave(
        who,
        np.where(two, who[np.where(two, partner, 0)], -1),
        np.bincount(who, loss).astype(np.float64),
        whole,
        np.ones(len(answers.annotators), dtype=np.int64),
        None,
    )
    return items, single, people


def _alpha(observed: Floats, expected: Floats) -> Floats:
    return np.asarray(1 - observed / np.where(expected > 1e-12, expected, np.nan))


def _sigma(observed: _Observed, rare: float | None, ground: Ground) -> Estimate:
    if rare is None:
        return undefined(
            f"more than {RARE * 100:.0f} % of any two answers are equal: none are closer than chance",
            ground.items,
            "items",
        )
    close, pairs = float(observed.close.sum()), float(observed.pairs.sum())
    left = pairs - observed.pairs
    replicates = np.divide(close - observed.close, left, out=np.full(len(left), np.nan), where=left > 0)
    variance = jackknife_variance(replicates, np.ones(len(left), dtype=np.int64))
    value = close / pairs
    return items_estimate(
        Replicated(value, variance, variance, variance), Ground(ground.items, ground.annotators, value, 1.0, 0.0)
    )


def _influence(names: NDArray[Any], ratings: Floats, without: Floats) -> tuple[Influence, ...]:
    order = np.argsort(-without, kind="stable")
    return tuple(
        Influence(name, int(given), None if isnan(alpha) else alpha)
        for name, given, alpha in zip(names[order].tolist(), ratings[order], without[order].tolist(), strict=True)
    )


def _nothing_to_compare(item: NDArray[Any], annotator: NDArray[Any]) -> str:
    if not len(item):
        return "no answers"
    return "only one annotator" if len(np.unique(annotator)) < 2 else NO_OVERLAP
