"""How a conflict is settled: by a lead, by vote, by a rule; one or all alike; and taken back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import streamlit as st

from dashboard import data, rulebook_parts, show
from dashboard.data import Selection
from qc.figures import probability, several
from qc.model import QcError
from qc.workspace import conflict, gold_desk, rulebook
from qc.workspace.disputed import ALIKE
from qc.workspace.rulebook import Wording

Row = Mapping[str, Any]
MOST_EXAMPLES: Final = 5
NO_RULE: Final = ""
MOST_CERTAIN: Final = 0.9999
"""What a table shows of a probability at most: it was estimated, and is never 100 %."""
_ERROR: Final = "settle-error"
_DONE: Final = "settle-done"
_NEXT_RULE: Final = "settle-by-this-rule"


def outcome() -> None:
    """Say what became of the last press."""
    if error := st.session_state.pop(_ERROR, None):
        show.failed(error)
    if done := st.session_state.pop(_DONE, None):
        st.toast(show.plain(done), icon=":material/check:")


def act(use_case: Callable[[], object], done: str) -> None:
    """Do it, and keep what is to be said about it for the next run."""
    try:
        use_case()
        st.session_state[_DONE] = done
    except QcError as error:
        st.session_state[_ERROR] = error


def standing(chosen: Selection, item: str, question: str, call: conflict.Standing) -> None:
    """The final call in force, and what can be done about it."""
    rules = {rule.id: rule.wording.title for rule in rulebook.rules(data.workspace(), chosen.project)}
    how = {"lead": "by a lead", "vote": "by vote", "rule": f"by the rule {rules.get(call.rule_id or '', '')}"}
    with st.container(border=True, key="conflict-standing"):
        st.subheader("Settled", anchor=False)
        st.text(f"{call.label}: {how[call.method]}, {call.actor}, {call.at}")
        if call.reason:
            st.text(call.reason)
        if not data.may(chosen, "settle"):
            return
        with st.container(horizontal=True):
            st.button(
                "Take back", key="settle-back", icon=":material/undo:",
                on_click=_back, args=(chosen, question, ((item, call.revision),)),
            )  # fmt: skip
            if len(call.together) > 1:
                st.button(
                    f"Take back all {len(call.together):,} that were settled with it", key="settle-back-all",
                    icon=":material/undo:", on_click=_back, args=(chosen, question, call.together),
                )  # fmt: skip
            st.button(
                "Make it gold", key="settle-gold", icon=":material/verified:",
                on_click=_gold, args=(chosen, item, question, call.reason),
                help="Known to be right from now on: whoever answers it is measured by it.",
            )  # fmt: skip


def settle(
    chosen: Selection, item: str, question: str, row: Row | None, labels: list[str], call: conflict.Standing | None
) -> None:
    """The form of a final call, and what else it is applied to; what is drawn or marked is named as it stands."""
    seen = {item: call.revision if call else 0}
    if any(answer.regions for answer in data.item(chosen, item, question).answers):
        _as_it_stands(chosen, item, question, seen[item])
        return
    rules = {
        rule.id: rule for rule in rulebook.rules(data.workspace(), chosen.project) if rule.speaks_of(question, labels)
    }
    if (wished := st.session_state.pop(_NEXT_RULE, None)) in rules:
        st.session_state["settle-rule"] = wished
    others = _apply_to(chosen, item, question)
    items = (item, *others)
    with st.form("settle"):
        st.subheader("Settle it", anchor=False)
        if row is not None and row["suggestion"] is not None and row["probability"] == row["probability"]:
            st.text(f"Suggested by consensus: {row['suggestion']} (probability {probability(row['probability'])}).")
        label, other, by = st.columns(3)
        suggested = labels.index(row["suggestion"]) if row is not None and row["suggestion"] in labels else None
        label.selectbox("Right answer", labels, index=suggested, placeholder="Choose", key="settle-label")
        other.text_input("Or another answer", key="settle-other")
        by.selectbox(
            "By the rule", [NO_RULE, *rules], key="settle-rule",
            format_func=lambda key: rules[key].wording.title if key else "No rule: a lead's call",
            help="Where the rule has an answer, that one counts.",
        )  # fmt: skip
        st.text_input("Reason", key="settle-why", placeholder="Stands in the record, and teaches the team")
        with st.container(horizontal=True):
            words = "Settle" if not others else f"Settle these {len(items):,}"
            st.form_submit_button(words, type="primary", on_click=_record, args=(chosen, question, items, rules, seen))
            st.form_submit_button(
                "Settle by vote" if not others else f"Settle by vote, each of these {len(items):,}",
                on_click=_vote, args=(chosen, question, items, seen),
                help="What more than half of an item's people answered is right; others stay open.",
            )  # fmt: skip
    if row is not None and not isinstance(row["majority"], str):
        _as_it_stands(chosen, item, question, seen[item])


def _apply_to(chosen: Selection, item: str, question: str) -> tuple[str, ...]:
    """The other items that the settlement is applied to, after they were shown."""
    found = data.alike(chosen, item, question)
    if found.empty:
        return ()
    counts = {why: int(found["why"].map(lambda held, why=why: why in held).sum()) for why in ALIKE}
    with st.container(border=True):
        st.subheader("Apply it to all alike", anchor=False)
        picked = st.pills(
            "Other open conflicts with", [why for why in ALIKE if counts[why]], selection_mode="multi",
            format_func=lambda why: f"{why}: {counts[why]:,}", key="settle-alike",
        )  # fmt: skip
        if not picked:
            st.caption("Choose what they have in common to see which they are; without, only this one is settled.")
            return ()
        alike = found[found["why"].map(lambda held: bool({*held} & {*picked}))]
        left_out = st.multiselect("But not", alike["item_id"].tolist(), key="settle-but", placeholder="None")
        alike = alike[~alike["item_id"].isin(left_out)]
        columns = ["item_id", "why", "answers", "majority", "suggestion", "probability", "text"]
        show.table(
            f"Settled with it: {several(len(alike), 'item')}",
            alike[columns].assign(
                why=alike["why"].map(", ".join),
                answers=alike["answers"].map(", ".join),
                probability=alike["probability"].clip(upper=MOST_CERTAIN),
            ),
            key="settle-these",
            styles={"probability": "percent"},
            note="Each gets a settlement of its own, and can be taken back alone or with all.",
        )
    return tuple(alike["item_id"])


def _as_it_stands(chosen: Selection, item: str, question: str, seen: int) -> None:
    """Where answers are drawn, marked or written, one of them is right as it is."""
    known = dict(conflict.answers(data.workspace(), chosen.project, item, question))
    with st.form("settle-as"):
        st.subheader("One of the answers is right", anchor=False)
        which = st.selectbox("The answer of", list(known), format_func=known.__getitem__, index=None)
        why = st.text_input("Reason", key="settle-as-why", placeholder="Stands in the record, and teaches the team")
        if st.form_submit_button("Settle as it stands", type="primary") and which:
            where = (data.workspace(), chosen.project, item, question)
            act(lambda: conflict.settle_as(*where, which, why, data.actor(), seen), "Settled.")
            st.rerun()


def make_rule(chosen: Selection, item: str, question: str, row: Row | None, labels: list[str]) -> None:
    """The form of a rule that is made of a conflict."""
    alike = data.alike(chosen, item, question)["item_id"].tolist() if row is not None else []
    between = tuple(dict.fromkeys(row["answers"] if row is not None else labels))
    start = Wording("", "", question, between, None, (item, *alike[: MOST_EXAMPLES - 1]))
    with (
        st.expander("Make a rule of it", icon=":material/menu_book:"),
        st.form("conflict-rule", border=False),
    ):
        wording = rulebook_parts.written(chosen, f"rule-{item}", start, labels, (question,))
        why = st.text_input("Reason", key=f"rule-{item}-why", placeholder="Stands in the record")
        if st.form_submit_button("Write the rule", type="primary") and (
            key := rulebook_parts.save(chosen, wording, why)
        ):
            st.session_state[_DONE] = "The rule stands in the rulebook. Settle by it above."
            st.session_state[_NEXT_RULE] = key
            st.rerun()


def _record(
    chosen: Selection, question: str, items: tuple[str, ...], rules: Mapping[str, Any], seen: Mapping[str, int]
) -> None:
    """Record the decision of the form."""
    state = st.session_state
    rule = rules.get(state["settle-rule"])
    label = (rule.wording.answer if rule else None) or state["settle-other"] or state["settle-label"] or ""
    which = rule.id if rule else None

    def call() -> None:
        conflict.settle_all(
            data.workspace(), chosen.project, question, items, label, state["settle-why"], data.actor(), which, seen
        )

    act(call, f"Settled. Answers to {several(len(items), 'item')} are judged by this from now on.")


def _vote(chosen: Selection, question: str, items: tuple[str, ...], seen: Mapping[str, int]) -> None:
    """Record what the vote decides."""
    try:
        settled = conflict.settle_by_vote(
            data.workspace(), chosen.project, question, items, st.session_state["settle-why"], data.actor(), seen
        )
    except QcError as error:
        st.session_state[_ERROR] = error
        return
    st.session_state[_DONE] = f"Settled. The vote decided {settled:,} of {several(len(items), 'item')}."


def _back(chosen: Selection, question: str, calls: tuple[tuple[str, int], ...]) -> None:
    """Take settlements back that are still those that were shown."""
    items, seen = [item for item, _revision in calls], [revision for _item, revision in calls]
    act(
        lambda: conflict.take_back(data.workspace(), chosen.project, question, items, data.actor(), seen),
        f"Taken back: {several(len(items), 'conflict')} open again.",
    )


def _gold(chosen: Selection, item: str, question: str, reason: str) -> None:
    act(
        lambda: gold_desk.promote(data.workspace(), chosen.project, item, question, reason or "settled"),
        "It is gold now: see the page Gold.",
    )
