"""What models answered: what people made of it, how it is judged, and what they would do without it."""

from __future__ import annotations

from typing import Any, Final

import ibis
from ibis import _

from qc.measures.base import Base
from qc.measures.coded import UNCHANGED
from qc.measures.scoped import scoped, with_annotator, with_label, with_question
from qc.measures.sources import ADJUDICATION, CONSENSUS, GOLD, REVIEW
from qc.measures.times import day_text, text, week_start
from qc.measures.votes import tags_of
from qc.model import EVERYTHING, Role, Scope

# A review of an answer that started from a prediction: no truth that is independent of it.
SEEN: Final = "review, label seen"


def model_counts(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """Per model: n human answers to what it answered, and how they compare.

    followed: with the model's label. shown: those that started from a prediction, of which shown_followed kept
    the model's label and unchanged were taken over as they were. Keys are the model's: its label, its item's tags;
    week (its Monday) is that of the human answers.
    """
    answers = scoped(base.answers, base, scope).filter(_.code.notnull())
    given = answers.select("suggested", week=day_text(week_start(_.day)), at="item", of="q", given="code")
    pairs = surest(base).join(given, [("item", "at"), ("q", "of")])
    counted = _named(pairs, base, by).group_by("model", *by)
    return counted.agg(
        n=_.count(),
        followed=(_.given == _.code).sum().cast("int64"),
        shown=(_.suggested > 0).sum().cast("int64"),
        shown_followed=((_.suggested > 0) & (_.given == _.code)).sum().cast("int64"),
        unchanged=(_.suggested == UNCHANGED).sum().cast("int64"),
    )


def _named(rows: Any, base: Base, by: tuple[str, ...]) -> Any:
    """The rows with what they are counted by."""
    if "tag" in by:
        rows = rows.join(tagged(base, EVERYTHING, ()).select("tag", of_item="item"), [("item", "of_item")]).drop(
            "of_item"
        )
    if {"question", "label"} & set(by):
        rows = with_question(rows, base)
    return with_label(rows, base, "code", "label") if "label" in by else rows


def model_judged(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """One row per model's answer to an item whose truth is known, by the strongest source.

    item: the integer of `codes`. truth: the label, the model's own where several are right and it is one of them.
    source: adjudication, gold, review, or "review, label seen", where all that is known comes from reviews of answers
    that started from a prediction. pi: with which an answer of the item was drawn for review, the largest of several,
    null where none was. score_milli: thousandths, null without a score. week: of the item's first human answer.
    answered_ms, known_ms: when the model answered, and when the truth was decided (a long time ago where unknown).
    """
    chosen = scoped(surest(base), base, Scope(scope.question, batches=scope.batches, sites=scope.sites))
    if scope.since or scope.until or scope.annotators:
        asked = scoped(base.answers, base, scope).filter(_.code.notnull()).select(at="item", of="q").distinct()
        chosen = chosen.semi_join(asked, [("item", "at"), ("q", "of")]).select(chosen.columns)
    stated = _known(base)
    known = stated.group_by(at="item", of="q").agg(
        truth=_.code.min(), source=_.source.min(), known_ms=_.since.max(), pi=_.pi.max()
    )
    hits = stated.select(hit_item="item", hit_q="q", hit="code").distinct()
    first = base.answers.group_by(first_item="item", first_q="q").agg(week=day_text(week_start(_.day.min())))
    rows = chosen.join(known, [("item", "at"), ("q", "of")])
    rows = rows.left_join(hits, [("item", "hit_item"), ("q", "hit_q"), ("code", "hit")])
    rows = rows.left_join(first, [("item", "first_item"), ("q", "first_q")])
    rows = rows.mutate(
        right=_.hit.notnull().cast("int32"), truth=_.hit.coalesce(_.truth), predicted_code=_.code, score_milli=_.milli
    )
    rows = with_label(with_question(rows, base), base, "truth", "true_label")
    return with_label(rows, base, "predicted_code", "label").drop("truth").rename(truth="true_label")


def tagged(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """item (the integer of `codes`) and tag: an item of several tags in several rows."""
    return base.snapshot.materialise("item_tags", tags_of(base))


def prelabelled(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """One row per judged answer, as `qc.stats.models.trust` compares them.

    shown: it started from a prediction. predicted: the code of the prediction that it started from, where the export
    names it, else of the model whose labels were taken over most; −1 without one. model_wrong: 1, 0, or −1 without a
    prediction; where an error has no known truth, the prediction counts as wrong. survived: the answer is the
    prediction. difficulty: as declared for the item. The strongest source judges.
    """
    rank = _.source.cases((ADJUDICATION, 1), (GOLD, 2), else_=3)
    rows = scoped(base.judged, base, scope).filter((_.source != CONSENSUS) & _.given.notnull()).mutate(rank=rank)
    best = ibis.window(group_by=["annotation_id", "q"], order_by=["rank", ibis.desc("error")])
    rows = rows.mutate(place=ibis.row_number().over(best)).filter(_.place == 0)
    facts = base.snapshot.facts.annotations.filter(_.parent.notnull())
    parents = facts.select("parent", of_id="annotation_id", asked=_.question.coalesce("")).distinct()
    parents = parents.join(base.questions.select("question", child_q="q"), [("asked", "question")])
    models = base.others.filter((_.role == Role.MODEL.value) & _.code.notnull() & _.current)
    models = models.select(model_id="annotation_id", model_q="q", started_from="code")
    parents = parents.join(models, [("parent", "model_id"), ("child_q", "model_q")])
    parents = parents.group_by("of_id", "child_q").agg(started_from=_.started_from.min())
    rows = rows.left_join(parents, [("annotation_id", "of_id"), ("q", "child_q")])
    rows = rows.left_join(_suggesting(base), [("item", "at"), ("q", "of")])
    guess = ibis.coalesce(_.started_from, ibis.ifelse(_.suggested == UNCHANGED, _.code, _.guess))
    rows = rows.mutate(guess=guess).filter((_.suggested == 0) | _.guess.notnull())
    wrong = ibis.ifelse(_.truth.notnull(), _.truth != _.guess, _.error == 1)
    items = base.snapshot.facts.items.select("difficulty", its_id="item_id")
    declared = base.items.join(items, [("item_id", "its_id")]).select("difficulty", its="item")
    rows = rows.left_join(declared, [("item", "its")])
    rows = rows.mutate(
        shown=(_.suggested > 0).cast("int32"),
        survived=(_.given == _.guess).coalesce(False).cast("int32"),
        model_wrong=ibis.ifelse(_.guess.isnull(), -1, wrong.cast("int32")).cast("int32"),
        predicted=_.guess.coalesce(-1).cast("int32"),
        difficulty=_.difficulty.coalesce(""),
    )
    return with_question(with_annotator(rows, base), base)


def _suggesting(base: Base) -> Any:
    """at, of, guess: of each item the label of the model whose labels are most often taken over in its question."""
    predictions = surest(base)
    kept = base.answers.filter(_.suggested == UNCHANGED).select(its="item", its_q="q", given="code")
    pairs = predictions.left_join(kept, [("item", "its"), ("q", "its_q"), ("code", "given")])
    counted = pairs.group_by("q", "model").agg(same=_.given.count(), n=_.count())
    most = ibis.window(group_by="q", order_by=[ibis.desc("same"), ibis.desc("n"), "model"])
    chosen = counted.mutate(place=ibis.row_number().over(most)).filter(_.place == 0)
    chosen = chosen.select(chosen_q="q", chosen="model")
    rows = predictions.join(chosen, [("q", "chosen_q"), ("model", "chosen")])
    return rows.select(at="item", of="q", guess="code")


def doubts(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """One row per item and question that a model answered and nothing decides: what may be worth a look.

    label, score_milli, model: of the surest model; models: different labels among models. answers, labels, other:
    people's first-round answers, their different labels, and how many of them differ from the model's.
    """
    predictions = surest(base)
    several = predictions.group_by(on_item="item", on_q="q").agg(models=_.code.nunique().cast("int64"))
    sure = ibis.window(group_by=["item", "q"], order_by=[ibis.desc(_.milli.coalesce(-1)), "model"])
    chosen = predictions.mutate(place=ibis.row_number().over(sure)).filter(_.place == 0)
    chosen = scoped(chosen, base, Scope(scope.question, batches=scope.batches, sites=scope.sites))
    decided = base.references.select("item", "q").union(base.decisions.select("item", "q")).distinct()
    chosen = chosen.anti_join(decided, ["item", "q"]).select(chosen.columns)
    first = base.answers.filter((_.round == 1) & _.code.notnull()).select(at="item", of="q", given="code")
    rows = chosen.left_join(first, [("item", "at"), ("q", "of")])
    counted = rows.group_by("item", "q", "model", "code", "milli", "batch").agg(
        answers=_.given.count().cast("int64"),
        labels=_.given.nunique().cast("int64"),
        other=(_.given != _.code).coalesce(False).sum().cast("int64"),
    )
    counted = counted.left_join(several, [("item", "on_item"), ("q", "on_q")])
    named = counted.join(base.items.select("item_id", of="item"), [("item", "of")]).drop("of")
    return with_label(with_question(named, base), base, "code", "label").mutate(score_milli=_.milli)


def surest(base: Base) -> Any:
    """model, item, q, code, batch, site, milli, answered_ms: of each model and item one answer, the surest."""
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
        milli=(_.score * 1000).round().cast("int64"),
        answered_ms=_["at"],
    )


def truths(base: Base) -> Any:
    """item, q, code: of each item the labels of its strongest source, of those that no prediction suggested."""
    return _known(base).filter(_.source != SEEN).select("item", "q", "code")


def _known(base: Base) -> Any:
    """source, item, q, code, since, pi: of each item the labels of its strongest source."""
    reviewed = base.judged.filter((_.source == REVIEW) & _.truth.notnull())
    reviewed = reviewed.select(
        "item",
        "q",
        "pi",
        code="truth",
        source=ibis.ifelse(_.suggested == 0, text(REVIEW), text(SEEN)),
        since=_.at_ms.cast("int64"),
    )
    # What was drawn is weighted so whoever decides in the end.
    drawn = reviewed.group_by(d_item="item", d_q="q").agg(drawn=_.pi.max())
    columns = ("source", "item", "q", "code", "since")
    rows = base.references.select(*columns).union(reviewed.select(*columns))
    rows = rows.left_join(drawn, [("item", "d_item"), ("q", "d_q")]).mutate(pi=_.drawn)
    rows = rows.mutate(rank=_.source.cases((ADJUDICATION, 1), (GOLD, 2), (REVIEW, 3), else_=4))
    strongest = rows.group_by(at="item", of="q").agg(best=_.rank.min())
    return rows.join(strongest, [("item", "at"), ("q", "of")]).filter(_.rank == _.best).select(*columns, "pi")
