"""One person beside the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from qc.figures.theme import BAND, MAIN, MUTED, empty, error_bars, framed
from qc.figures.words import estimate, number, plain

MOST_BESIDE: Final = 12
_APART: Final = 0.16


def rate_by_period(rows: Sequence[Mapping[str, Any]], *, period: str = "week", target: float | None = None) -> Any:
    """Error rate of one person by week or month with intervals, over the band of the others' rate.

    rows: period (ISO date of its first day), n, rate E, others E.
    """
    ordered = sorted((row for row in rows if row["rate"]["value"] is not None), key=lambda row: row["period"])
    known = [row for row in ordered if row["others"]["value"] is not None]
    figure = empty()
    for side in ("high", "low"):
        figure.add_scatter(
            x=[row["period"] for row in known],
            y=[100 * _bound(row["others"], side) for row in known],
            mode="lines",
            line={"width": 0},
            fill="tonexty" if side == "low" else None,
            fillcolor=BAND,
            name="the others, 95 % interval",
            showlegend=side == "low" and len(known) > 1,
            hoverinfo="skip",
        )
    figure.add_scatter(
        x=[row["period"] for row in known],
        y=[100 * row["others"]["value"] for row in known],
        mode="lines+markers",
        line={"color": MUTED, "width": 1.2, "dash": "dot"},
        marker={"size": 5, "symbol": "diamond", "color": MUTED},
        name="the others",
        customdata=[[row["period"], plain(estimate(row["others"], "percent"), 200)] for row in known],
        hovertemplate=f"the others, {period} of %{{customdata[0]}}<br>%{{customdata[1]}}<extra></extra>",
    )
    figure.add_scatter(
        x=[row["period"] for row in ordered],
        y=[100 * row["rate"]["value"] for row in ordered],
        error_y={**error_bars([row["rate"] for row in ordered], 100), "color": MAIN},
        mode="lines+markers",
        line={"color": MAIN, "width": 2},
        marker={"size": 9},
        name="this person",
        customdata=[[row["period"], plain(estimate(row["rate"], "percent"), 200)] for row in ordered],
        hovertemplate=f"{period} of %{{customdata[0]}}<br>%{{customdata[1]}}<extra></extra>",
    )
    if target is not None and ordered:
        # Named in the legend: a label at its end would lie on the latest week.
        figure.add_scatter(
            x=[ordered[0]["period"], ordered[-1]["period"]],
            y=[100 * target] * 2,
            mode="lines",
            line={"color": MUTED, "dash": "dash", "width": 1.5},
            name=f"target {number(target, 'percent')}",
            hoverinfo="skip",
        )
    name = "week, by its Monday" if period == "week" else "month, by its first day"
    framed(figure, x=f"{name} (project time)", y="error rate, %", height=340)
    figure.update_xaxes(type="date")
    if len(ordered) < 2:
        figure.update_xaxes(tickvals=[row["period"] for row in ordered])
    figure.update_yaxes(rangemode="tozero")
    return figure


def beside(rows: Sequence[Mapping[str, Any]], *, axis: str) -> Any:
    """Shares of one person with their intervals, and below each that of the others; of many, the first 12.

    rows: name, rate E, others E, the one to be on top first; a point's customdata begins with the row's `key`, where
    it has one (a list), else with its name.
    """
    shown = list(reversed([row for row in rows if row["rate"]["value"] is not None][:MOST_BESIDE]))
    figure = empty()
    for part, name, shift, colour, symbol in (
        ("rate", "this person", _APART, MAIN, "circle"),
        ("others", "the others", -_APART, MUTED, "diamond"),
    ):
        at = [place for place, row in enumerate(shown) if row[part]["value"] is not None]
        figures = [shown[place][part] for place in at]
        figure.add_scatter(
            x=[100 * e["value"] for e in figures],
            y=[place + shift for place in at],
            error_x={**error_bars(figures, 100), "color": colour},
            mode="markers",
            marker={"color": colour, "symbol": symbol, "size": 10},
            name=name,
            customdata=[
                [*shown[place].get("key", [shown[place]["name"]]), plain(shown[place]["name"], 80), plain(told, 200)]
                for place, told in zip(at, (estimate(e, "percent") for e in figures), strict=True)
            ],
            hovertemplate=f"{name}<br>%{{customdata[{_last(shown) - 1}]}}<br>%{{customdata[{_last(shown)}]}}"
            "<extra></extra>",
        )
    framed(figure, x=axis, y="", height=100 + 38 * max(len(shown), 1))
    figure.update_yaxes(
        tickvals=list(range(len(shown))),
        ticktext=[plain(row["name"], 40) for row in shown],
        range=[-0.7, max(len(shown), 1) - 0.3],
        showgrid=False,
    )
    figure.update_xaxes(rangemode="tozero")
    return figure


def _last(shown: Sequence[Mapping[str, Any]]) -> int:
    """Where the words of a point stand in its customdata."""
    return 1 + max((len(row.get("key", [row["name"]])) for row in shown), default=1)


def _bound(e: Mapping[str, Any], side: str) -> float:
    return float(e[side] if e[side] is not None else e["value"])
