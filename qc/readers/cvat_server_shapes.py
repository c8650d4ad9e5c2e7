"""The shapes, tags and tracks of CVAT's server as regions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from qc.readers.cvat_shapes import QUESTIONS, Size, cuboid, label_of, marks, mask, named_points, origin
from qc.readers.drawings import keyframe
from qc.readers.fields import Row, as_dict, as_list, identity, text_of, whole
from qc.readers.numbers import number
from qc.readers.shapes import BadShapeError, corners, ellipse, keypoints, polygon, polyline

NO_FRAME: Final = "a shape or tag has no frame"
NO_KIND: Final = "a shape is of no known type"


@dataclass(frozen=True, slots=True)
class Labels:
    """The names of labels and of their attributes, by number."""

    names: Mapping[str, str]
    attributes: Mapping[str, str]

    @classmethod
    def of(cls, listed: Sequence[Any]) -> Labels:
        """From the server's labels; those of a skeleton's points stand inside its own."""
        labels = [label for each in listed for label in (each, *as_list(as_dict(each).get("sublabels")))]
        specs = [spec for label in labels for spec in as_list(as_dict(label).get("attributes"))]
        return cls(_named(labels), _named(specs))

    def label(self, raw: Row) -> str:
        """The label of a shape, its number where nothing names it; BadShapeError without one."""
        name = identity(raw.get("label_id"))
        return label_of(self.names.get(name or "", name))

    def given(self, raw: Row) -> Row:
        """The attributes of a shape by name, or by number where nothing names them."""
        values = [as_dict(each) for each in as_list(raw.get("attributes"))]
        found = {identity(each.get("spec_id")): each.get("value") for each in values}
        return {self.attributes.get(name, name): value for name, value in found.items() if name}


def _named(listed: Sequence[Any]) -> dict[str, str]:
    found = {identity(each.get("id")): text_of(each.get("name")) for each in map(as_dict, listed)}
    return {number: name for number, name in found.items() if number and name}


def region(raw: Row, labels: Labels, size: Size) -> tuple[str, Row]:
    """The question that a shape answers, and its region."""
    kind = text_of(raw.get("type")) or ""
    row = _shape(kind, raw, labels, size)
    return QUESTIONS[kind], {**row, "region_id": identity(raw.get("id")), "label": labels.label(raw)}


def track(raw: Row, labels: Labels, size: Size) -> list[Row]:
    """The keyframes of a track; of a skeleton those of its points that have one in a frame."""
    name, label = identity(raw.get("id")) or "unnamed", labels.label(raw)
    elements = as_list(raw.get("elements"))
    shapes = _joined(elements, labels) if elements else map(as_dict, as_list(raw.get("shapes")))
    fixed = labels.given(raw)
    rows = {}
    for shape in shapes:
        row = _shape(text_of(shape.get("type")) or "", shape, labels, size)
        attributes = fixed | row["attributes"]
        columns = {"label": label, "outside": shape.get("outside") is True, "attributes": attributes}
        frame = frame_of(shape)
        rows[frame] = keyframe(row, name, frame, columns)
    return list(rows.values())


def moment(raw: Row, labels: Labels, size: Size) -> list[Row]:
    """A single shape of a video as a track of one frame."""
    _, row = region(raw, labels, size)
    return [keyframe(row, f"shape {row['region_id']}", frame_of(raw), {"outside": False})]


def frame_of(raw: Row) -> int:
    """The frame of a shape or tag; BadShapeError without one."""
    frame = whole(raw.get("frame"))
    if frame is None:
        raise BadShapeError(NO_FRAME)
    return frame


def _joined(elements: Sequence[Any], labels: Labels) -> list[Row]:
    """The keyframes of a skeleton's points, which are tracks of their own, as one shape a frame."""
    frames: dict[int, list[Row]] = {}
    for element in map(as_dict, elements):
        for shape in map(as_dict, as_list(element.get("shapes"))):
            joint = {**shape, "label_id": element.get("label_id")}
            frames.setdefault(frame_of(shape), []).append(joint)
    return [
        {"type": "skeleton", "frame": frame, "elements": joints, "outside": all(j.get("outside") for j in joints)}
        for frame, joints in sorted(frames.items())
    ]


def _shape(kind: str, raw: Row, labels: Labels, size: Size) -> Row:
    if kind == "skeleton":
        row = _skeleton(raw, labels)
    elif kind in _SHAPES:
        row = _SHAPES[kind](as_list(raw.get("points")), raw.get("rotation"), size)
    else:
        raise BadShapeError(NO_KIND)
    attributes = row.get("attributes", {}) | marks(raw.get("occluded") is True, labels.given(raw))
    return {**row, "origin": origin(raw.get("source")), "score": number(raw.get("score")), "attributes": attributes}


def _skeleton(raw: Row, labels: Labels) -> Row:
    points = [as_dict(each) for each in as_list(raw.get("elements"))]
    return named_points(
        [
            (labels.label(each), as_list(each.get("points")), each.get("outside") is True, each.get("occluded") is True)
            for each in points
        ]
    )


def _rectangle(points: Sequence[Any], turn: Any, _: Size) -> Row:
    x1, y1, x2, y2 = _four(points)
    return corners(x1, y1, x2, y2, turn)


def _ellipse(points: Sequence[Any], turn: Any, _: Size) -> Row:
    """Centre, then the right end of one axis and the top end of the other."""
    x, y, right, top = _four(points)
    return ellipse(x, y, right - x, y - top, turn)


def _mask(points: Sequence[Any], _: Any, size: Size) -> Row:
    """Run lengths of the crop, then its first column and row, and its last."""
    if len(points) < 5:
        raise BadShapeError("a mask's run lengths cannot be read")
    left, top, right, bottom = _four(points[-4:])
    return mask(points[:-4], (left, top, right - left + 1, bottom - top + 1), size)


def _four(points: Sequence[Any]) -> list[float]:
    found = [value for value in map(number, points) if value is not None]
    if len(points) != 4 or len(found) != 4:
        raise BadShapeError("a box lacks a number")
    return found


_SHAPES: Final[Mapping[str, Callable[[Sequence[Any], Any, Size], Row]]] = {
    "rectangle": _rectangle,
    "polygon": lambda points, *_: polygon(points),
    "polyline": lambda points, *_: polyline(points),
    "points": lambda points, *_: keypoints(points),
    "cuboid": lambda points, *_: cuboid(points),
    "ellipse": _ellipse,
    "mask": _mask,
}
