"""A sheet of any make: its header, some of its rows, and all of them as text columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from qc.model import InputError
from qc.readers.staging import Reject

COLUMNS: Final = 500
SAMPLE: Final = 200


class Rows(NamedTuple):
    """Some rows: text columns (null = empty), numbers in the file (the header is 1), misfits, the share read so far."""

    columns: dict[str, pa.Array]
    positions: npt.NDArray[np.int64]
    rejects: list[Reject]
    reached: float


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet's header and some of its rows; `rows(wanted)` streams the columns that are wanted."""

    header: tuple[str, ...]
    sample: tuple[tuple[str, ...], ...]
    rows: Callable[[Sequence[str]], Iterator[Rows]]


def checked_header(names: Sequence[Any], file: str) -> tuple[str, ...]:
    """The header's names, `column 3` for an empty one; too many or a repeated one is an InputError."""
    header = tuple(str(name or "").strip() or f"column {place}" for place, name in enumerate(names, 1))
    if len(header) > COLUMNS:
        raise InputError(f"{file} has {len(header):,} columns; a sheet may have {COLUMNS}.")
    if repeated := [name for place, name in enumerate(header) if name in header[:place]]:
        raise InputError(f"{file} has two columns named {repeated[0][:60]!r}; rename one of them.")
    return header
