"""The file that is read: its first bytes, its encoding, and a stream that keeps its place."""

from __future__ import annotations

import codecs
import hashlib
import io
import re
import stat
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO, Final

from qc.model import InputError
from qc.model.limits import DEFAULTS, Limits

HEAD: Final = 256 * 1024
NAME: Final = 255
_MARKS: Final = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_UNSHOWN: Final = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Source:
    """A file and its first bytes; `encoding` follows from the byte order mark, else UTF-8.

    `name` is for messages, reports and what a format says by the names of its files: the file's own, and before it the
    folders (`anna/doc1.ann`) where it comes from a folder or an archive, which `root` is then. `used` collects the
    paths of the siblings that were asked for: a reader has read them beside this one. `bundled` files come from a
    folder or an archive, where names tell more than those of files on their own. `emptied` are the numbers of
    the records in which a number was not finite, for the report.
    """

    path: Path
    size: int
    head: bytes
    encoding: str
    name: str
    root: Path
    limits: Limits = DEFAULTS
    bundled: bool = False
    used: set[Path] = field(default_factory=set, compare=False, repr=False)
    emptied: set[int] = field(default_factory=set, compare=False, repr=False)

    def sibling(self, name: str) -> Source | None:
        """A file by its path from this one's folder (`doc1.txt`, `../meta.json`), or None outside `root` or absent."""
        root = self.root.resolve()
        try:
            path = (self.path.parent / name).resolve()
            if not path.is_relative_to(root) or not path.is_file() or not path.stat().st_size:
                return None
        except (OSError, ValueError):
            # The name may come from the file, and be no name at all.
            return None
        self.used.add(path)
        return source(path, root, self.limits)

    def text(self, encoding: str | None = None) -> str:
        """The head as text, cut before a last broken character; bytes that do not decode become U+FFFD."""
        return _decoded(self.head, encoding or self.encoding)

    @property
    def is_text(self) -> bool:
        """Whether the head looks like text in its encoding."""
        return "\0" not in self.text()

    def stream(self, encoding: str | None = None) -> Stream:
        """The bytes from the start, as UTF-8 without a mark."""
        return Stream(self.path, encoding or self.encoding, self.limits)


@lru_cache(maxsize=1)
def _decoded(head: bytes, encoding: str) -> str:
    """Kept for the next reader that sniffs at the same file."""
    return codecs.getincrementaldecoder(encoding)("replace").decode(head)


def source(path: Path, root: Path | None = None, limits: Limits = DEFAULTS) -> Source:
    """Opens a file, of a folder `root` or on its own; an absent, empty or unreadable one is an InputError."""
    found = opened(path, root, limits)
    if not found.head:
        raise InputError(f"{found.name} is empty; export it again.")
    return found


def opened(path: Path, root: Path | None, limits: Limits) -> Source:
    """Opens a file that may be empty, as some are in a folder of many."""
    name = named(path.relative_to(root).as_posix() if root else path.name[:NAME])
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise InputError(f"{name} is a folder; name the exported file itself.")
        if not stat.S_ISREG(status.st_mode):
            raise InputError(f"{name} is no ordinary file; save what it gives and name that.")
        with path.open("rb") as file:
            head = file.read(HEAD)
    except FileNotFoundError:
        raise InputError(f"There is no file {name!r}; check the name and the folder.") from None
    except (OSError, ValueError) as error:
        fault = getattr(error, "strerror", None) or "system error"
        raise InputError(f"{name} cannot be opened: {fault}.") from None
    encoding = next((name for mark, name in _MARKS if head.startswith(mark)), "utf-8")
    return Source(path, status.st_size, head, encoding, name, root or path.parent, limits, root is not None)


def named(name: str) -> str:
    """A file's name as it can be shown and kept: bytes that are no text and what controls a display become U+FFFD."""
    return _UNSHOWN.sub("\ufffd", name)


def digest(path: Path) -> str:
    """SHA-256 of a file's bytes, hexadecimal."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InputError(f"{named(path.name)} cannot be read: {error.strerror or 'system error'}.") from None


def longest_record(stream: object) -> int:
    """The longest record that a stream may hold, in MB."""
    return (stream.limits if isinstance(stream, Stream) else DEFAULTS).record_mb


class Stream(io.RawIOBase):
    """Bytes of a file as UTF-8; a byte that its encoding does not allow is an InputError."""

    def __init__(self, path: Path, encoding: str, limits: Limits) -> None:
        self.limits = limits
        self._file: BinaryIO = path.open("rb")
        self._name = named(path.name)
        self._encoding = encoding
        self._decoder: Any = codecs.getincrementaldecoder(encoding)("strict")
        self._plain = codecs.lookup(encoding).name == "utf-8"
        self._rest = b""
        self.passed = 0
        self.tail = b""

    def readable(self) -> bool:
        """Always true."""
        return True

    def close(self) -> None:
        """Closes the file."""
        self._file.close()
        super().close()

    def read(self, size: int = -1) -> bytes:
        """At most `size` bytes; b"" only at the end."""
        while not self._rest:
            raw = self._file.read(max(size, 1) if size >= 0 else 1 << 22)
            self._rest = self._utf8(raw)
            self.passed += len(raw)
            if not raw:
                break
            self.tail = raw[-4:]
        size = len(self._rest) if size < 0 else size
        block, self._rest = self._rest[:size], self._rest[size:]
        return block

    def _utf8(self, raw: bytes) -> bytes:
        try:
            text = self._decoder.decode(raw, final=not raw)
        except UnicodeDecodeError as error:
            at = self.passed - (len(error.object) - len(raw)) + error.start
            raise InputError(
                f"{self._name} is not {self._encoding.removesuffix('-sig').upper()} text: byte {at:,} is "
                f"0x{error.object[error.start]:02X}; save it as UTF-8; for a sheet, the line encoding = "
                '"cp1252" (or what it was saved as) in a mapping also does.'
            ) from None
        return raw if self._plain else text.encode()
