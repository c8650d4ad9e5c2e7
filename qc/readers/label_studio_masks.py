"""Label Studio's masks: its packed run lengths of an RGBA image, and PNG images in data URLs."""

from __future__ import annotations

import base64
import binascii
import io
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from qc.readers.masks import LARGEST, Bitmap
from qc.readers.shapes import BadShapeError

BYTES: Final = 64 << 20
"""Bytes of the largest encoded mask."""

UNREADABLE: Final = "a mask cannot be read"
MISFIT: Final = "a mask does not fit its image"

_CHANNELS: Final = 4
_ALPHA: Final = 3
_PREFIX: Final = "data:image/png;base64,"


class _Bits:
    """Bits of a text of bytes, the highest first; past the end it raises BadShapeError."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._size = 8 * len(data)
        self.place = 0

    def take(self, width: int) -> int:
        """The next bits, at most 32, as a number."""
        begin, end = self.place, self.place + width
        if end > self._size:
            raise BadShapeError(UNREADABLE)
        self.place = end
        last = (end + 7) >> 3
        whole = int.from_bytes(self._data[begin >> 3 : last], "big")
        return (whole >> ((last << 3) - end)) & ((1 << width) - 1)

    def words(self, count: int, width: int) -> npt.NDArray[np.bool_]:
        """Which of the next `count` words of `width` bits are not zero."""
        begin, end = self.place, self.place + count * width
        if end > self._size:
            raise BadShapeError(UNREADABLE)
        self.place = end
        raw = np.frombuffer(self._data, np.uint8, ((end + 7) >> 3) - (begin >> 3), begin >> 3)
        bits = np.unpackbits(raw)[begin & 7 :][: count * width]
        filled: npt.NDArray[np.bool_] = np.any(bits.reshape(count, width), axis=1)
        return filled


def painted(packed: Any, width: int, height: int) -> Bitmap:
    """The pixels (rows x columns) whose alpha is not zero, of a flattened RGBA image in packed run lengths.

    32 bits say how many words follow, five the width of a word less one, four times four the widths of run lengths
    less one. Then each block: a bit that tells a run of one word from a row of words, two bits for the width of the
    length, the length less one, and the word or words. BadShapeError where it is no such list or of another size.
    """
    try:
        bits = _Bits(bytes(packed) if isinstance(packed, list) and len(packed) <= BYTES else b"")
    except (TypeError, ValueError):
        raise BadShapeError(UNREADABLE) from None
    pixels = width * height
    if not 0 < pixels <= LARGEST or width < 0 or bits.take(32) != _CHANNELS * pixels:
        raise BadShapeError(MISFIT)
    word = bits.take(5) + 1
    widths = [bits.take(4) + 1 for _ in range(4)]
    alpha = np.zeros(pixels, np.bool_)
    at, total = 0, _CHANNELS * pixels
    while at < total:
        run = bits.take(1)
        length = bits.take(widths[bits.take(2)]) + 1
        if at + length > total:
            raise BadShapeError(UNREADABLE)
        # Words at, at + 1 … are alpha where they leave 3 when divided by 4.
        skipped = (_ALPHA - at) % _CHANNELS
        first = (at + skipped) // _CHANNELS
        if run:
            alpha[first : (at + length) // _CHANNELS] = bool(bits.take(word))
        else:
            found = bits.words(length, word)[skipped::_CHANNELS]
            alpha[first : first + len(found)] = found
        at += length
    return alpha.reshape(height, width)


def pictured(url: Any, size: tuple[int, int] | None) -> Bitmap:
    """The pixels (rows x columns) that are not transparent in a PNG data URL, whose size is the image's if known."""
    if not isinstance(url, str) or not url.startswith(_PREFIX) or len(url) > BYTES:
        raise BadShapeError(UNREADABLE)
    # Imported here: few exports have such masks, and the library takes its time to load.
    from PIL import Image

    try:
        content = base64.b64decode(url.removeprefix(_PREFIX), validate=True)
        with Image.open(io.BytesIO(content), formats=["PNG"]) as image:
            if image.width * image.height > LARGEST // _CHANNELS:
                raise BadShapeError(MISFIT)
            if size not in (None, image.size):
                raise BadShapeError(MISFIT)
            if "A" not in image.getbands() and "transparency" not in image.info:
                raise BadShapeError(UNREADABLE)
            alpha = np.asarray(image.convert("RGBA").getchannel("A"))
    except (binascii.Error, ValueError, SyntaxError, OSError, OverflowError, Image.DecompressionBombError):
        raise BadShapeError(UNREADABLE) from None
    return alpha > 0
