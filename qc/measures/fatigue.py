"""Errors and durations along the session and the day, as the sums that slopes need, and as the answers themselves."""

from __future__ import annotations

from typing import Any, Final
from zlib import crc32

import ibis
from ibis import _

from qc.measures.base import Base
from qc.measures.scoped import scoped, with_annotator
from qc.measures.sessions import IDLE_MS
from qc.model import Scope

BIN_SECONDS: Final = 900
CELL_SECONDS: Final = 600
LOG_SCALE: Final = 1000
# Whether items come in the same order is seen from so many answers as well as from all.
ORDER_ROWS: Final = 250_000
# A pause of a working day, and how far around it answers are looked at.
SHORTEST_PAUSE_MS: Final = 600_000
LONGEST_PAUSE_MS: Final = 4 * 3_600_000
AROUND_MS: Final = 1_800_000
# A pause of so many times what is usual is a break.
UNUSUAL: Final = 4
# With fewer answers the label of most is as good as the answer itself.
FEWEST_VOTES: Final = 3
# Codes of labels are counted in each question.
PER_QUESTION: Final = 1_000_000
_SUMS: Final = {"t": ("st", "stt"), "p": ("sp", "spp"), "h": ("sh", "shh")}


def judged_time(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """Per source, annotator, session, its day, difficulty stratum and pi: sums of t and h (seconds), p (answers), y."""
    y = _.error.cast("int64")
    sums = (
        _in_day(scoped(base.judged_in_time, base, scope), base)
        .group_by("source", "annotator", "session", "pi", day="session_day", stratum="difficulty")
        .agg(n=_.count(), sy=y.sum(), **_moments(), **_products("y", y))
    )
    return with_annotator(_integers(sums), base)


def judged_rows(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """Per judged answer with a session: where it stands in it and in the day, and whether it is an error.

    run: how many items of the same `kind` came just before it; kind: see `_kinds`; hour: local.
    """
    rows = _in_day(scoped(base.judged_in_time, base, scope), base)
    placed = rows.left_join(_runs(base), [("annotation_id", "of")]).drop("of", "day")
    return with_annotator(placed.rename(day="session_day", stratum="difficulty"), base)


def judged_cells(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """Judged and wrong answers per cell of covariates: ten minutes since the session began, label, day, hour, site."""
    hours = base.submissions.filter(_.session.notnull()).select("hour", of="annotation_id")
    rows = scoped(base.judged_in_time, base, scope).filter(_.t.notnull())
    rows = rows.join(hours, [("annotation_id", "of")]).drop("of")
    label = ibis.ifelse(_.truth.coalesce(_.given).isnull(), -1, _.q * PER_QUESTION + _.truth.coalesce(_.given))
    rows = rows.mutate(bin=(_.t // CELL_SECONDS).cast("int32"), label=label.cast("int64"))
    keys = ("source", "annotator", "day", "hour", "site", "label", "bin")
    return with_annotator(
        rows.group_by(*keys, stratum="difficulty").agg(n=_.count(), errors=_.error.sum().cast("int64")), base
    )


def time_bins(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """Per source, quarter of an hour since the session began, and whether it was drawn: judged and wrong answers."""
    rows = scoped(base.judged_in_time, base, scope).filter(_.t.notnull())
    rows = rows.mutate(bin=(_.t // BIN_SECONDS).cast("int32"))
    return rows.group_by("source", "bin", "pi").agg(n=_.count(), errors=_.error.sum())


def pace(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """Per annotator, session, its day and stratum: sums of t, p, h and of v = 1000·ln(seconds spent), of submissions.

    The stratum of a submission is that of its most disputed question. Of an annotator without any duration the time
    from the answer before counts (`inferred`), breaks left out: five minutes, and four times what is usual.
    """
    rows = scoped(base.submissions, base, scope).filter(~_.skipped & _.session.notnull())
    of_one = ibis.window(group_by="annotator")
    rows = rows.mutate(inferred=_.spent_ms.count().over(of_one) == 0)
    # Cut at what whoever takes minutes an answer usually needs, slow answers would be missing where they are many.
    usual = rows.filter(_.inferred & ~_.opens & (_.gap_ms > 0)).group_by(who="annotator").agg(usual=_.gap_ms.median())
    rows = rows.left_join(usual, [("annotator", "who")]).drop("who")
    shortest_break = ibis.greatest(IDLE_MS, UNUSUAL * _.usual.coalesce(0))
    since = ibis.ifelse(_.inferred & ~_.opens & _.t.notnull() & (_.gap_ms < shortest_break), _.gap_ms, None)
    rows = rows.mutate(spent_ms=_.spent_ms.coalesce(since)).filter(_.spent_ms > 0)
    rows = _in_day(rows, base).mutate(v=((_.spent_ms / 1000).ln() * LOG_SCALE).round().cast("int64"))
    sums = rows.group_by("annotator", "session", "inferred", day="session_day", stratum="difficulty").agg(
        n=_.count(), sv=_.v.sum(), svv=(_.v * _.v).sum(), **_moments(), **_products("v", _.v)
    )
    return with_annotator(_integers(sums), base)


def answer_order(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """Where the answers stand in their sessions, judged or not: all answers to every item, or to each k-th item.

    So many items that about a quarter of a million answers are left.
    """
    entries = base.entries.filter(~_.skipped)
    size = entries.agg(every=(_.count() // ORDER_ROWS + 1).cast("int64"))
    thin = entries.cross_join(size).filter(_.item % _.every == 0)
    items = thin.group_by(of="annotation_id").agg(item=_.item.min())
    rows = scoped(base.submissions, base, scope).filter(~_.skipped & _.session.notnull())
    return with_annotator(rows.join(items, [("annotation_id", "of")]), base)


def pauses(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """Per source, annotator, pause of a working day and stratum: judged and wrong in the half hours before and after.

    A pause lasts 10 minutes to 4 hours, from a submission to the start of the next one.
    """
    met = base.submissions.filter(_.gap_ms.notnull()).mutate(rested=_.gap_ms - _.lead_ms.coalesce(0))
    met = met.filter(_.rested.between(SHORTEST_PAUSE_MS, LONGEST_PAUSE_MS))
    met = met.select("annotator", began=_.ms - _.gap_ms, ended=_.ms - _.lead_ms.coalesce(0)).distinct()
    # Each pause is looked up under the half hours that the answers around it may lie in.
    first, last = met.began // AROUND_MS, met.ended // AROUND_MS
    sides = [(first - 1, True), (first, True), (last, False), (last + 1, False)]
    parts = [met.mutate(half_hour=half_hour, earlier=ibis.literal(earlier)) for half_hour, earlier in sides]
    around = parts[0].union(*parts[1:]).rename(who="annotator")
    rows = scoped(base.judged_in_time, base, scope).filter(_.t.notnull() & _.ms.notnull()).mutate(at=_.ms // AROUND_MS)
    near = rows.join(around, [("annotator", "who"), ("at", "half_hour")])
    before = _.earlier & (_.ms <= _.began) & (_.ms > _.began - AROUND_MS)
    after = ~_.earlier & (_.ms >= _.ended) & (_.ms < _.ended + AROUND_MS)
    near = near.mutate(is_before=before.cast("int64"), is_after=after.cast("int64"))
    near = near.filter((_.is_before + _.is_after) > 0).mutate(pause=_.began // 1000)
    sums = near.group_by("source", "annotator", "pause", "pi", stratum="difficulty").agg(
        before=_.is_before.sum().cast("int64"),
        before_errors=(_.is_before * _.error).sum().cast("int64"),
        after=_.is_after.sum().cast("int64"),
        after_errors=(_.is_after * _.error).sum().cast("int64"),
    )
    return with_annotator(sums, base)


def _in_day(rows: Any, base: Base) -> Any:
    """The rows with `session_day`, the day on which their session began, and `h`, the seconds worked that day before.

    Sessions of one day follow each other; what lies between them is no work.
    """
    fatigue = base.policy.fatigue
    name = f"session_days_{crc32(repr((fatigue.gap_minutes, base.as_of_ms)).encode()):08x}"
    days = base.snapshot.materialise(name, _session_days(base))
    joined = rows.left_join(days, [("annotator", "its_annotator"), ("session", "its_session")])
    return joined.drop("its_annotator", "its_session").mutate(h=(_.t + _.worked_before).cast("int64"))


def _session_days(base: Base) -> Any:
    timed = base.submissions.filter(_.session.notnull() & _.t.notnull())
    sessions = timed.group_by(its_annotator="annotator", its_session="session").agg(
        session_day=_.day.min(), worked=_.t.max().cast("int64"), began=_.ms.min()
    )
    so_far = ibis.window(
        group_by=["its_annotator", "session_day"], order_by=["began", "its_session"], preceding=None, following=0
    )
    before = ibis.ifelse(_.session_day.notnull(), _.worked.sum().over(so_far) - _.worked, None)
    rows = sessions.mutate(worked_before=before.cast("int64"))
    return rows.select("its_annotator", "its_session", "session_day", "worked_before")


def _kinds(base: Base) -> Any:
    """of_item, kind: what an item is, by the only accepted gold answer, else by the label that most of three gave.

    The kind is q·1,000,000 + code, of the first question that tells one. An answer is one of the three at most, so that
    a wrong one seldom makes its item another.
    """
    accepted = base.references.filter(_.source == "gold").group_by("item", "q").agg(n=_.count(), code=_.code.min())
    known = accepted.filter(_.n == 1).select("item", "q", "code", rank=ibis.literal(0, "int8"))
    votes = base.answers.filter((_.round == 1) & _.code.notnull()).group_by("item", "q", "code").agg(n=_.count())
    all_votes = ibis.window(group_by=["item", "q"])
    most = ibis.window(group_by=["item", "q"], order_by=[ibis.desc("n"), "code"])
    votes = votes.mutate(total=_.n.sum().over(all_votes), place=ibis.row_number().over(most))
    voted = votes.filter((_.place == 0) & (_.total >= FEWEST_VOTES)).select(
        "item", "q", "code", rank=ibis.literal(1, "int8")
    )
    first = ibis.window(group_by="item", order_by=["rank", "q"])
    both = known.union(voted).mutate(at=ibis.row_number().over(first)).filter(_.at == 0)
    return both.select(of_item="item", kind=_.q.cast("int64") * PER_QUESTION + _.code)


def _runs(base: Base) -> Any:
    """of, hour, kind, run: of each submission, how many just before it in the session are of the same kind."""
    items = base.entries.group_by(its_id="annotation_id").agg(item=_.item.min())
    placed = base.submissions.filter(_.session.notnull()).select("annotation_id", "annotator", "session", "p", "hour")
    rows = placed.join(items, [("annotation_id", "its_id")]).left_join(_kinds(base), [("item", "of_item")])
    in_order = ibis.window(group_by=["annotator", "session"], order_by=["p", "item"])
    rows = rows.mutate(place=ibis.row_number().over(in_order), previous=_.kind.lag().over(in_order))
    so_far = ibis.window(group_by=["annotator", "session"], order_by=["p", "item"], preceding=None, following=0)
    other = ~(_.previous == _.kind).coalesce(False)
    rows = rows.mutate(since=ibis.ifelse(other, _.place, None).max().over(so_far))
    run = ibis.ifelse(_.kind.isnull(), None, _.place - _.since).cast("int32")
    return rows.select("hour", "kind", of="annotation_id", run=run)


def _moments() -> dict[str, Any]:
    sums: dict[str, Any] = {}
    for axis, (first, second) in _SUMS.items():
        along = _[axis].cast("int64")
        sums |= {first: along.sum(), second: (along * along).sum()}
    return sums


def _products(name: str, value: Any) -> dict[str, Any]:
    return {f"s{axis}{name}": (_[axis].cast("int64") * value).sum() for axis in _SUMS}


def _integers(sums: Any) -> Any:
    """DuckDB sums in 128 bits, which arrive as floats."""
    return sums.mutate(
        **{name: sums[name].cast("int64") for name in sums.columns if name.startswith("s") and len(name) < 4}
    )
