"""The staging folder: canonical record batches as Parquet files, for the lake to take over."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
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

# Columns of many distinct values gain nothing from a dictionary and pay for it.
_DISTINCT: Final = {"text", "quote", "points", "mask_rle", "meta", "extra", "submitted_at", "started_at", "source_pos"}


@dataclass(frozen=True, slots=True)
class Reject:
    """A record that cannot be taken: its number in the file, the reason, and what it looked like."""

    line: int
    reason: str
    excerpt: str


class Staging:
    """Writes the tables of one file as they come; nothing stays in memory but the open row group."""

    def __init__(self, folder: Path, file: str, progress: Callable[[float], None]) -> None:
        self.folder = folder
        self.tally = Tally()
        self._file = file
        self.progress = progress
        self._writers: dict[str, pq.ParquetWriter] = {}

    def __enter__(self) -> Staging:
        for name, schema in TABLES.items():
            self._writers[name] = self.writer(name, schema)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for writer in self._writers.values():
            writer.close()

    def writer(self, name: str, schema: pa.Schema) -> pq.ParquetWriter:
        """A Parquet file of this folder."""
        return pq.ParquetWriter(
            self.folder / f"{name}.parquet",
            schema,
            compression="lz4",
            use_dictionary=[column for column in schema.names if column not in _DISTINCT],
            write_statistics=False,
            store_schema=False,
        )

    def write(self, table: str, columns: Mapping[str, pa.Array]) -> None:
        """Appends rows to a table: columns of its schema that are not given are null, others are left out."""
        length = len(next(iter(columns.values())))
        if length:
            schema = TABLES[table]
            arrays = [
                columns[name].cast(type_) if name in columns else pa.nulls(length, type_)
                for name, type_ in _fields(schema)
            ]
            self._writers[table].write_batch(pa.record_batch(arrays, schema=schema))
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
