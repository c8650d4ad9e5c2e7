"""What reviewers said of answers: every opinion, and the one that counts."""

from __future__ import annotations

from typing import Any, Final

import ibis
from ibis import _

from qc.judge import wrong
from qc.measures.coded import LONG_AGO
from qc.measures.times import epoch_ms
from qc.model import ErrorPolicy

_ANSWER: Final = ["annotation_id", "q"]
_SAID: Final = ("verdict", "error_type", "severity", "corrected_annotation_id", "judged_digest", "review_id")


def stated(reviews: Any, answers: Any, questions: Any, policy: ErrorPolicy) -> Any:
    """Every reviewer's latest decision on each answer and region, with the columns of the answer.

    A review without a question is of all of its submission; `recorded` are verdicts of the record, `wrong` is 1 for an
    error. A reviewer without a name is "".
    """
    named = (
        reviews.filter(_.question.isnull())
        .mutate(of_q=ibis.null("int32"))
        .union(reviews.join(questions.select(of="question", of_q="q"), [("question", "of")]).drop("of"))
    )
    given = named.select(
        "of_q",
        *_SAID,
        of_id="annotation_id",
        reviewer=_.reviewer.coalesce(""),
        region=_.region_id.coalesce(""),
        wrong=wrong(_.verdict, policy),
        recorded=_.recorded_in == "record",
        at_ms=epoch_ms(_.decided_at),
    ).filter(_.wrong.notnull())
    rows = answers.join(given, [answers.annotation_id == given.of_id, given.of_q.isnull() | (answers.q == given.of_q)])
    rows = rows.drop("of_id", "of_q").mutate(at=_.at_ms.coalesce(LONG_AGO))
    return _latest(rows, "region", "reviewer")


def decisions(stated: Any) -> Any:
    """The reviews that count: of each answer those of the record, else of the export; there of each region the latest.

    Where the record has two people's verdicts on one answer, those of the person who judged first count.
    """
    answer = ibis.window(group_by=_ANSWER)
    begun = ibis.window(group_by=_ANSWER, order_by=["at", "review_id"])
    rows = stated.mutate(anywhere=_.recorded.max().over(answer)).filter(_.recorded == _.anywhere)
    rows = rows.mutate(place=ibis.row_number().over(begun))
    rows = rows.mutate(first=ibis.ifelse(_.place == 0, _.reviewer, None).max().over(answer))
    rows = rows.filter(~_.recorded | (_.reviewer == _.first)).drop("anywhere", "place", "first")
    return _latest(rows, "region").drop("at")


def opinions(stated: Any, later: Any, references: Any) -> Any:
    """What each reviewer with a name made of each answer, and what gold and a final call make of it.

    flagged: whether any of it is an error to them; judged: the code of the answer in the revision that they saw. gold,
    settled: 1 where that is wrong by the known answers or by the final call, null where there is none.
    """
    rows = stated.filter(_.reviewer != "")
    rows = rows.left_join(later, [("annotation_id", "of_id"), ("q", "of_q"), ("judged_digest", "digest")])
    rows = rows.mutate(judged=ibis.ifelse(_.digest.notnull(), _.later, _.code))
    keys = (*_ANSWER, "item", "annotator", "day", "batch", "site", "reviewer")
    rows = rows.group_by(*keys).agg(
        flagged=_.wrong.max(), judged=_.judged.max(), at=_.at.min(), recorded=_.recorded.max()
    )
    for source, name in (("gold", "gold"), ("adjudication", "settled")):
        truths = references.filter(_.source == source)
        known = truths.group_by(its_item="item", its_q="q").agg(accepted=_.count())
        hits = truths.select(hit_item="item", hit_q="q", hit="code").distinct()
        rows = rows.left_join(known, [("item", "its_item"), ("q", "its_q")])
        rows = rows.left_join(hits, [("item", "hit_item"), ("q", "hit_q"), ("judged", "hit")])
        told = _.accepted.notnull() & _.judged.notnull()
        rows = rows.mutate(**{name: ibis.ifelse(told, _.hit.isnull().cast("int32"), None)})
        rows = rows.drop("accepted", "hit", "its_item", "its_q", "hit_item", "hit_q")
    return rows


def _latest(rows: Any, *keys: str) -> Any:
    order = [ibis.desc("recorded"), ibis.desc("at"), ibis.desc("review_id")]
    latest = ibis.window(group_by=[*_ANSWER, *keys], order_by=order)
    return rows.mutate(latest=ibis.row_number().over(latest)).filter(_.latest == 0).drop("latest")
