"""What people decided, as tables that enter measures beside the facts."""

from __future__ import annotations

from typing import Any

import pandas as pd

from qc.engine import RecordTables
from qc.model import Kind
from qc.store import Store
from qc.store.gold import known_gold
from qc.store.samples import AGAIN, drawn_answers, draws
from qc.store.settlements import settlements
from qc.store.verdicts import verdicts
from qc.workspace.answer_text import columns
from qc.workspace.corrected import from_text


def record_tables(store: Store, project: str) -> RecordTables:
    """The verdicts, corrections, settlements and draws of a project."""
    judged = verdicts(store, project)
    corrected = [row for row in judged if row["corrected_label"] is not None or row["corrected_regions"] is not None]
    for row in judged:
        row["corrected_annotation_id"] = None
    for row in corrected:
        row["corrected_annotation_id"] = _correction_id(row)
    gold = known_gold(store, project)
    settled = settlements(store, project)
    known = [(row, place, answer) for row in gold if not row["retired"] for place, answer in enumerate(row["answers"])]
    return RecordTables(
        verdicts=_frame(judged),
        draws=_frame(_drawn(store, project)),
        corrections=_frame([_correction(row) for row in corrected]),
        settlements=_frame([_settlement(row) for row in settled]),
        gold=_frame([_gold(*one) for one in known]),
        known=_frame([{"item_id": row["item_id"], "question": row["question"]} for row in gold]),
        regions=_frame(
            [region for row in corrected for region in _regions(row)]
            + [region for one in known for region in _gold_regions(*one)]
            + [region for row in settled for region in _settled_regions(row)]
        ),
    )


def _drawn(store: Store, project: str) -> list[dict[str, Any]]:
    """Every drawn answer; one from a time that was later taken whole stands for itself alone."""
    whole = {tuple(key) for entry in draws(store, project, AGAIN) for key in entry["parameters"]["whole"]}
    rows = drawn_answers(store, project)
    for row in rows if whole else ():
        if (row["annotation_id"], row["question"]) in whole:
            row["pi"] = 1.0
    return rows


def _correction(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "annotation_id": _correction_id(row),
        "question": row["question"],
        "item_id": row["item_id"],
        "annotator": row["reviewer"],
        "kind": _kind(row["kind"], row["corrected_regions"]),
        "parent": row["annotation_id"],
        "submitted_at": row["decided_at"],
        **({} if row["corrected_label"] is None else columns(row["kind"], row["corrected_label"])),
    }


def _regions(row: dict[str, Any]) -> list[dict[str, Any]]:
    """The regions of a correction; those of an answer in which nothing was marked make it one of their kind."""
    own = {"annotation_id": _correction_id(row), "question": row["question"], "author": row["reviewer"]}
    return [{**region, **own} for region in from_text(row["corrected_regions"])]


def _settlement(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "annotation_id": _settlement_id(row),
        "question": row["question"],
        "item_id": row["item_id"],
        "annotator": row["actor"],
        "kind": _kind(row["kind"], row["regions"]),
        "submitted_at": row["at"],
        **columns(row["kind"], row["label"]),
    }


def _gold(row: dict[str, Any], place: int, answer: dict[str, Any]) -> dict[str, Any]:
    """One accepted answer; the time is that since which it is known, if that was not always so."""
    return {
        **{name: answer.get(name) for name in ("kind", "label", "labels", "number", "text")},
        "annotation_id": _gold_id(row, place),
        "question": row["question"],
        "item_id": row["item_id"],
        "annotator": row["actor"],
        "submitted_at": row["since"],
    }


def _gold_regions(row: dict[str, Any], place: int, answer: dict[str, Any]) -> list[dict[str, Any]]:
    own = {"annotation_id": _gold_id(row, place), "question": row["question"], "author": row["actor"]}
    return [{**region, **own} for region in answer.get("regions") or ()]


def _gold_id(row: dict[str, Any], place: int) -> str:
    return f"gold:{row['id']}:{place}"


def _settled_regions(row: dict[str, Any]) -> list[dict[str, Any]]:
    own = {"annotation_id": _settlement_id(row), "question": row["question"], "author": row["actor"]}
    return [{**region, **own} for region in from_text(row["regions"])]


def _settlement_id(row: dict[str, Any]) -> str:
    return f"settlement:{row['id']}"


def _kind(judged: str, regions: str | None) -> str:
    """The kind of what is right: that of the answer, or of the regions where it had nothing to mark."""
    found = from_text(regions)
    return str(found[0]["kind"]) if judged == Kind.NONE and found else judged


def _correction_id(row: dict[str, Any]) -> str:
    return f"correction:{row['review_id']}"


def _frame(rows: list[dict[str, Any]]) -> pd.DataFrame | None:
    return pd.DataFrame(rows) if rows else None
