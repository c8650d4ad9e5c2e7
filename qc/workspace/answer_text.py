"""An answer as text: as a person writes or chooses it, as the record keeps it, and the columns that it stands for."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

import pandas as pd

from qc.judge import NOTHING_MARKED
from qc.model import InputError, Kind
from qc.workspace.spelling import SEPARATORS, Words, several, spelling

SEPARATOR: Final = ";"
ONE_LABEL: Final = (Kind.SINGLE, Kind.PAIRWISE, Kind.TAXONOMY)
SEVERAL: Final = (Kind.MULTI, Kind.RANKING)
NUMBERED: Final = (Kind.ORDINAL, Kind.NUMBER)
BY_LABEL: Final = (*ONE_LABEL, *SEVERAL, *NUMBERED, Kind.TEXT)
"""Kinds of answers that a text says; what is drawn or marked is put right by its regions, or settled as it stands."""
_NAMED: Final = 20


def columns(kind: str, text: str) -> dict[str, Any]:
    """The columns of an answer from its text: a number, labels as `joined` writes them, a label, or the text."""
    if kind in NUMBERED:
        number = pd.to_numeric(text, errors="coerce")
        return {"number": None if pd.isna(number) else float(number), "label": text}
    if kind in SEVERAL:
        found = labels(text)
        return {"labels": sorted(found) if kind == Kind.MULTI else found, "label": None}
    return {"text": text, "label": None} if kind == Kind.TEXT else {"label": text}


def joined(parts: Sequence[str]) -> str:
    """Labels as the record keeps them: between semicolons, as JSON where that would not tell them apart.

    >>> joined(["a", "b"]), joined(["a;b"]), joined([])
    ('a; b', '["a;b"]', '(nothing marked)')
    """
    if not parts:
        return NOTHING_MARKED
    text = f"{SEPARATOR} ".join(parts)
    return text if labels(text) == list(parts) else json.dumps(list(parts), ensure_ascii=False)


def labels(text: str) -> list[str]:
    """The labels that `joined` wrote."""
    if text.startswith("["):
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            found = None
        if isinstance(found, list) and all(isinstance(part, str) for part in found):
            return found
    return [] if text == NOTHING_MARKED else [part for piece in text.split(SEPARATOR) if (part := piece.strip())]


def written(
    question: str, kind: str, text: str, known: Collection[str], given: Mapping[str, Sequence[str]] | None = None
) -> str:
    """What a person wrote or chose as the right answer, as the record keeps it.

    known: the labels of the question. given: answers of several labels as people read them, with their labels. Labels
    may stand between semicolons, bars, lines, or commas where that leaves no doubt. InputError, as half a sentence,
    for a label that nobody knows, or no number.
    """
    text = text.strip()
    words = Words(known)
    if kind in SEVERAL:
        if given is not None and text in given:
            return joined(given[text])
        parts = _parts(text, words, kind)
        unknown = [part for part in parts if kind == Kind.MULTI and part not in words.exact]
        if unknown:
            raise InputError(_unknown(unknown[0], question, known, " with semicolons between labels"))
        return joined(sorted(parts) if kind == Kind.MULTI else parts)
    if kind in NUMBERED:
        if columns(kind, text)["number"] is None and text not in words.exact:
            raise InputError(f"{text!r} is no number")
        return text
    if kind in ONE_LABEL:
        meant = spelling(text, words).word
        if meant is None:
            raise InputError(_unknown(text, question, known))
        return meant
    return text


def meant(kind: str, text: str) -> str:
    """The kind of what a person calls right: `none` where that is nothing, and no empty set."""
    return Kind.NONE.value if text.strip() == NOTHING_MARKED and kind not in SEVERAL else kind


def _parts(text: str, words: Words, kind: str) -> list[str]:
    """The labels of a text: as it was kept, as the project spells them, else cut at its separator."""
    if text == NOTHING_MARKED or text.startswith("["):
        return labels(text)
    if found := several(text, words) or ([word] if (word := spelling(text, words).word) else []):
        return found
    cut = next((sign for sign in SEPARATORS if sign in text and (kind == Kind.RANKING or sign != ",")), SEPARATOR)
    return [part for piece in text.split(cut) if (part := piece.strip())]


def _unknown(label: str, question: str, known: Collection[str], how: str = "") -> str:
    some = ", ".join(sorted(known)[:_NAMED])
    return f"{label!r} is no label of {question!r}; use one of {some}{how}" if some else f"{label!r} is no label"
