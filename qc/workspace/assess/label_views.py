"""The labels of a question as people are compared on them: all together, or of sets one at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from qc.judge import SEPARATOR
from qc.stats.agreement import Agreement
from qc.stats.disagreement import HOLDS, Leaning, held, held_agreement, leanings_of
from qc.stats.patterns import Patterns
from qc.workspace.assess.asked import AMOUNTS, Asked
from qc.workspace.assess.compared import coded_rows
from qc.workspace.assess.plain import plain_object

MOST_LABELS: Final = 50
"""Labels of sets that are looked at, those given most."""
MOST_LEANING: Final = 50


@dataclass(frozen=True, eq=False, slots=True)
class View:
    """Patterns of labels, and the names behind their codes."""

    patterns: Patterns
    names: Mapping[int, str]


Leant = tuple[tuple[int, Leaning], ...]


def views(asked: Asked) -> list[View]:
    """One of all labels, for answers that are sets one of each label (given or not), none on a scale of numbers."""
    if asked.level in AMOUNTS:
        return []
    if asked.kind != "multi":
        return [View(asked.patterns, asked.labels)]
    keys = coded_rows(asked, "label_keys")
    sets = {int(code): set(key.split(SEPARATOR)) - {""} for code, key in zip(keys["code"], keys["key"], strict=True)}
    patterns = asked.patterns
    given = patterns.counts.T @ patterns.items
    times: dict[str, int] = {}
    for place, code in enumerate(patterns.labels.tolist()):
        for label in sets[code]:
            times[label] = times.get(label, 0) + int(given[place])
    chosen = sorted(times, key=lambda label: (-times[label], label))[:MOST_LABELS]
    return [
        View(
            held(patterns, np.array([label in sets[code] for code in patterns.labels.tolist()], dtype=bool)),
            {HOLDS: label, 1 - HOLDS: f"without {label}"},
        )
        for label in sorted(chosen)
    ]


def leant(seen: list[View]) -> Leant:
    """Who says one label where others say another, the clearest first: in which view, and the leaning."""
    return leanings_of([view.patterns for view in seen], MOST_LEANING)


def leaning(seen: list[View], found: Leant) -> list[dict[str, Any]]:
    """The leanings with the names of their labels."""
    return [
        {
            "annotator": row.annotator,
            "says": seen[place].names[row.says],
            "others_say": seen[place].names[row.others_say],
            "n": row.n,
            "mirror": row.mirror,
            "share": row.share,
            "q": row.q,
        }
        for place, row in found
    ]


def by_label(asked: Asked, found: Agreement, seen: list[View]) -> list[dict[str, Any]]:
    """Agreement on each label; of sets with the alpha of giving it or not; none of orders, which are no labels."""
    if asked.kind == "ranking":
        return []
    if asked.kind != "multi":
        return [{**plain_object(row), "label": asked.labels[row.label]} for row in found.by_label]
    made = [(view.names[HOLDS], held_agreement(view.patterns)) for view in seen]
    return [{"label": label, **plain_object(row)} for label, row in made if row is not None]
