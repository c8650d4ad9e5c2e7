"""Decided answers about texts as JSON Lines in the manner of spaCy and Prodigy: `spans`, `cats`, and `meta`.

One line per text: `{"text": …, "spans": [{"start", "end", "label"}], "cats": {label: 1.0}, "meta": {…}}`. Offsets are
Unicode code points, the end exclusive.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from qc.model import Kind
from qc.writers.decided import Decided, Written, by_item, counted_out, held

ONE: Final = frozenset((Kind.SINGLE.value, Kind.ORDINAL.value, Kind.TAXONOMY.value))
NO_TEXT: Final = "its item has no text"
NO_PLACE: Final = "it is neither spans nor labels of a text"


def write(rows: Sequence[Decided]) -> Written:
    """Spans and labels of items with a text; several questions about a text prefix their categories by their name."""
    encode = msgspec.json.Encoder().encode
    reasons: list[str] = []
    lines, written = [], 0
    several = len({row.question for row in rows if _cats(row)}) > 1
    for answers in by_item(rows, reasons).values():
        kept = held(answers, _refused, reasons)
        if kept:
            lines.append(encode(_line(kept, several)) + b"\n")
            written += len(kept)
    return Written(b"".join(lines), written, counted_out(reasons))


def _refused(row: Decided) -> str | None:
    if not row.item.get("text"):
        return NO_TEXT
    return None if row.kind in (Kind.SPANS, Kind.NONE) or _cats(row) else NO_PLACE


def _cats(row: Decided) -> tuple[str, ...]:
    if row.kind in ONE and row.label is not None:
        return (row.label,)
    return tuple(row.labels or ()) if row.kind == Kind.MULTI else ()


def _line(answers: Sequence[Decided], several: bool) -> dict[str, Any]:
    spans = [
        {"start": region["t_start"], "end": region["t_end"], "label": region["label"]}
        for row in answers
        for region in row.regions
    ]
    cats = {f"{row.question}/{label}" if several else label: 1.0 for row in answers for label in _cats(row)}
    marked = any(row.kind in (Kind.SPANS, Kind.NONE) for row in answers)
    return {
        "text": answers[0].item["text"],
        **({"spans": sorted(spans, key=lambda span: (span["start"], span["end"]))} if marked else {}),
        **({"cats": cats} if cats else {}),
        "meta": {
            "item_id": answers[0].item["item_id"],
            "provenance": {row.question: row.provenance for row in answers},
        },
    }
