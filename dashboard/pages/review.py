"""The review queue: one answer at a time, by keyboard."""

import time

import streamlit as st

from dashboard import data, filters, show
from dashboard.navigation import page
from qc.model import ERROR_TYPES, SEVERITIES, QcError
from qc.workspace import verdict

VERDICTS = (
    ("Accept", "accept", "a", ":material/check:"),
    ("Minor", "minor", "m", ":material/edit:"),
    ("Reject", "reject", "x", ":material/close:"),
)

chosen = filters.selected()
queue = data.queue(chosen)
state = st.session_state
st.page_link(page("checks"), label="Spot checks", icon=":material/arrow_back:")
st.title("Review", anchor=False)
if message := state.pop("review-refused", None):
    st.error(show.plain(message), icon=":material/error:")
if queue.empty:
    show.nothing("Nothing waits for review.", "Draw a sample on the page Spot checks.")
    st.stop()

skipped = state.setdefault("review-skipped", 0) % len(queue)
row = queue.iloc[skipped]
key = f"{row['annotation_id']}|{row['question']}"
if state.get("review-shown", (None, 0.0))[0] != key:
    state["review-shown"] = (key, time.monotonic())


def record(decision: str) -> None:
    """Record the verdict on the answer that was on the screen."""
    wrong = decision != "accept"
    entry = {
        "annotation_id": row["annotation_id"],
        "question": row["question"],
        "verdict": decision,
        "error_type": state[f"type-{key}"] if wrong else None,
        "severity": state[f"severity-{key}"] if wrong else None,
        "corrected_label": state[f"right-{key}"] if wrong else None,
        "comment": state[f"comment-{key}"] or None,
        "seconds": time.monotonic() - state["review-shown"][1],
    }
    try:
        outcome = verdict.record(data.workspace(), chosen.project, [entry], data.actor())
    except QcError as error:
        state["review-refused"] = str(error)
        return
    if outcome.refused:
        state["review-refused"] = outcome.refused[0][1]
    else:
        state["review-done"] = state.get("review-done", 0) + outcome.recorded


def skip() -> None:
    """Leave this answer for later."""
    state["review-skipped"] = skipped + 1


done = state.get("review-done", 0)
st.progress(done / (done + len(queue)), f"{done:,} recorded in this session, {len(queue):,} waiting")

answer, judgement = st.columns([3, 2])
with answer, st.container(border=True, height="stretch"):
    st.caption(f"Item {show.plain(row['item_id'])} · question {show.plain(row['question'])}")
    st.text(row["text"] if isinstance(row["text"], str) and row["text"] else "This item carries no text.")
    st.divider()
    st.caption("The answer given")
    st.header(show.plain(row["label"]), anchor=False)
with judgement, st.container(border=True, height="stretch"):
    st.caption("If it is not right")
    st.selectbox("Right answer", list(row["labels"]), index=None, placeholder="Choose", key=f"right-{key}")
    st.selectbox("What is wrong", ERROR_TYPES, key=f"type-{key}")
    st.segmented_control("How bad", SEVERITIES, default="major", required=True, key=f"severity-{key}")
    st.text_input("Comment", key=f"comment-{key}", placeholder="What should the annotator learn?")
with st.container(horizontal=True):
    for label, decision, letter, icon in VERDICTS:
        st.button(
            label,
            key=f"review-{decision}",
            icon=icon,
            shortcut=letter,
            type="primary" if decision == "accept" else "secondary",
            on_click=record,
            args=(decision,),
        )
    st.button("Next", key="review-next", icon=":material/skip_next:", shortcut="n", on_click=skip)
st.caption("The annotator's name is not shown, so that it cannot sway the verdict.")
