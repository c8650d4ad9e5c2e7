"""The agreement of one question: coefficients, agreement on single labels, and who moves them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import isnan, nan
from typing import Any, Final

import numpy as np

from qc.model import Estimate, undefined
from qc.stats.agreement.alpha import ALPHA, MAX_SCALE
from qc.stats.agreement.jackknife import (
    Ground,
    Jackknife,
    Replicated,
    effective_number,
    items_estimate,
    replicated,
    team_estimate,
)
from qc.stats.agreement.labels import LabelAgreement, by_label
from qc.stats.agreement.linearised import alpha_standard_error, standard_error, stated
from qc.stats.agreement.nominal import FLEISS, PERCENT, Chance, Sums, brennan_prediger, coefficient, gwet, sums
from qc.stats.patterns import Floats, Patterns

FEW_ITEMS: Final = 50
FEW_RATINGS: Final = 5


@dataclass(frozen=True, slots=True)
class Influence:
    """Alpha without one annotator, who gave `ratings` labels on shared items; None where it is then undefined."""

    annotator: Any
    ratings: int
    alpha_without: float | None


@dataclass(frozen=True, slots=True)
class Agreement:
    """How well the annotators of one question agree.

    Plain names carry the interval for such a team (items and annotators both a sample), names with `_items` that for
    these annotators; their `method` also states Gwet's standard error (of alpha where labels are nominal), which other
    packages print. `items_used` have two labels or more, `items_dropped` one. `influence` is sorted by alpha without
    the annotator, so that who lowers it most stands first.
    """

    level: str
    percent: Estimate
    alpha: Estimate
    fleiss: Estimate
    ac1: Estimate
    brennan_prediger: Estimate
    percent_items: Estimate
    alpha_items: Estimate
    fleiss_items: Estimate
    ac1_items: Estimate
    brennan_prediger_items: Estimate
    items_used: int
    items_dropped: int
    by_label: tuple[LabelAgreement, ...]
    influence: tuple[Influence, ...]


ONE_ITEM: Final = "only one item has two labels or more"
ONE_LABEL: Final = "only one label was given: agreement beyond chance cannot show"


def agreement(patterns: Patterns, level: str = "nominal", declared: int | None = None) -> Agreement:
    """Percent agreement, Krippendorff's alpha, Fleiss' kappa, Gwet's AC1 and Brennan–Prediger with two intervals each.

    level: of alpha, a key of ALPHA; the others take labels for names. declared: how many labels could be chosen, at
    least those observed; AC1 and Brennan–Prediger depend on it. Undefined without two annotators who share items;
    all but percent agreement are undefined for a single item, and alpha and Fleiss for a single label.
    """
    pairable = patterns.pairable()
    used = int(pairable.items.sum())
    dropped = int(patterns.items.sum()) - used
    if reason := _nothing_to_compare(patterns, pairable):
        none = undefined(reason, used, "items")
        return Agreement(level, none, none, none, none, none, none, none, none, none, none, used, dropped, (), ())

    jackknife = Jackknife.of(patterns)
    paired = jackknife if pairable is patterns else Jackknife.of(pairable)
    of_names = jackknife.each(lambda deletion: sums(patterns, deletion))
    of_alpha = paired.each(lambda deletion: ALPHA[level](pairable, deletion))
    labels = max(declared or 0, len(np.unique(patterns.counts.indices)))
    percent = replicated(jackknife, _values(PERCENT, of_names))
    percent_error = standard_error(patterns, PERCENT)
    ratings = np.bincount(pairable.annotator, pairable.votes, len(pairable.annotators)).astype(np.float64)
    ground = Ground(used, effective_number(ratings), percent.value, 1.0, 0.0, _few_items(used))

    def beyond(chance: Chance) -> Ground:
        room = 1 - float(chance.expected(of_names[0])[0])
        return replace(ground, room=room, floor=-1.0, warnings=ground.warnings + _rare_labels(pairable))

    def corrected(chance: Chance) -> tuple[Estimate, Estimate]:
        of = replicated(jackknife, _values(chance, of_names))
        return _both(of, beyond(chance), standard_error(patterns, chance), ONE_LABEL)

    # Of alpha, irrCAC's published errors are for nominal labels; its ordinal weights make another coefficient.
    error = alpha_standard_error(pairable) if level == "nominal" else nan
    alpha, alpha_items = _both(replicated(paired, of_alpha), beyond(FLEISS), error, _why_no_alpha(level, pairable))
    fleiss, fleiss_items = corrected(FLEISS)
    ac1, ac1_items = corrected(gwet(labels))
    prediger, prediger_items = corrected(brennan_prediger(labels))
    return Agreement(
        level,
        stated(team_estimate(percent, ground), percent_error),
        alpha,
        fleiss,
        ac1,
        prediger,
        stated(items_estimate(percent, ground), percent_error),
        alpha_items,
        fleiss_items,
        ac1_items,
        prediger_items,
        used,
        dropped,
        by_label(pairable, paired),
        _influence(pairable, of_alpha[-1], ratings),
    )


def _values(chance: Chance, of: tuple[Sums, Sums, Sums, Sums]) -> tuple[Floats, Floats, Floats, Floats]:
    whole, items, ratings, annotators = of
    return (
        coefficient(chance, whole),
        coefficient(chance, items),
        coefficient(chance, ratings),
        coefficient(chance, annotators),
    )


def _both(of: Replicated, ground: Ground, error: float, reason: str) -> tuple[Estimate, Estimate]:
    if ground.items < 2 or isnan(of.value):
        none = undefined(ONE_ITEM if ground.items < 2 else reason, ground.items, "items")
        return none, none
    return stated(team_estimate(of, ground), error), stated(items_estimate(of, ground), error)


def _nothing_to_compare(patterns: Patterns, pairable: Patterns) -> str | None:
    if not len(patterns.items):
        return "no answers"
    if len(patterns.annotators) < 2:
        return "only one annotator"
    return None if len(pairable.items) else "no item has labels from two annotators"


def _why_no_alpha(level: str, patterns: Patterns) -> str:
    if level == "ratio" and patterns.values.min() < 0:
        return "ratio alpha is for amounts of 0 or more"
    if level == "ratio" and len(patterns.values) > MAX_SCALE:
        return f"ratio alpha is not computed for more than {MAX_SCALE:,} distinct values"
    return ONE_LABEL


def _few_items(items: int) -> tuple[str, ...]:
    return (f"fewer than {FEW_ITEMS} items have two labels or more",) if items < FEW_ITEMS else ()


def _rare_labels(patterns: Patterns) -> tuple[str, ...]:
    given = patterns.counts.T @ patterns.items
    rare = int(np.count_nonzero((given > 0) & (given < FEW_RATINGS)))
    return (f"labels given fewer than {FEW_RATINGS} times on shared items: {rare}",) if rare else ()


def _influence(patterns: Patterns, without: Floats, ratings: Floats) -> tuple[Influence, ...]:
    order = np.argsort(-without, kind="stable")
    names = patterns.annotators[order].tolist()
    return tuple(
        Influence(name, int(given), None if isnan(alpha) else alpha)
        for name, given, alpha in zip(names, ratings[order], without[order].tolist(), strict=True)
    )
