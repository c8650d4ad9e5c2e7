"""Encord's labels: objects in fractions of their image, and classifications whose answers stand apart."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

from qc.model import Decision, Kind, Origin
from qc.readers.drawings import Drawing, Signature, chosen, keyframe, parts, written
from qc.readers.fields import Row, as_dict, as_list, identity, text_of, whole
from qc.readers.masks import from_rows, from_text
from qc.readers.numbers import number
from qc.readers.records import BadRecordError, Records
from qc.readers.shapes import BadShapeError, box, keypoints, pairs, polygon, polyline

UNSIZED: Final = "{n} objects are in fractions of an image whose size the export lacks and are kept in `extra`"
STRANGE: Final = "{n} objects are of a kind that was not understood and are kept in `extra`"
CORRECTED: Final = "{n} objects were changed by another than their author: this export holds only the changed ones"
UNANSWERED: Final = "{n} classifications have no answer in the export"

_KINDS: Final = {
    "bounding_box": Kind.BOXES,
    "rotatable_bounding_box": Kind.BOXES,
    "polygon": Kind.POLYGONS,
    "polyline": Kind.POLYLINES,
    "point": Kind.KEYPOINTS,
    "skeleton": Kind.KEYPOINTS,
    "bitmask": Kind.MASKS,
}
_MAIL: Final = re.compile(r"[A-Z][a-z]{2}, (\d{2}) ([A-Z][a-z]{2}) (\d{4}) (\d{2}:\d{2}:\d{2}) (GMT|UTC)")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

Size = tuple[int | None, int | None]


@dataclass(slots=True)
class Ontology:
    """What all label rows show of the questions: the kinds of objects, and which take several answers."""

    kinds: dict[str, None] = field(default_factory=dict)
    several: set[str] = field(default_factory=set)

    def learn(self, unit: Row, row: Row) -> None:
        """Takes note of one data unit, and of the answers of its label row."""
        with suppress(BadRecordError):
            for frame, objects, _ in _states(unit):
                kinds = (_KINDS.get(str(as_dict(entry).get("shape"))) for entry in objects)
                self.kinds.update({(kind if frame is None else Kind.TRACKS).value: None for kind in kinds if kind})
        for answer in map(as_dict, as_dict(row.get("classification_answers")).values()):
            for part in map(as_dict, as_list(answer.get("classifications"))):
                if len(as_list(part.get("answers"))) > 1:
                    self.several.add(str(part.get("name")))

    def marked(self) -> list[str]:
        """The questions that take regions."""
        return list(self.kinds)


def time_of(value: Any) -> Any:
    """A time of a mail's header in the order of the others.

    >>> time_of("Mon, 02 Mar 2026 09:00:00 GMT")
    '2026-03-02 09:00:00 GMT'
    """
    match = _MAIL.fullmatch(value) if isinstance(value, str) else None
    if match is None or match[2] not in _MONTHS:
        return value
    return f"{match[3]}-{_MONTHS.index(match[2]) + 1:02}-{match[1]} {match[4]} {match[5]}"


def _states(unit: Row) -> Iterator[tuple[int | None, list[Any], list[Any]]]:
    """Frame (None for an image), objects and classifications."""
    labels = as_dict(unit.get("labels"))
    if "objects" in labels or "classifications" in labels:
        yield None, as_list(labels.get("objects")), as_list(labels.get("classifications"))
        return
    for name, state in labels.items():
        frame = whole(name)
        if frame is None:
            raise BadRecordError("a frame has no possible number")
        yield frame, as_list(as_dict(state).get("objects")), as_list(as_dict(state).get("classifications"))


def read_labels(unit: Row, row: Row, size: Size, ontology: Ontology, records: Records) -> Drawing:
    """What a data unit holds, with the answers that its label row keeps apart."""
    drawing = Drawing()
    about, answers = as_dict(row.get("object_answers")), as_dict(row.get("classification_answers"))
    answered: set[str] = set()
    for frame, objects, classifications in _states(unit):
        for entry in objects:
            _object(drawing, entry, frame, about, size, records)
        for entry in map(as_dict, classifications):
            name = identity(entry.get("classificationHash"))
            if name is None or name in answered:
                continue
            answered.add(name)
            _classification(drawing, entry, as_dict(answers.get(name)), ontology, records)
    return drawing


def _object(drawing: Drawing, entry: Any, frame: int | None, about: Row, size: Size, records: Records) -> None:
    thing = as_dict(entry)
    name = identity(thing.get("objectHash"))
    known = str(thing.get("shape")) in _KINDS
    if name is None or not known or not size[0] or not size[1]:
        records.note(UNSIZED if known and name else STRANGE)
        drawing.keep("objects", entry)
        return
    parts_of = as_list(as_dict(about.get(name)).get("classifications"))
    attributes = {str(part.get("name")): said for part in map(as_dict, parts_of) if (said := _said(part))}
    score = number(thing.get("confidence"))
    signature = _signature(thing, records)
    columns = {
        "label": identity(thing.get("name")) or identity(thing.get("value")),
        "score": score if signature.origin is not Origin.MANUAL else None,
        "attributes": attributes,
    }
    for shape in _shapes(thing, name, columns, (size[0], size[1])):
        place = shape if frame is None else keyframe(shape, shape["region_id"], frame, {"outside": False})
        drawing.mark(place, None, signature)


def _shapes(thing: Row, name: str, columns: Row, size: tuple[int, int]) -> list[Row]:
    shape = thing["shape"]
    if shape == "polygon":
        outer, holes = _rings(thing)
        rings = [polygon(_scaled(as_list(ring), size)) for ring in (*outer, *holes)]
        return parts(rings, name, columns, len(holes))
    if shape in ("bounding_box", "rotatable_bounding_box"):
        place = as_dict(thing.get("boundingBox" if shape == "bounding_box" else "rotatableBoundingBox"))
        sides = _scaled([place.get(side) for side in ("x", "y", "w", "h")], size)
        found = box(sides[0], sides[1], sides[2], sides[3], place.get("theta"))
    elif shape == "polyline":
        found = polyline(_scaled(_points(thing.get("polyline")), size))
    elif shape == "bitmask":
        found = _mask(as_dict(thing.get("bitmask")), size)
    else:
        found = keypoints(_scaled(_points(thing.get("point" if shape == "point" else "skeleton")), size))
    return [{**found, **columns, "region_id": name}]


def _rings(thing: Row) -> tuple[list[Any], list[Any]]:
    """Outer rings and holes; newer exports list rings of x, y, x, y … for each part of an object."""
    listed = [as_list(rings) for rings in as_list(thing.get("polygons"))]
    if not any(listed):
        return [_points(thing.get("polygon"))], []
    return [rings[0] for rings in listed if rings], [ring for rings in listed for ring in rings[1:]]


def _points(value: Any) -> list[Any]:
    """Points by their places as text, or in a list."""
    points = list(value.values()) if isinstance(value, dict) else as_list(value)
    if not all(isinstance(point, dict) for point in points):
        raise BadShapeError("a point lacks a number")
    return pairs(points)


def _scaled(flat: Sequence[Any], size: tuple[int, int]) -> list[float]:
    """Fractions as pixels, without fractions of a pixel that no screen shows: they would make equal boxes differ."""
    found = [number(value) for value in flat]
    if any(value is None for value in found):
        raise BadShapeError("a point lacks a number")
    return [round(value * size[place % 2], 6) for place, value in enumerate(found) if value is not None]


def _mask(place: Row, size: tuple[int, int]) -> Row:
    """Run lengths along the rows of a part of the image, written as COCO writes them."""
    top, left, wide, high = (whole(place.get(name)) for name in ("top", "left", "width", "height"))
    counts = text_of(place.get("rleString"))
    if top is None or left is None or not wide or not high or counts is None:
        raise BadShapeError("a mask lacks a number")
    return from_rows(from_text(counts, wide, high)["mask_rle"], left, top, wide, high, *size)


def _classification(drawing: Drawing, entry: Row, answer: Row, ontology: Ontology, records: Records) -> None:
    """The first answer is the classification's own; the others are nested in it, `outer/inner`."""
    outer = identity(entry.get("name")) or identity(entry.get("value")) or "label"
    signature = _signature(entry, records)
    found = [part for part in map(as_dict, as_list(answer.get("classifications"))) if _said(part)]
    records.note(UNANSWERED, int(not found))
    for place, part in enumerate(found):
        inner = str(part.get("name"))
        question = outer if not place or inner == outer else f"{outer}/{inner}"
        said = _said(part)
        if isinstance(said, str) and isinstance(part.get("answers"), str):
            drawing.answer(question, written(said), signature)
        else:
            labels = said if isinstance(said, list) else [str(said)]
            drawing.answer(question, chosen(labels, inner in ontology.several), signature)


