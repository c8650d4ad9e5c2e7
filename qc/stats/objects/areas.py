"""Objects that cover an area (boxes, turned boxes, polygons, masks): intersection over union, whatever two meet."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from qc.stats.objects import boxes
from qc.stats.objects.masks import Masks
from qc.stats.objects.pairs import NEAR
from qc.stats.patterns import Floats, Integers

_PART: Final = 20_000
_THREADS: Final = 2


@dataclass(frozen=True, eq=False, slots=True)
class Areas:
    """Objects by place: an upright box where `upright`, the mask `mask` where that is not -1, else its outline.

    `bounds` (n x 4) are those of the object; `outlines` are shapely geometries, None where there is a better form.
    """

    bounds: Floats
    upright: NDArray[np.bool_]
    mask: Integers
    masks: Masks
    outlines: NDArray[Any]

    def similarity(self, i: Integers, j: Integers) -> Floats:
        """Intersection over union; 0 for two without area."""
        found = np.zeros(len(i))
        plain = self.upright[i] & self.upright[j]
        found[plain] = boxes.overlap(self.bounds[i[plain]], self.bounds[j[plain]])
        masked = (self.mask[i] >= 0) & (self.mask[j] >= 0) & self._one_size(i, j)
        found[masked] = self._of_masks(self.mask[i[masked]], self.mask[j[masked]])
        rest = np.flatnonzero(~plain & ~masked)
        if len(rest):
            found[rest] = self._of_outlines(i[rest], j[rest])
        return found

    def _one_size(self, i: Integers, j: Integers) -> NDArray[np.bool_]:
        high, wide = self.masks.height, self.masks.width
        if not len(high):
            return np.zeros(len(i), dtype=bool)
        a, b = self.mask[i], self.mask[j]
        return np.asarray((high[a] == high[b]) & (wide[a] == wide[b]))

    def _of_masks(self, i: Integers, j: Integers) -> Floats:
        shared = self.masks.shared(i, j).astype(np.float64)
        area = self.masks.area
        return boxes.ratio(shared, area[i] + area[j] - shared)

    def _of_outlines(self, i: Integers, j: Integers) -> Floats:
        used, place = np.unique(np.concatenate([i, j]), return_inverse=True)
        shapes = self.outlines[used]
        for at in np.flatnonzero(shapely.is_missing(shapes)).tolist():
            one = used[at]
            shapes[at] = self.masks.outline(self.mask[one]) if self.mask[one] >= 0 else shapely.box(*self.bounds[one])
        area = shapely.area(shapes)
        a, b = place[: len(i)], place[len(i) :]
        # The bounds say how much two can share at most, and most pairs go no further.
        wide = np.minimum(self.bounds[i, 2], self.bounds[j, 2]) - np.maximum(self.bounds[i, 0], self.bounds[j, 0])
        high = np.minimum(self.bounds[i, 3], self.bounds[j, 3]) - np.maximum(self.bounds[i, 1], self.bounds[j, 1])
        most = np.minimum(np.minimum(area[a], area[b]), np.maximum(wide, 0) * np.maximum(high, 0))
        may = np.flatnonzero(most >= NEAR * np.maximum(area[a], area[b]))
        shared = np.zeros(len(i))
        shared[may] = _shared(shapes, a[may], b[may])
        return boxes.ratio(shared, area[a] + area[b] - shared)


def outlines(points: Floats, ring: Integers, owner: Integers, hole: NDArray[np.bool_], objects: int) -> NDArray[Any]:
    """The polygon of each object: its rings joined, less those that are holes; a crossing outline keeps both sides.

    points (n x 2) with the `ring` of each in order; owner, hole: of each ring. None for objects without a ring.
    """
    found = np.full(objects, None, dtype=object)
    if not len(owner):
        return found
    times = np.bincount(ring, minlength=len(owner))
    last = np.cumsum(times) - 1
    # Even a ring of two points gets the four that it needs, the last of which is the first.
    closing = np.repeat(points[last - times + 1], 2, axis=0)
    index = np.concatenate([ring, np.repeat(np.arange(len(owner)), 2)])
    order = np.argsort(index, kind="stable")
    rings = shapely.linearrings(np.concatenate([points, closing])[order], indices=index[order])
    shapes = _mended(shapely.polygons(rings))
    single = np.bincount(owner, minlength=objects)[owner] == 1
    found[owner[single]] = shapes[single]
    several = np.flatnonzero(~single)
    whole, whose = _joined(shapes, owner, several[~hole[several]])
    found[whose] = whole
    cut, whose = _joined(shapes, owner, several[hole[several]])
    found[whose] = shapely.difference(found[whose], cut)
    return found


def _joined(shapes: NDArray[Any], owner: Integers, places: Integers) -> tuple[NDArray[Any], Integers]:
    """Of some of the shapes, those of each owner as one."""
    places = places[np.argsort(owner[places], kind="stable")]
    whose, first = np.unique(owner[places], return_index=True)
    joined = np.full(len(whose), None, dtype=object)
    for at, part in enumerate(np.split(places, first[1:]) if len(whose) else ()):
        joined[at] = shapely.union_all(shapes[part])
    return joined, whose


def _mended(shapes: NDArray[Any]) -> NDArray[Any]:
    faulty = ~shapely.is_valid(shapes)
    if faulty.any():
        shapes = shapes.copy()
        shapes[faulty] = shapely.make_valid(shapes[faulty], method="structure", keep_collapsed=False)
    return shapes


def _shared(shapes: NDArray[Any], i: Integers, j: Integers) -> Floats:
    """The areas of intersections; GEOS leaves the interpreter to others, so parts run side by side."""

    def of(start: int) -> Floats:
        part = slice(start, start + _PART)
        return np.asarray(shapely.area(shapely.intersection(shapes[i[part]], shapes[j[part]])))

    with ThreadPoolExecutor(_THREADS) as pool:
        return np.concatenate([np.zeros(0), *pool.map(of, range(0, len(i), _PART))])
