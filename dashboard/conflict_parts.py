"""One conflict: every answer side by side, what is different, what is suggested, and what was said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

import streamlit as st

from dashboard import at_desk, case_view, conflict_settling, data, rulebook_parts, show
from dashboard.conflict_settling import act, outcome
from dashboard.data import Selection
from dashboard.item_view import show_item
from qc.figures import number, probability, several
from qc.workspace import conflict, desk
from qc.workspace.differing import against

__all__ = ["close", "one", "open_one", "outcome", "waiting"]

Row = Mapping[str, Any]
_SIDES: Final = {
    "annotators": "annotators",
    "reviewers": "two reviewers",
    "gold": "people and gold",
    "model": "people and a model",
}


def waiting(open_ones: int, shown: int, most: int) -> str:
    """How many conflicts wait, of those that are shown; `most` is how many can be."""
    wait = "1 item waits" if open_ones == 1 else f"{open_ones:,} items wait"
    if shown < most:
        return f"{wait} for a decision; the hardest stand first. Choose one to settle it."
    return f"At least {wait} for a decision; the {most:,} hardest are shown. Choose one to settle it."


def open_one(item: str, question: str) -> None:
    """Show one conflict: its address can be sent to others."""
    st.query_params["item"], st.query_params["asked"] = item, question


def close() -> None:
    """Back to all of them."""
    st.query_params.pop("item", None)
    st.query_params.pop("asked", None)


def one(chosen: Selection, item: str, question: str, row: Row | None) -> None:
    """One conflict; `row` is None where nothing is at odds any more, or the filters leave it out."""
    st.button("All conflicts", icon=":material/arrow_back:", on_click=close, type="tertiary")
    st.title(f"{show.plain(question)}: {show.plain(item)}", anchor=False)
    outcome()
    if row is None and not conflict.answers(data.workspace(), chosen.project, item, question):
        show.nothing(
            "Nobody answered this question on this item.",
            "Choose the project beside the page, or look at all conflicts.",
        )
        return
    if row is not None:
        st.caption(f"Conflict between {show.plain(_between(row['between']))}.")
        _suggestions(row)
    show_item(chosen, item, question, "conflict")
    _different(chosen, item, question)
    if row is not None and "reviewers" in row["between"]:
        _verdicts(chosen, item, question)
    first = data.answers(chosen, item_ids=[item])
    labels = sorted({str(label) for label in first[first["question"] == question]["label"].dropna()})
    given = list(row["answers"]) if row is not None else labels
    labels = sorted({*labels, *given})
    rulebook_parts.matching(chosen, question, given, expanded=True)
    _said(chosen, item, question)
    standing = conflict.standing(data.workspace(), chosen.project, item, question)
    if standing is not None:
        conflict_settling.standing(chosen, item, question, standing)
    if not data.may(chosen, "settle"):
        st.caption("A lead settles conflicts.")
        return
    conflict_settling.settle(chosen, item, question, row, labels, standing)
    conflict_settling.make_rule(chosen, item, question, row, labels)


def _between(kinds: list[str]) -> str:
    return ", and between ".join(_SIDES[kind] for kind in kinds)


def tied(answers: Sequence[str]) -> bool:
    """Whether no answer was given more often than every other."""
    counts = Counter(answers).most_common(2)
    return len(counts) > 1 and counts[0][1] == counts[1][1]


def _suggestions(row: Row) -> None:
    if row["majority"] is None or row["majority"] != row["majority"]:
        st.caption("There is no suggestion where answers are drawn, marked or written: compare them below.")
        return
    votes, tie = max(Counter(row["answers"]).values()), tied(row["answers"])
    left, right = st.columns(2)
    with left:
        share = f"{votes} of {several(len(row['answers']), 'answer')} ({number(row['majority_share'], 'percent')})"
        show.key_number(
            "Majority", "none" if tie else show.plain(row["majority"]), f"{share} at most" if tie else share
        )
    with right:
        show.key_number(
            "Dawid–Skene", show.plain(row["suggestion"]),
            f"Suggested by consensus: {row['suggestion']} (probability {probability(row['probability'])}), "
            "weighing people by how they err",
        )  # fmt: skip


def _different(chosen: Selection, item: str, question: str) -> None:
    """Two answers drawn over each other."""
    known = conflict.answers(data.workspace(), chosen.project, item, question)
    if len(known) < 2 or not data.may(chosen, "review"):
        return
    cases = at_desk.cases(chosen, tuple((key, question) for key, _who in known))
    names = {key: who for key, who in known if (key, question) in cases}
    if len(names) < 2:
        return
    with st.container(border=True, key="conflict-difference"):
        st.subheader("What is different", anchor=False)
        left, right = st.columns(2)
        first = left.selectbox("The answer of", list(names), format_func=names.__getitem__, key=f"one-{item}")
        second = right.selectbox(
            "beside that of", list(names), index=1, format_func=names.__getitem__, key=f"other-{item}"
        )
        case, other = cases[first, question], cases[second, question]
        picture, recording = desk.seen(data.workspace(), chosen.project, case)
        difference = against(case, other.given)
        if recording is not None:
            case_view.item(case, recording)
        case_view.answer(case, difference, names[second], picture, f"conflict-{first}-{second}")
    case_view.listed(difference, f"{names[first]} and {names[second]}", "conflict-listed")


def _verdicts(chosen: Selection, item: str, question: str) -> None:
    rows = data.rows(chosen, "verdicts")
    rows = rows[(rows["item_id"] == item) & (rows["question"] == question)]
    with st.expander("What the reviewers found", icon=":material/visibility:"):
        st.caption("A final call is fairest made before this is read.")
        columns = ["reviewer", "verdict", "corrected_label", "error_type", "comment", "decided_at"]
        show.table("Verdicts", rows[columns], key="conflict-verdicts")


def _said(chosen: Selection, item: str, question: str) -> None:
    said = conflict.comments(data.workspace(), chosen.project, item, question)
    with st.container(border=True):
        st.subheader("What was said", anchor=False)
        for row in said:
            st.caption(show.plain(f"{row.actor}, {row.at}"))
            st.text(row.text)
        if not said:
            st.caption("Nothing yet.")
        if data.may(chosen, "review"):
            with st.form("conflict-say", clear_on_submit=True, border=False):
                text = st.text_input(
                    "Comment", placeholder="It stays on the record", max_chars=conflict.LONGEST_COMMENT
                )
                if st.form_submit_button("Add"):
                    act(
                        lambda: conflict.comment(data.workspace(), chosen.project, item, question, text, data.actor()),
                        "Added.",
                    )
                    st.rerun()
