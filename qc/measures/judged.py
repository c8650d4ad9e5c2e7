"""The base table `judged`: one row per answer and source of judgement.

Its columns are those of an answer, and source, given (the label judged, where it is not that first submitted), truth,
error, minor, at_ms (when the reviewer decided, else when the answer was submitted), and those of its draw.
"""

from __future__ import annotations

from functools import reduce
from typing import Any, Final

import ibis
from ibis import _

from qc.measures.answers import item_votes
from qc.measures.coded import ANSWER, LONG_AGO
from qc.measures.sources import ADJUDICATION, CONSENSUS, GOLD, REVIEW
from qc.measures.times import epoch_ms, text
from qc.model import Decision, Role

RECORDED: Final = "gold:"
"""What the ids of known answers begin with that were promoted to gold."""

DRAW: Final = {
    "draw_id": "string",
    "share": "string",
    "stratum": "string",
    "stratum_size": "int64",
    "stratum_drawn": "int64",
    "pi": "float64",
}
_COLUMNS: Final = (*ANSWER, "source", "given", "truth", "error", "minor", "at_ms", *DRAW)


def references(others: Any) -> Any:
    """source, item, q, code, since: what answers are compared with; of adjudications the latest, of gold each one.

    since: gold that the record added judges what was submitted since then. What came before chose the item.
    """
    rows = others.filter(_.code.notnull())
    latest = ibis.window(
        group_by=["item", "q"], order_by=[ibis.desc("at"), ibis.desc("revision"), ibis.desc("annotation_id")]
    )
    final = rows.filter(_.role == Role.ADJUDICATOR.value).mutate(place=ibis.row_number().over(latest))
    final = final.filter(_.place == 0).select(
        "item", "q", "code", source=text(ADJUDICATION), since=ibis.literal(LONG_AGO, "int64")
    )
    gold = rows.filter((_.role == Role.GOLD.value) & _.current)
    since = ibis.ifelse(_.annotation_id.startswith(RECORDED), _.at, LONG_AGO).cast("int64")
    return final.union(gold.select("item", "q", "code", source=text(GOLD), since=since).distinct())


def corrections(others: Any) -> Any:
    """annotation_id, parent, q, code, at: what reviewers and leads put in place of an answer, as it is now."""
    rows = others.filter(_.role.isin([Role.REVIEWER.value, Role.ADJUDICATOR.value]))
    latest = ibis.window(group_by=["annotation_id", "q"], order_by=ibis.desc("revision"))
    rows = rows.mutate(place=ibis.row_number().over(latest)).filter(_.place == 0)
    return rows.select("annotation_id", "parent", "q", "code", "at")


def later_revisions(others: Any) -> Any:
    """of_id, of_q, digest, later: codes of answers as they were changed after the first submission."""
    rows = others.filter((_.role == Role.ANNOTATOR.value) & _.answer_hash.notnull())
    return rows.group_by(of_id="annotation_id", of_q="q", digest="answer_hash").agg(later=_.code.max())


def by_reference(answers: Any, references: Any) -> Any:
    """Answers compared with adjudications and gold; with several accepted answers a wrong one has no single truth."""
    known = references.group_by("source", "item", "q").agg(accepted=_.count(), only=_.code.min(), since=_.since.max())
    hits = references.select(hit_source="source", hit_item="item", hit_q="q", hit="code")
    rows = answers.filter(_.code.notnull()).join(known, ["item", "q"])
    rows = rows.filter(_.ms.isnull() | (_.ms >= _.since))
    rows = rows.left_join(hits, [("source", "hit_source"), ("item", "hit_item"), ("q", "hit_q"), ("code", "hit")])
    truth = ibis.cases((_.hit.notnull(), _.code), (_.accepted == 1, _.only))
    return _compared(rows, _.source, truth, _.hit.isnull())


