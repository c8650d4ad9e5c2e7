"""Time at work: pauses between submissions, hours under several idle caps, what is left out, who works when."""

from __future__ import annotations

from typing import Any, Final

import ibis
from ibis import _

from qc.measures import coded, sessions
from qc.measures.base import Base
from qc.measures.scoped import scoped, with_annotator
from qc.measures.times import day_text
from qc.model import Scope

CAP_MINUTES: Final = (1, 2, 5, 10)
# The cap of the figures that show only one.
CAP_MS: Final = sessions.IDLE_MS
# Ten bins to a power of ten; two submissions at one time have a bin of their own.
PER_DECADE: Final = 10
SAME_TIME: Final = -1
_HALF: Final = 0.5

# Column of `left_out`: what makes it so.
TIME_FAULTS: Final = {
    "no_time": sessions.NO_TIME,
    "unset_clock": sessions.UNSET,
    "future": sessions.FUTURE,
    "upload": sessions.UPLOADED,
    "against_position": sessions.BACKWARDS,
    "too_long": sessions.TOO_LONG,
}
SECONDS_FAULTS: Final = {
    "zero": coded.ZERO,
    "negative": coded.NEGATIVE,
    "absurd": coded.ABSURD,
    "left_open": sessions.LEFT_OPEN,
    "overnight": sessions.OVERNIGHT,
}


def gaps(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """Per bin of the logarithm: pauses between consecutive submissions of a person, uploads left out.

    Bin k holds 10^(k/10) to 10^((k+1)/10) milliseconds, SAME_TIME what has no pause at all.
    """
    rows = _timed(base, scope).filter(_.gap_ms.notnull())
    # Half a millisecond more, and no pause lies on an edge, where engines round differently.
    place = ((_.gap_ms + _HALF).log10() * PER_DECADE).floor().cast("int32")
    return rows.group_by(bin=ibis.ifelse(_.gap_ms > 0, place, SAME_TIME)).agg(n=_.count())


def worked(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """Per annotator with times: sessions, their length, and time at work under each cap.

    wall_ms: from the first start of each session to its last submission. active_N_ms: the same time with each pause
    cut at N minutes; the first answer of a session counts from its own start where that is known (else `unknown_starts`
    counts it). breaks: pauses from five minutes to the session's end, breaks_ms in all. gap_ms: the median pause.
    """
    rows = _timed(base, scope).mutate(pause=ibis.ifelse(_.opens, None, _.gap_ms))
    length = ibis.ifelse(_.opens, _.lead_ms, _.gap_ms)
    is_break = (_.pause >= sessions.IDLE_MS).coalesce(False)
    active = {f"active_{cap}_ms": _whole(length.clip(upper=cap * 60_000)) for cap in CAP_MINUTES}
    counted = rows.group_by("annotator").agg(
        submissions=_.count(),
        sessions=_.session.nunique(),
        unknown_starts=(_.opens & (_.lead_ms == 0)).sum(),
        wall_ms=_whole(length),
        **active,
        breaks=is_break.sum(),
        breaks_ms=_whole(ibis.ifelse(is_break, _.pause, 0)),
        gap_ms=_.pause.median(),
    )
    return with_annotator(counted, base)


def session_lengths(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """Per annotator and session: when it began, its submissions, and its time by the wall and cut at five minutes."""
    length = ibis.ifelse(_.opens, _.lead_ms, _.gap_ms)
    counted = (
        _timed(base, scope)
        .group_by("annotator", "session")
        .agg(
            first_ms=_.ms.min(),
            submissions=_.count(),
            wall_ms=_whole(length),
            active_ms=_whole(length.clip(upper=CAP_MS)),
            breaks=(~_.opens & (_.gap_ms >= sessions.IDLE_MS)).sum(),
        )
    )
    return with_annotator(counted, base)


def durations_by_kind(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """Per annotator and kind of duration: submissions that have one, its sum and its median.

    A shared duration stands for several answers: it is counted, and has no sum.
    """
    rows = scoped(base.submissions, base, scope)
    rows = rows.filter(_.spent_ms.notnull() | (_.spent_kind == coded.SHARED))
    counted = rows.group_by("annotator", "spent_kind").agg(
        n=_.count(), spent_ms=_.spent_ms.sum().cast("int64"), median_ms=_.spent_ms.median()
    )
    names = [(_.spent_kind == place, kind.value) for place, kind in enumerate(coded.SECONDS_KINDS, 1)]
    return with_annotator(counted.mutate(kind=ibis.cases(*names, else_="unknown")).drop("spent_kind"), base)


def left_out(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """Per annotator: submissions, and how many of them have no usable time or duration, by what is wrong."""
    times = {name: (_.time_fault == fault).sum() for name, fault in TIME_FAULTS.items()}
    seconds = {name: (_.spent_fault == fault).sum() for name, fault in SECONDS_FAULTS.items()}
    shared = (_.spent_kind == coded.SHARED).sum()
    rows = scoped(base.submissions, base, scope).group_by("annotator")
    return with_annotator(rows.agg(submissions=_.count(), **times, shared=shared, **seconds), base)


def work_by_hour(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """Per weekday (Monday is 0) and hour of the project's zone: submissions, time at work and people.

    Time counts in the hour in which it ended, pauses cut at five minutes.
    """
    rows = scoped(base.hours, base, scope).mutate(weekday=((_.day + 3) % 7).cast("int8"))
    return rows.group_by("weekday", "hour").agg(
        submissions=_whole(_.submissions),
        active_ms=_whole(_.active_ms),
        people=_.annotator.nunique(),
        days=_.day.nunique(),
    )


def person_days(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """Per annotator, day, shift and site: submissions and time at work, pauses cut at five minutes.

    `shift` is the hour at which the shift begins; a shift over midnight belongs to the day on which it began.
    """
    shifts = base.policy.fatigue.shifts
    began = ibis.cases(*((_.hour >= hour, hour) for hour in reversed(shifts)), else_=shifts[-1])
    rows = scoped(base.hours, base, scope).mutate(shift=began.cast("int32"))
    rows = rows.mutate(day=_.day - (_.hour < shifts[0]).cast("int32"))
    counted = rows.group_by("annotator", "day", "shift", "site").agg(
        submissions=_whole(_.submissions), active_ms=_whole(_.active_ms)
    )
    return with_annotator(counted.mutate(day=day_text(_.day)), base)


def _timed(base: Base, scope: Scope) -> Any:
    return scoped(base.submissions.filter(_.t.notnull() & _.ms.notnull()), base, scope)


def _whole(value: Any) -> Any:
    """DuckDB sums in 128 bits, which arrive as floats."""
    return value.sum().cast("int64")
