"""The items that people agree on least."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qc.stats.agreement import Ratings
from qc.stats.agreement.within import pairs_within


@dataclass(frozen=True, eq=False, slots=True)
class Hard:
    """An item, the share of pairs of its answers that are equal, and who gave which label (code)."""

    item: Any
    agreement: float
    annotators: NDArray[Any]
    codes: NDArray[np.int64]


def hardest(ratings: Ratings, most: int, on_scale: bool) -> tuple[Hard, ...]:
    """At most `most` items that people do not agree on, the hardest first.

    On a scale those whose answers lie farthest apart come first, then those of which fewest pairs agree, then those
    with most answers.
    """
    if not len(ratings.item):
        return ()
    items = len(ratings.items)
    equal = np.zeros(items)
    for first, second in pairs_within(ratings.item):
        equal += np.bincount(ratings.item[first], ratings.code[first] == ratings.code[second], items)
    size = np.bincount(ratings.item, minlength=items)
    pairs = size * (size - 1) // 2
    differ = np.flatnonzero(equal < pairs)
    share = equal[differ] / pairs[differ]
    starts = np.searchsorted(ratings.item, np.arange(items + 1))
    apart = np.zeros(len(differ))
    if on_scale:
        places = ratings.values[ratings.code]
        apart = (np.maximum.reduceat(places, starts[:-1]) - np.minimum.reduceat(places, starts[:-1]))[differ]
    order = np.lexsort((differ, -size[differ], share.round(9), -apart))[:most]
    return tuple(
        Hard(
            ratings.items[differ[place]],
            float(share[place]),
            ratings.annotators[ratings.annotator[starts[differ[place]] : starts[differ[place] + 1]]],
            ratings.code[starts[differ[place]] : starts[differ[place] + 1]],
        )
        for place in order.tolist()
    )
