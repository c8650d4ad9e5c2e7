"""Differences with their intervals beside no difference and, where there is one, the margin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from qc.figures.dots import dots
from qc.figures.theme import vertical
from qc.figures.words import Style


def forest(
    rows: Sequence[Mapping[str, Any]], *, axis: str, style: Style = "points", margin: float | None = None
) -> Any:
    """One row per comparison in the order given, the first on top.

    rows: name, estimate (E of the second less the first), and optionally status. margin: how much more is borne.
    """
    placed = [{**row, "place": -at} for at, row in enumerate(rows)]
    figure = dots(placed, axis=axis, style=style, target=margin, target_name="margin")
    vertical(figure, 0.0, "no difference" if margin is None else "")
    return figure
