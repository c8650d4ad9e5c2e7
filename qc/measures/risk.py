"""What speaks for a look at each answer, offered for review or not."""

from __future__ import annotations

from typing import Any, Final

import ibis
from ibis import _

from qc.measures.answers import item_votes
from qc.measures.base import Base
from qc.measures.coded import UNCHANGED
from qc.measures.judged import DRAW
from qc.measures.scoped import scoped, with_annotator, with_question
from qc.model import Role, Scope

# What exports call an item that is hard.
HARD: Final = ("hard", "difficult", "high", "complex")
# What `qc.sampling.risks` makes a risk of.
TOLD: Final = (
    *("label_answers", "question_answers", "question_labels", "hard", "score_milli", "routed"),
    *("others", "differing", "pairs", "differing_pairs", "annotator_age", "guideline_age"),
)


def risk(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """One row per answer of a person that was neither drawn nor reviewed; null where something is unknown.

    score_milli: the confidence of the model's label that it began as, else of a model's label for the same item, else
    its own. routed: 1 where a model's label under the policy's threshold stands unchanged. others, differing: first
    answers of others to the item, and those with another label. pairs, differing_pairs: of all first answers.
    label_answers of question_answers have its label, of question_labels that occur. annotator_age, guideline_age:
    days since the first answer of the person, or under the guideline. hard: 1 where the export says so. batch, site: of
    the answer, else of its item.
    """
    rows = _not_offered(with_question(scoped(base.answers, base, scope), base), base.snapshot.facts)
    return _told(rows, base, "annotation_id", "question", "batch", "site")


def risk_counts(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """Answers of people, offered before or not, by what `risk` tells of them."""
    return _counted(with_question(scoped(base.answers, base, scope), base), base)


def risk_waiting(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """The same of answers that were neither drawn nor reviewed."""
    return _counted(_not_offered(with_question(scoped(base.answers, base, scope), base), base.snapshot.facts), base)


def risk_judged(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """Judged and wrong answers per source, annotator and draw, by what `risk` tells of them."""
    rows = with_question(scoped(base.judged, base, scope), base)
    rows = _told(rows, base, "source", "annotator", "error", *DRAW)
    counted = rows.group_by("source", "annotator", *DRAW, *TOLD).agg(n=_.count(), errors=_.error.sum())
    return with_annotator(counted, base)


def _counted(rows: Any, base: Base) -> Any:
    return _told(rows, base).group_by(*TOLD).agg(answers=_.count())


def _told(rows: Any, base: Base, *kept: str) -> Any:
    """The columns to keep, and what `risk` tells of each row."""
    rows = _with_scores(rows, base).join(_labels(base), [("q", "of_q"), ("code", "of_code")], how="left")
    rows = rows.drop("of_q", "of_code").join(
        _votes(base), [("item", "of"), ("q", "of_q"), ("code", "of_code")], how="left"
    )
    first = base.answers.group_by(of_annotator="annotator").agg(since=_.day.min())
    under = base.answers.group_by(of_guideline="guideline").agg(guideline_since=_.day.min())
    rows = rows.left_join(first, [("annotator", "of_annotator")]).left_join(under, [("guideline", "of_guideline")])
    own = (_.round == 1).cast("int64")
    routed = (_.suggested == UNCHANGED) & (_.score < base.policy.sampling.route_below).coalesce(False)
    return rows.select(
        *kept,
        "label_answers",
        "question_answers",
        "question_labels",
        "hard",
        score_milli=(_.score * 1000).floor().cast("int64"),
        routed=routed.cast("int32"),
        others=_.total - own,
        differing=_.total - _.same,
        pairs=(_.total * (_.total - 1)) // 2,
        differing_pairs=(_.total * _.total - _.squares) // 2,
        annotator_age=(_.day - _.since).cast("int32"),
        guideline_age=(_.day - _.guideline_since).cast("int32"),
    )


def _not_offered(rows: Any, facts: Any) -> Any:
    """A review without a question is of the whole submission."""
    drawn = facts.draws.select(of_id="annotation_id", of_question="question")
    reviewed = facts.reviews.filter(_.annotation_id.notnull()).select(of_id="annotation_id", of_question="question")
    whole = reviewed.filter(_.of_question.isnull()).select("of_id")
    one = drawn.union(reviewed.filter(_.of_question.notnull()))
    rows = rows.anti_join(one, [("annotation_id", "of_id"), ("question", "of_question")])
    return rows.anti_join(whole, [("annotation_id", "of_id")])


def _with_scores(rows: Any, base: Base) -> Any:
    """The rows with `score` and `hard`."""
    facts = base.snapshot.facts
    models = base.others.filter((_.role == Role.MODEL.value) & _.score.notnull())
    began = models.group_by(of_parent="annotation_id", of_q="q").agg(parent_score=_.score.min())
    beside = models.group_by(of_item="item", of_q="q").agg(model_score=_.score.min())
    told = facts.annotations.filter((_.role == Role.ANNOTATOR.value) & _.current.coalesce(True)).select(
        "parent", of_id="annotation_id", of_question=_.question.coalesce(""), own="score", told=_hard(_.difficulty)
    )
    described = facts.items.filter(_hard(_.difficulty)).select(its_id="item_id").distinct()
    hard_items = base.items.semi_join(described, [("item_id", "its_id")]).select(of_item="item")
    rows = rows.left_join(told, [("annotation_id", "of_id"), ("question", "of_question")]).drop("of_id", "of_question")
    rows = rows.left_join(began, [("parent", "of_parent"), ("q", "of_q")]).drop("of_parent", "of_q")
    rows = rows.left_join(beside, [("item", "of_item"), ("q", "of_q")]).drop("of_item", "of_q")
    rows = rows.left_join(hard_items, [("item", "of_item")])
    hard = (_.of_item.notnull() | _.told.coalesce(False)).cast("int32")
    score = ibis.coalesce(_.parent_score, _.model_score, _.own)
    return rows.mutate(score=score, hard=hard).drop("of_item", "told", "parent", "parent_score", "model_score", "own")


def _hard(difficulty: Any) -> Any:
    return difficulty.lower().isin(HARD).coalesce(False)


def _labels(base: Base) -> Any:
    """of_q, of_code, label_answers, question_answers, question_labels."""
    counted = base.answers.filter(_.code.notnull()).group_by(of_q="q", of_code="code").agg(label_answers=_.count())
    question = ibis.window(group_by="of_q")
    return counted.mutate(
        question_answers=_.label_answers.sum().over(question), question_labels=_.count().over(question)
    )


def _votes(base: Base) -> Any:
    """of, of_q, of_code: per item, question and label that occurs the first answers with it, of all, and Σ squares."""
    votes = item_votes(base.answers)
    item = ibis.window(group_by=["item", "q"])
    return votes.select(
        of="item", of_q="q", of_code="code", same="n", total=_.n.sum().over(item), squares=(_.n * _.n).sum().over(item)
    )
