"""What the page Gold is made of: one item and what can be decided about it, settled items, a set for newcomers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import streamlit as st

from dashboard import behind, data, show
from dashboard.data import Selection
from qc.model import QcError
from qc.workspace import desk, gold_desk, gold_use, onboarding

ALSO: Final = "gold-promote-also"
FILES: Final = {
    "sheet": ("Sheet without answers", ".csv"),
    "tasks": ("Label Studio tasks", ".json"),
    "key": ("Key", ".csv"),
}


def decide(chosen: Selection, said: str, use_case: Callable[..., Any], *asked: Any, **more: Any) -> None:
    """Carry out what was decided, or say why not."""
    try:
        use_case(data.workspace(), chosen.project, *asked, **more)
        st.toast(show.plain(said))
    except QcError as error:
        st.session_state["gold-error"] = error


def promote(chosen: Selection, row: dict[str, Any]) -> None:
    """Make a settled item gold, with what else is right."""
    also = st.session_state.get(ALSO) or ()
    decide(
        chosen,
        "It is gold: what is submitted from now on is judged by it.",
        gold_desk.promote,
        row["item_id"],
        row["question"],
        st.session_state["gold-promote-why"],
        accepted=(row["label"], *also) if also else (),
        expected=0,
    )


def accept(chosen: Selection, row: dict[str, Any]) -> None:
    """Accept one more answer."""
    decide(
        chosen,
        "The answer is accepted as well.",
        gold_desk.accept,
        row["item_id"],
        row["question"],
        st.session_state["gold-accept-what"],
        st.session_state["gold-accept-why"],
        row["revision"],
    )


def retire(chosen: Selection, row: dict[str, Any]) -> None:
    """Take an item out of the gold."""
    asked = (row["item_id"], row["question"], st.session_state["gold-retire-why"], row["revision"])
    decide(chosen, "It is no gold any more.", gold_desk.retire, *asked)


def put_back(chosen: Selection, row: dict[str, Any]) -> None:
    """Make a retired item gold again."""
    asked = (row["item_id"], row["question"], st.session_state["gold-back-why"], row["revision"])
    decide(chosen, "It is gold again.", gold_desk.put_back, *asked)


def about(chosen: Selection, row: dict[str, Any]) -> None:
    """What is known of one item, the answers behind it, and what can be decided."""
    with st.container(border=True):
        st.subheader(show.plain(f"{row['item_id']}: {row['accepted']}"), anchor=False)
        if row["uses"]:
            show.sentence("Failed by", row["failure"], "percent")
            st.text(
                f"{row['expected']:.1f} failures would be usual for these people on their other gold items; the chance "
                f"of {row['failed']} or more is {row['p']:.3g}, {row['q']:.3g} among all items (false discovery rate)."
            )
        if row["others_say"]:
            st.text(f"The answer most given by the others: {row['others_say']}")
        if row["reason"]:
            st.text(f"{row['by']}: {row['reason']}")
        if row["state"] == gold_use.RETIRED:
            with st.form("gold-back"):
                st.text_input("Why is it right?", key="gold-back-why")
                st.form_submit_button("Make it gold again", on_click=put_back, args=(chosen, row))
        else:
            wider, out = st.columns(2)
            with wider.form("gold-accept"):
                st.text_input("Another answer that is right", key="gold-accept-what")
                st.text_input("Why?", key="gold-accept-why")
                st.form_submit_button("Accept it as well", on_click=accept, args=(chosen, row))
            with out.form("gold-retire"):
                st.text_input("Why shall nobody be judged by it?", key="gold-retire-why")
                st.form_submit_button("Retire it", on_click=retire, args=(chosen, row))
        behind.answers(chosen, f"Answers on {row['item_id']}", key="gold-answers", item_ids=[row["item_id"]])


def settled(chosen: Selection, waiting: list[dict[str, Any]]) -> None:
    """Settled items that can become gold."""
    if not waiting:
        show.nothing(
            "No settled item waits to become gold.", "Settle a conflict on the page Conflicts; it is offered here then."
        )
        return
    at = show.choice("Settled, and no gold yet", waiting, key="gold-settled", note="Click a row to make it gold.")
    if at is None:
        return
    row = waiting[at]
    with st.form("gold-promote"):
        st.text(f"{row['item_id']}, {row['question']}: {row['label']}")
        kind, labels = desk.choices(data.workspace(), chosen.project).get(row["question"], (None, ()))
        others = [label for label in labels if label != row["label"]]
        if kind is None and others:
            st.multiselect("Right as well", others, placeholder="Nothing else", key=ALSO)
        st.text_input("Why is it a good test?", key="gold-promote-why")
        st.form_submit_button("Make it gold", type="primary", on_click=promote, args=(chosen, row))


@st.fragment
def newcomers(chosen: Selection) -> None:
    """A set to begin with."""
    with st.container(border=True):
        st.subheader("A set for newcomers", anchor=False)
        st.caption("Gold items spread over answers and difficulty, without suspects. The same seed gives the same set.")
        size_box, seed_box = st.columns(2)
        size = size_box.number_input("Items", 1, onboarding.MOST, 20, key="gold-size")
        seed = seed_box.number_input("Seed", 0, 2**31, 0, key="gold-seed")
        try:
            made = onboarding.choose(data.workspace(), chosen.project, int(size), int(seed))
        except QcError as error:
            st.caption(show.plain(str(error)))
            return
        st.text(made.sentence)
        with st.container(horizontal=True):
            for form, (words, suffix) in FILES.items():
                st.download_button(
                    words,
                    data=lambda form=form: onboarding.take(
                        data.workspace(), chosen.project, form, int(size), int(seed)
                    ),
                    file_name=f"{chosen.project}-newcomers-{form}{suffix}",
                    icon=":material/download:",
                    on_click="ignore",
                    key=f"gold-file-{form}",
                )
        show.table("The set, with its answers", list(made.rows), key="gold-set")
