"""Label Studio's regions: boxes, polygons, key points, spans and intervals of one result each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import cos, radians, sin
from typing import Any, Final

from qc.model import Kind
from qc.readers.numbers import number
from qc.readers.offsets import span


class NotUnderstoodError(ValueError):
    """A result of a type, or with a value, that has no place in the tables; it is kept as JSON."""


@dataclass(slots=True)
class Region:
    """One row of `regions`, but for its answer; columns of the schema by name."""

    kind: Kind
    columns: dict[str, Any]


def texts_of(value: Any) -> list[str]:
    """A list of texts, or it is not understood."""
    if not isinstance(value, list) or not all(isinstance(entry, str) for entry in value):
        raise NotUnderstoodError
    return value


def numbers_of(value: Mapping[str, Any], *names: str) -> list[float]:
    """Some members that are numbers, or it is not understood."""
    found = [number(value.get(name)) for name in names]
    if any(entry is None for entry in found):
        raise NotUnderstoodError
    return [entry for entry in found if entry is not None]


def label_of(result: Mapping[str, Any]) -> str | None:
    """The label of a region; several are joined, None is a bare shape."""
    labels = result["value"].get(result["type"]) or result["value"].get("labels")
    return ", ".join(texts_of(labels)) if labels else None


def _size(result: Mapping[str, Any]) -> tuple[float, float]:
    width, height = numbers_of(result, "original_width", "original_height")
    if width <= 0 or height <= 0:
        raise NotUnderstoodError
    return width / 100, height / 100


def _box(result: Mapping[str, Any], _: Sequence[str]) -> Region:
    """Percent to pixels; Label Studio turns a box about its top left corner, the tables about its centre."""
    across, down = _size(result)
    x, y, w, h = numbers_of(result["value"], "x", "y", "width", "height")
    x, y, w, h = x * across, y * down, w * across, h * down
    turn = number(result["value"].get("rotation")) or 0.0
    angle = radians(turn)
    x += (w * cos(angle) - h * sin(angle) - w) / 2
    y += (w * sin(angle) + h * cos(angle) - h) / 2
    return Region(Kind.BOXES, {"x": x, "y": y, "w": w, "h": h, "rotation": turn or None})


def _polygon(result: Mapping[str, Any], _: Sequence[str]) -> Region:
    across, down = _size(result)
    points = result["value"].get("points")
    if not isinstance(points, list) or not all(isinstance(point, list) and len(point) == 2 for point in points):
        raise NotUnderstoodError
    flat = [number(entry) for point in points for entry in point]
    if None in flat:
        raise NotUnderstoodError
    scaled = [entry * (down if place % 2 else across) for place, entry in enumerate(flat) if entry is not None]
    closed = result["value"].get("closed", True)
    return Region(Kind.POLYGONS if closed else Kind.POLYLINES, {"points": scaled})


def _keypoint(result: Mapping[str, Any], _: Sequence[str]) -> Region:
    across, down = _size(result)
    x, y = numbers_of(result["value"], "x", "y")
    return Region(Kind.KEYPOINTS, {"points": [x * across, y * down]})


def _span(result: Mapping[str, Any], texts: Sequence[str]) -> Region:
    """A stretch of text by UTF-16 offsets, of HTML by its global offsets, or of sound by seconds."""
    value = result["value"]
    if "x" in value:
        return _box(result, texts)
    quote = value.get("text") if isinstance(value.get("text"), str) else None
    offsets = value.get("globalOffsets")
    if isinstance(offsets, dict):
        start, end = numbers_of(offsets, "start", "end")
        return Region(Kind.SPANS, {"t_start": int(start), "t_end": int(end), "quote": quote})
    start, end = numbers_of(value, "start", "end")
    if isinstance(value["start"], str):
        raise NotUnderstoodError
    if quote is None and (isinstance(value["start"], float) or isinstance(value["end"], float) or "channel" in value):
        return Region(Kind.INTERVALS, {"sec_start": start, "sec_end": end})
    found = span(int(start), int(end), quote, texts)
    region = Region(Kind.SPANS, {"t_start": found.start, "t_end": found.end, "quote": quote})
    if not found.agrees and texts:
        region.columns["attributes"] = {"quote_differs": True}
    return region


REGIONS: Final[Mapping[str, Callable[[Mapping[str, Any], Sequence[str]], Region]]] = {
    "labels": _span,
    "hypertextlabels": _span,
    "rectangle": _box,
    "rectanglelabels": _box,
    "polygon": _polygon,
    "polygonlabels": _polygon,
    "keypoint": _keypoint,
    "keypointlabels": _keypoint,
}
