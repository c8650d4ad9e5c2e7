"""Section `agreement`: one entry per question that people can agree on, made as its kind asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from qc.model import Estimate, undefined
from qc.stats.agreement import agreement
from qc.workspace.assess import drawn, labelled, marked, valued
from qc.workspace.assess.asked import COMPARABLE, Asked
from qc.workspace.assess.lens import Lens

Entry = Callable[[Lens, str, str], dict[str, Any]]


def _of_pairs(lens: Lens, question: str, kind: str) -> dict[str, Any]:
    return labelled.entry(lens, question, kind) | valued.of_pairs(Asked(lens, question, kind))


def _of_distance(lens: Lens, question: str, kind: str) -> dict[str, Any]:
    asked = Asked(lens, question, kind)
    return labelled.whole(asked) | valued.of_distances(asked)


ENTRIES: Final[Mapping[str, Entry]] = {
    **dict.fromkeys(COMPARABLE, labelled.entry),
    **dict.fromkeys(("multi", "ranking", "taxonomy"), _of_distance),
    "pairwise": _of_pairs,
    **dict.fromkeys(("spans", "intervals"), marked.entry),
    **dict.fromkeys(("boxes", "polygons", "masks", "keypoints", "polylines", "tracks"), drawn.entry),
    "text": valued.entry,
}
# What every entry has, and only answers that are equal or not can have a value for.
OF_LABELS: Final = dict.fromkeys(
    ("fleiss", "ac1", "brennan_prediger", "cohen_mean"),
    undefined("for answers that are equal or not; these are more or less alike", 0, "items").to_json(),
)


def section(lens: Lens) -> list[dict[str, Any]]:
    """Coefficients with both intervals, by label, by pair, over time, and why people disagree."""
    questions = lens.frame("questions")
    return [
        _headed(OF_LABELS | ENTRIES[row.kind](lens, str(row.question), str(row.kind)))
        for row in questions.itertuples()
        if row.kind in ENTRIES
    ]


def _headed(entry: dict[str, Any]) -> dict[str, Any]:
    """The entry with its `headline`: alpha, where its kind has no other."""
    return {"headline": {"name": "alpha", "team": entry["alpha"], "items": entry["alpha_items"]}} | entry


def before_and_after(lens: Lens, question: str, kind: str) -> tuple[Estimate, Estimate] | None:
    """Alpha of these annotators in all weeks before the last one and in the last; None with less than two weeks."""
    asked = Asked(lens, question, kind)
    votes = asked.by_period[asked.by_period["period"].notna()]
    if votes["period"].nunique() < 2:
        return None
    last = votes["period"] == votes["period"].max()
    earlier = votes[~last].groupby(["pattern", "annotator", "code"], as_index=False)["votes"].sum()
    before, after = (agreement(asked.patterns_of(part), asked.level) for part in (earlier, votes[last]))
    return before.alpha_items, after.alpha_items


__all__ = ["COMPARABLE", "ENTRIES", "before_and_after", "section"]
