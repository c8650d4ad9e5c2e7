"""Decided answers as files that a lead takes along."""

from __future__ import annotations

from typing import Final

import streamlit as st

from dashboard import data, show
from dashboard.data import Selection
from qc.model import QcError
from qc.workspace import training

WHAT: Final = {
    "gold": "Known answers",
    "corrections": "Corrections",
    "consensus": "One answer per item",
    "reviewed": "All that was reviewed",
    "hard": "Hard items to label next",
}
# The name that a form has, and the ending of its files.
FORM: Final = {
    "csv": ("Table (CSV)", "csv"),
    "jsonl": ("JSON Lines", "jsonl"),
    "label-studio": ("Label Studio tasks", "json"),
    "coco": ("COCO", "json"),
    "spacy": ("spaCy and Prodigy", "jsonl"),
}


@st.fragment
def take_out(chosen: Selection) -> None:
    """What to take, in which form, and the file with a sentence on what is in it; nothing for who may not."""
    if not data.may(chosen, "export"):
        return
    with st.container(border=True):
        st.subheader("Take out", anchor=False)
        st.caption("What was decided, for training or for the next round of labelling. The filters do not apply.")
        what_box, form_box, button = st.columns([2, 2, 1], vertical_alignment="bottom")
        what = what_box.selectbox("What", list(WHAT), format_func=WHAT.__getitem__, key="take-what")
        form = form_box.selectbox("Form", list(FORM), format_func=lambda name: FORM[name][0], key="take-form")
        if button.button("Prepare", key="take-prepare", icon=":material/package_2:", width="stretch"):
            _prepare(chosen, what, form)
        made = st.session_state.get("take-made")
        if made is None or made[0] != (chosen.project, what, form):
            return
        taken = made[1]
        st.text(taken.sentence)
        st.download_button(
            "Download",
            taken.content,
            f"{chosen.project}-{what}.{FORM[form][1]}",
            icon=":material/download:",
            on_click="ignore",
            key="take-file",
        )


def _prepare(chosen: Selection, what: str, form: str) -> None:
    st.session_state.pop("take-made", None)
    try:
        taken = training.take(data.workspace(), chosen.project, what, form)
    except QcError as error:
        show.failed(error)
    else:
        st.session_state["take-made"] = ((chosen.project, what, form), taken)
