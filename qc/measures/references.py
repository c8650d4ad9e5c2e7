"""What answers are held against, and what reviewing them took."""

from __future__ import annotations

from typing import Any

from ibis import _

from qc.measures.base import Base
from qc.measures.judged import GOLD, REVIEW
from qc.measures.measure import scoped
from qc.model import Scope


def gold(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """The known answers, in the integers of `codes`; several rows where several answers are accepted."""
    rows = base.references.filter((_.source == GOLD) & _.code.notnull())
    return rows.select("item", "code", question="q")


def review_effort(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """One row: answers reviewed, errors among them, and the time of all reviews whose duration is known."""
    rows = scoped(base.judged.filter(_.source == REVIEW), base, scope)
    found = rows.agg(reviews=_.count(), errors=_.error.sum().coalesce(0).cast("int64"))
    timed = base.snapshot.facts.reviews.filter(_.seconds > 0).agg(
        timed=_.count(), spent_ms=(_.seconds * 1000).round().cast("int64").sum().coalesce(0).cast("int64")
    )
    return found.cross_join(timed)
