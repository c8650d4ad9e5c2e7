"""Answers that are more than a label: marks in texts and recordings, free texts, sides as they were shown."""

from __future__ import annotations

from typing import Any, Final

import ibis
from ibis import _

from qc.measures import coded
from qc.measures.base import Base
from qc.measures.scoped import scoped
from qc.measures.times import day_text, week_start
from qc.model import Kind, Role, Scope, Status

MARKED: Final = [Kind.SPANS.value, Kind.INTERVALS.value]
UNLABELLED: Final = -1
# Beyond this no second has whole milliseconds.
_LONGEST: Final = 1e12


def marks(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """Spans and intervals of people's first answers and of gold, as integers; the names of codes are in `mark_labels`.

    first, last: ends in characters or milliseconds, whatever their order. code: UNLABELLED without a label. gold: 0 for
    people; for known answers 1, and `annotator` numbers those that are accepted for the item, from 0.
    """
    labels = _labels(base).select("code", asked="question", name="label")
    regions = _regions(base)
    same = [("annotation_id", "of"), ("question", "of_question"), ("revision", "of_revision")]
    rows = _whose(base, scope).join(regions, same).select("q", "question", "item", "annotator", "gold", *_MARK)
    named = rows.left_join(labels, [("question", "asked"), ("label", "name")])
    return named.select(
        "item", "annotator", "gold", "first", "last", question=named.q, code=_.code.coalesce(UNLABELLED).cast("int32")
    )


def mark_labels(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """The labels of spans and intervals, people's and gold's, coded in each question in their order."""
    named = _labels(base).join(base.questions.select("q", asked="question"), [("question", "asked")])
    return named.select("code", "label", question=_.q)


def marking(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """Who answered a question about spans or intervals for which item: also those who marked nothing.

    extent: the item's characters, null where its text is not there. period: the week (its Monday) in which the item was
    first answered. gold: as in `marks`; gold has no period.
    """
    asked = base.questions.filter(_.kind.isin(MARKED)).select(of="q")
    rows = _whose(base, scope).semi_join(asked, [("q", "of")])
    weeks = rows.group_by(at="item", its="q").agg(period=day_text(week_start(_.day.min())))
    rows = rows.left_join(weeks, [("item", "at"), ("q", "its")])
    texts = base.snapshot.facts.items.select(of_item="item_id", extent=_.text.length().cast("int64"))
    extents = base.items.join(texts, [("item_id", "of_item")]).select("extent", described="item")
    found = rows.left_join(extents, [("item", "described")])
    period = ibis.ifelse(_.gold == 0, _.period, None)
    return found.select("item", "annotator", "gold", "extent", question=_.q, period=period)


def texts(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """Free texts that people first wrote; period: the week in which the item was first answered."""
    rows = _first(base, scope).filter(_.kind == Kind.TEXT.value)
    weeks = rows.group_by(at="item", its="q").agg(period=day_text(week_start(_.day.min())))
    rows = rows.left_join(weeks, [("item", "at"), ("q", "its")])
    return rows.select("item", "annotator", "period", question=_.q, text=_.text.coalesce(""))


def label_keys(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """What stands behind a code of `codes`: the key of `qc.judge`, whose parts can be told apart."""
    named = base.labels.join(base.questions.select("q", asked="question"), [("question", "asked")])
    return named.select("code", "key", question=_.q)


def shown_first(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """Preferences of one side of a pair: first is 1 where the side that was shown first won, else 0."""
    pairs = _first(base, scope).filter((_.kind == Kind.PAIRWISE.value) & (_.labels.length() == 2))
    sides = pairs.mutate(left=_.labels[0], right=_.labels[1]).filter(_.left != _.right)
    decided = sides.filter((_.label == _.left) | (_.label == _.right))
    return decided.select("item", "annotator", question=_.q, first=(_.label == _.left).cast("int8"))


_MARK: Final = ("label", "first", "last")


def _first(base: Base, scope: Scope) -> Any:
    """What people first answered in the first round: the columns of base.answers, and those that hold the answer."""
    rows = base.snapshot.facts.annotations.filter(
        (_.role == Role.ANNOTATOR.value) & (_.status == Status.SUBMITTED.value)
    ).select(
        "annotation_id",
        "kind",
        "label",
        "labels",
        "text",
        question=_.question.coalesce(""),
        revision=_.revision.coalesce(1),
        skipped=ibis.literal(False),
    )
    first = coded.first_submitted(rows, coded.revised(rows)).drop("skipped")
    named = first.join(base.questions.select("q", asked="question"), [("question", "asked")]).drop("asked")
    given = scoped(base.answers, base, scope).filter(_["round"] == 1)
    places = given.select("item", "annotator", "day", of="annotation_id", of_q="q")
    return named.join(places, [("annotation_id", "of"), ("q", "of_q")]).drop("of", "of_q")


def _whose(base: Base, scope: Scope) -> Any:
    """annotation_id, question, revision, q, item, annotator, day, gold: people's first answers, and gold."""
    people = _first(base, scope).select(
        "annotation_id", "question", "revision", "q", "item", "annotator", "day", gold=ibis.literal(0, "int8")
    )
    names = base.questions.select("question", of_q="q")
    known = base.others.filter((_.role == Role.GOLD.value) & _.current).join(names, [("q", "of_q")])
    order = ibis.window(group_by=["q", "item"], order_by="annotation_id")
    known = known.select(
        "annotation_id",
        "question",
        "revision",
        "q",
        "item",
        annotator=ibis.row_number().over(order).cast("int32"),
        day=ibis.null("int32"),
        gold=ibis.literal(1, "int8"),
    )
    return people.union(known)


def _regions(base: Base) -> Any:
    """of, of_question, of_revision, label, first, last: every span and interval that has two ends."""
    rows = base.snapshot.facts.regions.filter(_.kind.isin(MARKED))
    ends = [
        ibis.coalesce(point, ibis.ifelse(second.abs() < _LONGEST, (second * 1000).round().cast("int64"), None))
        for point, second in ((_.t_start, _.sec_start), (_.t_end, _.sec_end))
    ]
    found = rows.select(
        "label",
        of="annotation_id",
        of_question=_.question.coalesce(""),
        of_revision=_.revision.coalesce(1),
        one=ends[0],
        other=ends[1],
    ).filter(_.one.notnull() & _.other.notnull())
    return found.mutate(first=ibis.least(_.one, _.other), last=ibis.greatest(_.one, _.other)).drop("one", "other")


def _labels(base: Base) -> Any:
    known = _regions(base).filter(_.label.notnull()).select("label", question="of_question").distinct()
    order = ibis.window(group_by="question", order_by="label")
    return known.select("question", "label", code=ibis.row_number().over(order).cast("int32"))
