"""The entry of a question whose answers are labels: equal or not, or apart on a scale."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from qc.model import Estimate, undefined
from qc.stats.agreement import agreement
from qc.stats.disagreement import moved
from qc.stats.kappa import mean_kappa, pair_kappas
from qc.stats.patterns import Patterns
from qc.workspace.assess.asked import Asked
from qc.workspace.assess.beside_models import beside_models, beside_themselves
from qc.workspace.assess.coefficients import coefficients
from qc.workspace.assess.differences import differences
from qc.workspace.assess.disagreeing import causes, confused, hardest_items, sentence
from qc.workspace.assess.label_views import by_label, leaning, leant, views
from qc.workspace.assess.lens import Lens
from qc.workspace.assess.over_time import over_time
from qc.workspace.assess.plain import plain_object
from qc.workspace.assess.splits import splits


def entry(lens: Lens, question: str, kind: str) -> dict[str, Any]:
    """Coefficients with both intervals, and where and why people disagree."""
    asked = Asked(lens, question, kind)
    parts = {**over_time(asked), "splits": splits(asked), "differences": differences(asked)}
    return whole(asked) | plain_object(parts)


def whole(asked: Asked) -> dict[str, Any]:
    """The entry without its weeks and groups."""
    found = agreement(asked.patterns, asked.level, asked.declared)
    listed = coefficients(asked, found)
    pairs, seen = asked.of("pair_votes"), views(asked)
    leanings = leant(seen)
    by, nobody = moved(asked.patterns, asked.level), undefined("shares no item with anybody", 0, "items")
    why = causes(asked, found, seen, leanings)
    return plain_object(
        {
            "question": asked.question,
            "kind": asked.kind,
            "level": asked.level,
            "percent": found.percent,
            "alpha": found.alpha,
            "alpha_items": found.alpha_items,
            "fleiss": found.fleiss,
            "ac1": found.ac1,
            "brennan_prediger": found.brennan_prediger,
            "cohen_mean": _cohen_mean(listed, pairs),
            "coefficients": listed,
            "items_used": found.items_used,
            "items_dropped": found.items_dropped,
            "sentence": sentence(asked, found, why),
            "causes": why,
            "by_label": by_label(asked, found, seen),
            "pairs": pair_kappas(pairs),
            "influence": [
                {**plain_object(row), "difference": by.get(row.annotator, nobody)} for row in found.influence
            ],
            "items_by_agreement": _items_by_agreement(asked.patterns),
            "confusions": confused(asked),
            "leanings": leaning(seen, leanings),
            "hardest": hardest_items(asked),
            "repeats": beside_themselves(asked),
            "models": beside_models(asked),
        }
    )


def _cohen_mean(listed: list[dict[str, Any]], pairs: pd.DataFrame) -> Estimate:
    """As it is listed; of too many answers for that, from the tables of pairs."""
    cohen: Estimate = next(row["team"] for row in listed if row["key"] == "cohen")
    return mean_kappa(pairs) if cohen.value is None else cohen


def _items_by_agreement(patterns: Patterns) -> list[dict[str, Any]]:
    """How many items share each degree of agreement: the share of agreeing pairs among their answers."""
    shared = patterns.pairable()
    size = shared.sizes
    agreeing = np.asarray((shared.counts.multiply(shared.counts)).sum(axis=1)).reshape(-1) - size
    share = np.round(agreeing / (size * (size - 1)), 3)
    degrees, place = np.unique(share, return_inverse=True)
    items = np.bincount(place, shared.items, len(degrees))
    return [{"agreement": float(degree), "items": int(count)} for degree, count in zip(degrees, items, strict=True)]
