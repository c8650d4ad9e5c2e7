"""The file that is read: its first bytes, its encoding, and a stream that keeps its place."""

from __future__ import annotations

import codecs
import hashlib
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

from qc.model import InputError

HEAD: Final = 256 * 1024
_MARKS: Final = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


@dataclass(frozen=True, slots=True)
class Source:
    """A file and its first bytes; `encoding` follows from the byte order mark, else UTF-8.

    `name` is for messages, reports and what a format says by the names of its files: the file's own, and before it the
    folders (`anna/doc1.ann`) where it comes from a folder or an archive, which `root` is then.
    """

    path: Path
    size: int
    head: bytes
    encoding: str
    name: str
    root: Path

    def sibling(self, name: str) -> Source | None:
        """A file by its path from this one's folder (`doc1.txt`, `../meta.json`), or None outside `root` or absent."""
        path = (self.path.parent / name).resolve()
        if not path.is_relative_to(self.root.resolve()) or not path.is_file() or not path.stat().st_size:
            return None
        return source(path, self.root)

    def text(self, encoding: str | None = None) -> str:
        """The head as text, cut before a last broken character; bytes that do not decode become U+FFFD."""
        decoder = codecs.getincrementaldecoder(encoding or self.encoding)("replace")
        return decoder.decode(self.head)

    @property
    def is_text(self) -> bool:
        """Whether the head looks like text in its encoding."""
        return "\0" not in self.text()

    def stream(self, encoding: str | None = None) -> Stream:
        """The bytes from the start, as UTF-8 without a mark."""
        return Stream(self.path, encoding or self.encoding)


def source(path: Path, root: Path | None = None) -> Source:
    """Opens a file, of a folder `root` or on its own; an absent, empty or unreadable one is an InputError."""
    try:
        if path.is_dir():
            raise InputError(f"{path.name} is a folder; name the exported file itself.")
        with path.open("rb") as file:
            head = file.read(HEAD)
        size = path.stat().st_size
    except FileNotFoundError:
        raise InputError(f"There is no file {path.name!r}; check the name and the folder.") from None
    except OSError as error:
        raise InputError(f"{path.name} cannot be opened: {error.strerror or 'system error'}.") from None
    if not head:
        raise InputError(f"{path.name} is empty; export it again.")
    encoding = next((name for mark, name in _MARKS if head.startswith(mark)), "utf-8")
    name = path.resolve().relative_to(root.resolve()).as_posix() if root else path.name
    return Source(path, size, head, encoding, name, root or path.parent)


def digest(path: Path) -> str:
    """SHA-256 of a file's bytes, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Stream(io.RawIOBase):
    """Bytes of a file as UTF-8; a byte that its encoding does not allow is an InputError."""

    def __init__(self, path: Path, encoding: str) -> None:
        self._file: BinaryIO = path.open("rb")
        self._name = path.name
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
                f"0x{error.object[error.start]:02X}; save it as UTF-8, or name its encoding in a mapping."
            ) from None
        return raw if self._plain else text.encode()
