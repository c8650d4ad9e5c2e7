"""Stretches of an item's text as columns of `regions`: code points, end exclusive, and the words that stand there."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any, Final

import numpy as np

from qc.model import Kind
from qc.readers.fields import whole
from qc.readers.records import Records
from qc.readers.shapes import BadShapeError, Row

MISQUOTED: Final = "{n} spans quote other words than stand at their place in the text"
UNCHECKED: Final = "{n} spans stand in texts that are not in the export: their offsets were taken as they are"
NO_ENDS: Final = "a span has no possible start and end"
OUTSIDE: Final = "a span ends after its text"


class Text:
    """The text of an item, or None where the export lacks it, and what its offsets count: code points or UTF-16 units.

    A browser counts an emoji as two units. Offsets are turned into code points once, here.
    """

    def __init__(self, content: str | None, units: Callable[[str], Callable[[int], int]]) -> None:
        self.content = content
        self._units = units

    @cached_property
    def _place(self) -> Callable[[int], int]:
        return self._units(self.content or "")

    def span(self, start: Any, end: Any, label: str | None, quote: str | None = None) -> Row:
        """A region from start to end; BadShapeError where that is no stretch of the text.

        Where the text does not read as quoted at its place but does at the bare numbers, these are code points already.
        Where neither does the region keeps both and its attributes say `quote_differs`.
        """
        first, last = whole(start), whole(end)
        if first is None or last is None or last < first:
            raise BadShapeError(NO_ENDS)
        row: Row = {"kind": Kind.SPANS, "t_start": first, "t_end": last, "label": label, "quote": quote}
        if self.content is None:
            return row
        for left, right in ((self._place(first), self._place(last)), (first, last)):
            found = self.content[left:right]
            if right <= len(self.content) and (quote is None or _same(found, quote)):
                return row | {"t_start": left, "t_end": right, "quote": found}
        left, right = self._place(first), self._place(last)
        if right > len(self.content):
            raise BadShapeError(OUTSIDE)
        return row | {"t_start": left, "t_end": right, "attributes": {"quote_differs": True}}


def code_points(_: str) -> Callable[[int], int]:
    """Offsets that are code points."""
    return lambda place: place


def utf16(content: str) -> Callable[[int], int]:
    """Offsets that count UTF-16 units, as browsers and Java do; past the end they stay past the end.

    >>> utf16("😀 ok")(3)
    2
    """
    if max(content, default="") <= "\uffff":
        return code_points(content)
    codes = np.frombuffer(content.encode("utf-32-le", "surrogatepass"), "<u4")
    starts = np.concatenate(([0], np.cumsum(1 + (codes > 0xFFFF))))
    beyond = int(starts[-1]) - len(content)

    def place(units: int) -> int:
        return units - beyond if units >= starts[-1] else int(np.searchsorted(starts, units))

    return place


def note_spans(records: Records, text: Text, regions: Iterable[Row]) -> None:
    """Counts the spans that quote other words than their text holds, and those that no text was there for."""
    for region in regions:
        if text.content is None:
            records.note(UNCHECKED)
        elif (region.get("attributes") or {}).get("quote_differs"):
            records.note(MISQUOTED)


def _same(found: str, quote: str) -> bool:
    """Equal, but for white space, which tools write as one blank each."""
    return found == quote or found.split() == quote.split()
