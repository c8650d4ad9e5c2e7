"""What only the alert rules ask for: labels and skips by day, conflicts, and judged answers with their sort."""

from __future__ import annotations

from typing import Any, Final

from ibis import _

from qc.measures.base import Base
from qc.measures.scoped import scoped, with_annotator, with_label, with_question
from qc.measures.sources import ADJUDICATION, GOLD, REVIEW
from qc.measures.votes import current
from qc.model import Scope

# The last week that is over, the one before, and what has begun of the next.
RECENT_DAYS: Final = 28
_FINAL: Final = (GOLD, ADJUDICATION)


def label_days(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """Per question, batch, annotator, day and label of the last four weeks: answers."""
    rows = _recent(scoped(base.answers, base, scope).filter(_.code.notnull()))
    return rows.group_by(question="q", batch="batch", annotator="annotator", day="day", code="code").agg(n=_.count())


def skip_days(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """Per annotator and day of the last four weeks: submissions with skips, and how many of them are skips."""
    rows = _recent(scoped(base.submissions, base, scope))
    return rows.group_by("annotator", "day").agg(n=_.count(), skipped=_.skipped.cast("int64").sum())


def conflict_counts(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """Per question: items with two labels or more as answers are now, neither gold nor settled."""
    known = base.references.filter(_.source.isin(_FINAL)).select(of="item", of_q="q").distinct()
    rows = current(scoped(base.answers, base, scope).filter((_.round == 1) & _.code.notnull()), base)
    per_item = rows.group_by("item", "q").agg(least=_.code.min(), most=_.code.max()).filter(_.least != _.most)
    open_ = per_item.anti_join(known, [("item", "of"), ("q", "of_q")])
    return with_question(open_.group_by("q").agg(items=_.count()), base)


def judged_sorts(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """The judgements of `judged_sequence` with the true label, where it is known, the given one, and the error type."""
    rows = scoped(base.judged, base, scope)
    rows = rows.filter((_.source == GOLD) | ((_.source == REVIEW) & (_.share == "random")))
    stated = base.decisions.filter((_.wrong == 1) & _.error_type.notnull())
    stated = stated.group_by(of="annotation_id", of_q="q").agg(stated=_.error_type.min())
    rows = rows.left_join(stated, [("annotation_id", "of"), ("q", "of_q")]).drop("of", "of_q")
    error_type = (_.source == REVIEW).ifelse(_.stated, None)
    rows = rows.mutate(error_type=error_type, truth_code=_.truth, given_code=_.given).drop("truth", "given")
    named = rows.join(base.items.select("item_id", of="item"), [("item", "of")]).drop("of")
    named = with_question(with_annotator(named, base), base)
    return with_label(with_label(named, base, "truth_code", "truth"), base, "given_code", "given")


def _recent(rows: Any) -> Any:
    latest = rows.agg(latest=_.day.max())
    return rows.cross_join(latest).filter(_.day > _.latest - RECENT_DAYS).drop("latest")
