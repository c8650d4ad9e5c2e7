"""How much to check and what it shows, the draw, the sheet to fill in, and how far the checks are."""

import streamlit as st

from dashboard import at_desk, data, filters, queue_parts, sample_parts, show
from dashboard.navigation import page
from qc.figures import several
from qc.model import QcError
from qc.workspace import sample

chosen = filters.selected()
policy = data.current_policy(chosen)
waiting = at_desk.queue(chosen)


def draw(ask: sample.Ask) -> None:
    """Draw the sample that the plan describes."""
    state = st.session_state
    try:
        drawn = sample.draw(data.workspace(), chosen.project, ask, actor=data.actor())
        st.toast(show.plain(drawn.sentence))
        state["drawn"] = (chosen.project, drawn.id) if drawn.id else None
    except QcError as error:
        state["draw-error"] = error


head, action = st.columns([4, 1], vertical_alignment="bottom")
head.title("Spot checks", anchor=False)
if len(waiting):
    with action:
        st.page_link(page("review"), label=f"Review {several(len(waiting), 'answer')}", icon=":material/play_arrow:")
st.text(
    "Each new answer can be drawn once, in the first sample after it came. A part goes by lot from everybody's work, a "
    "part by risk, and each answer keeps the probability with which it was drawn, so that rates stay true."
)
if error := st.session_state.pop("draw-error", None):
    show.failed(error)

plan = None
with st.container(border=True):
    st.subheader("Design a sample", anchor=False)
    try:
        ask = sample_parts.asked(chosen.project, policy)
        plan = data.plan(chosen, ask)
    except QcError as error:
        show.failed(error)
    if plan is not None:
        if plan["total"]:
            sample_parts.answered(plan, policy.cost.currency)
        else:
            show.nothing(sample_parts.nothing_left(plan), "Read a newer export to draw again: the page Data.")
        st.button("Draw", type="primary", on_click=draw, args=(ask,), disabled=not plan["total"])

if plan is not None and plan["total"]:
    sample_parts.curve(plan)
    note = "The rate is that of the level; what is routed to review is drawn on top of it." if plan["routed"] else ""
    show.table("By annotator", plan["rows"], key="plan", styles={"rate": "percent"}, note=note)

drawn = st.session_state.get("drawn")
if drawn and drawn[0] == chosen.project:
    sample_parts.sheet(chosen, drawn[1])

progress = data.progress(chosen)
if progress["drawn"]:
    sample_parts.waiting(progress)
    queue_parts.listed(waiting, at_desk.before_people(chosen), data.actor())
    if progress["judged"]:
        queue_parts.times(at_desk.times(chosen))
    earlier = data.earlier_draws(chosen)
    place = show.choice(
        "Earlier draws",
        earlier,
        key="earlier",
        styles={"rate": "percent"},
        note="A click shows the sheet of a draw again.",
    )
    if place is not None and drawn != (chosen.project, earlier[place]["draw_id"]):
        st.session_state["drawn"] = (chosen.project, earlier[place]["draw_id"])
        st.rerun()

verdicts = data.rows(chosen, "verdicts")
if len(verdicts):
    show.table("Verdicts so far", verdicts, key="verdicts")
