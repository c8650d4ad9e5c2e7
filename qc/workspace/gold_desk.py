"""What leads decide about known answers: what becomes gold, what is accepted as well, what is retired."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final

from qc.access import allowed
from qc.model import InputError, NotFoundError, Role
from qc.store.gold import known_gold, save_gold
from qc.store.settlements import settlements
from qc.workspace.answer_text import NUMBERED, ONE_LABEL, SEVERAL, columns, written
from qc.workspace.assess import view
from qc.workspace.desk import choices
from qc.workspace.opening import Workspace
from qc.workspace.training.selected import given_answers
from qc.writers.decided import Decided
from qc.writers.lines import plain_region

ANSWER: Final = ("label", "labels", "number", "text")
WRITTEN: Final = frozenset((*ONE_LABEL, *SEVERAL, *NUMBERED))


@allowed("gold")
def candidates(ws: Workspace, project: str) -> list[dict[str, Any]]:
    """Settled items that are no gold yet: item_id, question, label, actor, reason, at."""
    taken = set(in_force(ws, project)) | {(row["item_id"], row["question"]) for row in known_gold(ws.store, project)}
    names = ("item_id", "question", "label", "actor", "reason", "at")
    calls = settlements(ws.store, project)
    return [{name: row[name] for name in names} for row in calls if (row["item_id"], row["question"]) not in taken]


@allowed("gold")
def asked(ws: Workspace, project: str, question: str | None) -> str:
    """The question that is meant: the project's only one where none is named; InputError names those there are."""
    names = sorted(map(str, view(ws, project).frame("questions")["question"]))
    if question is None and len(names) == 1:
        return names[0]
    if question is not None and (question in names or any(question == name for _item, name in in_force(ws, project))):
        return question
    said = "Say which question is meant" if question is None else f"There is no question {question!r} in this project"
    there_are = f"the questions are {', '.join(names)}" if names else "nobody has answered anything yet"
    raise InputError(f"{said}; {there_are}.")


@allowed("gold")
def promote(
    ws: Workspace,
    project: str,
    item_id: str,
    question: str,
    reason: str,
    *,
    accepted: Sequence[str] = (),
    answer_of: str | None = None,
    expected: int | None = None,
) -> int:
    """Make an item gold, or put back one that was retired; returns the revision of what is known of it.

    What is accepted: the answers named, as people write them; else that of a submission (`answer_of`, with all that is
    drawn or marked); else the settlement in force. expected: the revision that the actor saw, 0 for none.
    """
    place = (item_id, question)
    if place in in_force(ws, project):
        raise InputError(f"Item {item_id!r} is gold for {question!r} already; accept another answer, or retire it.")
    kinds = {row.kind for row in given_answers(ws, project, Role.ANNOTATOR, item_id, question)}
    if not kinds:
        raise InputError(f"Nobody answered {question!r} on item {item_id!r}.")
    if accepted:
        origin, answers = "lead", [_written(ws, project, question, kinds, text) for text in dict.fromkeys(accepted)]
    elif answer_of is not None:
        origin, answers = "answer", [_as_it_stands(ws, project, item_id, question, answer_of)]
    else:
        origin, answers = "settlement", _settled(ws, project, item_id, question)
    return _save(ws, project, item_id, question, answers, reason, origin=origin, expected=expected)


@allowed("gold")
def accept(
    ws: Workspace, project: str, item_id: str, question: str, label: str, reason: str, expected: int | None = None
) -> int:
    """Accept one more answer to a gold item; returns the revision of what is known of it."""
    known = _known(ws, project, item_id, question)
    another = _written(ws, project, question, {row.kind for row in known}, label)
    answers = [_kept(row) for row in known]
    if another in answers:
        raise InputError(f"{label!r} is accepted on item {item_id!r} already.")
    return _save(ws, project, item_id, question, [*answers, another], reason, origin="export", expected=expected)


