"""Square figures: who agrees with whom, and which label is taken for which."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from qc.figures.theme import MOST, MUTED, ON_DEEP, ON_PALE, SEQUENTIAL, empty, framed
from qc.figures.words import estimate, plain

_FEW = "rgba(128,136,148,0.30)"
_MOST_TEXT = 14
_OF = {"kappa": "kappa", "percent": "F1"}


# Column, row, text, depth of the colour from 0 to 1, and what hover and clicks are told.
Cell = tuple[int, int, str, float, list[str]]


def pairs(rows: Sequence[Mapping[str, Any]], *, least: int = 30, figure_of: str = "kappa") -> Any:
    """Cohen's kappa of each two annotators; grey below `least` shared items, because such a kappa says nothing.

    rows: a, b, n, and `figure_of` (E), which may be percent (F1 of objects) instead of kappa; of many names, the 40
    with the most shared items. A point's customdata begins with the two raw names.
    """
    names = _weightiest((name, row["n"]) for row in rows for name in (row["a"], row["b"]))
    place = {name: at for at, name in enumerate(names)}
    size = len(names)
    kappa: list[list[float | None]] = [[None] * size for _ in names]
    few: list[list[float | None]] = [[None] * size for _ in names]
    points: list[Cell] = []
    for row in rows:
        if row["a"] not in place or row["b"] not in place:
            continue
        value = row[figure_of]["value"]
        known = value is not None and row["n"] >= least
        text = estimate(row[figure_of]) if known else f"{row['n']:,} shared items: too few to tell"
        for a, b in ((row["a"], row["b"]), (row["b"], row["a"])):
            (kappa if known else few)[place[b]][place[a]] = value if known else 1.0
            told = [a, b, plain(a, 80), plain(b, 80), plain(text, 200)]
            shown = f"{value:.2f}" if known and size <= _MOST_TEXT else ""
            points.append((place[a], place[b], shown, value if known else 0.0, told))
    axis = list(range(size))
    figure = empty()
    figure.add_heatmap(
        x=axis, y=axis, z=few, colorscale=[[0, _FEW], [1, _FEW]], showscale=False, hoverinfo="skip", xgap=2, ygap=2
    )
    figure.add_heatmap(
        x=axis,
        y=axis,
        z=kappa,
        zmin=0,
        zmax=1,
        colorscale=[list(stop) for stop in SEQUENTIAL],
        colorbar={"title": {"text": _OF[figure_of]}, "thickness": 12, "outlinewidth": 0},
        hoverinfo="skip",
        xgap=2,
        ygap=2,
    )
    _cells(
        figure,
        points,
        f"%{{customdata[2]}} and %{{customdata[3]}}<br>{_OF[figure_of]} %{{customdata[4]}}<extra></extra>",
    )
    framed(figure, x="annotator", y="annotator", height=150 + 34 * max(size, 3))
    _ticks(figure, names, names)
    return figure


def confusion(rows: Sequence[Mapping[str, Any]]) -> Any:
    """What was given where something else was true: the share of each true label, with counts in the cells.

    rows: truth, given, n; of many labels, the 40 commonest. A point's customdata begins with the raw truth and the raw
    label given.
    """
    labels = _weightiest((label, row["n"]) for row in rows for label in (row["truth"], row["given"]))
    place = {label: at for at, label in enumerate(labels)}
    counts: dict[tuple[str, str], int] = defaultdict(int)
    for row in rows:
        counts[row["truth"], row["given"]] += row["n"]
    totals: dict[str, int] = defaultdict(int)
    for (truth, _), n in counts.items():
        totals[truth] += n
    shares: list[list[float | None]] = [[None] * len(labels) for _ in labels]
    points: list[Cell] = []
    for (truth, given), n in counts.items():
        if truth not in place or given not in place:
            continue
        share = n / totals[truth] if totals[truth] else 0.0
        shares[place[truth]][place[given]] = share
        told = [truth, given, plain(truth, 80), plain(given, 80), f"{n:,} of {totals[truth]:,} ({share:.1%})"]
        points.append((place[given], place[truth], f"{n:,}" if len(labels) <= _MOST_TEXT else "", share, told))
    axis = list(range(len(labels)))
    figure = empty()
    figure.add_heatmap(
        x=axis,
        y=axis,
        z=shares,
        zmin=0,
        zmax=1,
        colorscale=[list(stop) for stop in SEQUENTIAL],
        colorbar={"title": {"text": "share"}, "tickformat": ".0%", "thickness": 12, "outlinewidth": 0},
        hoverinfo="skip",
        xgap=2,
        ygap=2,
    )
    _cells(figure, points, "true: %{customdata[2]}<br>given: %{customdata[3]}<br>n = %{customdata[4]}<extra></extra>")
    framed(figure, x="label given", y="true label", height=150 + 38 * max(len(labels), 3))
    _ticks(figure, labels, labels)
    figure.update_yaxes(autorange="reversed")
    return figure


def _weightiest(weights: Iterable[tuple[str, int]]) -> list[str]:
    """The names that carry most, in the order of the alphabet."""
    total: dict[str, int] = defaultdict(int)
    for name, weight in weights:
        total[name] += weight
    return sorted(sorted(total, key=lambda name: (-total[name], name))[:MOST])


def _cells(figure: Any, points: Sequence[Cell], hover: str) -> None:
    """Hover, text and clicks of the cells; Plotly lets nobody select a cell of a heat map itself.

    A trace for each colour of text, as a click pales the text of all other cells unless one colour is named for them.
    """
    for colour, deep in ((ON_PALE, False), (ON_DEEP, True)):
        cells = [point for point in points if (point[3] > 0.6) == deep]
        if not cells:
            continue
        figure.add_scatter(
            x=[x for x, _, _, _, _ in cells],
            y=[y for _, y, _, _, _ in cells],
            text=[text for _, _, text, _, _ in cells],
            textfont={"color": colour},
            customdata=[told for _, _, _, _, told in cells],
            mode="markers+text",
            marker={"symbol": "square", "size": 30, "opacity": 0, "color": MUTED},
            unselected={"textfont": {"color": colour}, "marker": {"opacity": 0}},
            hovertemplate=hover,
            showlegend=False,
        )


def _ticks(figure: Any, across: Sequence[str], up: Sequence[str]) -> None:
    figure.update_xaxes(
        tickvals=list(range(len(across))), ticktext=[plain(name, 18) for name in across], showgrid=False
    )
    figure.update_yaxes(tickvals=list(range(len(up))), ticktext=[plain(name, 18) for name in up], showgrid=False)
