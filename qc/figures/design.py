"""What a sample of a given size shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from qc.figures.theme import ALARM, MAIN, MUTED, empty, framed


def designs(rows: Sequence[Mapping[str, Any]], *, chosen: int | None = None) -> Any:
    """How well the error rate is known and which rise is noticed, by the number of answers checked.

    rows: total, half_width, detectable_rise (each None where nothing is shown), hours. `chosen`, one of the totals, is
    marked.
    """
    figure = empty()
    lines = (
        ("half_width", "error rate known within ±, points", MAIN, "circle"),
        ("detectable_rise", "rise noticed from, %", ALARM, "diamond"),
    )
    for column, name, colour, symbol in lines:
        known = [row for row in rows if row[column] is not None]
        figure.add_scatter(
            x=[row["total"] for row in known],
            y=[100 * row[column] for row in known],
            mode="lines+markers",
            line={"color": colour, "width": 2},
            marker={
                "color": colour,
                "symbol": symbol,
                "size": [13 if row["total"] == chosen else 7 for row in known],
                "line": {"width": [2 if row["total"] == chosen else 0 for row in known], "color": MUTED},
            },
            name=name,
            customdata=[[row["hours"]] for row in known],
            hovertemplate="n = %{x:,} answers, %{customdata[0]:,.1f} hours<br>" + name + " %{y:.1f}<extra></extra>",
        )
    framed(figure, x="answers checked, n", y="% and points", height=320)
    figure.update_yaxes(rangemode="tozero")
    return figure
