"""What changed, why, with the proof; and how much of each person's work is checked."""

import streamlit as st

from dashboard import alert_parts, data, deciding, filters, level_parts, show

chosen = filters.selected()
alerts = data.section(chosen, "alerts")
asked = st.query_params.get("alert")
if asked:
    deciding.outcome()
    found = next((alert for alert in alerts if alert["id"] == asked), None)
    if found is None:
        st.title("Alerts & levels", anchor=False)
        st.button("All alerts", icon=":material/arrow_back:", on_click=alert_parts.close_alert, type="tertiary")
        show.nothing(
            f"There is no alert {asked} in this project, or it is about a single person and you see teams only.",
            "Choose the project beside the page, or ask a lead.",
        )
    else:
        alert_parts.one(chosen, found)
    st.stop()

head, action = st.columns([4, 1], vertical_alignment="bottom")
head.title("Alerts & levels", anchor=False)
if data.may(chosen, "check"):
    action.button("Check now", on_click=deciding.run_check, args=(chosen,), icon=":material/refresh:", width="stretch")
st.text("An alert fires once per episode and names its evidence. Levels rise on evidence and fall on evidence.")
deciding.outcome()

levels = data.section(chosen, "levels") if data.may(chosen, "individuals") else []
level_parts.waiting(chosen, levels)
alert_parts.listed(chosen, alerts)

if not data.may(chosen, "individuals"):
    st.caption("Alerts and review levels of single people are shown to leads.")
    st.stop()
st.subheader("Review levels", anchor=False)
if not levels:
    show.nothing("No level is set yet.", "Levels appear once answers of an annotator have been judged at random.")
    st.stop()
level_parts.standing_levels(chosen, levels)
if data.may(chosen, "levels"):
    level_parts.by_hand(chosen, levels)
