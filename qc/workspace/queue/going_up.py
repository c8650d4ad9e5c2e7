"""What goes up: answers that somebody points at, or leaves to those above."""

from __future__ import annotations

from typing import Any, Final

from qc.access import allowed
from qc.model import TIERS, InputError, NotFoundError
from qc.sampling import ROUTED
from qc.store.escalations import send_up as save
from qc.store.escalations import sent_up
from qc.store.samples import FLAG, drawn_answers, save_draw
from qc.store.verdicts import verdicts
from qc.workspace import lookup
from qc.workspace.opening import Workspace

FLAGGED: Final = "flagged by a person"


@allowed("review")
def flag(ws: Workspace, project: str, annotation_id: str, question: str, reason: str) -> str:
    """Put an answer on the queue because somebody doubts it; returns the sentence that says what follows.

    One that no draw took is taken with certainty, so that rates that are weighted stay true. One that was judged is
    looked at once more, by the lowest tier that has not judged it.
    """
    answer = _answer(ws, project, annotation_id, question)
    why = _reason(reason)
    drawn = {(row["annotation_id"], row["question"]) for row in drawn_answers(ws.store, project)}
    if (annotation_id, question) not in drawn:
        _draw(ws, project, answer)
    tier = _next_tier(ws, project, (annotation_id, question), TIERS[0])
    save(ws.store, project, annotation_id, question, answer["item_id"], tier, why, ws.actor.name)
    return f"The answer to {answer['item_id']} waits for a {tier} now, before what was drawn."


@allowed("review")
def send_up(ws: Workspace, project: str, annotation_id: str, question: str, reason: str) -> str:
    """Leave an answer that waits to the tier above one's own; returns the sentence that says so."""
    answer = _answer(ws, project, annotation_id, question)
    own = ws.actor.tier(project)
    if own == TIERS[-1]:
        raise InputError("Nobody stands above a lead: judge the answer, or leave it for later.")
    tier = _next_tier(ws, project, (annotation_id, question), TIERS[TIERS.index(own) + 1])
    save(ws.store, project, annotation_id, question, answer["item_id"], tier, _reason(reason), ws.actor.name)
    return f"The answer to {answer['item_id']} waits for a {tier} now."


def _next_tier(ws: Workspace, project: str, key: tuple[str, str], lowest: str) -> str:
    """The lowest tier from `lowest` on that has not judged an answer since it was sent up, and is not to already."""
    of = [row for row in verdicts(ws.store, project) if (row["annotation_id"], row["question"]) == key]
    judged = max((TIERS.index(row["tier"]) for row in of if row["tier"]), default=-1)
    asked = [row for row in sent_up(ws.store, project) if (row["annotation_id"], row["question"]) == key]
    waits = max((TIERS.index(row["tier"]) for row in asked), default=-1)
    place = max(TIERS.index(lowest), judged + 1)
    if waits >= place and waits > judged:
        raise InputError(f"The answer waits for a {TIERS[waits]} already.")
    if place >= len(TIERS):
        raise InputError("A lead has judged this answer: settle its item on the page Conflicts.")
    return TIERS[place]


def _draw(ws: Workspace, project: str, answer: dict[str, Any]) -> None:
    certain = {"share": ROUTED, "pi": 1.0, "pi_random": 0.0, "pi_risk": 0.0, "reasons": [FLAGGED], "reviews_wanted": 1}
    alone = {"stratum": FLAGGED, "stratum_size": 1, "stratum_drawn": 1, "level": "full"}
    names = ("annotation_id", "question", "item_id", "annotator", "answer_hash")
    row = {**{name: answer[name] for name in names}, **certain, **alone}
    save_draw(ws.store, project, 0, {}, ws.data_version(project), [row], ws.actor.name, FLAG)


def _answer(ws: Workspace, project: str, annotation_id: str, question: str) -> dict[str, Any]:
    found = ws.imported(project).rows(lambda facts: lookup.by_ids(facts, [annotation_id]))
    for row in found.astype(object).where(found.notna(), None).to_dict("records"):
        if (row["question"] or "") == question:
            return {**row, "question": question}
    raise NotFoundError(f"There is no answer {annotation_id!r} to {question!r} in this project.")


def _reason(reason: str) -> str:
    if not reason.strip():
        raise InputError("Say why, so that whoever judges the answer knows what to look at.")
    return reason.strip()
