"""The JSON values of a file that holds one, a list of them, or one a line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from qc.readers.decoding import value_of
from qc.readers.documents import document
from qc.readers.elements import elements
from qc.readers.lines import lines
from qc.readers.source import Source


def begins(source: Source, sign: str) -> bool:
    """Whether the first character that is no space is `sign`."""
    return source.text().lstrip("\ufeff \r\n\t").startswith(sign)


def listed(source: Source) -> Iterator[tuple[int, Any, float]]:
    """Number, value and share of the file read for each element of a list, else for the one value of the file.

    An element that is no JSON is given as bytes, which are no record.
    """
    if not begins(source, "["):
        yield 1, document(source), 1.0
        return
    with source.stream() as stream:
        for place, element in enumerate(elements(stream, source.name), 1):
            yield place, value_of(element, source.emptied, place), stream.passed / source.size


def lined(source: Source) -> Iterator[tuple[int, Any, float]]:
    """As `listed`, for a list or one value a line."""
    return listed(source) if begins(source, "[") else lines(source)
