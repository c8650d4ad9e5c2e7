"""The marks of a figure: lines, bands, points, bars, cells and reference lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

from qc.reports.drawing.axis import DAY, Axis, number
from qc.reports.drawing.words import safe, told

Trace = Mapping[str, Any]
DASHES: Final = {"dash": "6 4", "dot": "2 3"}
_POINTED: Final = {
    "diamond": "M0,-1.15L1.15,0L0,1.15L-1.15,0Z",
    "square": "M-.9,-.9H.9V.9H-.9Z",
    "triangle-up": "M0,-1.1L1,.8H-1Z",
    "triangle-left": "M-1.1,0L.8,-1V1Z",
    "star": "M0,-1.2L.3,-.4L1.15,-.4L.48,.12L.72,.95L0,.45L-.72,.95L-.48,.12L-1.15,-.4L-.3,-.4Z",
    "x": "M-.9,-.6L-.6,-.9L0,-.3L.6,-.9L.9,-.6L.3,0L.9,.6L.6,.9L0,.3L-.6,.9L-.9,.6L-.3,0Z",
}
_OPEN: Final = {"x-thin-open": "M-.8,-.8L.8,.8M-.8,.8L.8,-.8", "line-ns-open": "M0,-1V1"}


def scatter(trace: Trace, x: Axis, y: Axis, before: Trace | None) -> Iterator[str]:
    """Band, line, bars of error, points and texts of a scatter trace; a band reaches to the trace before it."""
    places = [(x.at(a), y.at(b)) if a is not None and b is not None else None for a, b in _both(trace)]
    mode = trace.get("mode") or "lines"
    line = trace.get("line") or {}
    if trace.get("fill") == "tonexty" and before is not None:
        yield _band(places, [(x.at(a), y.at(b)) for a, b in _both(before) if b is not None], trace)
    if "lines" in mode and line.get("width") != 0:
        yield from _line(places, line)
    yield from _errors(trace, x, y)
    marker = trace.get("marker") or {}
    if "markers" in mode and marker.get("opacity") != 0:
        for at, place in enumerate(places):
            if place is not None:
                yield point(place, marker, str(line.get("color") or "currentColor"), told(trace, at))
    if "text" in mode:
        yield from _texts(trace, places)


def bars(trace: Trace, x: Axis, y: Axis, base: dict[Any, float], gap: float) -> Iterator[str]:
    """Bars from their base, which grows where they are stacked."""
    across = trace.get("orientation") == "h"
    along, value = (y, x) if across else (x, y)
    positions, values = (trace["y"], trace["x"]) if across else (trace["x"], trace["y"])
    colours = (trace.get("marker") or {}).get("color")
    widths = trace.get("width") or [_step([along.number(at) for at in positions], positions) * (1 - gap)] * len(
        positions
    )
    for place, (at, size, thick) in enumerate(zip(positions, values, widths, strict=True)):
        if size is None:
            continue
        foot = base.get(at, 0.0)
        base[at] = foot + size
        centre = along.number(at)
        first, last = sorted((along.at(centre - thick / 2), along.at(centre + thick / 2)))
        low, high = sorted((value.at(foot), value.at(foot + size)))
        box = (low, first, high - low, last - first) if across else (first, low, last - first, high - low)
        colour = colours[place] if isinstance(colours, list | tuple) else colours
        yield _box(box, str(colour), told(trace, place))
        if trace.get("text"):
            yield _text(high + 5, (first + last) / 2, trace["text"][place], "start")


def edges(trace: Trace, positions: Sequence[Any]) -> Iterator[float]:
    """How far the outermost bars reach along their axis."""
    numbers = [number(at) for at in positions]
    if numbers:
        half = max(trace.get("width") or [_step(numbers, positions)]) / 2
        yield from (min(numbers) - half, max(numbers) + half)


def cells(trace: Trace, x: Axis, y: Axis) -> Iterator[str]:
    """The cells of a heat map, and its scale at the right unless it has none."""
    known = [value for row in trace["z"] for value in row if value is not None]
    low = trace["zmin"] if trace.get("zmin") is not None else min(known, default=0)
    high = trace["zmax"] if trace.get("zmax") is not None else max(known, default=1)
    gap = (trace.get("xgap") or 0) / 2
    for down, row in zip(trace["y"], trace["z"], strict=True):
        for across, value in zip(trace["x"], row, strict=True):
            if value is None:
                continue
            (left, right), (top, foot) = (
                sorted((axis.at(at - 0.5), axis.at(at + 0.5))) for axis, at in ((x, across), (y, down))
            )
            share = (value - low) / (high - low) if high > low else 1.0
            box = (left + gap, top + gap, right - left - 2 * gap, foot - top - 2 * gap)
            yield _box(box, _colour(trace["colorscale"], share), "")


def reference(shape: Mapping[str, Any], x: Axis, y: Axis) -> str:
    """A dashed line across the panel."""
    (x0, x1), (y0, y1) = (
        [axis.within(shape[end]) if "domain" in shape[ref] else axis.at(shape[end]) for end in ends]
        for axis, ref, ends in ((x, "xref", ("x0", "x1")), (y, "yref", ("y0", "y1")))
    )
    line = shape.get("line") or {}
    return (
        f'<path d="M{x0:.1f},{y0:.1f}L{x1:.1f},{y1:.1f}" fill="none" stroke="{safe(line.get("color"))}" '
        f'stroke-width="{line.get("width") or 1.5}" stroke-dasharray="{DASHES.get(str(line.get("dash")), "6 4")}"/>'
    )


def remark(note: Mapping[str, Any], x: Axis, y: Axis) -> str:
    """The words beside a reference line, which turn round where they would leave the panel."""
    left = x.within(note["x"]) if "domain" in note["xref"] else x.at(note["x"])
    top = y.within(note["y"]) if "domain" in note["yref"] else y.at(note["y"])
    ends = note.get("xanchor") == "right"
    if not ends and left + 7 * len(str(note["text"])) > x.within(1):
        ends = True
    low = note.get("yanchor") == "bottom" and "domain" not in note["yref"]
    down = -9.0 if low or note["y"] == 0 else 10.0
    return _text(left - 5 if ends else left + 5, top + down, note["text"], "end" if ends else "start")


def point(place: tuple[float, float], marker: Mapping[str, Any], colour: str, title: str) -> str:
    """One point in its symbol."""
    symbol, size = str(marker.get("symbol") or "circle"), float(marker.get("size") or 8) / 2
    fill = safe(marker.get("color") or colour)
    thick = float((marker.get("line") or {}).get("width") or 1.6)
    named = f"<title>{title}</title>" if title else ""
    if symbol.startswith("circle"):
        paint = f'fill="none" stroke="{fill}" stroke-width="{thick}"' if symbol.endswith("open") else f'fill="{fill}"'
        return f'<circle cx="{place[0]:.1f}" cy="{place[1]:.1f}" r="{size:.1f}" {paint}>{named}</circle>'
    moved = f'transform="translate({place[0]:.1f},{place[1]:.1f}) scale({size:.1f})"'
    if symbol in _OPEN:
        drawn = f'd="{_OPEN[symbol]}" fill="none" stroke="{fill}" stroke-width="{thick / size:.2f}"'
    else:
        drawn = f'd="{_POINTED[symbol]}" fill="{fill}"'
    return f"<path {drawn} {moved}>{named}</path>"


def _both(trace: Trace) -> list[tuple[Any, Any]]:
    return list(zip(trace.get("x") or (), trace.get("y") or (), strict=True))


def _band(places: Sequence[tuple[float, float] | None], edge: list[tuple[float, float]], trace: Trace) -> str:
    outline = edge + [place for place in reversed(places) if place is not None]
    if not outline:
        return ""
    return f'<path d="{_path(outline)}Z" fill="{safe(trace["fillcolor"])}"/>'


def _line(places: Sequence[tuple[float, float] | None], line: Mapping[str, Any]) -> Iterator[str]:
    stretch: list[tuple[float, float]] = []
    dash = f' stroke-dasharray="{DASHES[line["dash"]]}"' if line.get("dash") in DASHES else ""
    for place in (*places, None):
        if place is not None:
            stretch.append(place)
            continue
        if len(stretch) > 1:
            colour, thick = safe(line.get("color") or "currentColor"), line.get("width") or 2
            yield f'<path d="{_path(stretch)}" fill="none" stroke="{colour}" stroke-width="{thick}"{dash}/>'
        stretch = []


def _errors(trace: Trace, x: Axis, y: Axis) -> Iterator[str]:
    for key in ("error_x", "error_y"):
        bar = trace.get(key)
        if not bar or bar.get("array") is None:
            continue
        for (a, b), up, down in zip(_both(trace), bar["array"], bar["arrayminus"], strict=True):
            if a is None or b is None:
                continue
            ends = ((a - down, b), (a + up, b)) if key == "error_x" else ((a, b - down), (a, b + up))
            places = [(x.at(left), y.at(top)) for left, top in ends]
            yield (
                f'<path d="{_path(places)}" fill="none" stroke="{safe(bar.get("color") or "currentColor")}" '
                f'stroke-width="{bar.get("thickness") or 1.6}"/>'
            )


def _texts(trace: Trace, places: Sequence[tuple[float, float] | None]) -> Iterator[str]:
    colours = (trace.get("textfont") or {}).get("color")
    up = 5.0 if str(trace.get("textposition") or "").startswith("top") else -4.0
    for at, (place, text) in enumerate(zip(places, trace.get("text") or (), strict=True)):
        hover = told(trace, at)
        if place is None or not (text or hover):
            continue
        colour = colours[at] if isinstance(colours, list | tuple) else colours or "currentColor"
        title = f"<title>{hover}</title>" if hover else ""
        yield (
            f'<text x="{place[0]:.1f}" y="{place[1] - up:.1f}" text-anchor="middle" fill="{safe(colour)}">'
            f"{safe(text)}{title}</text>"
        )


def _step(numbers: Sequence[float], positions: Sequence[Any]) -> float:
    """The room of one bar: a day, or the least distance of two."""
    if any(isinstance(at, str) for at in positions):
        return DAY
    return min((after - before for before, after in pairwise(sorted(set(numbers)))), default=1.0)


def _box(box: tuple[float, float, float, float], colour: str, title: str) -> str:
    left, top, wide, high = box
    named = f"<title>{title}</title>" if title else ""
    return (
        f'<rect x="{left:.1f}" y="{top:.1f}" width="{max(wide, 0.5):.1f}" height="{max(high, 0):.1f}" '
        f'fill="{safe(colour)}">{named}</rect>'
    )


def _text(left: float, middle: float, text: object, anchor: str) -> str:
    return f'<text x="{left:.1f}" y="{middle + 4:.1f}" text-anchor="{anchor}" fill="currentColor">{safe(text)}</text>'


def _path(places: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{left:.1f},{top:.1f}" for left, top in places)


def _colour(scale: Sequence[Sequence[Any]], share: float) -> str:
    """The colour at a share of a scale of opaque colours; a scale of one colour is that colour."""
    share = min(max(share, 0.0), 1.0)
    if not str(scale[0][1]).startswith("#"):
        return str(scale[0][1])
    for (low, pale), (high, deep) in pairwise(scale):
        if share <= high:
            part = (share - low) / (high - low)
            mixed = [round(a + part * (b - a)) for a, b in zip(_rgb(pale), _rgb(deep), strict=True)]
            return "#" + "".join(f"{value:02x}" for value in mixed)
    return str(scale[-1][1])


def _rgb(colour: str) -> list[int]:
    return [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
