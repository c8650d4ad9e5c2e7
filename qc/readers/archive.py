"""Archives (zip, tar, tar.gz) and files packed with gzip: unpacked member by member, and never further than allowed."""

from __future__ import annotations

import errno
import gzip
import io
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from enum import StrEnum
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO, Any, Final, Protocol

from qc.model import InputError
from qc.readers.budget import Budget, Members
from qc.readers.passed import is_junk, is_media
from qc.readers.source import named

DEPTH: Final = 2
"""Archives may lie in an archive, as some tools pack one for each person, but no further."""

_BLOCK: Final = 1 << 20
_SUFFIXES: Final = (".zip", ".tar", ".tgz", ".gz")
_WORKBOOKS: Final = (".xlsx", ".xlsm")
_ENCRYPTED, _UTF8 = 0x1, 0x800
_ENDING, _MANY = 22 + 0xFFFF, 0xFFFF
_KINDS: Final = (0, stat.S_IFREG, stat.S_IFDIR)
_OURS: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO, errno.EACCES)
"""Faults of the disk that is written to, not of the archive."""


class Readable(AbstractContextManager[Any], Protocol):
    """A stream of bytes that is closed at the end of its block."""

    def read(self, size: int = -1, /) -> bytes:
        """At most `size` bytes; b"" at the end."""


class Packing(StrEnum):
    """How files are packed into one."""

    ZIP = "zip"
    TAR = "tar"
    GZIP = "gzip"


def packing(path: Path) -> Packing | None:
    """How a file is packed, by its first bytes; None where it is no archive. A workbook is a sheet."""
    try:
        with path.open("rb") as file:
            head = file.read(4096)
    except (OSError, ValueError):
        # What cannot be opened is told where it is read.
        return None
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")) and not path.name.lower().endswith(_WORKBOOKS):
        return Packing.ZIP
    zipped = head.startswith(b"\x1f\x8b")
    try:
        plain = zlib.decompressobj(31).decompress(head, 512) if zipped else head
    except zlib.error:
        plain = b""
    if plain[257:262] == b"ustar":
        return Packing.TAR
    return Packing.GZIP if zipped else None


def packed_inside(path: Path) -> bool:
    """Whether a file of a folder or an archive is an archive itself."""
    return path.name.lower().endswith(_SUFFIXES) and packing(path) is not None


def unpack(path: Path, said: str, into: Path, single: Path, budget: Budget, depth: int = 1) -> None:
    """Unpacks an archive into a folder, or the one file packed with gzip to `single`.

    Junk and media are left out and counted; archives inside become folders of their names. `said` names the archive.
    One that is damaged, encrypted, too large, or reaches beyond its folder is an InputError.
    """
    if depth > DEPTH:
        raise InputError(f"{said} lies in an archive in an archive; unpack the outermost and name the folder.")
    try:
        match packing(path):
            case Packing.ZIP:
                _unzip(path, said, into, budget, depth)
            case Packing.TAR:
                _untar(path, said, into, budget, depth)
            case _:
                budget.member(said)
                with path.open("rb") as raw, gzip.GzipFile(fileobj=raw) as stream:
                    _copy(stream, single, raw.tell, said, budget)
    except (InputError, MemoryError):
        raise
    except EOFError:
        raise InputError(f"{said} is cut off: the archive ends too early; copy or export it again.") from None
    except Exception as error:
        if isinstance(error, OSError) and error.errno in _OURS:
            raise
        # A damaged archive surfaces as almost any exception of zipfile, tarfile, gzip, zlib and struct.
        raise InputError(
            f"{said} is a damaged archive ({type(error).__name__}: {named(str(error))[:100]}); copy or export it again."
        ) from None


def plain_name(name: str) -> str:
    """What a file packed with gzip is called once it is unpacked."""
    return name[:-3] if name.lower().endswith(".gz") and len(name) > 3 else f"{name} unpacked"


def _unzip(path: Path, said: str, into: Path, budget: Budget, depth: int) -> None:
    with zipfile.ZipFile(path) as archive:
        # Everything that the directory tells is checked before anything is written.
        chosen = list(_chosen(path, archive.infolist(), said, budget))
        budget.expect(sum(entry.file_size for entry, _ in chosen), said)
        for entry, place in chosen:
            with archive.open(entry) as stream:
                _take(stream, place, partial(int, entry.compress_size), said, into, budget, depth)


