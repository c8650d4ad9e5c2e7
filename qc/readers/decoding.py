"""JSON as programs write it: NaN, Infinity and numbers beyond any float, which JSON lacks, stand for no value."""

from __future__ import annotations

import re
from math import isinf
from typing import Any, Final

import msgspec

NOT_FINITE: Final = (
    "{n} records hold NaN, Infinity or a number beyond any float, which JSON does not have: each was read as no value"
)

# A text, whose end may be missing, or any number: no byte is looked at twice.
_TOKEN: Final = re.compile(rb'(?s)"(?:[^"\\]++|\\.)*+"?|-?(?:NaN|Infinity)\b|-?[\d.]++(?:[eE][+-]?\d++)?')

_decode: Final = msgspec.json.Decoder().decode


def finite(text: bytes) -> bytes | None:
    """The text with null for every number that is not finite; None where it has none."""
    changed = _TOKEN.sub(_finite, text)
    return changed if changed != text else None


def value_of(text: bytes, emptied: set[int], number: int = 1) -> Any:
    """The JSON value of a record, or its bytes where it is none; see `decoded`."""
    try:
        return decoded(text, emptied, number)
    except (msgspec.MsgspecError, RecursionError):
        return text


def decoded(text: bytes, emptied: set[int], number: int = 1) -> Any:
    """The JSON value of a record; its `number` joins those `emptied` of numbers that are not finite.

    MsgspecError or RecursionError say that it is no JSON.
    """
    try:
        return _decode(text)
    except msgspec.MsgspecError:
        plain = finite(text)
        if plain is None:
            raise
    value = _decode(plain)
    emptied.add(number)
    return value


def _finite(match: re.Match[bytes]) -> bytes:
    token = match[0]
    # Whole numbers may be of any length.
    if token.startswith(b'"') or token.lstrip(b"-").isdigit():
        return token
    if token.endswith((b"NaN", b"Infinity")):
        return b"null"
    try:
        return b"null" if isinf(float(token)) else token
    except ValueError:
        return token
