"""What one worker entered into a Ground Truth form, by its elements: labels, shapes, entities, masks, free text."""

from __future__ import annotations

import base64
import binascii
import io
from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from qc.model import Kind
from qc.readers import masks
from qc.readers.drawings import Drawing, chosen, written
from qc.readers.fields import as_dict, as_list, identity, pixels, text_of
from qc.readers.numbers import number
from qc.readers.records import MISTYPED, BadRecordError, of_types, to_json
from qc.readers.shapes import BadShapeError, Row, box, keypoints, pairs, polygon, polyline
from qc.readers.text_spans import Text

AS_TEXT: Final = "{n} answers are not understood and are kept as they came, as text, which only a reviewer can judge"
NO_CONTENT: Final = "the answer has no readable content"
NO_SHAPE: Final = "a shape is no object"
UNREADABLE: Final = "a mask's image cannot be read"

_SHAPES: Final = ("boundingBoxes", "polygons", "polylines", "keypoints", "entities")
_MASKED: Final = "labeledImage"
# What Ground Truth's own templates call the element that is drawn in.
_DRAWN: Final = ("boundingBox", "annotatedResult")
_BYTES: Final = 64 << 20


class Entered:
    """The answers of one submission, and the size of its image where the form states it."""

    def __init__(self, content: Any, text: Text) -> None:
        self.drawing = Drawing()
        self.size: tuple[int | None, int | None] = (None, None)
        self.odd = 0
        self._expected: list[str] = []
        self._text = text
        content = _decoded(content)
        parts = content if isinstance(content, list) else [content]
        if not all(isinstance(part, dict) for part in parts):
            raise BadRecordError(NO_CONTENT)
        for part in parts:
            for name, value in part.items():
                self._element(name or "label", value)

    def rows(self) -> Iterator[tuple[Row, list[Row]]]:
        """The columns of each answer and its regions; a form without any answer is one with nothing to mark."""
        rows = list(self.drawing.rows(dict.fromkeys(self._expected)))
        yield from rows or [({"question": "label", "kind": Kind.NONE}, [])]

    def _element(self, name: str, value: Any) -> None:
        if name in _DRAWN and not isinstance(value, dict | None):
            raise BadRecordError(MISTYPED)
        if isinstance(value, dict):
            self._object(name, value)
        elif isinstance(value, bool):
            self.drawing.answer(name, chosen(["true" if value else "false"], False))
        elif isinstance(value, int | float) and number(value) is not None:
            self.drawing.answer(name, {"kind": Kind.NUMBER, "number": number(value)})
        elif isinstance(value, str):
            if value.strip():
                self.drawing.answer(name, written(value))
        elif value is not None:
            self._strange(name, value)

    def _object(self, name: str, value: Row) -> None:
        image = as_dict(value.get("inputImageProperties"))
        if image:
            self.size = (pixels(image.get("width")), pixels(image.get("height")))
        # In a form of boxes to tick, the names of shapes may be labels.
        if not all(isinstance(_ticked(value.get(key)), list | bool | None) for key in _SHAPES):
            raise BadRecordError(MISTYPED)
        if _MASKED in value:
            of_types(value, ("instances",), (_MASKED, "labelMappings"))
        shapes = [key for key in _SHAPES if isinstance(value.get(key), list)]
        for key in shapes:
            question = name if len(shapes) == 1 else f"{name}/{key}"
            self._expected.append(question)
            for shape in value[key]:
                self.drawing.mark(self._shape(key, shape), question)
        if isinstance(value.get(_MASKED), dict):
            self._expected.append(name)
            for region in _masks(value):
                self.drawing.mark(region, name)
        elif shapes:
            return
        elif text_of(value.get("label")):
            self.drawing.answer(name, chosen([value["label"]], False))
        elif isinstance(value.get("labels"), list):
            self._several(name, [found for label in value["labels"] if (found := identity(label))])
        elif value and all(isinstance(ticked, bool) for ticked in map(_ticked, value.values())):
            self._several(name, [label for label, ticked in value.items() if _ticked(ticked)])
        elif value:
            self._strange(name, value)

    def _several(self, name: str, labels: list[str]) -> None:
        self._expected.append(name)
        if labels:
            self.drawing.answer(name, chosen(labels, True))

    def _strange(self, name: str, value: Any) -> None:
        self.odd += 1
        self.drawing.answer(name, written(to_json(value) or "[]"))

    def _shape(self, key: str, shape: Any) -> Row:
        if not isinstance(shape, dict):
            raise BadShapeError(NO_SHAPE)
        label = identity(shape.get("label"))
        if key == "entities":
            return self._text.span(shape.get("startOffset"), shape.get("endOffset"), label)
        if key == "boundingBoxes":
            found = box(shape.get("left"), shape.get("top"), shape.get("width"), shape.get("height"))
        elif key == "keypoints":
            found = keypoints([shape.get("x"), shape.get("y")])
        else:
            points = pairs([as_dict(point) for point in as_list(shape.get("vertices"))])
            found = polygon(points) if key == "polygons" else polyline(points)
        return {**found, "label": label}


def _ticked(value: Any) -> Any:
    """A box that is ticked or not, also where the form wraps it as {on: …}."""
    return value.get("on") if isinstance(value, dict) and value.keys() == {"on"} else value


def _decoded(content: Any) -> Any:
    """The form's elements, which custom jobs keep as a text of JSON."""
    if not isinstance(content, str):
        return content
    try:
        return msgspec.json.decode(content.encode("utf-8", "replace"))
    except (msgspec.MsgspecError, RecursionError):
        raise BadRecordError(NO_CONTENT) from None


def _masks(value: Row) -> Iterator[Row]:
    """One mask for each colour that stands for a label, or for one of its objects, in the image that was painted."""
    labelled = [{"label": label, **as_dict(entry)} for label, entry in as_dict(value.get("labelMappings")).items()]
    labelled += map(as_dict, as_list(value.get("instances")))
    colours = [(identity(entry.get("label")), entry.get("color")) for entry in labelled]
    if not colours:
        return
    painted = _pixels(value[_MASKED])
    for label, colour in colours:
        shade = _rgb(colour)
        where = (painted[:, :, 0] == shade[0]) & (painted[:, :, 1] == shade[1]) & (painted[:, :, 2] == shade[2])
        if where.any():
            yield {**masks.mask(where), "label": label}


def _rgb(colour: Any) -> tuple[int, int, int]:
    try:
        red, green, blue = bytes.fromhex(str(colour).removeprefix("#"))
    except ValueError:
        raise BadShapeError("a mask's colour cannot be read") from None
    return red, green, blue


def _pixels(image: Mapping[str, Any]) -> Any:
    """Rows x columns x red, green, blue of a PNG; what is transparent is black."""
    # Imported here: few jobs paint, and the library takes its time to load.
    import numpy as np
    from PIL import Image

    data = image.get("pngImageData")
    if not isinstance(data, str) or len(data) > _BYTES:
        raise BadShapeError(UNREADABLE)
    try:
        with Image.open(io.BytesIO(base64.b64decode(data, validate=True)), formats=["PNG"]) as opened:
            if opened.width * opened.height > masks.LARGEST // 4:
                raise BadShapeError(UNREADABLE)
            painted = np.asarray(opened.convert("RGBA"))
    except (binascii.Error, ValueError, SyntaxError, OSError, OverflowError, Image.DecompressionBombError):
        raise BadShapeError(UNREADABLE) from None
    return painted[:, :, :3] * (painted[:, :, 3:] > 0)
