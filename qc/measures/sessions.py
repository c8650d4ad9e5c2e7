"""Submissions in time: one row per `annotation_id` of a person, with its session and place in it."""

from __future__ import annotations

from typing import Any, Final

import ibis
from ibis import _

# A session of a week is a name that was used twice, or a broken clock.
LONGEST_SESSION_MS: Final = 7 * 86_400_000
_PLACED, _TIMED, _LANES = 1, 2, 3
_PER_LANE: Final = 2**31


def submissions(entries: Any, gap_minutes: float) -> Any:
    """One row per submission: when, how long, where in which session.

    Columns: annotation_id, annotator, skipped, ms, day, spent_ms, batch, site, guideline, backwards, batched,
    difficulty (of the most disputed question), session, t, p. Sessions are the tool's own where it names them, else
    they end where nothing is submitted for longer than the gap; `session` is unique within an annotator. t: seconds
    since the session's first start, as far as starts are known and plausible, else its first submission. p: the
    position that the tool states, else submissions before this time in the session. Pauses shorter than the gap count
    as work. Where more than half of a session's submissions share one time (`batched`, an upload) there is no session,
    t or p; nor where neither time nor position is known.
    """
    gap_ms = max(int(gap_minutes * 60_000), 1)
    rows = _per_submission(entries, gap_ms)
    sessions = _sessions(_moments(rows), gap_ms)
    # Ties share a rank, so no place depends on the texts of ids.
    in_order = ibis.window(group_by=["annotator", "lane"], order_by="at")
    placed = rows.mutate(before=ibis.rank().over(in_order))
    same = [("annotator", "of_annotator"), ("lane", "of_lane"), ("stretch", "of_stretch")]
    joined = placed.join(sessions, same).mutate(t_ms=_.ms - _.session_began)
    lost = (_.lane % _LANES == 0) | _.batched | (_.t_ms > LONGEST_SESSION_MS).coalesce(False)
    return joined.select(
        "annotation_id",
        "annotator",
        "skipped",
        "ms",
        "day",
        "spent_ms",
        "batch",
        "site",
        "guideline",
        "backwards",
        "batched",
        "difficulty",
        session=ibis.ifelse(lost, None, _.lane * _PER_LANE + _.first),
        t=ibis.ifelse(lost, None, _.t_ms // 1000).cast("int32"),
        p=ibis.ifelse(lost, None, _.position.coalesce(_.before - _.first)).cast("int32"),
    )


def in_sessions(rows: Any, submissions: Any) -> Any:
    """The rows whose submission has a session, with session, t and p."""
    placed = submissions.filter(_.session.notnull()).select("session", "t", "p", of="annotation_id")
    # The few rows on the right: it is what a join keeps in memory.
    return placed.join(rows, [("of", "annotation_id")]).drop("of")


def _per_submission(entries: Any, gap_ms: int) -> Any:
    """The questions of a submission share its time; a skip gives way to an answer.

    A lane holds what can be put in one order, `at`: by named session, and by what is known (nothing, positions, times).
    A stretch of it is as long as the gap, so that no session can end within one. `began`: when the work was started.
    """
    grouped = entries.group_by("annotation_id").agg(
        annotator=_.annotator.min(),
        skipped=_.skipped.min(),
        own=_.own.max(),
        ms=_.ms.min(),
        day=_.day.min(),
        start_ms=_.start_ms.min(),
        spent_ms=_.spent_ms.max(),
        position=_.position.min(),
        backwards=_.backwards.max(),
        batch=_.batch.min(),
        site=_.site.min(),
        guideline=_.guideline.min(),
        difficulty=_.difficulty.max(),
    )
    waited = _.ms - _.start_ms
    started = ibis.ifelse((_.start_ms <= _.ms) & (waited <= gap_ms), _.start_ms, None)
    spent = ibis.ifelse(_.spent_ms <= gap_ms, _.ms - _.spent_ms, None)
    known = ibis.ifelse(_.ms.notnull(), _TIMED, ibis.ifelse(_.position.notnull(), _PLACED, 0))
    rows = grouped.mutate(
        spent_ms=_.spent_ms.coalesce(ibis.ifelse((waited > 0) & (waited <= gap_ms), waited, None)),
        began=ibis.coalesce(started, spent, _.ms),
        lane=_.own * _LANES + known,
        at=ibis.coalesce(_.ms, _.position, 0),
    )
    return rows.mutate(stretch=_.at // gap_ms).drop("start_ms", "own")


def _moments(rows: Any) -> Any:
    """annotator, lane, stretch, at, n, began: what was submitted at one time, and the earliest start of it."""
    return rows.group_by("annotator", "lane", "stretch", "at").agg(n=_.count(), began=_.began.min())


def _sessions(moments: Any, gap_ms: int) -> Any:
    """of_annotator, of_lane, of_stretch, first (submissions in the lane before it), session_began, batched."""
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
        session_began=_.began.min().over(session),
        batched=(_.lane % _LANES == _TIMED) & (most >= 2) & (2 * most > total),
    )
