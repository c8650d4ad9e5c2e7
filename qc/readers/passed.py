"""What lies beside the exports in a folder or an archive and is no export."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

_JUNK: Final = {"__macosx", "thumbs.db", "desktop.ini", "__pycache__"}
_MEDIA: Final = (
    *(".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".webp", ".heic", ".avif", ".svg", ".dcm"),
    *(".nii", ".nii.gz", ".mp4", ".avi", ".mov", ".mkv", ".webm", ".mpg", ".mpeg", ".m4v"),
    *(".mp3", ".wav", ".flac", ".ogg", ".opus", ".m4a", ".aac", ".pdf", ".pcd", ".ply", ".las", ".laz"),
    *(".npy", ".npz"),
)


def is_junk(parts: Iterable[str]) -> bool:
    """Whether a path is hidden, or what a system leaves behind."""
    return any(part.startswith(".") or part.lower() in _JUNK for part in parts)


def is_media(name: str) -> bool:
    """Whether a file is what was annotated, by its suffix: an image, film, sound, point cloud or PDF."""
    return name.lower().endswith(_MEDIA)
