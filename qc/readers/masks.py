"""Masks as run lengths: COCO's order (down the columns of the whole image), beginning with zeros."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from qc.model import Kind
from qc.readers.shapes import BadShapeError, Row

LARGEST: Final = 1 << 28
"""Pixels of the largest image whose masks are taken."""

MISFIT: Final = "a mask's length does not fit its image"

Bitmap = npt.NDArray[np.bool_]


def mask(bitmap: Bitmap) -> Row:
    """A mask by its pixels (rows x columns) of the whole image."""
    height, width = bitmap.shape
    counts = _runs(bitmap.ravel(order="F"))
    return {"kind": Kind.MASKS, "mask_rle": counts, "mask_h": height, "mask_w": width}


def placed(bitmap: Bitmap, left: int, top: int, width: int, height: int) -> Row:
    """A mask by the pixels of a part of the image, whose top left pixel is at left, top; what lies outside is cut."""
    _bounded(width, height)
    whole = np.zeros((height, width), np.bool_)
    rows, columns = bitmap.shape
    first, begin = max(top, 0), max(left, 0)
    last, end = min(top + rows, height), min(left + columns, width)
    if first < last and begin < end:
        whole[first:last, begin:end] = bitmap[first - top : last - top, begin - left : end - left]
    return mask(whole)


def from_rows(counts: Sequence[Any], left: int, top: int, wide: int, high: int, width: int, height: int) -> Row:
    """A mask by run lengths along the rows of a part of the image that is `wide` x `high`, beginning with zeros."""
    return placed(_filled(counts, wide, high).reshape(high, wide), left, top, width, height)


def from_columns(counts: Sequence[Any], width: int, height: int) -> Row:
    """A mask by run lengths down the columns of the whole image, as COCO counts them; only checked."""
    _filled(counts, width, height)
    return {"kind": Kind.MASKS, "mask_rle": [int(count) for count in counts], "mask_h": height, "mask_w": width}


def from_text(counts: str, width: int, height: int) -> Row:
    """A mask by COCO's compressed run lengths: base 48, five bits a character, differences to the run before last."""
    _bounded(width, height)
    found: list[int] = []
    value = shift = 0
    for character in counts.encode("ascii", "replace"):
        bits = character - 48
        if not 0 <= bits < 64 or shift > 40:
            raise BadShapeError("a mask's run lengths cannot be read")
        value |= (bits & 0x1F) << shift
        shift += 5
        if not bits & 0x20:
            if bits & 0x10:
                value |= -1 << shift
            found.append(value + (found[-2] if len(found) > 2 else 0))
            value = shift = 0
    return from_columns(found, width, height)


def _filled(counts: Sequence[Any], width: int, height: int) -> Bitmap:
    _bounded(width, height)
    try:
        runs = np.array([int(count) for count in counts], np.int64)
    except (ValueError, TypeError, OverflowError):
        raise BadShapeError("a mask's run lengths cannot be read") from None
    if (runs < 0).any() or (runs > width * height).any() or int(runs.sum()) != width * height:
        raise BadShapeError(MISFIT)
    return np.repeat(np.arange(len(runs)) % 2 == 1, runs)


def _bounded(width: int, height: int) -> None:
    if width <= 0 or height <= 0 or width * height > LARGEST:
        raise BadShapeError("a mask's image has no possible size")


def _runs(flat: Bitmap) -> list[int]:
    edges = np.flatnonzero(np.diff(flat)) + 1
    counts: list[int] = np.diff(np.concatenate(([0], edges, [len(flat)]))).tolist()
    return [0, *counts] if len(flat) and flat[0] else counts
