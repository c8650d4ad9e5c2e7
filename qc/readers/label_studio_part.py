"""A part of an export as tables: what a run of its tasks holds, with positions that count from 1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from qc.readers.once import POSITION
from qc.readers.report import Tally
from qc.readers.staging import TABLES, Reject, Staging

LENGTH: Final = 8
"""Bytes before a part in a pipe that say how long it is."""
WORD: Final = 8
PARTED: Final = ("annotations", "regions", "items", "reviews")


@dataclass(slots=True)
class Part:
    """Tables by name, bad records, and counts; it takes rows as a staging folder does."""

    tables: dict[str, list[pa.RecordBatch]] = field(default_factory=dict)
    rejects: list[Reject] = field(default_factory=list)
    tally: Tally = field(default_factory=Tally)

    def write(self, table: str, columns: Mapping[str, pa.Array]) -> None:
        """Appends rows to a table; columns that are not given are null."""
        if len(next(iter(columns.values()))):
            self.tables.setdefault(table, []).append(pa.record_batch(dict(columns)))

    def state(self, columns: Mapping[str, pa.Array]) -> None:
        """Adds items."""
        self.write("items", columns)

    def reject(self, rejects: Sequence[Reject]) -> None:
        """Adds bad records."""
        self.rejects += rejects

    def ordered(self, table: str) -> pa.RecordBatch | None:
        """All rows of a table in the order of their records."""
        batches = self.tables.get(table)
        if not batches:
            return None
        if len(batches) == 1:
            return batches[0]
        whole = pa.concat_tables([pa.Table.from_batches([batch]) for batch in batches], promote_options="default")
        return whole.take(pc.sort_indices(whole[POSITION])).combine_chunks().to_batches()[0]


@dataclass(frozen=True, slots=True)
class Parcel:
    """A part that is done: one batch a table, as it goes from a worker to the process that writes."""

    tables: dict[str, pa.RecordBatch]
    rejects: list[Reject]
    tasks: int
    read: int
    clock_errors: int
    notes: dict[str, int]

    def to_bytes(self) -> bytes:
        """As it goes through a pipe: a line of JSON, then an Arrow stream for each table."""
        streams = [_streamed(batch) for batch in self.tables.values()]
        counts = (self.tasks, self.read, self.clock_errors, self.notes)
        rejects = [(reject.line, reject.reason, reject.excerpt) for reject in self.rejects]
        lengths = dict(zip(self.tables, (stream.size for stream in streams), strict=True))
        line = msgspec.json.encode([lengths, rejects, *counts])
        # Streams begin where numbers may: Arrow complains of others.
        return b"".join([line, b" " * (-(len(line) + 1) % WORD), b"\n", *streams])

    @classmethod
    def from_bytes(cls, message: bytes) -> Parcel:
        """The part behind such bytes."""
        place = message.index(b"\n") + 1
        lengths, rejects, *counts = msgspec.json.decode(message[:place])
        tables = {}
        for table, length in lengths.items():
            with pa.ipc.open_stream(pa.py_buffer(message).slice(place, length)) as stream:
                tables[table] = stream.read_next_batch()
            place += length
        return cls(tables, [Reject(*reject) for reject in rejects], *counts)


def _streamed(batch: pa.RecordBatch) -> pa.Buffer:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as stream:
        stream.write_batch(batch)
    return sink.getvalue()


def parcel(part: Part, tasks: int) -> Parcel:
    """What came of a part."""
    found = {table: part.ordered(table) for table in PARTED}
    tables = {table: batch for table, batch in found.items() if batch is not None}
    tally = part.tally
    return Parcel(tables, part.rejects, tasks, tally.read, tally.clock_errors, dict(tally.notes))


def deliver(parcel: Parcel, staging: Staging, before: int) -> None:
    """Stages a part, whose positions count from the record `before` it."""
    for table, batch in parcel.tables.items():
        columns = dict(zip(batch.schema.names, batch.columns, strict=True))
        columns[POSITION] = pc.add(columns[POSITION], before)
        if table == "items":
            staging.state(columns)
            if pc.any(columns["is_gold"]).as_py():
                staging.tally.present.add("gold")
        else:
            staging.write(table, columns)
    staging.reject([Reject(reject.line + before, reject.reason, reject.excerpt) for reject in parcel.rejects])
    staging.tally.read += parcel.read
    staging.tally.clock_errors += parcel.clock_errors
    for sentence, times in parcel.notes.items():
        staging.tally.note(sentence, times)


def columns_of(table: str, rows: Sequence[Mapping[str, Any]]) -> dict[str, pa.Array]:
    """Rows as columns of a table."""
    schema = TABLES[table]
    names = set().union(*rows) & set(schema.names)
    return {name: pa.array([row.get(name) for row in rows], schema.field(name).type) for name in names}