def _chosen(
    path: Path, entries: Sequence[zipfile.ZipInfo], said: str, budget: Budget
) -> Iterator[tuple[zipfile.ZipInfo, PurePosixPath]]:
    """The members that are taken, and where they belong."""
    members, size = Members(said), path.stat().st_size
    _check_count(path, len(entries))
    if any(entry.filename == "[Content_Types].xml" for entry in entries):
        raise InputError(f"{said} is an Office document; if it is a workbook, give it the suffix .xlsx.")
    for entry in entries:
        place = members.place(_spelt(entry))
        if stat.S_IFMT(entry.external_attr >> 16) not in _KINDS:
            raise InputError(f"{said} holds a link or a device ({place}); pack it without.")
        if place is None or entry.is_dir() or not _wanted(place, said, budget):
            continue
        if entry.flag_bits & _ENCRYPTED:
            raise InputError(f"{said} is encrypted; unpack it and name the folder.")
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise InputError(f"{said} is packed in a way that is not read here; pack it as an ordinary zip.")
        budget.ratio(entry.file_size, min(entry.compress_size, size), f"{said}: {place}")
        yield entry, place


def _check_count(path: Path, found: int) -> None:
    """A damaged directory may hide members; how many there were stands at the end, up to 65,534."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _ENDING))
        ending = file.read()
    place = ending.rfind(b"PK\x05\x06")
    stated = int.from_bytes(ending[place + 10 : place + 12], "little")
    if stated not in (found & _MANY, _MANY):
        raise zipfile.BadZipFile(f"{stated:,} members are stated and {found:,} found")


def _spelt(entry: zipfile.ZipInfo) -> str:
    """A member's name: many tools write UTF-8 without saying so, and some backslashes."""
    name = entry.filename
    if not entry.flag_bits & _UTF8:
        try:
            name = name.encode("cp437").decode()
        except UnicodeError:
            name = entry.filename
    return name.replace("\\", "/")


def _untar(path: Path, said: str, into: Path, budget: Budget, depth: int) -> None:
    members = Members(said)
    with path.open("rb") as raw, _plain(raw) as plain:
        stream = _Ending(plain)
        with tarfile.open(fileobj=stream, mode="r|") as archive:
            for entry in archive:
                place = members.place(entry.name + "/" * entry.isdir())
                if not (entry.isreg() or entry.isdir()):
                    raise InputError(f"{said} holds a link or a device ({place}); pack it without.")
                if place is None or entry.isdir() or not _wanted(place, said, budget):
                    continue
                with _extracted(archive, entry) as member:
                    _take(member, place, raw.tell, said, into, budget, depth)
        while block := stream.read(_BLOCK):
            budget.grow(len(block), said)
        if stream.last.strip(b"\0"):
            # A cut between two members looks like an end.
            raise EOFError


def _plain(raw: IO[bytes]) -> Readable:
    """The bytes of a tar, which may be packed with gzip."""
    zipped = raw.read(2) == b"\x1f\x8b"
    raw.seek(0)
    return gzip.GzipFile(fileobj=raw) if zipped else raw


class _Ending(io.RawIOBase):
    """A stream that remembers how it ended."""

    def __init__(self, stream: Readable) -> None:
        self._stream = stream
        self.last = b"cut"

    def read(self, size: int = -1) -> bytes:
        """The next bytes; b"" at the end."""
        block = self._stream.read(size)
        if block:
            self.last = (self.last + block)[-512:]
        return block


def _extracted(archive: tarfile.TarFile, entry: tarfile.TarInfo) -> IO[bytes]:
    file = archive.extractfile(entry)
    assert file is not None, "only links have none"
    return file


def _wanted(place: PurePosixPath, said: str, budget: Budget) -> bool:
    """Whether a member is taken; media are counted."""
    if is_junk(place.parts):
        return False
    if is_media(place.name):
        budget.media += 1
        return False
    budget.member(said)
    return True


def _take(
    stream: Readable,
    place: PurePosixPath,
    packed: Callable[[], int],
    said: str,
    into: Path,
    budget: Budget,
    depth: int,
) -> None:
    """Writes one member; an archive is unpacked in its turn."""
    target = into / place
    _copy(stream, target, packed, f"{said}: {place}", budget)
    if packed_inside(target):
        # Its folder takes its name; hidden names are no member's.
        inner = target.rename(target.with_name(f".{depth}"))
        plain = target.with_name(plain_name(target.name))
        unpack(inner, f"{said}: {place}", target, plain, budget, depth + 1)
        inner.unlink()


def _copy(stream: Readable, target: Path, packed: Callable[[], int], said: str, budget: Budget) -> None:
    """Copies a stream into a new file, no further than the bytes `packed` so far and the budget allow."""
    written = 0
    target.parent.mkdir(parents=True, exist_ok=True)
    with _new(target, said) as file:
        while block := stream.read(_BLOCK):
            written += len(block)
            budget.grow(len(block), said)
            budget.ratio(written, packed(), said)
            file.write(block)


def _new(target: Path, said: str) -> IO[bytes]:
    try:
        return target.open("xb")
    except FileExistsError:
        raise InputError(f"{said} has the name of another file once it is unpacked; remove one of the two.") from None
