"""Who has which role, who is an expert of what, and forms to give and take both."""

import streamlit as st

from dashboard import data, filters, show
from dashboard.expert_parts import experts
from qc.access import ROLES
from qc.model import QcError
from qc.workspace import people

chosen = filters.selected()
state = st.session_state


def give(seen: people.Seen) -> None:
    """Give the role that the form names, unless others have changed it since it was shown."""
    called = state["people-called"].strip() or None
    try:
        state["people-said"] = people.grant(
            data.workspace(),
            chosen.project,
            state["people-name"],
            state["people-role"],
            state["people-why"],
            called,
            seen,
        )
    except QcError as error:
        state["people-error"] = error


def take(name: str, role: str, seen: people.Seen) -> None:
    """Take a role in this project, likewise."""
    try:
        state["people-said"] = people.revoke(
            data.workspace(), chosen.project, name, role, state.get("people-take-why", ""), seen
        )
    except QcError as error:
        state["people-error"] = error


st.title("People", anchor=False)
st.text("Who may see and decide what in this project. A change holds from the person's next click on.")
if error := state.pop("people-error", None):
    show.failed(error)
if said := state.pop("people-said", None):
    st.text(said)

seen = people.seen(data.workspace(), chosen.project)
rows = people.roles(data.workspace(), chosen.project)
if rows:
    at = show.choice(
        "Roles",
        [{**row, "project": row["project"] or "all projects"} for row in rows],
        key="people",
        order=("person", "role", "project", "annotator", "reason", "actor", "at"),
        note="Click a row to take the role.",
    )
    if at is not None and rows[at]["project"] is None:
        st.caption("A role in all projects is taken on the command line: qc people revoke.")
    elif at is not None:
        person, role = rows[at]["person"], rows[at]["role"]
        with st.container(border=True):
            st.text(f"{person} is {role} in this project.")
            st.text_input("Reason", key="people-take-why", placeholder="Stands in the record")
            st.button("Take the role", on_click=take, args=(person, role, seen), icon=":material/person_remove:")
else:
    show.nothing(
        "Nobody has a role yet, so nobody but you could see this project after a login is configured.",
        "Give the first below; docs/access.md says what each role may do.",
    )

with st.form("people-form"):
    st.subheader("Give a role", anchor=False)
    name, role, called, why = st.columns([2, 1, 2, 2])
    name.text_input("E-mail or name of the login", key="people-name")
    role.selectbox("Role", ROLES, key="people-role")
    called.text_input("Name in the exports", key="people-called", help="Of an annotator, where it is another.")
    why.text_input("Reason", key="people-why", placeholder="Stands in the record")
    st.form_submit_button("Give", type="primary", on_click=give, args=(seen,))

experts(chosen, seen)
