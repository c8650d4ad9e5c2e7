"""What changed between two answers, drawn over each other: a colour, a stroke and a sign for each state.

A change is (state, regions before, regions after); the states are those of STROKES. Where something lay before is drawn
as where it was removed from, where it lies now as what it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from qc.figures.drawn import Region, ground, outline
from qc.figures.theme import COLOURS, empty, framed
from qc.figures.words import plain

Change = tuple[str, Sequence[Region], Sequence[Region]]

HALO: Final = "rgba(255,255,255,0.75)"
ROW: Final = 44
ACROSS: Final = 560
"""Pixels of the screen for the width of a picture, about."""
GIVEN: Final = "given"


@dataclass(frozen=True, slots=True)
class Stroke:
    """How a state looks: colour, dashes (as Plotly and CSS name them), sign, the shape of points, and what it says."""

    colour: str
    dash: str
    css: str
    sign: str
    symbol: str
    says: str


STROKES: Final[Mapping[str, Stroke]] = {
    "kept": Stroke(COLOURS[8], "solid", "solid", "=", "circle", "the same in both"),
    "moved": Stroke(COLOURS[4], "solid", "solid", "↔", "diamond", "lies elsewhere; dotted where it was"),
    "relabelled": Stroke(COLOURS[5], "dashdot", "double", "≠", "square", "has another label"),
    "moved and relabelled": Stroke(
        COLOURS[2], "longdashdot", "double", "↔≠", "star", "lies elsewhere, and has another label"
    ),
    "added": Stroke(COLOURS[0], "solid", "solid", "+", "cross", "only in the other"),
    "removed": Stroke(COLOURS[6], "dash", "dashed", "−", "x", "only in the answer"),
    GIVEN: Stroke(COLOURS[0], "solid", "solid", "", "circle", "as given"),
}
WAS: Final = "dot"
"""The dashes of where something lay before."""
_MOVED: Final = ("moved", "moved and relabelled")


def named(regions: Sequence[Region]) -> str:
    """The label of an object, which all its regions carry."""
    return str(regions[0].get("label") or "") if regions else ""


def renamed(change: Change) -> str:
    """The label before and after, once where they are the same."""
    _, before, after = change
    names = [named(regions) for regions in (before, after) if regions]
    return " → ".join(dict.fromkeys(name or "no label" for name in names))


def changed_shapes(changes: Sequence[Change], width: int | None, height: int | None, jpeg: bytes | None) -> Any:
    """Shapes before and after over the picture; a click in the legend hides a state. Pixels, origin top left."""
    figure = empty()
    lines = [line for _, before, after in changes for line in map(outline, (*before, *after))]
    ground(figure, lines, width, height, jpeg, across=ACROSS)
    figure.update_xaxes(showgrid=jpeg is None, title_text=None)
    figure.update_yaxes(showgrid=jpeg is None)
    for state, stroke in STROKES.items():
        own = [change for change in changes if change[0] == state]
        if state in _MOVED:
            was = replace(stroke, dash=WAS, symbol="circle-open")
            _add(figure, [(before, "") for _, before, _ in own], was, f"{state}: before", state)
        shown = [
            (after or before, f"{stroke.sign} {renamed(change)}") for change in own for _, before, after in [change]
        ]
        _add(figure, shown, stroke, f"{stroke.sign} {state}".strip(), state)
    return figure


def _add(figure: Any, objects: Sequence[tuple[Sequence[Region], str]], stroke: Stroke, name: str, state: str) -> None:
    """One line for all objects of a state with a pale one below it, so that it is seen on any picture."""
    if not objects:
        return
    xs: list[float | None] = []
    ys: list[float | None] = []
    texts: list[str] = []
    tags: list[tuple[float, float, str]] = []
    for regions, said in objects:
        for region in regions:
            x, y = outline(region)
            xs, ys = [*xs, *x, None], [*ys, *y, None]
            texts += [plain(said.strip() or named(regions))] * (len(x) + 1)
            if x and said and region is regions[0]:
                tags.append((x[0] or 0.0, y[0] or 0.0, plain(said.strip())))
    points = any(region.get("kind") == "keypoints" for regions, _ in objects for region in regions)
    ink = {"color": stroke.colour, "width": 2.5, "dash": stroke.dash}
    for line, shown, size in (({"color": HALO, "width": 6}, False, 13), (ink, True, 9)):
        figure.add_scatter(
            x=xs,
            y=ys,
            mode="lines+markers" if points else "lines",
            line=line,
            marker={"color": line["color"], "size": size, "symbol": stroke.symbol},
            name=name,
            legendgroup=name,
            showlegend=shown,
            text=texts,
            hovertemplate="%{text} (%{x:.0f}, %{y:.0f})<extra>" + plain(state) + "</extra>",
            hoverinfo=None if shown else "skip",
        )
    for left, top, said in tags:
        figure.add_annotation(
            x=left,
            y=top,
            text=said,
            showarrow=False,
            xanchor="left",
            yanchor="bottom",
            font={"color": stroke.colour, "size": 12},
            bgcolor=HALO,
            borderpad=1,
        )


def changed_intervals(rows: Sequence[tuple[str, Sequence[Change]]]) -> Any:
    """Along one recording a row for each comparison, and in it what was before above what is now; seconds."""
    figure = empty()
    names: list[str] = []
    for title, changes in rows:
        lanes = _lanes(title, changes)
        names += list(lanes)
        for name, lane in lanes.items():
            for state, stroke in STROKES.items():
                _bars(figure, name, [(*change, region) for change, region in lane if change[0] == state], stroke)
    framed(figure, x="seconds", y="", height=110 + ROW * len(names))
    figure.update_layout(barmode="overlay", bargap=0.35)
    figure.update_yaxes(type="category", categoryorder="array", categoryarray=list(reversed(names)))
    seen: set[str] = set()
    for trace in figure.data:
        trace.showlegend = trace.name not in seen
        seen.add(trace.name)
    return figure


def _lanes(title: str, changes: Sequence[Change]) -> dict[str, list[tuple[Change, Region]]]:
    """The answer's bars, and those of what it is compared with where there is anything."""
    lanes: dict[str, list[tuple[Change, Region]]] = {"The answer": []}
    for change in changes:
        lanes["The answer"] += [(change, region) for region in change[1]]
        if change[0] != GIVEN:
            lanes.setdefault(title, []).extend((change, region) for region in change[2])
    return lanes


