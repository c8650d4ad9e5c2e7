"""Where measures run: a session over the Parquet files of one snapshot and what people decided."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pandas as pd
import pyarrow as pa

from qc.backends import ENGINES, Backend
from qc.model import (
    ANNOTATIONS,
    FACT_TABLES,
    REGIONS,
    REVIEWS,
    Facts,
    InputError,
    Origin,
    Role,
    Status,
)

DRAWS: Final = pa.schema(
    [
        ("draw_id", pa.string()),
        ("annotation_id", pa.string()),
        ("question", pa.string()),
        ("share", pa.string()),
        ("pi", pa.float64()),
        ("stratum", pa.string()),
        ("stratum_size", pa.int64()),
        ("stratum_drawn", pa.int64()),
        ("level", pa.string()),
        ("drawn_at", pa.timestamp("us", tz="UTC")),
    ]
)
KNOWN: Final = pa.schema([("item_id", pa.string()), ("question", pa.string())])
ZONE: Final = pa.schema([("from_ms", pa.int64()), ("until_ms", pa.int64()), ("offset_ms", pa.int64())])
_ALWAYS: Final = 2**62
_ANSWER_DEFAULTS: Final = {"round": 1, "revision": 1, "current": True, "origin": Origin.MANUAL.value}


@dataclass(frozen=True)
class RecordTables:
    """What people decided, as of one revision of the record; columns that a frame lacks are unknown.

    verdicts: REVIEWS. draws: DRAWS. corrections: ANNOTATIONS, made by reviewers, `parent` is the answer corrected.
    settlements: ANNOTATIONS, the final calls of leads. gold: ANNOTATIONS, known answers; they replace those of the
    exports to the item_id and question of `known`, some of which have no known answer any more. regions: REGIONS of
    corrections and gold. None stands for no rows.
    """

    verdicts: pd.DataFrame | None = None
    draws: pd.DataFrame | None = None
    corrections: pd.DataFrame | None = None
    settlements: pd.DataFrame | None = None
    gold: pd.DataFrame | None = None
    known: pd.DataFrame | None = None
    regions: pd.DataFrame | None = None


@dataclass
class Session:
    """One snapshot of one project, open in one engine; safe to share between threads."""

    facts: Facts
    _engine: Backend
    _kept: dict[str, Any] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def materialise(self, name: str, expr: Any) -> Any:
        """The expression's rows as a table, computed when the name is first used."""
        with self._lock:
            if name not in self._kept:
                self._kept[name] = self._engine.keep(name, expr)
            return self._kept[name]

    def hold(self, name: str, rows: Callable[[], pa.Table]) -> Any:
        """Rows that were made outside of the engine as a table, made when the name is first used."""
        with self._lock:
            if name not in self._kept:
                self._kept[name] = self._engine.hold(name, rows())
            return self._kept[name]

    def name(self, name: str, expr: Any) -> Any:
        """The expression as a view, which is not translated again by all that is made from it."""
        with self._lock:
            if name not in self._kept:
                self._kept[name] = self._engine.view(name, expr)
            return self._kept[name]

    def run(self, expr: Any) -> pd.DataFrame:
        """The rows of an expression, in its order; times are UTC with their zone, missing integers make floats."""
        return self.arrow(expr).to_pandas()

    def arrow(self, expr: Any) -> pa.Table:
        """The rows of an expression, in its order, as Arrow; times are UTC with their zone."""
        wanted = expr.schema().to_pyarrow()
        zoned = [
            column.with_type(pa.timestamp("us", tz="UTC")) if pa.types.is_timestamp(column.type) else column
            for column in wanted
        ]
        return self._engine.fetch(expr).cast(pa.schema(zoned))

    def close(self) -> None:
        """Free the engine's memory; the session cannot be used afterwards."""
        self._engine.close()


def open_session(
    files: Mapping[str, Sequence[str]], record: RecordTables, timezone: str, engine: str = "duckdb", threads: int = 2
) -> Session:
    """Open one snapshot: Parquet files by fact table (none for a table that is empty), and the record's decisions.

    The facts have the columns of their schemas but `project`, since there is only one. Raises InputError for an
    unknown time zone or engine, UnavailableError where Spark is not installed.
    """
    if engine not in ENGINES:
        raise InputError(f"There is no engine {engine!r}; use {' or '.join(ENGINES)}.")
    zone = transitions(timezone)
    running = ENGINES[engine](threads)
    corrections = _decided(record.corrections, Role.REVIEWER)
    settlements = _decided(record.settlements, Role.ADJUDICATOR)
    gold = _decided(record.gold, Role.GOLD)
    verdicts = _conform(record.verdicts, REVIEWS)
    known = None if record.known is None else running.hold("known_gold", _conform(record.known, KNOWN))
    facts = Facts(
        annotations=_facts(running, "annotations", files, [corrections, settlements, gold], known),
        regions=_facts(running, "regions", files, [_conform(record.regions, REGIONS, {"revision": 1})]),
        items=_facts(running, "items", files, []),
        reviews=_reviews(running, files, verdicts),
        draws=running.hold("draws", _conform(record.draws, DRAWS)),
        zone=running.hold("zone", pa.table([list(column) for column in zip(*zone, strict=True)], schema=ZONE)),
    )
    running.lock([path for table in FACT_TABLES for path in files.get(table, ())])
    return Session(facts, running)


