"""A person's pace over time, and where it changed all at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from qc.figures.theme import ALARM, MAIN, empty, error_bars, framed
from qc.figures.words import estimate, plain


def pace_over_time(units: Sequence[Mapping[str, Any]], changes: Sequence[Mapping[str, Any]]) -> Any:
    """Seconds on a usual item by session or block of answers, with intervals; a line where the pace changed.

    units: first (answers before), at (ISO time, or None), n, seconds E. changes: after, at, seconds_before,
    seconds_after. Without times the axis counts answers.
    """
    known = [unit for unit in units if unit["seconds"]["value"] is not None]
    timed = all(unit["at"] is not None for unit in known)
    figure = empty()
    figure.add_scatter(
        x=[unit["at"] if timed else unit["first"] for unit in known],
        y=[unit["seconds"]["value"] for unit in known],
        error_y={**error_bars([unit["seconds"] for unit in known], 1.0), "color": MAIN},
        mode="lines+markers",
        line={"color": MAIN, "width": 1},
        marker={"color": MAIN, "size": 7},
        name="seconds",
        customdata=[[unit["first"], plain(estimate(unit["seconds"], "seconds"), 200)] for unit in known],
        hovertemplate="after %{customdata[0]:,} answers<br>%{customdata[1]}<extra></extra>",
    )
    top = max((unit["seconds"]["high"] or unit["seconds"]["value"] for unit in known), default=1.0)
    for change in changes:
        at = change["at"] if timed else change["after"]
        words = f"{change['seconds_before']:.0f} s → {change['seconds_after']:.0f} s"
        figure.add_scatter(
            x=[at, at],
            y=[0, top],
            mode="lines+text",
            line={"color": ALARM, "dash": "dash", "width": 1.5},
            text=["", words],
            textposition="top center",
            hovertemplate=f"{words}<br>n = {change['ratio']['n']:,} answers<extra></extra>",
        )
    axis = "time (project time)" if timed else "answers given"
    framed(figure, x=axis, y="seconds on a usual item", height=300).update_layout(showlegend=False)
    figure.update_yaxes(rangemode="tozero")
    return figure
