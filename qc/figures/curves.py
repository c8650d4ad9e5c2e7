"""Curves: whether a model's confidence can be trusted, and what review costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from qc.figures.theme import COLOURS, MUTED, empty, error_bars, framed
from qc.figures.words import estimate, plain

_SYMBOLS = ("circle", "diamond", "square", "triangle-up", "x", "star")


def calibration(series: Mapping[str, Sequence[Mapping[str, Any]]]) -> Any:
    """How often a model was right at each stated confidence, against the line of a model that knows itself.

    series: rows {score, accuracy E, n} by model name; more than six models are too many for one figure. A
    point's customdata begins with the raw name and its score.
    """
    figure = empty()
    figure.add_scatter(
        x=[0, 1], y=[0, 1], mode="lines", line={"dash": "dash", "color": MUTED}, name="as stated", hoverinfo="skip"
    )
    for colour, symbol, (name, rows) in zip(COLOURS, _SYMBOLS, series.items(), strict=False):
        known = [row for row in rows if row["accuracy"]["value"] is not None]
        figure.add_scatter(
            x=[row["score"] for row in known],
            y=[row["accuracy"]["value"] for row in known],
            error_y={**error_bars([row["accuracy"] for row in known], 1.0), "color": colour},
            mode="lines+markers",
            line={"color": colour, "width": 1.5},
            marker={"color": colour, "symbol": symbol, "size": 9},
            name=plain(name),
            customdata=[
                [name, row["score"], plain(name, 80), plain(estimate(row["accuracy"], "percent"), 200)] for row in known
            ],
            hovertemplate="%{customdata[2]}<br>confidence %{x:.2f}<br>right %{customdata[3]}<extra></extra>",
        )
    framed(figure, x="stated confidence", y="share right", height=380)
    figure.update_xaxes(range=[-0.02, 1.02])
    figure.update_yaxes(range=[-0.02, 1.05])
    return figure


def costs(rows: Sequence[Mapping[str, Any]], *, cheapest: Mapping[str, Any] | None = None, currency: str = "") -> Any:
    """What each way of reviewing costs in all, by the share reviewed: review hours plus the errors that escape.

    rows: policy, rate, cost, escaped E. `cheapest`, one of the rows, is ringed.
    """
    by_policy: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        if row["cost"] is not None:
            by_policy.setdefault(row["policy"], []).append(row)
    figure = empty()
    for colour, symbol, (name, points) in zip(COLOURS, _SYMBOLS, sorted(by_policy.items()), strict=False):
        ordered = sorted(points, key=lambda row: row["rate"])
        figure.add_scatter(
            x=[100 * row["rate"] for row in ordered],
            y=[row["cost"] for row in ordered],
            mode="lines+markers",
            line={"color": colour, "width": 2},
            marker={"color": colour, "symbol": symbol, "size": 7},
            name=plain(name),
            customdata=[[plain(name, 80), plain(estimate(row["escaped"], "count"), 200)] for row in ordered],
            hovertemplate="%{customdata[0]}<br>%{x:.0f} % reviewed<br>cost %{y:,.0f}<br>"
            "errors escaped %{customdata[1]}<extra></extra>",
        )
    if cheapest is not None:
        # Named in the legend: a label beside the point would lie on a curve or, at the top, on the legend.
        figure.add_scatter(
            x=[100 * cheapest["rate"]],
            y=[cheapest["cost"]],
            mode="markers",
            marker={"symbol": "circle-open", "size": 18, "line": {"width": 2.5}, "color": MUTED},
            name="cheapest",
            hoverinfo="skip",
        )
    money = plain(currency)
    framed(figure, x="share of answers reviewed, %", y=f"total cost, {money}" if money else "total cost", height=380)
    figure.update_yaxes(rangemode="tozero")
    return figure
