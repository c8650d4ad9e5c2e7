"""Section `time`: pauses, sessions, hours under several idle caps, what is left out, and who works when."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from qc.measures.time_at_work import CAP_MINUTES, CAP_MS, SAME_TIME
from qc.model import Estimate, undefined
from qc.stats.time_at_work import HOUR_MS, MINUTE_MS, active_ms, edge_seconds, median, session_gap
from qc.workspace.assess.lens import Lens
from qc.workspace.assess.plain import plain_object, text_or_none

NO_TIMES: Final = "this export has no times"
NOTHING: Final = "nobody submitted anything within the filters"
# Fewer submissions show no hours of one person.
FEWEST: Final = 20
# A person's day with fewer says nothing of pace.
FEWEST_A_DAY: Final = 5

_LEFT_OUT: Final = {
    "no_time": ("times", "no time", "the export gives no time of submission"),
    "unset_clock": ("times", "clock not set", "a time before the year 2000"),
    "future": ("times", "in the future", "later than the data"),
    "upload": (
        "times",
        "submitted together",
        "an upload or a page: over half of a session at one time, or ten at one or two",
    ),
    "against_position": ("times", "running backwards", "a session whose times go back more than a minute in its order"),
    "too_long": ("times", "session over a week", "a name of a session that was used again"),
    "shared": ("durations", "shared", "one duration for several answers"),
    "zero": ("durations", "zero", "under a tenth of a second"),
    "negative": ("durations", "negative", "ends before it begins"),
    "absurd": ("durations", "absurd", "over eleven days, or no number"),
    "left_open": (
        "durations",
        "left open",
        "longer than the pause that ends a session, and ten times the person's median and the item's",
    ),
    "overnight": ("durations", "open overnight", "left open for six hours and more"),
}


def section(lens: Lens) -> dict[str, Any]:
    """What is known of time at work; lists are empty and `reason` says why where nothing is."""
    worked, lengths = lens.frame("worked"), lens.frame("session_lengths")
    left_out = _left_out(lens.frame("left_out"))
    pauses, gap = lens.frame("gaps"), lens.policy.fatigue.gap_minutes
    humps = pauses[pauses["bin"] != SAME_TIME]
    proposed = session_gap(humps["bin"].tolist(), humps["n"].tolist(), np.random.default_rng(1))
    kinds = lens.frame("durations_by_kind")
    shown = worked[worked["submissions"] >= FEWEST]
    return plain_object(
        {
            "reason": None if len(worked) else _reason(left_out),
            "timezone": lens.policy.timezone,
            "gap_minutes": gap,
            "proposed_gap_minutes": proposed,
            "gap_sentence": _gap_sentence(proposed, gap, humps),
            "gaps": [
                {"from_seconds": edge_seconds(row.bin), "to_seconds": edge_seconds(row.bin + 1), "n": row.n}
                for row in humps.itertuples()
            ],
            "without_pause": int(pauses["n"].sum() - humps["n"].sum()),
            "sessions": _sessions(worked, lengths),
            "usual_pause_seconds": median(worked["gap_ms"].dropna() / 1000, "people"),
            "active_hours": _caps(worked),
            "kinds": _kinds(kinds),
            "annotators": [_person(row, kinds) for row in shown.itertuples()],
            "annotators_not_shown": len(worked) - len(shown),
            "fewest": FEWEST,
            "excluded": left_out,
            "throughput": _throughput(lens),
        }
    )


def own_hours(lens: Lens) -> dict[str, tuple[float, str]]:
    """Hours of each annotator and what they are: those of the tool where it gives any, else pauses cut at a cap."""
    cap = CAP_MS // MINUTE_MS
    hours = {
        row.annotator: (_hours(row, cap), f"from one answer to the next, pauses cut at {cap} minutes")
        for row in lens.frame("worked").itertuples()
    }
    kinds = lens.frame("durations_by_kind")
    for annotator, part in kinds[kinds["spent_ms"].notna()].groupby("annotator"):
        stated = f"durations of the tool, {' and '.join(part['kind'])}"
        hours[str(annotator)] = (float(part["spent_ms"].sum()) / HOUR_MS, stated)
    return hours


def _reason(left_out: list[dict[str, Any]]) -> str:
    told = [row for row in left_out if row["of"] == "times"]
    if not told:
        return NOTHING
    if all(row["reason"] == "no time" for row in told):
        return NO_TIMES
    most = max(told, key=lambda row: row["n"])
    return f"no time can be used: {most['reason']} ({most['rule']})"


def _left_out(frame: pd.DataFrame) -> list[dict[str, Any]]:
    found = {name: int(frame[name].sum()) for name in _LEFT_OUT}
    return [
        {"of": of, "reason": reason, "n": found[name], "rule": rule}
        for name, (of, reason, rule) in _LEFT_OUT.items()
        if found[name]
    ]


def _gap_sentence(proposed: Estimate, now: float, pauses: pd.DataFrame) -> str:
    """What the proposal would change."""
    if proposed.value is None:
        return f"No better pause than {now:g} minutes is proposed: {proposed.reason}."
    edges = np.array([edge_seconds(place) for place in pauses["bin"]]) / 60
    low, high = sorted((proposed.value, now))
    between = int(pauses["n"][(edges >= low) & (edges < high)].sum())
    ending = int(pauses["n"][edges >= min(now, proposed.value)].sum())
    said = f"Pauses part into work and rest at about {proposed.value:.0f} minutes; sessions now end at {now:g}."
    if proposed.low is not None and proposed.high is not None and proposed.low <= now <= proposed.high:
        return f"{said} That lies within what the pauses tell ({proposed.low:.0f} to {proposed.high:.0f}): keep it."
    if not between:
        return f"{said} No pause lies between the two: the sessions are the same."
    return f"{said} {between:,} of {ending:,} long pauses lie between the two, and would be counted otherwise."


def _sessions(worked: pd.DataFrame, lengths: pd.DataFrame) -> dict[str, Any]:
    return {
        "n": len(lengths),
        "wall_hours": float(lengths["wall_ms"].sum()) / HOUR_MS,
        "wall_minutes": median(lengths["wall_ms"] / MINUTE_MS, "sessions"),
        "active_minutes": median(lengths["active_ms"] / MINUTE_MS, "sessions"),
        "submissions": median(lengths["submissions"], "sessions"),
        "micro_breaks": int(worked["breaks"].sum()),
        "micro_break_hours": float(worked["breaks_ms"].sum()) / HOUR_MS,
    }


def _caps(worked: pd.DataFrame) -> list[dict[str, Any]]:
    """The hours of the team under each cap."""
    return [{"cap_minutes": cap, "hours": sum(_hours(row, cap) for row in worked.itertuples())} for cap in CAP_MINUTES]


def _hours(row: Any, cap: int) -> float:
    usual = None if row.gap_ms is None or row.gap_ms != row.gap_ms else float(row.gap_ms)
    cut = int(getattr(row, f"active_{cap}_ms"))
    return active_ms(cut, int(row.unknown_starts), usual, cap * MINUTE_MS) / HOUR_MS


def _kinds(kinds: pd.DataFrame) -> list[dict[str, Any]]:
    """What the tool itself says, by the kind of its durations; medians are over people."""
    return [
        {
            "kind": kind,
            "n": int(part["n"].sum()),
            "hours": float(part["spent_ms"].sum()) / HOUR_MS if part["spent_ms"].notna().any() else None,
            "median_seconds": median(part["median_ms"].dropna() / 1000, "people"),
        }
        for kind, part in kinds.groupby("kind")
    ]


def _person(row: Any, kinds: pd.DataFrame) -> dict[str, Any]:
    own = kinds[kinds["annotator"] == row.annotator]
    return {
        "annotator": row.annotator,
        "submissions": int(row.submissions),
        "sessions": int(row.sessions),
        "wall_hours": row.wall_ms / HOUR_MS,
        "active_hours": [{"cap_minutes": cap, "hours": _hours(row, cap)} for cap in CAP_MINUTES],
        "tool_hours": [
            {"kind": kind.kind, "n": int(kind.n), "hours": kind.spent_ms / HOUR_MS}
            for kind in own.itertuples()
            if kind.spent_ms == kind.spent_ms and kind.spent_ms is not None
        ],
        "micro_breaks": int(row.breaks),
        "median_pause_seconds": None if row.gap_ms != row.gap_ms else row.gap_ms / 1000,
    }


def _throughput(lens: Lens) -> dict[str, Any]:
    days, hours = lens.frame("person_days"), lens.frame("work_by_hour")
    days = days.assign(shift=days["shift"].map(lens.policy.fatigue.shift_names))
    return {
        "cap_minutes": CAP_MS // MINUTE_MS,
        "answers": int(hours["submissions"].sum()),
        "by_hour": [
            {
                "weekday": int(row.weekday),
                "hour": int(row.hour),
                "answers": int(row.submissions),
                "active_hours": row.active_ms / HOUR_MS,
                "people": int(row.people),
                "days": int(row.days),
            }
            for row in hours.itertuples()
        ],
        **{f"by_{key}": _by(days, key) for key in ("day", "site", "shift")},
    }


def _by(days: pd.DataFrame, key: str) -> list[dict[str, Any]]:
    """Answers, hours and people by a key, and seconds per answer as the median of people's days."""
    each = days.groupby([key, "annotator", "day"] if key != "day" else ["day", "annotator"], as_index=False)
    each = each[["submissions", "active_ms"]].sum()
    paced = each[(each["submissions"] >= FEWEST_A_DAY) & (each["active_ms"] > 0)]
    pace = (paced["active_ms"] / paced["submissions"] / 1000).groupby(paced[key]).apply(list).to_dict()
    return [
        {
            "key": text_or_none(name),
            "answers": int(part["submissions"].sum()),
            "active_hours": float(part["active_ms"].sum()) / HOUR_MS,
            "people": int(part["annotator"].nunique()),
            "seconds_per_answer": median(pace[name], "people's days")
            if name in pace
            else undefined(f"nobody gave {FEWEST_A_DAY} answers in a day", unit="people's days"),
        }
        for name, part in each.groupby(key)
    ]
