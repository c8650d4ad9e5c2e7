"""A sheet of any make: its header, some of its rows, and all of them as text columns."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from qc.model import InputError
from qc.readers.numbers import number
from qc.readers.staging import Reject

COLUMNS: Final = 500
_DIGITS: Final = re.compile(r"\d+")
SAMPLE: Final = 200


class Rows(NamedTuple):
    """Some rows: text columns (null = empty), numbers in the file (the header is 1), misfits, the share read so far."""

    columns: dict[str, pa.Array]
    positions: npt.NDArray[np.int64]
    rejects: list[Reject]
    reached: float


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet's header and some of its rows; `rows(wanted)` streams the columns that are wanted.

    `notes` say what the file holds beside it.
    """

    header: tuple[str, ...]
    sample: tuple[tuple[str, ...], ...]
    rows: Callable[[Sequence[str]], Iterator[Rows]]
    notes: tuple[str, ...] = ()


def checked_header(names: Sequence[Any], file: str) -> tuple[str, ...]:
    """The header's names, `column 3` for an empty one; too many or a repeated one is an InputError."""
    header = tuple(str(name or "").strip() or f"column {place}" for place, name in enumerate(names, 1))
    if len(header) > COLUMNS:
        raise InputError(f"{file} has {len(header):,} columns; a sheet may have {COLUMNS}.")
    if repeated := [name for place, name in enumerate(header) if name in header[:place]]:
        raise InputError(f"{file} has two columns named {repeated[0][:60]!r}; rename one of them.")
    return header


def headless(sheet: Sheet) -> bool:
    """Whether the first row is one of answers, as most of its cells, and the first or a repeated word, say."""
    below = [
        {row[place].strip() for row in sheet.sample if place < len(row)} - {""} for place in range(len(sheet.header))
    ]
    words = [name in values and number(name) is None for name, values in zip(sheet.header, below, strict=True)]
    alike = [_formed_alike(name, values) for name, values in zip(sheet.header, below, strict=True)]
    signs = sum(word or form for word, form in zip(words, alike, strict=True))
    return 2 * signs >= len(sheet.header) and (any(alike[:1]) or any(words))


def _formed_alike(name: str, below: Collection[str]) -> bool:
    """Whether a name and all values below it are numbers, or have one form, as PMP-0001 and PMP-0002."""
    if number(name) is not None:
        return bool(below) and all(number(value) is not None for value in below)
    return _DIGITS.search(name) is not None and {_DIGITS.sub("0", value) for value in below} == {_DIGITS.sub("0", name)}
