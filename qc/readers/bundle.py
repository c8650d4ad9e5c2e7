"""What a user names (a file, a folder, a pattern or an archive), and the files that it brings."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from qc.model import InputError
from qc.model.limits import DEFAULTS, Limits
from qc.readers.archive import packed_inside, packing, plain_name, unpack
from qc.readers.budget import Budget
from qc.readers.passed import is_junk, is_media
from qc.readers.source import Source, digest, named, opened, source

SCRATCH: Final = "unpacked"
"""The folder for what comes out of archives, beside the staged files."""

_WORKSPACE: Final = "qc.db"
_WILD: Final = frozenset("*?[")


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of an import; `root` is the folder that its name begins in, None where it is all there is."""

    path: Path
    root: Path | None

    @property
    def name(self) -> str:
        """Its path inside the import."""
        return named(self.path.relative_to(self.root).as_posix() if self.root else self.path.name)

    def open(self, limits: Limits) -> Source:
        """The file with its first bytes; it may be empty where it is one of several."""
        return opened(self.path, self.root, limits) if self.root else source(self.path, None, limits)


@dataclass(frozen=True, slots=True)
class Bundle:
    """The files of one import by name, their bytes, and what was passed over beside them."""

    label: str
    entries: tuple[Entry, ...]
    size: int
    media: int = 0
    links: int = 0


def label(path: Path) -> str:
    """What an import is called: the name of its file or folder, or folder and pattern."""
    root, pattern = _pattern(path)
    return named(f"{root.resolve().name}/{pattern}" if pattern else path.name or path.resolve().name)


def check(path: Path, limits: Limits) -> int:
    """The bytes that a user's word stands for; nothing there, or more than the limit, is an InputError."""
    if _is_one(path):
        size = source(path).size
    else:
        size = sum(file.stat().st_size for file in _listed(path, Budget(limits)))
        if not size:
            raise InputError(f"There is nothing to read in {label(path)}; check the name and the folder.")
    if size > limits.input_mb << 20:
        raise InputError(
            f"{label(path)} has {size >> 20:,} MB, and the limit is {limits.input_mb:,}; read it in parts, "
            "or raise the limit `input_mb`."
        )
    return size


def bundle_digest(path: Path) -> str:
    """SHA-256 of a file, or of the names and digests of a folder's files; hexadecimal, the same wherever it lies."""
    if _is_one(path):
        return digest(path)
    root, _ = _pattern(path)
    whole = hashlib.sha256()
    for file in _listed(path, Budget(DEFAULTS)):
        whole.update(f"{named(file.relative_to(root).as_posix())}\0{digest(file)}\n".encode())
    return whole.hexdigest()


@contextmanager
def bundle(path: Path, scratch: Path, limits: Limits) -> Iterator[Bundle]:
    """The files of an import, unpacked into a folder that is gone afterwards."""
    budget = Budget(limits)
    try:
        entries = sorted(_entries(path, scratch, budget), key=lambda entry: entry.name)
        size = sum(entry.path.stat().st_size for entry in entries)
        yield Bundle(label(path), tuple(entries), size, budget.media, budget.links)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _entries(path: Path, scratch: Path, budget: Budget) -> Iterator[Entry]:
    if _is_one(path):
        if packing(path) is None:
            yield Entry(path, None)
            return
        scratch.mkdir()
        unpack(path, label(path), scratch, scratch / plain_name(path.name), budget)
    else:
        root, _ = _pattern(path)
        for file in _listed(path, budget):
            if packed_inside(file):
                target = scratch / file.relative_to(root)
                target.parent.mkdir(parents=True, exist_ok=True)
                single = target.with_name(plain_name(target.name))
                unpack(file, f"{label(path)}: {named(file.relative_to(root).as_posix())}", target, single, budget)
            else:
                yield Entry(file, root)
    for folder, _, names in os.walk(scratch):
        yield from (Entry(Path(folder, name), scratch) for name in names)


def _is_one(path: Path) -> bool:
    """Whether a user's word is one file, or nothing at all, which is told where it is opened."""
    return not os.path.isdir(path) and not _pattern(path)[1]


def _pattern(path: Path) -> tuple[Path, str]:
    """The folder that a pattern of files begins in, and the rest; what is there needs no pattern."""
    first = next((place for place, part in enumerate(path.parts) if not _WILD.isdisjoint(part)), None)
    # Unlike the methods of Path, these take any text for a name.
    if first is None or os.path.exists(path):
        return (path if os.path.isdir(path) else path.parent), ""
    return Path(*path.parts[:first]), "/".join(path.parts[first:])


def _listed(path: Path, budget: Budget) -> Iterator[Path]:
    """The files of a folder or pattern, in order; links, junk, media and workspaces are passed over."""
    root, pattern = _pattern(path)
    try:
        starts = sorted(root.glob(pattern)) if pattern else [root]
    except (OSError, ValueError) as error:
        raise InputError(f"The pattern {label(path)} cannot be followed: {error}.") from None
    seen: set[Path] = set()
    for start in starts:
        for file in _walk(start):
            if file in seen or is_junk(file.relative_to(root).parts):
                continue
            seen.add(file)
            if is_media(file.name):
                budget.media += 1
            elif file.is_symlink():
                budget.links += 1
            else:
                budget.member(label(path))
                yield file


def _walk(start: Path) -> Iterator[Path]:
    if start.is_file():
        yield start
    for folder, folders, names in os.walk(start, onerror=_unreadable):
        if _WORKSPACE in names:
            folders.clear()
            continue
        folders.sort()
        yield from (file for name in sorted(names) if (file := Path(folder, name)).is_file())


def _unreadable(error: OSError) -> None:
    if not isinstance(error, NotADirectoryError):
        raise InputError(f"The folder {named(Path(error.filename).name)!r} cannot be read: {error.strerror}.")
