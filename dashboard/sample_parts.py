"""Parts of the page Spot checks: what to ask for, what that brings, and how far the checks are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import streamlit as st

from dashboard import data, show
from dashboard.navigation import page
from qc.figures import designs, number, several
from qc.model import Policy, QcError
from qc.workspace import finished
from qc.workspace.designed import shares
from qc.workspace.sample import Ask

LEVELS, RATE, NUMBER, NOTICE = "What the levels say", "A rate", "A number", "A rise to notice"
WAYS: Final = (LEVELS, RATE, NUMBER, NOTICE)
# Which column has the least number per annotator: the one after the other inputs.
PLACE_OF_LEAST: Final = {LEVELS: 0, RATE: 1, NUMBER: 1, NOTICE: 3}
SHEETS: Final = {
    ".csv": "text/csv",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".json": "application/json",
}


def asked(project: str, policy: Policy) -> Ask:
    """What the reader asks for, in one of the ways; QcError where it cannot be."""
    way = st.segmented_control("Ask for", WAYS, default=LEVELS, required=True, key=f"{project}:way")
    inputs = st.columns(4, vertical_alignment="bottom")
    least = inputs[PLACE_OF_LEAST[way]].number_input(
        f"At least per annotator, in {several(policy.sampling.window_days, 'day')}",
        0,
        max(100, policy.sampling.min_per_annotator),
        policy.sampling.min_per_annotator,
        key=f"{project}:least",
    )
    if way == RATE:
        normal = max(0.5, 100 * policy.sampling.normal)
        rate = inputs[0].slider(
            "Share to check at level normal, %",
            min(1.0, normal),
            max(50.0, normal),
            normal,
            0.5,
            "%.1f",
            key=f"{project}:rate",
            help="Other levels keep the shares of the policy: the page Settings.",
        )
        return Ask(rate=rate / 100, least=least)
    if way == NUMBER:
        wanted = inputs[0].number_input(
            "Answers to check, by lot and by risk",
            1,
            1_000_000,
            200,
            10,
            key=f"{project}:number",
            help="All levels below full keep their proportions. What is routed comes on top.",
        )
        return Ask(number=int(wanted), least=least)
    if way == NOTICE:
        target, limit = 100 * policy.errors.target, 100 * policy.errors.limit
        usual = inputs[0].number_input(
            "From an error rate of, %", min(0.1, target), max(98.0, target), target, 0.5, key=f"{project}:usual"
        )
        raised = inputs[1].number_input(
            "to one of, %", min(0.2, limit), max(99.0, limit), limit, 0.5, key=f"{project}:raised"
        )
        power = inputs[2].slider("Noticed with probability, %", 50, 99, 80, key=f"{project}:power")
        return Ask(notice=(usual / 100, raised / 100), power=power / 100, least=least)
    return Ask(least=least)


def answered(plan: Mapping[str, Any], currency: str) -> None:
    """What a draw would take, show and cost."""
    boxes = st.columns(4)
    with boxes[0]:
        show.key_number(
            "Answers to check",
            f"{plan['total']:,}",
            f"of {plan['new_answers']:,} new ones: {plan['by_lot']:,.0f} by lot, {plan['by_risk']:,.0f} by risk, "
            f"{plan['routed']:,.0f} routed",
        )
    with boxes[1]:
        width = plan["half_width"]
        show.key_number(
            "Team error rate within",
            f"± {100 * width:.1f} points" if width is not None else "–",
            f"95 %, if the rate is near {number(plan['at_rate'], 'percent')}; as much as "
            f"{plan['effective']:,.0f} answers of a plain lot tell",
        )
    with boxes[2]:
        rise = plan["detectable_rise"]
        show.key_number(
            "A rise is noticed from",
            number(rise, "percent") if rise is not None else "–",
            f"with probability {100 * plan['power']:.0f} %, against {number(plan['from_rate'], 'percent')}",
        )
    with boxes[3]:
        second = plan["reviews"] - plan["total"]
        show.key_number(
            "Work",
            f"{plan['hours']:,.1f} h",
            f"about {number(plan['money'], 'money', currency)}: {several(plan['reviews'], 'review')}, {second:,} of "
            "them second opinions",
        )

    if plan["lots"] or plan["number"] is not None:
        st.caption(shares(plan))


def nothing_left(plan: Mapping[str, Any]) -> str:
    """Why a draw would take nothing."""
    if plan["new_answers"]:
        return f"Of {several(plan['new_answers'], 'new answer')} none would be drawn at these rates."
    return "Nothing is left to draw: every answer so far was in a draw, or came reviewed."


def curve(plan: Mapping[str, Any]) -> None:
    """What other numbers would show."""
    rows = [
        {name: row[name] for name in ("rate", "total", "half_width", "detectable_rise", "hours", "money")}
        for row in plan["curve"]
    ]
    show.chart(
        "What a number of answers shows",
        designs(rows, chosen=plan["total"]),
        rows,
        key="designs",
        alt="Half-width of the interval of the error rate, and the rise that is noticed, by answers checked",
        styles={"rate": "percent", "half_width": "percent", "detectable_rise": "percent"},
        note="The larger point is what is asked for. The other levels change in proportion to level normal.",
    )


def sheet(chosen: data.Selection, draw_id: str) -> None:
    """A drawn sample with its downloads."""
    try:
        rows = data.sheet(chosen, draw_id)
    except QcError as error:
        show.failed(error)
        return
    with st.container(border=True):
        st.subheader(f"Drawn: {several(len(rows), 'answer')}", anchor=False)
        st.text(
            "Review them here one by one, fill in the sheet, or review the tasks in Label Studio; then run: "
            "qc review --project PROJECT FILE."
        )
        with st.container(horizontal=True):
            st.page_link(page("review"), label="Review here", icon=":material/play_arrow:")
            for suffix in SHEETS:
                _sheet_button(chosen, draw_id, suffix, 1)
            st.download_button(
                "Tasks (Label Studio)",
                data=lambda: finished.tasks(data.workspace(), chosen.project, draw_id)[0],
                file_name=f"sample-{draw_id}-tasks.json",
                mime="application/json",
                on_click="ignore",
                icon=":material/download:",
            )
        twice = data.judged_twice(chosen, draw_id)
        if twice:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.caption(
                    f"{several(twice, 'answer')} of these {'is' if twice == 1 else 'are'} to be judged by two people. "
                    "The second one gets a sheet with these alone, and nothing of what the first one found:"
                )
                _sheet_button(chosen, draw_id, ".xlsx", 2)
        st.dataframe(rows, hide_index=True, key="sheet", alt="The answers that were drawn")


def _sheet_button(chosen: data.Selection, draw_id: str, suffix: str, opinions: int) -> None:
    second = opinions > 1
    st.download_button(
        f"{'Second reviewer' if second else 'Sheet'} ({suffix[1:].upper()})",
        data=lambda: data.sheet_file(chosen, draw_id, suffix, opinions),
        file_name=f"sample-{draw_id}{'-second' if second else ''}{suffix}",
        mime=SHEETS[suffix],
        on_click="ignore",
        icon=":material/download:",
    )


def waiting(progress: Mapping[str, Any]) -> None:
    """What waits, by share and by annotator."""
    st.subheader("What waits", anchor=False)
    boxes = st.columns(4)
    oldest = progress["waiting_days"]
    with boxes[0]:
        show.key_number("Judged", f"{progress['judged']:,}", f"of {several(progress['drawn'], 'drawn answer')}")
    with boxes[1]:
        note = (
            ""
            if oldest is None
            else "drawn within a day"
            if oldest < 1
            else f"the oldest for {several(int(oldest), 'day')}"
        )
        show.key_number("Waiting", f"{progress['waiting']:,}", note)
    with boxes[2]:
        show.key_number(
            "Overdue", f"{progress['overdue']:,}", f"waiting for more than {several(progress['due_days'], 'day')}"
        )
    with boxes[3]:
        show.key_number("Second opinions wanted", f"{progress['second_waiting']:,}", "from another reviewer")
    left, right = st.columns([2, 3])
    with left:
        show.table("By share", progress["by_share"], key="waiting-share")
    with right:
        if progress["by_annotator"]:
            show.table("By annotator", progress["by_annotator"], key="waiting-annotator")
