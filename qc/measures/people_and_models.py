"""People's answers beside the models', where the answer did not start from a prediction."""

from __future__ import annotations

from typing import Any, Final

import ibis
from ibis import _

from qc.measures.base import Base
from qc.measures.models import surest
from qc.measures.scoped import scoped, with_annotator, with_question
from qc.model import Scope

# In place of a label: the people are divided.
DIVIDED: Final = -1


def model_pairs(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """Per model, person and the two labels: items that the person answered without the prediction; shown: with it.

    First rounds; of a model's several labels of an item the surest. Any prediction that an answer started from
    leaves it out, whichever model it came from.
    """
    rows = _answers(base, scope).join(_predictions(base), [("q", "of"), ("item", "at")])
    counted = rows.group_by("q", "model", "annotator", "code", "predicted").agg(
        items=(_.suggested == 0).sum().cast("int64"), shown=(_.suggested > 0).sum().cast("int64")
    )
    return with_question(with_annotator(counted, base), base)


def model_majority(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """Per model, label of the majority of people (−1: divided) and label predicted: how many items.

    Of those items the sums over `answers`, over those that are the `same` as the model's, and over the squares and
    the product of the two. Answers that started from a prediction are no part of it.
    """
    predictions = _predictions(base)
    unseen = _answers(base, scope).filter(_.suggested == 0)
    unseen = unseen.semi_join(predictions, [("q", "of"), ("item", "at")]).select("q", "item", "code")
    given = unseen.group_by("q", "item", "code").agg(n=_.count())
    most = given.group_by(of="q", at="item").agg(most=_.n.max(), answers=_.n.sum().cast("int64"))
    first = given.join(most, [("q", "of"), ("item", "at")]).filter(_.n == _.most)
    people = first.group_by("q", "item", "answers").agg(winners=_.count(), code=_.code.min())
    people = people.mutate(code=ibis.ifelse(_.winners > 1, DIVIDED, _.code))
    alike = given.select("n", on_q="q", on_item="item", on_code="code")
    rows = people.join(predictions, [("q", "of"), ("item", "at")])
    rows = rows.left_join(alike, [("q", "on_q"), ("item", "on_item"), ("predicted", "on_code")])
    counted = (
        rows.mutate(same=_.n.coalesce(0))
        .group_by("q", "model", "code", "predicted")
        .agg(
            items=_.count(),
            same_squares=(_.same * _.same).sum().cast("int64"),
            answers_squares=(_.answers * _.answers).sum().cast("int64"),
            same_answers=(_.same * _.answers).sum().cast("int64"),
            same=_.same.sum().cast("int64"),
            answers=_.answers.sum().cast("int64"),
        )
    )
    return with_question(counted, base)


def _answers(base: Base, scope: Scope) -> Any:
    return scoped(base.answers, base, scope).filter((_.round == 1) & _.code.notnull())


def _predictions(base: Base) -> Any:
    return surest(base).select("model", of="q", at="item", predicted="code")