def _said(part: Row) -> str | list[str] | None:
    """A text, a label or several."""
    answers = part.get("answers")
    if isinstance(answers, str):
        return answers or None
    entries = map(as_dict, as_list(answers))
    names = [identity(entry.get("name")) or identity(entry.get("value")) for entry in entries]
    labels = [name for name in names if name]
    return labels[0] if len(labels) == 1 else labels or None


def _signature(thing: Row, records: Records) -> Signature:
    """Whose an object is: of who made it by hand, or of who changed what a model had made."""
    made_by, changed_by = identity(thing.get("createdBy")), identity(thing.get("lastEditedBy"))
    made = records.instant(time_of(thing.get("createdAt")))
    changed = records.instant(time_of(thing.get("lastEditedAt")))
    other = changed_by is not None and changed_by != made_by
    if thing.get("manualAnnotation") is False:
        if other and changed_by:
            return Signature((changed_by,), made_by, Origin.PREDICTION_EDITED, changed, changed)
        return Signature((), made_by, Origin.PREDICTION, made, changed)
    records.note(CORRECTED, int(other))
    origin = Origin.MANUAL if thing.get("manualAnnotation") is True else None
    return Signature((made_by,) if made_by else (), None, origin, made, changed)


def reviews_of(objects: Sequence[Any], drawing: Drawing) -> Iterator[tuple[str, str, Row]]:
    """Region, question and columns of each decision on an object, in order; `at` as the export writes it."""
    places = {region["region_id"]: name for name, regions in drawing.regions.items() for region in regions}
    for thing in map(as_dict, objects):
        name = str(identity(thing.get("objectHash")))
        for place, review in enumerate(map(as_dict, as_list(thing.get("reviews"))), 1):
            if isinstance(review.get("approved"), bool) and name in places:
                yield (
                    name,
                    places[name],
                    {
                        "place": place,
                        "reviewer": identity(review.get("user_email")) or identity(review.get("createdBy")),
                        "verdict": Decision.ACCEPT if review["approved"] else Decision.REJECT,
                        "comment": (text_of(review.get("comment")) or "").strip() or None,
                        "at": time_of(review.get("createdAt") or review.get("last_edited_at")),
                    },
                )
