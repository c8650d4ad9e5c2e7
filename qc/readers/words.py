"""What a MAP.toml may hold: tables of known words, texts and lists of texts, each checked with a sentence."""

from __future__ import annotations

from typing import Any

from qc.model import InputError


def a_table(data: Any, known: tuple[str, ...], where: str) -> None:
    """Refuses what is no table, or has a word that is not known."""
    if not isinstance(data, dict):
        raise InputError(f"{_capital(where)} must be a table.")
    if unknown := [key for key in data if key not in known]:
        raise InputError(f"{_capital(where)} does not know {unknown[0]!r}; it knows {', '.join(known)}.")


def texts(data: Any, where: str) -> dict[str, str]:
    """A table whose values are texts."""
    if not isinstance(data, dict) or not all(isinstance(value, str) for value in data.values()):
        raise InputError(f"The values of {where} must be texts in quotation marks.")
    return data


def list_of_texts(data: Any, where: str) -> tuple[str, ...]:
    """A list of texts."""
    if not isinstance(data, list) or not all(isinstance(entry, str) for entry in data):
        raise InputError(f"There must be a list of texts in {where}.")
    return tuple(data)


def an_encoding(name: str) -> None:
    """Refuses an encoding that is not known."""
    try:
        "".encode(name)
    except (LookupError, ValueError):
        raise InputError(f"There is no encoding {name!r}; usual ones are utf-8, latin-1, cp1252 and utf-16.") from None


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def shown(name: str) -> str:
    """A column's name as a remark may hold it: short, and without the braces that would be filled in."""
    return name[:40].replace("{", "(").replace("}", ")")
