"""Numbers: text to finite floats, and durations that a clock can have measured."""

from __future__ import annotations

import re
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

LARGEST: Final = 1e15
"""Beyond this, floats no longer hold every integer's neighbours and no score, position or duration is meant."""

_CLOCK: Final = re.compile(r"(?:(\d+):)?(\d{1,2}):(\d{1,2}(?:\.\d+)?)")
_COMMA: Final = re.compile(r"-?\d+,\d+")
_WHOLE: Final = re.compile(r"([+-]?\d{1,15})\.0+")


def number(value: Any) -> float | None:
    """A finite number of at most LARGEST behind a JSON value or a text, else None.

    >>> number("1:02"), number("37,4"), number("nan"), number(True)
    (62.0, 37.4, None, None)
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if isinstance(value, str):
        if match := _CLOCK.fullmatch(value):
            hours, minutes, seconds = match.groups()
            return int(hours or 0) * 3600 + int(minutes) * 60 + float(seconds)
        value = value.replace(",", ".") if _COMMA.fullmatch(value) else value
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if abs(found) <= LARGEST else None


def without_point(text: str) -> str:
    """A whole number without the zeros after its point, which programs write where a column has blanks.

    >>> without_point("2.0"), without_point("2.5"), without_point("v1.0")
    ('2', '2.5', 'v1.0')
    """
    found = _WHOLE.fullmatch(text)
    return found[1] if found else text


def duration(value: Any) -> float | None:
    """Seconds, finite and not negative, else None."""
    found = number(value)
    return found if found is not None and found >= 0 else None


def numbers(texts: pa.Array) -> pa.Array:
    """A column of texts as floats; null where the text is empty or no finite number."""
    try:
        values = texts.cast(pa.float64())
    except pa.ArrowInvalid:
        coded = texts.dictionary_encode()
        read = pa.array([number(text) for text in coded.dictionary.to_pylist()], pa.float64())
        values = read.take(coded.indices)
    return pc.if_else(pc.less_equal(pc.abs(values), LARGEST), values, pa.scalar(None, pa.float64()))


def durations(texts: pa.Array) -> pa.Array:
    """A column of texts as seconds; null where the text is empty or no possible duration."""
    values = numbers(texts)
    return pc.if_else(pc.greater_equal(values, 0), values, pa.scalar(None, pa.float64()))
