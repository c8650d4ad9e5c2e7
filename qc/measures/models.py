"""What became of the answers that models suggested."""

from __future__ import annotations

from typing import Any, Final

import ibis
from ibis import _

from qc.measures.base import Base
from qc.measures.coded import UNCHANGED
from qc.measures.judged import ADJUDICATION, GOLD, REVIEW
from qc.measures.measure import scoped
from qc.model import Role, Scope

BINS: Final = 10
NO_SCORE: Final = -1

_SUMS: Final = ("score_sum_milli", "n", "followed", "shown", "shown_followed", "unchanged", "judged", "right")


def model_counts(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """Per model and tenth of its score (−1 without one): n human answers to what it answered, and how they compare.

    followed: with the model's label. shown: those that started from the model's answer, of which shown_followed kept
    its label and unchanged were taken over as they were. judged, right: the model's own answers
    whose item has a truth that it did not suggest (the strongest of adjudication, gold and review), and those that
    equal one of its labels. score_sum_milli sums over the human answers.
    """
    predictions = surest(base)
    answers = scoped(base.answers, base, scope).filter(_.code.notnull())
    return (
        _compared(predictions, answers)
        .union(_judged(predictions, base, scope, answers))
        .group_by("model", "bin")
        .agg(**{name: _[name].sum().cast("int64") for name in _SUMS})
    )


def surest(base: Base) -> Any:
    """model, item, q, code, batch, site, bin, milli: of each model and item one answer, the surest."""
    rows = base.others.filter((_.role == Role.MODEL.value) & _.current & _.code.notnull())
    rows = rows.mutate(score=ibis.ifelse(_.score.between(0, 1), _.score, None)).mutate(sure=_.score.coalesce(-1.0))
    best = ibis.window(
        group_by=["name", "item", "q"], order_by=[ibis.desc("sure"), ibis.desc("revision"), ibis.desc("annotation_id")]
    )
    rows = rows.mutate(place=ibis.row_number().over(best)).filter(_.place == 0)
    return rows.select(
        "item",
        "q",
        "code",
        "batch",
        "site",
        model=_.name,
        bin=(_.score * BINS).floor().cast("int32").clip(upper=BINS - 1).coalesce(NO_SCORE),
        milli=(_.score * 1000).round().cast("int64"),
    )


def _compared(predictions: Any, answers: Any) -> Any:
    given = answers.select("suggested", at="item", of="q", given="code")
    pairs = predictions.join(given, [("item", "at"), ("q", "of")])
    counted = pairs.group_by("model", "bin").agg(
        score_sum_milli=_.milli.sum().cast("int64"),
        n=_.count(),
        followed=(_.given == _.code).sum(),
        shown=(_.suggested > 0).sum(),
        shown_followed=((_.suggested > 0) & (_.given == _.code)).sum(),
        unchanged=(_.suggested == UNCHANGED).sum(),
    )
    return counted.mutate(judged=ibis.literal(0, type="int64"), right=ibis.literal(0, type="int64")).select(
        "model", "bin", *_SUMS
    )


def _judged(predictions: Any, base: Base, scope: Scope, answers: Any) -> Any:
    narrowed = scope.since or scope.until or scope.annotators
    chosen = scoped(predictions, base, Scope(scope.question, batches=scope.batches, sites=scope.sites))
    if narrowed:
        asked = answers.select(at="item", of="q").distinct()
        chosen = chosen.semi_join(asked, [("item", "at"), ("q", "of")]).select(chosen.columns)
    truths = _truths(base)
    known = truths.select(at="item", of="q").distinct()
    hits = truths.select(hit_item="item", hit_q="q", hit="code").distinct()
    rows = chosen.join(known, [("item", "at"), ("q", "of")])
    rows = rows.left_join(hits, [("item", "hit_item"), ("q", "hit_q"), ("code", "hit")])
    counted = rows.group_by("model", "bin").agg(judged=_.count(), right=_.hit.notnull().sum())
    zero = ibis.literal(0, type="int64")
    none = dict.fromkeys(("n", "followed", "shown", "shown_followed", "unchanged"), zero)
    return counted.mutate(score_sum_milli=ibis.null("int64"), **none).select("model", "bin", *_SUMS)


def _truths(base: Base) -> Any:
    """item, q, code: of each item the labels of its strongest source. An accepted suggestion is no truth of its own."""
    reviewed = base.judged.filter((_.source == REVIEW) & _.truth.notnull() & ((_.suggested == 0) | (_.error == 1)))
    rows = base.references.select("source", "item", "q", "code").union(
        reviewed.select("source", "item", "q", code="truth")
    )
    rows = rows.mutate(rank=_.source.cases((ADJUDICATION, 1), (GOLD, 2), else_=3))
    strongest = rows.group_by(at="item", of="q").agg(best=_.rank.min())
    return rows.join(strongest, [("item", "at"), ("q", "of")]).filter(_.rank == _.best)
