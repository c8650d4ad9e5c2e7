"""Sheets with more columns than their file has: each made from others, a block of rows at a time."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pyarrow as pa

from qc.readers.sheet import Rows, Sheet
from qc.readers.source import Source

Columns = Mapping[str, pa.Array]

_DELIMITERS: Final = "\t,;|"


@dataclass(frozen=True, slots=True)
class Derived:
    """Columns that `make` gives for a block, from those that it needs."""

    names: tuple[str, ...]
    needs: tuple[str, ...]
    make: Callable[[Columns], Columns]


def with_columns(sheet: Sheet, derived: Sequence[Derived]) -> Sheet:
    """The sheet and further columns; one whose needs the sheet lacks is left out, one it has is replaced."""
    possible = tuple(one for one in derived if set(one.needs) <= set(sheet.header))
    names = [name for one in possible for name in one.names]
    header = tuple(dict.fromkeys([*sheet.header, *names]))

    def rows(wanted: Sequence[str]) -> Iterator[Rows]:
        chosen = [one for one in possible if set(one.names) & set(wanted)]
        made = {name for one in chosen for name in one.names}
        needed = [name for one in chosen for name in one.needs] + [name for name in wanted if name not in made]
        for block in sheet.rows(list(dict.fromkeys(needed))):
            columns = dict(block.columns)
            for one in chosen if len(block.positions) else ():
                columns |= one.make(block.columns)
            yield block._replace(columns=columns)

    return Sheet(header, sheet.sample, rows)


def header_of(source: Source) -> tuple[str, ...]:
    """The names on a text's first line, as far as they can be told by looking at it; none where it is no table."""
    text = source.text().lstrip("\ufeff \r\n\t") if source.is_text else ""
    if not text or text[0] in "{[<":
        return ()
    line = text.splitlines()[0]
    delimiter = max(_DELIMITERS, key=line.count)
    try:
        return tuple(name.strip() for name in next(csv.reader([line], delimiter=delimiter), []))
    except csv.Error:
        return ()
