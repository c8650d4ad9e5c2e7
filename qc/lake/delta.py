"""The facts as Delta Lake tables, one per fact table, partitioned by project."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pyarrow as pa
from deltalake import ColumnProperties, CommitProperties, DeltaTable, WriterProperties, write_deltalake
from deltalake.exceptions import CommitFailedError

from qc.model import FACT_TABLES, ConflictError

# Nearly every value differs: a dictionary of them only costs time.
_DISTINCT: Final = ("annotation_id", "item_id", "region_id", "review_id", "row_hash", "source_pos", "submitted_at")

# Small row groups bound the writer's memory; zstd halves the file at no cost in time.
WRITER: Final = WriterProperties(
    compression="ZSTD",
    compression_level=1,
    max_row_group_size=65_536,
    column_properties={name: ColumnProperties(dictionary_enabled=False) for name in _DISTINCT},
)
_TRIES: Final = 5


def table_uri(root: str, table: str) -> str:
    """Where a fact table lies."""
    return f"{root.rstrip('/')}/{table}"


def version(root: str, table: str) -> int | None:
    """The latest committed version, None where the table does not exist."""
    uri = table_uri(root, table)
    return DeltaTable(uri).version() if DeltaTable.is_deltatable(uri) else None


def files(root: str, table: str, at: int | None, project: str | None = None) -> list[str]:
    """Parquet files of one version, of one project where it is named; none where the version is None."""
    if at is None:
        return []
    opened = DeltaTable(table_uri(root, table), version=at)
    return sorted(opened.file_uris(file_pruning_predicate=f"project = '{project}'" if project else None))


def restore(root: str, table: str, at: int | None) -> None:
    """Make the latest version hold what version `at` held; with None, hold nothing. Commits only where it must."""
    latest = version(root, table)
    if latest is None or latest == at:
        return
    current = files(root, table, latest)
    if at is None:
        if current:
            DeltaTable(table_uri(root, table)).delete()
    elif current != files(root, table, at):
        DeltaTable(table_uri(root, table)).restore(at)


def append(root: str, table: str, rows: pa.RecordBatchReader, import_id: str) -> int:
    """Add rows in one commit, the first of which creates the table; returns its version."""
    write_deltalake(
        table_uri(root, table),
        rows,
        partition_by=["project"],
        mode="append",
        writer_properties=WRITER,
        target_file_size=32 * 1024 * 1024,
        commit_properties=CommitProperties(custom_metadata={"import_id": import_id}),
    )
    return int(DeltaTable(table_uri(root, table)).version())


# Regions are replaced by the answer, so that a row to add never matches one that is there.
MATCH: Final = {
    "annotations": ("annotation_id", "question", "revision"),
    "regions": ("annotation_id", "question", "revision"),
    "items": ("item_id",),
    "reviews": ("review_id",),
}


def merge(root: str, table: str, rows: pa.RecordBatchReader, project: str, import_id: str) -> int:
    """Update, add and (where `removed` is true) delete rows by key in one commit; returns its version."""
    keys = " AND ".join(f"t.{key} = s.{key}" for key in MATCH[table])
    only_removals = " AND s.removed" if table == "regions" else ""
    target = DeltaTable(table_uri(root, table))
    merger = target.merge(
        rows,
        f"t.project = '{project}' AND t.project = s.project AND {keys}{only_removals}",
        source_alias="s",
        target_alias="t",
        writer_properties=WRITER,
        commit_properties=CommitProperties(custom_metadata={"import_id": import_id}),
    )
    merger = merger.when_matched_delete("s.removed")
    columns = {name: f"s.{name}" for name in FACT_TABLES[table].names}
    if table != "regions":
        merger = merger.when_matched_update(columns, "NOT s.removed")
    merger.when_not_matched_insert(columns, "NOT s.removed").execute()
    return int(target.version())


def retried(commit: Callable[[], int], back_to_base: Callable[[], None]) -> int:
    """Run a commit again from the base when somebody else's commit came between; ConflictError after five tries."""
    for attempt in range(_TRIES):
        try:
            return commit()
        except CommitFailedError:
            time.sleep(0.05 * 2**attempt)
            back_to_base()
    raise ConflictError("Another process keeps writing to the lake; let it finish and import the file again.")


def versions(root: str) -> dict[str, int]:
    """The latest version of every fact table that exists."""
    found = {table: version(root, table) for table in FACT_TABLES}
    return {table: at for table, at in found.items() if at is not None}


def root_of(path: str | Path) -> str:
    """The lake's root as text: a folder, or an object store's address as it is."""
    return str(path) if "://" in str(path) else str(Path(path).absolute())
