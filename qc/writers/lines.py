"""Decided answers as JSON Lines: one object per answer, with its regions and where it comes from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from qc.writers.decided import Decided, Written

ITEM: Final = ("item_id", "text", "uri", "media", "width", "height", "batch", "site", "guideline", "difficulty", "tags")
ANSWER: Final = ("label", "labels", "number", "text")
NOT_OF_A_REGION: Final = frozenset(("project", "annotation_id", "question", "revision"))


def write(rows: Sequence[Decided]) -> Written:
    """Every answer, whatever its kind; unknown members are left out."""
    encode = msgspec.json.Encoder().encode
    return Written(b"".join(encode(_line(row)) + b"\n" for row in rows), len(rows))


def _line(row: Decided) -> dict[str, Any]:
    answer = {name: value for name in ANSWER if (value := getattr(row, name)) is not None}
    return {
        "item": {name: value for name in ITEM if (value := row.item.get(name)) is not None},
        "question": row.question,
        "kind": row.kind,
        "answer": answer | ({"regions": [plain_region(region) for region in row.regions]} if row.regions else {}),
        "provenance": row.provenance,
    }


def plain_region(region: Any) -> dict[str, Any]:
    """What is known of a region."""
    return {name: value for name, value in region.items() if value is not None and name not in NOT_OF_A_REGION}
