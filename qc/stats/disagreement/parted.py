"""Why raw agreement and agreement beyond chance part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from qc.stats.agreement import Influence
from qc.stats.patterns import Floats, Integers, Patterns

UNUSED: Final = "unused label"
PERSON: Final = "one annotator"
PREVALENT: Final = "one label"
FAR: Final = "far apart"

HIGH_RAW: Final = 0.8
PARTED: Final = 0.3
"""Raw agreement of at least HIGH_RAW that lies this far above alpha calls for a word."""

FEWEST: Final = 5
MOSTLY: Final = 2 / 3
TRIED: Final = 20
"""Labels, by how often they are given, that somebody may never use."""


@dataclass(frozen=True, slots=True)
class Parted:
    """The cause: UNUSED (`annotator` never gives `label`, which others give on `items` of the same items, and takes
    part in `share` of the disagreement on it), PERSON (alpha without `annotator` is `share`), PREVALENT (`label` makes
    up `share` of the answers) or FAR (no label does: the few who disagree lie far apart on the scale). `label` is a
    code.
    """

    cause: str
    share: float
    label: int | None = None
    annotator: Any = None
    items: int = 0


def parted(
    patterns: Patterns, percent: float | None, alpha: float | None, influence: tuple[Influence, ...] = ()
) -> Parted | None:
    """The cause that the data show, or None where raw agreement is low, or alpha near it or undefined.

    With most answers on one label chance agreement is high, and whoever never gives a rare label agrees with the
    others by chance only (Feinstein & Cicchetti 1990).
    """
    if percent is None or alpha is None or percent < HIGH_RAW or percent - alpha < PARTED:
        return None
    shared = patterns.pairable()
    given = np.asarray(shared.counts.T @ shared.items, dtype=np.float64)
    most = int(np.argmax(given))
    if found := _unused(shared, np.argsort(-given, kind="stable")[1:TRIED]):
        return found
    for one in influence:
        if one.alpha_without is not None and one.alpha_without - alpha >= (percent - alpha) / 2:
            return Parted(PERSON, one.alpha_without, annotator=one.annotator, items=one.ratings)
    share = float(given[most] / given.sum())
    if share >= 0.5:
        return Parted(PREVALENT, share, int(shared.labels[most]), items=int(shared.items.sum()))
    return Parted(FAR, 1 - percent, items=int(shared.items.sum()))


def _unused(patterns: Patterns, labels: Integers) -> Parted | None:
    """Who never gives a label and takes part in most of the disagreement on it; the label most often missed so."""
    counts = patterns.counts.tocsc()
    found = []
    for label in labels.tolist():
        column = _column(counts, label)
        if not column.any():
            continue
        mine = patterns.code == label
        others = column[patterns.pattern] - mine
        people = len(patterns.annotators)
        uses = np.bincount(patterns.annotator[mine], patterns.votes[mine], people)
        missed = np.bincount(patterns.annotator, patterns.votes * (others > 0), people)
        parts = np.bincount(patterns.annotator, patterns.votes * np.where(mine, 0, others), people)
        apart = float(patterns.items @ (column * (patterns.sizes - column)))
        for who in np.flatnonzero((uses == 0) & (missed >= FEWEST) & (parts >= MOSTLY * apart)).tolist():
            found.append((float(missed[who]), label, who, float(parts[who]) / apart))
    if not found:
        return None
    items, label, who, share = max(found, key=lambda one: (one[0], -one[1], -one[2]))
    return Parted(UNUSED, share, int(patterns.labels[label]), patterns.annotators[who], round(items))


def _column(columns: Any, code: int) -> Floats:
    return np.asarray(columns[:, [code]].todense(), dtype=np.float64).reshape(-1)
