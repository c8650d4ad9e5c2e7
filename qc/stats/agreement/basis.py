"""What the intervals of a question's coefficients have in common: its patterns, their jackknife, its ground."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import isnan, nan
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qc.stats.agreement.jackknife import (
    Both,
    Ground,
    Jackknife,
    effective_number,
    items_estimate,
    replicated,
    team_estimate,
)
from qc.stats.agreement.linearised import stated
from qc.stats.agreement.nominal import row_squares
from qc.stats.patterns import Floats, Patterns

FEW_ITEMS: Final = 50
FEW_RATINGS: Final = 5

ONE_ITEM: Final = "only one item has two labels or more"
ONE_LABEL: Final = "only one label was given: agreement beyond chance cannot show"

Replicates = tuple[Floats, Floats, Floats, Floats]
"""A coefficient of the data, and without each item, rating and annotator."""


@dataclass(frozen=True, eq=False, slots=True)
class Basis:
    """Patterns and all that is left out of them; `ground` is that of percent agreement, `ratings` (A) those shared."""

    patterns: Patterns
    jackknife: Jackknife
    ground: Ground
    ratings: Floats
    rare: tuple[str, ...]

    @classmethod
    def of(cls, patterns: Patterns) -> Basis:
        """Of patterns of which some are pairable; the ground is that of the pairable ones."""
        shared = patterns.sizes >= 2
        used = int(patterns.items[shared].sum())
        ratings = np.bincount(
            patterns.annotator, patterns.votes * shared[patterns.pattern], len(patterns.annotators)
        ).astype(np.float64)
        agreeing = row_squares(patterns.counts) - patterns.sizes
        share = np.divide(agreeing, patterns.sizes * (patterns.sizes - 1), out=np.zeros(len(shared)), where=shared)
        percent = float(patterns.items @ share) / used
        ground = Ground(used, effective_number(ratings), percent, 1.0, 0.0, few_items(used))
        return cls(patterns, Jackknife.of(patterns), ground, ratings, _rare_labels(patterns, shared))

    def percent(self, values: Replicates, error: float = nan) -> Both:
        """Agreement that is not corrected for chance."""
        of = replicated(self.jackknife, values)
        ground = replace(self.ground, agreement=of.value)
        return Both(stated(team_estimate(of, ground), error), stated(items_estimate(of, ground), error))

    def corrected(self, values: Replicates, expected: float, reason: str = ONE_LABEL, error: float = nan) -> Both:
        """A coefficient with agreement `expected` by chance; undefined for one item, and with a reason where NaN."""
        of, used = replicated(self.jackknife, values), self.ground.items
        if used < 2 or isnan(of.value):
            return Both.undefined(ONE_ITEM if used < 2 else reason, used, "items")
        warnings = self.ground.warnings + self.rare
        ground = replace(self.ground, room=max(1 - expected, 1e-12), floor=-1.0, warnings=warnings)
        return Both(stated(team_estimate(of, ground), error), stated(items_estimate(of, ground), error))


def nothing_to_compare(patterns: Patterns) -> str | None:
    """Why nobody can be compared with anybody, if so."""
    if not len(patterns.items):
        return "no answers"
    if len(patterns.annotators) < 2:
        return "only one annotator"
    return None if (patterns.sizes >= 2).any() else "no item has labels from two annotators"


def few_items(items: int) -> tuple[str, ...]:
    """The warning of an interval on few items."""
    return (f"fewer than {FEW_ITEMS} items have two labels or more",) if items < FEW_ITEMS else ()


def _rare_labels(patterns: Patterns, shared: NDArray[np.bool_]) -> tuple[str, ...]:
    given = patterns.counts.T @ np.where(shared, patterns.items, 0)
    rare = int(np.count_nonzero((given > 0) & (given < FEW_RATINGS)))
    return (f"labels given fewer than {FEW_RATINGS} times on shared items: {rare}",) if rare else ()
