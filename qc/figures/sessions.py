"""What happens while somebody works on: the fatigue curve."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from qc.figures.theme import BAND, GRID, MAIN, empty, framed, vertical
from qc.figures.words import estimate, plain

_FEWEST = 10


def rate_by_time_on_task(rows: Sequence[Mapping[str, Any]], *, break_after_minutes: float | None = None) -> Any:
    """Error rate by hours since the session began, with its band, and below it how many answers each bin rests on.

    rows: hour (start of the bin), n, rate E. A bin of fewer than ten answers has its bar, and no place on the line.
    """
    ordered = sorted((row for row in rows if row["n"] >= _FEWEST), key=lambda row: row["hour"])
    hours = [row["hour"] for row in ordered]
    figure = empty()
    for part, options in (("high", {}), ("low", {"fill": "tonexty", "fillcolor": BAND})):
        figure.add_scatter(
            x=hours,
            y=[None if row["rate"][part] is None else 100 * row["rate"][part] for row in ordered],
            mode="lines",
            line={"width": 0},
            hoverinfo="skip",
            **options,
        )
    figure.add_scatter(
        x=hours,
        y=[100 * row["rate"]["value"] for row in ordered],
        mode="lines+markers",
        line={"color": MAIN, "width": 2.5},
        marker={"size": 8},
        customdata=[[row["hour"], plain(estimate(row["rate"], "percent"), 200)] for row in ordered],
        hovertemplate="%{customdata[0]:.2f} h into the session<br>%{customdata[1]}<extra></extra>",
    )
    figure.add_bar(
        x=[row["hour"] for row in rows],
        y=[row["n"] for row in rows],
        yaxis="y2",
        marker={"color": GRID},
        hovertemplate="%{x:.2f} h<br>n = %{y:,} judged<extra></extra>",
    )
    if break_after_minutes is not None:
        vertical(figure, break_after_minutes / 60, f"break after {break_after_minutes:.0f} min")
    framed(figure, x="hours since the session began", y="error rate, %", height=360).update_layout(showlegend=False)
    figure.update_layout(
        xaxis={"anchor": "y2"},
        yaxis={"domain": [0.3, 1], "rangemode": "tozero"},
        yaxis2={"domain": [0, 0.22], "title": {"text": "judged"}, "gridcolor": GRID, "anchor": "x", "nticks": 3},
    )
    return figure
