"""Label Studio's regions: what one result marks, as rows of `regions`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final

from qc.model import Kind
from qc.readers.label_studio_masks import painted, pictured
from qc.readers.label_studio_tracks import ranges, track
from qc.readers.label_studio_values import NotUnderstoodError, Region, label_of, size_of
from qc.readers.masks import mask
from qc.readers.numbers import number
from qc.readers.offsets import span
from qc.readers.shapes import (
    NO_BOX,
    NO_ELLIPSE,
    NO_POINT,
    BadShapeError,
    about_corner,
    ellipse,
    fit,
    keypoints,
    polygon,
    polyline,
)
from qc.readers.text_spans import NO_ENDS, OUTSIDE
from qc.readers.times import BadTimeError, Clock, instant

NO_FRAME: Final = "a track or a range of frames lacks a frame or a number"
MISQUOTED: Final = "{n} spans quote another text than the item holds there"

_LINK: Final = re.compile(r"\S*[/\\]\S*")

SLACK: Final = 1e-6
"""Shares of an image by which a shape may reach over its edge through rounding alone."""


def _size(result: Mapping[str, Any]) -> tuple[float, float]:
    if (size := size_of(result)) is None:
        raise NotUnderstoodError
    return size


def _placed(result: Mapping[str, Any], shape: Callable[[Mapping[str, Any], float, float], dict[str, Any]]) -> Region:
    """A shape in pixels, cut at the edges of its image; BadShapeError where it cannot be one."""
    width, height = _size(result)
    columns = shape(result["value"], width / 100, height / 100)
    remark = None if within(columns, width, height) else fit(columns, width, height)
    kind = columns.pop("kind")
    return Region(kind, columns, remark=remark)


def within(columns: Mapping[str, Any], width: float, height: float) -> bool:
    """Whether a shape of some area lies inside its image, but for rounding."""
    if columns.get("w") is None:
        points = columns.get("points") or [0.0]
        low, right, bottom = min(points), max(points[::2]), max(points[1::2], default=0.0)
        area = True
    else:
        low, right, bottom = min(columns["x"], columns["y"]), columns["x"] + columns["w"], columns["y"] + columns["h"]
        area = columns["w"] > 0 and columns["h"] > 0
    return bool(area and low >= -SLACK * width and right <= width * (1 + SLACK) and bottom <= height * (1 + SLACK))


def _rectangle(value: Mapping[str, Any], across: float, down: float) -> dict[str, Any]:
    x, y, w, h = _given(value, NO_BOX, "x", "y", "width", "height")
    turn = number(value.get("rotation")) or 0.0
    # Label Studio turns a box about its top left corner, the tables about its centre.
    return about_corner(x * across, y * down, w * across, h * down, turn)


def _outline(value: Mapping[str, Any], across: float, down: float) -> dict[str, Any]:
    points = value.get("points")
    if not isinstance(points, list) or not all(isinstance(point, list) and len(point) == 2 for point in points):
        raise BadShapeError(NO_POINT)
    flat = [number(entry) for point in points for entry in point]
    if None in flat:
        raise BadShapeError(NO_POINT)
    scaled = [entry * (down if place % 2 else across) for place, entry in enumerate(flat) if entry is not None]
    return polygon(scaled) if value.get("closed", True) else polyline(scaled)


def _vector(value: Mapping[str, Any], across: float, down: float) -> dict[str, Any]:
    """A line from vertex to vertex, or an outline; of one that is curved the vertices are kept as they came."""
    vertices = value.get("vertices")
    if not isinstance(vertices, list) or not all(isinstance(vertex, dict) for vertex in vertices):
        raise BadShapeError(NO_POINT)
    for before, vertex in pairwise(vertices):
        if vertex.get("prevPointId", before.get("id")) != before.get("id"):
            # A line that branches is no line.
            raise NotUnderstoodError
    points = {"points": [[vertex.get("x"), vertex.get("y")] for vertex in vertices]}
    shape = _outline({**points, "closed": value.get("closed") is True}, across, down)
    curved = any(vertex.get("isBezier") for vertex in vertices)
    return shape | ({"attributes": {"vertices": vertices}} if curved else {})


def _point(value: Mapping[str, Any], across: float, down: float) -> dict[str, Any]:
    x, y = _given(value, NO_POINT, "x", "y")
    return keypoints([x * across, y * down])


def _oval(value: Mapping[str, Any], across: float, down: float) -> dict[str, Any]:
    x, y, right, low = _given(value, NO_ELLIPSE, "x", "y", "radiusX", "radiusY")
    return ellipse(x * across, y * down, right * across, low * down, value.get("rotation"))


def _given(value: Mapping[str, Any], reason: str, *names: str) -> list[float]:
    """Some members that are numbers; BadShapeError where one is none."""
    found = [number(value.get(name)) for name in names]
    if None in found:
        raise BadShapeError(reason)
    return [entry for entry in found if entry is not None]


def _brush(result: Mapping[str, Any]) -> Region:
    width, height = _size(result)
    if result["value"].get("format") != "rle":
        raise NotUnderstoodError
    return _mask(painted(result["value"].get("rle"), int(width), int(height)))


def _bitmask(result: Mapping[str, Any]) -> Region:
    size = size_of(result)
    return _mask(pictured(result["value"].get("imageDataURL"), size and (int(size[0]), int(size[1]))))


def _mask(bitmap: Any) -> Region:
    columns = mask(bitmap)
    return Region(columns.pop("kind"), columns)


@dataclass(frozen=True, slots=True)
class Place:
    """Where regions lie: the item's texts, the likeliest first, and the clock of times without a zone."""

    texts: Sequence[str] = ()
    clock: Clock = field(default_factory=Clock)


