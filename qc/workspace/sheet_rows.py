"""Rows of a filled-in sheet: what was meant where a spreadsheet wrote it anew, and what cannot be trusted."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from qc.workspace.spelling import Words, as_number, spelling

SAID: Final = {
    "error_type": "an error type",
    "severity": "a severity",
    "corrected_label": "a corrected label",
    "corrected_regions": "corrected regions",
    "comment": "a comment",
}
# What spreadsheets make of texts that look like numbers or dates.
_REWRITTEN: Final = re.compile(
    r"[\d\s.,:/+\-eE%]+|\d{1,2}[-. ]\w{3,4}\.?([-. ]\d{2,4})?|\w{3,4}\.?[- ]\d{2,4}|true|false", re.I
)
_ROUNDED: Final = re.compile(r"\d[.,]\d+[eE]\+\d+|\d{13,}0{3}")
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}([ T].*)?|\d{1,2}[-./ ]\w{2,4}\.?([-./ ]\d{2,4})?")
_CLOCK: Final = re.compile(r"(?:(\d{1,2}):)?(\d{1,2}):(\d{2}(?:[.,]\d+)?)")
# A cell of a spreadsheet holds no more.
_LONGEST: Final = 32_000


def spelt(rows: Sequence[Mapping[str, str]], known: Collection[str]) -> list[dict[str, str]]:
    """The rows with the ids of drawn answers as these are written, where a spreadsheet took them for numbers."""
    words = Words(known)
    return [{**row, "annotation_id": _id(row.get("annotation_id", ""), words)} for row in rows]


def _id(text: str, words: Words) -> str:
    found = spelling(text, words)
    return text if found.word is None else found.word


def spoilt(wanted: str) -> str:
    """Why an id may be unknown, as the end of a sentence; empty where nothing speaks for it."""
    if _ROUNDED.fullmatch(wanted):
        return ": a spreadsheet has rounded it; take the column in as text"
    if _DATE.fullmatch(wanted):
        return ": a spreadsheet has made a date of it; take the column in as text"
    return ""


def no_verdict(row: Mapping[str, str]) -> str | None:
    """Why a row that says something is not taken: it has no verdict."""
    if row.get("verdict"):
        return None
    said = next((words for name, words in SAID.items() if row.get(name)), None)
    return None if said is None else f"it has {said} but no verdict"


def another(row: Mapping[str, Any], answer: Mapping[str, Any]) -> str | None:
    """Why a row is not about the answer that it names: the item or the answer that it shows is another one."""
    item, shown = _text(row, "item_id"), _text(row, "label")
    if item and not _same(item, str(answer["item_id"])):
        return f"the row shows item {item!r}, the answer is on item {answer['item_id']!r}: was one column sorted alone?"
    given = "" if answer.get("label") is None else str(answer["label"])
    if shown and not _same(shown, given):
        return (
            f"the row shows the answer {_short(shown)!r}, it is {_short(given)!r}: it was changed since, or a column "
            "was sorted or edited alone; what is right belongs into corrected_label"
        )
    return None


def as_seconds(text: str) -> float | None:
    """Seconds as people and spreadsheets write them; None where it is none.

    >>> as_seconds("12,5"), as_seconds("0:01:30"), as_seconds("soon")
    (12.5, 90.0, None)
    """
    if clock := _CLOCK.fullmatch(text):
        hours, minutes, seconds = clock.groups()
        return int(hours or 0) * 3600 + int(minutes) * 60 + float(seconds.replace(",", "."))
    try:
        found = float(text.replace(",", "."))
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def _same(shown: str, known: str) -> bool:
    """Whether a cell shows a text: as it is, as a number, but for case and space, cut, or written anew as a date."""
    if _plain(shown) == _plain(known) or (len(shown) >= _LONGEST and _plain(known).startswith(_plain(shown))):
        return True
    number = as_number(shown)
    if number is not None and number == as_number(known):
        return True
    return _REWRITTEN.fullmatch(shown) is not None and _REWRITTEN.fullmatch(known) is not None and number is None


def _plain(text: str) -> str:
    """Without case, space, and what a workbook cannot hold."""
    return "".join(c for c in text if c.isprintable() and not c.isspace()).casefold()


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:39]}…"


def _text(row: Mapping[str, Any], column: str) -> str:
    value = row.get(column)
    return "" if value is None or value != value else str(value).strip()
