"""How much two labels on a scale agree: 1 for equal ones, less the further they are apart.

Source: Gwet, Handbook of Inter-Rater Reliability, 4th ed. 2014, chapter 3.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np

from qc.stats.patterns import Floats, Integers

MAX_LABELS: Final = 500
"""Labels beyond which no table of weights is made."""

_CELLS: Final = 4_000_000
"""Cells of a dense table that is held at a time."""


def identity(values: Floats) -> Floats:
    """1 for the same label, else 0 (C x C)."""
    return np.eye(len(values))


def linear(values: Floats) -> Floats:
    """Falls with the difference."""
    return _falling(np.abs(_differences(values)))


def quadratic(values: Floats) -> Floats:
    """Falls with the square of the difference."""
    return _falling(_differences(values) ** 2)


def radical(values: Floats) -> Floats:
    """Falls with the root of the difference."""
    return _falling(np.sqrt(np.abs(_differences(values))))


def ordinal(values: Floats) -> Floats:
    """Falls with the number of pairs of labels that lie between two: only their order counts."""
    place = np.argsort(np.argsort(values)).astype(np.float64)
    steps = np.abs(_differences(place))
    return _falling(steps * (steps + 1) / 2)


def ratio(values: Floats) -> Floats:
    """Falls with the square of the difference over the sum, for amounts of 0 or more."""
    total = values[:, None] + values
    return _falling(np.divide(_differences(values), total, out=np.zeros_like(total), where=total != 0) ** 2)


def circular(values: Floats) -> Floats:
    """Falls with the angle between places on a circle, on which the last place is next to the first."""
    around = float(np.ptp(values)) + 1 if len(values) else 1.0
    return _falling(np.sin(np.pi * _differences(values) / around) ** 2)


def bipolar(values: Floats) -> Floats:
    """Falls faster near the two ends of the scale than in its middle."""
    total = values[:, None] + values
    low, high = (float(values.min()), float(values.max())) if len(values) else (0.0, 0.0)
    room = (total - 2 * low) * (2 * high - total)
    return _falling(np.divide(_differences(values) ** 2, room, out=np.zeros_like(room), where=room > 0))


WEIGHTS: Final[Mapping[str, Callable[[Floats], Floats]]] = {
    "identity": identity,
    "linear": linear,
    "quadratic": quadratic,
    "radical": radical,
    "ordinal": ordinal,
    "ratio": ratio,
    "circular": circular,
    "bipolar": bipolar,
}

OF_LEVEL: Final[Mapping[str, str]] = {
    "nominal": "identity",
    "ordinal": "ordinal",
    "interval": "quadratic",
    "ratio": "ratio",
}
"""The weights that measure what a level of measurement lets count."""


def credits_at(counts: Any, weights: Floats | None, row: Integers, code: Integers) -> Floats:
    """Σ_l w_(code)l counts[row, l] for many rows and codes; without weights the count of the code itself.

    counts: sparse rows x C. The table is never made dense but in blocks of rows.
    """
    width = counts.shape[1]
    if weights is None:
        cells = counts.tocoo()
        stored = cells.coords[0] * width + cells.coords[1]
        wanted = row * width + code
        order = np.argsort(stored, kind="stable")
        found = np.minimum(np.searchsorted(stored, wanted, sorter=order), len(stored) - 1)
        place = order[found]
        return np.where(stored[place] == wanted, cells.data[place], 0.0)
    result = np.empty(len(row))
    step = max(1, _CELLS // max(1, width))
    order = np.argsort(row, kind="stable")
    ends = np.searchsorted(row[order], np.arange(0, counts.shape[0] + step, step))
    for block, start in enumerate(range(0, counts.shape[0], step)):
        here = order[ends[block] : ends[block + 1]]
        result[here] = (counts[start : start + step] @ weights)[row[here] - start, code[here]]
    return result


def _differences(values: Floats) -> Floats:
    return np.asarray(values[:, None] - values, dtype=np.float64)


def _falling(distance: Floats) -> Floats:
    """From distances to weights: the two labels furthest apart agree by 0."""
    most = float(distance.max(initial=0.0))
    return np.asarray(1 - distance / most if most else np.ones_like(distance))
