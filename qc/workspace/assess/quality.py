"""Section `data_quality`: what was refused, dropped or missing, and what that costs."""

from __future__ import annotations

from typing import Any

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
        "notes": list(dict.fromkeys(note for report in reports for note in report["notes"])),
    }
