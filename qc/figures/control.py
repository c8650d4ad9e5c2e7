"""Control charts: the path of a subject's evidence, and how near each subject is to its alarm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from qc.figures.theme import ALARM, MAIN, MOST, MUTED, SECOND, empty, framed, vertical
from qc.figures.words import plain

# Changes of level nearer to each other than this share of the axis have their names on lines of their own.
_NEAR: Final = 0.14
_LINES: Final = 4


def control_chart(
    path: Sequence[Mapping[str, Any]], changes: Sequence[Mapping[str, Any]] = (), *, threshold: float
) -> Any:
    """The statistic of a control chart after each judged answer, its threshold, alarms, and changes of level.

    path: n (place in the order of judging), at, item_id, question, error, value, alarm, level. changes: after (how
    many answers came before), before, level, actor, reason, at. A point's customdata begins with item and question.
    """
    places = [row["n"] for row in path]
    first, last = (places[0], places[-1]) if places else (1, 1)
    top = max([threshold, *(row["value"] for row in path)]) * 1.06
    figure = empty()
    _steps(figure, path)
    wrong = [row for row in path if row["error"] and not row["alarm"]]
    for rows, name, colour, symbol, size in (
        (wrong, "judged wrong", SECOND, "circle", 7),
        ([row for row in path if row["alarm"]], "alarm", ALARM, "diamond", 13),
    ):
        if rows:
            figure.add_scatter(
                x=[row["n"] for row in rows],
                y=[row["value"] for row in rows],
                mode="markers",
                marker={"color": colour, "symbol": symbol, "size": size, "line": {"width": 1, "color": MUTED}},
                name=name,
                customdata=[_told(row) for row in rows],
                hovertemplate=_HOVER.format(name),
            )
    figure.add_scatter(
        x=[first - 0.5, last + 0.5],
        y=[threshold, threshold],
        mode="lines",
        line={"color": ALARM, "dash": "dash", "width": 1.5},
        name=f"alarm at {threshold:.2f}",
        hoverinfo="skip",
    )
    lines = _changes(figure, changes, first, last, top)
    framed(figure, x="judged answer, in the order of judging", y="evidence, in errors", height=330)
    margin = max(0.5, 0.02 * (last - first))
    figure.update_xaxes(range=[first - margin, last + 0.5 + margin], tickformat=",d")
    figure.update_yaxes(range=[-0.04 * top, top * (1 + 0.09 * lines)])
    return figure


_HOVER: Final = (
    "{}<br>%{{customdata[2]}}<br>%{{customdata[3]}}<br>"
    "evidence %{{y:.2f}} after n = %{{x:,}} judged, level %{{customdata[4]}}<extra></extra>"
)


def _told(row: Mapping[str, Any]) -> list[Any]:
    return [row["item_id"], row["question"], plain(row["item_id"], 60), plain(row["at"]), plain(row["level"])]


def _steps(figure: Any, path: Sequence[Mapping[str, Any]]) -> None:
    """The path, broken where it began anew."""
    x: list[float | None] = []
    y: list[float | None] = []
    told: list[list[Any]] = []
    for before, row in zip([None, *path], path, strict=False):
        if before is not None and (before["alarm"] or before["level"] != row["level"]):
            x.append(None)
            y.append(None)
            told.append(_told(row))
        x.append(row["n"])
        y.append(row["value"])
        told.append(_told(row))
    figure.add_scatter(
        x=x,
        y=y,
        mode="lines",
        line={"color": MAIN, "width": 2, "shape": "hv"},
        name="evidence",
        customdata=told,
        hovertemplate=_HOVER.format("judged"),
    )


def _changes(figure: Any, changes: Sequence[Mapping[str, Any]], first: int, last: int, top: float) -> int:
    """A line for each change of level, named above the path; returns how many lines the names take."""
    shown = [change for change in changes if change["after"] >= first - 1]
    near = _NEAR * max(last - first, 1)
    at: list[float] = []
    heights: list[int] = []
    for change in shown:
        place = change["after"] + 0.5
        taken = {height for other, height in zip(at, heights, strict=True) if place - other < near}
        at.append(place)
        heights.append(next((line for line in range(_LINES) if line not in taken), _LINES - 1))
    for change, place, height in zip(shown, at, heights, strict=True):
        y = top * (1.05 + 0.09 * height)
        right = place > first + 0.8 * (last - first)
        figure.add_scatter(
            x=[place, place],
            y=[0, y],
            mode="lines+markers+text",
            line={"color": MUTED, "width": 1.2, "dash": "dot"},
            marker={"color": MUTED, "size": [0, 8], "symbol": "square"},
            text=["", f"{plain(change['level'])}&nbsp;" if right else f"&nbsp;{plain(change['level'])}"],
            textposition="middle left" if right else "middle right",
            textfont={"color": MUTED},
            showlegend=False,
            cliponaxis=False,
            hovertemplate=f"{plain(change['before'])} → {plain(change['level'])}, {plain(change['at'])}<br>"
            f"by {plain(change['actor']).replace('%{', '% {')} after n = {change['after']:,} judged<extra></extra>",
        )
    return max(heights, default=-1) + 1


def lots_judged(rows: Sequence[Mapping[str, Any]]) -> Any:
    """Errors in the sample of each lot, and from how many on it is rejected; the latest on top, of many the last 40.

    rows: lot, errors, n, rejected_from, outcome; in the order of judging.
    """
    shown = list(rows)[-MOST:]
    places = list(range(len(shown)))
    figure = empty()
    for outcome, colour in (("accepted", MAIN), ("rejected", ALARM)):
        at = [place for place in places if shown[place]["outcome"] == outcome]
        if at:
            figure.add_bar(
                x=[shown[place]["errors"] for place in at],
                y=at,
                orientation="h",
                width=0.5,
                marker={"color": colour},
                name=outcome,
                text=[f"{shown[place]['errors']} {outcome}" for place in at],
                textposition="outside",
                cliponaxis=False,
                customdata=[[plain(shown[place]["lot"], 80), shown[place]["n"]] for place in at],
                hovertemplate="%{customdata[0]}<br>%{x} errors in n = %{customdata[1]:,} answers<extra></extra>",
            )
    figure.add_scatter(
        x=[row["rejected_from"] for row in shown],
        y=places,
        mode="markers",
        marker={"symbol": "line-ns-open", "size": 22, "color": MUTED, "line": {"width": 3}},
        name="rejected from here on",
        customdata=[[plain(row["lot"], 80), row["n"]] for row in shown],
        hovertemplate="%{customdata[0]}<br>rejected from %{x} errors on, n = %{customdata[1]:,} answers<extra></extra>",
    )
    framed(figure, x="errors in the sample of the lot", y="", height=110 + 32 * max(len(shown), 1))
    top = max([1, *(max(row["errors"], row["rejected_from"]) for row in shown)])
    figure.update_xaxes(range=[-0.02 * top, 1.25 * top], dtick=max(1, top // 8))
    figure.update_yaxes(
        tickvals=places,
        ticktext=[plain(row["lot"]) for row in shown],
        range=[-0.7, max(len(shown), 1) - 0.3],
        showgrid=False,
    )
    return figure


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
