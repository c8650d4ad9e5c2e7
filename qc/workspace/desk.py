"""The review desk: each answer with its item as the reviewer sees it, and what is told afterwards."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import ibis
import pandas as pd
from ibis import _

from qc.access import allowed
from qc.judge import key, region_keys, shown
from qc.model import Facts, Kind, Role, Status
from qc.store.settlements import settlements
from qc.store.verdicts import verdicts
from qc.workspace.answer_text import BY_LABEL
from qc.workspace.assess import view
from qc.workspace.item import MOST_REGIONS, REGION, known, whole
from qc.workspace.media import Picture, found, picture
from qc.workspace.opening import Workspace
from qc.workspace.sight import shown_name

AT_ONCE: Final = 20
"""Answers that are looked up together."""
LONGEST_SIDE: Final = 4_000
GOLD: Final = "gold"
SETTLED: Final = "settled"
_ONE_LABEL: Final = [kind.value for kind in (Kind.SINGLE, Kind.PAIRWISE, Kind.TAXONOMY, Kind.ORDINAL, Kind.NUMBER)]

Region = dict[str, Any]


@dataclass(frozen=True)
class Given:
    """An answer as it was given: as people read it, as labels in their order, and what was drawn or marked."""

    label: str | None
    labels: tuple[str, ...]
    regions: tuple[Region, ...]


@dataclass(frozen=True)
class Case:
    """An answer to judge with its item; who gave it, and what is known of it, is not here but in `Revealed`.

    sides: the names and texts of a pair. region_kind: what is drawn or marked in answers to the question, None where
    nothing is. choices: the labels that the question may have, of its regions where it has some.
    """

    annotation_id: str
    question: str
    item_id: str
    kind: str
    given: Given
    text: str | None
    uri: str | None
    media: str | None
    width: int | None
    height: int | None
    sides: tuple[tuple[str, str], ...]
    region_kind: str | None
    choices: tuple[str, ...]


@dataclass(frozen=True)
class Reference:
    """What is known to be right: `gold`, `settled` by a lead."""

    source: str
    given: Given


@dataclass(frozen=True)
class Revealed:
    """What a reviewer is told once they have decided."""

    annotator: str
    seconds: float | None
    model: str | None
    predicted: str | None
    score: float | None
    references: tuple[Reference, ...]


@dataclass(frozen=True)
class Beside:
    """What others decided about an answer: final calls on its item, and reviewers with their verdicts."""

    settled: tuple[Reference, ...]
    verdicts: tuple[tuple[str, str], ...]


@allowed("review")
def cases(ws: Workspace, project: str, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Case]:
    """The answers with these ids and questions, as they stand; those that are gone are left out."""
    snapshot = ws.imported(project)
    ids = sorted({annotation_id for annotation_id, _question in keys})
    rows = snapshot.rows(lambda facts: _answers(facts, _.annotation_id.isin(ids)))
    drawn = _drawn(snapshot.rows(lambda facts: _regions(facts, ids)))
    labels = choices(ws, project)
    answers = [known(row) for row in rows.to_dict("records")]
    made = (
        _case({**row, "kind": kind_asked(ws, project, row["question"], row["kind"])}, drawn, labels) for row in answers
    )
    found_of = {(case.annotation_id, case.question): case for case in made}
    return {wanted: found_of[wanted] for wanted in keys if wanted in found_of}


@allowed("review")
def revealed(ws: Workspace, project: str, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Revealed]:
    """Of answers with these ids and questions who gave them, what a model said of the item, and what gold says."""
    snapshot = ws.imported(project)
    ids = sorted({annotation_id for annotation_id, _question in keys})
    own = [
        known(row) for row in snapshot.rows(lambda facts: _answers(facts, _.annotation_id.isin(ids))).to_dict("records")
    ]
    items = sorted({row["item_id"] for row in own})
    roles = [Role.GOLD.value, Role.MODEL.value]
    others = snapshot.rows(lambda facts: _answers(facts, _.item_id.isin(items) & _.role.isin(roles)))
    drawn = _drawn(snapshot.rows(lambda facts: _regions(facts, sorted(set(others["annotation_id"])))))
    of_item: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in others.to_dict("records"):
        of_item.setdefault((row["item_id"], row["question"]), []).append(known(row))
    return {
        (row["annotation_id"], row["question"]): _revealed(
            shown_name(ws, project, str(row.get("annotator") or "")),
            row,
            of_item.get((row["item_id"], row["question"]), []),
            drawn,
        )
        for row in own
    }


@allowed("review")
def beside(ws: Workspace, project: str, case: Case) -> Beside:
    """What the record says of an answer besides one's own verdict: a lead's final call, and what others found."""
    of = (case.item_id, case.question)
    calls = [call for call in settlements(ws.store, project) if (call["item_id"], call["question"]) == of]
    others = [
        (shown_name(ws, project, row["reviewer"]), row["verdict"])
        for row in verdicts(ws.store, project)
        if (row["annotation_id"], row["question"]) == (case.annotation_id, case.question)
        and row["reviewer"] != ws.actor.name
    ]
    return Beside(
        tuple(Reference(SETTLED, Given(call["label"], (call["label"],), ())) for call in calls), tuple(others)
    )


@allowed("review")
def choices(ws: Workspace, project: str) -> Mapping[str, tuple[str | None, tuple[str, ...]]]:
    """By question the kind of its regions, if it has any, and the labels to choose from: declared ones, then others."""
    snapshot = ws.imported(project)
    declared = ws.policy(project).agreement.labels
    given = snapshot.kept("choices", lambda: snapshot.rows(_choices))
    offered: dict[str, tuple[str | None, tuple[str, ...]]] = {}
    for question, rows in given.groupby("question", sort=False):
        marked = rows[rows["region_kind"].notna()]
        kind = str(marked["region_kind"].iloc[0]) if len(marked) else None
        named = (marked if len(marked) else rows)["label"].dropna().map(str)
        offered[str(question)] = (kind, tuple(dict.fromkeys((*declared.get(str(question), ()), *named))))
    return offered


def kind_asked(ws: Workspace, project: str, question: str, kind: str) -> str:
    """The kind of an answer; where nothing was answered and a label could have been, the kind of its question."""
    if kind != Kind.NONE:
        return kind
    asked = view(ws, project).frame("questions")
    found = asked.loc[(asked["question"] == question) & asked["kind"].isin(BY_LABEL), "kind"]
    return str(found.iloc[0]) if len(found) else kind


@allowed("review")
def seen(ws: Workspace, project: str, case: Case) -> tuple[Picture | None, Path | None]:
    """The picture or the recording of an item, from the folder that the workspace names."""
    folder = ws.settings.media
    if case.media in ("audio", "video"):
        return None, found(folder, case.uri)
    return picture(folder, case.uri), None


def _answers(facts: Facts, which: Any) -> Any:
    """Submitted answers as they stand, with their items."""
    rows = facts.annotations.filter((_.status == Status.SUBMITTED.value) & _.current.coalesce(True) & which)
    rows = rows.mutate(question=_.question.coalesce(""))
    marked = region_keys(facts.regions.semi_join(rows, "annotation_id")).rename(
        of="annotation_id", asked="question", as_of="revision"
    )
    rows = rows.left_join(marked, [("annotation_id", "of"), ("question", "asked"), ("revision", "as_of")])
    rows = rows.select(
        *("annotation_id", "question", "item_id", "annotator", "role", "kind", "label", "labels", "number"),
        *("seconds", "model", "score"),
        written=_.text,
        shown=shown(key(_)).coalesce(_.label, _.text),
    )
    items = facts.items.select("text", "uri", "media", "width", "height", "meta", its="item_id")
    joined = rows.left_join(items, [("item_id", "its")]).drop("its")
    return joined.order_by("annotation_id", "question")


def _regions(facts: Facts, ids: Sequence[str]) -> Any:
    of = facts.annotations.filter(_.annotation_id.isin(list(ids)) & _.current.coalesce(True)).select(
        its_id="annotation_id", its_question="question", as_of=_.revision.coalesce(1)
    )
    rows = facts.regions.mutate(revision=_.revision.coalesce(1))
    same = [("annotation_id", "its_id"), ("question", "its_question"), ("revision", "as_of")]
    chosen = rows.semi_join(of, same).order_by("annotation_id", "region_id")
    return chosen.select("annotation_id", "question", *REGION).limit(MOST_REGIONS * AT_ONCE)


def _choices(facts: Facts) -> Any:
    """question, region_kind (null of answers), label, n: what people and gold gave, the most frequent first."""
    submitted = facts.annotations.filter(
        (_.status == Status.SUBMITTED.value) & _.role.isin([Role.ANNOTATOR.value, Role.GOLD.value])
    ).mutate(question=_.question.coalesce(""), region_kind=ibis.null("string"))
    one = submitted.filter(_.kind.isin(_ONE_LABEL)).mutate(marked=ibis.literal(""))
    parts = (
        one.mutate(shown=shown(key(_))).select("question", "region_kind", label="shown"),
        submitted.filter(_.kind == Kind.MULTI.value).select("question", "region_kind", label=_.labels.unnest()),
        facts.regions.select("label", question=_.question.coalesce(""), region_kind="kind")[
            "question", "region_kind", "label"
        ],
    )
    counted = parts[0].union(parts[1]).union(parts[2]).group_by("question", "region_kind", "label").agg(n=_.count())
    return counted.order_by("question", _.n.desc(), "region_kind", "label")


def _drawn(regions: pd.DataFrame) -> dict[tuple[str, str], list[Region]]:
    drawn: dict[tuple[str, str], list[Region]] = {}
    for row in regions.to_dict("records"):
        of = (str(row.pop("annotation_id")), str(row.pop("question") or ""))
        drawn.setdefault(of, []).append(known(row))
    return drawn


def _given(row: Mapping[str, Any], drawn: Mapping[tuple[str, str], list[Region]]) -> Given:
    regions = drawn.get((row["annotation_id"], row["question"]), [])[:MOST_REGIONS]
    return Given(row.get("shown"), tuple(map(str, row.get("labels") or ())), tuple(regions))


def _case(
    row: Mapping[str, Any],
    drawn: Mapping[tuple[str, str], list[Region]],
    labels: Mapping[str, tuple[str | None, tuple[str, ...]]],
) -> Case:
    region_kind, offered = labels.get(row["question"], (None, ()))
    return Case(
        row["annotation_id"],
        row["question"],
        row["item_id"],
        row["kind"],
        _given(row, drawn),
        row.get("text"),
        row.get("uri"),
        row.get("media"),
        whole(row.get("width")),
        whole(row.get("height")),
        _sides(row) if row["kind"] == Kind.PAIRWISE.value else (),
        region_kind,
        offered,
    )


def _revealed(
    annotator: str,
    row: Mapping[str, Any],
    others: Sequence[Mapping[str, Any]],
    drawn: Mapping[tuple[str, str], list[Region]],
) -> Revealed:
    model = next((other for other in others if other["role"] == Role.MODEL.value), {})
    return Revealed(
        annotator,
        row.get("seconds"),
        model.get("model") or model.get("annotator"),
        model.get("shown"),
        model.get("score"),
        tuple(Reference(GOLD, _given(other, drawn)) for other in others if other["role"] == Role.GOLD.value),
    )


def _sides(row: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """The two that are compared, each with its text as far as the item holds it."""
    try:
        meta = json.loads(row.get("meta") or "{}")
    except (ValueError, RecursionError):
        meta = {}
    told = meta if isinstance(meta, Mapping) else {}
    return tuple((str(name), str(told.get(name) or "")[:LONGEST_SIDE]) for name in row.get("labels") or ())
