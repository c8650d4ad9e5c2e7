"""What happens while somebody works on: the fatigue curve, and what pauses would save."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from qc.figures.theme import BAND, GRID, MAIN, MUTED, SECOND, empty, error_bars, framed, vertical
from qc.figures.words import estimate, plain

_FEWEST = 10


def rate_by_time_on_task(
    rows: Sequence[Mapping[str, Any]], *, at: str = "hour", break_after_minutes: float | None = None
) -> Any:
    """Error rate by hours (at="hour") or answers (at="position") since the session began, with its band.

    rows: hour or position (start of the bin), n, rate E, and optionally adjusted E, which is then the line with the
    band, and the raw rates are crosses beside it. Below stands how many answers each bin rests on; one of fewer than
    ten has its bar, and no place on the line.
    """
    ordered = sorted((row for row in rows if row["n"] >= _FEWEST), key=lambda row: row[at])
    adjusted = any((row.get("adjusted") or {}).get("value") is not None for row in ordered)
    main = "adjusted" if adjusted else "rate"
    known = [row for row in ordered if row[main]["value"] is not None]
    hours = [row[at] for row in known]
    place = "%{customdata[0]:.2f} h into the session" if at == "hour" else "from answer %{customdata[0]:,} on"
    figure = empty()
    for part, options in (("high", {}), ("low", {"fill": "tonexty", "fillcolor": BAND})):
        figure.add_scatter(
            x=hours,
            y=[None if row[main][part] is None else 100 * row[main][part] for row in known],
            mode="lines",
            line={"width": 0},
            hoverinfo="skip",
            showlegend=False,
            **options,
        )
    figure.add_scatter(
        x=hours,
        y=[100 * row[main]["value"] for row in known],
        mode="lines+markers",
        line={"color": MAIN, "width": 2.5},
        marker={"size": 8},
        name="adjusted, 95 % band" if adjusted else "as judged, 95 % band",
        customdata=[[row[at], plain(estimate(row[main], "percent"), 200)] for row in known],
        hovertemplate=f"{place}<br>%{{customdata[1]}}<extra></extra>",
    )
    if adjusted:
        figure.add_scatter(
            x=[row[at] for row in ordered],
            y=[100 * row["rate"]["value"] for row in ordered],
            mode="markers",
            marker={"color": MUTED, "symbol": "x-thin-open", "size": 7},
            name="as judged",
            customdata=[[row[at], plain(estimate(row["rate"], "percent"), 200)] for row in ordered],
            hovertemplate=f"{place}, as judged<br>%{{customdata[1]}}<extra></extra>",
        )
    figure.add_bar(
        x=[row[at] for row in rows],
        y=[row["n"] for row in rows],
        yaxis="y2",
        marker={"color": GRID},
        showlegend=False,
        hovertemplate="%{x}<br>n = %{y:,} judged<extra></extra>",
    )
    if break_after_minutes is not None:
        vertical(figure, break_after_minutes / 60, f"break after {break_after_minutes:.0f} min")
    unit = "hours" if at == "hour" else "answers"
    framed(figure, x=f"{unit} since the session began", y="error rate, %", height=360)
    figure.update_layout(
        showlegend=adjusted,
        xaxis={"anchor": "y2"},
        yaxis={"domain": [0.3, 1], "rangemode": "tozero"},
        yaxis2={"domain": [0, 0.22], "title": {"text": "judged"}, "gridcolor": GRID, "anchor": "x", "nticks": 3},
    )
    return figure


def rate_by_clock(rows: Sequence[Mapping[str, Any]]) -> Any:
    """Error rate by shift or hour of the day with its interval; rows: key, n, rate E. Undefined rates have no point."""
    known = [row for row in rows if row["rate"]["value"] is not None]
    figure = empty()
    figure.add_scatter(
        x=[plain(row["key"]) for row in known],
        y=[100 * row["rate"]["value"] for row in known],
        error_y={**error_bars([row["rate"] for row in known], 100.0), "color": MAIN},
        mode="markers",
        marker={"color": MAIN, "size": 9},
        customdata=[[plain(row["key"]), plain(estimate(row["rate"], "percent"), 200)] for row in known],
        hovertemplate="%{customdata[0]}<br>%{customdata[1]}<extra></extra>",
    )
    framed(figure, x="time of day", y="error rate, %", height=300).update_layout(showlegend=False)
    figure.update_xaxes(type="category")
    figure.update_yaxes(rangemode="tozero")
    return figure


def pauses_saved(rows: Sequence[Mapping[str, Any]], *, chosen: float, n: int, currency: str = "") -> Any:
    """What pauses save and cost in a day, by the minutes of work between them; `chosen` minutes are marked.

    rows: minutes, saved, lost, net, in money a day. n: judged answers behind the slope.
    """
    figure = empty()
    looks = (("saved", MAIN, "dot"), ("lost", MUTED, "dash"), ("net", SECOND, "solid"))
    for name, colour, dash in looks:
        figure.add_scatter(
            x=[row["minutes"] for row in rows],
            y=[row[name] for row in rows],
            mode="lines",
            name={"saved": "errors saved", "lost": "time of the pauses", "net": "gain"}[name],
            line={"color": colour, "dash": dash, "width": 2.5 if name == "net" else 1.8},
            hovertemplate=f"every %{{x:.0f}} min<br>%{{y:,.2f}} a day<br>from {n:,} judged answers<extra></extra>",
        )
    vertical(figure, chosen, f"{chosen:.0f} min")
    money = plain(currency)
    return framed(
        figure, x="minutes of work between pauses", y=f"{money} a day and person" if money else "money", height=320
    )
