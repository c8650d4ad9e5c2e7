"""Dot and interval: one row per name, sorted by the estimate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from qc.figures.theme import ALARM, MAIN, MOST, MUTED, empty, error_bars, framed, vertical
from qc.figures.words import Style, estimate, plain

# What a status looks like; the word stands in the legend, so that nothing is told by colour alone.
_LOOKS: Mapping[str, tuple[str, str]] = {
    "above target": (ALARM, "diamond"),
    "rising": (ALARM, "diamond"),
    "within target": (MAIN, "circle"),
    "flat": (MAIN, "circle"),
    "falling": (MAIN, "triangle-left"),
    "too little data": (MUTED, "x-thin-open"),
    "drifted": (ALARM, "diamond"),
    "like before": (MAIN, "circle"),
}
_UNCLEAR = (MUTED, "circle-open")


def dots(
    rows: Sequence[Mapping[str, Any]],
    *,
    axis: str,
    style: Style = "percent",
    target: float | None = None,
    target_name: str = "target",
    limits: tuple[float, float] | None = None,
) -> Any:
    """Estimates with their intervals, highest on top, against a target line; of many, the 40 highest.

    rows: name, estimate (E), and optionally status and place (what they are sorted by instead, the largest on top);
    rows without a value are left out. A point's customdata begins with the raw name, so that a click knows whom it
    means. limits: of the axis, where several figures are compared.
    """
    known = [row for row in rows if row["estimate"]["value"] is not None]
    known = sorted(known, key=lambda row: row.get("place", row["estimate"]["value"]))[-MOST:]
    scale = 100.0 if style in ("percent", "points", "change") else 1.0
    figure = empty()
    by_status: dict[str | None, list[tuple[int, Mapping[str, Any]]]] = {}
    for at, row in enumerate(known):
        by_status.setdefault(row.get("status"), []).append((at, row))
    for status, members in by_status.items():
        colour, symbol = _LOOKS.get(status or "within target", _UNCLEAR)
        estimates = [row["estimate"] for _, row in members]
        figure.add_scatter(
            x=[e["value"] * scale for e in estimates],
            y=[at for at, _ in members],
            error_x={**error_bars(estimates, scale), "color": colour},
            mode="markers",
            marker={"color": colour, "symbol": symbol, "size": 11, "line": {"width": 1.6, "color": colour}},
            name=status or "",
            showlegend=status is not None,
            customdata=[
                [row["name"], plain(row["name"], 80), plain(estimate(row["estimate"], style), 200)]
                for _, row in members
            ],
            hovertemplate="%{customdata[1]}<br>%{customdata[2]}<extra></extra>",
        )
    if target is not None:
        vertical(figure, target * scale, plain(target_name))
    framed(figure, x=axis, y="", height=90 + 27 * max(len(known), 1))
    figure.update_yaxes(
        tickvals=list(range(len(known))),
        ticktext=[plain(row["name"]) for row in known],
        range=[-0.7, max(len(known), 1) - 0.3 + (0.5 if target is not None else 0.0)],
        showgrid=False,
    )
    if limits is not None:
        figure.update_xaxes(range=limits)
    return figure
