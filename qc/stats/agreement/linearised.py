"""Gwet's standard errors over items, to compare with published ones: as `*.raw` of the R package irrCAC prints them.

The intervals of this package are jackknifed; these are by the delta method, items a sample and annotators fixed.
irrCAC's `*.table` functions divide by n where this and `*.raw` divide by n - 1.
Sources: Gwet, Handbook of Inter-Rater Reliability, 4th ed. 2014; for alpha Gwet 2011, On the Krippendorff's alpha
coefficient.
"""

from __future__ import annotations

from dataclasses import replace
from math import nan, sqrt

import numpy as np

from qc.model import Estimate
from qc.stats.agreement.nominal import FLEISS, Chance, inverse, row_squares
from qc.stats.agreement.weighted import credits_given
from qc.stats.patterns import Floats, Integers, Patterns


def standard_error(patterns: Patterns, chance: Chance, weights: Floats | None = None) -> float:
    """Of percent agreement, Fleiss' kappa, AC1 or Brennan–Prediger; NaN for one item or where chance agrees always.

    With weights (C x C): of AC2 and the weighted coefficients; for Fleiss the slope multiplies Σ w_kl π_k π_l. Items
    with one label count as items and inform chance; how many items are shared is taken as fixed.
    """
    size, items = patterns.sizes, patterns.items
    n, paired = int(items.sum()), int(items[size >= 2].sum())
    if not paired:
        return nan
    observed, expected = _of_items(patterns, np.ones(len(size)), chance, weights)
    by_chance = float(items @ expected) / n
    agreement = float(items @ observed) / paired
    beyond = n / paired * np.where(size >= 2, observed - by_chance, 0.0)
    return _error(items, beyond - (agreement - by_chance), expected - by_chance, agreement, by_chance)


def alpha_standard_error(patterns: Patterns) -> float:
    """Of nominal alpha; NaN for one shared item or one label.

    As `krippen.alpha.raw` of R irrCAC (.14548 on the data of Krippendorff 2011), which leaves Krippendorff's term for
    small samples out of the variance; the port on PyPI keeps a part (.14557), and `krippen.alpha.dist` differs too.
    """
    pairable = patterns.pairable()
    size, items = pairable.sizes, pairable.items
    n = int(items.sum())
    if not n:
        return nan
    weight = size * n / float(items @ size)
    observed, expected = _of_items(pairable, weight, FLEISS)
    agreement, by_chance = float(items @ (weight * observed)) / n, float(items @ (weight * expected)) / n
    return _error(items, weight * (observed - agreement), weight * (expected - by_chance), agreement, by_chance)


def stated(estimate: Estimate, error: float) -> Estimate:
    """The estimate with the standard error in its method, unless that is undefined or nothing to five decimals."""
    if estimate.value is None or not error >= 5e-6:
        return estimate
    return replace(estimate, method=f"{estimate.method}; Gwet's standard error over items {error:.5f} (R irrCAC)")


def _of_items(
    patterns: Patterns, weight: Floats, chance: Chance, weights: Floats | None = None
) -> tuple[Floats, Floats]:
    """Agreement within an item of each pattern, and its agreement with a label drawn from all items by weight."""
    size, counts = patterns.sizes, patterns.counts.astype(np.float64)
    mean = counts.T @ (weight * patterns.items * inverse(size)) / float(weight @ patterns.items)
    if weights is not None and chance is FLEISS:
        mean = weights @ mean
    expected = chance.constant + chance.slope * (counts @ mean) * inverse(size)
    agreeing = row_squares(counts) if weights is None else credits_given(patterns, weights)[0]
    return (agreeing - size) * inverse(size * (size - 1)), np.asarray(expected)


def _error(items: Integers, observed: Floats, expected: Floats, agreement: float, by_chance: float) -> float:
    """From how far each item lies from agreement and from chance; both deviations sum to 0 over the items."""
    n, room = int(items.sum()), 1 - by_chance
    if n < 2 or room < 1e-12:
        return nan
    value = (agreement - by_chance) / room
    deviation = (observed - 2 * (1 - value) * expected) / room
    return sqrt(float(items @ deviation**2) / (n * (n - 1)))
