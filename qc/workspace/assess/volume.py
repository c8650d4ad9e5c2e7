"""Section `volume`: how much there is."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from qc.workspace.assess.lens import Lens


def section(lens: Lens) -> dict[str, Any]:
    """Counts, and the times of the first and the last answer."""
    row = lens.frame("volume").iloc[0]
    return {
        "items": int(row["items"]),
        "annotations": int(row["answers"]),
        "annotators": int(row["annotators"]),
        "skipped": int(row["skipped"]),
        "reviewed": int(row["reviewed"]),
        "gold_items": int(row["gold_items"]),
        "first_at": _time(row["first_ms"]),
        "last_at": _time(row["last_ms"]),
    }


def _time(ms: Any) -> str | None:
    return None if ms is None or ms != ms else datetime.fromtimestamp(int(ms) / 1000, UTC).isoformat()
