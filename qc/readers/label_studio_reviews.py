"""Label Studio's reviews and its ways to name people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from qc.model import Decision

FIXED: Final = "{n} answers were fixed in place by their reviewer: this export holds only the fixed ones"

ACTIONS: Final = {"accepted": Decision.ACCEPT, "rejected": Decision.REJECT, "fixed_and_accepted": Decision.REJECT}


@dataclass(frozen=True, slots=True)
class Review:
    """A decision on a submission; what was `fixed` in place is rejected; `results` are the reviewer's own."""

    review_id: str
    reviewer: str | None
    verdict: Decision
    decided_at: Any
    fixed: bool
    comment: str | None = None
    results: list[Any] = field(default_factory=list)


def identity(value: Any) -> str | None:
    """An id as text, or None: whole numbers and texts are ids, nothing else is."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return (value.strip() or None) if isinstance(value, str) else None


def person(value: Any) -> str | None:
    """A user by e-mail, user name or id, whichever the export has."""
    if isinstance(value, dict):
        return next(filter(None, (identity(value.get(name)) for name in ("email", "username", "id"))), None)
    return identity(value)


def reviews_of(annotation: Mapping[str, Any]) -> list[Review]:
    """The reviews of an annotation: those listed, else what its last action tells.

    "Fixed and accepted" is a reject: the reviewer changed what the annotator had submitted.
    """
    listed = annotation.get("reviews")
    if isinstance(listed, list) and listed:
        return [
            _listed(entry) for entry in listed if isinstance(entry, dict) and isinstance(entry.get("accepted"), bool)
        ]
    action = annotation.get("last_action")
    if not isinstance(action, str) or action not in ACTIONS:
        return []
    reviewer = person(annotation.get("last_created_by"))
    fixed = action == "fixed_and_accepted"
    name = f"last action on {identity(annotation.get('id'))}"
    return [Review(name, reviewer, ACTIONS[action], annotation.get("updated_at"), fixed)]


def before_fix(annotation: Mapping[str, Any]) -> list[Any] | None:
    """The results that a reviewer fixed in place, where the annotation brings its history, else None."""
    history = annotation.get("history")
    if not isinstance(history, list):
        return None
    kept = {identity(entry.get("id")): entry.get("result") for entry in history if isinstance(entry, dict)}
    for review in annotation.get("reviews") or []:
        if isinstance(review, dict) and review.get("fixed_annotation_history") is not None:
            found = kept.get(identity(review.get("previous_annotation_history")))
            return found if isinstance(found, list) else None
    return None


def _listed(entry: Mapping[str, Any]) -> Review:
    fixed = entry.get("fixed_annotation_history") is not None
    accepted = entry["accepted"] and not fixed
    results = entry.get("result")
    comment = entry.get("comment")
    return Review(
        review_id=identity(entry.get("id")) or "unnamed",
        reviewer=person(entry.get("created_by")),
        verdict=Decision.ACCEPT if accepted else Decision.REJECT,
        decided_at=entry.get("created_at"),
        fixed=fixed,
        comment=comment if isinstance(comment, str) else None,
        results=results if isinstance(results, list) else [],
    )
