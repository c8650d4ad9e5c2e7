"""Which drawn answers still wait for a verdict of somebody."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from qc.store import tables as t
from qc.store.record import Store


def waiting(store: Store, project: str, reviewer: str, called: Collection[str] = ()) -> list[dict[str, Any]]:
    """annotation_id, question, item_id, level of drawn answers that want one more verdict, in the order of drawing.

    What the reviewer judged does not wait for them, nor what they answered themselves: `called` are their names in
    the exports.
    """
    judged = _judged(project, reviewer).subquery()
    d = t.drawn_answers.c
    query = (
        sa.select(d.annotation_id, d.question, d.item_id, d.level)
        .join(t.draws, t.draws.c.id == d.draw_id)
        .outerjoin(judged, (judged.c.annotation_id == d.annotation_id) & (judged.c.question == d.question))
        .where(
            d.project == project,
            sa.func.coalesce(judged.c.reviewers, 0) < d.reviews_wanted,
            sa.func.coalesce(judged.c.own, 0) == 0,
            sa.or_(d.annotator.is_(None), d.annotator.not_in(list(called))),
        )
        .order_by(t.draws.c.drawn_at, d.draw_id, d.place)
    )
    return store.rows(query)


def _judged(project: str, reviewer: str) -> sa.Select[Any]:
    """annotation_id, question, reviewers, own: how many people judged an answer, and whether this one did."""
    v = t.verdicts.c
    newest = sa.select(v.review_id, sa.func.max(v.revision).label("revision")).where(v.project == project)
    latest = newest.group_by(v.review_id).subquery()
    own = sa.func.max(sa.case((v.reviewer == reviewer, 1), else_=0)).label("own")
    return (
        sa.select(v.annotation_id, v.question, sa.func.count(v.reviewer.distinct()).label("reviewers"), own)
        .join(latest, (v.review_id == latest.c.review_id) & (v.revision == latest.c.revision))
        .where(v.project == project, ~v.withdrawn)
        .group_by(v.annotation_id, v.question)
    )
