"""Which decided answers leave: gold, corrections, the consensus, all that was reviewed, and what to label next."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np
import pandas as pd
from ibis import _

from qc.judge import SEPARATOR
from qc.model import EVERYTHING, Decision, Facts, Kind, Role, Status
from qc.workspace.assess import view
from qc.workspace.assess.agreement import COMPARABLE
from qc.workspace.assess.consensus import fitted
from qc.workspace.opening import Workspace
from qc.workspace.training.forms import shown
from qc.writers import lines
from qc.writers.decided import Decided

NOBODY_SAID: Final = "rejected, and nobody said what is right"
NO_LABELS: Final = "a consensus is made of labels, not of what is drawn, marked or written"

Found = tuple[list[Decided], dict[str, int]]


def given_answers(
    ws: Workspace, project: str, role: Role, item_id: str | None = None, question: str | None = None
) -> list[Decided]:
    """The answers in force of one role, of all items or of one item and question."""

    def wanted(facts: Facts) -> Any:
        rows = _standing(facts).filter(_.role == role.value)
        return rows if item_id is None else rows.filter((_.item_id == item_id) & (_.question == question))

    return _answers(ws, project, wanted)


def answers_of(ws: Workspace, project: str, ids: Sequence[str]) -> list[Decided]:
    """The answers in force of these submissions."""
    return _answers(ws, project, lambda facts: _standing(facts).filter(_.annotation_id.isin(list(ids))))


def _gold(ws: Workspace, project: str) -> Found:
    return [replace(row, basis="gold") for row in given_answers(ws, project, Role.GOLD)], {}


def _settled(ws: Workspace, project: str) -> list[Decided]:
    """Final calls that correct no single answer."""
    rows = _answers(
        ws, project, lambda facts: _standing(facts).filter((_.role == Role.ADJUDICATOR.value) & _.parent.isnull())
    )
    return [replace(row, basis="settled") for row in rows]


def _corrections(ws: Workspace, project: str) -> Found:
    """Each correction, with what it corrects and the reviewer's comment."""
    corrected = [Role.REVIEWER.value, Role.ADJUDICATOR.value]
    rows = _answers(ws, project, lambda facts: _standing(facts).filter(_.role.isin(corrected) & _.parent.notnull()))
    parents = {
        (row["annotation_id"], row["question"]): row["parent"]
        for row in _fetched(ws, project, lambda facts: _standing(facts).filter(_.parent.notnull()))
    }
    wanted = {(parents[_key(row)], row.question) for row in rows}
    given = {_key(row): shown(row) for row in _answers(ws, project, _standing) if _key(row) in wanted}
    said = {
        (row["corrected_annotation_id"], row["question"] or ""): row["comment"]
        for row in _fetched(ws, project, lambda facts: facts.reviews.filter(_.corrected_annotation_id.notnull()))
    }
    return [
        replace(
            row,
            basis="corrected",
            given=given.get((parents[_key(row)], row.question)),
            comment=said.get(_key(row)) or row.comment,
        )
        for row in rows
    ], {}


def _reviewed(ws: Workspace, project: str) -> Found:
    """Each reviewed answer as it stands after its review: the correction, or the answer where it was let pass."""
    corrections = {}
    of = {
        (row["corrected_annotation_id"], row["question"] or ""): row["annotation_id"]
        for row in _fetched(ws, project, lambda facts: facts.reviews.filter(_.corrected_annotation_id.notnull()))
    }
    for row in _corrections(ws, project)[0]:
        if (judged := of.get(_key(row))) is not None:
            corrections[(judged, row.question)] = row
    reviews = {
        (row["annotation_id"], row["question"] or ""): row
        for row in _fetched(
            ws, project, lambda facts: facts.reviews.filter(_.annotation_id.notnull() & _.region_id.isnull())
        )
    }
    passed, silent = [], 0
    for row in _answers(ws, project, lambda facts: _standing(facts).filter(_.role == Role.ANNOTATOR.value)):
        review = reviews.get(_key(row))
        if _key(row) in corrections:
            passed.append(corrections[_key(row)])
        elif review is not None and review["verdict"] == Decision.REJECT.value:
            silent += 1
        elif review is not None:
            passed.append(
                replace(
                    row,
                    basis="accepted" if review["verdict"] == Decision.ACCEPT.value else "minor",
                    by=review["reviewer"],
                    at=_iso(review["decided_at"]),
                    comment=review["comment"],
                )
            )
    return passed, {NOBODY_SAID: silent} if silent else {}


def _consensus(ws: Workspace, project: str) -> Found:
    """One answer per item and question: the final call, else gold, else a correction, else what is likeliest."""
    certain = {_place(row): row for row in _certain(ws, project)}
    found = {_place(row): row for row, _entropy in _likeliest(ws, project)} | certain
    others = view(ws, project).frame("questions")
    open_ones = _undecided(ws, project, others.loc[~others["kind"].isin(COMPARABLE), "question"].tolist(), certain)
    return [found[place] for place in sorted(found)], {NO_LABELS: open_ones} if open_ones else {}


def _certain(ws: Workspace, project: str) -> list[Decided]:
    """What somebody decided; of several decisions on an item the strongest comes last, of corrections the latest."""
    corrections = sorted(_corrections(ws, project)[0], key=lambda row: row.at or "")
    return [*corrections, *_gold(ws, project)[0], *_settled(ws, project)]


