"""The lake's SQL as text: literals, types, and the views over staged and committed files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from qc.model import FACT_TABLES


def literal(text: str) -> str:
    """Text as a SQL literal.

    >>> literal("o'clock")
    "'o''clock'"
    """
    quoted = "'" + text.replace("'", "''") + "'"
    # The parser takes a NUL for the end of the statement.
    return "(" + quoted.replace("\0", "' || chr(0) || '") + ")" if "\0" in text else quoted


def sql_type(kind: pa.DataType) -> str:
    """DuckDB's name of an Arrow type that the fact tables use."""
    if pa.types.is_list(kind):
        return sql_type(kind.value_type) + "[]"
    return _TYPES[str(kind)]


_TYPES: Final = {
    "string": "VARCHAR",
    "double": "DOUBLE",
    "int32": "INTEGER",
    "int64": "BIGINT",
    "bool": "BOOLEAN",
    "timestamp[us, tz=UTC]": "TIMESTAMPTZ",
}


def columns(table: str, alias: str, instead: Mapping[str, str] | None = None) -> str:
    """The select list of a fact table's columns in order and type, some computed `instead` of read."""
    given = instead or {}
    return ", ".join(
        f"CAST({given.get(field.name, f'{alias}.{field.name}')} AS {sql_type(field.type)}) AS {field.name}"
        for field in FACT_TABLES[table]
    )


def count(con: duckdb.DuckDBPyConnection, relation: str) -> int:
    """Number of rows of a table, view or bracketed query."""
    row = con.execute(f"SELECT count(*) FROM {relation}").fetchone()
    return int(row[0]) if row else 0


def open_staging(con: duckdb.DuckDBPyConnection, staging: Path) -> dict[str, set[str]]:
    """Views `<table>_in` over the staged files, with their `row`; returns each table's columns that are all null."""
    empty = {}
    for table in FACT_TABLES:
        path = staging / f"{table}.parquet"
        source = f"read_parquet({literal(str(path))}, file_row_number = true, hive_partitioning = false) f"
        empty[table] = _all_null(con, table, path, source)
        nulls = dict.fromkeys(empty[table], "NULL")
        con.execute(
            f"CREATE VIEW {table}_in AS SELECT {columns(table, 'f', nulls)}, file_row_number AS row FROM {source}"
        )
    return empty


def open_base(con: duckdb.DuckDBPyConnection, table: str, files: list[str]) -> None:
    """View `<table>_base` over one project's committed files, with their `file`; without files it has no rows."""
    if files:
        listed = ", ".join(literal(file) for file in files)
        source = (
            f"read_parquet([{listed}], union_by_name = true, hive_partitioning = true, hive_types_autocast = false,"
            " filename = 'file') f"
        )
        known = {row[0] for row in con.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()}
        nulls = {name: "NULL" for name in FACT_TABLES[table].names if name not in known}
        con.execute(f"CREATE VIEW {table}_base AS SELECT {columns(table, 'f', nulls)}, f.file FROM {source}")
    else:
        nulls = dict.fromkeys(FACT_TABLES[table].names, "NULL")
        con.execute(f"CREATE VIEW {table}_base AS SELECT {columns(table, 'f', nulls)}, '' AS file WHERE false")


def _all_null(con: duckdb.DuckDBPyConnection, table: str, path: Path, source: str) -> set[str]:
    """Columns without a value in any row group; the statistics of a list do not tell an empty one from null."""
    metadata = pq.read_metadata(path)
    nulls: dict[str, int] = {}
    for group in range(metadata.num_row_groups):
        for position in range(metadata.num_columns):
            column = metadata.row_group(group).column(position)
            if column.statistics is not None and column.statistics.has_null_count:
                name = column.path_in_schema.split(".")[0]
                nulls[name] = nulls.get(name, 0) + column.statistics.null_count
    found = {name for name, counted in nulls.items() if counted == metadata.num_rows}
    lists = [name for name in sorted(found) if pa.types.is_list(FACT_TABLES[table].field(name).type)]
    if lists:
        counts = con.execute(f"SELECT {', '.join(f'count({name})' for name in lists)} FROM {source}").fetchone() or ()
        found -= {name for name, known in zip(lists, counts, strict=True) if known}
    return found
