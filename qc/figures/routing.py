"""What passes unseen above each confidence, and how much of it is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from qc.figures.theme import ALARM, BAND, CLEAR, MAIN, SECOND, empty, framed, horizontal, vertical
from qc.figures.words import estimate, plain


def let_through(
    rows: Sequence[Mapping[str, Any]], *, target: float | None = None, marked: Mapping[str, float] | None = None
) -> Any:
    """The error among the answers that pass, with its band, and the share that passes, by threshold in %.

    rows: threshold, passing E, error E. marked: thresholds to be named, by what they are called.
    """
    known = [row for row in rows if row["error"]["value"] is not None]
    at = [row["threshold"] for row in known]
    figure = empty()
    for bound, fill in (("high", None), ("low", "tonexty")):
        figure.add_scatter(
            x=at,
            y=[100 * row["error"][bound] for row in known],
            mode="lines",
            line={"color": CLEAR},
            fill=fill,
            fillcolor=BAND,
            showlegend=False,
            hoverinfo="skip",
        )
    for name, key, colour, dash, symbol in (
        ("wrong among those that pass", "error", MAIN, "solid", "circle"),
        ("pass unseen", "passing", SECOND, "dot", "diamond"),
    ):
        figure.add_scatter(
            x=at,
            y=[100 * row[key]["value"] for row in known],
            mode="lines+markers",
            line={"color": colour, "width": 2, "dash": dash},
            marker={"color": colour, "symbol": symbol, "size": 7},
            name=name,
            customdata=[[plain(estimate(row[key], "percent"), 200)] for row in known],
            hovertemplate=f"from %{{x:.2f}} on<br>{name}: %{{customdata[0]}}<extra></extra>",
        )
    if target is not None:
        horizontal(figure, 100 * target, f"target {100 * target:g} %", "top left")
    places = sorted((marked or {}).items(), key=lambda entry: entry[1])
    for place, (name, threshold) in enumerate(places):
        vertical(figure, threshold, plain(name), "top left" if place % 2 == 0 else "bottom left")
    framed(figure, x="least confidence that passes unseen", y="share of answers, %", height=400)
    figure.update_yaxes(range=[0, 103])
    return figure


def by_label(rows: Sequence[Mapping[str, Any]]) -> Any:
    """False positives and false negatives of each label, in %, with intervals.

    rows: label and both as E. A point's customdata begins with the raw label.
    """
    figure = empty()
    names = [plain(row["label"]) for row in rows]
    for shift, (name, key, colour, symbol) in zip(
        (-0.13, 0.13),
        (
            ("called so, and is not", "false_positive", MAIN, "circle"),
            ("is so, and called otherwise", "false_negative", ALARM, "diamond"),
        ),
        strict=True,
    ):
        known = [(at, row) for at, row in enumerate(rows) if row[key]["value"] is not None]
        values = [100 * row[key]["value"] for _, row in known]
        figure.add_scatter(
            x=values,
            y=[at + shift for at, _ in known],
            error_x={
                "type": "data",
                "array": [100 * row[key]["high"] - x for (_, row), x in zip(known, values, strict=True)],
                "arrayminus": [x - 100 * row[key]["low"] for (_, row), x in zip(known, values, strict=True)],
                "thickness": 1.5,
                "width": 4,
                "color": colour,
            },
            mode="markers",
            marker={"color": colour, "symbol": symbol, "size": 10},
            name=name,
            customdata=[
                [row["label"], plain(row["label"], 80), plain(estimate(row[key], "percent"), 200)] for _, row in known
            ],
            hovertemplate="%{customdata[1]}<br>%{customdata[2]}<extra></extra>",
        )
    framed(figure, x="share of answers, %", y="", height=110 + 42 * max(len(rows), 1))
    figure.update_yaxes(tickvals=list(range(len(rows))), ticktext=names, showgrid=False)
    return figure
