"""Expressions for the rows that a person looks at: answers, their items, and what speaks for or against them."""

from __future__ import annotations

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


def drawable(facts: Facts, seen_imports: list[str]) -> Any:
    """People's answers that came with no import seen before, were not drawn, and not reviewed in the export."""
    rows = current_answers(facts).filter((_.role == Role.ANNOTATOR.value) & ~_.import_id.isin(seen_imports))
    seen = facts.draws.select("annotation_id", "question").union(
        facts.reviews.filter(_.annotation_id.notnull()).select("annotation_id", question=_.question.coalesce("")),
        distinct=True,
    )
    unseen = rows.anti_join(seen, ["annotation_id", "question"])
    return unseen.order_by("annotation_id", "question")


def by_ids(facts: Facts, ids: list[str]) -> Any:
    """The current answers with these ids, with the text of their items."""
    rows = current_answers(facts).filter(_.annotation_id.isin(ids))
    return with_text(rows, facts).order_by("annotation_id", "question")


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
