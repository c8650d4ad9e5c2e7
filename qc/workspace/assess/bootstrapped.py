"""The bootstrap of items, made when it is asked for: of coefficients that patterns suffice for, and of differences."""

from __future__ import annotations

from typing import Any

from qc.stats.agreement.bootstrap import bootstrap_items
from qc.stats.agreement.difference import bootstrap_difference
from qc.stats.agreement.statistic import NAMES, WEIGHTED
from qc.workspace.assess.asked import COMPARABLE, Asked
from qc.workspace.assess.differences import compared
from qc.workspace.assess.lens import Lens
from qc.workspace.assess.plain import plain_object


def fit(lens: Lens, entries: list[dict[str, Any]]) -> None:
    """`bootstrap` put into the coefficients and differences of each question with labels, for these annotators.

    Not into differences of alphas of a distance, which patterns of labels do not suffice for.
    """
    for entry in entries:
        if entry["kind"] in COMPARABLE:
            made = {row["key"]: row["estimate"] for row in coefficients(lens, entry["question"], entry["kind"])}
            for row in entry["coefficients"]:
                row["bootstrap"] = made.get(row["key"])
            if entry.get("distances"):
                continue
            asked = Asked(lens, entry["question"], entry["kind"])
            for row, (*_, before, after) in zip(entry["differences"], compared(asked), strict=True):
                first, second = (asked.ratings_of(part) for part in (before, after))
                change, p = bootstrap_difference(first, second, "alpha", asked.level, asked.declared)
                row.update(plain_object({"bootstrap": change, "p_bootstrap": p}))


def coefficients(lens: Lens, question: str, kind: str) -> list[dict[str, Any]]:
    """key, estimate E: the bootstrap of each coefficient of one question; none where answers are not just labels."""
    if kind not in COMPARABLE:
        return []
    asked = Asked(lens, question, kind)
    names = NAMES if asked.level == "nominal" else (*NAMES, *WEIGHTED)
    return [
        plain_object({"key": name, "estimate": bootstrap_items(asked.patterns, name, asked.level, asked.declared)})
        for name in names
    ]
