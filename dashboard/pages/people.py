"""Who has which role, who is an expert of what, and forms to give and take both."""

import streamlit as st

from dashboard import data, filters, show
from qc.access import ROLES
from qc.model import QcError
from qc.workspace import people
from qc.workspace.queue.places import SUBJECTS

chosen = filters.selected()
state = st.session_state


def give() -> None:
    """Give the role that the form names."""
    called = state["people-called"].strip() or None
    try:
        state["people-said"] = people.grant(
            data.workspace(), chosen.project, state["people-name"], state["people-role"], state["people-why"], called
        )
    except QcError as error:
        state["people-error"] = error


def take(name: str, role: str) -> None:
    """Take a role in this project."""
    try:
        state["people-said"] = people.revoke(
            data.workspace(), chosen.project, name, role, state.get("people-take-why", "")
        )
    except QcError as error:
        state["people-error"] = error


def name_expert() -> None:
    """Make somebody an expert of what the form names."""
    try:
        state["people-said"] = people.name_expert(
            data.workspace(),
            chosen.project,
            state["expert-name"],
            state["expert-kind"],
            state["expert-key"],
            state["expert-why"],
        )
    except QcError as error:
        state["people-error"] = error


def end_expertise(name: str, kind: str, key: str) -> None:
    """End an expertise."""
    try:
        state["people-said"] = people.end_expertise(
            data.workspace(), chosen.project, name, kind, key, state.get("expert-end-why", "")
        )
    except QcError as error:
        state["people-error"] = error


st.title("People", anchor=False)
st.text("Who may see and decide what in this project. A change holds from the person's next click on.")
if error := state.pop("people-error", None):
    show.failed(error)
if said := state.pop("people-said", None):
    st.text(said)

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
            st.button("Take the role", on_click=take, args=(person, role), icon=":material/person_remove:")
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
    st.form_submit_button("Give", type="primary", on_click=give)

experts = people.experts(data.workspace(), chosen.project)
if experts:
    at = show.choice(
        "Experts",
        experts,
        key="experts",
        order=("person", "kind", "key", "reason", "actor", "at"),
        note="Answers that an expertise names are offered to its experts first, and to nobody else but leads. Click a "
        "row to end one.",
    )
    if at is not None:
        named = experts[at]
        with st.container(border=True):
            st.text(f"{named['person']} is an expert of the {named['kind']} {named['key']}.")
            st.text_input("Reason", key="expert-end-why", placeholder="Stands in the record")
            st.button(
                "End it",
                on_click=end_expertise,
                args=(named["person"], named["kind"], named["key"]),
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
    st.form_submit_button("Name", type="primary", on_click=name_expert)
