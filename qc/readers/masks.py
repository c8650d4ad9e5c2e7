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
RUNS: Final = 1 << 20
"""Runs of the most ragged mask that is taken; a few bytes along rows may be millions of runs down columns."""

MISFIT: Final = "a mask's length does not fit its image"
UNREADABLE: Final = "a mask's run lengths cannot be read"

Bitmap = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.int64]

# Bits of a count in compressed text: five in each character, at most nine characters.
_FIVES: Final = 5 * np.arange(9)


def mask(bitmap: Bitmap) -> Row:
    """A mask by its pixels (rows x columns) of the whole image."""
    height, width = bitmap.shape
    return placed(bitmap, 0, 0, width, height)


def placed(bitmap: Bitmap, left: int, top: int, width: int, height: int) -> Row:
    """A mask by the pixels of a part of the image, whose top left pixel is at left, top; what lies outside is cut."""
    _bounded(width, height)
    seen = bitmap[max(-top, 0) : max(height - top, 0), max(-left, 0) : max(width - left, 0)]
    starts, ends = _runs(seen, max(left, 0), max(top, 0), height)
    edges = np.column_stack((starts, ends)).ravel()
    counts = np.diff(edges, prepend=0, append=width * height)
    if len(counts) > RUNS:
        raise BadShapeError("a mask is more ragged than any drawing")
    # Only a mask of the last pixel leaves no zeros behind it.
    return _row(counts if counts[-1] else counts[:-1], width, height)


def from_rows(counts: Sequence[Any], left: int, top: int, wide: int, high: int, width: int, height: int) -> Row:
    """A mask by run lengths along the rows of a part of the image that is `wide` x `high`, beginning with zeros."""
    runs = _checked(counts, wide, high)
    bitmap = np.repeat(np.arange(len(runs)) % 2 == 1, runs).reshape(high, wide)
    return placed(bitmap, left, top, width, height)


def from_columns(counts: Sequence[Any], width: int, height: int) -> Row:
    """A mask by run lengths down the columns of the whole image, as COCO counts them; only checked."""
    return _row(_checked(counts, width, height), width, height)


def from_text(counts: str, width: int, height: int) -> Row:
    """A mask by COCO's compressed run lengths: base 48, five bits a character, differences to the run before last."""
    _bounded(width, height)
    # What is no character of the text becomes one that is beyond its 64.
    bits = np.frombuffer(counts.encode("latin-1", "replace"), np.uint8).astype(np.int64) - 48
    lasts = np.flatnonzero(bits & 0x20 == 0)
    lengths = np.diff(lasts, prepend=-1)
    if not len(bits) or bits.min() < 0 or bits.max() > 63 or bits[-1] & 0x20 or lengths.max() > len(_FIVES):
        raise BadShapeError(UNREADABLE)
    place = np.arange(len(bits)) - np.repeat(lasts - lengths + 1, lengths)
    values = np.add.reduceat((bits & 0x1F) << _FIVES[place], lasts - lengths + 1)
    negative = bits[lasts] & 0x10 != 0
    values -= np.where(negative, np.int64(1) << 5 * lengths, 0)
    # From the fourth count on, each is the difference to the count two before it.
    values[1::2] = np.cumsum(values[1::2])
    values[2::2] = np.cumsum(values[2::2])
    return _row(_fitting(values, width, height), width, height)


def _row(counts: Counts, width: int, height: int) -> Row:
    return {"kind": Kind.MASKS, "mask_rle": counts.tolist(), "mask_h": height, "mask_w": width}


def _checked(counts: Sequence[Any], width: int, height: int) -> Counts:
    _bounded(width, height)
    try:
        found = np.array([int(count) for count in counts], np.int64)
    except (ValueError, TypeError, OverflowError):
        raise BadShapeError(UNREADABLE) from None
    return _fitting(found, width, height)


def _fitting(counts: Counts, width: int, height: int) -> Counts:
    if not len(counts) or counts.min() < 0 or counts.max() > width * height or counts.sum() != width * height:
        raise BadShapeError(MISFIT)
    return counts


def _bounded(width: int, height: int) -> None:
    if width <= 0 or height <= 0 or width * height > LARGEST:
        raise BadShapeError("a mask's image has no possible size")


def _runs(bitmap: Bitmap, left: int, top: int, height: int) -> tuple[Counts, Counts]:
    """Where runs of a part of the image begin and end, counted down the columns of an image of `height`."""
    rows, columns = bitmap.shape
    # A row of zeros below keeps the runs of neighbouring columns apart.
    padded = np.zeros((columns, rows + 1), np.int8)
    padded[:, :rows] = bitmap.T
    steps = np.diff(padded.ravel(), prepend=np.int8(0))
    starts, ends = (_moved(np.flatnonzero(steps == step), rows, left, top, height) for step in (1, -1))
    # Where the part is as high as the image, a run may go on at the top of the next column.
    broken = starts[1:] != ends[:-1]
    return starts[np.append(True, broken)[: len(starts)]], ends[np.append(broken, True)[: len(ends)]]


def _moved(places: Counts, rows: int, left: int, top: int, height: int) -> Counts:
    return (places // (rows + 1) + left) * height + places % (rows + 1) + top
