"""Section `fatigue`: whether errors rise with time at work, by source of judgement."""

from __future__ import annotations

from typing import Any

from qc.model import undefined
from qc.stats.fatigue import assess_fatigue
from qc.workspace.assess.lens import Lens
from qc.workspace.assess.plain import plain_rows

NOBODY_JUDGED = "no answer has been judged, by gold or by review"


def section(lens: Lens) -> list[dict[str, Any]]:
    """One entry per source; a single entry `none` with the reason where nothing was judged at all."""
    sources = sorted(set(lens.frame("judged_counts", by=())["source"]))
    found = assess_fatigue(
        lens.frame("judged_time"),
        lens.frame("judged_rows"),
        lens.frame("pace"),
        lens.frame("time_bins"),
        lens.policy.fatigue,
        lens.policy.cost,
        sources,
    )
    return plain_rows(found) if found else [_nothing()]


def _nothing() -> dict[str, Any]:
    blank = undefined(NOBODY_JUDGED, unit="answers").to_json()
    overall = {
        "verdict": "too little data",
        "sentence": f"Nothing can be said about fatigue: {NOBODY_JUDGED}.",
        "error_per_hour": blank,
        "error_per_100": blank,
        "seconds_per_hour": blank,
        "adjusted_for": [],
        "reason": NOBODY_JUDGED,
    }
    return {"source": "none", "overall": overall, "by_annotator": [], "by_hour": [], "break_after_minutes": None}
