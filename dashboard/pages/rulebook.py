"""How edge cases are to be answered, what each rule has settled, and whether its conflicts have stopped."""

import streamlit as st

from dashboard import data, filters, rulebook_parts, show
from dashboard.item_view import show_item
from qc.model import QcError
from qc.workspace import rulebook
from qc.workspace.rulebook import Wording

chosen = filters.selected()
rules = rulebook.rules(data.workspace(), chosen.project)
st.title("Rulebook", anchor=False)
st.text(
    "How people answer edge cases: written when a conflict is settled, shown at the desk. "
    "(The page Rules is something else: what a machine checks in every answer.)"
)
if refused := st.session_state.pop("rulebook-error", None):
    show.failed(refused)
questions = data.options(chosen.project)["question"]


def retire(rule: rulebook.Rule) -> None:
    """Take the rule out of force."""
    reason = st.session_state[f"{rule.id}-{rule.revision}-retire"]
    try:
        rulebook.retire(data.workspace(), chosen.project, rule.id, reason, data.actor(), rule.revision)
    except QcError as error:
        st.session_state["rulebook-error"] = error


picked = None
if not rules:
    show.nothing(
        "The rulebook is empty.", "Settle a conflict on the page Conflicts and make a rule of it, or write one below."
    )
else:
    effects = {rule.id: data.effect(chosen, rule) for rule in rules}
    at = show.choice(
        "Rules",
        [rulebook_parts.entry(chosen, rule, effects[rule.id]) for rule in rules],
        key="rulebook",
        styles={"before": "percent", "after": "percent", "settled": "count"},
        note="settled: conflicts that were settled by the rule. before, after: the share of items with such a "
        "conflict, before the rule was first written and since, whatever the filters. Click a row to read it.",
    )
    wanted = st.query_params.get("rule")
    picked = rules[at] if at is not None else next((rule for rule in rules if rule.id == wanted), None)

if picked is not None:
    with st.container(border=True, key="rulebook-one"):
        st.subheader(show.plain(picked.wording.title), anchor=False)
        rulebook_parts.words(picked)
        st.caption(
            show.plain(f"Version {picked.revision} by {picked.actor}; written {picked.since:%Y-%m-%d %H:%M} UTC. ")
        )
        if picked.reason:
            st.text(f"Reason: {picked.reason}")
    with st.container(border=True):
        st.subheader("Has the pattern stopped?", anchor=False)
        rulebook_parts.stopped(effects[picked.id])
    if picked.wording.examples and data.may(chosen, "answers"):
        item = st.selectbox("Example", picked.wording.examples, key=f"{picked.id}-example")
        show_item(chosen, item, picked.wording.question, "rulebook-item")

if not data.may(chosen, "settle"):
    st.caption("A lead writes the rules.")
    st.stop()
if picked is not None:
    form = f"{picked.id}-{picked.revision}"
    with st.expander("Change it", icon=":material/edit:"), st.form(f"{form}-change", border=False):
        wording = rulebook_parts.written(chosen, form, picked.wording, picked.wording.labels, questions)
        why = st.text_input("Reason", key=f"{form}-why", placeholder="Stands in the record")
        if st.form_submit_button("Save", type="primary") and rulebook_parts.save(chosen, wording, why, picked):
            st.rerun()
    if not picked.retired:
        with st.popover("Retire", icon=":material/archive:"):
            st.text_input("Why is it not in force any more?", key=f"{form}-retire")
            st.button("Take out of force", key=f"{form}-retired", on_click=retire, args=(picked,))
with (
    st.expander("Write a rule", expanded=not rules, icon=":material/add:"),
    st.form("rulebook-new", clear_on_submit=False, border=False),
):
    fresh = rulebook_parts.written(chosen, f"new-{len(rules)}", Wording("", "", ""), (), questions)
    why = st.text_input("Reason", key=f"new-{len(rules)}-why", placeholder="Stands in the record")
    if st.form_submit_button("Write it", type="primary") and rulebook_parts.save(chosen, fresh, why):
        st.rerun()
