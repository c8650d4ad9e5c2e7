"""Answers judged wrong, by source of judgement."""

from __future__ import annotations

from typing import Any, Final

from ibis import _

from qc.measures.base import Base
from qc.measures.judged import DRAW
from qc.measures.scoped import scoped, with_annotator, with_label, with_question
from qc.measures.sources import GOLD, REVIEW
from qc.measures.times import day_text, text
from qc.model import NOT_STATED, Scope

_KEYS: Final = {"question": "q", "label": "known"}


def judged_counts(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """Judged and wrong answers per source, keys asked for, and the draw and stratum that offered them.

    The key `label` is the true label where it is known, else the given one; `day` is the local day of submission.
    """
    rows = scoped(base.judged, base, scope).mutate(known=_.truth.coalesce(_.given))
    # A label's code only means something within its question.
    keys = dict.fromkeys(_KEYS.get(key, key) for key in (*by, *(("question",) if "label" in by else ())))
    counted = rows.group_by("source", *keys, *DRAW).agg(n=_.count(), errors=_.error.sum(), minor=_.minor.sum())
    if "annotator" in by:
        counted = with_annotator(counted, base)
    if "q" in keys:
        counted = with_question(counted, base)
    if "day" in by:
        counted = counted.mutate(day=day_text(_.day))
    if "label" not in by:
        return counted
    named = with_label(counted, base, "known", "label")
    return named.group_by("source", *by, *DRAW).agg(n=_.n.sum(), errors=_.errors.sum(), minor=_.minor.sum())


def confusion(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """Per source and question: how often the label `truth` was given as `given`.

    Where a reviewer rejected an answer and did not say what is right, the truth is NOT_STATED: without these, whoever
    is reviewed would seem to make no mistakes.
    """
    rows = scoped(base.judged, base, scope).filter(_.given.notnull())
    counted = rows.group_by("source", "q", "truth", "given").agg(n=_.count())
    counted = with_question(counted.rename(truth_code="truth", given_code="given"), base)
    named = with_label(with_label(counted, base, "truth_code", "truth"), base, "given_code", "given")
    return named.mutate(truth=_.truth.coalesce(NOT_STATED))


def error_types(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """Per type and severity that reviewers stated: how many decisions are errors; null where none was stated."""
    rows = scoped(base.decisions, base, scope).filter(_.wrong == 1)
    counted = rows.group_by("error_type", "severity").agg(n=_.count())
    return counted.mutate(source=text(REVIEW))


def judged_sequence(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """Judgements that a control chart may see, in time order: of gold items, and of the random share of the draws.

    at_ms: when the reviewer decided; of gold when the answer was submitted.
    """
    rows = scoped(base.judged, base, scope)
    rows = rows.filter((_.source == GOLD) | ((_.source == REVIEW) & (_.share == "random")))
    named = rows.join(base.items.select("item_id", of="item"), [("item", "of")])
    return with_question(with_annotator(named, base), base)
