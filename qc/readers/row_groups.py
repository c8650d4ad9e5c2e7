"""A Parquet file that grows by row groups."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

ROW_GROUP: Final = 50_000
MEMORY: Final = 16 << 20
"""Bytes of rows that wait at most: a few long texts are a row group too."""

# Columns of many distinct values gain nothing from a dictionary and pay for it. Statistics are written (the default):
# the lake reads from them which columns are empty.
_DISTINCT: Final = {
    *("item_id", "annotation_id", "text", "quote", "points", "mask_rle", "meta", "extra"),
    *("submitted_at", "started_at", "source_pos"),
}


class RowGroups:
    """A Parquet file that is written a row group at a time, however small the batches that come."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self._waiting: list[pa.RecordBatch] = []
        self._rows = self._bytes = 0
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
        self._bytes += batch.get_total_buffer_size()
        if self._rows >= ROW_GROUP or self._bytes >= MEMORY:
            self._write()

    def _write(self) -> None:
        if self._waiting:
            self._writer.write_table(pa.Table.from_batches(self._waiting))
        self._waiting, self._rows, self._bytes = [], 0, 0

    def close(self) -> None:
        """Writes what is waiting, and the file's end."""
        self._write()
        self._writer.close()
