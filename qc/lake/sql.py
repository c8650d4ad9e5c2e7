"""The lake's SQL as text: literals, types, and the views over staged and committed files."""

from __future__ import annotations

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


def columns(table: str, alias: str, instead: dict[str, str] | None = None) -> str:
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
        con.execute(
            f"CREATE VIEW {table}_in AS SELECT {columns(table, 'f')}, file_row_number AS row"
            f" FROM read_parquet({literal(str(path))}, file_row_number = true, hive_partitioning = false) f"
        )
        empty[table] = _all_null(pq.read_metadata(path))
    return empty


def open_base(con: duckdb.DuckDBPyConnection, table: str, files: list[str]) -> None:
    """View `<table>_base` over one project's committed files; without files it has no rows."""
    if files:
        listed = ", ".join(literal(file) for file in files)
        source = f"read_parquet([{listed}], hive_partitioning = true, hive_types_autocast = false) f"
        con.execute(f"CREATE VIEW {table}_base AS SELECT {columns(table, 'f')} FROM {source}")
    else:
        nulls = {field.name: "NULL" for field in FACT_TABLES[table]}
        con.execute(f"CREATE VIEW {table}_base AS SELECT {columns(table, 'f', nulls)} WHERE false")


def _all_null(metadata: pq.FileMetaData) -> set[str]:
    """Flat columns without a value in any row group; lists are left out, as an empty one counts as null here."""
    nulls: dict[str, int] = {}
    for group in range(metadata.num_row_groups):
        for position in range(metadata.num_columns):
            column = metadata.row_group(group).column(position)
            if "." not in column.path_in_schema and column.statistics is not None and column.statistics.has_null_count:
                nulls[column.path_in_schema] = nulls.get(column.path_in_schema, 0) + column.statistics.null_count
    return {name for name, found in nulls.items() if found == metadata.num_rows}
