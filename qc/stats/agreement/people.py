"""Coefficients whose chance depends on who gave which labels: Conger's kappa, and the mean of Cohen's over all pairs.

Sources: Conger 1980, doi:10.1037/0033-2909.88.2.322, in Gwet's form for missing ratings (Handbook of Inter-Rater
Reliability, 4th ed. 2014); Cohen 1960 and 1968; Fleiss, Cohen & Everitt 1969, doi:10.1037/h0028106.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import isnan, nan, sqrt
from typing import Final

import numpy as np
from scipy.sparse import csr_array

from qc.model import Estimate
from qc.stats.agreement.deletions import jackknife_variance
from qc.stats.agreement.jackknife import Both, Ground, Replicated, effective_number, items_estimate, team_estimate
from qc.stats.agreement.linearised import stated
from qc.stats.agreement.nominal import inverse
from qc.stats.agreement.pair_sums import PairSums, few_items, pooled
from qc.stats.agreement.ratings import Ratings, paired_votes
from qc.stats.kappa import ONE_LABEL, few_shared, linear_kappas, why_no_kappa
from qc.stats.patterns import Floats
from qc.stats.weights import credits_at

MAX_PAIRS: Final = 20_000_000
"""Pairs of answers beyond which no mean kappa is made of the answers themselves."""

ONE_ANNOTATOR: Final = "only one annotator"
NO_OVERLAP: Final = "no item has labels from two annotators"
ONE_ITEM: Final = "only one item has two labels or more"
CERTAIN: Final = "only one label was given: agreement beyond chance cannot show"


@dataclass(frozen=True, eq=False, slots=True)
class LinearKappa:
    """Conger's kappa and what moves it.

    `by_items`: how far each item moves it, to first order, times the number of items; `without_ratings` and
    `without_annotators`: kappa without each of these. `agreement` is the observed one, `chance` that expected, and
    `error` Gwet's standard error over items, which takes it as fixed how many items are shared (R irrCAC).
    """

    value: float
    agreement: float
    chance: float
    by_items: Floats
    without_ratings: Floats
    without_annotators: Floats
    error: float


def conger(ratings: Ratings, weights: Floats | None = None) -> Both:
    """Conger's kappa for such a team and for these annotators; of two annotators with the same items it is Cohen's.

    weights: credit of two labels (C x C), by default for equal ones only. All labels of an annotator inform chance,
    also on items that nobody else labelled. Undefined without two annotators who share items, for one item, and where
    chance agrees always. R irrCAC gives .76282 with standard error .14917 on the data of Krippendorff 2011.
    """
    size = np.bincount(ratings.item)
    used = int(np.count_nonzero(size >= 2))
    if reason := _nothing_to_compare(ratings, used):
        return Both.undefined(reason, used, "items")
    of = linear_conger(ratings, weights)
    if isnan(of.value):
        return Both.undefined(CERTAIN, used, "items")
    shared = np.bincount(ratings.annotator, size[ratings.item] >= 2, len(ratings.annotators)).astype(np.float64)
    ground = Ground(used, effective_number(shared), of.agreement, 1 - of.chance, -1.0, few_items(used))
    variances = (
        _variance(of.by_items),
        jackknife_variance(of.without_ratings, np.ones(len(of.without_ratings), dtype=np.int64)),
        jackknife_variance(of.without_annotators, (shared > 0).astype(np.int64)),
    )
    replicated = Replicated(of.value, *variances)
    return Both(
        stated(team_estimate(replicated, ground), of.error), stated(items_estimate(replicated, ground), of.error)
    )


def linear_conger(ratings: Ratings, weights: Floats | None = None) -> LinearKappa:
    """Conger's kappa with its parts; at least two annotators and two items that they share. NaN where undefined."""
    who, item, people = ratings.annotator, ratings.item, len(ratings.annotators)
    size = np.bincount(item)
    n, paired = len(size), int(np.count_nonzero(size >= 2))

    counts = csr_array((np.ones(len(item)), (item, ratings.code)), shape=(n, len(ratings.values)))
    with_others = credits_at(counts, weights, item, ratings.code) - 1
    pairs = np.bincount(item, with_others, n)
    observed = pairs * inverse(size * (size - 1))
    agreement = float(observed.sum()) / paired

    given = np.bincount(who, minlength=people)
    shares = csr_array((1 / given[who], (who, ratings.code)), shape=(people, len(ratings.values)))
    everybody = csr_array(np.asarray(shares.sum(axis=0)).reshape(1, -1))
    own = credits_at(shares, weights, who, ratings.code)
    of_others = credits_at(everybody, weights, np.zeros(len(who), dtype=np.int64), ratings.code) - own
    mean = np.bincount(who, of_others, people) / given
    chance = float(mean.sum()) / (people * (people - 1))
    room = 1 - chance if chance < 1 - 1e-12 else nan
    value = (agreement - chance) / room

    # What each rating adds to chance, which is a square in the shares: hence twice.
    more = 2 * (of_others - mean[who]) / given[who] / (people * (people - 1))
    beyond = n / paired * np.where(size >= 2, observed - agreement, 0.0)
    by_items = (beyond - (1 - value) * n * np.bincount(item, more, n)) / room

    left = size[item] - 1
    observed_left = (pairs[item] - 2 * with_others) * inverse(left * (left - 1))
    lost, unpaired = observed[item] - observed_left, left == 1
    without = (float(observed.sum()) - lost) / (paired - unpaired) - (chance - more)
    agreeing_left = float(observed.sum()) - np.bincount(who, lost, people)
    with np.errstate(divide="ignore", invalid="ignore"):
        agreement_left = agreeing_left / (paired - np.bincount(who, unpaired, people))
        chance_left = (mean.sum() - 2 * mean) / ((people - 1) * (people - 2))
        without_annotators = (agreement_left - chance_left) / np.where(chance_left < 1 - 1e-12, 1 - chance_left, nan)
    error = sqrt(_variance(by_items + value * (n / paired * (size >= 2) - 1)))
    return LinearKappa(
        value, agreement, chance, by_items, without / (room + more), np.asarray(without_annotators), error
    )


