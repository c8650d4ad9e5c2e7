"""Times as integers: milliseconds since 1970 in UTC, and days since 1970 in the project's zone."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import ibis
import ibis.expr.datatypes as dt

DAY_MS: Final = 86_400_000
# Every zone has changed its offset only on whole quarters of an hour since 1972.
QUARTER_MS: Final = 900_000


@ibis.udf.scalar.builtin  # type: ignore[untyped-decorator]
def epoch_ms(time: dt.timestamp) -> int:  # type: ignore[empty-body]
    """Milliseconds since 1970: DuckDB's own function, and one that the engine defines in Spark."""


def with_day(rows: Any, zone: Any) -> Any:
    """The rows with `day`, the local day of their `ms`: a join on the few quarters of an hour that occur."""
    quarters = rows.filter(rows.ms.notnull()).select(quarter=rows.ms // QUARTER_MS).distinct()
    started = quarters.quarter * QUARTER_MS
    days = quarters.join(zone, [started >= zone.from_ms, started < zone.until_ms])
    days = days.select("quarter", day=((days.quarter * QUARTER_MS + days.offset_ms) // DAY_MS).cast("int32"))
    return rows.left_join(days, [rows.ms // QUARTER_MS == days.quarter]).drop("quarter")


def day_number(day: date) -> int:
    """Days since 1970."""
    return (day - date(1970, 1, 1)).days


def day_text(day: Any) -> Any:
    """A day number as ISO text."""
    return (day.cast("int64") * (DAY_MS // 1000)).as_timestamp("s").strftime("%Y-%m-%d")


def week_start(day: Any) -> Any:
    """The day number of the Monday on or before a day; 1970 began on a Thursday."""
    return (day - (day + 3) % 7).cast("int32")


def text(value: str) -> Any:
    """A text literal, typed alike in both engines."""
    return ibis.literal(value, type="string")
