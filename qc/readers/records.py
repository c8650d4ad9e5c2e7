"""The records of a file: their rows in all tables, taken together or refused together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Final, Protocol

import msgspec
import pyarrow as pa

from qc.model import Kind, Role, SecondsKind, Status, TzSource
from qc.readers.numbers import duration
from qc.readers.reader import Options
from qc.readers.report import Tally
from qc.readers.shapes import BadShapeError, fit
from qc.readers.staging import TABLES, Reject
from qc.readers.times import EPOCH, MICROSECOND, TWICE, UNREADABLE, BadTimeError, Instant, clock, instant

ROWS: Final = 1_000
"""Rows that are held as objects; more of them no longer fit into the processor's cache."""

NO_JSON: Final = "the record is no readable JSON"

MISTYPED: Final = "a list or an object of the record is of another type than its format has there"

_FUTURE: Final = timedelta(days=1)
_TABLES: Final = ("annotations", "regions", "items", "reviews")

_WORDS: Final = frozenset(("role", "status", "kind", "origin", "tz_source", "seconds_kind", "verdict"))

Row = dict[str, Any]
"""A row of a table by column; columns that are not given are null."""


class Sink(Protocol):
    """Where rows go: the staging folder, or a part of a file that is staged later."""

    tally: Tally

    def write(self, table: str, columns: Mapping[str, pa.Array], /) -> None:
        """Appends rows to a table."""

    def state(self, columns: Mapping[str, pa.Array], /) -> None:
        """Adds items."""

    def reject(self, rejects: Sequence[Reject], /) -> None:
        """Puts bad records into quarantine."""


class BadRecordError(ValueError):
    """A record that cannot be taken; the message, one of few for a format, is the reason for quarantine."""


def of_types(record: Mapping[str, Any], lists: Iterable[str] = (), objects: Iterable[str] = ()) -> None:
    """BadRecordError where a member that is there is no list, or no object: what it holds would be lost unseen."""
    for names, type_ in ((lists, list), (objects, dict)):
        if any(record.get(name) is not None and not isinstance(record[name], type_) for name in names):
            raise BadRecordError(MISTYPED)


