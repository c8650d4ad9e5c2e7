"""Sets of key points: object keypoint similarity (OKS) as COCO defines it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

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
REACH: Final = 0.6
"""Sets farther apart than this, in sizes of the larger, are NEAR in no case: exp(-REACH² / 8 σ²) is below 0.1."""


@dataclass(frozen=True, eq=False, slots=True)
class Keypoints:
    """Sets of key points in the same order: points (n x k x 2), which of them are labelled (n x k), area (n).

    The area is that of the object, where it is known, else of the box around its labelled points.
    """

    points: Floats
    labelled: NDArray[np.bool_]
    area: Floats

    def similarity(self, i: Integers, j: Integers) -> Floats:
        """The mean of OKS with i and with j as the truth, since neither is."""
        sigmas = sigmas_of(self.points.shape[1])
        one, other = ((self.points[k], self.labelled[k], self.area[k]) for k in (i, j))
        return (oks(*one, *other[:2], sigmas) + oks(*other, *one[:2], sigmas)) / 2

    @property
    def bounds(self) -> Floats:
        """The box around the labelled points, wider by REACH sizes of the object; not finite without any."""
        box = _around(self.points, self.labelled)
        reach = REACH * np.sqrt(self.area)[:, None]
        return np.concatenate([box[:, :2] - reach, box[:, 2:] + reach], axis=1)


def oks(
    truth: Floats, labelled: NDArray[Any], area: Floats, points: Floats, given: NDArray[Any], sigmas: Floats
) -> Floats:
    """Σ exp(-d² / (2 s² (2σ)²)) over the points that are labelled in the truth, over their number; 0 without any.

    truth, points: n x k x 2; labelled, given: n x k; area: s² of the truth. A point that is not given counts 0.
    Source: COCO keypoint evaluation, Lin et al. 2014.

    >>> square = np.array([[[0.0, 0.0], [10.0, 0.0], [10.0, 10.0], [0.0, 10.0]]])
    >>> both = np.ones((1, 4), dtype=bool)
    >>> float(oks(square, both, np.array([100.0]), square, both, np.full(4, 0.05))[0])
    1.0
    """
    squares = ((truth - points) ** 2).sum(axis=2)
    spread = 2 * area[:, None] * (2 * sigmas) ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        alike = np.where(squares > 0, np.exp(-squares / spread), 1.0)
    found = np.where(labelled & given, alike, 0.0).sum(axis=1)
    return np.asarray(found / np.maximum(labelled.sum(axis=1), 1))


def sigmas_of(points: int) -> Floats:
    """COCO's for seventeen points, else OTHER_SIGMA for each."""
    return COCO_SIGMAS if points == len(COCO_SIGMAS) else np.full(points, OTHER_SIGMA)


def sizes(points: Floats, labelled: NDArray[np.bool_], item: Integers) -> Floats:
    """The area (n) of each set: of the box around its labelled points, at least a tenth of its longer side squared.

    A single point has a tenth of the picture's width and height, as far as anybody drew points on that item.
    """
    box = _around(points, labelled)
    wide, high = box[:, 2] - box[:, 0], box[:, 3] - box[:, 1]
    longer = np.maximum(wide, high)
    area = np.maximum(wide * high, longer**2 / 10)
    items, place = np.unique(item, return_inverse=True)
    reach = np.zeros((len(items), 2))
    np.maximum.at(reach, place, np.nan_to_num(box[:, 2:]))
    return np.where(longer > 0, area, np.maximum(reach, 0).prod(axis=1)[place] / 100)


def _around(points: Floats, labelled: NDArray[np.bool_]) -> Floats:
    shown = labelled[:, :, None]
    low = np.where(shown, points, np.inf).min(axis=1, initial=np.inf)
    high = np.where(shown, points, -np.inf).max(axis=1, initial=-np.inf)
    return np.where(np.isfinite(low).all(axis=1)[:, None], np.concatenate([low, high], axis=1), np.nan)
