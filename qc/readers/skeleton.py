"""A mapping to edit, for a sheet whose columns say nothing: every column with a value of it, and what it may mean."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

from qc.model import InputError
from qc.readers.mapping import COLUMNS, Mapping
from qc.readers.names import NAMES, plain
from qc.readers.question import KINDS

SHOWN: Final = 40
COLUMNS_SHOWN: Final = 100
_NEEDED: Final = ("item_id", "annotator")
_TOLD: Final = (
    *("submitted_at", "started_at", "seconds", "session", "batch", "site", "guideline", "gold_label", "text", "uri"),
)
"""What else is told from the name of a column alone."""


class MappingNeededError(InputError):
    """A sheet that can only be read with a mapping; `skeleton` is the text of one, to be edited."""

    def __init__(self, sentence: str, skeleton: str) -> None:
        super().__init__(sentence)
        self.skeleton = skeleton


def skeleton(header: Sequence[str], sample: Sequence[Sequence[str]], known: Mapping | None = None) -> str:
    """The text of a MAP.toml that names the columns, says what is known of them, and asks for the rest."""
    lines = ["# Columns of the file, each with a value of it:"]
    for place, column in enumerate(header[:COLUMNS_SHOWN]):
        value = next((row[place] for row in sample if place < len(row) and row[place]), "")
        lines.append(f"#   {_shown(column)} such as {_shown(value)}" if value else f"#   {_shown(column)} (empty)")
    lines += [
        "",
        "# Name the columns on the right, correct what was guessed; item_id, annotator and one question are needed.",
        '# Where every person has a column, write people = ["Anna", "Ben"] above [columns] in place of annotator.',
        "# Others are: " + ", ".join(name for name in COLUMNS if name not in _NEEDED) + ".",
        "# A further question is a further table; kinds are: " + ", ".join(KINDS) + ".",
    ]
    columns, people = (dict(known.columns), known.people) if known else _likely(header)
    question = next(iter(known.questions.values()), None) if known else None
    asked = question.column if question and question.column else "?"
    needed = _NEEDED[:1] if people else _NEEDED
    body = Mapping(
        {**dict.fromkeys(needed, "?"), **columns},
        {"label": question} if question and question.column else {},
        people,
    ).to_toml()
    if asked == "?":
        column = "" if people else 'column = "?"\n'
        body = body.rstrip() + f'\n\n[questions.label]\n{column}kind = "single"\n'
    return "\n".join(lines) + "\n\n" + body


def _likely(header: Sequence[str]) -> tuple[dict[str, str], tuple[str, ...]]:
    """What columns mean by their names, and columns of people.

    Of items and annotators, a part of the name is enough, as in `Email Address`; several columns of annotators are a
    column for each, as `rater_1` and `rater_2`.
    """
    names = {plain(column.rsplit(".", 1)[-1]): column for column in reversed(header)}
    found: dict[str, str] = {}
    for meaning in (*_NEEDED, *_TOLD):
        exact = [names[name] for name in NAMES[meaning] if name in names]
        partly = [names[name] for name in names if any(f"_{part}_" in f"_{name}_" for part in NAMES[meaning])]
        partly.sort(key=header.index)
        if meaning == "annotator" and not exact and len(partly) > 1:
            return found, tuple(partly)
        known = exact + partly if meaning in _NEEDED else exact
        free = [column for column in known if column not in found.values()]
        if free:
            found[meaning] = free[0]
    return found, ()


def _shown(text: str) -> str:
    return json.dumps(text[:SHOWN] + ("…" if len(text) > SHOWN else ""), ensure_ascii=False)
