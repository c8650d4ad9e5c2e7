"""A lead's verdict on an answer that went up: the final call on its item."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qc.access import allowed
from qc.judge import NOTHING_MARKED
from qc.model import TIERS, NotFoundError
from qc.store.settlements import Call, settle_all, take_back
from qc.workspace import conflict
from qc.workspace.corrected import from_text
from qc.workspace.opening import Workspace

WHY = "verdict on an answer that went up"


def is_final(verdict: Mapping[str, Any]) -> bool:
    """Whether a verdict was given for the highest tier."""
    return verdict.get("tier") == TIERS[-1]


def says_what_is_right(verdict: Mapping[str, Any]) -> bool:
    """Whether a verdict leaves an answer standing, or puts it right."""
    corrected = verdict["corrected_label"] is not None or verdict["corrected_regions"] is not None
    return corrected or verdict["verdict"] != "reject"


@allowed("settle")
def settle(ws: Workspace, project: str, verdict: Mapping[str, Any], actor: str) -> None:
    """Make a verdict the final call on the item: what it puts right, else the answer that it leaves standing.

    One that says no more than that the answer is wrong is none, and takes an earlier call of the same verdict back.
    """
    if not says_what_is_right(verdict):
        withdraw(ws, project, verdict, actor)
        return
    item_id, question = verdict["item_id"], verdict["question"]
    why = verdict["comment"] or WHY
    if verdict["corrected_label"] is None and verdict["corrected_regions"] is None:
        conflict.settle_as(ws, project, item_id, question, verdict["annotation_id"], why, actor)
        return
    regions = verdict["corrected_regions"]
    drawn = ", ".join(sorted({str(region.get("label") or "–") for region in from_text(regions)})) or NOTHING_MARKED
    call = Call(item_id, question, verdict["kind"], verdict["corrected_label"] or drawn, regions=regions)
    settle_all(ws.store, project, [call], why, actor)


@allowed("settle")
def withdraw(ws: Workspace, project: str, verdict: Mapping[str, Any], actor: str) -> None:
    """Take the final call back with the verdict that made it."""
    try:
        take_back(ws.store, project, [(verdict["item_id"], verdict["question"])], actor)
    except NotFoundError:
        # Somebody else took it back before.
        return
