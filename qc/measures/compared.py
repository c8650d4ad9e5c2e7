"""Work cut into parts that are held against each other: judgements, durations, answers, and what batches hold."""

from __future__ import annotations

from typing import Any, Final

import ibis
from ibis import _

from qc.measures.base import Base
from qc.measures.judged import DRAW
from qc.measures.models import surest
from qc.measures.scoped import scoped, with_annotator, with_label, with_question
from qc.measures.times import text, week_start
from qc.measures.votes import tags_of
from qc.model import Scope

# Durations are counted by hundredths of their logarithm.
PER_LOG: Final = 100
# What submissions do not have, but their items.
OF_ITEMS: Final = frozenset({"tag", "group"})


def judged_parts(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """`judged_counts` of annotators by parts of the work; an item of several tags or groups counts in each."""
    rows = _parted(scoped(base.judged, base, scope), base, by)
    counted = rows.group_by("source", *by, "annotator", *DRAW).agg(n=_.count(), errors=_.error.sum().cast("int64"))
    return with_annotator(counted, base)


def paced_parts(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """Per part, annotator and hundredth of ln seconds: submissions with a plausible duration of their own, its sum."""
    rows = _timed(base, scope, by).mutate(bin=((_.spent_ms / 1000).ln() * PER_LOG).floor().cast("int64"))
    counted = rows.group_by(*by, "annotator", "bin").agg(n=_.count(), spent_ms=_.spent_ms.sum().cast("int64"))
    return with_annotator(counted, base)


def timed_parts(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """Per part: submissions with a plausible duration of their own, as `paced_parts` counts them."""
    return _timed(base, scope, by).agg(n=_.count(), by=list(by)).filter(_.n > 0)


def given_parts(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """First-round answers in integers, as `given`, by the shift in which they were submitted too."""
    rows = scoped(base.answers, base, scope).filter((_.round == 1) & _.code.notnull())
    own = tuple(key for key in by if key != "day")
    return _parted(rows, base, own).select(*own, "item", "annotator", "code", "day", question="q")


def present(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """Per part and annotator: answers. How many people are behind a figure of the part."""
    rows = _parted(scoped(base.answers, base, scope), base, by)
    return with_annotator(rows.group_by(*by, "annotator").agg(answers=_.count()), base)


def hours_parts(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """Per part, local day and hour with a known time: submissions."""
    rows = _parted(scoped(base.submissions, base, scope).filter(_.hour.notnull()), base, by)
    return rows.group_by(*by, "day", "hour").agg(submissions=_.count())


def batch_values(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """Per field, batch (null where none is stated), week of its first answer and value: how many items have it.

    Fields: label (with its question), source, site, guideline, tag and media. `week` is the day number of a Monday.
    """
    answers = scoped(base.answers, base, scope)
    placed = _placed(answers)
    facts = base.snapshot.facts
    labels = with_label(
        with_question(answers.filter(_.code.notnull()).select("q", "item", "batch", "code").distinct(), base),
        base,
        "code",
        "value",
    )
    named = base.items.select("item", "item_id")
    sources = facts.annotations.select("source", its_id=_.item_id.coalesce("")).distinct()
    media = facts.items.select("media", its_id=_.item_id.coalesce("")).distinct()
    parts = [
        _valued(labels.select("item", "batch", "value", field="label: " + _.question)),
        _valued(answers.select("item", "batch", value="site", field=text("site")).distinct()),
        _valued(answers.select("item", "batch", value="guideline", field=text("guideline")).distinct()),
        _valued(_of_items(placed, tags_of(base).rename(value="tag"), "tag")),
        _valued(_of_items(placed, _by_item(sources, named, "source"), "source")),
        _valued(_of_items(placed, _by_item(media, named, "media"), "media")),
    ]
    values = ibis.union(*parts, distinct=False)
    same = [values.item == placed.at, values.batch.identical_to(placed.of_batch)]
    joined = values.join(placed, same)
    return joined.group_by("field", "batch", "week", "value").agg(items=_.item.nunique())


def batch_lengths(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """Per item and batch that it was answered in: how long its text is and how large its picture; null if unknown."""
    placed = _placed(scoped(base.answers, base, scope))
    sizes = base.snapshot.facts.items.select(
        its_id=_.item_id.coalesce(""),
        characters=_.text.length().cast("int64"),
        width=_.width.cast("int64"),
        height=_.height.cast("int64"),
        frames=_.n_frames.cast("int64"),
    )
    named = base.items.select("item", "item_id")
    joined = placed.join(named, [("at", "item")]).join(sizes, [("item_id", "its_id")])
    return joined.select("item", "week", "characters", "width", "height", "frames", batch="of_batch")


def models_beside(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """Per question and two models: on how many items with a known answer (gold, adjudication) each was wrong."""
    known = base.references.select(at="item", of="q").distinct()
    hits = base.references.select(hit_item="item", hit_q="q", hit="code").distinct()
    rows = scoped(surest(base), base, Scope(scope.question, batches=scope.batches, sites=scope.sites))
    rows = rows.join(known, [("item", "at"), ("q", "of")])
    rows = rows.left_join(hits, [("item", "hit_item"), ("q", "hit_q"), ("code", "hit")])
    rows = rows.select("item", "q", "model", wrong=_.hit.isnull().cast("int64"))
    other = rows.select(b="model", of="item", of_q="q", wrong_b="wrong")
    pairs = rows.join(other, [rows.item == other.of, rows.q == other.of_q, rows.model < other.b])
    counted = pairs.group_by("q", "model", "b").agg(
        n=_.count(), wrong_a=_.wrong.sum(), wrong_b=_.wrong_b.sum(), both=(_.wrong * _.wrong_b).sum()
    )
    return with_question(counted.rename(a="model"), base)


def _timed(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    rows = scoped(base.submissions, base, scope).filter((_.spent_ms > 0) & ~_.skipped)
    if OF_ITEMS & {*by}:
        its = base.answers.select("item", its_id="annotation_id").distinct()
        rows = rows.join(its, [("annotation_id", "its_id")]).drop("its_id")
    return _parted(rows, base, by)


def _parted(rows: Any, base: Base, by: tuple[str, ...]) -> Any:
    """The rows with the columns of the parts that they do not have yet."""
    if "tag" in by:
        tags = tags_of(base).select("tag", of_item="item")
        rows = rows.join(tags, [("item", "of_item")]).drop("of_item")
    if "group" in by:
        groups = base.groups.select("group", in_group="item")
        rows = rows.join(groups, [("item", "in_group")]).drop("in_group")
    if {"hour", "shift"} & {*by} and "hour" not in rows.columns:
        hours = base.submissions.select("hour", of_id="annotation_id")
        rows = rows.left_join(hours, [("annotation_id", "of_id")]).drop("of_id")
    if "shift" in by:
        shifts = base.policy.fatigue.shifts
        began = ibis.cases(*((_.hour >= hour, hour) for hour in reversed(shifts)), else_=shifts[-1])
        rows = rows.mutate(shift=ibis.ifelse(_.hour.isnull(), None, began).cast("int32"))
    return rows


def _placed(answers: Any) -> Any:
    """at, of_batch, week: of each item and batch the week of the first answer."""
    first = answers.group_by(at="item", of_batch="batch").agg(first=_.day.min())
    return first.select("at", "of_batch", week=week_start(_.first))


def _by_item(rows: Any, named: Any, value: str) -> Any:
    return rows.join(named, [("its_id", "item_id")]).select("item", value=value)


def _of_items(placed: Any, values: Any, field: str) -> Any:
    own = values.select("value", its="item").distinct()
    return placed.join(own, [("at", "its")]).select("value", item="at", batch="of_batch", field=text(field))


def _valued(rows: Any) -> Any:
    return rows.filter(_.value.notnull() & (_.value != "")).select("field", "item", "batch", "value")
