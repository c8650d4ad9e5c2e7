"""Agreement along the weeks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from qc.figures.theme import ALARM, BAND, MAIN, empty, framed
from qc.figures.words import Style, estimate, plain


def agreement_by_week(
    rows: Sequence[Mapping[str, Any]],
    changes: Sequence[Mapping[str, Any]] = (),
    *,
    figure_of: str = "alpha",
    axis: str = "alpha",
    style: Style = "plain",
) -> Any:
    """A coefficient by week with its interval; the weeks in which it may have changed are shaded.

    rows: period (ISO date of its Monday), n, and `figure_of` (E); changes: period, first, last.
    """
    known = [row for row in rows if row[figure_of]["value"] is not None]
    estimates = [row[figure_of] for row in known]
    weeks = [row["period"] for row in known]
    scale = 100.0 if style == "percent" else 1.0
    figure = empty()
    for change in changes:
        figure.add_vrect(x0=change["first"], x1=change["last"], fillcolor=ALARM, opacity=0.12, line_width=0)
        # A shape with a text beside a date would have Plotly add up dates.
        figure.add_vline(x=change["period"], line_dash="dash", line_width=1.5, line_color=ALARM)
    for side in ("high", "low"):
        figure.add_scatter(
            x=weeks,
            y=[(e[side] if e[side] is not None else e["value"]) * scale for e in estimates],
            mode="lines",
            line={"width": 0},
            fill="tonexty" if side == "low" else None,
            fillcolor=BAND,
            hoverinfo="skip",
        )
    figure.add_scatter(
        x=weeks,
        y=[e["value"] * scale for e in estimates],
        mode="lines+markers",
        line={"color": MAIN, "width": 2},
        marker={"size": 7},
        customdata=[[week, plain(estimate(e, style), 200)] for week, e in zip(weeks, estimates, strict=True)],
        hovertemplate="week of %{customdata[0]}<br>%{customdata[1]}<extra></extra>",
    )
    framed(figure, x="week, by its Monday (project time)", y=axis).update_layout(showlegend=False)
    figure.update_xaxes(type="date")
    return figure


def by_threshold(rows: Sequence[Mapping[str, Any]], *, at: float | None = None) -> Any:
    """F1 by how far two objects must overlap to be one, with its interval; the threshold in force as a line.

    rows: threshold, f1 (E).
    """
    known = [row for row in rows if row["f1"]["value"] is not None]
    estimates = [row["f1"] for row in known]
    thresholds = [row["threshold"] for row in known]
    figure = empty()
    for side in ("high", "low"):
        figure.add_scatter(
            x=thresholds,
            y=[e[side] if e[side] is not None else e["value"] for e in estimates],
            mode="lines",
            line={"width": 0},
            fill="tonexty" if side == "low" else None,
            fillcolor=BAND,
            hoverinfo="skip",
        )
    figure.add_scatter(
        x=thresholds,
        y=[e["value"] for e in estimates],
        mode="lines+markers",
        line={"color": MAIN, "width": 2},
        marker={"size": 7},
        customdata=[[plain(estimate(e), 200)] for e in estimates],
        hovertemplate="from %{x:.2f} on<br>F1 %{customdata[0]}<extra></extra>",
    )
    if at is not None:
        figure.add_vline(x=at, line_dash="dash", line_width=1.5, line_color=ALARM)
    framed(figure, x="least overlap of one object", y="F1").update_layout(showlegend=False)
    figure.update_yaxes(range=[0, 1])
    return figure
