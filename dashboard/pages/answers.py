"""The answers that a link points at."""

import streamlit as st

from dashboard import behind, filters

chosen = filters.selected()
asked = st.query_params

st.title("Answers", anchor=False)
st.text("The answers behind a figure, within the filters beside this page.")
behind.answers(
    chosen,
    "Answers",
    key="answers",
    who=tuple(asked.get_all("who")),
    item_ids=asked.get_all("item"),
    label=asked.get("label"),
    truth=asked.get("truth"),
)
