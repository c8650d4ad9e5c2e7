"""The forms that decided answers leave in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec
import pandas as pd

from qc.judge import NOTHING_MARKED
from qc.workspace import sheet_files
from qc.writers import coco, label_studio, lines, spacy
from qc.writers.decided import Decided, Written


def shown(row: Decided) -> str:
    """An answer as people read it."""
    if row.regions:
        return ", ".join(_region(region) for region in row.regions)
    if row.labels:
        return ", ".join(row.labels)
    number = None if row.number is None else f"{row.number:g}"
    return row.label or number or row.text or NOTHING_MARKED


def _region(region: Mapping[str, Any]) -> str:
    label = region["label"] or "(no label)"
    for first, last in (("t_start", "t_end"), ("sec_start", "sec_end")):
        if region[first] is not None:
            return f"{label} {region[first]:g}–{region[last]:g}"
    return str(label)


def _table(rows: Sequence[Decided]) -> Written:
    """A long table, one line per answer, with formulas made harmless."""
    frame = pd.DataFrame(
        [
            {
                "item_id": row.item["item_id"],
                "question": row.question,
                "kind": row.kind,
                "answer": shown(row),
                "given": row.given,
                "basis": row.basis,
                "probability": row.probability,
                "by": row.by,
                "at": row.at,
                "comment": row.comment,
                "regions": _as_json(row.regions),
                "item_text": row.item.get("text"),
                "annotation_id": row.annotation_id,
                "data_version": row.data_version,
            }
            for row in rows
        ]
    )
    return Written(sheet_files.written(frame, ".csv"), len(rows))


def _as_json(regions: Iterable[Mapping[str, Any]]) -> str | None:
    plain = [lines.plain_region(region) for region in regions]
    return msgspec.json.encode(plain).decode() if plain else None


def _tasks(rows: Sequence[Decided]) -> Written:
    """What is likely but not decided is a prediction to Label Studio."""
    undecided = bool(rows) and rows[0].basis == "uncertain"
    return label_studio.write(rows, label_studio.PREDICTIONS if undecided else label_studio.ANNOTATIONS)


FORMS: Final[Mapping[str, Callable[[Sequence[Decided]], Written]]] = {
    "csv": _table,
    "jsonl": lines.write,
    "label-studio": _tasks,
    "coco": coco.write,
    "spacy": spacy.write,
}
