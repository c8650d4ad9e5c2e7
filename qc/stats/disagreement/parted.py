"""Why raw agreement and agreement beyond chance part."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from qc.stats.agreement import Influence
from qc.stats.disagreement.leaning import Leaning
from qc.stats.patterns import Floats, Integers, Patterns

UNUSED: Final = "unused label"
PERSON: Final = "one annotator"
PREVALENT: Final = "one label"
FAR: Final = "far apart"
LEANING: Final = "leaning"

HIGH_RAW: Final = 0.8
PARTED: Final = 0.3
"""Raw agreement of at least HIGH_RAW that lies this far above alpha calls for a word."""

CERTAIN: Final = 0.05
FEWEST_CHANCES: Final = 30
"""A leaning is beyond doubt up to this false discovery rate, of somebody who shares so many items with others."""

FEWEST: Final = 5
MOSTLY: Final = 2 / 3
CLEARLY: Final = 1.5
TRIED: Final = 20
"""Labels, by how often they are given, that somebody may never use."""


@dataclass(frozen=True, slots=True)
class Parted:
    """The cause: UNUSED (`annotator` never gives `label`, which others give on `items` of the same items, and takes
    part in `share` of the disagreement on it), PERSON (alpha without `annotator` is `share`), PREVALENT (`label` makes
    up `share` of the answers), FAR (no label does: the few who disagree lie far apart on the scale) or LEANING (on
    `share` of `items` that two labels part `annotator` from others on, it is `says` of this person against `label` of
    the others). `label` and `says` are codes.
    """

    cause: str
    share: float
    label: int | None = None
    annotator: Any = None
    items: int = 0
    says: int | None = None


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


def certain(several: Sequence[Patterns], found: Iterable[tuple[int, Leaning]]) -> tuple[int, Parted] | None:
    """The first of the `leanings_of` some patterns that is beyond doubt: a label never given (UNUSED), or LEANING.

    Beyond doubt: at most CERTAIN, by somebody with FEWEST_CHANCES shared items; a label must be given by half of the
    others. As others seem to lean away from whoever leans, LEANING also has to be at least MOSTLY in one direction, in
    CLEARLY more pairs of answers, net of those the other way round, than anybody else has.
    """
    for place, one in found:
        if one.q > CERTAIN:
            break
        shared = several[place].pairable()
        who, label = (
            int(np.flatnonzero(names == name)[0])
            for names, name in ((shared.annotators, one.annotator), (shared.labels, one.others_say))
        )
        if shared.votes[shared.annotator == who].sum() < FEWEST_CHANCES:
            continue
        use = _use(shared, shared.counts.tocsc(), label)
        if use.uses[who] == 0 and 2 * np.count_nonzero(use.uses) >= len(use.uses) - 1:
            share, items = float(use.parts[who]) / use.apart, round(float(use.missed[who]))
            return place, Parted(UNUSED, share, one.others_say, one.annotator, items)
        net = np.abs(_net(shared, shared.labels.tolist().index(one.says), label))
        if (one.share.low or 0.0) >= MOSTLY and net[who] >= CLEARLY * np.delete(net, who).max(initial=0):
            share = one.n / (one.n + one.mirror)
            return place, Parted(LEANING, share, one.others_say, one.annotator, one.n + one.mirror, one.says)
    return None


def _net(patterns: Patterns, says: int, others_say: int) -> Floats:
    """By annotator: pairs of answers in which this one says `says` against `others_say`, less the other way round."""
    counts = patterns.counts.tocsc()
    one, other = _column(counts, says)[patterns.pattern], _column(counts, others_say)[patterns.pattern]
    against = np.where(patterns.code == says, other, 0.0) - np.where(patterns.code == others_say, one, 0.0)
    return np.bincount(patterns.annotator, patterns.votes * against, len(patterns.annotators)).astype(np.float64)


@dataclass(frozen=True, eq=False, slots=True)
class _Use:
    """By annotator: how often a label is given, on how many items others give it, and in how many pairs that differ
    on it the person takes part, of `apart`.
    """

    uses: Floats
    missed: Floats
    parts: Floats
    apart: float


def _use(patterns: Patterns, counts: Any, label: int) -> _Use:
    column = _column(counts, label)
    mine = patterns.code == label
    others = column[patterns.pattern] - mine
    people = len(patterns.annotators)
    return _Use(
        np.bincount(patterns.annotator[mine], patterns.votes[mine], people).astype(np.float64),
        np.bincount(patterns.annotator, patterns.votes * (others > 0), people).astype(np.float64),
        np.bincount(patterns.annotator, patterns.votes * np.where(mine, 0, others), people).astype(np.float64),
        float(patterns.items @ (column * (patterns.sizes - column))),
    )


def _unused(patterns: Patterns, labels: Integers) -> Parted | None:
    """Who never gives a label and takes part in most of the disagreement on it; the label most often missed so."""
    counts = patterns.counts.tocsc()
    found = []
    for label in labels.tolist():
        use = _use(patterns, counts, label)
        never = (use.uses == 0) & (use.missed >= FEWEST) & (use.parts >= MOSTLY * use.apart)
        for who in np.flatnonzero(never).tolist():
            found.append((float(use.missed[who]), label, who, float(use.parts[who]) / use.apart))
    if not found:
        return None
    items, label, who, share = max(found, key=lambda one: (one[0], -one[1], -one[2]))
    return Parted(UNUSED, share, int(patterns.labels[label]), patterns.annotators[who], round(items))


def _column(columns: Any, code: int) -> Floats:
    return np.asarray(columns[:, [code]].todense(), dtype=np.float64).reshape(-1)
