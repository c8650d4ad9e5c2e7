"""What a file repeats on many rows but states once: items, gold answers and model answers."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from qc.readers.row_groups import RowGroups

POSITION: Final = "source_pos"
SPILL: Final = "spill"
"""The folder for what does not fit into memory, beside the staged files."""

BATCH: Final = 65_536

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Integers = NDArray[np.int64]

_ENGINE: Final[dict[str, str | bool | int | float | list[str]]] = {
    "threads": 1,
    "memory_limit": "200MB",
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}


class Once:
    """Collects rows that repeat, on disk, and gives each back once, in the order of their first appearance.

    Rows with the same `keys` are one: every other column takes its first known value, a boolean is true if any is.
    Those that no row states whole come after the others.
    """

    def __init__(self, path: Path, schema: pa.Schema, keys: Sequence[str]) -> None:
        self._path = path
        self._schema = schema
        self._keys = tuple(keys)
        self._seen = {POSITION}
        self._count = 0
        self._file: RowGroups | None = None

    def add(self, columns: Mapping[str, pa.Array]) -> None:
        """Adds rows; columns that are not given are null. `source_pos` is required."""
        table = pa.table(dict(columns))
        known = [name for name in table.column_names if name != POSITION and table[name].null_count < len(table)]
        flat = [name for name in known if not pa.types.is_list(table.schema.field(name).type)]
        if len(flat) == len(known) and self._repeats(table):
            table = table.group_by(known, use_threads=False).aggregate([(POSITION, "min")])
            # Groups come in no order of their own.
            table = table.rename_columns([*known, POSITION])
            table = table.take(pc.sort_indices(table[POSITION]))
        self._seen.update(known)
        self._count += len(table)
        if self._file is None:
            self._file = RowGroups(self._path, self._schema)
        for batch in table.to_batches():
            self._file.add(_filled(batch.schema.names, batch.columns, self._schema))

    def rows(self) -> Iterator[pa.RecordBatch]:
        """The distinct rows, without columns that were never given; the file behind them is removed at the end."""
        if self._file is not None:
            with self._keyed() as engine:
                yield from self._distinct(engine)

    def save(self, path: Path) -> int:
        """Writes the distinct rows as a Parquet file of the schema, and says how many there are."""
        if self._file is None:
            RowGroups(path, self._schema).close()
            return 0
        with self._keyed() as engine:
            (distinct,) = engine.execute("select count(*) from keyed").fetchall()[0]
            if distinct == self._count:
                self._path.rename(path)
            else:
                file = RowGroups(path, self._schema)
                for batch in self._distinct(engine):
                    file.add(_filled(batch.schema.names, batch.columns, self._schema))
                file.close()
        return int(distinct)

    @property
    def given(self) -> Set[str]:
        """The columns of which something is known."""
        return self._seen

    @contextmanager
    def _keyed(self) -> Iterator[DuckDBPyConnection]:
        """The rows as `stated`, and their keys with the places of what is known of each as `keyed`."""
        # Imported here: a file that is refused does not pay for it.
        import duckdb

        assert self._file is not None
        self._file.close()
        spill = self._path.with_name(SPILL)
        with duckdb.connect(config=_ENGINE) as engine:
            engine.execute("set temp_directory = ?", [str(spill)])
            engine.read_parquet(str(self._path), file_row_number=True).create_view("stated")
            engine.execute(f"create table keyed as select {self._places()} from stated group by {self._named('')}")
            yield engine
        shutil.rmtree(spill, ignore_errors=True)
        self._path.unlink(missing_ok=True)

    def _distinct(self, engine: DuckDBPyConnection) -> Iterator[pa.RecordBatch]:
        whole = self._whole()
        places = engine.execute(f"select place from keyed where {whole} order by place").fetchnumpy()["place"]
        yield from self._picked(places)
        pieces = f"from keyed k join stated s on {self._same()} where not ({whole})"
        query = f"select {self._joined()} {pieces} group by {self._named('s.')} order by {POSITION}"
        yield from engine.execute(query).to_arrow_reader(BATCH)

    def _picked(self, places: Integers) -> Iterator[pa.RecordBatch]:
        """Rows by their place in the file, ascending; a row group at a time, since texts may be long."""
        begin = 0
        with pq.ParquetFile(self._path) as file:
            for group in range(file.num_row_groups):
                rows = file.read_row_group(group, self._known())
                first, last = np.searchsorted(places, [begin, begin + len(rows)])
                yield from rows.take(pa.array(places[first:last] - begin)).to_batches()
                begin += len(rows)

    def _repeats(self, table: pa.Table) -> bool:
        """Whether two rows have the same keys, which are shorter to compare than the rows."""
        keys = [key for key in self._keys if key in table.column_names]
        return not keys or len(table.group_by(keys, use_threads=False).aggregate([])) < len(table)

    def _known(self) -> list[str]:
        return [name for name in self._schema.names if name in self._seen]

    def _values(self) -> list[str]:
        return [name for name in self._known() if name not in (*self._keys, POSITION)]

    def _named(self, table: str) -> str:
        return ", ".join(f'{table}"{key}"' for key in self._keys)

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


def _filled(names: Sequence[str], columns: Sequence[pa.Array], schema: pa.Schema) -> pa.RecordBatch:
    """Columns as rows of a schema, of which those not given are null."""
    given = dict(zip(names, columns, strict=True))
    length = len(columns[0])
    arrays = [
        given[name].cast(type_) if name in given else pa.nulls(length, type_)
        for name, type_ in zip(schema.names, schema.types, strict=True)
    ]
    return pa.record_batch(arrays, schema=schema)
