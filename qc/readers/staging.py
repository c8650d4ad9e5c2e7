"""The staging folder: canonical record batches as Parquet files, for the lake to take over."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from qc.model import FACT_TABLES
from qc.readers.report import Tally

QUARANTINE: Final = pa.schema(
    [("file", pa.string()), ("line", pa.int64()), ("reason", pa.string()), ("excerpt", pa.string())]
)
TABLES: Final[Mapping[str, pa.Schema]] = {**FACT_TABLES, "quarantine": QUARANTINE}
EXCERPT: Final = 200
"""Characters of a bad record that are kept."""
ROW_GROUP: Final = 50_000

# Columns of many distinct values gain nothing from a dictionary and pay for it. Statistics are written (the default):
# the lake reads from them which columns are empty.
_DISTINCT: Final = {
    *("item_id", "annotation_id", "text", "quote", "points", "mask_rle", "meta", "extra"),
    *("submitted_at", "started_at", "source_pos"),
}


@dataclass(frozen=True, slots=True)
class Reject:
    """A record that cannot be taken: its number in the file, the reason, and what it looked like."""

    line: int
    reason: str
    excerpt: str


class RowGroups:
    """A Parquet file that is written a row group at a time, however small the batches that come."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self._waiting: list[pa.RecordBatch] = []
        self._rows = 0
        self._writer = pq.ParquetWriter(
            path,
            schema,
            compression="lz4",
            use_dictionary=[column for column in schema.names if column not in _DISTINCT],
            store_schema=False,
        )

    def add(self, batch: pa.RecordBatch) -> None:
        """Appends rows of the file's schema."""
        self._waiting.append(batch)
        self._rows += len(batch)
        if self._rows >= ROW_GROUP:
            self._write()

    def _write(self) -> None:
        if self._waiting:
            self._writer.write_table(pa.Table.from_batches(self._waiting))
        self._waiting, self._rows = [], 0

    def close(self) -> None:
        """Writes what is waiting, and the file's end."""
        self._write()
        self._writer.close()


class Staging:
    """Writes the tables of one file as they come; nothing stays in memory but the open row groups."""

    def __init__(self, folder: Path, file: str, progress: Callable[[float], None]) -> None:
        self.folder = folder
        self.tally = Tally()
        self.progress = progress
        self._file = file
        self._files = {name: RowGroups(folder / f"{name}.parquet", schema) for name, schema in TABLES.items()}

    def close(self) -> None:
        """Completes the files."""
        for file in self._files.values():
            file.close()

    def write(self, table: str, columns: Mapping[str, pa.Array]) -> None:
        """Appends rows to a table: columns of its schema that are not given are null, others are left out."""
        length = len(next(iter(columns.values())))
        if length:
            schema = TABLES[table]
            arrays = [
                columns[name].cast(type_) if name in columns else pa.nulls(length, type_)
                for name, type_ in _fields(schema)
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


def _fields(schema: pa.Schema) -> list[tuple[str, pa.DataType]]:
    return list(zip(schema.names, schema.types, strict=True))
