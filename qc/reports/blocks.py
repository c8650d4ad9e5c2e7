"""What a report is made of: sentences, headline figures, tables, and charts that each stand above their table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from qc.figures import Style, counted, estimate, interval, number
from qc.reports.drawing import svg

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table: the key of its values, its heading, and how numbers are written."""

    key: str
    heading: str
    style: Style = "plain"
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of plain data; a value that is an E is shown with its interval and n, or with the reason why it has none."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    note: str = ""
    chart: str = ""

    @property
    def methods(self) -> tuple[str, ...]:
        """How the estimates of the table and their intervals were made, each once; what follows a semicolon differs."""
        found = (row[column.key] for row in self.rows for column in self.columns)
        return tuple(dict.fromkeys(e["method"].partition(";")[0] for e in found if is_estimate(e) and e["method"]))

    @property
    def warnings(self) -> tuple[str, ...]:
        """Where intervals are known to be too narrow, each once."""
        found = (row[column.key] for row in self.rows for column in self.columns)
        return tuple(dict.fromkeys(e["warning"] for e in found if is_estimate(e) and e["warning"]))


@dataclass(frozen=True, slots=True)
class Headline:
    """One large number: its value, what it rests on, and a note."""

    label: str
    value: str
    detail: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Headlines:
    """Large numbers beside each other."""

    boxes: tuple[Headline, ...]


@dataclass(frozen=True, slots=True)
class Sentences:
    """Paragraphs, or the points of a list."""

    lines: tuple[str, ...]
    listed: bool = False


Block = Table | Headlines | Sentences


@dataclass(frozen=True, slots=True)
class Section:
    """A chapter of a report, and how its figures are made."""

    title: str
    blocks: tuple[Block, ...]
    method: str = ""

    def tables(self) -> Iterator[Table]:
        """The tables of the chapter, those below charts included."""
        return (block for block in self.blocks if isinstance(block, Table))


def is_estimate(value: object) -> bool:
    """Whether a value is an E of the assessment."""
    return isinstance(value, Mapping) and {"value", "low", "high", "n", "reason"} <= set(value)


def headline(label: str, e: Row, style: Style = "plain", unit: str = "", note: str = "") -> Headline:
    """An E as a large number: the interval and what it rests on below it, or the reason why it is undefined."""
    if e["value"] is None:
        return Headline(label, "–", str(e["reason"]), note)
    between = interval(e, style, unit)
    return Headline(
        label, number(e["value"], style, unit), f"{between} · {counted(e)}" if between else counted(e), note
    )


def count(label: str, value: str, note: str = "") -> Headline:
    """A large number that was counted, not estimated."""
    return Headline(label, value, note)


def table(name: str, title: str, columns: Sequence[Column], rows: Sequence[Row], note: str = "") -> Table:
    """A table with the columns that hold something in at least one row."""
    kept = tuple(column for column in columns if any(row.get(column.key) not in (None, "", []) for row in rows))
    return Table(name, title, kept, tuple({column.key: row.get(column.key) for column in kept} for row in rows), note)


def chart(figure: Any, alt: str, below: Table) -> Table:
    """A figure above its table."""
    return Table(below.name, below.title, below.columns, below.rows, below.note, svg(figure, alt))


def shown(value: Any, column: Column) -> str:
    """A cell as text.

    >>> shown(0.05, Column("rate", "rate", "percent")), shown(None, Column("x", "x"))
    ('5.0 %', '–')
    """
    if value is None or value == "":
        return "–"
    if is_estimate(value):
        return estimate(value, column.style, column.unit)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int) and column.style in ("plain", "count"):
        return f"{value:,}"
    if isinstance(value, int | float):
        return number(float(value), column.style, column.unit)
    if isinstance(value, list | tuple):
        return "; ".join(map(str, value)) or "–"
    return str(value)
