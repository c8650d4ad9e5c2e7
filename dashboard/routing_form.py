"""Where people must look, put in force from the page Models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from typing import Any, Final

import streamlit as st

from dashboard import data, show
from dashboard.data import Selection
from qc.model import QcError
from qc.workspace import policy as use_case

_ERROR: Final = "routing-error"


def put_in_force(chosen: Selection, routing: Mapping[str, Any]) -> None:
    """The threshold in force, and a form to change it for who may change the policy; at first the best that is known.

    routing: as in section `models`.
    """
    now = data.current_policy(chosen).sampling.route_below
    st.text(
        f"In force is {now:.2f}: labels that a model is less sure of go to people, and stand in the list of what to "
        "check next."
    )
    if error := st.session_state.pop(_ERROR, None):
        show.failed(error)
    if not data.may(chosen, "policy"):
        return
    seen = use_case.revision(data.workspace(), chosen.project)
    # Another project or policy is another form: nobody saves what they have not seen.
    key = sha256(f"{chosen.project} {seen}".encode()).hexdigest()[:12]
    with st.form("routing", border=True):
        boxes = st.columns([1, 2, 1], vertical_alignment="bottom")
        boxes[0].number_input("People look below", 0.0, 1.0, _proposed(routing, now), 0.01, "%.2f", key=f"{key}-below")
        boxes[1].text_input("Why?", key=f"{key}-why", placeholder="Stands in the record", max_chars=500)
        boxes[2].form_submit_button("Put in force", on_click=_save, args=(chosen, key, seen), width="stretch")


def _proposed(routing: Mapping[str, Any], now: float) -> float:
    """Of the thresholds that the data show, the one for the target, else the one of least cost."""
    found = routing["at_target"] or routing["least_cost"]
    return min(float(found["threshold"]), 1.0) if found else now


def _save(chosen: Selection, key: str, seen: int) -> None:
    below, why = float(st.session_state[f"{key}-below"]), str(st.session_state[f"{key}-why"]).strip()
    policy = data.current_policy(chosen)
    wanted = replace(policy, sampling=replace(policy.sampling, route_below=round(below, 3)))
    try:
        use_case.save(data.workspace(), chosen.project, wanted, data.actor(), why, seen)
    except QcError as error:
        st.session_state[_ERROR] = error
    else:
        st.toast(f"In force: people look below {below:.2f}. Figures follow at once.")
