"""A question of a sheet or of records, as a MAP.toml describes it."""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from dataclasses import dataclass, field
from typing import Any, Final

from qc.model import InputError, Kind
from qc.readers.words import a_table, list_of_texts, texts

KINDS: Final = (
    Kind.SINGLE,
    Kind.MULTI,
    Kind.ORDINAL,
    Kind.NUMBER,
    Kind.TEXT,
    Kind.PAIRWISE,
    Kind.RANKING,
    Kind.TAXONOMY,
    Kind.SPANS,
    Kind.BOXES,
    Kind.INTERVALS,
)
"""The kinds of answer that a cell, or a few cells of a row, can hold."""

REGIONS: Final = (Kind.SPANS, Kind.BOXES, Kind.INTERVALS)
"""The kinds whose answer is any number of regions: one a row, or several in a cell."""

PARTS: Final[MappingType[Kind, tuple[tuple[str, ...], ...]]] = {
    Kind.PAIRWISE: (("left", "right"),),
    Kind.SPANS: (("start", "end"),),
    Kind.INTERVALS: (("start", "end"),),
    Kind.BOXES: (("x", "y", "w", "h"), ("x1", "y1", "x2", "y2")),
}
"""Columns beside the answer's own that a kind takes, all of one group: the pair compared, or the ends of a region."""

_SPLIT: Final = {Kind.MULTI, Kind.RANKING, Kind.TAXONOMY}
_ALL_PARTS: Final = tuple(dict.fromkeys(name for groups in PARTS.values() for group in groups for name in group))


@dataclass(frozen=True, slots=True)
class Question:
    """The column of a question's answers (none in a wide sheet), their kind, and what it takes to read them.

    `separator` parts several labels of a cell. `order` lists the labels of an ordinal question, least first. `parts`
    are the columns of a pair or of a region's ends; a region's `column` holds its label, or all regions of the answer
    where it has no parts.
    """

    column: str | None = None
    kind: Kind = Kind.SINGLE
    separator: str | None = None
    order: tuple[str, ...] = ()
    parts: MappingType[str, str] = field(default_factory=dict)

    @property
    def named(self) -> dict[str, str]:
        """The columns that are read, by their names in the question: `column` and its parts."""
        return ({"column": self.column} if self.column else {}) | dict(self.parts)

    def to_json(self) -> dict[str, Any]:
        """Plain data without what is unset."""
        data: dict[str, Any] = {"column": self.column, "kind": self.kind.value, "separator": self.separator}
        data |= {"order": list(self.order), **self.parts}
        return {key: value for key, value in data.items() if value}


def question(name: str, data: Any) -> Question:
    """The question behind plain data; what it cannot be is an InputError that names it."""
    where = f"question {name!r} of the mapping"
    a_table(data, ("column", "kind", "separator", "order", *_ALL_PARTS), where)
    texts({key: value for key, value in data.items() if key != "order"}, where)
    kind = data.get("kind", Kind.SINGLE.value)
    if kind not in {known.value for known in KINDS}:
        raise InputError(f"Question {name!r} cannot be {kind!r}; a mapping knows {', '.join(KINDS)}.")
    kind = Kind(kind)
    if kind in _SPLIT and not data.get("separator"):
        raise InputError(f'Question {name!r} is {kind}: name the separator of its labels, like separator = ";".')
    order = list_of_texts(data.get("order", []), f'the order of {where}, like order = ["bad", "good"]')
    if order and kind is not Kind.ORDINAL:
        raise InputError(f'Question {name!r} has an order: make it kind = "ordinal", or leave the order out.')
    parts = {key: data[key] for key in _ALL_PARTS if key in data}
    if parts and tuple(parts) not in PARTS.get(kind, ()):
        raise InputError(f"Question {name!r} is {kind}, which takes {_choices(kind)}, not {', '.join(parts)}.")
    if kind in REGIONS and not parts and "column" not in data:
        raise InputError(f"Question {name!r} is {kind}: name the column that holds them, or {_choices(kind)}.")
    return Question(data.get("column"), kind, data.get("separator"), order, parts)


def _choices(kind: Kind) -> str:
    groups = [", ".join(group) for group in PARTS.get(kind, ())]
    return "; or ".join(groups) if groups else "a column alone"