def mean_cohen(ratings: Ratings, weights: Floats | None = None) -> Both:
    """Cohen's kappa of every two annotators, averaged by shared items, for such a team and for these annotators.

    weights: credit of two labels (C x C), by default for equal ones only. Each item enters with what it adds to the
    kappas of its pairs, to first order, so that the interval knows which pairs share items. Pairs that share few items
    warn. Undefined without a pair whose kappa is defined.
    """
    size = np.bincount(ratings.item)
    used = int(np.count_nonzero(size >= 2))
    if reason := _nothing_to_compare(ratings, used):
        return Both.undefined(reason, used, "items")
    if int((size * (size - 1) // 2).sum()) > MAX_PAIRS:
        return Both.undefined(f"more than {MAX_PAIRS:,} pairs of answers", used, "items")
    votes = paired_votes(ratings)
    linear, tables = linear_kappas(votes.frame, weights)
    kappas, defined = linear[votes.row], ~np.isnan(tables.kappa)
    known = ~np.isnan(kappas)
    if not known.any():
        return Both.undefined(why_no_kappa(tables), used, "items")
    shared = tables.n[defined]
    chance = float(shared @ tables.expected[defined]) / float(shared.sum())
    sums = PairSums(votes.item, votes.a, votes.b, kappas, np.ones(len(kappas)))
    team, items = pooled(sums.where(known), ONE_LABEL, -1.0, chance)
    warnings = few_shared(shared)
    return Both(_warned(team, warnings), _warned(items, warnings))


def _warned(of: Estimate, warnings: tuple[str, ...]) -> Estimate:
    return replace(of, warning="; ".join((*filter(None, [of.warning]), *warnings)) or None)


def _variance(by_items: Floats) -> float:
    n = len(by_items)
    return float(by_items @ by_items) / (n * (n - 1))


def _nothing_to_compare(ratings: Ratings, used: int) -> str | None:
    if len(ratings.annotators) < 2:
        return ONE_ANNOTATOR if len(ratings.annotators) else "no answers"
    return None if used >= 2 else ONE_ITEM if used else NO_OVERLAP
