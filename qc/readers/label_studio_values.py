"""What a result holds: labels, numbers, the size of its image; and the row that it becomes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from qc.model import Kind
from qc.readers.numbers import number


class NotUnderstoodError(ValueError):
    """A result of a type, or with a value, that has no place in the tables; it is kept as JSON."""


@dataclass(slots=True)
class Region:
    """One row of `regions`, but for its answer; columns of the schema by name.

    `suffix` follows the id of the result where it makes several rows; `remark` is a note to count.
    """

    kind: Kind
    columns: dict[str, Any]
    suffix: str = ""
    remark: str | None = None


def texts_of(value: Any) -> list[str]:
    """A list of texts, or it is not understood."""
    if not isinstance(value, list) or not all(isinstance(entry, str) for entry in value):
        raise NotUnderstoodError
    return value


def choices_of(value: Any) -> list[str]:
    """The choices of a list, those nested in others as the path that leads to them; or they are not understood."""
    if not isinstance(value, list):
        raise NotUnderstoodError
    return texts_of(["/".join(texts_of(entry)) if isinstance(entry, list) else entry for entry in value])


def page_of(result: Mapping[str, Any]) -> int | None:
    """Which of several images of a task a result is about, from 0; None where the task has one."""
    page = result.get("item_index")
    return page if isinstance(page, int) and not isinstance(page, bool) and 0 <= page < 1 << 31 else None


def numbers_of(value: Mapping[str, Any], *names: str) -> list[float]:
    """Some members that are numbers, or it is not understood."""
    found = [number(value.get(name)) for name in names]
    if any(entry is None for entry in found):
        raise NotUnderstoodError
    return [entry for entry in found if entry is not None]


def label_of(result: Mapping[str, Any]) -> str | None:
    """The label of a region; several are joined, None is a bare shape."""
    labels = result["value"].get(result["type"]) or result["value"].get("labels")
    return ", ".join(texts_of(labels)) if labels else None


def size_of(result: Mapping[str, Any]) -> tuple[float, float] | None:
    """Width and height of the result's image in pixels, or None where it does not say."""
    width, height = number(result.get("original_width")), number(result.get("original_height"))
    return (width, height) if width and height and width > 0 and height > 0 else None
