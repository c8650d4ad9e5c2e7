"""Answers with their text keys encoded as integers, since text is what costs.

Codes follow the order of the texts (of numbers for numeric answers), so they are the same in every engine.
"""

from __future__ import annotations

from typing import Any, Final

import ibis
from ibis import _

from qc.judge import key, region_keys
from qc.measures.times import epoch_ms, quarter
from qc.model import Kind, Origin, Role, SecondsKind, Status

# Durations outside of these are broken clocks, positions beyond this no positions.
SHORTEST_SECONDS: Final = 0.1
LONGEST_SECONDS: Final = 1e6
FARTHEST: Final = 1e6
# Before all times, for what has none.
LONG_AGO: Final = -(2**62)

# The columns of `Base.answers`.
ANSWER: Final = (
    "annotation_id",
    "item",
    "q",
    "annotator",
    "code",
    "round",
    "suggested",
    "ms",
    "day",
    "batch",
    "site",
    "guideline",
)

# What a duration measures, as a code; 0 stands for none.
SECONDS_KINDS: Final = tuple(SecondsKind)
NO_KIND, SHARED, WALL = 0, SECONDS_KINDS.index(SecondsKind.SHARED) + 1, SECONDS_KINDS.index(SecondsKind.WALL) + 1

# Why a duration is not one.
NO_FAULT, ZERO, NEGATIVE, ABSURD = 0, 1, 2, 3

# How much of an answer a model suggested.
UNCHANGED: Final = 2
EDITED: Final = 1


def answered(annotations: Any) -> Any:
    """What somebody submitted or skipped; names are never null, revisions and rounds begin at 1."""
    used = "annotation_id role kind label labels number submitted_at updated_at started_at seconds seconds_kind session"
    used += " position origin parent model score answer_hash batch site guideline"
    return annotations.filter(_.status.isin([Status.SUBMITTED.value, Status.SKIPPED.value])).select(
        *used.split(),
        item_id=_.item_id.coalesce(""),
        question=_.question.coalesce(""),
        annotator=_.annotator.coalesce(""),
        revision=_.revision.coalesce(1),
        round=_.round.coalesce(1),
        current=_.current.coalesce(True),
        skipped=_.status == Status.SKIPPED.value,
    )


def marked(regions: Any) -> Any:
    """region_keys, for the names that `answered` gives to answers."""
    keys = region_keys(regions.mutate(question=_.question.coalesce(""), revision=_.revision.coalesce(1)))
    return keys.rename(of_id="annotation_id", of_question="question", of_revision="revision")


def keyed(rows: Any, marked: Any) -> Any:
    """The rows with their `key`; skips have none."""
    same = [("annotation_id", "of_id"), ("question", "of_question"), ("revision", "of_revision")]
    joined = rows.left_join(marked, same).select(*rows.columns, "marked")
    return joined.mutate(key=ibis.ifelse(_.skipped, None, key(_))).drop("marked")


def items(rows: Any, facts_items: Any) -> Any:
    """item, item_id, batch, site, guideline, is_gold: one row per item with answers."""
    asked = rows.select("item_id").distinct().mutate(item=_number("item_id"))
    gold = rows.filter(_.role == Role.GOLD.value).select(gold_id="item_id").distinct()
    described = facts_items.select("batch", "site", "guideline", its_id="item_id", flagged="is_gold")
    joined = asked.left_join(described, [("item_id", "its_id")]).left_join(gold, [("item_id", "gold_id")])
    is_gold = _.gold_id.notnull() | _.flagged.coalesce(False)
    return joined.select("item", "item_id", "batch", "site", "guideline", is_gold=is_gold)


def people(rows: Any) -> Any:
    """annotator, name: one row per person or model."""
    return rows.select(name=_.annotator).distinct().mutate(annotator=_number("name"))


def questions(rows: Any) -> Any:
    """q, question, kind: the kind is that of most answers, before those that mark nothing."""
    counted = rows.group_by("question", "kind").agg(n=_.count())
    counted = counted.mutate(empty=_.kind.isnull() | (_.kind == Kind.NONE.value))
    order = ibis.window(group_by="question", order_by=["empty", ibis.desc("n"), "kind"])
    first = counted.mutate(place=ibis.row_number().over(order)).filter(_.place == 0)
    return first.select("question", "kind", q=_number("question"))


def sessions(rows: Any) -> Any:
    """own, name: one row per session that a tool names, from 1."""
    named = rows.filter(_.session.notnull()).select(name=_.session).distinct()
    return named.select("name", own=_number("name") + 1)


def labels(keyed: Any) -> Any:
    """question, key, code (from 0 in each question): one row per answer that occurs."""
    known = keyed.filter(_.key.notnull()).group_by("question", "key").agg(number=_.number.min().coalesce(0.0))
    order = ibis.window(group_by="question", order_by=["number", "key"])
    return known.select("question", "key", code=ibis.row_number().over(order).cast("int32"))


