"""Labelbox's decisions on a label: its reviews, and the steps of the workflow that its data row went."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from qc.model import Decision
from qc.readers.fields import Row, as_dict, as_list, identity, text_of
from qc.readers.numbers import number

UNDECIDED: Final = (
    "{n} reviews state no verdict and are kept in `extra`: re-export with project_details, whose workflow_history does"
)

SHARED: Final = (
    "{n} approvals are of data rows with labels of several people, of whom the export selects another or none: "
    "they judge no label"
)

_ACTIONS: Final = {"approve": Decision.ACCEPT, "approved": Decision.ACCEPT, "reject": Decision.REJECT}
_STATES: Final = {"DONE": Decision.ACCEPT, "IN_REWORK": Decision.REJECT}


@dataclass(frozen=True, slots=True)
class Verdict:
    """One decision on a label; its time as the export writes it."""

    decision: Decision
    reviewer: str | None
    decided_at: Any
    comment: str | None = None


def of_one(details: Row, label: str) -> tuple[Row, int]:
    """What of a data row's workflow holds for one of its several labels, and how many approvals do not.

    A step back to rework is of every label, an approval of the one that was selected among them.
    """
    if identity(details.get("selected_label_id")) == label:
        return details, 0
    steps = as_list(details.get("workflow_history"))
    kept = [step for step in steps if (verdict := _step(step)) is None or verdict.decision is Decision.REJECT]
    state = details.get("workflow_status")
    held = {"workflow_history": kept, "workflow_status": None if _STATES.get(str(state)) is Decision.ACCEPT else state}
    return details | held, len(steps) - len(kept)


def verdicts(reviews: Any, details: Row, author: str | None) -> tuple[list[Verdict], list[Any]]:
    """The decisions on a label, and the reviews that state none.

    A review without a score is decided by where the data row went after the last of them: done, or back to rework.
    Who moves their own label on decides nothing.
    """
    steps = [verdict for verdict in map(_step, as_list(details.get("workflow_history"))) if verdict]
    found = [verdict for verdict in steps if verdict.reviewer is None or verdict.reviewer != author]
    known = {verdict.reviewer for verdict in found}
    open_reviews = []
    for review in as_list(reviews):
        verdict = _scored(as_dict(review))
        if verdict:
            found.append(verdict)
        elif identity(as_dict(review).get("reviewed_by")) not in known:
            open_reviews.append(review)
    state = _STATES.get(str(details.get("workflow_status")))
    if open_reviews and state and not found:
        last = as_dict(open_reviews.pop())
        found.append(Verdict(state, identity(last.get("reviewed_by")), last.get("reviewed_at")))
    return found, open_reviews


def _step(entry: Any) -> Verdict | None:
    step = as_dict(entry)
    decision = _ACTIONS.get(str(step.get("action")).lower())
    if decision is None and "rework" in str(step.get("next_task_name")).lower():
        decision = Decision.REJECT
    return Verdict(decision, identity(step.get("created_by")), step.get("created_at")) if decision else None


def _scored(review: Row) -> Verdict | None:
    """A review with a thumb up (1) or down (-1), in either version of the format; 0 is neither."""
    score = number(review.get("score"))
    if not score:
        return None
    reviewer = identity(review.get("reviewed_by", review.get("createdBy")))
    decided = review.get("reviewed_at", review.get("createdAt"))
    return Verdict(Decision.ACCEPT if score > 0 else Decision.REJECT, reviewer, decided, text_of(review.get("comment")))


def review_rows(found: Sequence[Verdict], seconds: float | None, shared: Row, questions: Sequence[str]) -> list[Row]:
    """A row for each decision and question; `decided_at` is as the export writes it."""
    return [
        {
            **shared,
            "review_id": f"{shared['annotation_id']}/review {place}/{question}",
            "question": question,
            "reviewer": verdict.reviewer,
            "verdict": verdict.decision,
            "comment": verdict.comment,
            "decided_at": verdict.decided_at,
            "seconds": seconds if len(found) == 1 else None,
        }
        for place, verdict in enumerate(found, 1)
        for question in questions
    ]