@lru_cache(maxsize=32)
def transitions(timezone: str) -> tuple[tuple[int, int, int], ...]:
    """(from_ms, until_ms, offset_ms) of a zone, in order, without gaps; InputError where the zone is unknown.

    Transitions are looked for from 1970 to 2100, and taken to be at least a week apart.
    """
    try:
        zone = ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InputError(f"There is no time zone {timezone!r}; use a name such as Europe/Berlin.") from error

    def offset(at: datetime) -> int:
        shift = at.astimezone(zone).utcoffset() or timedelta()
        return round(shift.total_seconds() * 1000)

    rows = []
    began, at, week = -_ALWAYS, datetime(1970, 1, 1, tzinfo=UTC), timedelta(days=7)
    while at.year < 2100:
        if offset(at) != offset(at + week):
            low, high = at, at + week
            while high - low > timedelta(seconds=1):
                middle = low + timedelta(seconds=(high - low) // timedelta(seconds=2))
                low, high = (middle, high) if offset(middle) == offset(low) else (low, middle)
            change = int(high.timestamp()) * 1000
            rows.append((began, change, offset(low)))
            began = change
        at += week
    return (*rows, (began, _ALWAYS, offset(at)))


def _facts(
    engine: Backend,
    table: str,
    files: Mapping[str, Sequence[str]],
    recorded: Sequence[pa.Table],
    known: Any | None = None,
) -> Any:
    schema = FACT_TABLES[table]
    parts = [_select(engine.read(f"{table}_files", files[table]), schema)] if files.get(table) else []
    if known is not None:
        parts = [_replaced(rows, known) for rows in parts]
    rows = pa.concat_tables([schema.empty_table(), *recorded])
    if rows.num_rows or not parts:
        parts.append(_select(engine.hold(f"{table}_record", rows), schema))
    return parts[0] if len(parts) == 1 else parts[0].union(parts[1])


def _replaced(rows: Any, known: Any) -> Any:
    """Answers of exports without the gold on which the record has the last word."""
    asked = rows.mutate(asked_of=rows.question.coalesce(_text("")))
    gold = known.select(its_item="item_id", its_question="question", its_role=_text(Role.GOLD.value))
    same = [("item_id", "its_item"), ("asked_of", "its_question"), ("role", "its_role")]
    return asked.anti_join(gold, same).drop("asked_of")


def _reviews(engine: Backend, files: Mapping[str, Sequence[str]], verdicts: pa.Table) -> Any:
    parts = [_select(engine.hold("reviews_record", verdicts), REVIEWS).mutate(recorded_in=_text("record"))]
    if files.get("reviews"):
        parts.append(
            _select(engine.read("reviews_files", files["reviews"]), REVIEWS).mutate(recorded_in=_text("export"))
        )
    return parts[0] if len(parts) == 1 else parts[0].union(parts[1])


def _text(value: str) -> Any:
    import ibis

    return ibis.literal(value, type="string")


def _select(table: Any, schema: pa.Schema) -> Any:
    """The schema's columns, null where files of an older release lack one."""
    import ibis

    types = ibis.schema(schema)
    return table.select(
        **{
            name: table[name] if name in table.columns else ibis.null(types[name])
            for name in schema.names
            if name != "project"
        }
    )


def _decided(frame: pd.DataFrame | None, role: Role) -> pa.Table:
    """Corrections or settlements as answers."""
    rows = _conform(frame, ANNOTATIONS, _ANSWER_DEFAULTS)
    fixed = {"role": role.value, "status": Status.SUBMITTED.value}
    for name, value in fixed.items():
        rows = rows.set_column(rows.schema.get_field_index(name), name, pa.array([value] * len(rows), pa.string()))
    return rows


def _conform(frame: pd.DataFrame | None, schema: pa.Schema, defaults: Mapping[str, Any] | None = None) -> pa.Table:
    """A frame's rows in a schema: its unknown columns are dropped, missing ones and gaps take the default or null."""
    if frame is None:
        return schema.empty_table()
    table = pa.Table.from_pandas(frame, preserve_index=False)
    columns = []
    for wanted in schema:
        if wanted.name in table.column_names:
            # Frames carry nanoseconds; times have microseconds.
            column = table[wanted.name].cast(wanted.type, safe=not pa.types.is_timestamp(wanted.type))
        else:
            column = pa.nulls(len(table), wanted.type)
        if defaults and wanted.name in defaults:
            column = column.fill_null(defaults[wanted.name])
        columns.append(column)
    return pa.table(columns, schema=schema)
