"""Questions guessed from names and values: regions and pairs of several columns, lists in cells, and numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping as MappingType
from collections.abc import Sequence
from typing import Final

from qc.model import Kind
from qc.readers.cells import SIDES
from qc.readers.marks import regions_of
from qc.readers.missing import EMPTY
from qc.readers.numbers import number
from qc.readers.question import Question
from qc.readers.shapes import BadShapeError

Values = MappingType[str, Sequence[str]]
"""Some values of each column, empty texts where a cell is empty."""

_CORNERS: Final = ("x1", "y1", "x2", "y2")
_SIZED: Final = ("x", "y", "w", "h")
_BOXES: Final[tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]] = (
    (("x", "y", "w", "h"), _SIZED),
    (("x", "y", "width", "height"), _SIZED),
    (("left", "top", "width", "height"), _SIZED),
    (("x1", "y1", "x2", "y2"), _CORNERS),
    (("xmin", "ymin", "xmax", "ymax"), _CORNERS),
    (("x_min", "y_min", "x_max", "y_max"), _CORNERS),
    (("xtl", "ytl", "xbr", "ybr"), _CORNERS),
    (("left", "top", "right", "bottom"), _CORNERS),
)
_SPANS: Final = (
    ("start_offset", "end_offset"),
    ("t_start", "t_end"),
    ("char_start", "char_end"),
    ("span_start", "span_end"),
    ("begin", "end"),
    ("start", "end"),
)
_INTERVALS: Final = (
    ("sec_start", "sec_end"),
    ("start_sec", "end_sec"),
    ("start_seconds", "end_seconds"),
    ("start_s", "end_s"),
)
_PAIRS: Final = (
    ("left", "right"),
    ("arg1", "arg2"),
    ("option_a", "option_b"),
    ("response_a", "response_b"),
    ("item_a", "item_b"),
    ("text_a", "text_b"),
    ("a1", "a2"),
    ("a", "b"),
)
# What begins with a nought, or has ten digits before the point, is an id.
_FIGURE: Final = re.compile(r"[-+]?(?:0|[1-9]\d{0,8})(?:[.,]\d+)?(?:[eE][-+]?\d{1,2})?")
# Of characters, no document has more; a time in seconds since 1970 has.
_LONGEST_TEXT: Final = 10_000_000


def several_columns(by_name: MappingType[str, str], values: Values, answer: str | None) -> Question | None:
    """The question whose parts some columns are, or None; `by_name` gives columns by their plain names."""
    for names, parts in _BOXES:
        if columns := _numeric(names, by_name, values):
            return Question(answer, Kind.BOXES, parts=dict(zip(parts, columns, strict=True)))
    for names in _INTERVALS:
        if columns := _numeric(names, by_name, values):
            return Question(answer, Kind.INTERVALS, parts=dict(zip(("start", "end"), columns, strict=True)))
    for names in _SPANS:
        columns = _numeric(names, by_name, values)
        if columns and all(_is_offset(value) for column in columns for value in values[column]):
            return Question(answer, Kind.SPANS, parts=dict(zip(("start", "end"), columns, strict=True)))
    for names in _PAIRS:
        if answer and all(name in by_name for name in names):
            left, right = (by_name[name] for name in names)
            shown = zip(values[answer], values[left], values[right], strict=True)
            if answer not in (left, right) and all(
                not given or given.casefold() in SIDES or given in pair for given, *pair in shown
            ):
                return Question(answer, Kind.PAIRWISE, parts={"left": left, "right": right})
    return None


def listed(column: str, values: Sequence[str]) -> Question | None:
    """The question of a column whose cells are lists of regions, or None."""
    seen = [value for value in values if value]
    if not seen or not all(value.lstrip().startswith(("[", "{", "(", '"')) for value in seen):
        return None
    for kind in (Kind.BOXES, Kind.SPANS):
        try:
            if sum(len(regions_of(value, kind)) for value in seen[:50]):
                return Question(column, kind)
        except BadShapeError:
            continue
    return None


def figures(values: Sequence[str]) -> list[float]:
    """The numbers among some values, where they are 19 of 20 or more, else none."""
    given = [value for value in values if value not in EMPTY]
    found = [value for value in given if _FIGURE.fullmatch(value)]
    commas = sum("," in value for value in found)
    if 2 * commas < len(found):
        # Where most do without, a comma does not stand for the point: 1,2 are two labels.
        found = [value for value in found if "," not in value]
    numbers = [figure for value in found if (figure := number(value)) is not None]
    return numbers if 20 * len(numbers) >= 19 * len(given) else []


def _numeric(names: Sequence[str], by_name: MappingType[str, str], values: Values) -> list[str]:
    """The columns of some names, if all are there and hold numbers, or none."""
    if not all(name in by_name for name in names):
        return []
    columns = [by_name[name] for name in names]
    seen = [value for column in columns for value in values[column] if value]
    bad = sum(number(value) is None for value in seen)
    # A bad row goes to quarantine; it does not change what the columns are.
    return columns if seen and bad * 10 <= len(seen) else []


def _is_offset(value: str) -> bool:
    found = number(value)
    if found is None:
        return True
    # Some exports write -1 where there is none: a row to refuse, not a reason to take offsets for times.
    return found == int(found) and -1 <= found < _LONGEST_TEXT
