"""What people drew in their first answers, and what gold says: all that agreement on objects needs.

Gold answers stand among people's with an annotator below 0, each a number of its own.
"""

from __future__ import annotations

from typing import Any, Final

import ibis
from ibis import _

from qc.measures.base import Base
from qc.measures.scoped import scoped
from qc.measures.times import day_text, week_start
from qc.model import Kind, Role, Scope, Status

SHAPES: Final = (Kind.BOXES, Kind.POLYGONS, Kind.MASKS, Kind.POLYLINES, Kind.KEYPOINTS)
"""Kinds of regions; their place is the code in the column `shape`."""
DRAWN: Final = (*SHAPES, Kind.TRACKS)
NO_LABEL: Final = "(no label)"

_ANSWER: Final = ("annotation_id", "question", "revision", "q", "item", "annotator", "day")
_SAME: Final = [("annotation_id", "of_id"), ("question", "of_question"), ("revision", "of_revision")]
_LOOKS: Final = ("x", "y", "w", "h", "rotation", "points", "mask_rle", "mask_h", "mask_w")
# Readers write these of what they know; an annotator's own attributes of these names look different.
_PART: Final = r'"part":[0-9]'
_REGION: Final = r'"region":"((?:[^"\\]|\\.)*)"'
_HOLE: Final = '"hole":true'
_VISIBILITY: Final = r'"visibility":\[([0-9](?:,[0-9])*)\]'


