"""What review changes: errors before and after it by month, and more labels in place of review."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from qc.figures.theme import ALARM, MAIN, SECOND, empty, error_bars, framed
from qc.figures.words import estimate, plain

# How the ways of reviewing are called, by the name of their policy.
WAYS: Final = {
    "random": "review a random share",
    "estimate": "estimate, then all or none",
    "ranked": "review the riskiest share",
}
# The same, each at its best, by the name of the choice.
CHOICES: Final = {
    "none": "no review",
    "estimate": "an estimation sample",
    "ranked": "the riskiest answers",
    "all": "full review",
}


def before_after(rows: Sequence[Mapping[str, Any]]) -> Any:
    """The error rate before and after review with intervals, month by month.

    rows: key (the month), answers, before E, after E.
    """
    figure = empty()
    for name, column, colour, symbol in (
        ("before review", "before", ALARM, "diamond"),
        ("after review", "after", MAIN, "circle"),
    ):
        known = [row for row in rows if row[column]["value"] is not None]
        figure.add_scatter(
            x=[plain(row["key"]) for row in known],
            y=[100 * row[column]["value"] for row in known],
            error_y={**error_bars([row[column] for row in known], 100), "color": colour},
            mode="lines+markers",
            line={"color": colour, "width": 1.5},
            marker={"color": colour, "symbol": symbol, "size": 9},
            name=name,
            customdata=[[plain(estimate(row[column], "percent"), 200), row["answers"]] for row in known],
            hovertemplate="%{x}<br>" + name + " %{customdata[0]}<br>of %{customdata[1]:,}<extra></extra>",
        )
    framed(figure, x="month", y="answers that are wrong, %", height=320)
    figure.update_xaxes(type="category")
    figure.update_yaxes(rangemode="tozero")
    return figure


def labels_or_review(rows: Sequence[Mapping[str, Any]]) -> Any:
    """Errors left by what is paid for an item, as more labels and as review of single labels at the same price.

    rows: labels, paid, error E, review_share, reviewed_error E.
    """
    figure = empty()
    for name, column, colour, symbol in (
        ("majority of more labels", "error", MAIN, "circle"),
        ("one label, and review for the rest", "reviewed_error", SECOND, "square"),
    ):
        figure.add_scatter(
            x=[row["labels"] for row in rows],
            y=[100 * row[column]["value"] for row in rows],
            error_y={**error_bars([row[column] for row in rows], 100), "color": colour},
            mode="lines+markers",
            line={"color": colour, "width": 1.5},
            marker={"color": colour, "symbol": symbol, "size": 8},
            name=name,
            customdata=[
                [plain(estimate(row[column], "percent"), 200), row["paid"], 100 * row["review_share"]] for row in rows
            ],
            hovertemplate=name + "<br>wrong %{customdata[0]}<br>%{customdata[1]:,.2f} an item, "
            "or a review of %{customdata[2]:.0f} %<extra></extra>",
        )
    framed(figure, x="labels an item that the money would buy", y="items that are wrong, %", height=340)
    figure.update_xaxes(tickvals=[row["labels"] for row in rows][:: 1 + len(rows) // 15])
    figure.update_yaxes(rangemode="tozero")
    return figure
