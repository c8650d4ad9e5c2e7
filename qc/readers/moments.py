"""The times and durations that a sheet states, as columns of `annotations`."""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from collections.abc import Sequence
from datetime import timedelta
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from qc.model import SecondsKind
from qc.readers.cells import filled, mask
from qc.readers.date_order import TIMES
from qc.readers.mapping import Mapping
from qc.readers.numbers import durations
from qc.readers.reader import Options
from qc.readers.report import Tally
from qc.readers.times import TIME, TWICE, Clock, Instants, instants

_FUTURE: Final = timedelta(days=1)

Cells = MappingType[str, pa.Array]
"""Columns of texts by meaning, null where a cell is empty."""

Times = MappingType[str, Instants]
"""Columns of times by meaning."""


class Moments:
    """Reads the times of one sheet, and counts those that cannot be; `day_first` is of columns that show an order."""

    def __init__(
        self,
        mapping: Mapping,
        clock: Clock,
        options: Options,
        tally: Tally,
        day_first: MappingType[str, bool] = MappingProxyType({}),
    ) -> None:
        self._clock = clock
        self._day_first = day_first
        self._latest = options.now + _FUTURE
        self._tally = tally
        self._milliseconds = mapping.seconds_unit == "ms"
        active = mapping.columns.get("seconds") == "lead_time"
        self._kind = mapping.seconds_kind or (SecondsKind.ACTIVE if active else SecondsKind.UNKNOWN)

    def read(self, cells: Cells) -> Times:
        """The times of a block of rows; each knows the rows that cannot be read."""
        orders = {name: self._day_first.get(name, self._clock.day_first) for name in TIMES if name in cells}
        return {name: instants(cells[name], self._clock._replace(day_first=order)) for name, order in orders.items()}

    def columns(self, cells: Cells, times: Times) -> dict[str, pa.Array]:
        """Columns of times without bad rows, their zones and durations; a start after the submission is null."""
        shared: dict[str, pa.Array] = {}
        for name, found in times.items():
            shared[name] = found.values
            self._tally.note(TWICE, found.twice)
            self._tally.clock_errors += int(mask(pc.greater(found.values, pa.scalar(self._latest, TIME))).sum())
        if times:
            sources = pc.coalesce(*(found.sources for found in times.values()))
            shared["tz_source"] = sources
            if not self._clock.stated:
                self._tally.note(
                    "{n} rows have times without a zone; UTC was assumed", int(mask(pc.equal(sources, "assumed")).sum())
                )
        if {"started_at", "submitted_at"} <= shared.keys():
            backwards = pc.greater(shared["started_at"], shared["submitted_at"])
            self._tally.clock_errors += int(mask(backwards).sum())
            shared["started_at"] = pc.if_else(backwards.fill_null(False), pa.scalar(None, TIME), shared["started_at"])
        return shared | self._seconds(cells, shared)

    def _seconds(self, cells: Cells, shared: Cells) -> dict[str, pa.Array]:
        """Durations as stated, else from start to submission, which includes every pause."""
        if "seconds" in cells:
            seconds = durations(cells["seconds"])
            if self._milliseconds:
                seconds = pc.divide(seconds, 1000.0)
            impossible = int((filled(cells["seconds"]) & ~filled(seconds)).sum())
            self._tally.clock_errors += impossible
            self._tally.note("{n} durations are negative or no number and were left out", impossible)
            kind = pc.if_else(pc.is_valid(seconds), self._kind.value, pa.scalar(None, pa.string()))
            return {"seconds": seconds, "seconds_kind": kind}
        return _wall(cells, shared) if {"started_at", "submitted_at"} <= shared.keys() else {}


def without(times: Times, keep: npt.NDArray[np.int64]) -> Times:
    """The times of the rows that are kept, none of which is bad."""
    return {
        name: Instants(found.values.take(keep), found.sources.take(keep), {}, found.twice)
        for name, found in times.items()
    }


def _wall(cells: Cells, shared: Cells) -> dict[str, pa.Array]:
    """Time from start to submission, parted evenly where somebody submitted several answers as one."""
    micros = pc.subtract(shared["submitted_at"].cast(pa.int64()), shared["started_at"].cast(pa.int64()))
    together = _together(cells, shared["started_at"], shared["submitted_at"])
    seconds = pc.divide(micros.cast(pa.float64(), safe=False), pa.array(together * 1e6))
    kinds = pc.if_else(pa.array(together > 1), SecondsKind.SHARED.value, SecondsKind.WALL.value)
    return {"seconds": seconds, "seconds_kind": pc.if_else(pc.is_valid(seconds), kinds, None)}


def _together(cells: Cells, started: pa.Array, submitted: pa.Array) -> npt.NDArray[np.int64]:
    """How many items of the block the same person began and submitted at the same moments, for each row."""
    people = cells.get("annotator", cells["item_id"])
    page = _codes([people, started, submitted])
    _, first = np.unique(_codes([pa.array(page), cells["item_id"]]), return_index=True)
    return np.bincount(page[first])[page]


def _codes(columns: Sequence[pa.Array]) -> npt.NDArray[np.int64]:
    """Equal numbers for rows that are equal in all columns."""
    codes = np.zeros(len(columns[0]), np.int64)
    for column in columns:
        coded = column.dictionary_encode(null_encoding="encode")
        codes = codes * len(coded.dictionary) + coded.indices.to_numpy(zero_copy_only=False)
        codes = np.unique(codes, return_inverse=True)[1]
    return codes
