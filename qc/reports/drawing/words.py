"""Text in a drawing: escaped, measured, never trusted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape, unescape
from typing import Any, Final
from unicodedata import east_asian_width

_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_FIELD: Final = re.compile(r"%\{(x|y|customdata\[(\d+)\])(?::([^}]*))?\}")
_EXTRA: Final = re.compile(r"<extra>.*?</extra>", re.DOTALL)
_SIZE: Final = 6.3


def safe(text: object) -> str:
    """Text that Plotly was given, as literal text of an SVG: what was escaped for Plotly is escaped once."""
    return escape(_CONTROLS.sub("\N{REPLACEMENT CHARACTER}", unescape(str(text))))


def width(text: str) -> float:
    """About how wide a text is at 11 pixels."""
    return sum(2 * _SIZE if east_asian_width(letter) in "WF" else _SIZE for letter in unescape(text))


def told(trace: Mapping[str, Any], place: int) -> str:
    """What hovering over a point says: its template filled in, in one line; empty where it says nothing."""
    template = trace.get("hovertemplate")
    if not template:
        return ""

    def value(field: re.Match[str]) -> str:
        name, column, style = field.groups()
        found = trace["customdata"][place][int(column)] if column is not None else trace[name][place]
        return format(found, style) if style and not isinstance(found, str) else str(found)

    return safe(", ".join(_FIELD.sub(value, part) for part in _EXTRA.sub("", template).split("<br>")))
