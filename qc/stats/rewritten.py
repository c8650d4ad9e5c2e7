"""What changed from one text, list of labels or ranking to another."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import zip_longest

from qc.stats.changes import State


def words(before: str, after: str) -> list[tuple[State, str]]:
    """A text and its correction as stretches that were kept, removed or added, word by word."""
    old, new = _tokens(before), _tokens(after)
    found: list[tuple[State, str]] = []
    for what, first, last, start, stop in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what == "equal":
            found.append((State.KEPT, "".join(old[first:last])))
            continue
        parts = ((State.REMOVED, "".join(old[first:last])), (State.ADDED, "".join(new[start:stop])))
        found += [(state, text) for state, text in parts if text]
    return found


def label_changes(before: Sequence[str], after: Sequence[str]) -> list[tuple[State, str]]:
    """Labels that were kept, removed and added; the order does not count."""
    kept = [(State.KEPT if label in after else State.REMOVED, label) for label in before]
    return [*kept, *((State.ADDED, label) for label in after if label not in before)]


def order_changes(before: Sequence[str], after: Sequence[str]) -> list[tuple[State, str]]:
    """The places of a ranking: kept, or what stood there and what stands there now."""
    found: list[tuple[State, str]] = []
    for old, new in zip_longest(before, after):
        if old == new:
            found.append((State.KEPT, old))
        else:
            found += [(state, name) for state, name in ((State.REMOVED, old), (State.ADDED, new)) if name is not None]
    return found


def _tokens(text: str) -> list[str]:
    """Words with the blanks that follow them."""
    tokens = [""]
    for character in text:
        if tokens[-1][-1:].isspace() and not character.isspace():
            tokens.append("")
        tokens[-1] += character
    return [token for token in tokens if token]
