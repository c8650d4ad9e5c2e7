"""The staging folder: canonical record batches as Parquet files, for the lake to take over."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from qc.model import FACT_TABLES
from qc.readers.aliases import Aliases
from qc.readers.once import POSITION, Once
from qc.readers.report import Tally
from qc.readers.row_groups import RowGroups

QUARANTINE: Final = pa.schema(
    [("file", pa.string()), ("line", pa.int64()), ("reason", pa.string()), ("excerpt", pa.string())]
)
TABLES: Final[Mapping[str, pa.Schema]] = {**FACT_TABLES, "quarantine": QUARANTINE}
EXCERPT: Final = 200
"""Characters of a bad record that are kept."""
ENOUGH: Final = 1_000
"""Rows that are written as they come; fewer wait for those of the next file, as small batches cost as much as large."""


@dataclass(frozen=True, slots=True)
class Reject:
    """A record that cannot be taken: its number in the file, the reason, and what it looked like."""

    line: int
    reason: str
    excerpt: str


class Staging:
    """Writes the tables of one file as they come; nothing stays in memory but the open row groups."""

    def __init__(self, folder: Path, file: str, progress: Callable[[float], None]) -> None:
        self.folder = folder
        self.aliases = Aliases()
        self.tally = Tally()
        self.progress = progress
        self._file = file
        self._before = 0
        self._furthest = 0
        self._waiting: dict[str, list[Mapping[str, pa.Array]]] = {name: [] for name in TABLES}
        self._rows = dict.fromkeys(TABLES, 0)
        self._items = Once(folder / "items.raw", FACT_TABLES["items"], ["item_id"])
        self._files = {
            name: RowGroups(folder / f"{name}.parquet", schema) for name, schema in TABLES.items() if name != "items"
        }

    def begin(self, file: str) -> None:
        """Starts on the next file of several; positions go on where those of the last one ended."""
        self.aliases = Aliases()
        self._file = file
        self._before = self._furthest

    def close(self) -> None:
        """Completes the files."""
        for table in TABLES:
            self._release(table)
        if items := self._items.save(self.folder / "items.parquet"):
            self.tally.rows["items"] = items
            self.tally.present.update({"items", *self._items.given})
        for file in self._files.values():
            file.close()

    def state(self, columns: Mapping[str, pa.Array]) -> None:
        """Adds items, which may be stated any number of times: each is staged once, with what is first known of it."""
        self._gather("items", self._placed(columns))

    def write(self, table: str, columns: Mapping[str, pa.Array]) -> None:
        """Appends rows to a table: columns of its schema that are not given are null, others are left out."""
        self._gather(table, self.aliases.applied(table, self._placed(columns)))

    def _gather(self, table: str, columns: Mapping[str, pa.Array]) -> None:
        if length := _length(columns):
            self._waiting[table].append(columns)
            self._rows[table] += length
            if self._rows[table] >= ENOUGH:
                self._release(table)

    def _release(self, table: str) -> None:
        waiting = self._waiting[table]
        if waiting:
            columns = waiting[0] if len(waiting) == 1 else _joined(waiting, TABLES[table])
            waiting.clear()
            self._rows[table] = 0
            if table == "items":
                self._items.add(columns)
            else:
                self._write(table, columns)

    def _placed(self, columns: Mapping[str, pa.Array]) -> Mapping[str, pa.Array]:
        """The columns with positions that no other file of the import has."""
        if POSITION not in columns or not len(columns[POSITION]):
            return columns
        positions = pc.add(columns[POSITION].cast(pa.int64()), self._before)
        self._furthest = max(self._furthest, pc.max(positions).as_py())
        return {**columns, POSITION: positions}

    def _write(self, table: str, columns: Mapping[str, pa.Array]) -> None:
        length = _length(columns)
        schema = TABLES[table]
        arrays = [
            columns[name].cast(type_) if name in columns else pa.nulls(length, type_) for name, type_ in _fields(schema)
        ]
        self._files[table].add(pa.record_batch(arrays, schema=schema))
        self.tally.rows[table] += length
        self.tally.present.add(table)
        self.tally.present.update(name for name, array in columns.items() if array.null_count < length)

    def reject(self, rejects: Sequence[Reject]) -> None:
        """Puts bad records into quarantine and counts them."""
        if rejects:
            rows = [(self._file, reject.line, reject.reason, reject.excerpt[:EXCERPT]) for reject in rejects]
            self.write("quarantine", columns_of(rows, QUARANTINE))
            self.tally.quarantined += len(rejects)
            self.tally.reasons.update(reject.reason for reject in rejects)


def columns_of(rows: Sequence[tuple[Any, ...]], schema: pa.Schema) -> dict[str, pa.Array]:
    """Rows as columns of a schema, in its order."""
    return {
        name: pa.array(values, type_)
        for (name, type_), values in zip(_fields(schema), zip(*rows, strict=True), strict=True)
    }


def _length(columns: Mapping[str, pa.Array]) -> int:
    return len(next(iter(columns.values())))


def _joined(parts: Sequence[Mapping[str, pa.Array]], schema: pa.Schema) -> dict[str, pa.Array]:
    """The rows of several parts, with the columns of a schema that any of them has."""
    lengths = [_length(part) for part in parts]
    joined = {}
    for name, type_ in _fields(schema):
        if any(name in part for part in parts):
            pieces = [
                part[name].cast(type_) if name in part else pa.nulls(length, type_)
                for part, length in zip(parts, lengths, strict=True)
            ]
            joined[name] = pa.concat_arrays([chunk for piece in pieces for chunk in _chunks(piece)])
    return joined


def _chunks(array: pa.Array | pa.ChunkedArray) -> list[pa.Array]:
    return array.chunks if isinstance(array, pa.ChunkedArray) else [array]


def _fields(schema: pa.Schema) -> list[tuple[str, pa.DataType]]:
    return list(zip(schema.names, schema.types, strict=True))
