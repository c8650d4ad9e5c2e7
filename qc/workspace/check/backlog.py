"""Cases of the rules on work that waits and on data that cannot be trusted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from qc.alerts import Subject
from qc.alerts.finding import MOST_ITEMS
from qc.alerts.rules import ConflictsCase, DataCase, OverdueCase, ReviewsCase, WaitingCase
from qc.model import Estimate, undefined
from qc.stats.intervals import wilson
from qc.store.imports import imports
from qc.store.samples import drawn_answers, draws
from qc.store.verdicts import verdicts
from qc.workspace.assess.lens import Lens
from qc.workspace.check.errors import TEAM

# What is wrong with a time, in `left_out`; of what came without times nothing is said.
CLOCK: Final = ("unset_clock", "future", "against_position", "too_long")


def backlog_cases(lens: Lens, now: datetime) -> Iterator[WaitingCase]:
    """Conflicts, drawn answers that wait, and days since the oldest of them and since the last draw."""
    limits = lens.policy.alerts
    conflicts = int(lens.frame("conflict_counts")["items"].sum())
    yield ConflictsCase(TEAM, conflicts, limits.conflicts, "items on which people differ wait for a decision")
    judged = {(row["annotation_id"], row["question"]) for row in verdicts(lens.ws.store, lens.project)}
    waiting = [
        row
        for row in drawn_answers(lens.ws.store, lens.project)
        if (row["annotation_id"], row["question"]) not in judged
    ]
    items = tuple(dict.fromkeys(row["item_id"] for row in waiting))[:MOST_ITEMS]
    yield ReviewsCase(TEAM, len(waiting), limits.reviews, "drawn answers wait for a verdict", items)
    oldest = min((row["drawn_at"] for row in waiting), default=now)
    days = (now - oldest).days
    yield OverdueCase(
        Subject("team", "drawn answers"),
        days,
        limits.review_days,
        "days since the oldest waiting answer was drawn",
        items,
    )
    yield OverdueCase(
        Subject("team", "new answers"),
        _undrawn_days(lens, now),
        limits.draw_days,
        "days without a draw from new answers",
    )


def _undrawn_days(lens: Lens, now: datetime) -> int:
    """Since the first import that no draw has seen; 0 where every import was drawn from, or nothing ever was.

    A project that never drew a sample has not begun to: what waits there is a decision, not a draw.
    """
    made = draws(lens.ws.store, lens.project)
    if not made:
        return 0
    last = max(draw["drawn_at"] for draw in made)
    new = [entry["at"] for entry in imports(lens.ws.store, lens.project) if entry["at"] > last and entry["new"]]
    return (now - min(new)).days if new else 0


def data_cases(lens: Lens) -> Iterator[DataCase]:
    """The clock, missing times, duplicates and quarantined rows, each as a share."""
    limit = lens.policy.alerts.bad_data
    left_out = lens.frame("left_out")
    submissions = int(left_out["submissions"].sum())
    timeless = int(left_out["no_time"].sum())
    latest: dict[str, dict[str, Any]] = {}
    for entry in reversed(imports(lens.ws.store, lens.project)):
        latest[entry["source"]] = entry
    read, refused, twice = (
        sum(entry[name] for entry in latest.values()) for name in ("read", "quarantined", "duplicates")
    )
    # Readers count times that end before they begin, and leave them out.
    wrong = int(left_out[list(CLOCK)].to_numpy().sum()) + int(lens.frame("clock")["negative"].sum())
    wrong += sum(entry["report"]["clock_errors"] for entry in latest.values())
    yield DataCase(
        Subject("data", "clock"), _share(wrong, submissions, "submissions"), limit, "have a time that cannot be right"
    )
    # An export without times says so elsewhere; some without a time among others is a fault.
    missing = timeless if timeless < submissions else 0
    yield DataCase(Subject("data", "times"), _share(missing, submissions, "submissions"), limit, "have no time")
    yield DataCase(Subject("data", "duplicates"), _share(twice, read, "rows"), limit, "came twice")
    yield DataCase(Subject("data", "quarantine"), _share(refused, read, "rows"), limit, "could not be read")


def _share(found: int, n: int, unit: str) -> Estimate:
    return wilson(min(found, n), n, unit=unit) if n else undefined("nothing was read", 0, unit)
