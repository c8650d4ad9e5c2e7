"""Section `data_quality`: what was refused, dropped or missing, and what that costs."""

from __future__ import annotations

from typing import Any, Final

from qc.store.imports import imports
from qc.workspace.assess.lens import Lens


def section(lens: Lens) -> dict[str, Any]:
    """Sums over the latest import of each source."""
    latest: dict[str, dict[str, Any]] = {}
    for entry in reversed(imports(lens.ws.store, lens.project)):
        latest[entry["source"]] = entry
    reports = [entry["report"] for entry in latest.values()]
    missing = [report["missing"] for report in reports]
    everywhere = set.intersection(*(set(columns) for columns in missing)) if missing else set()
    declared = lens.policy.agreement.labels
    labels = lens.frame("labels")
    questions = list(lens.frame("questions").itertuples())
    unknown = [
        f"{row.question}: {row.label}"
        for row in labels.itertuples()
        if row.question in declared and row.label not in declared[row.question]
    ]
    return {
        "quarantined": sum(entry["quarantined"] for entry in latest.values()),
        "duplicates": sum(entry["duplicates"] for entry in latest.values()),
        "clock_errors": sum(report["clock_errors"] for report in reports),
        "unknown_labels": unknown,
        "missing_columns": {column: missing[0][column] for column in missing[0] if column in everywhere}
        if missing
        else {},
        "notes": [
            *dict.fromkeys(note for report in reports for note in report["notes"]),
            *(_compared(str(row.question), str(row.kind)) for row in questions if row.kind in _NOT_EQUAL),
        ],
    }


# Spans and intervals are right against gold where label and ends are the same; what is drawn is never quite the same.
_AGAINST_GOLD: Final = {
    "mark": "errors against gold count an answer as right where labels and ends are the same",
    "draw": "errors against gold are counted object by object, gold is doubted where whole answers keep failing it, "
    "and how well reviewers see is told from other answers",
    "write": "they are not compared with gold: errors come from reviews, and how well reviewers see is told from other "
    "answers",
}
_NOT_EQUAL: Final = {
    **dict.fromkeys(("boxes", "polygons", "polylines", "keypoints", "masks", "tracks"), "draw"),
    **dict.fromkeys(("spans", "intervals"), "mark"),
    "text": "write",
}


def _compared(question: str, kind: str) -> str:
    """What is compared of a question whose answers are more or less alike, and what is not."""
    does = _NOT_EQUAL[kind]
    agree = "compares texts by how alike they are" if does == "write" else "compares the objects"
    return (
        f"Answers to {question!r}, which people {does}: agreement {agree}; {_AGAINST_GOLD[does]}; "
        "consensus leaves them out."
    )
