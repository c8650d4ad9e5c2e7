"""Time at work: pauses, hours of the week, and hours under several idle caps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log10, sqrt
from typing import Any, Final

from qc.figures.theme import ALARM, COLOURS, MAIN, MOST, SEQUENTIAL, empty, framed, vertical
from qc.figures.words import number, plain

DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_SYMBOLS: Final = ("circle", "square", "triangle-up", "star")
_TICKS: Final = {
    1.0: "1 s",
    10.0: "10 s",
    60.0: "1 min",
    300.0: "5 min",
    1800.0: "30 min",
    7200.0: "2 h",
    28800.0: "8 h",
    86400.0: "1 day",
    604800.0: "1 week",
}


def duration(seconds: float) -> str:
    """A length of time in the unit that suits it.

    >>> duration(45), duration(150), duration(5400), duration(200_000)
    ('45 s', '2.5 min', '1.5 h', '2.3 days')
    """
    for unit, size in (("days", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= size:
            return f"{seconds / size:.2g} {unit}" if seconds < 10 * size else f"{seconds / size:.0f} {unit}"
    return f"{seconds:.2g} s" if seconds < 10 else f"{seconds:.0f} s"


def pauses(rows: Sequence[Mapping[str, Any]], *, gap_minutes: float, proposed_minutes: float | None = None) -> Any:
    """Pauses between consecutive answers of a person, by length on a logarithmic axis; heights are square roots.

    rows: from_seconds, to_seconds, n. The line `sessions end` is the pause in force, `antimode` the one proposed.
    """
    figure = empty()
    middle = [(log10(row["from_seconds"]) + log10(row["to_seconds"])) / 2 for row in rows]
    figure.add_bar(
        x=middle,
        y=[sqrt(row["n"]) for row in rows],
        width=[0.95 * (log10(row["to_seconds"]) - log10(row["from_seconds"])) for row in rows],
        marker={"color": MAIN},
        customdata=[[duration(row["from_seconds"]), duration(row["to_seconds"]), f"{row['n']:,}"] for row in rows],
        hovertemplate="%{customdata[0]} to %{customdata[1]}<br>n = %{customdata[2]} pauses<extra></extra>",
    )
    vertical(figure, log10(60 * gap_minutes), f"sessions end: {gap_minutes:g} min", "top left")
    if proposed_minutes is not None:
        figure.add_vline(
            x=log10(60 * proposed_minutes),
            line_dash="dot",
            line_color=ALARM,
            annotation_text=f"antimode: {duration(60 * proposed_minutes)}",
            annotation_position="bottom right",
        )
    framed(figure, x="pause between two answers of a person", y="pauses", height=320).update_layout(showlegend=False)
    most = max((row["n"] for row in rows), default=1)
    marks = [n for exponent in range(9) for n in (10**exponent, 3 * 10**exponent) if n <= most]
    figure.update_yaxes(tickvals=[sqrt(n) for n in marks[-6:]], ticktext=[f"{n:,}" for n in marks[-6:]])
    figure.update_xaxes(
        tickvals=[log10(at) for at in _TICKS], ticktext=list(_TICKS.values()), range=_reach(middle, gap_minutes)
    )
    return figure


def _reach(middle: Sequence[float], gap_minutes: float) -> list[float]:
    line = log10(60 * gap_minutes)
    return [min([*middle, line]) - 0.3, max([*middle, line]) + 0.3]


def hours_of_the_week(rows: Sequence[Mapping[str, Any]]) -> Any:
    """Answers by weekday and hour of the project's zone.

    rows: weekday (Monday is 0), hour, answers, active_hours, people.
    """
    grid: list[list[float | None]] = [[None] * 24 for _ in DAYS]
    told: list[list[str]] = [[""] * 24 for _ in DAYS]
    for row in rows:
        grid[row["weekday"]][row["hour"]] = row["answers"]
        told[row["weekday"]][row["hour"]] = (
            f"n = {row['answers']:,} answers<br>{number(row['active_hours'], 'plain')} hours of "
            f"{row['people']:,} {'person' if row['people'] == 1 else 'people'}"
        )
    figure = empty()
    figure.add_heatmap(
        x=list(range(24)),
        y=list(range(7)),
        z=grid,
        zmin=0,
        colorscale=[list(stop) for stop in SEQUENTIAL],
        colorbar={"title": {"text": "answers"}, "thickness": 12, "outlinewidth": 0},
        customdata=[[[f"{DAYS[day]} {hour:02d}:00", told[day][hour]] for hour in range(24)] for day in range(7)],
        hovertemplate="%{customdata[0]}<br>%{customdata[1]}<extra></extra>",
        hoverongaps=False,
        xgap=2,
        ygap=2,
    )
    framed(figure, x="hour of the day (project time)", y="", height=300)
    figure.update_xaxes(
        tickvals=list(range(0, 24, 2)), ticktext=[f"{hour:02d}" for hour in range(0, 24, 2)], showgrid=False
    )
    figure.update_yaxes(tickvals=list(range(7)), ticktext=list(DAYS), autorange="reversed", showgrid=False)
    return figure


def hours_by_cap(rows: Sequence[Mapping[str, Any]]) -> Any:
    """Hours at work under each idle cap beside the tool's own; of many people, the 40 with most.

    rows: name, submissions, active_hours [{cap_minutes, hours}], tool_hours [{kind, n, hours}]. A point's customdata
    begins with the raw name.
    """
    ordered = sorted(rows, key=lambda row: (row["active_hours"][-1]["hours"], row["name"]))[-MOST:]
    places: dict[str, list[tuple[float, int, Mapping[str, Any]]]] = {}
    for at, row in enumerate(ordered):
        for cap in row["active_hours"]:
            places.setdefault(f"pauses cut at {cap['cap_minutes']} min", []).append((cap["hours"], at, row))
    caps = len(places)
    for at, row in enumerate(ordered):
        for kind in row["tool_hours"]:
            places.setdefault(f"the tool: {kind['kind']}", []).append((kind["hours"], at, row))
    figure = empty()
    for place, (name, points) in enumerate(places.items()):
        own = place >= caps
        colour = COLOURS[place % len(COLOURS)]
        symbol = "line-ns-open" if own else _SYMBOLS[place % len(_SYMBOLS)]
        figure.add_scatter(
            x=[x for x, _, _ in points],
            y=[y for _, y, _ in points],
            mode="markers",
            name=name,
            marker={
                "color": colour,
                "symbol": symbol,
                "size": 16 if own else 9,
                "line": {"width": 2 if own else 0, "color": colour},
            },
            customdata=[
                [row["name"], plain(row["name"], 80), f"{number(x, 'plain')} hours, n = {row['submissions']:,} answers"]
                for x, _, row in points
            ],
            hovertemplate=f"%{{customdata[1]}}<br>{name}<br>%{{customdata[2]}}<extra></extra>",
        )
    framed(figure, x="hours at work", y="", height=110 + 27 * max(len(ordered), 1))
    figure.update_xaxes(rangemode="tozero")
    figure.update_yaxes(
        tickvals=list(range(len(ordered))),
        ticktext=[plain(row["name"]) for row in ordered],
        range=[-0.7, max(len(ordered), 1) - 0.3],
        showgrid=False,
    )
    return figure
