"""Time at work, as the pages Fatigue and Data show it: pauses, hours, what was left out, who works when."""

from __future__ import annotations

import streamlit as st

from dashboard.data import Selection


def show_time(chosen: Selection) -> None:
    """Everything that is known of the time behind the answers within the filters."""
    st.header("Time at work", anchor=False)
