"""Who says one label where others say another, and not the other way round."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from scipy.special import betainc

from qc.model import Estimate
from qc.stats.intervals import wilson_bounds
from qc.stats.multiple import benjamini_hochberg
from qc.stats.patterns import Integers, Patterns

LEVEL: Final = 0.95
FEWEST: Final = 6
"""Items between two labels below which no direction could show (all six of six: p = 0.03)."""


@dataclass(frozen=True, slots=True)
class Leaning:
    """One annotator and two labels that part this person from others of the same items.

    On `n` items the annotator said `says` and another person `others_say`, on `mirror` items it was the other way
    round. `share` = n / (n + mirror) is 0.5 without a direction; `q` is the false discovery rate, over everybody and
    all pairs of labels, at which it differs from that. Labels are codes.
    """

    annotator: Any
    says: int
    others_say: int
    n: int
    mirror: int
    share: Estimate
    q: float


def leanings(patterns: Patterns, most: int) -> tuple[Leaning, ...]:
    """The directions in which annotators part from others, the clearest first, at most `most`.

    Wilson's interval and the exact sign test over items (McNemar 1947), then Benjamini & Hochberg 1995: people who are
    alike err in both directions equally often, whichever label is right.
    """
    return tuple(found for _, found in leanings_of([patterns], most))


def leanings_of(several: Sequence[Patterns], most: int) -> tuple[tuple[int, Leaning], ...]:
    """The same over several questions to the same people (which one, and the leaning), at one false discovery rate."""
    shared = [patterns.pairable() for patterns in several]
    directions = [_directions(patterns) if len(patterns.items) else np.zeros((3, 0), np.int64) for patterns in shared]
    which = np.repeat(np.arange(len(shared)), [len(each[0]) for each in directions])
    key, lower_said, total = np.concatenate([np.zeros((3, 0), np.int64), *directions], axis=1)
    tested = total >= FEWEST
    which, key, lower_said, total = which[tested], key[tested], lower_said[tested], total[tested]
    n = np.maximum(lower_said, total - lower_said)
    # P(X ≥ n) of total fair coins.
    q = benjamini_hochberg(np.minimum(2 * betainc(n, total - n + 1, 0.5), 1.0))
    share = n / total
    low, high = wilson_bounds(share, total, LEVEL)
    found = []
    for place in np.lexsort((key, which, -n, q.round(12)))[:most].tolist():
        of = shared[which[place]]
        who, pair = divmod(int(key[place]), len(of.labels) ** 2)
        labels = divmod(pair, len(of.labels))
        says, others = labels if 2 * lower_said[place] >= total[place] else labels[::-1]
        estimate = Estimate(
            float(share[place]),
            float(low[place]),
            float(high[place]),
            int(total[place]),
            "items",
            f"Wilson, {LEVEL * 100:g} %",
        )
        leaning = Leaning(
            of.annotators[who],
            int(of.labels[says]),
            int(of.labels[others]),
            int(n[place]),
            int(total[place] - n[place]),
            estimate,
            float(q[place]),
        )
        found.append((int(which[place]), leaning))
    return tuple(found)


def _directions(patterns: Patterns) -> tuple[Integers, Integers, Integers]:
    """Of each annotator and two labels (one key): items on which the annotator said the lower one, and items in all."""
    counts = patterns.counts
    width = len(patterns.labels)
    cells = np.diff(counts.indptr)[patterns.pattern]
    vote = np.repeat(np.arange(len(patterns.pattern)), cells)
    at = np.arange(len(vote)) - np.repeat(np.cumsum(cells) - cells, cells) + counts.indptr[patterns.pattern][vote]
    said, other = patterns.code[vote], counts.indices[at].astype(np.int64)
    apart = said != other
    vote, said, other = vote[apart], said[apart], other[apart]
    key = (patterns.annotator[vote] * width + np.minimum(said, other)) * width + np.maximum(said, other)
    found, place = np.unique(key, return_inverse=True)
    items = patterns.votes[vote]
    lower_said = np.bincount(place, items * (said < other), len(found))
    return found, lower_said.astype(np.int64), np.bincount(place, items, len(found)).astype(np.int64)
