"""The lines of a JSON Lines file, each with its number."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from qc.model import InputError
from qc.readers.decoding import value_of
from qc.readers.source import Source, Stream

BLOCK: Final = 1 << 20

_MARK: Final = b"\xef\xbb\xbf"


def lines(source: Source) -> Iterator[tuple[int, Any, float]]:
    """Number, value and share of the file read for each line that is not blank; bytes where a line is no JSON.

    A line longer than the limit of a record is an InputError, as is a file that is no text.
    """
    with source.stream() as stream:
        for number, line in enumerate(_raw(stream, source.name, source.limits.record_mb), 1):
            if bare := line.removeprefix(_MARK).strip(b" \t\r"):
                yield number, value_of(bare, source.emptied, number), stream.passed / source.size


def _raw(stream: Stream, name: str, longest: int) -> Iterator[bytes]:
    parts: list[bytes] = []
    while block := stream.read(BLOCK):
        first, *others = block.split(b"\n")
        parts.append(first)
        if others:
            yield b"".join(parts)
            yield from others[:-1]
            parts = [others[-1]]
        elif sum(map(len, parts)) > longest << 20:
            raise InputError(
                f"{name} has a line longer than {longest:,} MB; it holds no records one a line, "
                "or the limit `record_mb` must be raised."
            )
    yield b"".join(parts)
