"""CVAT's shapes as regions: what the XML's elements and the server's shapes have in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from qc.model import Kind, Origin, Role
from qc.readers import masks
from qc.readers.markup import Node
from qc.readers.shapes import BadShapeError, Row, corners, ellipse, keypoints, polygon, polyline

TAGS: Final = "tags"
TRACKS: Final = "tracks"

# The question of each shape, by its names in the XML and on the server.
QUESTIONS: Final[Mapping[str, str]] = {
    "box": "boxes",
    "polygon": "polygons",
    "ellipse": "polygons",
    "polyline": "polylines",
    "points": "keypoints",
    "skeleton": "keypoints",
    "cuboid": "cuboids",
    "mask": "masks",
    "tag": TAGS,
    "rectangle": "boxes",
}
KINDS: Final[Mapping[str, Kind]] = {
    "boxes": Kind.BOXES,
    "polygons": Kind.POLYGONS,
    "polylines": Kind.POLYLINES,
    "keypoints": Kind.KEYPOINTS,
    "cuboids": Kind.KEYPOINTS,
    "masks": Kind.MASKS,
    TAGS: Kind.MULTI,
    TRACKS: Kind.TRACKS,
}
"""The kind of each question, in the order in which they are staged."""

_SOURCES: Final[Mapping[str, Origin]] = {
    "manual": Origin.MANUAL,
    "auto": Origin.PREDICTION,
    "semi-auto": Origin.PREDICTION_EDITED,
    "file": Origin.IMPORTED,
}
_ROLES: Final[Mapping[str, Role]] = {
    "ground truth": Role.GOLD,
    "ground_truth": Role.GOLD,
    "gt": Role.GOLD,
    "consensus": Role.CONSENSUS,
}
_CORNERS: Final = tuple(
    f"{axis}{corner}{face}" for face in "12" for corner in ("tl", "bl", "tr", "br") for axis in "xy"
)

Size = tuple[int | None, int | None]
"""Width and height of an image in pixels, where the export states them."""


def origin(source: Any) -> Origin:
    """What a shape started from, by its `source`."""
    return _SOURCES.get(source, Origin.UNKNOWN) if isinstance(source, str) else Origin.UNKNOWN


def role(source: Any) -> Role | None:
    """The role of a shape's author where its `source` tells one other than the annotator's."""
    return _ROLES.get(source.lower()) if isinstance(source, str) and source not in _SOURCES else None


def element(node: Node, size: Size) -> Row:
    """The region of an XML element: its shape, origin and attributes; BadShapeError where it is none."""
    row = _ELEMENTS[node.name](node, size)
    given = {each.attributes.get("name", ""): each.text for each in node.nodes if each.name == "attribute"}
    return row | {
        "origin": origin(node.attributes.get("source")),
        "attributes": row.get("attributes", {}) | marks(node.attributes.get("occluded") == "1", given),
    }


def marks(occluded: bool, given: Mapping[str, Any]) -> Row:
    """What an annotator said of a shape, as its attributes."""
    return {"occluded": True, **given} if occluded else dict(given)


def named_points(points: Sequence[tuple[str, Sequence[Any], bool, bool]]) -> Row:
    """Key points (name, x and y, outside, occluded) of a skeleton; visibility as COCO counts it: 0 to 2."""
    flat = [value for _, place, _, _ in points for value in place[:2]]
    if len(flat) != 2 * len(points):
        raise BadShapeError("a point lacks a number")
    seen = [0 if outside else 1 if occluded else 2 for _, _, outside, occluded in points]
    names = [name for name, _, _, _ in points]
    return keypoints(flat) | {"attributes": {"names": names, "visibility": seen}}


def mask(counts: Sequence[Any], crop: Sequence[Any], size: Size) -> Row:
    """A mask by run lengths along the rows of its crop (left, top, width, height); an unknown image ends with it."""
    left, top, wide, high = (_whole(value) for value in crop)
    width, height = size[0] or left + wide, size[1] or top + high
    return masks.from_rows(counts, left, top, wide, high, int(width), int(height))


def cuboid(points: Sequence[Any]) -> Row:
    """The eight projected corners of a cuboid, as key points."""
    if len(points) != 16:
        raise BadShapeError("a cuboid has not eight corners")
    return keypoints(points) | {"attributes": {"shape": "cuboid"}}


def label_of(value: str | None) -> str:
    """A label that is there; BadShapeError where it is not."""
    if not value:
        raise BadShapeError("a shape has no label")
    return value


def _whole(value: Any) -> int:
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        raise BadShapeError("a mask's place cannot be read") from None


def _floats(texts: Sequence[str | None]) -> list[float]:
    try:
        return [float(text or "") for text in texts]
    except ValueError:
        raise BadShapeError("a point lacks a number") from None


def _points(node: Node) -> list[float]:
    return _floats(node.attributes.get("points", "").replace(";", ",").split(","))


def _members(node: Node, *names: str) -> list[float]:
    return _floats([node.attributes.get(name) for name in names])


def _skeleton(node: Node, _: Size) -> Row:
    points = [each for each in node.nodes if each.name == "points"]
    return named_points(
        [
            (
                each.attributes.get("label", ""),
                _points(each),
                each.attributes.get("outside") == "1",
                each.attributes.get("occluded") == "1",
            )
            for each in points
        ]
    )


def _mask(node: Node, size: Size) -> Row:
    counts = node.attributes.get("rle", "").split(",")
    return mask(counts, [node.attributes.get(name) for name in ("left", "top", "width", "height")], size)


def _box(node: Node, _: Size) -> Row:
    x1, y1, x2, y2 = _members(node, "xtl", "ytl", "xbr", "ybr")
    return corners(x1, y1, x2, y2, node.attributes.get("rotation"))


def _ellipse(node: Node, _: Size) -> Row:
    x, y, across, down = _members(node, "cx", "cy", "rx", "ry")
    return ellipse(x, y, across, down, node.attributes.get("rotation"))


_ELEMENTS: Final[Mapping[str, Callable[[Node, Size], Row]]] = {
    "box": _box,
    "polygon": lambda node, _: polygon(_points(node)),
    "polyline": lambda node, _: polyline(_points(node)),
    "points": lambda node, _: keypoints(_points(node)),
    "ellipse": _ellipse,
    "cuboid": lambda node, _: cuboid(_members(node, *_CORNERS)),
    "mask": _mask,
    "skeleton": _skeleton,
}
