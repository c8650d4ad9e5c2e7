"""What measures run on: DuckDB, or Spark.

Ibis, DuckDB and Spark are imported when a session opens, not with this module: they cost a third of a second and more.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Sequence
from typing import Any, Final, Protocol
from uuid import uuid4

import pyarrow as pa

from qc.model import UnavailableError


class Backend(Protocol):
    """What differs between DuckDB and Spark."""

    def read(self, name: str, files: Sequence[str]) -> Any:
        """An Ibis table over Parquet files, which may have been written at different times."""

    def hold(self, name: str, rows: pa.Table) -> Any:
        """An Ibis table over rows in memory."""

    def keep(self, name: str, expr: Any) -> Any:
        """Compute an expression once, for all threads."""

    def view(self, name: str, expr: Any) -> Any:
        """Name an expression, which is computed wherever it is used."""

    def fetch(self, expr: Any) -> pa.Table:
        """The rows of an expression."""

    def lock(self, files: Sequence[str]) -> None:
        """Refuse every other file from now on."""

    def close(self) -> None:
        """Free what the session holds."""


class _DuckDB:
    """DuckDB in memory, in this process."""

    def __init__(self, threads: int) -> None:
        import ibis

        self._ibis = ibis
        self._own = ibis.duckdb.connect(
            threads=threads,
            autoload_known_extensions=False,
            autoinstall_known_extensions=False,
            preserve_insertion_order=False,
        )
        # Every filter is taken to keep a fifth, so a million answers seem fewer than their items, and joins would turn
        # around at three times the memory. Measures join small tables to large ones, in that order.
        self._own.raw_sql("SET disabled_optimizers = 'join_order,build_side_probe_side'")
        self._threads = threading.local()
        self._threads.backend = self._own

    @property
    def _backend(self) -> Any:
        """A connection is not for two threads; its cursors share its tables."""
        if not hasattr(self._threads, "backend"):
            self._threads.backend = self._ibis.duckdb.from_connection(self._own.con.cursor())
        return self._threads.backend

    def read(self, name: str, files: Sequence[str]) -> Any:
        # Not Ibis's read_parquet: its views are temporary, and other threads' cursors would not see them.
        self._own.raw_sql(
            f"CREATE VIEW {name} AS SELECT * FROM read_parquet([{_quoted(files)}],"
            " hive_partitioning = false, union_by_name = true)"
        )
        return self._own.table(name)

    def hold(self, name: str, rows: pa.Table) -> Any:
        return self._backend.create_table(name, rows)

    def keep(self, name: str, expr: Any) -> Any:
        return self._backend.create_table(name, expr)

    def view(self, name: str, expr: Any) -> Any:
        return self._backend.create_view(name, expr)

    def fetch(self, expr: Any) -> pa.Table:
        return self._backend.to_pyarrow(expr)

    def lock(self, files: Sequence[str]) -> None:
        self._own.raw_sql(f"SET allowed_paths = [{_quoted(files)}]")
        self._own.raw_sql("SET enable_external_access = false")

    def close(self) -> None:
        self._own.disconnect()


def _quoted(texts: Sequence[str]) -> str:
    return ", ".join("'" + text.replace("'", "''") + "'" for text in texts)


class _Spark:
    """The Spark session of this process, or a new one."""

    def __init__(self, threads: int) -> None:
        try:
            from pyspark.sql import SparkSession
        except ImportError as error:
            raise UnavailableError(
                "Spark is not installed; pip install 'annotation-qc[spark]', or use DuckDB."
            ) from error
        with warnings.catch_warnings():
            # Spark warns of pandas 3 on import; rows leave it as Arrow, never through pandas.
            warnings.filterwarnings("ignore", category=FutureWarning, module="pyspark")
            import ibis

            self._spark = SparkSession.builder.config("spark.ui.enabled", "false").getOrCreate()
            self._backend = ibis.pyspark.connect(self._spark)
        # The name of DuckDB's function, which measures use.
        self._spark.sql(
            "CREATE OR REPLACE TEMPORARY FUNCTION epoch_ms(time TIMESTAMP) RETURNS BIGINT RETURN unix_millis(time)"
        )
        self._prefix = f"qc_{uuid4().hex}_"
        self._held: dict[str, Any] = {}

    def _named(self, name: str, frame: Any) -> Any:
        frame.createOrReplaceTempView(self._prefix + name)
        self._held[name] = frame
        return self._backend.table(self._prefix + name)

    def read(self, name: str, files: Sequence[str]) -> Any:
        return self._named(name, self._spark.read.option("mergeSchema", "true").parquet(*files))

    def hold(self, name: str, rows: pa.Table) -> Any:
        return self._named(name, self._spark.createDataFrame(rows))

    def keep(self, name: str, expr: Any) -> Any:
        # A checkpoint, not a cache: plans that name cached tables hold the plans behind them, and grow beyond use.
        return self._named(name, self._spark.sql(self._backend.compile(expr)).localCheckpoint())

    def view(self, name: str, expr: Any) -> Any:
        return self._named(name, self._spark.sql(self._backend.compile(expr)))

    def fetch(self, expr: Any) -> pa.Table:
        return self._spark.sql(self._backend.compile(expr)).toArrow()

    def lock(self, files: Sequence[str]) -> None:
        """Spark reads where its cluster may read."""

    def close(self) -> None:
        for name, frame in self._held.items():
            frame.unpersist()
            self._spark.catalog.dropTempView(self._prefix + name)


ENGINES: Final[dict[str, type[_DuckDB] | type[_Spark]]] = {"duckdb": _DuckDB, "spark": _Spark}
