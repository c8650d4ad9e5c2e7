"""How much there is: volume, questions, labels, days."""

from __future__ import annotations

from typing import Any

import ibis
from ibis import _

from qc.judge import shown
from qc.measures.base import Base
from qc.measures.scoped import scoped, with_annotator, with_question
from qc.measures.sessions import UPLOADED
from qc.measures.sources import REVIEW
from qc.measures.times import day_text
from qc.model import Scope


def volume(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """One row, also of nothing: what was answered, by how many, when, and how much of it was reviewed or is gold."""
    answers = scoped(base.answers, base, scope)
    gold = base.items.filter(_.is_gold).select(gold="item")
    known = answers.left_join(gold, [("item", "gold")])
    counts = known.agg(
        items=_.item.nunique(),
        answers=_.count(),
        annotators=_.annotator.nunique(),
        gold_items=_.gold.nunique(),
        first_ms=_.ms.min(),
        last_ms=_.ms.max(),
    )
    skips = scoped(base.entries.filter(_.skipped), base, scope).select(of="annotation_id").distinct()
    # A submission with an answer to any question is not skipped; the few skips on the right are what the join keeps.
    taken = base.answers.join(skips, [("annotation_id", "of")]).select("of").distinct()
    skipped = skips.agg(skips=_.count()).cross_join(taken.agg(taken=_.count())).select(skipped=_.skips - _.taken)
    reviewed = scoped(base.judged.filter(_.source == REVIEW), base, scope).agg(reviewed=_.count())
    return counts.cross_join(skipped).cross_join(reviewed)


def questions(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """Per question: its code in other measures, its kind, its answers and the items that they are to."""
    counted = scoped(base.answers, base, scope).group_by("q").agg(answers=_.count(), items=_.item.nunique())
    return counted.join(base.questions.select("question", "kind", code="q"), [("q", "code")])


def labels(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """Per question and label: its code in other measures, and how many answers give it."""
    rows = scoped(base.answers, base, scope).filter(_.code.notnull())
    counted = with_question(rows.group_by("q", "code").agg(answers=_.count()), base)
    return counted.join(base.labels, ["question", "code"]).mutate(label=shown(_.key))


def workload(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """Answers per annotator, question, batch, site and guideline: who works on what, and how large lots are."""
    rows = scoped(base.answers, base, scope)
    rows = rows.group_by("annotator", "q", "batch", "site", "guideline").agg(answers=_.count())
    return with_question(with_annotator(rows, base), base)


def lot_draws(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """Answers drawn by lot, per annotator, question, batch, site and the review level that drew them."""
    drawn = base.snapshot.facts.draws.filter(_.share == "random")
    drawn = drawn.select("level", of_id="annotation_id", of_question="question")
    rows = with_question(scoped(base.answers, base, scope), base)
    rows = rows.join(drawn, [("annotation_id", "of_id"), ("question", "of_question")])
    rows = rows.group_by("annotator", "question", "batch", "site", "level").agg(answers=_.count())
    return with_annotator(rows, base)


def days(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """Answers per local day and site; those without a time are on no day."""
    rows = scoped(base.answers, base, scope).group_by("day", "site").agg(answers=_.count())
    return rows.mutate(day=day_text(_.day))


def item_names(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """The items behind the codes of `codes` and `judged_rows`."""
    return base.items


def annotator_names(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """The people behind the codes of `codes`."""
    return base.people


def clock(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """Per annotator: submissions with an uploaded, future or backward time; future is unknown without a data time."""
    rows = scoped(base.submissions, base, scope)
    as_of = ibis.null("int64") if base.as_of_ms is None else ibis.literal(base.as_of_ms, type="int64")
    counted = rows.group_by("annotator").agg(
        same_timestamp=(_.time_fault == UPLOADED).sum(),
        future=(_.ms > as_of).cast("int64").sum(),
        negative=_.backwards.sum(),
    )
    return (
        counted.filter((_.same_timestamp > 0) | (_.future.coalesce(0) > 0) | (_.negative > 0))
        .join(base.people, "annotator")
        .drop("annotator")
        .rename(annotator="name")
    )
