"""Which drawn answers still wait for a verdict of somebody."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

import sqlalchemy as sa

from qc.model import TIERS
from qc.store import tables as t
from qc.store.record import Store

NO_TIER: Final = -1


def waiting(
    store: Store, project: str, reviewer: str, called: Collection[str] = (), flagged: Collection[str] = ("reject",)
) -> list[dict[str, Any]]:
    """Drawn answers that may want one more verdict, in the order of drawing.

    annotation_id, question, item_id, annotator, level, share, draw_id, drawn_at, reviews_wanted; opinions: how many
    people judged it; differing: 1 where they differ in whether it is an error (`flagged` are the verdicts that say so);
    asked, answered: the place among TIERS of the highest tier that it was sent up to, and of the highest that has
    judged it since, -1 for none. What the reviewer judged does not wait for them, nor what they answered themselves:
    `called` are their names in the exports.
    """
    return store.rows(_waiting(project, reviewer, called, flagged))


def still_waits(
    connection: sa.Connection,
    project: str,
    reviewer: str,
    called: Collection[str],
    item_id: str,
    flagged: Collection[str] = ("reject",),
) -> list[dict[str, Any]]:
    """`waiting` of the answers to one item, within a transaction."""
    rows = connection.execute(_waiting(project, reviewer, called, flagged, item_id)).mappings()
    return [dict(row) for row in rows]


def latest_seconds(store: Store, project: str, reviewer: str, number: int) -> list[float]:
    """How long the latest verdicts of somebody took, the newest first; those without a time are left out."""
    v = t.verdicts.c
    query = sa.select(v.seconds).where(v.project == project, v.reviewer == reviewer, v.seconds.is_not(None))
    rows = store.rows(query.where(v.revision == 1).order_by(v.decided_at.desc()).limit(number))
    return [row["seconds"] for row in rows]


def _waiting(
    project: str, reviewer: str, called: Collection[str], flagged: Collection[str], item_id: str | None = None
) -> sa.Select[Any]:
    d = t.drawn_answers.c
    judged, sent = _judged(project, reviewer, flagged, item_id).subquery(), _sent_up(project).subquery()
    opinions = sa.func.coalesce(judged.c.reviewers, 0)
    differing, asked = sa.func.coalesce(judged.c.differing, 0), sa.func.coalesce(sent.c.asked, NO_TIER)
    names = (d.annotation_id, d.question, d.item_id, d.annotator, d.level, d.share, d.draw_id, d.reviews_wanted)
    query = (
        sa.select(
            *names,
            t.draws.c.drawn_at,
            opinions.label("opinions"),
            differing.label("differing"),
            asked.label("asked"),
            sa.func.coalesce(judged.c.answered, NO_TIER).label("answered"),
        )
        .join(t.draws, t.draws.c.id == d.draw_id)
        .outerjoin(judged, (judged.c.annotation_id == d.annotation_id) & (judged.c.question == d.question))
        .outerjoin(sent, (sent.c.annotation_id == d.annotation_id) & (sent.c.question == d.question))
        .where(
            d.project == project,
            sa.or_(opinions < d.reviews_wanted, differing == 1, asked > NO_TIER),
            sa.func.coalesce(judged.c.own, 0) == 0,
            sa.or_(d.annotator.is_(None), d.annotator.not_in(list(called))),
        )
        .order_by(t.draws.c.drawn_at, d.draw_id, d.place)
    )
    return query if item_id is None else query.where(d.item_id == item_id)


def _judged(project: str, reviewer: str, flagged: Collection[str], item_id: str | None) -> sa.Select[Any]:
    """annotation_id, question, reviewers, own, differing, answered of what people judged."""
    v = t.verdicts.c
    newest = sa.select(v.review_id, sa.func.max(v.revision).label("revision")).where(v.project == project)
    if item_id is not None:
        newest = newest.where(v.item_id == item_id)
    latest = newest.group_by(v.review_id).subquery()
    own = sa.func.max(sa.case((v.reviewer == reviewer, 1), else_=0)).label("own")
    wrong = sa.case((v.verdict.in_(list(flagged)), 1), else_=0)
    differing = sa.case((sa.func.max(wrong) != sa.func.min(wrong), 1), else_=0).label("differing")
    return (
        sa.select(
            v.annotation_id,
            v.question,
            sa.func.count(v.reviewer.distinct()).label("reviewers"),
            own,
            differing,
            sa.func.max(_place(v.tier)).label("answered"),
        )
        .join(latest, (v.review_id == latest.c.review_id) & (v.revision == latest.c.revision))
        .where(v.project == project, ~v.withdrawn)
        .group_by(v.annotation_id, v.question)
    )


def _sent_up(project: str) -> sa.Select[Any]:
    e = t.escalations.c
    asked = sa.func.max(_place(e.tier)).label("asked")
    return (
        sa.select(e.annotation_id, e.question, asked).where(e.project == project).group_by(e.annotation_id, e.question)
    )


def _place(tier: Any) -> Any:
    return sa.case({name: place for place, name in enumerate(TIERS)}, value=tier, else_=NO_TIER)
