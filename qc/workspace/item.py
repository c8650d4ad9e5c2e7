"""One item with every answer to it, side by side: what a person needs to see where people disagree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import pandas as pd
from ibis import _

from qc.access import allowed
from qc.judge import key, region_keys, shown
from qc.model import Facts, NotFoundError, Role, Status
from qc.workspace.media import Picture, picture
from qc.workspace.opening import Workspace
from qc.workspace.sight import shown_name

MOST_ANSWERS: Final = 50
MOST_REGIONS: Final = 2_000
REGION: Final = (
    *("region_id", "kind", "label", "t_start", "t_end", "quote", "x", "y", "w", "h", "rotation", "points"),
    *("mask_rle", "mask_h", "mask_w", "track_id", "frame", "outside", "sec_start", "sec_end", "attributes"),
)


@dataclass(frozen=True)
class Answer:
    """What one person, gold or a model said: the answer as people read it, and what was drawn or marked.

    first: what was submitted first, where the label was changed since.
    """

    annotation_id: str
    annotator: str
    role: str
    label: str | None
    regions: tuple[dict[str, Any], ...]
    first: str | None = None


@dataclass(frozen=True)
class Item:
    """An item as it was seen, as far as its media are to be had, and the answers to one question about it."""

    item_id: str
    text: str | None
    width: int | None
    height: int | None
    picture: Picture | None
    answers: tuple[Answer, ...]


@allowed("answers")
def item(ws: Workspace, project: str, item_id: str, question: str) -> Item:
    """Everybody's answer to a question about an item as it is now, gold before people before models.

    At most 50 answers and 2,000 regions; NotFoundError where the project has no such item.
    """
    snapshot = ws.snapshot(project)
    described = snapshot.rows(
        lambda facts: facts.items.filter(_.item_id == item_id).select("text", "uri", "width", "height").limit(1)
    )
    answers = snapshot.rows(lambda facts: _answers(facts, item_id, question).limit(MOST_ANSWERS))
    if answers.empty and described.empty:
        raise NotFoundError(f"There is no item {item_id!r} in this project.")
    regions = snapshot.rows(lambda facts: _regions(facts, item_id, question).limit(MOST_REGIONS))
    drawn: dict[str, list[dict[str, Any]]] = {}
    for row in regions.to_dict("records"):
        drawn.setdefault(str(row.pop("annotation_id")), []).append(known(row))
    its = known(described.to_dict("records")[0]) if len(described) else {}
    return Item(
        item_id,
        its.get("text"),
        whole(its.get("width")),
        whole(its.get("height")),
        picture(ws.settings.media, its.get("uri")),
        tuple(
            Answer(
                row.annotation_id,
                shown_name(ws, project, row.annotator) if row.role == Role.ANNOTATOR.value else row.annotator,
                row.role,
                row.label if isinstance(row.label, str) else None,
                tuple(drawn.get(row.annotation_id, ())),
                row.first if isinstance(row.first, str) and row.first != row.label else None,
            )
            for row in answers.itertuples()
        ),
    )


def _answers(facts: Facts, item_id: str, question: str) -> Any:
    marked = region_keys(facts.regions).rename(of="annotation_id", asked="question", as_of="revision")
    same = [("annotation_id", "of"), ("question", "asked"), ("revision", "as_of")]
    rows = _submitted(facts, item_id, question).left_join(marked, same).drop("of", "asked", "as_of")
    place = (_.role == Role.MODEL.value).ifelse(2, (_.role == Role.ANNOTATOR.value).ifelse(1, 0))
    rows = rows.mutate(place=place, label=shown(key(_)).coalesce(_.label, _.text))
    first = rows.filter(_.revision == _.first_revision).select(first_id="annotation_id", first="label")
    now = rows.filter(_.revision == _.last_revision).left_join(first, [("annotation_id", "first_id")])
    ordered = now.order_by("place", "annotator", "annotation_id")
    return ordered.select("annotation_id", "annotator", "role", "label", "first")


def _regions(facts: Facts, item_id: str, question: str) -> Any:
    now = _submitted(facts, item_id, question).filter(_.revision == _.last_revision)
    now = now.select(of="annotation_id", as_of="revision")
    regions = facts.regions.filter(_.question.coalesce("") == question)
    joined = regions.join(now, [regions.annotation_id == now.of, regions.revision.coalesce(1) == now.as_of])
    return joined.order_by("annotation_id", "region_id").select("annotation_id", *REGION)


def _submitted(facts: Facts, item_id: str, question: str) -> Any:
    """Every submitted revision of each answer to the question, with the first and the last of its answer."""
    rows = facts.annotations.filter(
        (_.item_id == item_id) & (_.question.coalesce("") == question) & (_.status == Status.SUBMITTED.value)
    ).mutate(question=_.question.coalesce(""), revision=_.revision.coalesce(1), annotator=_.annotator.coalesce(""))
    ends = rows.group_by(end_id="annotation_id").agg(first_revision=_.revision.min(), last_revision=_.revision.max())
    return rows.join(ends, [("annotation_id", "end_id")]).drop("end_id")


def known(row: dict[str, Any]) -> dict[str, Any]:
    """The values that are there, as plain Python."""
    plain = {name: value.tolist() if hasattr(value, "tolist") else value for name, value in row.items()}
    return {name: value for name, value in plain.items() if isinstance(value, list) or pd.notna(value)}


def whole(value: Any) -> int | None:
    """A size in pixels; None where it is not known."""
    return int(value) if value is not None and value > 0 else None
