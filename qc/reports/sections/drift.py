"""Batches beside those before them: the mix of labels, lengths, and what is new."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from qc.figures import dots
from qc.figures.sayings import drift_said, moved_by_batch, new_said
from qc.reports.blocks import Column, Section, Sentences, Table, chart, table
from qc.reports.material import Material

METHOD: Final = (
    "Each batch is held against all batches before it. Moved is the share of labels that would have to change for the "
    "mix to be as before; a batch drifted where that is more than chance at a false discovery rate of 5 % over all "
    "batches. New values are labels, sources, sites, versions, tags or media that no earlier batch had."
)


def drift(material: Material) -> Section:
    """Which batches are not like those before, with the labels that moved."""
    batches = material.part("drift")
    if not batches:
        nothing = "There is one batch, or none, so nothing came before."
        return Section("New and drifting data", (Sentences((nothing,)),))
    columns = (
        Column("batch", "batch"),
        Column("items", "items", "count"),
        Column("moved", "labels moved", "percent"),
        Column("p_adjusted", "p, adjusted", "p"),
        Column("mix", "mix of labels"),
        Column("new", "new here"),
        Column("unusual", "unusual lengths"),
    )
    rows = [
        {
            **{name: row[name] for name in ("batch", "items")},
            "moved": row["labels"]["moved"],
            "p_adjusted": row["labels"]["p_adjusted"],
            "mix": "drifted" if row["labels"]["drifted"] else "like before",
            "new": new_said(row),
            "unusual": [part["field"] for part in row["lengths"] if part["drifted"]],
        }
        for row in batches
    ]
    below = table("drift", "Each batch beside those before it", columns, rows)
    figure = dots(moved_by_batch(batches), axis="labels that moved, %")
    below = chart(figure, "Dots: how far the labels of each batch moved from those before it", below)
    moved = [_labels(row, place) for place, row in enumerate(batches, 1) if row["labels"]["drifted"]]
    return Section("New and drifting data", (Sentences((drift_said(batches),)), below, *moved), METHOD)


def _labels(row: Mapping[str, Any], place: int) -> Table:
    columns = (
        Column("label", "label"),
        Column("before", "share before", "percent"),
        Column("share", "share in the batch", "percent"),
        Column("stands_out", "stands out"),
    )
    return table(f"drift-labels-{place}", f"Labels of {row['batch']}", columns, row["labels"]["shares"])
