"""Who errs how among those who judge, what that does to the error rates, and what a lead is to settle."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import streamlit as st

from dashboard import data, show
from dashboard.data import Selection
from qc.figures import dots
from qc.model import QcError
from qc.workspace import conflict, second_opinions

FIGURES: Final = {"sees an error": "sensitivity", "lets a right answer pass": "specificity"}
NOTE: Final = (
    "Held against gold, or against a lead's final calls on answers that two people judged. Every disagreement counts, "
    "and a tenth of what the two agree on stands for the rest. Answers that are drawn, and free texts, are left out: "
    "how well reviewers see is told from the others."
)


def show_reviewers(chosen: Selection) -> None:
    """The section Reviewers: how well each sees, the corrected rates, what two people missed, what is to be settled."""
    errors = [part for part in data.section(chosen, "errors") if part["source"].startswith("review")]
    reviewers, missed = data.section(chosen, "reviewers"), data.section(chosen, "missed")
    if not (errors or reviewers or missed):
        return
    st.subheader("Reviewers", anchor=False)
    for part in errors:
        show.sentence(f"Error rate corrected for reviewers ({part['source']})", part["corrected"], "percent")
        _over_a_range(part)
    _who_errs_how(reviewers)
    _missed(missed)
    if data.may(chosen, "settle"):
        _to_settle(chosen)


def _who_errs_how(reviewers: list[Mapping[str, Any]]) -> None:
    if not reviewers:
        show.nothing(
            "It is not known how well the reviewers see.",
            "Let a share of the draw be judged by two people (page Spot checks) and settle what stands below, "
            "or review answers to items with a known answer.",
        )
        return
    figure = show.pick("Figure of reviewers", list(FIGURES), "reviewer-figure")
    rows = [{"name": f"{row['reviewer']}, {row['source']}", "estimate": row[FIGURES[figure]]} for row in reviewers]
    show.chart(
        "How well reviewers see",
        dots(rows, axis=f"{figure}, %"),
        reviewers,
        key=f"reviewers-{FIGURES[figure]}",
        alt=f"Dots with intervals: how often each reviewer {figure}",
        styles={"sensitivity": "percent", "specificity": "percent"},
        note=NOTE,
    )


def _over_a_range(part: Mapping[str, Any]) -> None:
    if part["corrected_range"]:
        show.table(
            f"The true rate if reviewers saw so well ({part['source']})",
            part["corrected_range"],
            key=f"range-{part['source']}",
            styles={"sensitivity": "percent", "specificity": "percent", "rate": "percent"},
            note="Sensitivity: the share of wrong answers that are flagged. Specificity: of right answers let pass.",
        )


def _missed(missed: list[Mapping[str, Any]]) -> None:
    if missed:
        show.table(
            "What two people missed, at least",
            missed,
            key="missed",
            styles={"unseen": "percent", "missed": "percent", "found": "count"},
            order=("question", "by", "found", "total", "unseen", "missed"),
            note="Capture and recapture: a lower bound, because what is easy is found by both. Unseen: found by "
            "neither. Missed: by one person alone.",
        )


def _to_settle(chosen: Selection) -> None:
    waiting = second_opinions.waiting(data.workspace(), chosen.project, chosen.scope)
    if waiting.empty:
        return
    at = show.choice(
        "Waits for a final call",
        waiting,
        key="second-opinions",
        styles={"answers": "count"},
        note="Two people judged these. What they found is not shown, so that the call is as blind as theirs were. "
        "Click a row to settle it.",
    )
    if at is None or at >= len(waiting):
        return
    item, question = (str(waiting.iloc[at][name]) for name in ("item_id", "question"))
    known = sorted({str(label) for label in data.answers(chosen, item_ids=[item])["label"].dropna()})
    seen = conflict.revision(data.workspace(), chosen.project, item, question)
    with st.form("second-opinion", clear_on_submit=True):
        st.text(f"The right answer to {question} on {item}")
        label, other, why = st.columns([1, 1, 2])
        chosen_label = label.selectbox("Right answer", known, index=None, placeholder="Choose")
        written = other.text_input("Or another answer")
        reason = why.text_input("Reason", placeholder="Stands in the record")
        if st.form_submit_button("Settle", type="primary"):
            try:
                conflict.settle(
                    data.workspace(),
                    chosen.project,
                    item,
                    question,
                    written or chosen_label or "",
                    reason,
                    data.actor(),
                    seen,
                )
            except QcError as error:
                show.failed(error)
            else:
                st.rerun()
