"""Errors and durations along the session, as the sums that slopes need."""

from __future__ import annotations

from typing import Any, Final

from ibis import _

from qc.measures.base import Base
from qc.measures.measure import scoped, with_annotator
from qc.model import Scope

BIN_SECONDS: Final = 900
LOG_SCALE: Final = 1000


def judged_time(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """Per source, annotator, session and difficulty stratum: sums of t (seconds), p (answers) and y (errors)."""
    t, p, y = _.t.cast("int64"), _.p.cast("int64"), _.error.cast("int64")
    sums = (
        _in_sessions(base, scope)
        .group_by("source", "annotator", "session", stratum="difficulty")
        .agg(
            n=_.count(),
            st=t.sum(),
            stt=(t * t).sum(),
            sy=y.sum(),
            sty=(t * y).sum(),
            sp=p.sum(),
            spp=(p * p).sum(),
            spy=(p * y).sum(),
        )
    )
    return with_annotator(_integers(sums), base)


def judged_rows(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """Per judged answer with a session: where it stands in it, and whether it is an error."""
    return with_annotator(_in_sessions(base, scope), base)


def time_bins(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """Per source and quarter of an hour since the session began: judged and wrong answers."""
    rows = _in_sessions(base, scope).filter(_.t.notnull()).mutate(bin=(_.t // BIN_SECONDS).cast("int32"))
    return rows.group_by("source", "bin").agg(n=_.count(), errors=_.error.sum())


def pace(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """Per annotator, session and stratum: sums of t (seconds) and of v = 1000·ln(seconds spent), of submissions.

    The stratum of a submission is that of its most disputed question.
    """
    rows = scoped(base.submissions, base, scope).filter(~_.skipped & _.t.notnull() & (_.spent_ms > 0))
    t, v = _.t.cast("int64"), _.v
    rows = rows.mutate(v=((_.spent_ms / 1000).ln() * LOG_SCALE).round().cast("int64"))
    sums = rows.group_by("annotator", "session", stratum="difficulty").agg(
        n=_.count(), st=t.sum(), stt=(t * t).sum(), sv=v.sum(), stv=(t * v).sum(), svv=(v * v).sum()
    )
    return with_annotator(_integers(sums), base)


def _in_sessions(base: Base, scope: Scope) -> Any:
    return scoped(base.judged_in_time, base, scope)


def _integers(sums: Any) -> Any:
    """DuckDB sums in 128 bits, which arrive as floats."""
    return sums.mutate(
        **{name: sums[name].cast("int64") for name in sums.columns if name.startswith("s") and len(name) < 4}
    )
