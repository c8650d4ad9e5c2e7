"""Several regions in one cell: a JSON or Python list of boxes, spans or intervals."""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from qc.model import Kind
from qc.readers.numbers import number
from qc.readers.paths import JOIN
from qc.readers.shapes import BadShapeError, Row, box, corners

LONGEST: Final = 1 << 20
"""Characters of the longest cell that is read as regions."""
UNREADABLE: Final = "the cell holds no list of regions"

_X, _Y = ("x", "left", "xmin", "x1", "xtl"), ("y", "top", "ymin", "y1", "ytl")
_W, _H = ("w", "width"), ("h", "height")
_RIGHT, _BOTTOM = ("x2", "xmax", "right", "xbr"), ("y2", "ymax", "bottom", "ybr")
_START = ("start", "start_offset", "begin", "from")
_END = ("end", "end_offset", "to")
_LABEL = ("label", "class", "category", "name", "tag", "type")


def regions_of(cell: str, kind: Kind) -> list[Row]:
    """The regions in a cell; one that is none, or cannot be read, raises BadShapeError.

    A box is [x, y, w, h], two corners [[x1, y1], [x2, y2]], or an object with such names. A span or interval is
    [start, end], [start, end, label], or an object. An empty list is an answer without regions.
    """
    entries = _parsed(cell)
    if _is_region(entries, kind):
        entries = [entries]
    return [_region(entry, kind) for entry in entries]


def span(start: Any, end: Any, kind: Kind) -> Row:
    """A span in code points or an interval in seconds, whose end is not before its start."""
    first, last = number(start), number(end)
    if first is None or last is None or last < first or first < 0:
        raise BadShapeError("a span or interval has no possible ends")
    if kind is Kind.SPANS:
        return {"kind": kind, "t_start": int(first), "t_end": int(last)}
    return {"kind": kind, "sec_start": first, "sec_end": last}


def _parsed(cell: str) -> list[Any]:
    if len(cell) > LONGEST:
        raise BadShapeError(UNREADABLE)
    if JOIN in cell.strip():
        # A list of texts, each of which is a region, as some exports write pairs of corners.
        return [region for line in cell.split(JOIN) for region in _parsed(line)]
    try:
        found = json.loads(cell)
    except (ValueError, RecursionError):
        found = _literal(cell)
    if isinstance(found, str):
        found = _literal(found)
    if not isinstance(found, list | tuple | dict):
        raise BadShapeError(UNREADABLE)
    return _wrapped(found)


def _literal(text: str) -> Any:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        raise BadShapeError(UNREADABLE) from None


def _wrapped(found: Any) -> list[Any]:
    """A list of entries; a pair of corners in a tuple, or an object, is one entry."""
    if isinstance(found, list):
        return found
    return [found]


def _is_region(entries: Sequence[Any], kind: Kind) -> bool:
    """Whether the list is itself a region: [x, y, w, h] or [start, end]."""
    flat = bool(entries) and all(number(entry) is not None for entry in entries)
    return flat and len(entries) == (4 if kind is Kind.BOXES else 2)


def _region(entry: Any, kind: Kind) -> Row:
    if isinstance(entry, dict):
        label = _first(entry, _LABEL)
        region = _box_object(entry) if kind is Kind.BOXES else span(_first(entry, _START), _first(entry, _END), kind)
        return region | ({"label": str(label)} if isinstance(label, str | int) else {})
    if not isinstance(entry, list | tuple):
        raise BadShapeError(UNREADABLE)
    if kind is not Kind.BOXES:
        if len(entry) not in (2, 3):
            raise BadShapeError(UNREADABLE)
        return span(entry[0], entry[1], kind) | ({"label": str(entry[2])} if len(entry) == 3 else {})
    if len(entry) == 2 and all(isinstance(corner, list | tuple) and len(corner) == 2 for corner in entry):
        return corners(*entry[0], *entry[1])
    if len(entry) != 4:
        raise BadShapeError(UNREADABLE)
    return box(*entry)


def _box_object(entry: Mapping[str, Any]) -> Row:
    left, top, right, bottom = (_first(entry, names) for names in (_X, _Y, _RIGHT, _BOTTOM))
    if right is not None:
        return corners(left, top, right, bottom)
    return box(left, top, _first(entry, _W), _first(entry, _H))


def _first(entry: Mapping[str, Any], names: Sequence[str]) -> Any:
    return next((entry[name] for name in names if name in entry), None)
