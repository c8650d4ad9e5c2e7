"""Whether review is worth what it costs, how much of it to buy, and which answers to review."""

import streamlit as st

from dashboard import cost_parts, data, filters, show
from qc.workspace.impact import Asked

chosen = filters.selected()
cost = data.section(chosen, "cost")

st.title("Cost & impact", anchor=False)
with st.container(border=True):
    for sentence in cost["sentences"]:
        st.text(sentence)
if cost["best"]["choice"] is None:
    show.nothing(
        "What review is worth cannot be told yet.",
        cost["best"].get("reason") or "Judge a random sample on the page Spot checks.",
    )
cost_parts.key_figures(cost)
asked = Asked()
at = cost
if cost["best"]["choice"] is not None:
    asked = cost_parts.suppose(chosen, cost)
    at = {**cost, **data.supposed(chosen, asked)} if asked != Asked() else cost
    if asked != Asked():
        for sentence in at["sentences"][2:]:
            st.text(sentence)
cost_parts.decision(at)
cost_parts.worklist(chosen, at, asked)
cost_parts.breakdown(cost)
cost_parts.votes(cost)
