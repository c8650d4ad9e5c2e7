"""Submissions in time: one row per `annotation_id` of a person, with its session and place in it."""

from __future__ import annotations

from typing import Any, Final

import ibis
from ibis import _

from qc.measures.coded import LONG_AGO, NO_FAULT, SHARED, WALL

# A session of a week is a name that was used twice, or a broken clock; before 2000 no clock was set.
LONGEST_SESSION_MS: Final = 7 * 86_400_000
UNSET_BEFORE_MS: Final = 946_684_800_000
# A pause beyond this is a break; of one, this much counts as work.
IDLE_MS: Final = 300_000
# Whoever submits less in the stretches of that length has pauses that nobody can tell from work.
_BUSY: Final = 2
# A duration beyond the gap and so many times what is usual is a tab left open; one of six hours stood overnight.
_UNUSUAL: Final = 10
_OVERNIGHT_MS: Final = 6 * 3_600_000
_ENOUGH: Final = 3
# Positions may be given a moment before their time.
_JITTER_MS: Final = 60_000
# A time without its zone may be this much ahead.
_AHEAD_MS: Final = 86_400_000
# So many answers at one or two times are an upload.
_UPLOAD: Final = 10

# Beside the faults of `coded`: durations of the tool that are no work.
LEFT_OPEN, OVERNIGHT = 4, 5
# What is wrong with a time.
NO_TIME, UNSET, FUTURE, UPLOADED, BACKWARDS, TOO_LONG = 1, 2, 3, 4, 5, 6

_PLACED, _TIMED, _LANES = 1, 2, 3
_PER_LANE: Final = 2**31


