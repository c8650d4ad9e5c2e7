"""What people make of the models' answers, and how right those are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from qc.figures import dots
from qc.reports.blocks import Column, Section, Sentences, chart, table
from qc.reports.material import Material

METHOD: Final = (
    "Overridden: people gave another answer than the model, of those that started from the model's where the export "
    "says which did. Right: weighted by how the answers were drawn, and only against judgements that the model did not "
    "suggest. The threshold in question is that confidence from which on nobody looks; the error is that of what would "
    "pass it."
)
_PASSED: Final = (
    ("at_target", "meets the target"),
    ("least_cost", "of least cost"),
    ("in_force", "in force"),
    ("customary", "customary"),
)


def models(material: Material) -> Section:
    """Override rates, accuracy and calibration by model, and what each threshold would let through."""
    found = material.part("models")
    if not found:
        return Section("Models", (Sentences(("No model answered in this project.",)),))
    columns = (
        Column("model", "model"),
        Column("n", "answers", "count"),
        Column("override_rate", "overridden", "percent"),
        Column("accepted_unchanged", "accepted unchanged", "percent"),
        Column("accuracy", "right", "percent"),
        Column("calibration_error", "calibration error", "percent"),
    )
    below = table("models", "Models", columns, found)
    known = [{"name": row["model"], "estimate": row["accuracy"]} for row in found]
    drawn = any(row["estimate"]["value"] is not None for row in known)
    first = chart(dots(known, axis="answers that are right, %"), "Dots: how right each model is", below)
    return Section("Models", (first if drawn else below, *_thresholds(found)), METHOD)


def _thresholds(found: list[Mapping[str, Any]]) -> Iterator[Any]:
    rows = [
        {"model": row["model"], "kind": words, **row["routing"][name]}
        for row in found
        for name, words in _PASSED
        if row["routing"][name]
    ]
    columns = (
        Column("model", "model"),
        Column("kind", "threshold"),
        Column("threshold", "people look below"),
        Column("passing", "passes unseen", "percent"),
        Column("error", "error of what passes", "percent"),
    )
    if rows:
        yield table("thresholds", "Below which confidence people must look", columns, rows)
