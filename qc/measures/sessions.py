"""Submissions in time: one row per `annotation_id` of a person, with its session and place in it."""

from __future__ import annotations

from typing import Any, Final

import ibis
from ibis import _

from qc.measures.times import with_day

# A session of a week is a name that was used twice, or a broken clock.
LONGEST_SESSION_MS: Final = 7 * 86_400_000
_PLACED, _TIMED, _LANES = 1, 2, 3
_PER_LANE: Final = 2**31


def submissions(entries: Any, zone: Any, gap_minutes: float) -> Any:
    """One row per submission: when, how long, where in which session.

    Columns: annotation_id, annotator, item, skipped, ms, day, spent_ms, batch, site, guideline, backwards, batched,
    session, t, p. Sessions are the tool's own where it names them, else they end where nothing is submitted for longer
    than the gap; `session` is unique within an annotator. t: seconds since the session's first start, as far as starts
    are known and plausible, else its first submission. p: the position that the tool states, else submissions before
    this time in the session. Pauses shorter than the gap count as work. Where more than half of a session's submissions
    share one time (`batched`, an upload) there is no session, t or p; nor where neither time nor position is known.
    """
    gap_ms = max(int(gap_minutes * 60_000), 1)
    rows = _per_submission(entries, gap_ms)
    moments = _moments(rows, gap_ms)
    placed = _placed(moments, _sessions(moments, gap_ms))
    joined = rows.join(placed, ["annotator", "lane", "at"]).mutate(t_ms=_.ms - _.began)
    lost = (_.lane % _LANES == 0) | _.batched | (_.t_ms > LONGEST_SESSION_MS).coalesce(False)
    return with_day(
        joined.select(
            "annotation_id",
            "annotator",
            "item",
            "skipped",
            "ms",
            "spent_ms",
            "batch",
            "site",
            "guideline",
            "backwards",
            "batched",
            session=ibis.ifelse(lost, None, _.lane * _PER_LANE + _.first),
            t=ibis.ifelse(lost, None, _.t_ms // 1000).cast("int32"),
            p=ibis.ifelse(lost, None, _.position.coalesce(_.before - _.first)).cast("int32"),
        ),
        zone,
    )


def _per_submission(entries: Any, gap_ms: int) -> Any:
    """The questions of a submission share its time; a skip gives way to an answer.

    A lane holds what can be put in one order, `at`: by named session, and by what is known (nothing, positions, times).
    """
    grouped = entries.group_by("annotation_id").agg(
        annotator=_.annotator.min(),
        item=_.item.min(),
        skipped=_.skipped.min(),
        own=_.own.max(),
        ms=_.ms.min(),
        start_ms=_.start_ms.min(),
        spent_ms=_.spent_ms.max(),
        position=_.position.min(),
        backwards=_.backwards.max(),
        batch=_.batch.min(),
        site=_.site.min(),
        guideline=_.guideline.min(),
    )
    waited = _.ms - _.start_ms
    known = ibis.ifelse(_.ms.notnull(), _TIMED, ibis.ifelse(_.position.notnull(), _PLACED, 0))
    return grouped.mutate(
        spent_ms=_.spent_ms.coalesce(ibis.ifelse((waited > 0) & (waited <= gap_ms), waited, None)),
        lane=_.own * _LANES + known,
        at=ibis.coalesce(_.ms, _.position, 0),
    )


def _moments(rows: Any, gap_ms: int) -> Any:
    """annotator, lane, at, stretch, n, began: what was submitted at one time, and the earliest start of it.

    Moments have no ties, so no order depends on the texts of ids. A stretch is as long as the gap, so that no session
    can end within one.
    """
    started = ibis.ifelse((_.start_ms <= _.ms) & (_.ms - _.start_ms <= gap_ms), _.start_ms, None)
    spent = ibis.ifelse(_.spent_ms <= gap_ms, _.ms - _.spent_ms, None)
    moments = rows.group_by("annotator", "lane", "at").agg(n=_.count(), began=ibis.coalesce(started, spent, _.ms).min())
    return moments.mutate(stretch=_.at // gap_ms)


def _sessions(moments: Any, gap_ms: int) -> Any:
    """of_annotator, of_lane, of_stretch, first (submissions in the lane before the session), began, batched."""
    stretches = moments.group_by("annotator", "lane", "stretch").agg(
        n=_.n.sum(), most=_.n.max(), began=_.began.min(), start=_.at.min(), end=_.at.max()
    )
    in_order = ibis.window(group_by=["annotator", "lane"], order_by="stretch", preceding=None, following=0)
    stretches = stretches.mutate(last=_.end.lag().over(in_order), before=_.n.sum().over(in_order) - _.n)
    opens = _.last.isnull() | ((_.lane == _TIMED) & (_.start - _.last > gap_ms))
    stretches = stretches.mutate(opens=ibis.ifelse(opens, _.before, None))
    stretches = stretches.mutate(first=_.opens.max().over(in_order))
    session = ibis.window(group_by=["annotator", "lane", "first"])
    total, most = _.n.sum().over(session), _.most.max().over(session)
    return stretches.select(
        "first",
        of_annotator="annotator",
        of_lane="lane",
        of_stretch="stretch",
        began=_.began.min().over(session),
        batched=(_.lane % _LANES == _TIMED) & (most >= 2) & (2 * most > total),
    )


def _placed(moments: Any, sessions: Any) -> Any:
    """annotator, lane, at, before (submissions earlier in the lane), and what is known of the session."""
    in_order = ibis.window(group_by=["annotator", "lane"], order_by="at", preceding=None, following=0)
    rows = moments.select("annotator", "lane", "at", "stretch", before=_.n.sum().over(in_order) - _.n)
    same = [("annotator", "of_annotator"), ("lane", "of_lane"), ("stretch", "of_stretch")]
    return rows.join(sessions, same).select("annotator", "lane", "at", "before", "first", "began", "batched")