def submissions(entries: Any, gap_minutes: float, as_of_ms: int | None = None) -> Any:
    """One row per submission: when, how long, where in which session.

    Columns: annotation_id, annotator, skipped, ms, day, hour, spent_ms, spent_kind, spent_fault, batch, site,
    guideline, backwards, difficulty (of the most disputed question), time_fault, session, t, p, opens (whether it is
    the first of its session), gap_ms (since the person's submission before), lead_ms (since its own start).

    Sessions are the tool's own where it names them, else they end where nothing is submitted for longer than the gap;
    `session` is unique within an annotator. t: seconds worked since the session's first start, as far as starts are
    known and plausible, else since its first submission; of a pause beyond five minutes only five count, or the time
    that the tool measured, unless the person's answers are that far apart anyway; without times the durations up to
    the answer, where the tool names its sessions and all of a session have one. p: the position that the tool
    states, less the session's first, else submissions before this time in the session. An upload (`_uploaded`) has no
    t, and without a stated position no session either; a time before 2000 or after `as_of_ms` counts as none, and what
    has neither time nor position has no session; a session whose times run backwards against its positions has no t.
    """
    gap_ms = max(int(gap_minutes * 60_000), 1)
    idle_ms = min(IDLE_MS, gap_ms)
    rows = _per_submission(entries, gap_ms, as_of_ms).mutate(stretch=_.at // idle_ms)
    # Ties share a rank, so no place depends on the texts of ids; one sort serves the three.
    in_order = ibis.window(group_by=["annotator", "lane"], order_by="at")
    placed = rows.mutate(
        before=ibis.rank().over(in_order), row=ibis.row_number().over(in_order), previous=_.at.lag().over(in_order)
    )
    upto = ibis.range_window(group_by=["annotator", "lane"], order_by="at", preceding=None, following=0)
    whole = ibis.window(group_by=["annotator", "lane"])
    spent = ibis.ifelse(_.spent_ms.count().over(whole) == _.at.count().over(whole), _.spent_ms.sum().over(upto), None)
    placed = placed.mutate(added_ms=ibis.ifelse(_.lane > _LANES, spent, None))
    sessions = _sessions(placed, _jumps(entries), gap_ms, idle_ms)
    same = [("annotator", "of_annotator"), ("lane", "of_lane"), ("stretch", "of_stretch")]
    timed = _.lane % _LANES == _TIMED
    joined = placed.join(sessions, same).mutate(
        t_ms=ibis.ifelse(timed, _.ms - _.session_began - _.paused, _.added_ms),
        gap_ms=ibis.ifelse(timed, _.at - _.previous, None),
    )
    time_fault = ibis.cases(
        (_.time_fault != NO_FAULT, _.time_fault),
        (_.uploaded, UPLOADED),
        (_.jumped, BACKWARDS),
        ((_.ms - _.session_began > LONGEST_SESSION_MS) & timed, TOO_LONG),
        else_=NO_FAULT,
    ).cast("int8")
    joined = joined.mutate(time_fault=time_fault, position=_.position - _.session_place)
    # A place that the tool states holds whatever its clock says.
    no_place = (_.time_fault == UPLOADED) & _.position.isnull()
    lost = (_.lane % _LANES == 0) | (_.time_fault == TOO_LONG) | no_place
    unclear = lost | _.time_fault.isin([UPLOADED, BACKWARDS])
    counted = ibis.ifelse(_.time_fault.isin([UPLOADED, BACKWARDS]), None, _.before - _.first)
    return joined.select(
        "annotation_id",
        "annotator",
        "skipped",
        "ms",
        "day",
        "hour",
        "spent_ms",
        "spent_kind",
        "spent_fault",
        "batch",
        "site",
        "guideline",
        "backwards",
        "difficulty",
        "time_fault",
        "gap_ms",
        session=ibis.ifelse(lost, None, _.lane * _PER_LANE + _.first),
        t=ibis.ifelse(unclear, None, _.t_ms // 1000).cast("int32"),
        p=ibis.ifelse(lost, None, _.position.coalesce(counted)).cast("int32"),
        opens=_.previous.isnull() | _parts(_.lane, _.at - _.previous, gap_ms),
        lead_ms=ibis.ifelse(timed, _.ms - _.began, None),
    )


def in_sessions(rows: Any, submissions: Any) -> Any:
    """The rows whose submission has a session, with session, t and p."""
    placed = submissions.filter(_.session.notnull()).select("session", "t", "p", of="annotation_id")
    # The few rows on the right: it is what a join keeps in memory.
    return placed.join(rows, [("of", "annotation_id")]).drop("of")


def hours(submissions: Any) -> Any:
    """annotator, day, hour, batch, site, submissions (without skips), active_ms: what was done in each hour.

    Time counts in the hour in which it ends; of each pause at most five minutes.
    """
    length = ibis.ifelse(_.opens, _.lead_ms, _.gap_ms).clip(upper=IDLE_MS)
    rows = submissions.filter(_.t.notnull() & _.ms.notnull()).mutate(length=length)
    return rows.group_by("annotator", "day", "hour", "batch", "site").agg(
        submissions=(~_.skipped).sum().cast("int64"), active_ms=_.length.sum().cast("int64")
    )


def _per_submission(entries: Any, gap_ms: int, as_of_ms: int | None) -> Any:
    """The questions of a submission share its time; a skip gives way to an answer.

    A lane holds what can be put in one order, `at`: by named session, and by what is known (nothing, positions, times).
    `began`: when the work was started.
    """
    rows = entries.group_by("annotation_id").agg(
        annotator=_.annotator.min(),
        item=_.item.min(),
        skipped=_.skipped.min(),
        own=_.own.max(),
        ms=_.ms.min(),
        day=_.day.min(),
        hour=_.hour.min(),
        start_ms=_.start_ms.min(),
        spent_ms=_.spent_ms.max(),
        spent_kind=_.spent_kind.max(),
        spent_fault=_.spent_fault.max(),
        position=_.position.min(),
        backwards=_.backwards.max(),
        batch=_.batch.min(),
        site=_.site.min(),
        guideline=_.guideline.min(),
        difficulty=_.difficulty.max(),
    )
    future = ibis.literal(False) if as_of_ms is None else _.ms > as_of_ms + _AHEAD_MS
    fault = ibis.cases((_.ms.isnull(), NO_TIME), (_.ms < UNSET_BEFORE_MS, UNSET), (future, FUTURE), else_=NO_FAULT)
    rows = _spent(rows, entries, gap_ms).mutate(time_fault=fault.cast("int8"))
    waited = _.ms - _.start_ms
    started = ibis.ifelse((_.start_ms <= _.ms) & (waited <= gap_ms), _.start_ms, None)
    worked = ibis.ifelse(_.spent_ms <= gap_ms, _.ms - _.spent_ms, None)
    known = ibis.ifelse(_.time_fault == NO_FAULT, _TIMED, ibis.ifelse(_.position.notnull(), _PLACED, 0))
    rows = rows.mutate(began=ibis.coalesce(started, worked, _.ms), lane=_.own * _LANES + known)
    at = ibis.ifelse(_.time_fault == NO_FAULT, _.ms, None).coalesce(_.position, 0)
    return rows.mutate(at=at).drop("start_ms", "own")


def _spent(rows: Any, entries: Any, gap_ms: int) -> Any:
    """The rows with time spent as the tool states it, else from start to submission, but for tabs that were left open.

    Beyond the gap, a duration from start to submission is never believed, and a stated one not where it is ten times
    the median of the person's durations within the gap, unless the item (with three or more durations) takes everybody
    that long.
    """
    usual = entries.filter(_.spent_ms <= gap_ms).group_by(who="annotator").agg(usual=_.spent_ms.median())
    long = entries.filter(_.spent_ms > gap_ms).select("item").distinct()
    timed = entries.filter(_.spent_ms.notnull()).semi_join(long, "item").group_by(what="item")
    typical = timed.agg(known=_.count(), typical=_.spent_ms.median()).filter(_.known >= _ENOUGH)
    joined = rows.left_join(usual, [("annotator", "who")]).left_join(typical, [("item", "what")])
    beyond = (_.spent_ms > _UNUSUAL * _.usual) & (_.spent_ms > _UNUSUAL * _.typical.coalesce(0))
    waited = ibis.ifelse((_.ms > _.start_ms) & (_.spent_kind != SHARED), _.ms - _.start_ms, None)
    joined = joined.mutate(
        long=(ibis.ifelse(_.spent_ms.isnull(), waited > gap_ms, (_.spent_ms > gap_ms) & beyond)).coalesce(False),
        found=_.spent_ms.coalesce(waited),
    )
    fault = ibis.ifelse(_.found >= _OVERNIGHT_MS, OVERNIGHT, LEFT_OPEN)
    kept = [name for name in rows.columns if name not in ("item", "spent_ms", "spent_kind", "spent_fault")]
    return joined.select(
        *kept,
        spent_ms=ibis.ifelse(_.long, None, _.found),
        spent_kind=ibis.ifelse(_.spent_ms.isnull() & _.found.notnull(), WALL, _.spent_kind).cast("int8"),
        spent_fault=ibis.ifelse(_.long, fault, _.spent_fault).cast("int8"),
    )


def _jumps(entries: Any) -> Any:
    """jumped_annotator, jumped_own: named sessions in which time runs backwards against the positions."""
    placed = entries.filter((_.own > 0) & _.ms.notnull() & _.position.notnull())
    in_order = ibis.window(group_by=["annotator", "own"], order_by=["position", "ms"])
    back = placed.mutate(earlier=_.ms.lag().over(in_order)).filter(_.ms < _.earlier - _JITTER_MS)
    return back.select(jumped_annotator="annotator", jumped_own="own").distinct()


def _parts(lane: Any, gap: Any, gap_ms: int) -> Any:
    """Whether a pause ends a session; named ones end by name."""
    return (lane == _TIMED) & (gap > gap_ms)


def _sessions(placed: Any, jumps: Any, gap_ms: int, idle_ms: int) -> Any:
    """What is the same for a stretch of a lane, which is as long as a short pause: no session or break is within one.

    of_annotator, of_lane, of_stretch, first (submissions in the lane before its session), session_began,
    session_place (the least position stated), paused
    (milliseconds of the session's breaks before it, that are no work), uploaded, jumped.
    """
    stretches = placed.group_by("annotator", "lane", "stretch").agg(
        n=_.count(),
        most=(_.row - _.before).max() + 1,
        times=(_.row == _.before).sum(),
        before=_.before.min(),
        began=_.began.min(),
        start=_.at.min(),
        place=_.position.min(),
        previous=_.previous.coalesce(LONG_AGO).min().nullif(LONG_AGO),
    )
    everything = ibis.window(group_by="annotator")
    gap = _.start - _.previous
    stretches = stretches.mutate(
        opens=_.previous.isnull() | _parts(_.lane, gap, gap_ms),
        busy=_.n.sum().over(everything) >= _BUSY * _.n.count().over(everything),
    )
    in_order = ibis.window(group_by=["annotator", "lane"], order_by="stretch", preceding=None, following=0)
    idle = ibis.least(gap - idle_ms, _.began - _.previous)
    stretches = stretches.mutate(
        first=ibis.ifelse(_.opens, _.before, None).max().over(in_order),
        idle=ibis.ifelse(~_.opens & _.busy & (_.lane % _LANES == _TIMED) & (idle > 0), idle, 0),
    )
    so_far = ibis.window(group_by=["annotator", "lane", "first"], order_by="stretch", preceding=None, following=0)
    session = ibis.window(group_by=["annotator", "lane", "first"])
    stretches = stretches.mutate(
        total=_.n.sum().over(session),
        most=_.most.max().over(session),
        times=_.times.sum().over(session),
        session_began=_.began.min().over(session),
        session_place=_.place.min().over(session),
        paused=_.idle.sum().over(so_far),
    )
    stretches = stretches.mutate(own=_.lane // _LANES)
    stretches = stretches.left_join(jumps, [("annotator", "jumped_annotator"), ("own", "jumped_own")])
    return stretches.select(
        "first",
        "session_began",
        "session_place",
        "paused",
        of_annotator="annotator",
        of_lane="lane",
        of_stretch="stretch",
        uploaded=(_.lane % _LANES == _TIMED) & _uploaded(_),
        jumped=_.jumped_own.notnull() & (_.lane % _LANES == _TIMED),
    )


def _uploaded(session: Any) -> Any:
    """More than half of a session at one time, or ten and more at no more than two."""
    half = (session.most >= 2) & (2 * session.most > session.total)
    return half | ((session.total >= _UPLOAD) & (session.times <= 2))