class Records:
    """Turns the records of a file into rows, and stages them some thousands at a time.

    What a record adds inside `with records.record(...)` is kept when the block ends, or put into quarantine as a whole
    where it raises BadRecordError, BadShapeError or BadTimeError.
    """

    def __init__(self, options: Options, staging: Sink) -> None:
        self._clock = clock(options.timezone or (options.mapping.timezone if options.mapping else None))
        self._latest = (options.now + _FUTURE - EPOCH) // MICROSECOND
        self._staging = staging
        self.tally = staging.tally
        self._rows: dict[str, list[Row]] = {table: [] for table in _TABLES}
        self._position = 0

    @contextmanager
    def record(self, line: int, raw: Any) -> Iterator[None]:
        """Counts one record, at a line (or number) of the file; `raw` is what quarantine shows of it."""
        self._position = line
        self.tally.read += 1
        before = [len(self._rows[table]) for table in _TABLES]
        try:
            yield
        except (BadRecordError, BadShapeError, BadTimeError) as error:
            for table, length in zip(_TABLES, before, strict=True):
                del self._rows[table][length:]
            self._staging.reject([Reject(line, f"{error}", _excerpt(raw))])
        if max(map(len, self._rows.values())) >= ROWS:
            self._flush()

    def item(self, item_id: str, columns: Mapping[str, Any]) -> None:
        """Adds what is known of an item; it may be stated any number of times, and what is first known stands."""
        self._rows["items"].append({**columns, "item_id": item_id, "source_pos": self._position})

    def answer(
        self,
        columns: Mapping[str, Any],
        regions: Sequence[Mapping[str, Any]] = (),
        size: tuple[float | None, float | None] = (None, None),
    ) -> None:
        """Adds one answer and its regions, which take its annotation_id and question.

        Missing: `role` is the annotator's, `status` submitted, `kind` none. Regions need `kind`; `attributes` and the
        answer's `extra` may be any JSON value. With the image's `size` (width, height) shapes are cut at its edges.
        """
        row: Row = {
            "role": Role.ANNOTATOR,
            "status": Status.SUBMITTED,
            "kind": Kind.NONE,
            "question": "label",
            "source_pos": self._position,
            **columns,
        }
        row["extra"] = to_json(row.get("extra"))
        self._rows["annotations"].append(row)
        shared = {"annotation_id": row.get("annotation_id"), "question": row["question"], "source_pos": self._position}
        for region in regions:
            placed = {**region, **shared, "attributes": to_json(region.get("attributes"))}
            if size[0] and size[1] and (remark := fit(placed, size[0], size[1])):
                self.note(remark)
            self._rows["regions"].append(placed)

    def review(self, columns: Mapping[str, Any]) -> None:
        """Adds one decision on an answer: `review_id`, `annotation_id`, `question`, `item_id`, `verdict` and more."""
        self._rows["reviews"].append({**columns, "source_pos": self._position})

    def note(self, sentence: str, times: int = 1) -> None:
        """Counts a remark; `{n}` in the sentence stands for how often it was made."""
        self.tally.note(sentence, times)

    def times(
        self,
        submitted: Any = None,
        started: Any = None,
        updated: Any = None,
        seconds: Any = None,
        kind: SecondsKind = SecondsKind.UNKNOWN,
    ) -> Row:
        """The time columns of an answer from what a tool states; what cannot be is null and counted.

        A start after the submission and a negative or unreadable duration are clock errors. Without `seconds`, the time
        from start to submission is taken, as wall time. A time that cannot be read raises BadTimeError.
        """
        began, ended, changed = self.instant(started), self.instant(submitted), self.instant(updated)
        if began and ended and began.micros > ended.micros:
            self.tally.clock_errors += 1
            began = None
        measured = duration(seconds)
        self.tally.clock_errors += seconds is not None and measured is None
        if measured is None and seconds is None and began and ended:
            measured, kind = (ended.micros - began.micros) / 1e6, SecondsKind.WALL
        known = ended or began or changed
        return {
            "started_at": began and began.micros,
            "submitted_at": ended and ended.micros,
            "updated_at": changed and changed.micros,
            "tz_source": known and known.source,
            "seconds": measured,
            "seconds_kind": None if measured is None else kind,
        }

    def instant(self, value: Any) -> Instant | None:
        """A time as any tool writes it, None for nothing; one in the future is a clock error."""
        if value is None or value == "":
            return None
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise BadTimeError(UNREADABLE)
        found = instant(str(value).strip(), self._clock)
        self.tally.clock_errors += found.micros > self._latest
        if found.twice:
            self.note(TWICE)
        if found.source is TzSource.ASSUMED and not self._clock.stated:
            self.note("{n} times have no zone; UTC was assumed")
        return found

    def finish(self) -> None:
        """Stages what is left."""
        self._flush()

    def _flush(self) -> None:
        for table, rows in self._rows.items():
            if rows:
                columns = _columns(rows, TABLES[table])
                if table == "items":
                    self._staging.state(columns)
                else:
                    self._staging.write(table, columns)
                rows.clear()


def _columns(rows: Sequence[Row], schema: pa.Schema) -> dict[str, pa.Array]:
    """The columns of rows in which anything is known."""
    columns = {}
    for name in set().union(*rows) & set(schema.names):
        values = [row.get(name) for row in rows]
        # Most columns of a format are never known, which counts where each of many files brings a few rows.
        if values.count(None) < len(values):
            if name in _WORDS:
                # Arrow takes members of an enum at a fourteenth of the speed of the texts that they are.
                values = [value if value is None else str(value) for value in values]
            columns[name] = pa.array(values, schema.field(name).type)
    return columns


def to_json(value: Any) -> str | None:
    """JSON text of what is kept as it came; None of nothing."""
    return msgspec.json.encode(value).decode() if value else None


def _excerpt(raw: Any) -> str:
    if isinstance(raw, bytes):
        return raw[:1_000].decode(errors="replace")
    return raw if isinstance(raw, str) else to_json(raw) or ""
