"""What a measure is, and how a scope narrows the rows that it counts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ibis import _

from qc.judge import shown
from qc.measures.base import Base
from qc.measures.times import day_number
from qc.model import EVERYTHING, InputError, Scope

Make = Callable[[Base, Scope, tuple[str, ...]], Any]


@dataclass(frozen=True)
class Measure:
    """An aggregation that any engine can do; its sums and counts are integers.

    `reads` names the facts and `settings` the sections of the policy that its result depends on, for cache keys.
    `columns` are those of the result, after the `keys` asked for; rows are in the order of the keys and `order`.
    """

    name: str
    make: Make
    columns: tuple[str, ...]
    order: tuple[str, ...]
    reads: tuple[str, ...]
    settings: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()

    def __call__(self, base: Base, scope: Scope = EVERYTHING, by: tuple[str, ...] = ()) -> Any:
        """The Ibis expression; raises InputError for a key that the measure does not have."""
        if unknown := set(by) - set(self.keys):
            known = ", ".join(self.keys) or "no keys"
            raise InputError(f"{self.name} cannot be counted by {sorted(unknown)[0]!r}; it knows {known}.")
        rows = self.make(base, scope, by)
        new = tuple(key for key in by if key not in self.columns)
        order = dict.fromkeys((*new, *self.order))
        return (rows.order_by(*order) if order else rows).select(*new, *self.columns)


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
