"""Who says one label where others say another, and not the other way round."""

from __future__ import annotations

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
    shared = patterns.pairable()
    if not len(shared.items):
        return ()
    key, lower_said, total = _directions(shared)
    tested = total >= FEWEST
    key, lower_said, total = key[tested], lower_said[tested], total[tested]
    n = np.maximum(lower_said, total - lower_said)
    # P(X ≥ n) of total fair coins.
    q = benjamini_hochberg(np.minimum(2 * betainc(n, total - n + 1, 0.5), 1.0))
    share = n / total
    low, high = wilson_bounds(share, total, LEVEL)
    width = len(shared.labels)
    annotator, pair = np.divmod(key, width * width)
    lower, upper = np.divmod(pair, width)
    says, others = np.where(2 * lower_said >= total, (lower, upper), (upper, lower))
    return tuple(
        Leaning(
            shared.annotators[annotator[place]],
            int(shared.labels[says[place]]),
            int(shared.labels[others[place]]),
            int(n[place]),
            int(total[place] - n[place]),
            Estimate(
                float(share[place]),
                float(low[place]),
                float(high[place]),
                int(total[place]),
                "items",
                f"Wilson, {LEVEL * 100:g} %",
            ),
            float(q[place]),
        )
        for place in np.lexsort((key, -n, q.round(12)))[:most].tolist()
    )


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
