"""A mapping to edit, for a sheet whose columns say nothing: every column with a value of it, and what it may mean."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

from qc.model import InputError
from qc.readers.mapping import COLUMNS, Mapping

SHOWN: Final = 40
COLUMNS_SHOWN: Final = 100


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
        "# Name the columns on the right; item_id, annotator and one question are needed.",
        "# Others are: " + ", ".join(name for name in COLUMNS if name not in ("item_id", "annotator")) + ".",
    ]
    columns = dict(known.columns) if known else {}
    question = next(iter(known.questions.values()), None) if known else None
    asked = question.column if question and question.column else "?"
    body = Mapping(
        {"item_id": "?", "annotator": "?", **columns}, {"label": question} if question and question.column else {}
    ).to_toml()
    if asked == "?":
        body = body.rstrip() + '\n\n[questions.label]\ncolumn = "?"\nkind = "single"\n'
    return "\n".join(lines) + "\n\n" + body


def _shown(text: str) -> str:
    return json.dumps(text[:SHOWN] + ("…" if len(text) > SHOWN else ""), ensure_ascii=False)
