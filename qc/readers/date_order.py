"""Whether day or month comes first in a column of dates like 3/2/2026, told by those that can only be read one way."""

from __future__ import annotations

import re
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from qc.readers.mapping import Mapping
from qc.readers.report import Tally
from qc.readers.sheet import Sheet

ORDER: Final = (
    "Column {column}: {order}, as {value} shows and no date gainsays; where that is wrong, write dates = "
    '"{other}" into the mapping.'
)
TIMES: Final = ("submitted_at", "started_at", "updated_at", "reviewed_at")
"""The meanings of columns that hold times."""

_DATE: Final = r"^\s*(?P<first>\d{1,2})/(?P<second>\d{1,2})/\d{4}"
_NAMES: Final = {True: "day first", False: "month first"}


def day_first(sheet: Sheet, mapping: Mapping, tally: Tally) -> dict[str, bool]:
    """The order of each column of times that shows one and no other, by its meaning; noted.

    Empty where the mapping states the order, and where the sheet's first rows have no such dates: only then is the
    sheet read a further time.
    """
    dated = {
        meaning: column
        for meaning, column in mapping.columns.items()
        if mapping.dates is None and meaning in TIMES and _has_dates(sheet, column)
    }
    shown: dict[str, dict[bool, str]] = {column: {} for column in dated.values()}
    for rows in sheet.rows(list(shown)) if shown else ():
        for column, orders in shown.items():
            if column in rows.columns:
                _look(rows.columns[column], orders)
    for column, orders in shown.items():
        for order, value in orders.items() if len(orders) == 1 else ():
            named = {"column": _plain(column), "order": _NAMES[order], "value": value, "other": _NAMES[not order]}
            tally.note(ORDER.format(**named))
    return {meaning: next(iter(shown[column])) for meaning, column in dated.items() if len(shown[column]) == 1}


def _has_dates(sheet: Sheet, column: str) -> bool:
    place = sheet.header.index(column)
    return any(re.match(_DATE, row[place]) for row in sheet.sample if place < len(row))


def _look(texts: pa.Array, orders: dict[bool, str]) -> None:
    """Adds a date for each order that some date of the column can only have."""
    parts = pc.extract_regex(texts, _DATE)
    first, second = (pc.struct_field(parts, name).cast(pa.int8()) for name in ("first", "second"))
    for order, beyond, other in ((True, first, second), (False, second, first)):
        only = pc.and_(pc.greater(beyond, 12), pc.less_equal(other, 12))
        if order not in orders and pc.any(only).as_py():
            orders[order] = texts[pc.index(only, True).as_py()].as_py().strip().split()[0][:20]


def _plain(name: str) -> str:
    return name[:40].replace("{", "(").replace("}", ")")
