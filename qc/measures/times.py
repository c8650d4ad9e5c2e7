"""Times as integers: milliseconds since 1970 in UTC, and days since 1970 in the project's zone."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import ibis
import ibis.expr.datatypes as dt
from ibis import _

DAY_MS: Final = 86_400_000
HOUR_MS: Final = 3_600_000
# Every zone has changed its offset only on whole quarters of an hour since 1972.
QUARTER_MS: Final = 900_000


@ibis.udf.scalar.builtin  # type: ignore[untyped-decorator]
def epoch_ms(time: dt.timestamp) -> int:  # type: ignore[empty-body]
    """Milliseconds since 1970: DuckDB's own function, and one that the engine defines in Spark."""


def days(times: Any, zone: Any) -> Any:
    """quarter, day, hour: the local day and hour of each quarter of an hour (see `quarter`) with something in it."""
    quarters = times.filter(_.time.notnull()).select(quarter=quarter(epoch_ms(_.time))).distinct()
    started = quarters.quarter * QUARTER_MS
    found = quarters.join(zone, [started >= zone.from_ms, started < zone.until_ms])
    local = found.select("quarter", at=_.quarter * QUARTER_MS + _.offset_ms).mutate(day=_.at // DAY_MS)
    return local.select("quarter", day=_.day.cast("int32"), hour=((_.at - _.day * DAY_MS) // HOUR_MS).cast("int8"))


def quarter(ms: Any) -> Any:
    """The number of a quarter of an hour since 1970."""
    return ms // QUARTER_MS


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
