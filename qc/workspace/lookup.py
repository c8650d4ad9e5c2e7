"""Expressions for the rows that a person looks at: answers, their items, and what speaks for or against them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import ibis
from ibis import _

from qc.judge import key, region_keys, shown
from qc.model import Facts, Role, Status


def current_answers(facts: Facts) -> Any:
    """Submitted answers as they stand, whoever gave them; `label` is the answer as people read it."""
    submitted = facts.annotations.filter((_.status == Status.SUBMITTED.value) & _.current.coalesce(True))
    marked = region_keys(facts.regions).rename(of="annotation_id", asked="question", as_of="revision")
    same = [("annotation_id", "of"), ("question", "asked"), ("revision", "as_of")]
    rows = submitted.left_join(marked, same).drop("of", "asked", "as_of")
    label = ibis.coalesce(shown(key(_)), _.label, _.text, _.kind)
    return rows.select(
        "annotation_id",
        "question",
        "item_id",
        "annotator",
        "role",
        "kind",
        "submitted_at",
        "seconds",
        "batch",
        "site",
        "answer_hash",
        "origin",
        "import_id",
        label=label,
    )


def drawable(facts: Facts, seen_imports: list[str], risk: Any) -> Any:
    """People's answers that came with no import seen before, and what speaks for a look at each.

    risk: the measure, which has those that were neither drawn nor reviewed.
    """
    rows = current_answers(facts).filter((_.role == Role.ANNOTATOR.value) & ~_.import_id.isin(seen_imports))
    told = risk.rename(of_id="annotation_id", of_question="question", of_batch="batch", of_site="site")
    rows = rows.join(told, [rows.annotation_id == told.of_id, rows.question.coalesce("") == told.of_question])
    rows = rows.mutate(batch=_.of_batch, site=_.of_site).drop("of_id", "of_question", "of_batch", "of_site")
    return rows.order_by("annotation_id", "question")


def unanswered_labels(facts: Facts, below: float) -> Any:
    """Labels that models are less sure of, to what no person has answered, neither drawn nor reviewed; with `score`."""
    unsure = facts.annotations.filter((_.role == Role.MODEL.value) & (_.score < below))
    unsure = unsure.select("score", of_id="annotation_id", of_question=_.question.coalesce("")).distinct()
    rows = current_answers(facts)
    people = rows.filter(_.role == Role.ANNOTATOR.value).select(its="item_id", asked="question")
    labels = rows.filter(_.role == Role.MODEL.value).mutate(question=_.question.coalesce(""))
    labels = labels.join(unsure, [("annotation_id", "of_id"), ("question", "of_question")]).drop("of_id", "of_question")
    labels = labels.anti_join(people.mutate(asked=_.asked.coalesce("")), [("item_id", "its"), ("question", "asked")])
    drawn = facts.draws.select(of_id="annotation_id", of_question="question")
    reviewed = facts.reviews.filter(_.annotation_id.notnull()).select(of_id="annotation_id").distinct()
    labels = labels.anti_join(drawn, [("annotation_id", "of_id"), ("question", "of_question")])
    return labels.anti_join(reviewed, [("annotation_id", "of_id")]).order_by("annotation_id", "question")


def by_ids(facts: Facts, ids: list[str]) -> Any:
    """The current answers with these ids, with the text of their items."""
    of_ids = _.annotation_id.isin(ids)
    these = replace(facts, annotations=facts.annotations.filter(of_ids), regions=facts.regions.filter(of_ids))
    return with_text(current_answers(these), facts).order_by("annotation_id", "question")


def with_text(rows: Any, facts: Facts) -> Any:
    """Rows with the text and the address of their item."""
    items = facts.items.select("text", "uri", its_id="item_id")
    return rows.left_join(items, [("item_id", "its_id")]).drop("its_id")


def labels_of(facts: Facts) -> Any:
    """question, label: every label that people or gold gave to questions with one answer."""
    kinds = ["single", "pairwise", "taxonomy", "ordinal", "number", "multi"]
    rows = current_answers(facts).filter(_.kind.isin(kinds))
    return rows.select("question", "label").distinct().order_by("question", "label")


def of_items(facts: Facts, ids: list[str]) -> Any:
    """The current answers to these items."""
    return current_answers(facts).filter(_.item_id.isin(ids)).order_by("item_id", "question", "annotation_id")
