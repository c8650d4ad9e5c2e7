"""How people work: how long, how much, how consistently."""

from __future__ import annotations

from typing import Any

import ibis
from ibis import _

from qc.measures.base import Base
from qc.measures.scoped import scoped, with_annotator, with_question
from qc.model import Scope


def durations(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """Per annotator: the site of most submissions, submissions and skips, time spent, sessions, first and last time.

    median_seconds, active_ms and sessions are null where no time is known.
    """
    # Not median(where=…): Spark wants a constant there.
    rows = scoped(base.submissions, base, scope).mutate(worked=ibis.ifelse(_.skipped, None, _.spent_ms))
    counted = rows.group_by("annotator").agg(
        n=(~_.skipped).sum(),
        skipped=_.skipped.sum(),
        median_seconds=_.worked.median() / 1000,
        active_ms=_.spent_ms.sum().cast("int64"),
        sessions=_.session.nunique().nullif(0),
        first_ms=_.ms.min(),
        last_ms=_.ms.max(),
    )
    sites = rows.filter(_.site.notnull()).group_by("annotator", "site").agg(times=_.count())
    most = ibis.window(group_by="annotator", order_by=[ibis.desc("times"), "site"])
    sites = sites.mutate(place=ibis.row_number().over(most)).filter(_.place == 0).select("site", of="annotator")
    return with_annotator(counted.left_join(sites, [("annotator", "of")]), base)


def repeats(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """Per question and annotator: later answers to an item that the person had answered, and how many are the same."""
    rows = scoped(base.answers, base, scope).filter(_.code.notnull()).select("q", "item", "annotator", "round", "code")
    first = rows.filter(_.round == 1).select(of="q", at="item", by="annotator", before="code")
    # The few later answers on the right are what the join keeps.
    later = rows.filter(_.round > 1)
    again = first.join(later, [("of", "q"), ("at", "item"), ("by", "annotator")])
    counted = again.group_by("q", "annotator").agg(pairs=_.count(), same=(_.code == _.before).sum())
    return with_question(with_annotator(counted, base), base)
