"""What an alert rests on, as it was when the alert was raised."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from qc.figures.control import control_chart
from qc.figures.theme import BAND, MAIN, MOST, MUTED, empty, framed, horizontal
from qc.figures.words import Style, number, plain


def proof_path(values: Sequence[float], *, first: int, threshold: float) -> Any:
    """The path of a control chart, of which the answers behind it are not told: values from the `first` answer on."""
    path = [
        {"n": first + at, "at": "", "item_id": "", "question": "", "error": False, "level": "", "value": value}
        | {"alarm": value >= threshold}
        for at, value in enumerate(values)
    ]
    figure = control_chart(path, threshold=threshold)
    for trace in figure.data:
        if trace.hovertemplate:
            trace.hovertemplate = "evidence %{y:.2f} after n = %{x:,} judged<extra></extra>"
    return figure


def trend(rows: Sequence[Mapping[str, Any]], *, threshold: float | None, style: Style, axis: str) -> Any:
    """A number from period to period with its interval as a band, and what it was compared with.

    rows: period (ISO date), value, low, high, n; fractions where the style is percent or points.
    """
    known = [row for row in rows if row["value"] is not None]
    scale = 100.0 if style in ("percent", "points", "change") else 1.0
    figure = empty()
    for side in ("high", "low"):
        figure.add_scatter(
            x=[row["period"] for row in known],
            y=[scale * (row["value"] if row[side] is None else row[side]) for row in known],
            mode="lines",
            line={"width": 0},
            fill="tonexty" if side == "low" else None,
            fillcolor=BAND,
            hoverinfo="skip",
        )
    figure.add_scatter(
        x=[row["period"] for row in known],
        y=[scale * row["value"] for row in known],
        mode="lines+markers",
        line={"color": MAIN, "width": 2},
        marker={"size": 8},
        customdata=[[row["period"], plain(number(row["value"], style)), row["n"]] for row in known],
        hovertemplate="%{customdata[0]}<br>%{customdata[1]}<br>n = %{customdata[2]:,}<extra></extra>",
    )
    if threshold is not None:
        horizontal(figure, scale * threshold, "compared with")
    framed(figure, x="period, by its first day (project time)", y=axis).update_layout(showlegend=False)
    figure.update_xaxes(type="date")
    if len(known) < 6:
        figure.update_xaxes(tickvals=[row["period"] for row in known])
    return figure


def found_and_expected(rows: Sequence[Mapping[str, Any]], *, n: int) -> Any:
    """How often each thing was found, beside how often it was expected; what exceeds that most on top.

    rows: name, value, expected (both counts). n: answers looked at.
    """
    shown = sorted(rows, key=lambda row: row["value"] - row["expected"])[-MOST:]
    places = list(range(len(shown)))
    figure = empty()
    figure.add_bar(
        x=[row["value"] for row in shown],
        y=places,
        orientation="h",
        marker={"color": MAIN},
        width=0.5,
        name="found",
        text=[f"{row['value']:,.0f}" for row in shown],
        textposition="outside",
        cliponaxis=False,
        customdata=[[row["name"], plain(row["name"], 80)] for row in shown],
        hovertemplate=f"%{{customdata[1]}}<br>found %{{x:,.0f}} in n = {n:,} answers<extra></extra>",
    )
    figure.add_scatter(
        x=[row["expected"] for row in shown],
        y=places,
        mode="markers",
        marker={"symbol": "line-ns-open", "size": 22, "color": MUTED, "line": {"width": 3}},
        name="expected",
        customdata=[[row["name"], plain(row["name"], 80)] for row in shown],
        hovertemplate=f"%{{customdata[1]}}<br>expected %{{x:,.1f}} in n = {n:,} answers<extra></extra>",
    )
    framed(figure, x=f"answers of {n:,}", y="", height=110 + 32 * max(len(shown), 1))
    top = max([1.0, *(max(row["value"], row["expected"]) for row in shown)])
    figure.update_xaxes(range=[0, 1.12 * top])
    figure.update_yaxes(
        tickvals=places,
        ticktext=[plain(row["name"], 40) for row in shown],
        range=[-0.7, max(len(shown), 1) - 0.3],
        showgrid=False,
    )
    return figure
