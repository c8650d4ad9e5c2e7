"""Boxes as left, top, right, bottom; turned boxes by their corners."""

from __future__ import annotations

import numpy as np

from qc.stats.patterns import Floats


def overlap(one: Floats, other: Floats) -> Floats:
    """Intersection over union of upright boxes (n x 4 each); 0 for two without area."""
    wide = np.minimum(one[:, 2], other[:, 2]) - np.maximum(one[:, 0], other[:, 0])
    high = np.minimum(one[:, 3], other[:, 3]) - np.maximum(one[:, 1], other[:, 1])
    shared = np.maximum(wide, 0) * np.maximum(high, 0)
    return ratio(shared, area(one) + area(other) - shared)


def area(boxes: Floats) -> Floats:
    """Width times height."""
    return np.asarray((boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1]))


def ratio(shared: Floats, whole: Floats) -> Floats:
    """shared / whole, and 0 of nothing."""
    return np.asarray(np.divide(shared, whole, out=np.zeros(len(shared)), where=whole > 0))


def corners(x: Floats, y: Floats, w: Floats, h: Floats, degrees: Floats) -> Floats:
    """The corners (n x 4 x 2) of boxes that are turned clockwise about their centres."""
    angle = np.radians(degrees)
    cos, sin = np.cos(angle)[:, None], np.sin(angle)[:, None]
    across = np.multiply.outer(w / 2, [-1.0, 1.0, 1.0, -1.0])
    down = np.multiply.outer(h / 2, [-1.0, -1.0, 1.0, 1.0])
    middle = np.stack([x + w / 2, y + h / 2], axis=1)[:, None, :]
    return np.asarray(middle + np.stack([across * cos - down * sin, across * sin + down * cos], axis=2))


def around(points: Floats, starts: np.ndarray, ends: np.ndarray) -> Floats:
    """The bounds of runs points[start:end] of points (n x 2), not finite for empty runs."""
    bounds = np.full((len(starts), 4), np.nan)
    some = np.flatnonzero(ends > starts)
    if len(some):
        # Runs lie one after the other, so each ends where the next begins.
        bounds[some, :2] = np.minimum.reduceat(points, starts[some])
        bounds[some, 2:] = np.maximum.reduceat(points, starts[some])
    return bounds
