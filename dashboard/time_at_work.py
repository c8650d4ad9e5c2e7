"""Time at work, as pages show it: hours, sessions and pauses, who works when, and what was left out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from dashboard import data, show
from dashboard.data import Selection
from qc.figures import duration, hours_by_cap, hours_of_the_week, pauses, several

_TEAM = "everybody"


def show_time(chosen: Selection) -> None:
    """Everything that is known of the time behind the answers within the filters."""
    time = data.section(chosen, "time")
    st.header("Time at work", anchor=False)
    if time["reason"]:
        _without_times(time)
        return
    _headline(time)
    _hours(time)
    _pauses(time)
    _throughput(time)
    _left_out(time)


def _without_times(time: Mapping[str, Any]) -> None:
    show.nothing(
        f"{time['reason'][:1].upper()}{time['reason'][1:]}, so hours at work and pauses are unknown.",
        "Export the time of each submission from your tool (a mapping may name its column: submitted_at), or clear "
        "the filters.",
    )
    if time["kinds"]:
        _kinds(time)
    _left_out(time)


def _headline(time: Mapping[str, Any]) -> None:
    sessions = time["sessions"]
    cap = time["throughput"]["cap_minutes"]
    hours = next(row["hours"] for row in time["active_hours"] if row["cap_minutes"] == cap)
    boxes = st.columns(4)
    with boxes[0]:
        show.key_number(
            "Hours at work",
            f"{hours:,.1f}",
            f"pauses cut at {cap} minutes; {sessions['wall_hours']:,.1f} from start to end",
        )
    with boxes[1]:
        show.key_figure("Session, minutes at work (median)", sessions["active_minutes"], "plain")
    with boxes[2]:
        show.key_figure("Session, minutes from start to end (median)", sessions["wall_minutes"], "plain")
    with boxes[3]:
        show.key_number(
            "Micro-breaks",
            f"{sessions['micro_breaks']:,}",
            f"pauses of {cap} to {time['gap_minutes']:g} minutes, {sessions['micro_break_hours']:,.1f} hours in all",
        )


def _hours(time: Mapping[str, Any]) -> None:
    """One row for the team, and those of people who submitted enough."""
    team = {
        "name": _TEAM,
        "submissions": time["throughput"]["answers"],
        "active_hours": time["active_hours"],
        "tool_hours": [row for row in time["kinds"] if row["hours"] is not None],
    }
    usual = time["usual_pause_seconds"]["value"]
    near = f" The usual pause is {duration(usual)}: caps near it or below cut work itself." if usual else ""
    rows = [_hours_row(team | {"wall_hours": time["sessions"]["wall_hours"]})]
    show.chart(
        "Hours by idle cap",
        hours_by_cap([team]),
        rows,
        key="time-caps",
        alt="Dots: hours at work when pauses are cut at 1, 2, 5 and 10 minutes, beside the tool's own figure",
        note="Time from one answer of a person to the next, each pause cut at the cap. The true figure lies where the "
        f"dots come together; far from the tool's own, one of the two counts what is no work.{near}",
    )
    if time["kinds"]:
        _kinds(time)
    people = time["annotators"]
    hidden = time["annotators_not_shown"]
    with st.expander(f"By person ({len(people):,})"):
        if hidden:
            st.caption(f"{several(hidden, 'person', 'people')} with fewer than {time['fewest']} answers not shown.")
        if people:
            each = [{**row, "name": row["annotator"]} for row in people]
            show.chart(
                "Hours of each person by idle cap",
                hours_by_cap(each),
                [_hours_row(row) for row in each],
                key="time-people",
                alt="Dots: hours at work of each person under four idle caps, beside the tool's own figure",
            )


def _hours_row(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": row["name"],
        "answers": row["submissions"],
        **{f"hours_cut_at_{cap['cap_minutes']}_min": cap["hours"] for cap in row["active_hours"]},
        "hours_start_to_end": row["wall_hours"],
        **{f"hours_by_the_tool_{kind['kind']}": kind["hours"] for kind in row["tool_hours"]},
        **{name: row[name] for name in ("sessions", "micro_breaks", "median_pause_seconds") if name in row},
    }


def _kinds(time: Mapping[str, Any]) -> None:
    show.table(
        "What the tool says",
        time["kinds"],
        key="time-kinds",
        styles={"n": "count", "median_seconds": "seconds"},
        note="active: without idle time. wall: from opening to submission. shared: one duration for several answers, "
        "not added up. inferred: worked out by the tool. unknown: the export does not say. The median is over people.",
    )


def _pauses(time: Mapping[str, Any]) -> None:
    if not time["gaps"]:
        show.nothing("Nobody gave two answers one after the other, so there are no pauses.", "Nothing needs doing.")
        return
    proposed = time["proposed_gap_minutes"]
    show.chart(
        "Pauses between answers",
        pauses(time["gaps"], gap_minutes=time["gap_minutes"], proposed_minutes=proposed["value"]),
        time["gaps"],
        key="time-pauses",
        alt="Histogram of pauses on a logarithmic axis, with the pause that ends a session and the one proposed",
        styles={"n": "count"},
        note=time["gap_sentence"],
    )
    if proposed["value"] is not None and proposed["low"] is not None:
        low, high = duration(60 * proposed["low"]), duration(60 * proposed["high"])
        st.caption(
            show.plain(
                f"Antimode {duration(60 * proposed['value'])} ({low} to {high}), {proposed['n']:,} pauses. "
                "The page Settings sets the pause that ends a session."
            )
        )
    if time["without_pause"]:
        st.caption(f"{several(time['without_pause'], 'answer')} without any pause before it not in the chart.")


def _throughput(time: Mapping[str, Any]) -> None:
    found = time["throughput"]
    show.chart(
        "Hours of the week",
        hours_of_the_week(found["by_hour"]),
        found["by_hour"],
        key="time-week",
        alt="Heat map: answers by weekday and hour",
        styles={"answers": "count"},
        note=f"In the time zone of the project, {time['timezone']}.",
    )
    tables = (("By shift", "by_shift"), ("By site", "by_site"), ("By day", "by_day"))
    for title, key in tables:
        if found[key]:
            show.table(
                title,
                found[key],
                key=f"time-{key}",
                styles={"answers": "count", "seconds_per_answer": "seconds"},
                note=f"seconds per answer: the median of people's days, pauses cut at {found['cap_minutes']} minutes. "
                + ("A shift over midnight belongs to the day on which it began." if key == "by_shift" else ""),
            )


def _left_out(time: Mapping[str, Any]) -> None:
    if time["excluded"]:
        show.table(
            "Recognised and left out",
            time["excluded"],
            key="time-excluded",
            styles={"n": "count"},
            note="What has no usable time has a place in a session only where the tool states it; what has no usable "
            "duration still has.",
        )
    else:
        st.caption("Every submission has a usable time and duration.")