def _stretch(result: Mapping[str, Any], place: Place) -> Region:
    """A stretch of text by UTF-16 offsets, of HTML or of a dialogue by global offsets, or of sound by seconds."""
    value = result["value"]
    quote = value.get("text") if isinstance(value.get("text"), str) else None
    offsets = value.get("globalOffsets")
    if isinstance(offsets, dict):
        start, end = _given(offsets, NO_ENDS, "start", "end")
        return _spanned(int(start), int(end), quote, ())
    if isinstance(value.get("start"), str):
        # A path into HTML, which only the document itself could tell from another.
        raise NotUnderstoodError
    start, end = _given(value, NO_ENDS, "start", "end")
    sound = "channel" in value or "original_length" in result
    if quote is None and (sound or isinstance(value["start"], float) or isinstance(value["end"], float)):
        if end < start:
            raise BadShapeError(NO_ENDS)
        channel = {"attributes": {"channel": value["channel"]}} if value.get("channel") else {}
        return Region(Kind.INTERVALS, {"sec_start": start, "sec_end": end, **channel})
    return _spanned(int(start), int(end), quote, place.texts)


def _spanned(start: int, end: int, quote: str | None, texts: Sequence[str]) -> Region:
    if not 0 <= start <= end:
        raise BadShapeError(NO_ENDS)
    found = span(start, end, quote, texts)
    columns: dict[str, Any] = {"t_start": found.start, "t_end": found.end, "quote": quote}
    if found.beyond:
        # A link stands for a text that the export lacks.
        if not any(map(_LINK.fullmatch, texts)):
            raise BadShapeError(OUTSIDE)
        columns |= {"t_start": start, "t_end": end}
    if found.agrees or not texts or quote is None:
        return Region(Kind.SPANS, columns)
    return Region(Kind.SPANS, columns | {"attributes": {"quote_differs": True}}, remark=MISQUOTED)


def _series(result: Mapping[str, Any], place: Place) -> Region:
    """A stretch of a time series, in the unit of its time column, or in seconds since 1970 where that holds dates."""
    start, end = (_second(result["value"].get(name), place.clock) for name in ("start", "end"))
    if end < start:
        raise BadShapeError(NO_ENDS)
    return Region(Kind.INTERVALS, {"sec_start": start, "sec_end": end})


def _second(value: Any, clock: Clock) -> float:
    if (found := number(value)) is not None:
        return found
    try:
        if isinstance(value, str):
            return instant(value, clock).micros / 1e6
    except BadTimeError:
        raise NotUnderstoodError from None
    raise BadShapeError(NO_ENDS)


_BY_KEY: Final = (
    # A control of labels over shapes: the value tells which shape it is.
    ("sequence", "videorectangle"),
    ("ranges", "timelinelabels"),
    ("rle", "brush"),
    ("imageDataURL", "bitmask"),
    ("points", "polygon"),
    ("vertices", "vector"),
    ("radiusX", "ellipse"),
    ("height", "rectangle"),
    ("x", "keypoint"),
)
_SHAPES: Final = {
    "rectangle": _rectangle,
    "polygon": _outline,
    "vector": _vector,
    "keypoint": _point,
    "ellipse": _oval,
}
_KINDS: Final = {
    "rectangle": Kind.BOXES,
    "polygon": Kind.POLYGONS,
    "vector": Kind.POLYGONS,
    "keypoint": Kind.KEYPOINTS,
    "ellipse": Kind.POLYGONS,
    "brush": Kind.MASKS,
    "bitmask": Kind.MASKS,
    "videorectangle": Kind.TRACKS,
    "timelinelabels": Kind.INTERVALS,
    "timeserieslabels": Kind.INTERVALS,
    "labels": Kind.SPANS,
    "hypertextlabels": Kind.SPANS,
    "paragraphlabels": Kind.SPANS,
}
BARE: Final = frozenset({"rectangle", "polygon", "vector", "keypoint", "ellipse", "brush", "bitmask"})
"""Shapes without a label of their own."""

REGIONS: Final = frozenset({*_KINDS, *(f"{shape}labels" for shape in BARE)})
"""The types of results that mark regions."""


def _form(result: Mapping[str, Any]) -> str:
    type_ = str(result["type"])
    if type_ == "labels":
        return next((form for key, form in _BY_KEY if key in result["value"]), type_)
    bare = type_.removesuffix("labels")
    return bare if bare in BARE else type_


def kind_of(result: Mapping[str, Any]) -> Kind:
    """The kind of a result's regions, told without looking at where they are."""
    form, value = _form(result), result["value"]
    if form in ("polygon", "vector") and not value.get("closed", form == "polygon"):
        return Kind.POLYLINES
    if form == "labels" and "text" not in value and "globalOffsets" not in value:
        sound = "channel" in value or "original_length" in result
        if sound or isinstance(value.get("start"), float) or isinstance(value.get("end"), float):
            return Kind.INTERVALS
    return _KINDS[form]


def regions(result: Mapping[str, Any], place: Place) -> list[Region]:
    """The regions of one result, labelled.

    NotUnderstoodError where nothing tells what its value means, BadShapeError where it can mean nothing.
    """
    form = _form(result)
    if form in _SHAPES:
        found = [_placed(result, _SHAPES[form])]
    elif form in ("videorectangle", "timelinelabels"):
        try:
            found = track(result) if form == "videorectangle" else ranges(result)
        except (NotUnderstoodError, AttributeError, TypeError):
            raise BadShapeError(NO_FRAME) from None
    elif form in ("brush", "bitmask"):
        found = [_brush(result) if form == "brush" else _bitmask(result)]
    else:
        found = [_series(result, place) if form == "timeserieslabels" else _stretch(result, place)]
    label = label_of(result)
    for region in found:
        region.columns["label"] = label
    return found
