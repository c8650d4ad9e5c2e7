"""A figure as one SVG element: panels, axes, legend and marks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import radians, sin
from typing import Any, Final

from qc.reports.drawing.axis import Axis, axis
from qc.reports.drawing.marks import bars, cells, edges, point, reference, remark, scatter
from qc.reports.drawing.words import safe, width

WIDTH: Final = 720
TOP: Final = 10.0
RIGHT: Final = 14.0
BELOW: Final = 44.0
LEGEND: Final = 22.0
SCALE: Final = 58.0
_MOST_LEFT: Final = 210.0
_MOST_BELOW: Final = 130.0
_SLOPE: Final = 38
_UPRIGHT: Final = 90
_LINE: Final = 15.0


def svg(figure: Any, alt: str) -> str:
    """A figure of `qc.figures` as static SVG, 720 units wide; `alt` says in words what it shows.

    Draws what those figures are made of: lines, bands, points, bars and heat maps, reference lines, one shared axis
    across and up to two up. Text takes the colour of the page, so that it reads on light and dark.
    """
    plan = figure.to_plotly_json()
    traces, layout = list(plan["data"]), plan["layout"]
    legend = _legend(traces, layout)
    rows = _rows(legend)
    top = TOP + LEGEND * len(rows)
    height = float(layout.get("height") or 320) + LEGEND * max(len(rows) - 1, 0)
    panels = [_key(name) for name in ("yaxis", "yaxis2") if name == "yaxis" or name in layout]
    heat = next((trace for trace in traces if trace["type"] == "heatmap" and trace.get("showscale") is not False), None)
    texts = [text for key in panels for _, text in _up(traces, layout, key, 0.0, 1.0).ticks]
    left = min(max((width(text) for text in texts), default=20) + 34, _MOST_LEFT)
    right = WIDTH - RIGHT - (SCALE if heat else 0)
    across = _across(traces, layout, left, right)
    turned = _turned(across)
    longest = max((width(text) for _, text in across.ticks), default=0)
    below = BELOW + min(longest, _MOST_BELOW) * sin(radians(turned))
    space = height - top - below
    body: list[str] = []
    for key in panels:
        share = (layout.get(_long(key)) or {}).get("domain") or (0, 1)
        foot, head = (top + space * (1 - part) for part in share)
        up = _up(traces, layout, key, foot, head)
        body += _frame(up, left, right)
        if key == panels[-1]:
            body += _foot(across, up, turned, height)
        body += _marks(traces, layout, key, across, up)
    body += _legend_rows(rows, left)
    if heat:
        body += _scale(heat, right + 16, top, space)
    return (
        f'<svg viewBox="0 0 {WIDTH} {height:.0f}" role="img" aria-label="{safe(alt)}" font-size="11">'
        f"{''.join(body)}</svg>"
    )


def _key(name: str) -> str:
    return name.replace("axis", "")


def _long(key: str) -> str:
    return f"{key[0]}axis{key[1:]}"


def _of(traces: list[Mapping[str, Any]], key: str) -> list[Mapping[str, Any]]:
    return [trace for trace in traces if (trace.get("yaxis") or "y") == key]


def _across(traces: list[Mapping[str, Any]], layout: Mapping[str, Any], left: float, right: float) -> Axis:
    return axis(layout.get("xaxis") or {}, _values(traces, "x", layout), _pointed(traces), left, right)


def _up(traces: list[Mapping[str, Any]], layout: Mapping[str, Any], key: str, foot: float, head: float) -> Axis:
    own = _of(traces, key)
    values = list(_values(own, "y", layout))
    if any(trace["type"] == "bar" and trace.get("orientation") != "h" for trace in own):
        values.append(0)
    return axis(layout.get(_long(key)) or {}, values, _pointed(own) and 0 not in values, foot, head)


def _pointed(traces: list[Mapping[str, Any]]) -> bool:
    return any("markers" in (trace.get("mode") or "") for trace in traces) or any(
        trace["type"] == "bar" for trace in traces
    )


def _values(traces: list[Mapping[str, Any]], side: str, layout: Mapping[str, Any]) -> Iterator[Any]:
    """Everything that an axis has to reach: points, ends of intervals, stacked heights, reference lines."""
    stacked: dict[Any, float] = {}
    for trace in traces:
        values = list(trace.get(side) or ())
        yield from values
        if trace["type"] == "bar" and side == ("y" if trace.get("orientation") == "h" else "x"):
            yield from edges(trace, values)
        if trace["type"] == "bar" and side == "y" and layout.get("barmode") == "stack":
            for at, size in zip(trace["x"], values, strict=True):
                stacked[at] = stacked.get(at, 0.0) + size
        bar = trace.get(f"error_{side}") or {}
        for value, up, down in zip(values, bar.get("array") or (), bar.get("arrayminus") or (), strict=False):
            if value is not None:
                yield from (value + up, value - down)
    yield from stacked.values()
    for shape in layout.get("shapes") or ():
        if "domain" not in shape[f"{side}ref"]:
            yield from (shape[f"{side}0"], shape[f"{side}1"])


def _marks(
    traces: list[Mapping[str, Any]], layout: Mapping[str, Any], key: str, across: Axis, up: Axis
) -> Iterator[str]:
    before: Mapping[str, Any] | None = None
    base: dict[Any, float] = {}
    for trace in _of(traces, key):
        match trace["type"]:
            case "scatter":
                yield from scatter(trace, across, up, before)
            case "bar":
                stack = base if layout.get("barmode") == "stack" else {}
                yield from bars(trace, across, up, stack, layout.get("bargap") or 0.2)
            case "heatmap":
                yield from cells(trace, across, up)
        before = trace
    if key == "y":
        yield from (reference(shape, across, up) for shape in layout.get("shapes") or ())
        yield from (remark(note, across, up) for note in layout.get("annotations") or ())


def _frame(up: Axis, left: float, right: float) -> Iterator[str]:
    for value, text in up.ticks:
        place = up.at(value)
        if up.grid:
            yield f'<path class="grid" d="M{left:.1f},{place:.1f}H{right:.1f}"/>'
        yield f'<text class="tick" x="{left - 7:.1f}" y="{place + 4:.1f}" text-anchor="end">{safe(text)}</text>'
    if up.title:
        middle = (up.start + up.end) / 2
        yield (
            f'<text class="title" transform="translate(12,{middle:.1f}) rotate(-90)" text-anchor="middle">'
            f"{safe(up.title)}</text>"
        )


def _turned(across: Axis) -> int:
    """By how many degrees the names along the axis are turned, so that they do not overlap."""
    length = abs(across.end - across.start)
    if sum(width(text) + 8 for _, text in across.ticks) <= length:
        return 0
    return _SLOPE if length / len(across.ticks) >= _LINE else _UPRIGHT


def _foot(across: Axis, up: Axis, turned: int, height: float) -> Iterator[str]:
    floor, ceiling = max(up.start, up.end), min(up.start, up.end)
    for value, text in across.ticks:
        place = across.at(value)
        if across.grid:
            yield f'<path class="grid" d="M{place:.1f},{floor:.1f}V{ceiling:.1f}"/>'
        if turned:
            where = f'transform="translate({place + 4:.1f},{floor + 11:.1f}) rotate(-{turned})" text-anchor="end"'
        else:
            where = f'x="{place:.1f}" y="{floor + 16:.1f}" text-anchor="middle"'
        yield f'<text class="tick" {where}>{safe(text)}</text>'
    if across.title:
        middle = (across.start + across.end) / 2
        where = f'x="{middle:.1f}" y="{height - 6:.1f}" text-anchor="middle"'
        yield f'<text class="title" {where}>{safe(across.title)}</text>'


def _legend(traces: list[Mapping[str, Any]], layout: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The traces that a legend names; none where the figure has no legend."""
    named = [trace for trace in traces if trace.get("name") and trace.get("showlegend") is not False]
    wished = layout.get("showlegend")
    shown = wished if wished is not None else len(named) > 1 or any(trace.get("showlegend") for trace in named)
    return named if shown else []


