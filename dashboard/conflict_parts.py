"""One conflict: every answer side by side, what is different, suggested and said, and how it is settled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import streamlit as st

from dashboard import case_view, data, rulebook_parts, show
from dashboard.data import Selection
from dashboard.item_view import show_item
from qc.figures import several
from qc.model import QcError
from qc.workspace import conflict, desk, gold_desk, rulebook
from qc.workspace.differing import against
from qc.workspace.disputed import ALIKE
from qc.workspace.rulebook import Wording

Row = Mapping[str, Any]
_ERROR: Final = "settle-error"
_DONE: Final = "settle-done"
_NEXT_RULE: Final = "settle-by-this-rule"
MOST_EXAMPLES: Final = 5
NO_RULE: Final = ""
_SIDES: Final = {
    "annotators": "annotators",
    "reviewers": "two reviewers",
    "gold": "people and gold",
    "model": "people and a model",
}


def outcome() -> None:
    """Say what became of the last press."""
    if error := st.session_state.pop(_ERROR, None):
        show.failed(error)
    if done := st.session_state.pop(_DONE, None):
        st.toast(show.plain(done), icon=":material/check:")


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
    if row is not None:
        st.caption(f"Conflict between {show.plain(_between(row['between']))}.")
        _suggestions(row)
    show_item(chosen, item, question, "conflict")
    _different(chosen, item, question)
    if row is not None and "reviewers" in row["between"]:
        _verdicts(chosen, item, question)
    labels = sorted({str(label) for label in data.answers(chosen, item_ids=[item])["label"].dropna()})
    given = list(row["answers"]) if row is not None else labels
    rulebook_parts.matching(chosen, question, given, expanded=True)
    _said(chosen, item, question)
    standing = conflict.standing(data.workspace(), chosen.project, item, question)
    if standing is not None:
        _standing(chosen, item, question, standing)
    if not data.may(chosen, "settle"):
        st.caption("A lead settles conflicts.")
        return
    _settle(chosen, item, question, row, labels, standing)
    _make_rule(chosen, item, question, row, labels)


def _between(kinds: list[str]) -> str:
    words = {
        "annotators": "annotators",
        "reviewers": "two reviewers",
        "gold": "people and gold",
        "model": "people and a model",
    }
    return ", and between ".join(words[kind] for kind in kinds)


def _suggestions(row: Row) -> None:
    if row["majority"] is None or row["majority"] != row["majority"]:
        st.caption("There is no suggestion where answers are drawn, marked or written: compare them below.")
        return
    votes = sum(answer == row["majority"] for answer in row["answers"])
    left, right = st.columns(2)
    with left:
        share = f"{votes} of {several(len(row['answers']), 'answer')} ({row['majority_share']:.0%})"
        show.key_number("Majority", str(row["majority"]), share)
    with right:
        show.key_number(
            "Dawid–Skene", str(row["suggestion"]),
            f"Suggested by consensus: {row['suggestion']} (probability {row['probability']:.0%}), "
            "weighing people by how they err",
        )  # fmt: skip


def _different(chosen: Selection, item: str, question: str) -> None:
    """Two answers drawn over each other."""
    known = conflict.answers(data.workspace(), chosen.project, item, question)
    if len(known) < 2 or not data.may(chosen, "review"):
        return
    cases = data.cases(chosen, tuple((key, question) for key, _who in known))
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
                    _act(lambda: conflict.comment(*_at(chosen), item, question, text, data.actor()), "Added.")
                    st.rerun()


def _standing(chosen: Selection, item: str, question: str, standing: conflict.Standing) -> None:
    rules = {rule.id: rule.wording.title for rule in rulebook.rules(*_at(chosen))}
    how = {"lead": "by a lead", "vote": "by vote", "rule": f"by the rule {rules.get(standing.rule_id or '', '')}"}
    with st.container(border=True, key="conflict-standing"):
        st.subheader("Settled", anchor=False)
        st.text(f"{standing.label}: {how[standing.method]}, {standing.actor}, {standing.at}")
        if standing.reason:
            st.text(standing.reason)
        if not data.may(chosen, "settle"):
            return
        with st.container(horizontal=True):
            st.button(
                "Take back", key="settle-back", icon=":material/undo:",
                on_click=_back, args=(chosen, question, (item,), [standing.revision]),
            )  # fmt: skip
            if len(standing.together) > 1:
                st.button(
                    f"Take back all {len(standing.together):,} that were settled with it", key="settle-back-all",
                    icon=":material/undo:", on_click=_back, args=(chosen, question, standing.together, None),
                )  # fmt: skip
            st.button(
                "Make it gold", key="settle-gold", icon=":material/verified:",
                on_click=_gold, args=(chosen, item, question, standing.reason),
                help="Known to be right from now on: whoever answers it is measured by it.",
            )  # fmt: skip


def _settle(
    chosen: Selection, item: str, question: str, row: Row | None, labels: list[str], standing: conflict.Standing | None
) -> None:
    rules = {rule.id: rule for rule in rulebook.rules(*_at(chosen)) if rule.speaks_of(question, labels)}
    if (wished := st.session_state.pop(_NEXT_RULE, None)) in rules:
        st.session_state["settle-rule"] = wished
    others = _apply_to(chosen, item, question)
    items = (item, *others)
    seen = {item: standing.revision if standing else 0}
    with st.form("settle"):
        st.subheader("Settle it", anchor=False)
        if row is not None and row["suggestion"] is not None and row["probability"] == row["probability"]:
            st.text(f"Suggested by consensus: {row['suggestion']} (probability {row['probability']:.0%}).")
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
    _as_it_stands(chosen, item, question, row, seen[item])


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
            alike[columns].assign(why=alike["why"].map(", ".join), answers=alike["answers"].map(", ".join)),
            key="settle-these",
            styles={"probability": "percent"},
            note="Each gets a settlement of its own, and can be taken back alone or with all.",
        )
    return tuple(alike["item_id"])


def _as_it_stands(chosen: Selection, item: str, question: str, row: Row | None, seen: int) -> None:
    """Where answers are drawn, marked or written, one of them is right as it is."""
    if row is None or (row["majority"] == row["majority"] and row["majority"] is not None):
        return
    known = dict(conflict.answers(*_at(chosen), item, question))
    with st.form("settle-as"):
        st.subheader("One of the answers is right", anchor=False)
        which = st.selectbox("The answer of", list(known), format_func=known.__getitem__, index=None)
        why = st.text_input("Reason", key="settle-as-why", placeholder="Stands in the record, and teaches the team")
        if st.form_submit_button("Settle as it stands", type="primary") and which:
            _act(lambda: conflict.settle_as(*_at(chosen), item, question, which, why, data.actor(), seen), "Settled.")
            st.rerun()


def _make_rule(chosen: Selection, item: str, question: str, row: Row | None, labels: list[str]) -> None:
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
    label = state["settle-other"] or (rule.wording.answer if rule else None) or state["settle-label"] or ""
    which = rule.id if rule else None

    def act() -> None:
        conflict.settle_all(*_at(chosen), question, items, label, state["settle-why"], data.actor(), which, seen)

    many = "The item leaves" if len(items) == 1 else f"{len(items):,} items leave"
    _act(act, f"Settled. {many} as corrected answers." if len(items) > 1 else f"Settled. {many} as a corrected answer.")


def _vote(chosen: Selection, question: str, items: tuple[str, ...], seen: Mapping[str, int]) -> None:
    """Record what the vote decides."""
    try:
        settled = conflict.settle_by_vote(
            *_at(chosen), question, items, st.session_state["settle-why"], data.actor(), seen
        )
    except QcError as error:
        st.session_state[_ERROR] = error
        return
    st.session_state[_DONE] = f"Settled. The vote decided {settled:,} of {several(len(items), 'item')}."


def _back(chosen: Selection, question: str, items: tuple[str, ...], seen: list[int] | None) -> None:
    _act(
        lambda: conflict.take_back(*_at(chosen), question, items, data.actor(), seen),
        f"Taken back: {several(len(items), 'conflict')} open again.",
    )


def _gold(chosen: Selection, item: str, question: str, reason: str) -> None:
    _act(
        lambda: gold_desk.promote(*_at(chosen), item, question, reason or "settled"),
        "It is gold now: see the page Gold.",
    )


def _act(use_case: Any, done: str) -> None:
    try:
        use_case()
        st.session_state[_DONE] = done
    except QcError as error:
        st.session_state[_ERROR] = error


def _at(chosen: Selection) -> tuple[Any, str]:
    return data.workspace(), chosen.project
