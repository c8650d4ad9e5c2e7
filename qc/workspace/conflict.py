"""A lead's final call on an item that people disagree about."""

from __future__ import annotations

from qc.access import allowed
from qc.model import InputError
from qc.store.settlements import settle as save
from qc.store.settlements import settlement_revision
from qc.workspace import lookup
from qc.workspace.opening import Workspace


@allowed("answers")
def revision(ws: Workspace, project: str, item_id: str, question: str) -> int:
    """The number of the settlement in force, 0 where there is none."""
    return settlement_revision(ws.store, project, item_id, question)


@allowed("settle")
def settle(
    ws: Workspace,
    project: str,
    item_id: str,
    question: str,
    label: str,
    reason: str,
    actor: str,
    expected: int | None = None,
) -> None:
    """Settle one question of one item; answers to it are judged by this from now on.

    expected: the revision of the settlement that the actor saw, 0 for none; ConflictError where another is in force.
    """
    answers = ws.snapshot(project).rows(lambda facts: lookup.of_items(facts, [item_id]))
    kinds = answers[answers["question"] == question]["kind"]
    if kinds.empty:
        raise InputError(f"Nobody answered {question!r} on item {item_id!r}.")
    if not label.strip():
        raise InputError("Choose the label that is right.")
    save(ws.store, project, item_id, question, str(kinds.mode().iloc[0]), label.strip(), reason, actor, expected)
