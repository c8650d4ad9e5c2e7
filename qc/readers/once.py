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

BATCH: Final = 65_536

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
            # Groups come in no order of their own.
            table = table.rename_columns([*known, POSITION]).sort_by(POSITION)
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
        spill = self._path.with_name(SPILL)
        with duckdb.connect(config=_ENGINE) as engine:
            engine.execute("set temp_directory = ?", [str(spill)])
            engine.read_parquet(str(self._path), file_row_number=True).create_view("stated")
            engine.execute(f"create table keyed as select {self._places()} from stated group by {self._named('')}")
            whole = self._whole()
            first = f"from stated where file_row_number in (select place from keyed where {whole})"
            query = f"select {self._columns()} {first} order by file_row_number"
            if engine.execute(f"select count(*) from keyed where not ({whole})").fetchall()[0][0]:
                pieces = f"from keyed k join stated s on {self._same()} where not ({whole})"
                query = (
                    f"select {self._columns()} {first} union all"
                    f" select {self._joined()} {pieces} group by {self._named('s.')} order by {POSITION}"
                )
            yield from engine.execute(query).to_arrow_reader(BATCH)
        shutil.rmtree(spill, ignore_errors=True)
        self._path.unlink()

    def _known(self) -> list[str]:
        return [name for name in self._schema.names if name in self._seen]

    def _values(self) -> list[str]:
        return [name for name in self._known() if name not in (*self._keys, POSITION)]

    def _named(self, table: str) -> str:
        return ", ".join(f'{table}"{key}"' for key in self._keys)

    def _columns(self) -> str:
        return ", ".join(f'"{name}"' for name in self._known())

    def _places(self) -> str:
        """For each key its first row, and for each column the first row that knows it: numbers, which can spill."""
        first = [f'min(file_row_number) filter ({self._told(name)}) as "at {name}"' for name in self._values()]
        return ", ".join([self._named(""), "min(file_row_number) as place", *first])

    def _told(self, name: str) -> str:
        return f'"{name}"' if pa.types.is_boolean(self._schema.field(name).type) else f'"{name}" is not null'

    def _whole(self) -> str:
        """Whether the first row of a key knows all that is known of it."""
        return " and ".join(["true", *(f'coalesce("at {name}" = place, true)' for name in self._values())])

    def _same(self) -> str:
        return " and ".join(f'k."{key}" is not distinct from s."{key}"' for key in self._keys)

    def _joined(self) -> str:
        return ", ".join(self._first(name, self._schema.field(name).type) for name in self._known())

    def _first(self, name: str, type_: pa.DataType) -> str:
        if name in self._keys:
            return f's."{name}"'
        if name == POSITION:
            return f"min(s.{POSITION}) as {POSITION}"
        if pa.types.is_boolean(type_):
            return f'bool_or(s."{name}") as "{name}"'
        return f'arg_min(s."{name}", s.file_row_number) as "{name}"'