def _bars(figure: Any, name: str, bars: Sequence[tuple[str, Any, Any, Region]], stroke: Stroke) -> None:
    if not bars:
        return
    regions = [region for *_, region in bars]
    begins = [float(region.get("sec_start") or 0.0) for region in regions]
    ends = [float(region.get("sec_end") or region.get("sec_start") or 0.0) for region in regions]
    figure.add_bar(
        orientation="h",
        y=[name] * len(bars),
        x=[end - begin for begin, end in zip(begins, ends, strict=True)],
        base=begins,
        customdata=[[end] for end in ends],
        text=[plain(f"{stroke.sign} {region.get('label') or ''}".strip()) for region in regions],
        textposition="inside",
        insidetextanchor="start",
        marker={
            "color": stroke.colour,
            "pattern": {
                **{"shape": _PATTERNS.get(bars[0][0], ""), "fillmode": "overlay", "size": 8, "solidity": 0.3},
                "fgcolor": "rgba(255,255,255,0.45)",
            },
        },
        name=f"{stroke.sign} {bars[0][0]}".strip(),
        hovertemplate="%{text} %{base:.2f}–%{customdata[0]:.2f} s<extra>%{fullData.name}</extra>",
    )


_PATTERNS: Final[Mapping[str, str]] = {
    "removed": "/",
    "moved": "-",
    "relabelled": ".",
    "moved and relabelled": "x",
}


def written(changes: Sequence[Change]) -> Iterator[tuple[int, int, str, bool, str]]:
    """The spans of a text to mark: begin, end, state, whether it lies there now, and the label to write before it."""
    for change in changes:
        state, before, after = change
        if state in _MOVED:
            yield from ((*_ends(region), state, False, "") for region in before)
        for region in after or before:
            yield (*_ends(region), state, True, renamed(change))


def _ends(region: Region) -> tuple[int, int]:
    return int(region.get("t_start") or 0), int(region.get("t_end") or 0)