def by_review(decisions: Any, corrections: Any, later: Any, draws: Any, questions: Any) -> Any:
    """Answers as their reviewers found them, in the revision that was judged, with the draw that offered them."""
    rejected, minor = _.verdict == Decision.REJECT.value, _.verdict == Decision.MINOR.value
    stated = corrections.select(by_id="annotation_id", by_q="q", corrected="code").distinct()
    newest = ibis.window(group_by=["parent", "q"], order_by=[ibis.desc("at"), ibis.desc("annotation_id")])
    children = corrections.filter(_.parent.notnull()).mutate(place=ibis.row_number().over(newest))
    children = children.filter(_.place == 0).select(child_of="parent", child_q="q", child="code")
    rows = (
        decisions.left_join(stated, [("corrected_annotation_id", "by_id"), ("q", "by_q")])
        .left_join(children, [("annotation_id", "child_of"), ("q", "child_q")])
        .left_join(later, [("annotation_id", "of_id"), ("q", "of_q"), ("judged_digest", "digest")])
        .mutate(judged=ibis.ifelse(_.digest.notnull(), _.later, _.code), corrected=_.corrected.coalesce(_.child))
    )
    rows = rows.group_by(*ANSWER).agg(
        given=_.judged.max(),
        corrected=_.corrected.max(),
        rejected=rejected.max(),
        minor=minor.max(),
        wrong=_.wrong.max(),
        at_ms=_.at_ms.max(),
    )
    truth = ibis.cases((_.rejected, _.corrected), (_.minor, _.corrected.coalesce(_.given)), else_=_.given)
    rows = rows.left_join(_draw_of(rows, draws, questions), [("annotation_id", "draw_of"), ("q", "draw_q")])
    minor = (_.minor & ~_.rejected).cast("int32")
    return rows.select(
        *ANSWER, "given", "at_ms", *DRAW, source=text(REVIEW), truth=truth, error=_.wrong, minor=minor
    ).select(*_COLUMNS)


def by_consensus(answers: Any) -> Any:
    """First-round answers compared with the plurality of the others; unjudged without others or where they tie."""
    votes = item_votes(answers)
    own = votes.select("item", "q", vote="code")
    pairs = own.join(votes, ["item", "q"]).mutate(left=_.n - (_.vote == _.code).cast("int64")).filter(_.left > 0)
    top = pairs.group_by("item", "q", "vote").agg(most=_.left.max())
    leaders = pairs.join(top, ["item", "q", "vote"]).filter(_.left == _.most)
    leaders = leaders.group_by(at="item", of="q", vote="vote").agg(truth=_.code.min(), ties=_.count())
    rows = answers.filter((_.round == 1) & _.code.notnull())
    rows = rows.join(leaders.filter(_.ties == 1), [("item", "at"), ("q", "of"), ("code", "vote")])
    return _compared(rows, text(CONSENSUS), _.truth, _.truth != _.code)


def together(*parts: Any) -> Any:
    """All judgements in one table."""
    return reduce(lambda left, right: left.union(right), parts)


def _draw_of(rows: Any, draws: Any, questions: Any) -> Any:
    """The latest draw of each answer made before its review; where none was, the latest."""
    offered = draws.join(questions.select(of_q="q", asked="question"), [("question", "asked")])
    offered = offered.select(*DRAW, "of_q", of="annotation_id", drawn=epoch_ms(_.drawn_at).coalesce(LONG_AGO))
    met = rows.select("annotation_id", "q", "at_ms").join(offered, [("annotation_id", "of"), ("q", "of_q")])
    met = met.mutate(before=(_.drawn <= _.at_ms).coalesce(False))
    latest = ibis.window(
        group_by=["annotation_id", "q"], order_by=[ibis.desc("before"), ibis.desc("drawn"), ibis.desc("draw_id")]
    )
    met = met.mutate(place=ibis.row_number().over(latest)).filter(_.place == 0)
    return met.select(*DRAW, draw_of="annotation_id", draw_q="q")


def _compared(rows: Any, source: Any, truth: Any, error: Any) -> Any:
    """Judgements that nobody drew or decided: of the answer as first submitted, at the time of its submission."""
    undrawn = {name: ibis.null(type_) for name, type_ in DRAW.items()}
    none = ibis.literal(0, type="int32")
    judged = rows.select(
        *ANSWER, source=source, given=_.code, truth=truth, error=error.cast("int32"), minor=none, at_ms=_.ms, **undrawn
    )
    return judged.select(*_COLUMNS)
