"""How reviewers judged where the truth is known, and where two of them judged one answer."""

from __future__ import annotations

from typing import Any

import ibis
from ibis import _

from qc.measures.base import Base
from qc.measures.scoped import scoped, with_question
from qc.model import Scope


def reviewed_gold(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """Per reviewer, by whether the answer is wrong to gold (wrong) and to the reviewer (flagged): how many."""
    rows = scoped(base.opinions.filter(_.gold.notnull()), base, scope)
    return rows.group_by("reviewer", "flagged", wrong="gold").agg(n=_.count())


def double_reviews(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """One row per answer that two people reviewed in one revision: who, by time, and whether each flagged it.

    comparable: 1 where a final call can tell whether the answer is wrong (0: drawn, or free text). wrong: 1 or 0 by the
    call of a lead on its item, null where there is none. Of more than two reviewers the first count.
    """
    order = ibis.window(group_by=["annotation_id", "q"], order_by=["at", "reviewer"])
    rows = scoped(base.opinions, base, scope).mutate(place=ibis.row_number().over(order))
    one = rows.filter(_.place == 0)
    other = rows.filter(_.place == 1).select(
        of="annotation_id", of_q="q", second="reviewer", second_flagged="flagged", also="judged"
    )
    pairs = one.join(other, [("annotation_id", "of"), ("q", "of_q")])
    pairs = pairs.filter(_.judged.coalesce(-1) == _.also.coalesce(-1))
    pairs = pairs.join(base.items.select("item_id", its="item"), [("item", "its")])
    return with_question(pairs, base).select(
        "annotation_id",
        "question",
        "item_id",
        "second",
        "second_flagged",
        first=_.reviewer,
        first_flagged=_.flagged,
        comparable=_.judged.notnull().cast("int32"),
        wrong=_.settled,
    )


def reviewers_at_work(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """Per reviewer with a name, and whether the answers were drawn (1) or not: on how many the decision that counts."""
    rows = scoped(base.decisions.filter(_.reviewer != ""), base, scope)
    rows = rows.select("annotation_id", "q", "reviewer").distinct()
    drawn = base.snapshot.facts.draws.join(base.questions.select(its="q", asked="question"), [("question", "asked")])
    drawn = drawn.select("its", of="annotation_id").distinct()
    rows = rows.left_join(drawn, [("annotation_id", "of"), ("q", "its")])
    rows = rows.mutate(drawn=_.of.notnull().cast("int32"))
    return rows.group_by("reviewer", "drawn").agg(n=_.count())


def offered(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """Per draw and stratum: how many answers it took, judged or waiting, whatever the scope."""
    draws = base.snapshot.facts.draws
    return draws.group_by("draw_id", "stratum").agg(stratum_offered=_.annotation_id.count())
