"""Who gave which label to what, in the first round: all that agreement and consensus need."""

from __future__ import annotations

from typing import Any, Final

import ibis
from ibis import _

from qc.measures import answers
from qc.measures.base import Base
from qc.measures.measure import scoped, with_annotator, with_question
from qc.measures.times import day_text, text, week_start
from qc.model import Kind, Role, Scope

HARDEST: Final = 20
# What the answers to a question are split by.
SPLITS: Final = ("batch", "guideline", "site", "tag")
_ON_SCALE: Final = [Kind.ORDINAL.value, Kind.NUMBER.value]
_SHARE: Final = 1_000_000


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


def split_keys(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """Per question, way to split its answers and key of it (null: none is stated): how many answers."""
    stated = [name for name in SPLITS if name != "tag"]
    together = _votes(base, scope).group_by("q", *stated).agg(n=_.count())
    parts = [
        together.select("q", "n", split=text(name), key=name)
        .group_by("q", "split", "key")
        .agg(answers=_.n.sum().cast("int64"))
        for name in stated
    ]
    tagged = _tagged(base, scope).select("q", split=text("tag"), key="tag")
    parts.append(tagged.group_by("q", "split", "key").agg(answers=_.count()))
    return with_question(ibis.union(*parts), base)


def hardest(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """Of each question the answers to the items that people agree on least, from place 0; none where all agree.

    Of an item's ordered `pairs` of answers `agreeing` are equal. Numbers that lie farthest apart (in the order of all
    that were given) come first, then few agreeing pairs, then many answers.
    """
    votes = _votes(base, scope)
    given = votes.group_by("q", "item", "code").agg(n=_.count())
    asked = given.group_by("q", "item").agg(
        answers=_.n.sum().cast("int64"),
        squares=(_.n * _.n).sum().cast("int64"),
        apart=(_.code.max() - _.code.min()).cast("int64"),
    )
    asked = asked.mutate(pairs=_.answers * (_.answers - 1), agreeing=_.squares - _.answers).filter(_.agreeing < _.pairs)
    scales = base.questions.select(of="q", apart_counts=_.kind.isin(_ON_SCALE))
    asked = asked.join(scales, [("q", "of")]).mutate(
        apart=ibis.ifelse(_.apart_counts, _.apart, 0), share=_.agreeing * _SHARE // _.pairs
    )
    order = ibis.window(group_by="q", order_by=[ibis.desc("apart"), "share", ibis.desc("answers"), "item"])
    first = asked.mutate(place=ibis.row_number().over(order)).filter(_.place < HARDEST)
    first = first.select("place", "agreeing", "pairs", its_q="q", its="item")
    rows = votes.select("q", "item", "annotator", "code").join(first, [("q", "its_q"), ("item", "its")])
    named = rows.join(base.items.select("item_id", of="item"), [("item", "of")])
    return with_question(with_annotator(named, base), base)


def item_votes(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """Per item and label: how often it was given; filter the result by `item_id` for the items asked for."""
    votes = answers.item_votes(scoped(base.answers, base, scope)).rename(votes="n")
    named = votes.join(base.items.select("item_id", of="item"), [("item", "of")])
    return with_question(named, base)


def codes(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """One row per answer, in integers; their names are in `questions`, `labels`, `item_names`, `annotator_names`."""
    return _votes(base, scope).select("item", "annotator", "code", question="q")


def _tagged(base: Base, scope: Scope) -> Any:
    """The votes on items with tags, once for each `tag`."""
    tags = base.snapshot.materialise("item_tags", _tags(base)).select("tag", of="item")
    return _votes(base, scope).join(tags, [("item", "of")]).drop("of")


def _tags(base: Base) -> Any:
    """item, tag: those of the item itself, and of people's answers to it."""
    facts = base.snapshot.facts
    of_answers = facts.annotations.filter(_.role == Role.ANNOTATOR.value)
    listed = [
        rows.filter(_.tags.length() > 0).select(its_id=_.item_id.coalesce(""), tag="tags").unnest("tag")
        for rows in (facts.items, of_answers)
    ]
    stated = ibis.union(*listed, distinct=True).filter(_.tag.coalesce("") != "")
    return stated.join(base.items.select("item", "item_id"), [("its_id", "item_id")]).select("item", "tag")


def _votes(base: Base, scope: Scope) -> Any:
    return scoped(base.answers, base, scope).filter((_.round == 1) & _.code.notnull())
