"""The coefficients that patterns suffice for, by name: each a function of what a jackknife or a bootstrap leaves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from qc.stats.agreement.alpha import ALPHA
from qc.stats.agreement.deletions import Deletion
from qc.stats.agreement.nominal import (
    FLEISS,
    PERCENT,
    Chance,
    brennan_prediger,
    coefficient,
    gwet,
    paired_sums,
    scott,
    sums,
)
from qc.stats.agreement.weighted import brennan_prediger_weighted, gwet_weighted, share_products, weighted_sums
from qc.stats.patterns import Floats, Patterns
from qc.stats.weights import MAX_LABELS, OF_LEVEL, WEIGHTS

Values = Callable[[Patterns, Deletion], Floats]

NAMES: Final = ("percent", "alpha", "fleiss", "scott", "ac1", "brennan_prediger")
BELOW_0: Final = "ratios are for amounts of 0 or more"
WEIGHTED: Final = ("percent_weighted", "ac2", "fleiss_weighted", "brennan_prediger_weighted")
"""Those that give credit for labels that lie near; they need a scale."""


@dataclass(frozen=True, eq=False, slots=True)
class Labels:
    """The labels that could be chosen: how many, and where labels have a scale their places on it in rising order."""

    number: int
    places: Floats
    level: str

    @classmethod
    def of(cls, patterns: Patterns, level: str, declared: int | Floats | None) -> Labels:
        """Those declared, by number or by place, and those observed.

        A number beyond the labels observed stands, on a scale, for the places 0 … declared - 1 if all that were
        observed are among them; else only observed places are known.
        """
        seen = np.unique(patterns.values[np.unique(patterns.counts.indices)])
        if declared is None:
            return cls(len(seen), seen, level)
        if not isinstance(declared, int):
            places = np.union1d(seen, np.asarray(declared, dtype=np.float64))
            return cls(len(places), places, level)
        known = np.arange(declared, dtype=np.float64)
        places = known if declared > len(seen) and np.isin(seen, known).all() else seen
        return cls(max(declared, len(seen)), places, level)

    @property
    def no_weights(self) -> str | None:
        """Why no table of weights is made of labels on a scale, if so."""
        if len(self.places) > MAX_LABELS:
            return f"no weights are made for more than {MAX_LABELS:,} labels"
        return BELOW_0 if self.level == "ratio" and self.places.min(initial=0.0) < 0 else None

    @property
    def weights(self) -> Floats:
        """Credit of every two places, as the level of measurement lets differences count."""
        return WEIGHTS[OF_LEVEL[self.level]](self.places)

    def of_columns(self, patterns: Patterns) -> Floats:
        """The same for the columns of the patterns; a label that nobody gave may stand anywhere."""
        at = np.minimum(np.searchsorted(self.places, patterns.values), len(self.places) - 1)
        return np.asarray(self.weights[np.ix_(at, at)])


def plain_chances(labels: Labels) -> Mapping[str, Chance]:
    """Chance in the coefficients that take labels for names and let items with one label inform it."""
    return {"fleiss": FLEISS, "ac1": gwet(labels.number), "brennan_prediger": brennan_prediger(labels.number)}


def statistic(name: str, labels: Labels) -> Values:
    """A coefficient of NAMES, or of WEIGHTED if they have weights; alpha and Scott expect pairable patterns."""
    if name == "alpha":
        return ALPHA[labels.level]
    if name == "scott":
        return lambda patterns, deletion: scott(paired_sums(patterns, deletion))
    if name not in WEIGHTED:
        plain = PERCENT if name == "percent" else plain_chances(labels)[name]
        return lambda patterns, deletion: coefficient(plain, sums(patterns, deletion))
    if name == "fleiss_weighted":
        return lambda patterns, deletion: _fleiss_weighted(patterns, deletion, labels.of_columns(patterns))
    chance = chance_weighted(name, labels)
    return lambda patterns, deletion: coefficient(
        chance, weighted_sums(patterns, deletion, labels.of_columns(patterns))
    )


def needs_pairs(name: str) -> bool:
    """Whether items with one label are left out from the start, so that they do not inform chance."""
    return name in ("alpha", "scott")


def chance_weighted(name: str, labels: Labels) -> Chance:
    """Chance in a coefficient of WEIGHTED; for Fleiss' the slope multiplies Σ w_kl π_k π_l."""
    if name == "ac2":
        return gwet_weighted(labels.weights)
    if name == "brennan_prediger_weighted":
        return brennan_prediger_weighted(labels.weights)
    return FLEISS if name == "fleiss_weighted" else PERCENT


def _fleiss_weighted(patterns: Patterns, deletion: Deletion, weights: Floats) -> Floats:
    of = weighted_sums(patterns, deletion, weights)
    return coefficient(FLEISS, replace(of, share_squares=share_products(patterns, deletion, weights)))
