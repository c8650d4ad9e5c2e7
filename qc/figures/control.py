"""Control charts: how near each subject's evidence is to its alarm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from qc.figures.theme import ALARM, MAIN, MOST, empty, framed, vertical
from qc.figures.words import plain


def statistics_against_threshold(rows: Sequence[Mapping[str, Any]]) -> Any:
    """The statistic of each subject as a share of its threshold: 100 % is an alarm; of many, the 40 nearest to one.

    rows: name, statistic, threshold, n; rows without a statistic or a threshold are left out.
    """
    known = [row for row in rows if row["statistic"] is not None and row["threshold"]]
    ordered = sorted(known, key=lambda row: row["statistic"] / row["threshold"])[-MOST:]
    shares = [100 * row["statistic"] / row["threshold"] for row in ordered]
    figure = empty()
    figure.add_bar(
        x=shares,
        y=list(range(len(ordered))),
        orientation="h",
        marker={"color": [ALARM if share >= 100 else MAIN for share in shares]},
        text=[f"{share:.0f} %{' alarm' if share >= 100 else ''}" for share in shares],
        textposition="outside",
        cliponaxis=False,
        customdata=[
            [row["name"], plain(row["name"], 80), f"{row['statistic']:.2f} of {row['threshold']:.2f}", row["n"]]
            for row in ordered
        ],
        hovertemplate="%{customdata[1]}<br>statistic %{customdata[2]}<br>n = %{customdata[3]:,} judged<extra></extra>",
    )
    vertical(figure, 100, "alarm", "top left")
    framed(figure, x="evidence, % of the alarm threshold", y="", height=90 + 27 * max(len(ordered), 1))
    figure.update_xaxes(range=[0, max([110.0, *(1.15 * share for share in shares)])])
    figure.update_yaxes(
        tickvals=list(range(len(ordered))),
        ticktext=[plain(row["name"]) for row in ordered],
        range=[-0.7, max(len(ordered), 1) + 0.2],
        showgrid=False,
    )
    return figure
