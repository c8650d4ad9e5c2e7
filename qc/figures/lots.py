"""What happens to lots: how likely they pass, and what is left wrong in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from qc.figures.theme import COLOURS, empty, framed
from qc.figures.words import plain

_DASHES: Final = ("solid", "dash", "dot", "dashdot")


def operating_characteristic(rows: Sequence[Mapping[str, Any]]) -> Any:
    """Share of lots that pass, by their error rate, one curve per review level; rows: level, n, rate, accepted."""
    return _curves(rows, "accepted", "lots that pass, %", "passes in %{y:.1f} % of cases")


def outgoing_quality(rows: Sequence[Mapping[str, Any]]) -> Any:
    """Error rate left where rejected lots are checked whole, by the rate of the lot; rows: level, n, rate, outgoing."""
    return _curves(rows, "outgoing", "errors left, %", "%{y:.2f} % errors are left")


def _curves(rows: Sequence[Mapping[str, Any]], column: str, axis: str, hover: str) -> Any:
    by_level: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        by_level.setdefault(row["level"], []).append(row)
    figure = empty()
    for colour, dash, (level, points) in zip(COLOURS, _DASHES, by_level.items(), strict=False):
        figure.add_scatter(
            x=[100 * row["rate"] for row in points],
            y=[100 * row[column] for row in points],
            mode="lines",
            line={"color": colour, "width": 2, "dash": dash},
            name=plain(level),
            customdata=[[plain(level, 80), row["n"]] for row in points],
            hovertemplate="%{customdata[0]}, n = %{customdata[1]} a lot<br>%{x:.1f} % errors<br>"
            + hover
            + "<extra></extra>",
        )
    return framed(figure, x="error rate of the lot, %", y=axis, height=340)
