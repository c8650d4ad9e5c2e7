"""The review desk: one answer at a time, by keyboard."""

import streamlit as st

from dashboard import filters
from dashboard.navigation import page
from dashboard.review_desk import review

chosen = filters.selected()
st.page_link(page("checks"), label="Spot checks", icon=":material/arrow_back:")
review(chosen)
