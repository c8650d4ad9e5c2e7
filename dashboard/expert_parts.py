"""Who is an expert of what, and forms to name one and to end it."""

from __future__ import annotations

import streamlit as st

from dashboard import data, show
from dashboard.data import Selection
from qc.model import QcError
from qc.workspace import people
from qc.workspace.queue.places import SUBJECTS


def experts(chosen: Selection, seen: people.Seen) -> None:
    """The experts of a project, and the forms."""
    known = people.experts(data.workspace(), chosen.project)
    if known:
        at = show.choice(
            "Experts",
            known,
            key="experts",
            order=("person", "kind", "key", "reason", "actor", "at"),
            note="Answers that an expertise names are offered to its experts first, and to nobody else but leads. "
            "Click a row to end one.",
        )
        if at is not None:
            named = known[at]
            with st.container(border=True):
                st.text(f"{named['person']} is an expert of the {named['kind']} {named['key']}.")
                st.text_input("Reason", key="expert-end-why", placeholder="Stands in the record")
                st.button(
                    "End it",
                    on_click=end_expertise,
                    args=(chosen, named["person"], named["kind"], named["key"], seen),
                    icon=":material/person_remove:",
                )
    else:
        show.nothing(
            "Nobody is an expert of anything yet: everybody who reviews is offered every answer.",
            "Name the first below, for a question, a label, a batch or a site.",
        )

    with st.form("experts-form"):
        st.subheader("Name an expert", anchor=False)
        name, kind, key, why = st.columns([2, 1, 2, 2])
        name.text_input("E-mail or name of the login", key="expert-name")
        kind.selectbox("Expert of the", SUBJECTS, key="expert-kind")
        key.text_input("Which is called", key="expert-key")
        why.text_input("Reason", key="expert-why", placeholder="Stands in the record")
        st.form_submit_button("Name", type="primary", on_click=name_expert, args=(chosen, seen))


def name_expert(chosen: Selection, seen: people.Seen) -> None:
    """Make somebody an expert of what the form names, unless others have changed that since it was shown."""
    state = st.session_state
    try:
        state["people-said"] = people.name_expert(
            data.workspace(),
            chosen.project,
            state["expert-name"],
            state["expert-kind"],
            state["expert-key"],
            state["expert-why"],
            seen,
        )
    except QcError as error:
        state["people-error"] = error


def end_expertise(chosen: Selection, name: str, kind: str, key: str, seen: people.Seen) -> None:
    """End an expertise, likewise."""
    state = st.session_state
    try:
        state["people-said"] = people.end_expertise(
            data.workspace(), chosen.project, name, kind, key, state.get("expert-end-why", ""), seen
        )
    except QcError as error:
        state["people-error"] = error
