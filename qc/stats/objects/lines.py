"""Lines through points: how far they are apart on average, in shares of their length.

The distance is the mean of the way from points spread evenly along each line to the nearest place of the other
(Chamfer distance), both ways. Unlike Fréchet's or Hausdorff's it does not hang on one vertex, and it does not depend
on the direction in which a line was drawn nor on how many points were set.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from qc.stats.patterns import Floats, Integers

PLACES: Final = 24
"""Points at which the distance is taken along each line."""
APART: Final = 0.1
"""Lines that are on average this share of the longer one's length apart have a similarity of 0."""
_PART: Final = 20_000


@dataclass(frozen=True, eq=False, slots=True)
class Lines:
    """Lines as shapely geometries (n)."""

    lines: NDArray[Any]

    def similarity(self, i: Integers, j: Integers) -> Floats:
        """1 - distance / (APART · length of the longer), at least 0: 0.5 where lines are 5 % of their length apart."""
        parts = [self._similarity(i[k : k + _PART], j[k : k + _PART]) for k in range(0, len(i), _PART)]
        return np.concatenate([np.zeros(0), *parts])

    @property
    def bounds(self) -> Floats:
        """The box around each line, wider by as much as similar lines can be apart."""
        reach = APART * shapely.length(self.lines)[:, None]
        box = shapely.bounds(self.lines)
        return np.concatenate([box[:, :2] - reach, box[:, 2:] + reach], axis=1)

    def _similarity(self, i: Integers, j: Integers) -> Floats:
        one, other = self.lines[i], self.lines[j]
        longer = np.maximum(shapely.length(one), shapely.length(other))
        apart = (_mean_way(one, other) + _mean_way(other, one)) / 2
        share = np.divide(apart, APART * longer, out=np.ones(len(i)), where=longer > 0)
        return np.asarray(np.maximum(1 - share, 0.0))


def _mean_way(one: NDArray[Any], other: NDArray[Any]) -> Floats:
    """The mean distance to each second line from the middles of PLACES equal parts of the first."""
    along = (np.arange(PLACES) + 0.5) / PLACES
    places = shapely.line_interpolate_point(one[:, None], along, normalized=True)
    return np.asarray(shapely.distance(places, other[:, None]).mean(axis=1))


def lines(points: Floats, line: Integers, count: int) -> NDArray[Any]:
    """Lines through points (n x 2) with the number of their line, in order; one point makes a line without length."""
    times = np.bincount(line, minlength=count)
    first = points[np.cumsum(times) - times]
    index = np.concatenate([line, np.arange(count)])
    # The first point stands twice, so that every line has two.
    order = np.argsort(np.concatenate([2 * line + 1, 2 * np.arange(count)]), kind="stable")
    return np.asarray(shapely.linestrings(np.concatenate([points, first])[order], indices=index[order]))