def _rows(legend: list[Mapping[str, Any]]) -> list[list[Mapping[str, Any]]]:
    rows: list[list[Mapping[str, Any]]] = []
    used = 0.0
    for trace in legend:
        need = width(str(trace["name"])) + 40
        if not rows or used + need > WIDTH - 90:
            rows.append([])
            used = 0.0
        rows[-1].append(trace)
        used += need
    return rows


def _legend_rows(rows: list[list[Mapping[str, Any]]], left: float) -> Iterator[str]:
    for place, row in enumerate(rows):
        x, y = left, TOP + 8 + LEGEND * place
        for trace in row:
            marker, line = trace.get("marker") or {}, trace.get("line") or {}
            colour = safe(line.get("color") or marker.get("color") or "currentColor")
            if "lines" in (trace.get("mode") or ""):
                yield f'<path d="M{x:.1f},{y:.1f}h20" stroke="{colour}" stroke-width="{line.get("width") or 2}"/>'
            if trace["type"] == "bar":
                yield f'<rect x="{x + 4:.1f}" y="{y - 5:.1f}" width="11" height="11" fill="{colour}"/>'
            if "markers" in (trace.get("mode") or ""):
                yield point((x + 10, y), {**marker, "size": min(float(marker.get("size") or 8), 11)}, colour, "")
            yield f'<text x="{x + 26:.1f}" y="{y + 4:.1f}" fill="currentColor">{safe(trace["name"])}</text>'
            x += width(str(trace["name"])) + 40


def _scale(trace: Mapping[str, Any], left: float, top: float, space: float) -> Iterator[str]:
    """The colours of a heat map beside it, from its least to its most."""
    known = [value for row in trace["z"] for value in row if value is not None]
    low = trace["zmin"] if trace.get("zmin") is not None else min(known, default=0)
    high = trace["zmax"] if trace.get("zmax") is not None else max(known, default=1)
    length, steps = min(space, 160.0) - 20, 24
    column = {
        "z": [[low + (high - low) * (steps - 1 - at) / (steps - 1)] for at in range(steps)],
        "x": [0],
        "y": list(range(steps)),
        "colorscale": trace["colorscale"],
        "zmin": low,
        "zmax": high,
    }
    along = Axis(-0.5, 0.5, left, left + 12, (), (), "", False)
    down = Axis(-0.5, steps - 0.5, top + 20, top + 20 + length, (), (), "", False)
    yield from cells(column, along, down)
    bar = trace.get("colorbar") or {}
    percent = str(bar.get("tickformat") or "").endswith("%")
    title = str((bar.get("title") or {}).get("text") or "")
    yield f'<text class="tick" x="{left:.1f}" y="{top + 10:.1f}">{safe(title)}</text>'
    for value, y in ((high, top + 28), (low, top + 20 + length)):
        text = f"{100 * value:.0f} %" if percent else f"{value:,.4g}"
        yield f'<text class="tick" x="{left + 17:.1f}" y="{y:.1f}">{text}</text>'
