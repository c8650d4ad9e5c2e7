"""Sets of key points: object keypoint similarity (OKS) as COCO defines it."""

from __future__ import annotations

from dataclasses import dataclass
from math import log, sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qc.stats.objects import boxes
from qc.stats.objects.pairs import portions, within
from qc.stats.patterns import Floats, Integers

COCO_SIGMAS: Final = np.array(
    [
        0.026,
        0.025,
        0.025,
        0.035,
        0.035,
        0.079,
        0.079,
        0.072,
        0.072,
        0.062,
        0.062,
        0.107,
        0.107,
        0.087,
        0.087,
        0.089,
        0.089,
    ]
)
"""How far people place each of COCO's seventeen points of a body, as shares of the size of the body."""
OTHER_SIGMA: Final = float(COCO_SIGMAS.mean())
"""For any other set of points: the mean of COCO's."""
PICTURE: Final = (640, 480)
"""What a picture whose size is not known is taken to measure: as most of COCO's."""
TOLERANCE: Final = 2 * OTHER_SIGMA * sqrt(2 * log(2))
"""How far two single points may lie apart to be alike by half, as a share of the root of their area."""
REACH: Final = 0.6
"""Sets farther apart than this, in sizes of the larger, are NEAR in no case: exp(-REACH² / 8 σ²) is below 0.1."""


@dataclass(frozen=True, eq=False, slots=True)
class Keypoints:
    """Sets of key points, one after the other: points (n x 2) and which of them are labelled (n).

    Set k is first[k] to first[k + 1]. `area` is that of each object where it is known, else as `sizes` has it. Points
    of two sets answer to each other by their place.
    """

    points: Floats
    labelled: NDArray[np.bool_]
    first: Integers
    area: Floats

    def similarity(self, i: Integers, j: Integers) -> Floats:
        """The mean of OKS with i and with j as the truth, since neither is."""
        return (self.oks(i, j) + self.oks(j, i)) / 2

    def oks(self, truth: Integers, other: Integers) -> Floats:
        """Σ exp(-d² / (2 s² (2σ)²)) over the points labelled in the truth, over their number; 0 without any.

        s² is the area of the truth. A point that is not labelled in the other set counts 0. Source: COCO keypoint
        evaluation, Lin et al. 2014.
        """
        sizes = np.diff(self.first)
        found = np.zeros(len(truth))
        for start, stop in portions(np.minimum(sizes[truth], sizes[other])):
            one, two = truth[start:stop], other[start:stop]
            times = np.minimum(sizes[one], sizes[two])
            pair, place = np.repeat(np.arange(len(one)), times), within(times)
            a, b = self.first[one][pair] + place, self.first[two][pair] + place
            squares = ((self.points[a] - self.points[b]) ** 2).sum(axis=1)
            spread = 2 * self.area[one][pair] * (2 * _sigma(place, sizes[one][pair])) ** 2
            apart = np.divide(squares, spread, out=np.full(len(squares), np.inf), where=spread > 0)
            alike = np.where(squares > 0, np.exp(-apart), 1.0)
            found[start:stop] = np.bincount(pair, alike * (self.labelled[a] & self.labelled[b]), len(one))
        return np.asarray(found / np.maximum(_sums(self.labelled, self.first)[truth], 1))

    @property
    def single(self) -> NDArray[np.bool_]:
        """Which of the sets are one point: those without an extent."""
        box = _around(self.points, self.labelled, self.first)
        return np.asarray((box[:, :2] == box[:, 2:]).all(axis=1))

    @property
    def bounds(self) -> Floats:
        """The box around the labelled points, wider by REACH sizes of the object; not finite without any."""
        box = _around(self.points, self.labelled, self.first)
        reach = REACH * np.sqrt(self.area)[:, None]
        return np.concatenate([box[:, :2] - reach, box[:, 2:] + reach], axis=1)


def sizes(points: Floats, labelled: NDArray[np.bool_], first: Integers, picture: Floats) -> Floats:
    """The area of each set: of the box around its labelled points, at least a tenth of its longer side squared.

    A single point has no extent: it has a hundredth of the area of its `picture`, of PICTURE where that is NaN.
    """
    box = _around(points, labelled, first)
    wide, high = box[:, 2] - box[:, 0], box[:, 3] - box[:, 1]
    longer = np.maximum(wide, high)
    area = np.maximum(wide * high, longer**2 / 10)
    return np.where(longer > 0, area, np.where(picture > 0, picture, PICTURE[0] * PICTURE[1]) / 100)


def tolerance(bounds: Floats) -> Floats:
    """How far another point may lie from single points with these bounds (n x 4) to be matched, in pixels."""
    return np.asarray(TOLERANCE * (bounds[:, 2] - bounds[:, 0]) / (2 * REACH))


def _sigma(place: Integers, size: Integers) -> Floats:
    """COCO's for the points of sets of seventeen, else OTHER_SIGMA."""
    bodies = COCO_SIGMAS[np.minimum(place, len(COCO_SIGMAS) - 1)]
    return np.where(size == len(COCO_SIGMAS), bodies, OTHER_SIGMA)


def _around(points: Floats, labelled: NDArray[np.bool_], first: Integers) -> Floats:
    """The box around the labelled points of each set."""
    begin = np.concatenate([[0], np.cumsum(_sums(labelled, first))])
    return boxes.around(points[labelled], begin[:-1], begin[1:])


def _sums(counted: NDArray[np.bool_], first: Integers) -> Integers:
    return np.diff(np.concatenate([[0], np.cumsum(counted)])[first])
