"""Items that answers are at odds on: among people, reviewers, with gold, with a model; settled here."""

import streamlit as st

from dashboard import conflict_parts, data, filters, rulebook_parts, show
from dashboard.conflict_settling import MOST_CERTAIN
from qc.workspace.disputed import KINDS, MOST_ALIKE

STATES = {"open": False, "settled": True, "all": None}

chosen = filters.selected()
item, asked = st.query_params.get("item"), st.query_params.get("asked")
if item and asked is not None:
    found = data.conflicts(chosen, limit=MOST_ALIKE)
    row = next((row for row in found.to_dict("records") if (row["item_id"], row["question"]) == (item, asked)), None)
    conflict_parts.one(chosen, item, asked, row)
    st.stop()

consensus = data.section(chosen, "consensus")
st.title("Conflicts", anchor=False)
conflict_parts.outcome()
with st.container(horizontal=True, vertical_alignment="bottom"):
    between = st.pills("Between", KINDS, selection_mode="multi", default=KINDS, key="conflicts-between")
    state = st.segmented_control("Shown", list(STATES), default="open", required=True, key="conflicts-state")
    rulebook_parts.link()
found = data.conflicts(chosen, tuple(between) or KINDS, STATES[state], MOST_ALIKE)
if found.empty:
    if data.conflicts(chosen, settled=True).empty and data.disagreed(chosen):
        show.nothing(
            "Every item that people disagree on has a known answer (gold).",
            "There is nothing to settle; the page Annotators shows who answers otherwise than gold.",
        )
    elif state == "settled":
        show.nothing("No conflict of this kind is settled.", "Show the open ones, and choose one.")
    else:
        show.nothing(
            "No open conflict within the filters.",
            "Where every item has one answer there is nothing to compare: give a share of the items to two annotators.",
        )
    st.stop()
st.text(conflict_parts.waiting(int(found["settled"].isna().sum()), len(found), MOST_ALIKE))

accuracy = consensus["accuracy_vs_gold"]
if accuracy["majority"]["value"] is not None:
    with st.expander("Can the majority be trusted here?"):
        show.sentence("The majority is right against gold", accuracy["majority"], "percent")
        show.sentence("Dawid–Skene is right against gold", accuracy["dawid_skene"], "percent")
        if consensus.get("favoured"):
            st.text(f"{consensus['favoured'][0].upper()}{consensus['favoured'][1:]}.")

listed = found.assign(**{name: found[name].map(", ".join) for name in ("between", "answers", "annotators")})
listed["probability"] = found["probability"].clip(upper=MOST_CERTAIN)
listed["majority"] = found["majority"].mask(found["answers"].map(conflict_parts.tied).astype(bool), "none")
at = show.choice(
    "Items in conflict",
    listed,
    key="conflicts",
    styles={"majority_share": "percent", "probability": "percent"},
    order=(
        *("item_id", "question", "between", "answers", "majority", "majority_share", "suggestion", "probability"),
        "settled",
    ),
    note="suggestion: of Dawid–Skene, which weighs people by how they err, with its probability. "
    "Click a row to see the answers and to settle it.",
)
if at is not None:
    conflict_parts.open_one(str(found["item_id"][at]), str(found["question"][at]))
    st.rerun()
