"""Rows to Parquet files in a table's folder, which no version names until they are committed."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import duckdb

from qc.lake.changes import Difference
from qc.lake.delta import Written, folder
from qc.lake.sql import columns, literal

# What tells a row from every other row of its table. Regions are replaced by the answer.
ROW_KEYS: Final = {
    "annotations": ("annotation_id", "question", "revision"),
    "regions": ("annotation_id", "question", "revision"),
    "items": ("item_id",),
    "reviews": ("review_id",),
}

# Small row groups bound the writer's memory, small files what a later change has to write again.
_OPTIONS: Final = (
    "FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE 65536, ROW_GROUP_SIZE_BYTES '16MB',"
    " FILE_SIZE_BYTES '64MB', FILENAME_PATTERN 'part-{uuid}', APPEND true, WRITE_EMPTY_FILE false, RETURN_STATS true"
)


def write(con: duckdb.DuckDBPyConnection, root: Path, project: str, table: str, rows: str) -> list[Written]:
    """Write the rows of a query, whatever their number, through bounded memory; without rows no file."""
    target = folder(root, table, project)
    target.mkdir(parents=True, exist_ok=True)
    # The project stands in the folder's name.
    content = f"SELECT * EXCLUDE (project) FROM ({rows})"
    written = con.execute(f"COPY ({content}) TO {literal(str(target))} ({_OPTIONS})").fetchall()
    return [Written(Path(path), count, size) for path, count, size, *_ in written]


def rewritten(con: duckdb.DuckDBPyConnection, difference: Difference) -> tuple[str, list[str]]:
    """The rows to write for a difference, and the files whose place they take.

    Files are never changed: one that holds a row with a fate is written again, and what it held beside stays.
    """
    table = difference.table
    if difference.fates is None:
        return difference.upserts, []
    keys = ", ".join(ROW_KEYS[table])
    con.execute(f"CREATE TABLE {table}_fates AS {difference.fates}")
    found = con.execute(f"SELECT DISTINCT file FROM {table}_base SEMI JOIN {table}_fates USING ({keys}) ORDER BY file")
    files = [str(file) for (file,) in found.fetchall()]
    if not files:
        return difference.upserts, []
    staying = (
        f"SELECT {columns(table, 'b', difference.amended)} FROM {table}_base b LEFT JOIN {table}_fates f USING ({keys})"
        f" WHERE b.file IN ({', '.join(literal(file) for file in files)}) AND f.gone IS NOT TRUE"
    )
    return f"{difference.upserts} UNION ALL {staying}", files
