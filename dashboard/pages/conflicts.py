"""Items that people answer differently, to be settled by a lead."""

import streamlit as st

from dashboard import behind, data, filters, show
from qc.model import QcError
from qc.workspace import conflict

chosen = filters.selected()
found = data.conflicts(chosen)
consensus = data.section(chosen, "consensus")

st.title("Conflicts", anchor=False)
if found.empty:
    if data.disagreed(chosen):
        show.nothing(
            "Every item that people disagree on has a known answer (gold).",
            "There is nothing to settle; the page Annotators shows who answers otherwise than gold.",
        )
    else:
        show.nothing(
            "No item within the filters was answered differently by two people.",
            "Where every item has one answer there is nothing to compare: give a share of the items to two annotators.",
        )
    st.stop()
waiting = int(found["settled"].isna().sum())
many = "or more " if len(found) >= data.MOST_CONFLICTS else ""
wait = "1 item waits" if waiting == 1 else f"{waiting:,} {many}items wait"
st.text(f"{wait} for a decision; the hardest stand first. Choose one to settle it.")

accuracy = consensus["accuracy_vs_gold"]
if accuracy["majority"]["value"] is not None:
    with st.expander("Can the majority be trusted here?"):
        show.sentence("The majority is right against gold", accuracy["majority"], "percent")
        show.sentence("Dawid–Skene is right against gold", accuracy["dawid_skene"], "percent")
        if consensus.get("favoured"):
            st.text(f"{consensus['favoured'][0].upper()}{consensus['favoured'][1:]}.")

at = show.choice(
    "Items in conflict",
    found,
    key="conflicts",
    styles={"majority_share": "percent", "probability": "percent"},
    order=("item_id", "question", "answers", "majority", "majority_share", "suggestion", "probability", "settled"),
    note="Click a row to see the answers and to settle it.",
)
if at is None:
    st.stop()

row = found.iloc[at]
item, question = str(row["item_id"]), str(row["question"])
seen = conflict.revision(data.workspace(), chosen.project, item, question)
behind.answers(chosen, f"Answers to {question} on {item}", key="conflict-answers", item_ids=[item])
labels = sorted({str(label) for label in data.answers(chosen, item_ids=[item])["label"].dropna()})


def settle() -> None:
    """Record the lead's decision."""
    label = st.session_state["settle-other"] or st.session_state["settle-label"] or ""
    try:
        conflict.settle(
            data.workspace(), chosen.project, item, question, label, st.session_state["settle-why"], data.actor(), seen
        )
        st.toast("Settled. The item leaves as a corrected answer.")
    except QcError as error:
        st.session_state["settle-error"] = error


if error := st.session_state.pop("settle-error", None):
    show.failed(error)
if not data.may(chosen, "settle"):
    st.caption("A lead settles conflicts.")
    st.stop()
with st.form("settle"):
    st.subheader("Settle it", anchor=False)
    if row["suggestion"] is not None and row["probability"] == row["probability"]:
        st.text(f"Suggested by consensus: {row['suggestion']} (probability {row['probability']:.0%}).")
    label, other, why = st.columns([1, 1, 2])
    suggested = labels.index(row["suggestion"]) if row["suggestion"] in labels else None
    label.selectbox("Right answer", labels, index=suggested, placeholder="Choose", key="settle-label")
    other.text_input("Or another answer", key="settle-other")
    why.text_input("Reason", key="settle-why", placeholder="Stands in the record, and teaches the team")
    st.form_submit_button("Settle", type="primary", on_click=settle)
