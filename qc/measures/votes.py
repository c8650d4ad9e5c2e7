"""Who gave which label to what, in the first round: all that agreement and consensus need."""

from __future__ import annotations

from typing import Any

import ibis
from ibis import _

from qc.measures import answers
from qc.measures.base import Base
from qc.measures.measure import scoped, with_annotator, with_question
from qc.measures.times import day_text, week_start
from qc.model import Scope


def label_votes(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """Per pattern (the sorted label codes of an item), annotator and label: how many items.

    With keys a pattern holds an item's answers within the group; `period` is the week (its Monday) in which the
    item was first answered.
    """
    votes = _votes(base, scope)
    within = tuple(key for key in by if key != "period")
    pattern = _.code.collect().sort().cast("array<string>").join(",")
    patterns = votes.group_by(of="item", of_q="q", **{f"of_{key}": key for key in within}).agg(
        pattern=pattern, first=_.day.min()
    )
    if within:
        patterns = patterns.mutate(first=_.first.min().over(ibis.window(group_by=["of", "of_q"])))
    # Groups may be null (an item without a site), and null joins nothing.
    matches = [votes.item == patterns.of, votes.q == patterns.of_q]
    matches += [votes[key].identical_to(patterns[f"of_{key}"]) for key in within]
    rows = votes.join(patterns, matches).mutate(period=week_start(_.first))
    counted = rows.group_by("q", *by, "pattern", "annotator", "code").agg(votes=_.count())
    if "period" in by:
        counted = counted.mutate(period=day_text(_.period))
    return with_question(with_annotator(counted, base), base)


def pair_votes(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """Per two annotators and the labels that they gave: how many items both answered so."""
    left = _votes(base, scope).select("q", "item", a="annotator", code_a="code")
    right = left.select(of="q", at="item", b="a", code_b="code_a")
    pairs = left.join(right, [left.q == right.of, left.item == right.at, left.a < right.b])
    counted = pairs.group_by("q", "a", "b", "code_a", "code_b").agg(items=_.count())
    first = base.people.select(name_a="name", of_a="annotator")
    second = base.people.select(name_b="name", of_b="annotator")
    named = counted.join(first, [("a", "of_a")]).join(second, [("b", "of_b")])
    return with_question(named.drop("a", "b", "of_a", "of_b").rename(a="name_a", b="name_b"), base)


def item_votes(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """Per item and label: how often it was given; filter the result by `item_id` for the items asked for."""
    votes = answers.item_votes(scoped(base.answers, base, scope)).rename(votes="n")
    named = votes.join(base.items.select("item_id", of="item"), [("item", "of")])
    return with_question(named, base)


def codes(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """One row per answer, in integers; their names are in `questions`, `labels`, `item_names`, `annotator_names`."""
    return _votes(base, scope).select("item", "annotator", "code", question="q")


def _votes(base: Base, scope: Scope) -> Any:
    return scoped(base.answers, base, scope).filter((_.round == 1) & _.code.notnull())
