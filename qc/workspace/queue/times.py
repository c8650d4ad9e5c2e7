"""How far the queue is, what remains at the present pace, and how long answers take on their way through it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any, Final

from ibis import _

from qc.access import allowed
from qc.model import Facts
from qc.store.claims import held
from qc.store.samples import drawn_answers
from qc.store.settlements import settlements
from qc.store.verdicts import verdicts
from qc.store.waiting import latest_seconds
from qc.workspace.opening import Workspace
from qc.workspace.queue.places import Key, Place, wanted

FEWEST_TIMED: Final = 5
"""Verdicts of which the middle time is somebody's pace."""
PACE_OF: Final = 50
STEPS: Final = {
    "from submission to the draw": ("submitted", "drawn"),
    "from the draw to the first verdict": ("drawn", "judged"),
    "from submission to the first verdict": ("submitted", "judged"),
    "from the first verdict to the resolution": ("judged", "resolved"),
    "from submission to the resolution": ("submitted", "resolved"),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """What waits for the actor: in all, of it what went up, what their expertise names, what waits too long.

    held: items that others have before them now. seconds: the actor's pace, the middle of their latest `timed`
    verdicts without pauses; where `timed` is 0 that of the policy.
    """

    waiting: int
    went_up: int
    expert: int
    overdue: int
    due_days: int
    held: int
    seconds: float
    timed: int

    @property
    def hours(self) -> float:
        """What remains at this pace."""
        return self.seconds * self.waiting / 3600


@allowed("review")
def standing(ws: Workspace, project: str, places: Sequence[Place], now: datetime, desk: str = "") -> Standing:
    """How the queue stands for the actor, who works at a desk; places: what waits for them."""
    policy = ws.policy(project)
    due = now - timedelta(days=policy.alerts.review_days)
    others = [row for row in held(ws.store, project) if row["desk"] != desk and row["expires_at"] > now]
    own = latest_seconds(ws.store, project, ws.actor.name, PACE_OF)
    timed = len(own) if len(own) >= FEWEST_TIMED else 0
    return Standing(
        len(places),
        sum(place.went_up for place in places),
        sum(ws.actor.name in place.experts for place in places),
        sum(place.drawn_at < due for place in places),
        policy.alerts.review_days,
        len(others),
        median(own) if timed else policy.cost.review_minutes * 60,
        timed,
    )


@allowed("draw")
def times(ws: Workspace, project: str) -> list[dict[str, Any]]:
    """How long it takes from step to step, one row each: step, seconds E (median of the answers that took both steps).

    Resolved is an answer with its final call, or else with the last opinion that its draw wants; one that waits is in
    no row beyond its last step. Submission counts where the export states it.
    """
    from qc.stats.time_at_work import median as middle

    rows = drawn_answers(ws.store, project)
    of: dict[Key, list[Mapping[str, Any]]] = defaultdict(list)
    for verdict in verdicts(ws.store, project):
        of[verdict["annotation_id"], verdict["question"]].append(verdict)
    calls = {(row["item_id"], row["question"]): row["at"] for row in settlements(ws.store, project)}
    open_now = wanted(ws, project, set(of))
    submitted = _submitted(ws, project, [row["annotation_id"] for row in rows])
    steps: dict[str, list[float]] = {name: [] for name in STEPS}
    for row in rows:
        key = (row["annotation_id"], row["question"])
        at = {"submitted": submitted.get(key), "drawn": row["drawn_at"]}
        if judged := of.get(key):
            at["judged"] = min(verdict["decided_at"] for verdict in judged)
            if key not in open_now:
                latest = max(verdict["decided_at"] for verdict in judged)
                at["resolved"] = max(latest, calls.get((row["item_id"], row["question"]), latest))
        for name, (begin, end) in STEPS.items():
            first, last = at.get(begin), at.get(end)
            if first is not None and last is not None and last >= first:
                steps[name].append((last - first).total_seconds())
    return [{"step": name, "seconds": middle(found, "answers").to_json()} for name, found in steps.items()]


def _submitted(ws: Workspace, project: str, ids: Sequence[str]) -> dict[Key, datetime]:
    """When answers came, as far as the export says so."""
    imported = ws.imported(project)
    drawn = ws.store.revisions(project)["draws"]
    found = imported.kept(f"submitted:{drawn}", lambda: imported.rows(lambda facts: _first(facts, ids)))
    return {(row.annotation_id, row.question): row.at.to_pydatetime().astimezone(UTC) for row in found.itertuples()}


def _first(facts: Facts, ids: Sequence[str]) -> Any:
    rows = facts.annotations.filter(_.annotation_id.isin(list(ids)) & _.submitted_at.notnull())
    grouped = rows.mutate(question=_.question.coalesce("")).group_by("annotation_id", "question")
    return grouped.agg(at=_.submitted_at.min())
