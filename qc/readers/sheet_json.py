"""Records of JSON as a sheet whose columns are paths: a list of objects, JSON Lines, or one object."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import islice
from typing import Any, Final

import msgspec
import numpy as np
import pyarrow as pa

from qc.model import InputError
from qc.readers.decoding import decoded, value_of
from qc.readers.documents import document
from qc.readers.elements import elements
from qc.readers.lines import lines
from qc.readers.paths import KEY, VALUE, discovered, flattened, lists_of
from qc.readers.sheet import COLUMNS, SAMPLE, Rows, Sheet
from qc.readers.source import Source
from qc.readers.staging import Reject

BLOCK: Final = 20_000
NO_RECORD: Final = "the record is no readable JSON object"

Record = tuple[int, Any, float]
"""A record's line or number in the file, its value, and the share of the file read."""


def json_sheet(source: Source, once: Collection[str] = ()) -> Sheet:
    """The records of a file; a file without one is an InputError. `once`: see `flattened`."""
    records = _form(source)
    first = [value for _, value, _ in islice(records(), SAMPLE) if isinstance(value, dict)]
    if not first:
        raise InputError(f"{source.name} holds no records: no object is in its list or on its first lines.")
    header = tuple(path for path in discovered(first) if len(lists_of(path)) <= 3)[:COLUMNS]
    return Sheet(header, _sample(first, header), lambda wanted: _rows(records, wanted, once))


def _form(source: Source) -> Callable[[], Iterator[Record]]:
    """How the file holds its records: a list, lines, or one object."""
    text = source.text().lstrip("\ufeff \r\n\t")
    if text.startswith("["):
        return lambda: _listed(source)
    head, end, _ = text.partition("\n")
    try:
        decoded(head.encode(errors="replace"), set())
    except (msgspec.MsgspecError, RecursionError):
        return lambda: _single(source)
    return (lambda: lines(source)) if end else (lambda: _single(source))


def _listed(source: Source) -> Iterator[Record]:
    with source.stream() as stream:
        for number, element in enumerate(elements(stream, source.name), 1):
            yield number, value_of(element, source.emptied, number), stream.passed / source.size


def _single(source: Source) -> Iterator[Record]:
    """One object: each of its members is a record (`key`, `value`) where they are alike, else it is one record."""
    value = document(source)
    members = list(value.values()) if isinstance(value, dict) else []
    if len(members) > 1 and len({type(member) for member in members}) == 1 and isinstance(members[0], dict | list):
        yield from (
            (number, {KEY: name, VALUE: member}, number / len(members))
            for number, (name, member) in enumerate(value.items(), 1)
        )
    else:
        yield 1, value, 1.0


def _sample(records: Sequence[Any], header: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """Some rows with the columns of each list in turn, so that the columns of a row belong together."""
    rows: list[tuple[str, ...]] = []
    for innermost in sorted({tuple(lists_of(path)) for path in header}):
        own = [path for path in header if tuple(lists_of(path)) == innermost[: len(lists_of(path))]]
        flatten = flattened(own)
        flat = islice((row for record in records for row in flatten(record)), SAMPLE)
        rows += [tuple(row.get(path, "") for path in header) for row in flat]
    return tuple(rows)


def _rows(records: Callable[[], Iterator[Record]], wanted: Sequence[str], once: Collection[str]) -> Iterator[Rows]:
    flatten = flattened(wanted, once)
    found: list[tuple[int, dict[str, str]]] = []
    rejects: list[Reject] = []
    reached = 0.0
    for number, value, share in records():
        reached = share
        if isinstance(value, dict):
            found += [(number, row) for row in flatten(value)]
        else:
            excerpt = value.decode(errors="replace") if isinstance(value, bytes) else repr(value)
            rejects.append(Reject(number, NO_RECORD, excerpt[:1_000]))
        if len(found) >= BLOCK:
            yield _block(found, rejects, wanted, reached)
            found, rejects = [], []
    if found or rejects:
        yield _block(found, rejects, wanted, reached)


def _block(
    found: Sequence[tuple[int, dict[str, str]]], rejects: list[Reject], wanted: Sequence[str], reached: float
) -> Rows:
    columns = {path: pa.array([_clean(row.get(path)) for _, row in found], pa.string()) for path in wanted}
    return Rows(columns, np.array([number for number, _ in found], np.int64), rejects, reached)


def _clean(text: str | None) -> str | None:
    """A text as Arrow takes it: half a surrogate pair becomes a question mark."""
    if text is None or text.isascii():
        return text
    return text.encode("utf-8", "replace").decode()
