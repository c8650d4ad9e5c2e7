"""The report that a reader takes along."""

from __future__ import annotations

import streamlit as st

from dashboard import data
from dashboard.data import Selection
from qc.workspace import report


def download(chosen: Selection) -> None:
    """A choice of view, a switch for names, and the button; nothing for who may write no report."""
    views = report.views(data.workspace(), chosen.project)
    if not views or not data.may(chosen, "report"):
        return
    with st.popover("Download report", icon=":material/download:"):
        names = list(views)
        view = st.radio("View", names, captions=list(views.values()), key="report-view")
        hidden = st.toggle("Pseudonyms in the place of names", key="report-hidden")
        if chosen.scope.annotators and view != "lead":
            st.caption("This view speaks of the team: clear the filter on annotators first.")
            return
        st.download_button(
            "HTML file",
            data=lambda: report.html(data.workspace(), chosen.project, view, chosen.scope, hide_names=hidden),
            file_name=f"{chosen.project}-{view}.html",
            mime="text/html",
            icon=":material/description:",
            on_click="ignore",
            key="report-file",
        )
        st.caption("One file that opens anywhere and prints well. It follows the filters.")