def drawn(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """One row per region (a box, a part of a polygon, a mask, key points, a line, a keyframe) of items answered twice.

    `object` names what the rows of one object have in common (its track, or the region of its parts) and is null where
    a row is an object of its own. `frame` is null but of tracks (milliseconds where only times are known), and `page`
    tells which of several pictures of the item any other region lies on, from 0.
    `visibility` is that of key points, comma separated; `picture` the area of the item in pixels where it is known.
    """
    regions = _regions(base).mutate(told=_.attributes.coalesce(""))
    whole = ibis.ifelse(_.told.re_search(_PART), _.told.re_extract(_REGION, 1), None)
    rows = regions.select(
        *("of_id", "of_question", "of_revision"),
        text=_.label.coalesce(NO_LABEL),
        object=ibis.coalesce(_.track_id, whole),
        shape=ibis.cases(*((_.kind == kind.value, place) for place, kind in enumerate(SHAPES)), else_=0).cast("int8"),
        hole=_.told.contains(_HOLE),
        frame=ibis.ifelse(
            _.track_id.notnull(), ibis.coalesce(_.frame, (_.sec_start * 1000).round().cast("int64"), 0), None
        ),
        page=ibis.ifelse(_.track_id.isnull(), _.frame.coalesce(0), 0).cast("int64"),
        outside=_.outside.coalesce(False),
        visibility=ibis.ifelse(_.told.re_search(_VISIBILITY), _.told.re_extract(_VISIBILITY, 1), None),
        place="region_id",
        **{name: _[name] for name in _LOOKS},
    )
    codes = _labels(base).select("code", of="question", name="label")
    rows = rows.join(codes, [("of_question", "of"), ("text", "name")]).drop("of", "name", "text")
    people, known = _answers(base, scope)
    twice = _answered_twice(people, known)
    found = [
        answers.semi_join(twice, [("q", "of_q"), ("item", "of_item")])
        .join(rows, _SAME)
        .drop(*_ANSWER[:3])
        .left_join(_pictures(base), [("item", "of_picture")])
        .drop("of_picture")
        for answers in (people, known)
    ]
    return found[0].union(found[1]).rename(label="code", question="q")


def drawn_answers(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """One row per answer, also where nothing was drawn: how many regions it has and how many numbers these hold.

    `period` is the week (its Monday) in which the item was first answered, null of gold and of what has no time.
    """
    numbers = 4 + _.points.length().coalesce(0) + _.mask_rle.length().coalesce(0)
    sizes = _regions(base).group_by("of_id", "of_question", "of_revision").agg(regions=_.count(), numbers=numbers.sum())
    counts = {name: _[name].coalesce(0).cast("int64") for name in ("regions", "numbers")}
    first = _.day.min().over(ibis.window(group_by=["q", "item"]))
    found = [
        answers.left_join(sizes, _SAME).select(
            "item", "annotator", question="q", period=day_text(week_start(first)), **counts
        )
        for answers in _answers(base, scope)
    ]
    return found[0].union(found[1])


def drawn_labels(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """The labels of regions with their codes, from 0 in each question."""
    asked = base.questions.select("q", of="question")
    return _labels(base).join(asked, [("question", "of")]).select("code", "label", question="q")


def _answers(base: Base, scope: Scope) -> tuple[Any, Any]:
    """_ANSWER: first answers of people in scope, and gold. Apart, since Spark fails on joins with a union."""
    people = scoped(base.snapshot.materialise("drawn_by_people", _people(base)), base, scope)
    known = base.snapshot.materialise("drawn_gold", _gold(base))
    if scope.question is not None:
        known = known.semi_join(base.questions.filter(_.question == scope.question).select(asked="q"), [("q", "asked")])
    return people.select(*_ANSWER), known.select(*_ANSWER)


def _pictures(base: Base) -> Any:
    """of_picture, picture: the area of each item whose width and height are known."""
    sizes = base.snapshot.facts.items.select("width", "height", its="item_id")
    sizes = base.items.join(sizes, [("item_id", "its")]).filter(_.width.notnull() & _.height.notnull())
    area = _.width.cast("float64") * _.height.cast("float64")
    return sizes.group_by(of_picture=_.item.cast("int64")).agg(picture=area.max())


def _answered_twice(people: Any, known: Any) -> Any:
    """of_q, of_item: what two people answered, or one and gold."""
    gold = known.group_by(known_q="q", known_item="item").agg(known=_.count())
    counted = people.group_by(of_q="q", of_item="item").agg(n=_.count())
    counted = counted.left_join(gold, [("of_q", "known_q"), ("of_item", "known_item")])
    return counted.filter(_.n + _.known.coalesce(0) > 1).select("of_q", "of_item")


def _people(base: Base) -> Any:
    first = base.snapshot.facts.annotations.filter(
        (_.role == Role.ANNOTATOR.value) & (_.status == Status.SUBMITTED.value)
    )
    first = first.group_by(of_id=_.annotation_id, of=_.question.coalesce("")).agg(revision=_.revision.coalesce(1).min())
    rows = base.answers.filter(_["round"] == 1).join(_questions(base), [("q", "asked")])
    rows = rows.join(first, [("annotation_id", "of_id"), ("question", "of")])
    return rows.select("batch", "site", "annotation_id", "question", **_whole(*_ANSWER[2:]))


def _gold(base: Base) -> Any:
    rows = base.others.filter((_.role == Role.GOLD.value) & _.current).join(_questions(base), [("q", "asked")])
    number = ibis.row_number().over(ibis.window(order_by=["annotation_id", "q"])).cast("int32")
    rows = rows.mutate(annotator=(-1 - number).cast("int32"), day=ibis.null("int64"))
    return rows.select("annotation_id", "question", **_whole(*_ANSWER[2:]))


def _questions(base: Base) -> Any:
    return base.questions.filter(_.kind.isin([kind.value for kind in DRAWN])).select("question", asked="q")


def _whole(*names: str) -> dict[str, Any]:
    return {name: _[name].cast("int64") for name in names}


def _labels(base: Base) -> Any:
    named = _regions(base).select(question="of_question", label=_.label.coalesce(NO_LABEL)).distinct()
    order = ibis.window(group_by="question", order_by="label")
    numbered = named.select("question", "label", code=ibis.row_number().over(order).cast("int32"))
    return base.snapshot.materialise("drawn_labels", numbered)


def _regions(base: Base) -> Any:
    """What is drawn, with the key of its answer."""
    # A keyframe that is of kind tracks is a box.
    regions = base.snapshot.facts.regions.filter(_.kind.isin([kind.value for kind in DRAWN]))
    key = {"of_id": _.annotation_id, "of_question": _.question.coalesce(""), "of_revision": _.revision.coalesce(1)}
    return regions.mutate(**key)
