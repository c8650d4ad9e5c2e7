"""The base table `answers`: one row per answer of a person, as first submitted, with its place in time."""

from __future__ import annotations

from typing import Any, Final

import ibis
from ibis import _

UNKNOWN_DIFFICULTY: Final = -1


def answers(entries: Any, submissions: Any, strata: int) -> Any:
    """One row per answer of a person, as first submitted.

    Columns: annotation_id, item, q, annotator, code, round, suggested, ms, day, batch, site, guideline, session, t, p,
    difficulty. code is null where the kind is not compared. difficulty: how much the *other* first-round answers to
    the same item and question disagree, as a stratum from 0 to strata − 1; −1 where fewer than two others are there
    to disagree, and for repeats.
    """
    given = entries.filter(~_.skipped).select(
        "annotation_id", "item", "q", "annotator", "code", "round", "suggested", "batch", "site", "guideline"
    )
    when = submissions.select("ms", "day", "session", "t", "p", of="annotation_id")
    joined = given.join(when, [("annotation_id", "of")]).drop("of")
    votes = item_votes(given)
    totals = votes.group_by("item", "q").agg(total=_.n.sum(), squares=(_.n * _.n).sum())
    counted = votes.join(totals, ["item", "q"])
    # Pairs of the others that agree: all ordered pairs of equal votes, less those with the answer itself.
    others = _.total - 1
    agreeing = _.squares - 2 * _.n + 1 - others
    pairs = others * (others - 1)
    stratum = ibis.ifelse(pairs > 0, ((pairs - agreeing) * strata // pairs).clip(upper=strata - 1), UNKNOWN_DIFFICULTY)
    strata_of = counted.select(at="item", of="q", vote="code", difficulty=stratum.cast("int32"))
    joined = joined.left_join(strata_of, [("item", "at"), ("q", "of"), ("code", "vote")]).drop("at", "of", "vote")
    return joined.mutate(
        difficulty=ibis.ifelse(_.round == 1, _.difficulty.coalesce(UNKNOWN_DIFFICULTY), UNKNOWN_DIFFICULTY)
    )


def item_votes(answers: Any, *by: str) -> Any:
    """item, q, (keys,) code, n: how often each label was given in the first round."""
    return answers.filter((_.round == 1) & _.code.notnull()).group_by("item", "q", *by, "code").agg(n=_.count())
