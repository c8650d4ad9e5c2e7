"""What the project has decided, and what follows from it."""

from hashlib import sha256

import streamlit as st

from dashboard import data, filters, show
from dashboard.channel_parts import channels
from dashboard.following import follow
from dashboard.policy_fields import GROUPS
from dashboard.policy_form import field, part, stated
from qc.model import Policy, QcError
from qc.workspace import policy as use_case

IN_A_ROW = 4

chosen = filters.selected()
seen = use_case.revision(data.workspace(), chosen.project)
now = data.current_policy(chosen).to_json()
# Another project, or another policy of the same one, is another form: nobody saves what they have not seen.
form = sha256(f"{chosen.project}{sorted(now.items())}".encode()).hexdigest()[:12]


def wanted() -> Policy:
    """The policy as the form holds it; what is not in the form stays as it is."""
    policy = data.current_policy(chosen).to_json()
    for _, _, fields in GROUPS:
        for path, _, kind in fields:
            holder, name = part(policy, path)
            if (key := f"{form}:{path}") in st.session_state:
                holder[name] = stated(kind, st.session_state[key])
    return Policy.from_json(policy)


def save() -> None:
    """Store the policy as the form holds it."""
    try:
        reason = st.session_state["policy-why"]
        use_case.save(data.workspace(), chosen.project, wanted(), data.actor(), reason, seen)
        st.toast("Saved. Figures follow at once.")
    except QcError as error:
        st.session_state["policy-error"] = error


st.title("Settings", anchor=False)
st.text("Each change is kept with its reason; figures of the past can be made again as they were.")
if error := st.session_state.pop("policy-error", None):
    show.failed(error)
with st.form("policy"):
    for title, consequence, fields in GROUPS:
        st.subheader(title, anchor=False)
        st.caption(consequence)
        for first in range(0, len(fields), IN_A_ROW):
            row = fields[first : first + IN_A_ROW]
            for column, entry in zip(st.columns(max(len(row), 3)), row, strict=False):
                with column:
                    field(now, form, *entry)
    st.text_input("Why are you changing this?", key="policy-why", placeholder="Stands in the record")
    with st.container(horizontal=True):
        st.form_submit_button("Show what follows")
        st.form_submit_button("Save", type="primary", on_click=save)
follow(chosen, wanted)
channels(chosen)