def revised(rows: Any) -> Any:
    """of_id, of_question, of_revision: answers that had been submitted before, in an earlier revision."""
    later = rows.filter((_.revision > 1) & ~_.skipped)
    later = later.select(of_id="annotation_id", of_question="question", of_revision="revision")
    earlier = rows.filter(~_.skipped).select("annotation_id", "question", "revision")
    same = [earlier.annotation_id == later.of_id, earlier.question == later.of_question]
    return earlier.join(later, [*same, earlier.revision < later.of_revision]).select(later.columns).distinct()


def first_submitted(rows: Any, revised: Any) -> Any:
    """Answers as first submitted, and skips."""
    same = [rows.annotation_id == revised.of_id, rows.question == revised.of_question]
    return rows.anti_join(revised, [*same, rows.revision == revised.of_revision]).select(rows.columns)


def _with_codes(keyed: Any, items: Any, questions: Any, labels: Any) -> Any:
    """The rows with item, q, code (null where the kind is not compared), and the item's batch, site and guideline."""
    its = items.select("item", its_id="item_id", its_batch="batch", its_site="site", its_guideline="guideline")
    return (
        keyed.join(its, [("item_id", "its_id")])
        .join(questions.select("q", of="question"), [("question", "of")])
        .left_join(labels.select("code", asked="question", given="key"), [("question", "asked"), ("key", "given")])
    ).drop("its_id", "of", "asked", "given")


def coded(keyed: Any, items: Any, people: Any, questions: Any, labels: Any, sessions: Any, days: Any) -> Any:
    """The answers with codes, times in milliseconds, and the item's batch, site and guideline where they have none.

    `own` is 0 where the tool names no session, `suggested` is UNCHANGED or EDITED where a model went before.
    """
    joined = (
        _with_codes(keyed.mutate(ms=epoch_ms(_.submitted_at)), items, questions, labels)
        .mutate(quarter=quarter(_.ms))
        .join(people.select("name", who="annotator"), [("annotator", "name")])
        .left_join(sessions.select("own", called="name"), [("session", "called")])
        .left_join(days.select("day", "hour", began="quarter"), [("quarter", "began")])
    )
    suggested = ibis.cases(
        (_.origin == Origin.PREDICTION.value, UNCHANGED), (_.origin == Origin.PREDICTION_EDITED.value, EDITED), else_=0
    )
    return joined.select(
        "annotation_id",
        "item",
        "q",
        "code",
        "round",
        "skipped",
        "ms",
        "day",
        "hour",
        annotator=_.who,
        own=_.own.coalesce(0),
        start_ms=epoch_ms(_.started_at),
        spent_ms=_spent_ms(_),
        spent_kind=_seconds_kind(_),
        spent_fault=_seconds_fault(_),
        position=ibis.ifelse(_.position.between(0, FARTHEST), _.position.floor().cast("int32"), None),
        backwards=(_.seconds < 0).coalesce(False) | (_.started_at > _.submitted_at).coalesce(False),
        suggested=suggested.cast("int8"),
        batch=_.batch.coalesce(_.its_batch),
        site=_.site.coalesce(_.its_site),
        guideline=_.guideline.coalesce(_.its_guideline),
    )


def _number(name: str) -> Any:
    """Row numbers from 0 in the order of a column without repeats."""
    return ibis.row_number().over(ibis.window(order_by=name)).cast("int32")


def _spent_ms(row: Any) -> Any:
    """Time spent; unknown where it is impossible, or shared by several answers."""
    own = row.seconds_kind.coalesce("") != SecondsKind.SHARED.value
    return ibis.ifelse(own & _possible(row), (row.seconds * 1000).round().cast("int64"), None)


def _possible(row: Any) -> Any:
    return (row.seconds >= SHORTEST_SECONDS) & (row.seconds <= LONGEST_SECONDS)


def _seconds_kind(row: Any) -> Any:
    """The code of the kind that is stated for a duration."""
    stated = row.seconds_kind.coalesce(SecondsKind.UNKNOWN.value)
    cases = [(stated == kind.value, place) for place, kind in enumerate(SECONDS_KINDS, 1)]
    return ibis.ifelse(row.seconds.notnull(), ibis.cases(*cases, else_=NO_KIND), NO_KIND).cast("int8")


def _seconds_fault(row: Any) -> Any:
    """Why a stated duration, or the time between start and submission, is impossible."""
    return ibis.cases(
        ((row.seconds < 0) | (row.seconds.isnull() & (row.started_at > row.submitted_at)), NEGATIVE),
        (row.seconds < SHORTEST_SECONDS, ZERO),
        (row.seconds.notnull() & ~_possible(row), ABSURD),
        else_=NO_FAULT,
    ).cast("int8")


def others(keyed: Any, items: Any, questions: Any, labels: Any) -> Any:
    """With codes: gold, models, reviewers and leads, and what people changed later."""
    rows = _with_codes(keyed, items, questions, labels).filter(~_.skipped)
    return rows.select(
        "annotation_id",
        "role",
        "item",
        "q",
        "code",
        "revision",
        "current",
        "parent",
        "answer_hash",
        "score",
        batch=_.batch.coalesce(_.its_batch),
        site=_.site.coalesce(_.its_site),
        name=_.model.coalesce(_.annotator),
        at=epoch_ms(_.submitted_at.coalesce(_.updated_at)).coalesce(LONG_AGO),
    )