def _undecided(ws: Workspace, project: str, questions: Sequence[str], decided: Collection[tuple[str, str]]) -> int:
    """How many answers of people to these questions are to items that nobody decided."""

    def counted(facts: Facts) -> Any:
        own = _standing(facts).filter((_.role == Role.ANNOTATOR.value) & _.question.isin(list(questions)))
        return own.group_by("item_id", "question").agg(n=_.count()).order_by("item_id", "question")

    rows = _fetched(ws, project, counted) if questions else []
    return sum(row["n"] for row in rows if (row["item_id"], row["question"]) not in decided)


def _hard(ws: Workspace, project: str) -> Found:
    """The items on which the answers leave most doubt, with what is likeliest so far; decided items are not among."""
    decided = {_place(row) for row in _certain(ws, project)}
    doubtful = [
        (row, round(entropy, 9))
        for row, entropy in _likeliest(ws, project)
        if round(entropy, 9) > 0 and _place(row) not in decided
    ]
    doubtful.sort(key=lambda entry: (-entry[1], *_place(entry[0])))
    return [replace(row, basis="uncertain") for row, _entropy in doubtful], {}


def _likeliest(ws: Workspace, project: str) -> list[tuple[Decided, float]]:
    """Of each item and question of labels the likeliest label with its probability, and the doubt left, in bits."""
    lens = view(ws, project, EVERYTHING)
    names = lens.frame("item_names").set_index("item")["item_id"]
    items, rows = _items(ws, project), []
    labels = lens.frame("label_keys")
    for row in lens.frame("questions").itertuples():
        if row.kind not in COMPARABLE or (fit := fitted(lens, int(row.code))) is None:
            continue
        _votes, codes, keys, consensus = fit
        own = labels[labels["question"] == row.code].set_index("code")["key"]
        best = consensus.probabilities.argmax(axis=1)
        likely = consensus.probabilities.max(axis=1)
        for code, place, p, doubt in zip(codes, best, likely, np.abs(consensus.entropy), strict=True):
            item = items.get(str(names[code]), {"item_id": str(names[code])})
            answer = _from_key(str(row.kind), str(own[keys[place]]))
            decided = Decided(item, str(row.question), str(row.kind), "consensus", probability=round(float(p), 6))
            rows.append((replace(decided, **answer), float(doubt)))
    rows.sort(key=lambda entry: (str(entry[0].item["item_id"]), entry[0].question))
    return rows


def _from_key(kind: str, text: str) -> dict[str, Any]:
    """The columns of an answer from its key in `qc.judge`."""
    parts = tuple(part for part in text.split(SEPARATOR) if part)
    if kind in (Kind.MULTI, Kind.RANKING):
        return {"labels": parts}
    if kind in (Kind.ORDINAL, Kind.NUMBER):
        number = pd.to_numeric(text, errors="coerce")
        return {"label": text, "number": None if pd.isna(number) else float(number)}
    return {"label": text or None}


def _standing(facts: Facts) -> Any:
    """Submitted answers as they stand."""
    return facts.annotations.filter((_.status == Status.SUBMITTED.value) & _.current.coalesce(True)).mutate(
        question=_.question.coalesce("")
    )


def _answers(ws: Workspace, project: str, rows: Callable[[Facts], Any]) -> list[Decided]:
    """Answers with their items and regions, by item, question and id; whose and since when in `by` and `at`."""
    items = _items(ws, project, lambda facts: facts.items.semi_join(rows(facts), "item_id"))
    regions: dict[tuple[str, str, int], list[dict[str, Any]]] = {}

    def of_these(facts: Facts) -> Any:
        wanted = rows(facts).select(its="annotation_id", asked="question", as_of=_.revision.coalesce(1)).distinct()
        marked = facts.regions.mutate(question=_.question.coalesce(""), revision=_.revision.coalesce(1))
        same = [("annotation_id", "its"), ("question", "asked"), ("revision", "as_of")]
        return marked.semi_join(wanted, same).order_by("annotation_id", "question", "revision", "region_id")

    for region in _fetched(ws, project, of_these):
        regions.setdefault((region["annotation_id"], region["question"], region["revision"]), []).append(region)
    found = _fetched(ws, project, lambda facts: rows(facts).order_by("item_id", "question", "annotation_id"))
    return [
        Decided(
            items.get(row["item_id"], {"item_id": row["item_id"]}),
            row["question"],
            row["kind"],
            "given",
            label=row["label"],
            labels=None if row["labels"] is None else tuple(row["labels"]),
            number=row["number"],
            text=row["text"],
            regions=tuple(
                regions.get((*(row[name] for name in ("annotation_id", "question")), row["revision"] or 1), ())
            ),
            by=row["annotator"],
            at=_iso(row["submitted_at"]),
            annotation_id=row["annotation_id"],
        )
        for row in found
    ]


def _items(
    ws: Workspace, project: str, which: Callable[[Facts], Any] = lambda facts: facts.items
) -> dict[str, dict[str, Any]]:
    rows = _fetched(ws, project, lambda facts: which(facts).select(*lines.ITEM))
    return {row["item_id"]: row for row in rows}


def _fetched(ws: Workspace, project: str, rows: Callable[[Facts], Any]) -> list[dict[str, Any]]:
    session = ws.snapshot(project).session
    found: list[dict[str, Any]] = session.arrow(rows(session.facts)).to_pylist()
    return found


def _key(row: Decided) -> tuple[str, str]:
    return str(row.annotation_id), row.question


def _place(row: Decided) -> tuple[str, str]:
    return str(row.item["item_id"]), row.question


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


SELECTIONS: Final[Mapping[str, Callable[[Workspace, str], Found]]] = {
    "gold": _gold,
    "corrections": _corrections,
    "consensus": _consensus,
    "reviewed": _reviewed,
    "hard": _hard,
}
