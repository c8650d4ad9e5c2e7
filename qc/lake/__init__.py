"""The facts, as Delta Lake tables: what an import brings is completed, compared, and only the difference committed."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path

import duckdb

from qc.lake import delta
from qc.lake.answers import compare_answers
from qc.lake.changes import Changes, Counts, Difference, Job
from qc.lake.complete import complete
from qc.lake.items import compare_items
from qc.lake.parquet import rewritten, write
from qc.lake.regions import compare_regions
from qc.lake.reviews import compare_reviews
from qc.lake.sql import open_base, open_staging
from qc.model import FACT_TABLES, InputError, UnavailableError

__all__ = ["Changes", "Counts", "Lake"]


class Lake:
    """Four Delta tables in one folder. What counts as published is what the record names, not what lies here."""

    def __init__(self, root: str | Path) -> None:
        self.root = Path(root).absolute()

    def versions(self) -> dict[str, int]:
        """The latest version of each table that exists, whether published or not."""
        return delta.versions(self.root)

    def restore(self, versions: Mapping[str, int]) -> None:
        """Make the latest version of every table hold what the named one holds; a table not named holds nothing."""
        for table in FACT_TABLES:
            delta.restore(self.root, table, versions.get(table))

    def files(self, table: str, version: int | None, project: str) -> list[str]:
        """The Parquet files of one project in one version of a table; none where the version is None."""
        return delta.files(self.root, table, version, project)

    def absorb(
        self,
        staging: Path,
        project: str,
        source: str,
        import_id: str,
        base_versions: Mapping[str, int],
        replace: bool = False,
    ) -> Changes:
        """Commit what the staged files change to the versions that the record names, one commit per changed table.

        `source` is the stable name of what the file comes from; with `replace`, the rows of that source become exactly
        those of the file. InputError where ids contradict each other; nothing is committed then. Call it under the
        import lock, and let the record name the returned versions last.
        """
        if not re.fullmatch(r"[a-z][a-z0-9_-]*", project):
            raise InputError(f"{project!r} cannot name a project: use small letters, digits, - and _, a letter first.")
        for memory, threads in _BUDGETS:
            self.restore(base_versions)
            base = {table: self.files(table, base_versions.get(table), project) for table in FACT_TABLES}
            job = Job(project, source, import_id, replace, base)
            try:
                with (
                    tempfile.TemporaryDirectory(prefix="spill-", dir=staging) as spill,
                    _connect(spill, memory, threads) as con,
                ):
                    return self._absorb(con, Path(staging), job, base_versions)
            except duckdb.OutOfMemoryException:
                continue
        raise UnavailableError(
            "The import needs more memory or disk than there is: free some space, or import the file in parts."
        )

    def _absorb(
        self, con: duckdb.DuckDBPyConnection, staging: Path, job: Job, base_versions: Mapping[str, int]
    ) -> Changes:
        empty = open_staging(con, staging)
        for table, files in job.base.items():
            open_base(con, table, files)
        unmatched = complete(con, empty)
        differences = (
            compare_answers(con, job, empty["annotations"]),
            compare_regions(con, job, unmatched),
            compare_items(con, job, empty["items"]),
            compare_reviews(con, job),
        )
        versions = dict(base_versions)
        for difference in differences:
            if difference.writes:
                versions[difference.table] = self._commit(con, job, difference, base_versions.get(difference.table))
        return Changes({difference.table: difference.counts for difference in differences}, versions)

    def _commit(self, con: duckdb.DuckDBPyConnection, job: Job, difference: Difference, base: int | None) -> int:
        table = difference.table
        rows, removed = rewritten(con, difference)
        added = write(con, self.root, job.project, table, rows)
        return delta.retried(
            lambda: delta.commit(self.root, table, job.project, job.import_id, added, removed),
            lambda: delta.restore(self.root, table, base),
        )


# What DuckDB may keep before it spills, and threads that each hold a part of it: the process stays under 600 MB.
# Vectors of 2,048 texts of 100 kB do not fit in there side by side; then one thread gets what it takes.
_BUDGETS = (("256MB", 4), ("2GB", 1))


def _connect(spill: str, memory: str, threads: int) -> duckdb.DuckDBPyConnection:
    """An in-memory DuckDB that loads nothing from outside, in UTC, spilling beside the staged files."""
    con = duckdb.connect(
        config={
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "memory_limit": memory,
            "threads": min(threads, os.cpu_count() or 1),
            "temp_directory": spill,
        }
    )
    con.execute("SET TimeZone = 'UTC'; SET preserve_insertion_order = false")
    return con
