"""What the settings of a form would lead to, in sentences and curves."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dashboard import data, show
from dashboard.data import Selection
from qc.figures import operating_characteristic, outgoing_quality
from qc.model import Policy, QcError

CURVES = (
    ("How likely lots pass", operating_characteristic, "Curves: share of lots that pass, by their error rate"),
    ("What is left wrong", outgoing_quality, "Curves: error rate left on average, by the error rate of the lot"),
)


def follow(chosen: Selection, wanted: Callable[[], Policy]) -> None:
    """What a policy would lead to, saved or not; where it could not work, why."""
    st.subheader("What follows from these settings", anchor=False)
    st.caption("Of the form as it stands, saved or not: change it and press Show what follows.")
    try:
        following = data.consequences(chosen, wanted())
    except QcError as error:
        show.failed(error)
        return
    for sentence in following.sentences:
        st.text(sentence)
    rows = list(following.curve)
    styles = dict.fromkeys(("rate", "accepted", "outgoing"), "percent")
    for title, figure, alt in CURVES if rows else ():
        show.chart(title, figure(rows), rows, key=title, alt=alt, styles=styles)
