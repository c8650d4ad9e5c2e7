"""What answers are held against, and what reviewing them took."""

from __future__ import annotations

from typing import Any

from ibis import _

from qc.measures.base import Base
from qc.measures.marked import MARKED
from qc.measures.objects import DRAWN
from qc.measures.scoped import scoped, with_question
from qc.measures.sources import GOLD, REVIEW
from qc.measures.times import day_text
from qc.model import Role, Scope


def gold(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """The known answers, in the integers of `codes`; several rows where several answers are accepted."""
    rows = base.references.filter((_.source == GOLD) & _.code.notnull())
    return rows.select("item", "code", question="q")


def gold_answers(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """People's first answers that are regions, to items with a known answer, and what splits them.

    item, annotator: the integers of `drawn` and `marks`. day: the local day of submission.
    """
    asked = base.questions.filter(_.kind.isin([*(kind.value for kind in DRAWN), *MARKED])).select(asked="q")
    known = base.others.filter((_.role == Role.GOLD.value) & _.current).select(known="item", known_q="q").distinct()
    rows = scoped(base.answers.filter(_["round"] == 1), base, scope).semi_join(asked, [("q", "asked")])
    rows = with_question(rows.semi_join(known, [("item", "known"), ("q", "known_q")]), base)
    return rows.select("question", "item", "annotator", "batch", "site", "guideline", day=day_text(_.day))


def review_effort(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """One row: answers reviewed, errors among them, and the time of all reviews whose duration is known.

    corrected: errors with a right answer on record.
    """
    rows = scoped(base.judged.filter(_.source == REVIEW), base, scope)
    stated = ((_.error == 1) & _.truth.notnull()).cast("int64")
    found = rows.agg(
        reviews=_.count(),
        errors=_.error.sum().coalesce(0).cast("int64"),
        corrected=stated.sum().coalesce(0).cast("int64"),
    )
    timed = base.snapshot.facts.reviews.filter(_.seconds > 0).agg(
        timed=_.count(), spent_ms=(_.seconds * 1000).round().cast("int64").sum().coalesce(0).cast("int64")
    )
    return found.cross_join(timed)
