"""What is said of an answer by the others to the same item and question."""

from __future__ import annotations

from typing import Any, Final

import ibis
from ibis import _

UNKNOWN_DIFFICULTY: Final = -1


def item_votes(answers: Any, *by: str) -> Any:
    """item, q, (keys,) code, n: how often each label was given in the first round."""
    return answers.filter((_.round == 1) & _.code.notnull()).group_by("item", "q", *by, "code").agg(n=_.count())


def difficulty(answers: Any, strata: int) -> Any:
    """of_item, of_q, of_code, difficulty: how much the *other* first-round answers disagree, seen from each label.

    A stratum from 0 to strata − 1 by the share of pairs of the others that differ; −1 where fewer than two others are
    there to disagree.
    """
    votes = item_votes(answers)
    totals = votes.group_by(at="item", of="q").agg(total=_.n.sum(), squares=(_.n * _.n).sum())
    counted = votes.join(totals, [("item", "at"), ("q", "of")])
    # Pairs of the others that agree: all ordered pairs of equal votes, less those with the answer itself.
    others = _.total - 1
    agreeing = _.squares - 2 * _.n + 1 - others
    pairs = others * (others - 1)
    stratum = ibis.ifelse(pairs > 0, ((pairs - agreeing) * strata // pairs).clip(upper=strata - 1), UNKNOWN_DIFFICULTY)
    return counted.select(of_item="item", of_q="q", of_code="code", difficulty=stratum.cast("int32"))


def with_difficulty(answers: Any, difficulty: Any) -> Any:
    """The answers with the `difficulty` seen from their label; −1 for repeats."""
    joined = answers.left_join(difficulty, [("item", "of_item"), ("q", "of_q"), ("code", "of_code")])
    known = ibis.ifelse(joined["round"] == 1, joined.difficulty.coalesce(UNKNOWN_DIFFICULTY), UNKNOWN_DIFFICULTY)
    return joined.select(*answers.columns, difficulty=known)
