"""Pictures of items, from the one folder that the workspace names; never from where an export points."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final
from urllib.parse import unquote, urlsplit

MOST_BYTES: Final = 40 << 20
MOST_PIXELS: Final = 64_000_000
SHOWN: Final = 1_600
"""Pixels of the longer side of a picture as it is shown."""
# The tag of EXIF that says how a camera was held, and its values for pictures that lie on their side.
ORIENTATION: Final = 0x0112
TURNED: Final = (5, 6, 7, 8)
FORMATS: Final = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")


@dataclass(frozen=True)
class Picture:
    """A picture made small enough to be shown, and its size before that, in pixels."""

    jpeg: bytes
    width: int
    height: int


def picture(folder: Path | None, uri: str | None) -> Picture | None:
    """The picture that an item's address names, by its path or the end of it; None where it is not to be had."""
    path = found(folder, uri)
    return None if path is None else _read(path)


def found(folder: Path | None, uri: str | None) -> Path | None:
    """The file below the folder whose path is the address's, or the longest end of it that exists there."""
    if folder is None or not uri:
        return None
    root = folder.resolve()
    try:
        parts = [part for part in PurePosixPath(unquote(urlsplit(uri).path)).parts if part not in ("/", ".", "..")]
        for begin in range(len(parts)):
            path = root.joinpath(*parts[begin:]).resolve()
            if path.is_relative_to(root) and path.is_file():
                return path
    except (ValueError, OSError):
        return None
    return None


def _read(path: Path) -> Picture | None:
    from PIL import Image, ImageOps

    if path.stat().st_size > MOST_BYTES:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path, formats=FORMATS) as image:
                width, height = image.size
                if width * height > MOST_PIXELS:
                    return None
                if image.getexif().get(ORIENTATION, 1) in TURNED:
                    width, height = height, width
                image.draft("RGB", (SHOWN, SHOWN))
                upright = ImageOps.exif_transpose(image).convert("RGB")
                upright.thumbnail((SHOWN, SHOWN))
                written = io.BytesIO()
                upright.save(written, "JPEG", quality=85)
    # Pillow's decoders raise nearly anything on a damaged file.
    except Exception:
        return None
    return Picture(written.getvalue(), width, height)
