"""Words as a project spells them: exactly so, as the same number, or but for case and space; and lists of words."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

SEPARATORS: Final = ("\n", "|", ";", ",")
"""What parts several accepted answers in one cell, where each of them is a label that people use."""


@dataclass(frozen=True, slots=True)
class Spelling:
    """A word as the project spells it, and whether case or space had to be overlooked; None is unknown."""

    word: str | None
    loose: bool = False


def spelling(word: str, words: Words) -> Spelling:
    """How a project spells a word: exactly so, as the same number, or with another case or space.

    >>> spelling("1.0", Words({"1", "2"})), spelling("Neg", Words({"neg"}))
    (Spelling(word='1', loose=False), Spelling(word='neg', loose=True))
    """
    if word in words.exact:
        return Spelling(word)
    number = as_number(word)
    if number is not None and number in words.numbers:
        return Spelling(words.numbers[number])
    return Spelling(words.loose.get(_loose(word)), loose=True)


class Words:
    """The words of a project, found by what they are, by the number they write, and without case and space."""

    def __init__(self, words: Collection[str]) -> None:
        self.exact = frozenset(words)
        self.numbers = _only({word: as_number(word) for word in words})
        self.loose = _only({word: _loose(word) for word in words})


def _only(keys: Mapping[str, Any]) -> dict[Any, str]:
    """Words by their keys, where only one word has the key."""
    found: dict[Any, list[str]] = {}
    for word, key in keys.items():
        if key is not None:
            found.setdefault(key, []).append(word)
    return {key: words[0] for key, words in found.items() if len(words) == 1}


def as_number(word: str) -> float | None:
    """The number that a word writes, None where it writes none."""
    if not re.fullmatch(r"[+-]?\d{1,15}(\.\d{1,15})?", word.strip()):
        return None
    return float(word)


def _loose(word: str) -> str:
    return "".join(word.split()).casefold()


def several(given: str, words: Words) -> list[str]:
    """The words that a cell joins, or none where it is a word itself, or no list of words that the project knows."""
    if given in words.exact:
        return []
    if given.startswith("["):
        with suppress(ValueError, RecursionError):
            found = json.loads(given)
            parts = [spelling(part, words).word for part in found if isinstance(part, str)]
            return [part for part in parts if part] if parts and all(parts) else []
    for separator in SEPARATORS:
        parts = [spelling(part.strip(), words).word for part in given.split(separator)]
        if len(parts) > 1 and all(parts):
            return [part for part in parts if part]
    return []
