"""Final calls on items that people disagree about: by a lead, by vote, by a rule of the rulebook; one or all alike."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd
from ibis import _

from qc.access import allowed
from qc.model import Facts, InputError, Kind, NotFoundError
from qc.store import settlements as record
from qc.store.rulebook import rulebook
from qc.store.settlements import LEAD, RULE, VOTE, Call
from qc.workspace import lookup
from qc.workspace.answer_text import BY_LABEL, ONE_LABEL, SEVERAL, joined, meant, written
from qc.workspace.corrected import as_text
from qc.workspace.desk import choices, kind_asked
from qc.workspace.disputed import voted
from qc.workspace.item import MOST_REGIONS, REGION, known
from qc.workspace.opening import Workspace
from qc.workspace.sight import shown_name
from qc.workspace.spelling import Words, spelling

MOST_AT_ONCE: Final = 1_000
LONGEST_COMMENT: Final = 5_000


@dataclass(frozen=True)
class Said:
    """One comment on a conflict."""

    actor: str
    at: str
    text: str


@dataclass(frozen=True)
class Standing:
    """The final call in force on a question of an item.

    together: the items that were settled with it at once, with the revision of each.
    """

    label: str
    revision: int
    method: str
    rule_id: str | None
    actor: str
    at: str
    reason: str
    together: tuple[tuple[str, int], ...]


@allowed("answers")
def revision(ws: Workspace, project: str, item_id: str, question: str) -> int:
    """The number of the settlement in force, 0 where there is none."""
    return record.settlement_revision(ws.store, project, item_id, question)


@allowed("answers")
def standing(ws: Workspace, project: str, item_id: str, question: str) -> Standing | None:
    """The final call in force on a question of an item."""
    rows = record.settlements(ws.store, project)
    row = next((row for row in rows if (row["item_id"], row["question"]) == (item_id, question)), None)
    if row is None:
        return None
    together = [other for other in rows if row["decision"] is not None and other["decision"] == row["decision"]]
    return Standing(
        row["label"],
        row["revision"],
        row["method"],
        row["rule_id"],
        shown_name(ws, project, row["actor"]),
        f"{row['at']:%Y-%m-%d %H:%M} UTC",
        row["reason"],
        tuple((other["item_id"], other["revision"]) for other in together),
    )


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
    settle_all(ws, project, question, [item_id], label, reason, actor, seen={item_id: expected})


@allowed("settle")
def settle_all(
    ws: Workspace,
    project: str,
    question: str,
    item_ids: Sequence[str],
    label: str,
    reason: str,
    actor: str,
    rule_id: str | None = None,
    seen: Mapping[str, int | None] | None = None,
) -> None:
    """Settle one question of several items with one label, by a rule of the rulebook where one is named.

    Each item gets a settlement of its own, all or none. seen: by item the revision that the actor saw, 0 for those not
    named; ConflictError where another is in force.
    """
    if not label.strip():
        raise InputError("Choose the label that is right.")
    if rule_id is not None:
        _rule(ws, project, rule_id, question)
    given = _given(ws, project, question, item_ids)
    method = LEAD if rule_id is None else RULE
    saw = seen or {}
    calls = [
        Call(item, question, kind, right, method, rule_id, expected=saw.get(item, 0))
        for item, (kind, right) in _right(ws, project, question, given, dict.fromkeys(item_ids, label)).items()
    ]
    record.settle_all(ws.store, project, calls, reason, actor)


@allowed("settle")
def settle_by_vote(
    ws: Workspace,
    project: str,
    question: str,
    item_ids: Sequence[str],
    reason: str,
    actor: str,
    seen: Mapping[str, int | None] | None = None,
) -> int:
    """Settle items by what more than half of their people answered; returns how many: those without are left open.

    InputError where none has such a majority. seen: as in `settle_all`.
    """
    won = voted(ws, project, question, item_ids)
    given = _given(ws, project, question, item_ids)
    wanted = {item: won[item][0] for item in dict.fromkeys(item_ids) if item in won}
    saw = seen or {}
    calls = [
        Call(item, question, kind, right, VOTE, expected=saw.get(item, 0))
        for item, (kind, right) in _right(ws, project, question, given, wanted).items()
    ]
    if not calls:
        raise InputError("No answer was given by more than half of the people: a lead or a rule has to settle it.")
    record.settle_all(ws.store, project, calls, reason, actor)
    return len(calls)


@allowed("settle")
def settle_as(
    ws: Workspace,
    project: str,
    item_id: str,
    question: str,
    annotation_id: str,
    reason: str,
    actor: str,
    expected: int | None = None,
) -> None:
    """Settle an item by an answer to it that is right as it stands: the way for what is drawn, marked or written."""
    rows = _given(ws, project, question, [item_id])
    rows = rows[rows["annotation_id"] == annotation_id]
    if rows.empty:
        raise NotFoundError(f"There is no such answer to {question!r} on item {item_id!r} any more: look again.")
    row = rows.iloc[0]
    kind, label = str(row["kind"]), str(row["label"])
    if kind in SEVERAL:
        label = joined(_labels(row["labels"]))
    drawn = ws.imported(project).rows(lambda facts: _regions(facts, annotation_id, question))
    regions = as_text([known(region) for region in drawn.to_dict("records")]) if len(drawn) else None
    call = Call(item_id, question, kind, label, LEAD, None, regions, expected)
    record.settle_all(ws.store, project, [call], reason, actor)


@allowed("settle")
def take_back(
    ws: Workspace,
    project: str,
    question: str,
    item_ids: Sequence[str],
    actor: str,
    seen: Sequence[int] | None = None,
) -> None:
    """Take settlements back, all or none; the conflicts are open again. seen: the revisions that the actor saw."""
    record.take_back(ws.store, project, [(item, question) for item in item_ids], actor, seen)


@allowed("answers")
def answers(ws: Workspace, project: str, item_id: str, question: str) -> list[tuple[str, str]]:
    """annotation_id of every answer that can be called right, and who gave it."""
    rows = ws.snapshot(project).rows(lambda facts: lookup.of_items(facts, [item_id]))
    rows = rows[(rows["question"] == question) & (rows["role"] != "adjudicator")]
    return [
        (str(row.annotation_id), shown_name(ws, project, str(row.annotator)) if row.role == "annotator" else row.role)
        for row in rows.itertuples()
    ]


@allowed("answers")
def comments(ws: Workspace, project: str, item_id: str, question: str) -> list[Said]:
    """What was said about a conflict, oldest first."""
    rows = record.comments(ws.store, project, item_id, question)
    return [Said(shown_name(ws, project, row["actor"]), f"{row['at']:%Y-%m-%d %H:%M} UTC", row["text"]) for row in rows]


@allowed("review")
def comment(ws: Workspace, project: str, item_id: str, question: str, text: str, actor: str) -> None:
    """Add to what was said about a conflict; it stays on the record."""
    if not text.strip():
        raise InputError("Write a comment first.")
    if len(text) > LONGEST_COMMENT:
        raise InputError(f"A comment holds {LONGEST_COMMENT:,} characters at most: shorten it.")
    record.comment_conflict(ws.store, project, item_id, question, text.strip(), actor)


def _given(ws: Workspace, project: str, question: str, item_ids: Collection[str]) -> pd.DataFrame:
    """The current answers to a question of items, with their labels; InputError where they are too many."""
    wanted = sorted(set(item_ids))
    if len(wanted) > MOST_AT_ONCE:
        raise InputError(f"{MOST_AT_ONCE:,} items can be settled at once, not {len(wanted):,}: choose fewer.")

    def labelled(facts: Facts) -> Any:
        own = facts.annotations.filter(_.item_id.isin(wanted) & _.current.coalesce(True)).select(
            "labels", its_id="annotation_id", asked=_.question.coalesce("")
        )
        rows = lookup.of_items(facts, wanted).mutate(question=_.question.coalesce("")).filter(_.question == question)
        rows = rows.left_join(own, [("annotation_id", "its_id"), ("question", "asked")]).drop("its_id", "asked")
        return rows.order_by("item_id", "annotation_id")

    return ws.snapshot(project).rows(labelled)


def _right(
    ws: Workspace, project: str, question: str, given: pd.DataFrame, wanted: Mapping[str, str]
) -> dict[str, tuple[str, str]]:
    """By item its kind and what is right as the record keeps it; InputError where that cannot be said by a label."""
    offered = choices(ws, project).get(question, (None, ()))[1]
    said = given.sort_values("kind", key=lambda kinds: kinds == Kind.NONE, kind="stable")
    kinds = {
        str(item): kind_asked(ws, project, question, str(kind))
        for item, kind in said.groupby("item_id")["kind"].first().items()
    }
    several = given[given["kind"].isin(SEVERAL)]
    as_read = {str(label): _labels(parts) for label, parts in zip(several["label"], several["labels"], strict=True)}
    found = {}
    for item, label in wanted.items():
        if item not in kinds:
            raise InputError(f"Nobody answered {question!r} on item {item!r}.")
        if kinds[item] not in BY_LABEL:
            raise InputError(f"Answers to {question!r} on item {item!r} are no labels: name the answer that is right.")
        kind = meant(kinds[item], label)
        # A lead may call right what nobody answered.
        new = kind in ONE_LABEL and spelling(label, Words(offered)).word is None
        try:
            found[item] = (kind, written(question, kind, label, (*offered, label.strip()) if new else offered, as_read))
        except InputError as error:
            raise InputError(f"{error}.") from None
    return found


def _labels(known: Any) -> list[str]:
    return [] if known is None else [str(label) for label in known]


def _rule(ws: Workspace, project: str, rule_id: str, question: str) -> None:
    rule = next((row for row in rulebook(ws.store, project) if row["id"] == rule_id), None)
    if rule is None or rule["retired"]:
        raise InputError("This rule is not in force any more: choose another, or settle it without one.")
    if rule["question"] != question:
        raise InputError(f"The rule is about {rule['question']!r}, not about {question!r}: choose another.")


def _regions(facts: Facts, annotation_id: str, question: str) -> Any:
    of = facts.annotations.filter((_.annotation_id == annotation_id) & _.current.coalesce(True)).select(
        its_question=_.question.coalesce(""), as_of=_.revision.coalesce(1)
    )
    rows = facts.regions.filter(_.annotation_id == annotation_id)
    rows = rows.mutate(question=_.question.coalesce(""), revision=_.revision.coalesce(1))
    chosen = rows.filter(_.question == question).semi_join(of, [("question", "its_question"), ("revision", "as_of")])
    return chosen.order_by("region_id").select(*REGION).limit(MOST_REGIONS)
