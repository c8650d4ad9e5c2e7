"""What the project has decided, and what follows from it."""

from dataclasses import replace
from zoneinfo import available_timezones

import streamlit as st

from dashboard import data, filters, people, show
from qc.model import CostPolicy, ErrorPolicy, FatiguePolicy, QcError, SamplingPolicy
from qc.workspace import policy as use_case

PRICES = {
    "reviewer_wage": "Reviewer, per hour",
    "review_minutes": "Minutes per review",
    "escaped_error": "An error that escapes",
    "false_flag": "A right answer sent back",
}

chosen = filters.selected()
policy = data.current_policy(chosen)

st.title("Settings", anchor=False)
st.text("Each change is kept with its reason; figures of the past can be made again as they were.")
if error := st.session_state.pop("policy-error", None):
    show.failed(error)


def percent(label: str, value: float, key: str, most: float = 100.0, help: str | None = None) -> None:
    """A fraction, entered in percent."""
    st.number_input(f"{label}, %", 0.0, most, 100 * value, 0.5, "%.1f", key=key, help=help)


def save() -> None:
    """Store the policy as the form holds it now."""
    state = st.session_state
    part = {name: state[f"s-{name}"] / 100 for name in ("reduced", "normal", "tightened")}
    changed = replace(
        policy,
        timezone=state["timezone"],
        sampling=replace(policy.sampling, **part, min_per_annotator=state["s-least"]),
        errors=replace(
            policy.errors,
            target=state["e-target"] / 100,
            limit=state["e-limit"] / 100,
            false_alarms_per_month=state["e-alarms"],
            min_judged=state["e-judged"],
            minor_is_error=state["e-minor"],
            judge_by_consensus=state["e-consensus"],
            automatic=state["e-automatic"],
        ),
        fatigue=replace(policy.fatigue, gap_minutes=state["f-gap"], margin=state["f-margin"] / 100),
        cost=replace(
            policy.cost,
            currency=state["c-currency"],
            **{name: state[f"c-{name}"] for name in PRICES},
        ),
    )
    try:
        use_case.save(data.workspace(), chosen.project, changed, people.actor(), state["policy-why"])
        st.toast("Saved. Figures follow at once.")
    except QcError as error:
        state["policy-error"] = error


def sampling(now: SamplingPolicy) -> None:
    """Shares to check at each level."""
    st.subheader("Review levels", anchor=False)
    st.caption("The share of new answers that is drawn for review at each level. Level full checks everything.")
    for column, name in zip(st.columns(4), ("reduced", "normal", "tightened"), strict=False):
        with column:
            percent(name.capitalize(), getattr(now, name), f"s-{name}")
    st.number_input("At least per annotator and draw", 0, 100, now.min_per_annotator, key="s-least", width=260)


def errors(now: ErrorPolicy) -> None:
    """Target, limit and alarms."""
    st.subheader("Errors and alarms", anchor=False)
    st.caption(
        "Verdicts compare with the target. The limit is what must be noticed: the nearer it lies to the target, the "
        "more answers an alarm needs. Fewer false alarms a month mean later alarms."
    )
    columns = st.columns(4)
    with columns[0]:
        percent("Target", now.target, "e-target", 50.0)
    with columns[1]:
        percent("Limit", now.limit, "e-limit", 50.0)
    columns[2].number_input("False alarms a month", 0.1, 30.0, now.false_alarms_per_month, 0.5, "%.1f", key="e-alarms")
    columns[3].number_input("Judged answers for a verdict", 5, 1000, now.min_judged, key="e-judged")
    st.toggle("Minor faults count as errors", now.minor_is_error, key="e-minor")
    st.toggle(
        "Where nothing else judges, judge by the consensus of the others", now.judge_by_consensus, key="e-consensus"
    )
    st.toggle("Levels follow the evidence without a lead's approval", now.automatic, key="e-automatic")


def fatigue(now: FatiguePolicy) -> None:
    """Sessions and margins."""
    st.subheader("Sessions", anchor=False)
    st.caption("A pause this long ends a session. A slope within the margin counts as flat.")
    gap, margin, zone, _ = st.columns(4)
    gap.number_input("Pause, minutes", 1.0, 480.0, now.gap_minutes, 5.0, "%.0f", key="f-gap")
    with margin:
        percent("Margin per hour", now.margin, "f-margin", 20.0)
    zones = sorted({*available_timezones(), policy.timezone})
    zone.selectbox("Time zone of days", zones, zones.index(policy.timezone), key="timezone")


def cost(now: CostPolicy) -> None:
    """Prices."""
    st.subheader("Prices", anchor=False)
    st.caption(
        "They decide how much review is worth buying: the page Cost & impact. Times are measured where they can be."
    )
    columns = st.columns(5)
    columns[0].text_input("Currency", now.currency, key="c-currency", max_chars=8)
    for column, (name, label) in zip(columns[1:], PRICES.items(), strict=True):
        column.number_input(label, 0.0, None, getattr(now, name), 0.5, "%.2f", key=f"c-{name}")


with st.form("policy"):
    sampling(policy.sampling)
    errors(policy.errors)
    fatigue(policy.fatigue)
    cost(policy.cost)
    st.text_input("Why are you changing this?", key="policy-why", placeholder="Stands in the record")
    st.form_submit_button("Save", type="primary", on_click=save)
