"""What a file repeats on many rows but states once: items, gold answers and model answers."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import pyarrow as pa

from qc.readers.row_groups import RowGroups

POSITION: Final = "source_pos"
SPILL: Final = "spill"
"""The folder for what does not fit into memory, beside the staged files."""

_ENGINE: Final[dict[str, str | bool | int | float | list[str]]] = {
    "threads": 1,
    "memory_limit": "400MB",
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}


class Once:
    """Collects rows that repeat, on disk, and gives each back once, in the order of its first appearance.

    Rows with the same `keys` are one: every other column takes its first known value, a boolean is true if any is.
    """

    def __init__(self, path: Path, schema: pa.Schema, keys: Sequence[str]) -> None:
        self._path = path
        self._schema = schema
        self._keys = tuple(keys)
        self._seen = {POSITION}
        self._file: RowGroups | None = None

    def add(self, columns: Mapping[str, pa.Array]) -> None:
        """Adds rows; columns that are not given are null. `source_pos` is required."""
        table = pa.table(dict(columns))
        known = [name for name in table.column_names if name != POSITION and table[name].null_count < len(table)]
        flat = [name for name in known if not pa.types.is_list(table.schema.field(name).type)]
        if len(flat) == len(known):
            table = table.group_by(known, use_threads=False).aggregate([(POSITION, "min")])
            table = table.rename_columns([*known, POSITION])
        self._seen.update(known)
        arrays = [
            table[name].cast(type_) if name in table.column_names else pa.nulls(len(table), type_)
            for name, type_ in zip(self._schema.names, self._schema.types, strict=True)
        ]
        if self._file is None:
            self._file = RowGroups(self._path, self._schema)
        for batch in pa.table(arrays, schema=self._schema).to_batches():
            self._file.add(batch)

    def rows(self) -> Iterator[pa.RecordBatch]:
        """The distinct rows, without columns that were never given; the file behind them is removed at the end."""
        if self._file is None:
            return
        # Imported here: a file that is refused does not pay for it.
        import duckdb

        self._file.close()
        seen = [name for name in self._schema.names if name in self._seen]
        chosen = ", ".join(self._chosen(name, self._schema.field(name).type) for name in seen)
        keys = ", ".join(f'"{key}"' for key in self._keys)
        query = f"select {chosen} from read_parquet(?) group by {keys} order by min({POSITION})"
        spill = self._path.with_name(SPILL)
        with duckdb.connect(config=_ENGINE) as engine:
            engine.execute("set temp_directory = ?", [str(spill)])
            yield from engine.execute(query, [str(self._path)]).to_arrow_reader(65_536)
        shutil.rmtree(spill, ignore_errors=True)
        self._path.unlink()

    def _chosen(self, name: str, type_: pa.DataType) -> str:
        if name in self._keys:
            return f'"{name}"'
        if name == POSITION:
            return f"min({POSITION}) as {POSITION}"
        if pa.types.is_boolean(type_):
            return f'bool_or("{name}") as "{name}"'
        return f'arg_min("{name}", {POSITION}) as "{name}"'
