"""Answers that break the rules of the policy."""

from __future__ import annotations

from typing import Any

from ibis import _

from qc.measures.base import Base
from qc.measures.rules import COUNTS, SCOPE, Checked, together
from qc.measures.scoped import scoped, with_annotator
from qc.measures.submitted import WORK
from qc.measures.times import day_text, text
from qc.model import Scope


def violations(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """Per rule and annotator: answers checked, those that broke it when first submitted, those that break it now."""
    return _counted(base.violations, base, scope, ("rule", "question"), by)


def violating(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """Per annotator: answers that any rule was checked on, and those that break at least one; each counts once."""
    return _counted(base.violating, base, scope, (), by)


def offences(base: Base, scope: Scope) -> Any:
    """One row per rule and answer that breaks it or did; `stands` is false where the answer was mended since.

    Columns: rule, question, annotator, item_id, annotation_id, stands, number, said. Needs at least one rule.
    """
    rows = _inside(together([_offences(part) for part in base.checked]), base, scope)
    rows = rows.join(base.items.select("item_id", of="item"), [("item", "of")])
    names = ["rule", "question", "annotator", "item_id", "annotation_id", "stands", "number", "said"]
    return with_annotator(rows, base).select(*names)


def _counted(rows: Any, base: Base, scope: Scope, names: tuple[str, ...], by: tuple[str, ...]) -> Any:
    sums = {name: _[name].sum().cast("int64") for name in COUNTS}
    counted = _inside(rows, base, scope).group_by(*names, "annotator", *by).agg(**sums)
    named = with_annotator(counted.filter((_.n > 0) | (_.standing > 0)), base)
    return named.mutate(day=day_text(_.day)) if "day" in by else named


def _inside(rows: Any, base: Base, scope: Scope) -> Any:
    """The rows inside a scope; the question is that of the rule, which may not have been answered at all."""
    asked = rows if scope.question is None else rows.filter(_.question == scope.question)
    return scoped(asked, base, scope)


def _offences(part: Checked) -> Any:
    broken = part.rows.filter(_.broken == 1)
    standing = broken.filter(_.last)
    mended = broken.filter(~_.last).anti_join(standing, WORK)
    named = {"rule": text(part.rule.name), "question": text(part.rule.question)}
    return standing.union(mended).select(*WORK, *SCOPE, "annotation_id", "number", "said", stands="last", **named)
