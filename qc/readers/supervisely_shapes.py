"""Supervisely's geometries in pixels, and its bitmaps: images in base64, of which the alpha channel is the mask."""

from __future__ import annotations

import struct
import zlib
from base64 import b64decode
from io import BytesIO
from typing import Any, Final

from qc.readers.drawings import parts
from qc.readers.fields import Row, as_dict, as_list, pixels, text_of
from qc.readers.masks import Bitmap, placed
from qc.readers.numbers import number
from qc.readers.shapes import BadShapeError, corners, keypoints, polygon, polyline

UNREADABLE: Final = "a bitmap cannot be read"
PACKED: Final = 64 << 20
"""Bytes of the largest image that a bitmap may unpack to."""
PIXELS: Final = 64 << 20
"""Pixels of the largest bitmap; Pillow itself warns beyond 85 million."""

_PNG: Final = b"\x89PNG\r\n\x1a\n"

Size = tuple[int | None, int | None]


def shapes_of(thing: Row, kind: str, name: str, columns: Row, size: Size) -> list[Row]:
    """The regions of an object; none of a kind that is not known."""
    points = as_dict(thing.get("points"))
    outer = as_list(points.get("exterior"))
    if kind == "polygon":
        holes = [polygon(_flat(ring)) for ring in as_list(points.get("interior"))]
        return parts([polygon(_flat(outer)), *holes], name, columns, len(holes))
    if kind == "rectangle":
        # The last pixel counts in Supervisely's own widths; its corners are edges in ours, as in every other tool.
        sides = _flat(outer)
        if len(sides) != 4:
            raise BadShapeError("a box lacks a number")
        shape = corners(*sides)
    elif kind in ("line", "polyline"):
        shape = polyline(_flat(outer))
    elif kind == "point":
        shape = keypoints(_flat(outer))
    elif kind == "graph":
        nodes = as_dict(thing.get("nodes"))
        places = [as_list(as_dict(node).get("loc")) for node in nodes.values()]
        shape = keypoints(_flat(places)) | {"attributes": {"nodes": list(nodes)}}
    elif kind in ("bitmap", "alpha_mask"):
        shape = _bitmap(as_dict(thing.get("bitmap")), size)
    else:
        return []
    attributes = {**(shape.get("attributes") or {}), **columns["attributes"]}
    return [{**shape, **columns, "attributes": attributes, "region_id": name}]


def _flat(points: Any) -> list[Any]:
    if not isinstance(points, list) or not all(isinstance(point, list) and len(point) == 2 for point in points):
        raise BadShapeError("a point lacks a number")
    return [value for point in points for value in point]


def _bitmap(bitmap: Row, size: Size) -> Row:
    origin, data = [number(value) for value in as_list(bitmap.get("origin"))], text_of(bitmap.get("data"))
    width, height = pixels(size[0]), pixels(size[1])
    if len(origin) != 2 or origin[0] is None or origin[1] is None or data is None or not width or not height:
        raise BadShapeError("a mask lacks a number")
    return placed(_alpha(data), int(origin[0]), int(origin[1]), width, height)


def _alpha(data: str) -> Bitmap:
    """The pixels of a bitmap, rows x columns."""
    packed = _unpacked(data)
    if int.from_bytes(packed[16:20], "big") * int.from_bytes(packed[20:24], "big") > PIXELS:
        raise BadShapeError("a mask's image has no possible size")
    try:
        return _drawn(packed)
    except (
        ArithmeticError,
        EOFError,
        LookupError,
        OSError,
        SyntaxError,
        TypeError,
        ValueError,
        struct.error,
        zlib.error,
    ):
        raise BadShapeError(UNREADABLE) from None


def _unpacked(data: str) -> bytes:
    """The bytes of a PNG image; not more than PACKED are ever unpacked."""
    unpacking = zlib.decompressobj()
    try:
        packed = unpacking.decompress(b64decode(data, validate=True), PACKED)
    except (ValueError, zlib.error):
        packed = b""
    if not unpacking.eof or not packed.startswith(_PNG):
        raise BadShapeError(UNREADABLE)
    return packed


def _drawn(packed: bytes) -> Bitmap:
    # Imported here: most files have no bitmaps, and would pay for it.
    import numpy as np
    from PIL import Image

    with Image.open(BytesIO(packed), formats=["PNG"]) as image:
        clear = "A" in image.getbands() or "transparency" in image.info
        bands = np.asarray(image.convert("RGBA").getchannel("A") if clear else image.convert("L"))
    found: Bitmap = bands > 0
    return found
