"""Shapes on an image as columns of `regions`: pixels, origin top left, boxes as x, y, w, h."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import cos, radians, sin
from typing import Any, Final

from qc.model import Kind
from qc.readers.numbers import LARGEST, number

CUT: Final = "{n} shapes reached over the edge of their image and were cut at it"
FLAT: Final = "{n} shapes have no area"
NO_BOX: Final = "a box lacks a number"
NEGATIVE: Final = "a box has a negative width or height"
NO_POINT: Final = "a point lacks a number"
NO_ELLIPSE: Final = "an ellipse lacks a number"
OUTSIDE: Final = "a shape lies outside its image"

Row = dict[str, Any]


class BadShapeError(ValueError):
    """A shape that cannot be one; the message is the reason for quarantine."""


def box(x: Any, y: Any, w: Any, h: Any, rotation: Any = None) -> Row:
    """A box by its left, top, width and height before it is turned by `rotation` degrees clockwise about its centre."""
    left, top, wide, high = _numbers((x, y, w, h), NO_BOX)
    if wide < 0 or high < 0:
        raise BadShapeError(NEGATIVE)
    return _box(left, top, wide, high, rotation)


def corners(x1: Any, y1: Any, x2: Any, y2: Any, rotation: Any = None) -> Row:
    """A box by two opposite corners."""
    left, top, right, bottom = _numbers((x1, y1, x2, y2), NO_BOX)
    return _box(min(left, right), min(top, bottom), abs(right - left), abs(bottom - top), rotation)


def about_corner(x: float, y: float, w: float, h: float, rotation: float) -> Row:
    """A box that was turned about its top left corner."""
    angle = radians(rotation)
    x += (w * cos(angle) - h * sin(angle) - w) / 2
    y += (w * sin(angle) + h * cos(angle) - h) / 2
    return box(x, y, w, h, rotation)


def polygon(points: Sequence[Any]) -> Row:
    """A polygon by its points x, y, x, y …; at least three."""
    return {"kind": Kind.POLYGONS, "points": _points(points, 3, "a polygon has fewer than three points")}


def polyline(points: Sequence[Any]) -> Row:
    """A line by its points x, y, x, y …; at least two."""
    return {"kind": Kind.POLYLINES, "points": _points(points, 2, "a line has fewer than two points")}


def keypoints(points: Sequence[Any]) -> Row:
    """Key points x, y, x, y …; at least one."""
    return {"kind": Kind.KEYPOINTS, "points": _points(points, 1, "a set of key points is empty")}


def ellipse(x: Any, y: Any, radius_x: Any, radius_y: Any, rotation: Any = None) -> Row:
    """An ellipse, as the polygon of 32 points on it, turned about its centre x, y."""
    middle_x, middle_y, across, down = _numbers((x, y, radius_x, radius_y), NO_ELLIPSE)
    turn = radians(number(rotation) or 0.0)
    points = []
    for step in range(32):
        angle = radians(step * 360 / 32)
        right, low = across * cos(angle), down * sin(angle)
        points += [middle_x + right * cos(turn) - low * sin(turn), middle_y + right * sin(turn) + low * cos(turn)]
    return polygon(points) | {"attributes": {"shape": "ellipse"}}


def fit(region: Row, width: float, height: float) -> str | None:
    """Cuts a shape at the edges of its image, in place, and returns CUT, FLAT or None.

    A box or polygon wholly outside raises BadShapeError; turned boxes, lines and key points are left as they are.
    """
    if region.get("points") and region["kind"] == Kind.POLYGONS:
        return _fit_polygon(region, width, height)
    if region.get("w") is None or region.get("rotation"):
        return None
    left, top = max(region["x"], 0.0), max(region["y"], 0.0)
    right, bottom = min(region["x"] + region["w"], width), min(region["y"] + region["h"], height)
    if right < left or bottom < top:
        raise BadShapeError(OUTSIDE)
    before = (region["x"], region["y"], region["w"], region["h"])
    cut = left > region["x"] or top > region["y"] or right < before[0] + before[2] or bottom < before[1] + before[3]
    if cut:
        region |= {"x": left, "y": top, "w": right - left, "h": bottom - top}
    if not region["w"] or not region["h"]:
        return FLAT
    return CUT if cut else None


def _fit_polygon(region: Row, width: float, height: float) -> str | None:
    across, down = region["points"][::2], region["points"][1::2]
    if max(across) < 0 or min(across) > width or max(down) < 0 or min(down) > height:
        raise BadShapeError(OUTSIDE)
    if min(across) >= 0 and max(across) <= width and min(down) >= 0 and max(down) <= height:
        return None
    limits = (width, height)
    region["points"] = [min(max(value, 0.0), limits[place % 2]) for place, value in enumerate(region["points"])]
    return CUT


def _box(left: float, top: float, wide: float, high: float, rotation: Any) -> Row:
    turn = None if rotation is None else number(rotation) or None
    return {"kind": Kind.BOXES, "x": left, "y": top, "w": wide, "h": high, "rotation": turn}


def _numbers(values: Sequence[Any], reason: str) -> list[float]:
    # Most numbers are floats already, and there are millions of them.
    found = [value if type(value) is float and -LARGEST <= value <= LARGEST else number(value) for value in values]
    if None in found:
        raise BadShapeError(reason)
    return [value for value in found if value is not None]


def _points(points: Sequence[Any], least: int, reason: str) -> list[float]:
    flat = _numbers(points, NO_POINT)
    if len(flat) % 2:
        raise BadShapeError(NO_POINT)
    if len(flat) < 2 * least:
        raise BadShapeError(reason)
    return flat


def pairs(points: Sequence[Mapping[str, Any]]) -> list[Any]:
    """Points that are objects {x, y} as x, y, x, y …"""
    return [point.get(name) for point in points for name in ("x", "y")]
