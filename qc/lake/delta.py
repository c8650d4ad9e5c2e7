"""The facts as Delta Lake tables, one per fact table, partitioned by project: versions, files and commits."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, Schema
from deltalake.exceptions import CommitFailedError
from deltalake.transaction import AddAction, RemoveAction, create_table_with_add_actions

from qc.model import FACT_TABLES, ConflictError

_TRIES: Final = 5
_PARTITION: Final = "project"


@dataclass(frozen=True, slots=True)
class Written:
    """A Parquet file that lies in a table's folder and that no version names yet."""

    path: Path
    rows: int
    size: int


def version(root: Path, table: str) -> int | None:
    """The latest committed version, None where the table does not exist."""
    at = str(root / table)
    return DeltaTable(at).version() if DeltaTable.is_deltatable(at) else None


def folder(root: Path, table: str, project: str) -> Path:
    """Where the Parquet files of one project lie."""
    return root / table / f"{_PARTITION}={project}"


def files(root: Path, table: str, at: int | None, project: str | None = None) -> list[str]:
    """Parquet files of one version, of one project where it is named; none where the version is None."""
    if at is None:
        return []
    # Not file_uris: those are percent-encoded, which no reader of files undoes.
    listed = pa.table(DeltaTable(str(root / table), version=at).get_add_actions())["path"].to_pylist()
    within = folder(root, table, project) if project else root / table
    return sorted(str(root / table / path) for path in listed if within in (root / table / path).parents)


def restore(root: Path, table: str, at: int | None) -> None:
    """Make the latest version hold what version `at` held; with None, hold nothing. Commits only where it must."""
    latest = version(root, table)
    if latest is None or latest == at:
        return
    current = files(root, table, latest)
    if at is None:
        if current:
            DeltaTable(str(root / table)).delete()
    elif current != files(root, table, at):
        DeltaTable(str(root / table)).restore(at)


def commit(
    root: Path, table: str, project: str, import_id: str, added: Sequence[Written], removed: Sequence[str]
) -> int:
    """Add and remove files of one project in one commit, the first of which creates the table; returns its version."""
    now = int(time.time() * 1000)
    values: dict[str, str | None] = {_PARTITION: project}
    adds = [
        AddAction(_within(root, table, one.path), one.size, values, now, True, json.dumps({"numRecords": one.rows}))
        for one in added
    ]
    properties = CommitProperties(custom_metadata={"import_id": import_id})
    schema = Schema.from_arrow(FACT_TABLES[table])
    at = str(root / table)
    if version(root, table) is None:
        create_table_with_add_actions(at, schema, adds, partition_by=[_PARTITION], commit_properties=properties)
    else:
        removals = [RemoveAction(_within(root, table, Path(path)), True, now, None, values) for path in removed]
        DeltaTable(at).create_write_transaction(
            [*adds, *removals], "append", schema, [_PARTITION], commit_properties=properties
        )
    return int(DeltaTable(at).version())


def retried(commit: Callable[[], int], back_to_base: Callable[[], None]) -> int:
    """Run a commit again from the base when somebody else's commit came between; ConflictError after five tries."""
    for attempt in range(_TRIES):
        try:
            return commit()
        except CommitFailedError:
            time.sleep(0.05 * 2**attempt)
            back_to_base()
    raise ConflictError("Another process keeps writing to the lake; let it finish and import the file again.")


def versions(root: Path) -> dict[str, int]:
    """The latest version of every fact table that exists."""
    found = {table: version(root, table) for table in FACT_TABLES}
    return {table: at for table, at in found.items() if at is not None}


def _within(root: Path, table: str, path: Path) -> str:
    return path.relative_to(root / table).as_posix()
