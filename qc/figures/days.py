"""Figures along the calendar, by the project's own days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from qc.figures.theme import BAND, COLOURS, MAIN, empty, framed, horizontal
from qc.figures.words import estimate, plain

_SITES = 6


def rate_by_day(rows: Sequence[Mapping[str, Any]], *, target: float | None = None) -> Any:
    """Error rate by day with its band; days without a rate leave a gap.

    rows: day (ISO date), n, rate E.
    """
    ordered = sorted(rows, key=lambda row: row["day"])
    days = [row["day"] for row in ordered]
    rates = [row["rate"] for row in ordered]
    figure = empty()
    figure.add_scatter(x=days, y=_percent(rates, "high"), mode="lines", line={"width": 0}, hoverinfo="skip")
    figure.add_scatter(
        x=days,
        y=_percent(rates, "low"),
        mode="lines",
        line={"width": 0},
        fill="tonexty",
        fillcolor=BAND,
        hoverinfo="skip",
    )
    figure.add_scatter(
        x=days,
        y=_percent(rates, "value"),
        mode="lines+markers",
        line={"color": MAIN, "width": 2},
        marker={"size": 7},
        customdata=[[day, plain(estimate(e, "percent"), 200)] for day, e in zip(days, rates, strict=True)],
        hovertemplate="%{customdata[0]}<br>%{customdata[1]}<extra></extra>",
    )
    if target is not None:
        horizontal(figure, 100 * target, "target")
    framed(figure, x="day (project time)", y="error rate, %").update_layout(showlegend=False)
    figure.update_xaxes(type="date")
    figure.update_yaxes(rangemode="tozero")
    return figure


def volume_by_day(rows: Sequence[Mapping[str, Any]]) -> Any:
    """Answers by day, stacked by site where there are several; more than six sites are shown as `other`.

    rows: day (ISO date), answers, and optionally site.
    """
    totals: dict[str, int] = {}
    for row in rows:
        totals[row.get("site") or ""] = totals.get(row.get("site") or "", 0) + row["answers"]
    largest = sorted(totals, key=lambda site: (-totals[site], site))
    shown = largest if len(largest) <= _SITES else largest[: _SITES - 1]
    series: dict[str, dict[str, int]] = {}
    for row in rows:
        site = row.get("site") or ""
        name = (site or "answers") if site in shown else "other"
        by_day = series.setdefault(name, {})
        by_day[row["day"]] = by_day.get(row["day"], 0) + row["answers"]
    figure = empty()
    for colour, (name, by_day) in zip(COLOURS, sorted(series.items()), strict=False):
        figure.add_bar(
            x=list(by_day),
            y=list(by_day.values()),
            name=plain(name),
            marker={"color": colour, "line": {"width": 0}},
            customdata=[[day] for day in by_day],
            hovertemplate="%{customdata[0]}<br>n = %{y:,} answers<extra>"
            + plain(name).replace("%{", "% {")
            + "</extra>",
        )
    framed(figure, x="day (project time)", y="answers", height=260)
    figure.update_layout(barmode="stack", bargap=0.25, showlegend=len(series) > 1)
    figure.update_xaxes(type="date")
    return figure


def _percent(estimates: Sequence[Mapping[str, Any]], part: str) -> list[float | None]:
    return [None if e[part] is None else 100 * e[part] for e in estimates]
