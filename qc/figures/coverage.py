"""In which hours of the day whom work comes from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from qc.figures.theme import SEQUENTIAL, empty, framed
from qc.figures.words import number, plain, several


def hours_covered(rows: Sequence[Mapping[str, Any]]) -> Any:
    """The share of the days worked on which something came in, by site or shift and hour of the day.

    rows: name, days, by_hour [{hour, share}]. A cell's customdata begins with the raw name.
    """
    hours = range(24)
    shares = [{part["hour"]: part["share"] for part in row["by_hour"]} for row in rows]
    figure = empty()
    figure.add_heatmap(
        x=list(hours),
        y=list(range(len(rows))),
        z=[[100 * own[hour] if own.get(hour) else None for hour in hours] for own in shares],
        zmin=0,
        zmax=100,
        colorscale=[list(stop) for stop in SEQUENTIAL],
        colorbar={"title": {"text": "days, %"}, "thickness": 12, "outlinewidth": 0},
        customdata=[
            [[row["name"], plain(row["name"], 80), f"{hour:02d}:00", _often(row, own.get(hour, 0.0))] for hour in hours]
            for row, own in zip(rows, shares, strict=True)
        ],
        hovertemplate="%{customdata[1]}, %{customdata[2]}<br>%{customdata[3]}<extra></extra>",
        hoverongaps=False,
        xgap=2,
        ygap=2,
    )
    framed(figure, x="hour of the day (project time)", y="", height=130 + 34 * max(len(rows), 1))
    figure.update_xaxes(
        tickvals=list(range(0, 24, 2)), ticktext=[f"{hour:02d}" for hour in range(0, 24, 2)], showgrid=False
    )
    figure.update_yaxes(
        tickvals=list(range(len(rows))),
        ticktext=[plain(row["name"]) for row in rows],
        autorange="reversed",
        showgrid=False,
    )
    return figure


def _often(row: Mapping[str, Any], share: float) -> str:
    return f"on {number(share, 'percent')} of n = {several(row['days'], 'day')}"
