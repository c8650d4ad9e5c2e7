"""Which known answers newcomers begin with: spread over labels and difficulty, the same for the same seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import zip_longest


@dataclass(frozen=True, slots=True)
class Candidate:
    """A known answer: its item and question, its label (the first of several), and how hard it is."""

    item_id: str
    question: str
    label: str
    difficulty: str


def onboarding(candidates: Sequence[Candidate], size: int, seed: int) -> list[Candidate]:
    """At most `size` of them, in the order in which they are to be shown.

    Labels take turns, the rarest first, and within a label the difficulties do; which item comes first in its cell, a
    digest of seed, item and question decides.
    """
    cells: dict[str, dict[str, list[Candidate]]] = {}
    for one in sorted(candidates, key=lambda one: _digest(one, seed)):
        label = f"{one.question}\0{one.label}"
        cells.setdefault(label, {}).setdefault(one.difficulty, []).append(one)
    by_label = [_in_turn([cell[name] for name in sorted(cell)]) for _name, cell in sorted(cells.items())]
    by_label.sort(key=len)
    return _in_turn(by_label)[:size]


def _in_turn(rows: Sequence[Sequence[Candidate]]) -> list[Candidate]:
    return [one for turn in zip_longest(*rows) for one in turn if one is not None]


def _digest(one: Candidate, seed: int) -> bytes:
    text = "\0".join((str(seed), one.item_id, one.question))
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
