"""What the columns of a crowd's sheet hold, learnt from all their cells: the kinds of the questions asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from qc.model import Kind
from qc.readers.cells import Mask, filled, mask, trimmed
from qc.readers.names import plain
from qc.readers.numbers import number
from qc.readers.question import Question
from qc.readers.sheet import Sheet

MOST_LABELS: Final = 500
"""Different values beyond which a column's are no longer told apart."""
LONGEST_LABEL: Final = 60
MOST_REPEATED: Final = 20
"""Different values up to which a column holds labels, however few rows there are."""

_FREE: Final = {
    *("note", "notes", "comment", "comments", "feedback", "reason", "reasons", "explanation", "text"),
    *("description", "suggestion", "suggestions", "other", "transcription", "translation", "why"),
}
_RATINGS: Final = {"rating", "stars"}
_FLAGS: Final = {"true", "false"}


@dataclass(slots=True)
class Seen:
    """What a column holds: its filled cells, its different values as far as they are few, its longest, line breaks."""

    filled: int = 0
    values: set[str] = field(default_factory=set)
    longest: int = 0
    lines: bool = False

    @property
    def flags(self) -> bool:
        """Whether it holds nothing but true and false."""
        return bool(self.values) and {value.casefold() for value in self.values} <= _FLAGS

    @property
    def many(self) -> bool:
        """Whether its values hardly repeat."""
        return len(self.values) > MOST_REPEATED and len(self.values) * 2 > min(self.filled, MOST_LABELS)


def survey(
    sheet: Sheet, columns: Sequence[str], groups: Mapping[str, Sequence[str]]
) -> tuple[dict[str, Seen], set[str]]:
    """Reads the sheet once: what each column holds, and the groups of true and false in which any number may be true.

    Where every row that says anything has exactly one true, one of the group was to be chosen.
    """
    seen = {column: Seen() for column in columns}
    free: set[str] = set()
    for rows in sheet.rows(list(columns)) if columns else ():
        if not len(rows.positions):
            continue
        for column, found in seen.items():
            _look(trimmed(rows.columns[column]), found)
        for name, members in groups.items():
            true = np.sum([chosen(rows.columns[column]) for column in members], axis=0)
            said = np.logical_or.reduce([filled(rows.columns[column]) for column in members])
            if (true[said] != 1).any():
                free.add(name)
    return seen, free


def chosen(texts: pa.Array) -> Mask:
    """Which cells are true."""
    return mask(pc.equal(pc.utf8_lower(texts), "true"))


def _look(texts: pa.Array, seen: Seen) -> None:
    seen.filled += len(texts) - texts.null_count
    values = pc.unique(texts.drop_null())
    if len(values):
        seen.longest = max(seen.longest, pc.max(pc.utf8_length(values)).as_py())
        seen.lines = seen.lines or pc.any(pc.match_substring_regex(values, r"[\r\n]")).as_py()
        seen.values.update(values.slice(0, MOST_LABELS - min(len(seen.values), MOST_LABELS)).to_pylist())


def question(name: str, column: str, seen: Seen, separator: str | None = None) -> Question:
    """The question behind a column of answers: free text, numbers, ratings, labels, or several labels a cell.

    `separator` is what the tool writes between several labels, wherever a cell has it.
    """
    word = plain(name).rsplit("_", 1)[-1]
    numeric = bool(seen.values) and all(number(value) is not None for value in seen.values)
    if numeric and (word in _RATINGS or plain(name) in _RATINGS):
        return Question(column, Kind.ORDINAL)
    if numeric and seen.many:
        return Question(column, Kind.NUMBER)
    parts = [part for value in seen.values for part in value.split(separator)] if separator else list(seen.values)
    if word in _FREE or (not numeric and max(map(len, parts), default=0) > LONGEST_LABEL):
        return Question(column, Kind.TEXT)
    if separator and any(separator in value for value in seen.values):
        return Question(column, Kind.MULTI, separator)
    return Question(column, Kind.TEXT if seen.many else Kind.SINGLE)
