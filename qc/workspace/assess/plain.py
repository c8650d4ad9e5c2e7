"""From dataclasses and Estimates to the plain data of the assessment's schema."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from datetime import date, datetime
from typing import Any

import numpy as np


def plain(value: Any) -> Any:
    """Dicts, lists, text and numbers only, without any value that JSON lacks.

    >>> plain({"a": (1, None)})
    {'a': [1, None]}
    """
    if is_dataclass(value) and not isinstance(value, type):
        return {entry.name: plain(getattr(value, entry.name)) for entry in fields(value)}
    if isinstance(value, dict):
        return {str(key): plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [plain(entry) for entry in value]
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, float) and value != value:
        return None
    return value


def plain_object(value: Any) -> dict[str, Any]:
    """The plain data of a dataclass or a dict."""
    data: dict[str, Any] = plain(value)
    return data


def plain_rows(values: Any) -> list[dict[str, Any]]:
    """The plain data of several."""
    rows: list[dict[str, Any]] = plain(values)
    return rows


def text_or_none(value: Any) -> str | None:
    """A cell of a frame as text; missing is None."""
    return None if value is None or value != value else str(value)
