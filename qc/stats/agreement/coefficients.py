"""The agreement of one question: coefficients, agreement on single labels, and who moves them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from math import isnan, nan
from typing import Any, Final

import numpy as np

from qc.model import Estimate, undefined
from qc.stats.agreement.alpha import ALPHA, MAX_SCALE, nominal_of
from qc.stats.agreement.basis import ONE_LABEL, Basis, Replicates, nothing_to_compare
from qc.stats.agreement.by_people import agreement_of_people
from qc.stats.agreement.jackknife import Both
from qc.stats.agreement.labels import LabelAgreement, by_label
from qc.stats.agreement.linearised import alpha_standard_error, standard_error
from qc.stats.agreement.nominal import (
    PERCENT,
    Sums,
    coefficient,
    scott,
    scott_chance,
    sums,
)
from qc.stats.agreement.ratings import Ratings
from qc.stats.agreement.statistic import WEIGHTED, Labels, chance_weighted, plain_chances, statistic
from qc.stats.patterns import Floats, Patterns

MOST_AMOUNTS: Final = 20
"""Values of a measurement up to which agreement on each of them is told."""


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
    packages print. `more` holds the other coefficients that apply, by name: `scott`; on a scale those of WEIGHTED; and
    those of `agreement_of_people`, if asked for. `items_used` have two labels or more, `items_dropped` one. `by_label`
    is empty for numbers of more than MOST_AMOUNTS values. `influence` is sorted by alpha without the annotator, so that
    who lowers it most stands first.
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
    more: Mapping[str, Both]


def agreement(
    patterns: Patterns,
    level: str = "nominal",
    declared: int | Floats | None = None,
    ratings: Ratings | None = None,
) -> Agreement:
    """Percent agreement and the chance-corrected coefficients of one question, with two intervals each.

    level: of alpha, a key of ALPHA; plain names other than alpha take labels for names. declared: how many labels could
    be chosen, or their places on the scale; AC1, AC2 and Brennan–Prediger depend on it. ratings: the same answers with
    who gave them, for Conger, Cohen, ICC and Kendall's W. Undefined without two annotators who share items; all but
    percent agreement are undefined for a single item, and those whose chance is then certain for a single label.
    """
    pairable = patterns.pairable()
    used = int(pairable.items.sum())
    dropped = int(patterns.items.sum()) - used
    of_people = {} if ratings is None else agreement_of_people(ratings, level)
    if reason := nothing_to_compare(patterns):
        none = undefined(reason, used, "items")
        more = dict.fromkeys(["scott", *(WEIGHTED if level != "nominal" else ())], Both(none, none))
        return Agreement(level, *(none,) * 10, used, dropped, (), (), {**more, **of_people})

    labels = Labels.of(patterns, level, declared)
    every = Basis.of(patterns)
    shared = every if pairable is patterns else Basis.of(pairable)
    of_every = every.jackknife.each(lambda deletion: sums(patterns, deletion))
    of_shared = of_every if shared is every else shared.jackknife.each(lambda deletion: sums(pairable, deletion))

    percent = every.percent(_each(partial(coefficient, PERCENT), of_every), standard_error(patterns, PERCENT))
    plain = {}
    for name, chance in plain_chances(labels).items():
        values = _each(partial(coefficient, chance), of_every)
        expected = float(chance.expected(of_every[0])[0])
        plain[name] = every.corrected(values, expected, error=standard_error(patterns, chance))

    expected = float(scott_chance(of_shared[0])[0])
    more = {"scott": shared.corrected(_each(scott, of_shared), expected)}
    if level == "nominal":
        of_alpha = _each(nominal_of, of_shared)
    else:
        of_alpha = shared.jackknife.each(lambda deletion: ALPHA[level](pairable, deletion))
        more |= _weighted(every if _of_names(level) else replace(every, rare=()), labels)
    # Of alpha, irrCAC's published errors are for nominal labels; its ordinal weights make another coefficient.
    error = alpha_standard_error(pairable) if level == "nominal" else nan
    # Of amounts most values are rare, and near ones stand for each other.
    counted = shared if _of_names(level) else replace(shared, rare=())
    alpha = counted.corrected(of_alpha, expected, _why_no_alpha(level, pairable), error)
    return Agreement(
        level,
        percent.team,
        alpha.team,
        plain["fleiss"].team,
        plain["ac1"].team,
        plain["brennan_prediger"].team,
        percent.items,
        alpha.items,
        plain["fleiss"].items,
        plain["ac1"].items,
        plain["brennan_prediger"].items,
        used,
        dropped,
        by_label(pairable, shared.jackknife) if _named(level, pairable) else (),
        _influence(pairable, of_alpha[-1], shared.ratings),
        {**more, **of_people},
    )


def krippendorff(patterns: Patterns, level: str = "nominal") -> Both:
    """Alpha alone, as in `agreement` but for Gwet's standard error."""
    if reason := nothing_to_compare(patterns):
        return Both.undefined(reason, 0, "items")
    shared = Basis.of(patterns.pairable())
    values = shared.jackknife.each(lambda deletion: ALPHA[level](shared.patterns, deletion))
    given = shared.patterns.counts.T @ shared.patterns.items
    expected = float(given @ given) / float(given.sum()) ** 2
    return shared.corrected(values, expected, _why_no_alpha(level, shared.patterns))


def _weighted(basis: Basis, labels: Labels) -> dict[str, Both]:
    """The coefficients of WEIGHTED."""
    if reason := labels.no_weights:
        return dict.fromkeys(WEIGHTED, Both.undefined(reason, basis.ground.items, "items"))
    patterns, weights = basis.patterns, labels.of_columns(basis.patterns)
    found: dict[str, Both] = {}
    for name in WEIGHTED:
        values = basis.jackknife.each(partial(statistic(name, labels), patterns))
        error = standard_error(patterns, chance_weighted(name, labels), weights)
        if name == "percent_weighted":
            percent = float(values[0][0])
            found[name] = basis.percent(values, error)
        else:
            value = float(values[0][0])
            expected = (percent - value) / (1 - value) if value < 1 else 0.0
            found[name] = basis.corrected(values, expected, error=error)
    return found


def _each(formula: Callable[[Sums], Floats], of: tuple[Sums, Sums, Sums, Sums]) -> Replicates:
    whole, items, ratings, annotators = of
    return formula(whole), formula(items), formula(ratings), formula(annotators)


def _named(level: str, patterns: Patterns) -> bool:
    """Whether single labels mean something: not the many values of a measurement."""
    return _of_names(level) or len(patterns.values) <= MOST_AMOUNTS


def _of_names(level: str) -> bool:
    return level in ("nominal", "ordinal")


def _why_no_alpha(level: str, patterns: Patterns) -> str:
    if level == "ratio" and patterns.values.min() < 0:
        return "ratio alpha is for amounts of 0 or more"
    if level == "ratio" and len(patterns.values) > MAX_SCALE:
        return f"ratio alpha is not computed for more than {MAX_SCALE:,} distinct values"
    return ONE_LABEL


def _influence(patterns: Patterns, without: Floats, ratings: Floats) -> tuple[Influence, ...]:
    order = np.argsort(-without, kind="stable")
    names = patterns.annotators[order].tolist()
    return tuple(
        Influence(name, int(given), None if isnan(alpha) else alpha)
        for name, given, alpha in zip(names, ratings[order], without[order].tolist(), strict=True)
    )
