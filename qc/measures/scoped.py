"""How a scope narrows the rows that a measure counts, and how they get their names back."""

from __future__ import annotations

from typing import Any

from ibis import _

from qc.judge import shown
from qc.measures.base import Base
from qc.measures.times import day_number
from qc.model import Scope


def scoped(rows: Any, base: Base, scope: Scope) -> Any:
    """The rows inside a scope; submissions, which have no question of their own, are not narrowed by it."""
    if scope.question is not None and "q" in rows.columns:
        rows = _among(rows, "q", base.questions.filter(_.question == scope.question))
    if scope.annotators:
        rows = _among(rows, "annotator", base.people.filter(_.name.isin(scope.annotators)))
    if scope.since is not None:
        rows = rows.filter(_.day >= day_number(scope.since))
    if scope.until is not None:
        rows = rows.filter(_.day < day_number(scope.until))
    if scope.batches:
        rows = rows.filter(_.batch.isin(scope.batches))
    if scope.sites:
        rows = rows.filter(_.site.isin(scope.sites))
    return rows


def _among(rows: Any, column: str, chosen: Any) -> Any:
    return rows.semi_join(chosen.select(chosen=column), [(column, "chosen")]).select(rows.columns)


def with_question(rows: Any, base: Base) -> Any:
    """The rows with the `question` behind their `q`."""
    return rows.join(base.questions.select("question", of="q"), [("q", "of")]).drop("of")


def with_annotator(rows: Any, base: Base) -> Any:
    """The rows with the name of their `annotator` in place of the code."""
    named = rows.join(base.people.select("name", of="annotator"), [("annotator", "of")])
    return named.drop("of", "annotator").rename(annotator="name")


def with_label(rows: Any, base: Base, code: str, name: str) -> Any:
    """The rows with the label behind a code, null where there is none; needs `question`."""
    labels = base.labels.select(of="question", of_code="code", **{name: shown(base.labels.key)})
    return rows.left_join(labels, [("question", "of"), (code, "of_code")]).drop("of", "of_code")
