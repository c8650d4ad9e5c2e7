"""What changed, and how much of each person's work is checked."""

import streamlit as st

from dashboard import behind, data, filters, show
from qc.figures import statistics_against_threshold
from qc.model import LEVELS, QcError
from qc.workspace import check

chosen = filters.selected()


def run_check() -> None:
    """Evaluate the rules now."""
    try:
        check.run(data.workspace(), chosen.project, actor=data.actor())
        st.toast("Checked: alerts and review levels are up to date.")
    except QcError as error:
        st.session_state["alert-error"] = error


def acknowledge(alert_id: str) -> None:
    """Record that somebody has seen the alert, and what they say to it."""
    try:
        comment = st.session_state.get(f"comment-{alert_id}", "")
        check.acknowledge(data.workspace(), chosen.project, alert_id, data.actor(), comment)
    except QcError as error:
        st.session_state["alert-error"] = error


def set_level() -> None:
    """Override the level of one annotator."""
    state = st.session_state
    try:
        check.set_level(
            data.workspace(), chosen.project, state["level-who"], state["level-to"], state["level-why"], data.actor()
        )
        st.toast("The review level was set.")
    except QcError as error:
        state["alert-error"] = error


head, action = st.columns([4, 1], vertical_alignment="bottom")
head.title("Alerts & levels", anchor=False)
if data.may(chosen, "check"):
    action.button("Check now", on_click=run_check, icon=":material/refresh:", width="stretch")
st.text("An alert fires once per episode and names its evidence. Levels rise on evidence and fall on evidence.")
if error := st.session_state.pop("alert-error", None):
    show.failed(error)

alerts = data.section(chosen, "alerts")
levels = data.section(chosen, "levels")

live = data.by_severity([alert for alert in alerts if alert["state"] != "resolved"])
if not live:
    show.nothing("No alert is open.", "Run a check after each import: Check now, or qc check on a schedule.")
for alert in live:
    who = alert["subject"]["key"] if alert["subject"]["kind"] == "annotator" else None
    with st.container(border=True):
        line, actions = st.columns([3, 2], vertical_alignment="center")
        with line:
            with st.container(horizontal=True, vertical_alignment="center"):
                show.status(alert["severity"])
                show.status(alert["state"])
                st.caption(f"{show.plain(alert['rule'])} · since {alert['opened_at'][:10]}")
            st.text(alert["message"])
        with actions, st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="right"):
            items = st.toggle("Items", key=f"items-{alert['id']}", help="Show the answers behind the alert")
            if who and st.button("Annotator", key=f"who-{alert['id']}", icon=":material/person:"):
                behind.annotator_page(who)
            if alert["state"] == "open" and data.may(chosen, "acknowledge"):
                with st.popover("Acknowledge"):
                    st.text_input("What is being done about it?", key=f"comment-{alert['id']}")
                    st.button("Record", key=f"ack-{alert['id']}", on_click=acknowledge, args=(alert["id"],))
        if items:
            behind.answers(
                chosen,
                "Items behind the alert",
                key=f"behind-{alert['id']}",
                who=(who,) if who else (),
                item_ids=alert["evidence"].get("items"),
            )

if not data.may(chosen, "individuals"):
    st.caption("Alerts and review levels of single people are shown to leads.")
    st.stop()
st.subheader("Review levels", anchor=False)
if not levels:
    show.nothing("No level is set yet.", "Levels appear once answers of an annotator have been judged at random.")
    st.stop()
rows = [{"name": row["subject"]["key"], **row["evidence"]} for row in levels]
if any(row["statistic"] is not None and row["threshold"] for row in rows):
    clicked = show.chart(
        "How near to an alarm",
        statistics_against_threshold(rows),
        rows,
        key="cusum",
        alt="Bars: each annotator's control chart statistic as a share of its alarm threshold",
        note="Evidence of an error rate above target since the last reset, from random checks only.",
    )
    if clicked:
        behind.annotator_page(clicked[0])
in_force = [{"annotator": row["subject"]["key"], **row} for row in levels]
show.table(
    "Levels in force",
    in_force,
    key="levels",
    styles={"rate": "percent"},
    order=("annotator", "level", "rate", "proposed", "reason", "since"),
)
if data.may(chosen, "levels"):
    with st.expander("Set a level by hand"), st.form("set-level", border=False):
        who, level, why = st.columns([2, 1, 3])
        who.selectbox("Annotator", [row["subject"]["key"] for row in levels], key="level-who")
        level.selectbox("Level", LEVELS, key="level-to")
        why.text_input("Reason", key="level-why", placeholder="Stands in the record")
        st.form_submit_button("Set level", on_click=set_level)