@allowed("gold")
def retire(ws: Workspace, project: str, item_id: str, question: str, reason: str, expected: int | None = None) -> int:
    """Take an item out of the gold; nobody is judged by it any more. Its answers and the reason stay on the record."""
    answers = [_kept(row) for row in _known(ws, project, item_id, question)]
    return _save(ws, project, item_id, question, answers, reason, origin="export", expected=expected, retired=True)


@allowed("gold")
def put_back(ws: Workspace, project: str, item_id: str, question: str, reason: str, expected: int | None = None) -> int:
    """Make a retired item gold again, with the answers that it had."""
    for row in known_gold(ws.store, project):
        if (row["item_id"], row["question"]) == (item_id, question) and row["retired"]:
            return _save(ws, project, item_id, question, row["answers"], reason, origin="export", expected=expected)
    raise NotFoundError(f"Item {item_id!r} is no retired gold for {question!r}; look at what is known of it.")


def _save(
    ws: Workspace,
    project: str,
    item_id: str,
    question: str,
    answers: Sequence[dict[str, Any]],
    reason: str,
    *,
    origin: str,
    expected: int | None,
    retired: bool = False,
) -> int:
    if not reason.strip():
        raise InputError("Say why: the reason stands on the record.")
    return save_gold(
        ws.store,
        project,
        item_id,
        question,
        answers,
        retired=retired,
        origin=origin,
        actor=ws.actor.name,
        reason=reason.strip(),
        expected=expected,
    )


def in_force(ws: Workspace, project: str) -> dict[tuple[str, str], list[Decided]]:
    """By item and question the accepted answers in force."""
    found: dict[tuple[str, str], list[Decided]] = defaultdict(list)
    for row in given_answers(ws, project, Role.GOLD):
        found[str(row.item["item_id"]), row.question].append(row)
    return dict(found)


def _known(ws: Workspace, project: str, item_id: str, question: str) -> list[Decided]:
    rows = given_answers(ws, project, Role.GOLD, item_id, question)
    if not rows:
        raise NotFoundError(f"Item {item_id!r} is no gold for {question!r}; qc gold list shows what is.")
    return rows


def _settled(ws: Workspace, project: str, item_id: str, question: str) -> list[dict[str, Any]]:
    rows = given_answers(ws, project, Role.ADJUDICATOR, item_id, question)
    if not rows:
        raise InputError(
            f"Item {item_id!r} is not settled for {question!r}; settle it first, or name what is accepted."
        )
    return [_kept(max(rows, key=lambda row: row.at or ""))]


def _as_it_stands(ws: Workspace, project: str, item_id: str, question: str, answer_of: str) -> dict[str, Any]:
    for role in (Role.ANNOTATOR, Role.REVIEWER, Role.ADJUDICATOR):
        for row in given_answers(ws, project, role, item_id, question):
            if row.annotation_id == answer_of:
                return _kept(row)
    raise NotFoundError(f"There is no answer {answer_of!r} to {question!r} on item {item_id!r}.")


def _kept(row: Decided) -> dict[str, Any]:
    """An answer as the record keeps it."""
    said = {name: value for name in ANSWER if (value := getattr(row, name)) is not None}
    if row.labels is not None:
        said["labels"] = list(row.labels)
    regions = [plain_region(region) for region in row.regions]
    return {"kind": row.kind, **said, **({"regions": regions} if regions else {})}


def _written(ws: Workspace, project: str, question: str, kinds: set[str], text: str) -> dict[str, Any]:
    """An answer that a person wrote, of the kind of the question; InputError for a label that nobody knows."""
    kind = next((kind for kind in sorted(kinds) if kind in WRITTEN), None)
    if kind is None:
        raise InputError(f"Answers to {question!r} cannot be written here; name a submission whose answer is right.")
    if not text.strip():
        raise InputError("Say which answer is accepted.")
    offered = choices(ws, project).get(question, (None, ()))[1]
    try:
        right = columns(kind, written(question, kind, text, offered))
    except InputError as error:
        raise InputError(f"{error}.") from None
    return {"kind": kind, **{name: value for name, value in right.items() if value is not None}}
