"""What several people drew on one picture, each in a colour."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from math import cos, radians, sin
from typing import Any, Final

import numpy as np

from qc.figures.theme import CLEAR, COLOURS, GRID, empty
from qc.figures.words import plain

TALLEST: Final = 640
ACROSS: Final = 900
FACE: Final = "rgba(128,136,148,0.12)"

Region = Mapping[str, Any]
Line = tuple[list[float | None], list[float | None]]


def drawn(
    answers: Sequence[tuple[str, Sequence[Region]]],
    width: int | None,
    height: int | None,
    jpeg: bytes | None = None,
) -> Any:
    """Boxes, polygons, lines, points and masks of each named answer, over the picture or an empty ground of its size.

    Without a size the ground is as large as what was drawn. Pixels, origin top left.
    """
    lines = [(name, [(region, outline(region)) for region in regions]) for name, regions in answers]
    figure = empty()
    ground(figure, [line for _, shapes in lines for _, line in shapes], width, height, jpeg)
    for place, (name, shapes) in enumerate(lines):
        _add(figure, name, shapes, COLOURS[place % len(COLOURS)])
    return figure


def ground(
    figure: Any, lines: Sequence[Line], width: int | None, height: int | None, jpeg: bytes | None, across: int = ACROSS
) -> None:
    """Lay a picture under a figure, or an empty ground of its size, with its origin at the top left.

    across: pixels of the screen that its width will take, about.
    """
    wide, high = width or _farthest(lines, 0), height or _farthest(lines, 1)
    if jpeg is not None:
        source = "data:image/jpeg;base64," + b64encode(jpeg).decode()
        figure.add_layout_image(
            source=source, xref="x", yref="y", x=0, y=0, sizex=wide, sizey=high, sizing="stretch", layer="below"
        )
    figure.update_layout(
        height=min(TALLEST, max(240, 80 + round(across * high / max(wide, 1)))),
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        paper_bgcolor=CLEAR,
        plot_bgcolor=CLEAR if jpeg is not None else FACE,
        legend={"orientation": "h", "yanchor": "bottom", "y": 1.0, "xanchor": "left", "x": 0.0},
        dragmode="pan",
    )
    figure.update_xaxes(range=[0, wide], title_text="pixels", gridcolor=GRID, zeroline=False, constrain="domain")
    figure.update_yaxes(range=[high, 0], gridcolor=GRID, zeroline=False, scaleanchor="x", constrain="domain")


def _add(figure: Any, name: str, shapes: Sequence[tuple[Region, Line]], colour: str) -> None:
    """One trace of all outlines, so that a click in the legend hides an answer, and one of their labels."""
    xs: list[float | None] = []
    ys: list[float | None] = []
    texts: list[str] = []
    for region, (x, y) in shapes:
        said = plain(region.get("label") or "")
        xs += [*x, None]
        ys += [*y, None]
        texts += [said] * (len(x) + 1)
    figure.add_scatter(
        x=xs,
        y=ys,
        mode="lines+markers",
        name=plain(name),
        legendgroup=name,
        line={"color": colour, "width": 2},
        marker={"color": colour, "size": 5},
        text=texts,
        hovertemplate="%{text}<extra>%{fullData.name}</extra>",
    )
    corners = [(region, x, y) for region, (x, y) in shapes if x]
    figure.add_scatter(
        x=[x[0] for _, x, _ in corners],
        y=[y[0] for _, _, y in corners],
        mode="text",
        text=[plain(str(region.get("label") or "")) for region, _, _ in corners],
        textposition="top right",
        textfont={"color": colour, "size": 11},
        legendgroup=name,
        showlegend=False,
        hoverinfo="skip",
    )


def outline(region: Region) -> Line:
    """The edge of a region as a line; gaps are None."""
    if region.get("mask_rle") is not None:
        return _mask(region)
    points = region.get("points")
    if points:
        x, y = [float(v) for v in points[0::2]], [float(v) for v in points[1::2]]
        closed = region.get("kind") in ("polygons", "masks")
        if region.get("kind") == "keypoints":
            return _apart(x, y)
        return ([*x, x[0]], [*y, y[0]]) if closed else (list(x), list(y))
    if region.get("w") is None or region.get("x") is None:
        return [], []
    left, top, wide, high = (float(region[side] or 0.0) for side in ("x", "y", "w", "h"))
    turn = radians(float(region.get("rotation") or 0.0))
    # Boxes are turned about their centres.
    half = wide / 2, high / 2
    corners = [(-half[0], -half[1]), (half[0], -half[1]), (half[0], half[1]), (-half[0], half[1]), (-half[0], -half[1])]
    x = [left + half[0] + dx * cos(turn) - dy * sin(turn) for dx, dy in corners]
    y = [top + half[1] + dx * sin(turn) + dy * cos(turn) for dx, dy in corners]
    return list(x), list(y)


def _apart(x: Sequence[float], y: Sequence[float]) -> Line:
    """Points that no line joins."""
    xs: list[float | None] = []
    ys: list[float | None] = []
    for one, other in zip(x, y, strict=True):
        xs += [one, None]
        ys += [other, None]
    return xs[:-1], ys[:-1]


def _mask(region: Region) -> Line:
    """The edges of a mask, column by column: where a run of its pixels begins and ends (COCO's order)."""
    high = int(region["mask_h"])
    ends = np.cumsum(np.asarray(region["mask_rle"], dtype=np.int64))
    begins, stops = ends[0::2], ends[1::2]
    begins = begins[: len(stops)]
    top: dict[int, list[int]] = {}
    for begin, stop in zip(begins.tolist(), stops.tolist(), strict=True):
        for column in range(begin // high, (stop - 1) // high + 1):
            first, last = max(begin - column * high, 0), min(stop - column * high, high)
            seen = top.setdefault(column, [first, last])
            seen[0], seen[1] = min(seen[0], first), max(seen[1], last)
    columns = sorted(top)
    x = [float(column) for column in columns]
    return (
        [*x, *reversed(x), *x[:1]],
        [*(float(top[c][0]) for c in columns), *(float(top[c][1]) for c in reversed(columns)),
         *(float(top[c][0]) for c in columns[:1])],
    )  # fmt: skip


def _farthest(lines: Sequence[Line], axis: int) -> int:
    values = (value for line in lines for value in line[axis] if value is not None)
    return int(max(values, default=100.0)) + 10
