"""How often people's answers to an item stood against each other before and after a moment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ibis import _

from qc.judge import shown
from qc.measures.base import Base

BEFORE, AFTER, BETWEEN, UNTIMED = 0, 1, 2, 3


def pattern_counts(base: Base, question: str, answers: Sequence[str], at_ms: int) -> Any:
    """By `period` (BEFORE, AFTER; BETWEEN, answered on both sides of it; UNTIMED): how many items, and with conflict.

    items: those that two people or more answered and that got one of these answers, as people read them (any where
    none is named); conflicts: those that got two of them or more.
    """
    asked = base.questions.filter(_.question == question).select(of_q="q")
    rows = base.answers.filter((_.round == 1) & _.code.notnull()).semi_join(asked, [("q", "of_q")])
    named = base.labels.filter(_.question == question)
    if answers:
        named = named.filter(shown(_.key).isin(list(answers)))
    named = named.select(its="code").distinct()
    rows = rows.left_join(named, [("code", "its")])
    per_item = rows.group_by("item").agg(
        people=_.annotator.nunique(),
        given=_.its.nunique(),
        first=_.ms.min(),
        last=_.ms.max(),
        untimed=_.ms.isnull().sum(),
    )
    per_item = per_item.filter((_.people > 1) & (_.given > 0))
    period = (_.untimed > 0).ifelse(UNTIMED, (_.last < at_ms).ifelse(BEFORE, (_.first >= at_ms).ifelse(AFTER, BETWEEN)))
    counted = per_item.mutate(period=period.cast("int32")).group_by("period")
    return counted.agg(items=_.count(), conflicts=(_.given > 1).sum()).order_by("period")
