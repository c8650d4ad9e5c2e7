"""What may still be taken in from a folder or an archive, and what its members may be called."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from qc.model import InputError
from qc.model.limits import Limits
from qc.readers.source import named

FREE: Final = 16 << 20
"""Bytes up to which a packed file may grow by any ratio."""

_NAME: Final = 255
_PATH: Final = 1_000


@dataclass(slots=True)
class Budget:
    """Counts files and unpacked bytes against the limits; and what was passed over."""

    limits: Limits
    members: int = 0
    unpacked: int = 0
    media: int = 0
    links: int = 0

    def member(self, said: str) -> None:
        """Counts a file; one too many is an InputError."""
        self.members += 1
        if self.members > self.limits.members:
            raise InputError(
                f"{said} has more than {self.limits.members:,} files; read it in parts, or raise the limit `members`."
            )

    def grow(self, size: int, said: str) -> None:
        """Counts unpacked bytes; too many are an InputError."""
        self.unpacked += size
        self.expect(0, said)

    def expect(self, size: int, said: str) -> None:
        """Refuses more bytes than are left, before they are unpacked."""
        if self.unpacked + size > self.limits.unpacked_mb << 20:
            raise InputError(
                f"{said} unpacks to more than {self.limits.unpacked_mb:,} MB; unpack it and name the folder, "
                "or raise the limit `unpacked_mb`."
            )

    def ratio(self, written: int, packed: int, said: str) -> None:
        """Compares the bytes that came out of a packed file with its size; out of proportion is an InputError."""
        if written > FREE and written > self.limits.ratio * packed:
            raise InputError(
                f"{said} unpacks to more than {self.limits.ratio:,} times its size; unpack it and name the folder "
                "if you trust it, or raise the limit `ratio`."
            )


class Members:
    """The names of an archive's members: each inside its folder, and there once."""

    def __init__(self, archive: str) -> None:
        self._archive = archive
        self._files: set[PurePosixPath] = set()
        self._folders: set[PurePosixPath] = set()

    def place(self, name: str) -> PurePosixPath | None:
        """Where a member belongs, None for the folder itself; a name that leads elsewhere is an InputError."""
        shown = named(name)[:100]
        parts = [part for part in name.split("/") if part not in ("", ".")]
        if name.startswith("/") or ".." in parts or re.match(r"[A-Za-z]:", name):
            raise InputError(f"{self._archive} has a member that leads out of its folder ({shown}); pack it again.")
        if named(name) != name or any(len(part.encode()) > _NAME for part in parts) or len(name.encode()) > _PATH:
            raise InputError(f"{self._archive} has a member whose name no file can have ({shown}); pack it again.")
        if not parts:
            return None
        place = PurePosixPath(*parts)
        if name.endswith("/"):
            self._folders.update((place, *place.parents))
        elif place in self._files:
            raise InputError(f"{self._archive} has two members named {shown}; pack it again.")
        else:
            self._files.add(place)
            self._folders.update(place.parents)
        if (place in self._folders and place in self._files) or not self._files.isdisjoint(place.parents):
            raise InputError(f"{self._archive} has a file and a folder named {shown}; pack it again.")
        return place
