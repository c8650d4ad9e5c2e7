"""Who gave which label to what, in the first round: all that agreement and consensus need."""

from __future__ import annotations

from typing import Any

import ibis
from ibis import _

from qc.measures import answers
from qc.measures.base import Base
from qc.measures.scoped import scoped, with_annotator, with_question
from qc.measures.times import day_text, week_start
from qc.model import Role, Scope


def label_votes(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """Per pattern (the sorted label codes of an item), annotator and label: how many items.

    With keys a pattern holds an item's answers within the group; `period` is the week (its Monday) in which the
    item was first answered. An item of several tags counts in each, one without a tag in none.
    """
    votes = _tagged(base, scope) if "tag" in by else _votes(base, scope)
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


def split_cells(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """Per question, batch, guideline version and site (each null where none is stated): how many answers."""
    counted = _votes(base, scope).group_by("q", "batch", "guideline", "site").agg(answers=_.count())
    return with_question(counted, base)


def tags(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """Per question and tag of items, or of answers to them: how many answers."""
    return with_question(_tagged(base, scope).group_by("q", "tag").agg(answers=_.count()), base)


def item_votes(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """Per item and label: how often it was given; filter the result by `item_id` for the items asked for."""
    votes = answers.item_votes(scoped(base.answers, base, scope)).rename(votes="n")
    named = votes.join(base.items.select("item_id", of="item"), [("item", "of")])
    return with_question(named, base)


def codes(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """One row per answer, in integers; their names are in `questions`, `labels`, `item_names`, `annotator_names`."""
    return _votes(base, scope).select("item", "annotator", "code", question="q")


def current_codes(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """`codes` as they are now: an answer that was changed since it was submitted has the label it was changed to."""
    return current(_votes(base, scope), base).select("item", "annotator", "code", question="q")


def current(votes: Any, base: Base) -> Any:
    """Answers with the label that they have now."""
    changed = base.others.filter((_.role == Role.ANNOTATOR.value) & _.current & _.code.notnull())
    changed = changed.select(of_id="annotation_id", of_q="q", now="code")
    rows = votes.left_join(changed, [("annotation_id", "of_id"), ("q", "of_q")])
    return rows.mutate(code=_.now.coalesce(_.code)).drop("of_id", "of_q", "now")


def given(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """`codes` with the local day of each answer, by what splits the answers."""
    votes = _tagged(base, scope) if "tag" in by else _votes(base, scope)
    return votes.select(*by, "item", "annotator", "code", "day", question="q")


def _tagged(base: Base, scope: Scope) -> Any:
    """The votes on items with tags, once for each `tag`."""
    tags = tags_of(base).select("tag", of="item")
    return _votes(base, scope).join(tags, [("item", "of")]).drop("of")


def tags_of(base: Base) -> Any:
    """item, tag: those of the item itself, and of people's answers to it."""
    facts = base.snapshot.facts
    of_answers = facts.annotations.filter(_.role == Role.ANNOTATOR.value)
    listed = [
        rows.filter(_.tags.length() > 0).select(its_id=_.item_id.coalesce(""), tag="tags").unnest("tag")
        for rows in (facts.items, of_answers)
    ]
    stated = ibis.union(*listed, distinct=True).filter(_.tag.coalesce("") != "")
    tagged = stated.join(base.items.select("item", "item_id"), [("its_id", "item_id")]).select("item", "tag")
    return base.snapshot.materialise("item_tags", tagged)


def _votes(base: Base, scope: Scope) -> Any:
    return scoped(base.answers, base, scope).filter((_.round == 1) & _.code.notnull())
