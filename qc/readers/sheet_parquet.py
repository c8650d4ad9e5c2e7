"""Parquet files as sheets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from qc.model import InputError
from qc.readers.sheet import SAMPLE, Rows, Sheet, checked_header
from qc.readers.source import Source

ROWS: Final = 50_000_000
BATCH: Final = 65_536


def parquet_sheet(source: Source) -> Sheet:
    """Header and sample of a Parquet file of flat columns."""
    try:
        file = pq.ParquetFile(source.path, page_checksum_verification=True)
        header = checked_header(file.schema_arrow.names, source.name)
        if not 0 < file.metadata.num_rows <= ROWS:
            raise InputError(f"{source.name} has {file.metadata.num_rows:,} rows; a file may have 1 to {ROWS:,}.")
        first = next(file.iter_batches(SAMPLE))
        sample = zip(*(_texts(column).fill_null("").to_pylist() for column in first.columns), strict=True)
        return Sheet(header, tuple(sample), partial(_rows, source, file, header))
    except (pa.ArrowException, OSError, StopIteration) as error:
        raise _damaged(source, error) from None


def _rows(source: Source, file: pq.ParquetFile, header: Sequence[str], wanted: Sequence[str]) -> Iterator[Rows]:
    number = 1
    names = file.schema_arrow.names
    try:
        for batch in file.iter_batches(
            BATCH, columns=[names[header.index(name)] for name in wanted], use_threads=False
        ):
            columns = {name: _texts(batch.column(names[header.index(name)])) for name in wanted}
            positions = np.arange(number + 1, number + 1 + batch.num_rows, dtype=np.int64)
            number += batch.num_rows
            yield Rows(columns, positions, [], number / file.metadata.num_rows)
    except (pa.ArrowException, OSError) as error:
        raise _damaged(source, error) from None


def _damaged(source: Source, error: Exception) -> InputError:
    return InputError(
        f"{source.name} is a damaged Parquet file: {(str(error).splitlines() or ['no rows'])[0][:120]}; write it again."
    )


def _texts(column: pa.Array) -> pa.Array:
    """Any flat column as text: floats that are whole lose their point, so that ids stay ids; times keep their zone."""
    type_ = column.type
    if pa.types.is_dictionary(type_):
        return _texts(column.dictionary_decode())
    if pa.types.is_floating(type_):
        whole = pc.and_(pc.equal(pc.floor(column), column), pc.less(pc.abs(column), 1e15))
        exact = pc.if_else(whole, column, None).cast(pa.int64()).cast(pa.string())
        return pc.if_else(pc.is_finite(column), pc.coalesce(exact, column.cast(pa.string())), None)
    if pa.types.is_timestamp(type_):
        column = column.cast(pa.timestamp("us", type_.tz), safe=False)
        return pc.strftime(column, "%Y-%m-%dT%H:%M:%S%z" if type_.tz else "%Y-%m-%dT%H:%M:%S")
    if pa.types.is_string(type_) or pa.types.is_large_string(type_):
        text = column.cast(pa.string())
        return pc.if_else(pc.equal(text, ""), None, text)
    try:
        return column.cast(pa.string())
    except pa.ArrowException:
        raise InputError(
            f"A column of type {type_} is no text, number or time; leave it out or write it as text."
        ) from None
