"""What a lead does about work that was done before anybody noticed: it is queued whole, from a day on."""

from __future__ import annotations

from datetime import date

import streamlit as st

from dashboard import data, deciding
from dashboard.data import Selection
from qc.figures import several


def earlier(chosen: Selection, who: str, place: str) -> None:
    """A day, how many answers since then nobody looked at, and the button that queues them."""
    if not (data.may(chosen, "draw") and data.may(chosen, "individuals")):
        return
    box = st.popover("Look at earlier work", icon=":material/history:", key=f"{place}-earlier", on_change="rerun")
    if not box.open:
        return
    with box:
        st.text("Queues every answer from a day on that no draw took. What is new is drawn by the next sample.")
        since: date | None = st.date_input(
            "Answered from", value=data.drift_begins(chosen, who), format="YYYY-MM-DD", key=f"{place}-since",
            help="Proposed is the first day of the answers that took the control chart up. Without a day: all.",
        )  # fmt: skip
        found = data.earlier_work(chosen, who, since)
        st.button(
            f"Queue {several(found, 'answer')}" if found else "Nothing to queue: all of it is new, drawn or judged",
            key=f"{place}-again",
            disabled=not found,
            on_click=deciding.look_again,
            args=(chosen, who, since),
        )
