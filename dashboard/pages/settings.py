"""What the project has decided, and what follows from it."""

from hashlib import sha256
from typing import Any
from zoneinfo import available_timezones

import streamlit as st

from dashboard import data, filters, show
from dashboard.channel_parts import channels
from dashboard.following import follow
from dashboard.policy_fields import GROUPS
from qc.model import Policy, QcError
from qc.workspace import policy as use_case

IN_A_ROW = 4

chosen = filters.selected()
seen = use_case.revision(data.workspace(), chosen.project)
now = data.current_policy(chosen).to_json()
# Another project, or another policy of the same one, is another form: nobody saves what they have not seen.
form = sha256(f"{chosen.project}{sorted(now.items())}".encode()).hexdigest()[:12]


def part(policy: dict[str, Any], path: str) -> tuple[dict[str, Any], str]:
    """The dictionary that holds a setting, and the setting's name in it."""
    section, _, name = path.rpartition(".")
    return (policy[section] if section else policy), name


def field(path: str, label: str, kind: str) -> None:
    """One setting as the widget of its kind."""
    holder, name = part(now, path)
    value, key = holder[name], f"{form}:{path}"
    match kind:
        case "percent":
            st.number_input(label, 0.0, 100.0, 100 * value, 0.5, "%.1f", key=key)
        case "number":
            st.number_input(label, 0.0, None, value, 0.5, "%.2f", key=key)
        case "count":
            st.number_input(label, 0, None, value, key=key)
        case "switch":
            st.toggle(label, value, key=key)
        case "zone":
            zones = sorted({*available_timezones(), value})
            st.selectbox(label, zones, zones.index(value), key=key)
        case "choice":
            options = use_case.CHOICES[path]
            st.selectbox(label, options, options.index(value), key=key)
        case "choices":
            st.multiselect(label, use_case.CHOICES[path], value, key=key)
        case "text":
            st.text_input(label, value, key=key, max_chars=8)
        case "hours":
            st.text_input(label, ", ".join(map(str, value)), key=key, max_chars=90)
        case "names" | "labels":
            st.text_input(label, ", ".join(value), key=key, max_chars=500)
        case "prices":
            said = ", ".join(f"{name} {price:g}" for name, price in value.items())
            st.text_input(label, said, key=key, max_chars=500, placeholder="critical 50, minor 2")


def stated(kind: str, value: Any) -> Any:
    """What a widget holds, as the policy stores it; hours that are none are left for the policy to refuse."""
    match kind:
        case "percent":
            return value / 100
        case "names":
            return [name.strip().lower() for name in value.split(",") if name.strip()]
        case "labels":
            return [name.strip() for name in value.split(",") if name.strip()]
        case "prices":
            return dict(price(entry) for entry in value.split(",") if entry.strip())
        case "hours":
            hours = [hour.strip() for hour in value.split(",")]
            return [int(hour) if hour.isascii() and hour.isdigit() else hour for hour in hours]
        case _:
            return value


def price(entry: str) -> tuple[str, Any]:
    """A name and its price; what is no number is left for the policy to refuse."""
    name, _, amount = entry.strip().rpartition(" ")
    try:
        return name.strip() or amount, float(amount)
    except ValueError:
        return name.strip() or amount, amount


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
                    field(*entry)
    st.text_input("Why are you changing this?", key="policy-why", placeholder="Stands in the record")
    with st.container(horizontal=True):
        st.form_submit_button("Show what follows")
        st.form_submit_button("Save", type="primary", on_click=save)
follow(chosen, wanted)
channels(chosen)
