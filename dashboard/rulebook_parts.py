"""Rules of the rulebook as pages show them: plain text, whatever a stranger wrote into them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import streamlit as st

from dashboard import data, show
from dashboard.data import Selection
from dashboard.navigation import page
from qc.figures import several
from qc.model import Estimate, QcError
from qc.workspace import rulebook
from qc.workspace.desk import Case
from qc.workspace.rulebook import Effect, Rule, Wording


def beside(chosen: Selection, case: Case) -> None:
    """What the rulebook says about answers like the one on the desk."""
    labels = [case.given.label or "", *case.given.labels, *(str(r.get("label") or "") for r in case.given.regions)]
    matching(chosen, case.question, labels, expanded=False)


def matching(chosen: Selection, question: str, labels: Sequence[str], *, expanded: bool) -> None:
    """The rules in force that speak of a question and labels, to be opened."""
    for rule in rulebook.rules(data.workspace(), chosen.project):
        if rule.speaks_of(question, labels):
            title = f"Rulebook: {show.plain(rule.wording.title)}"
            with st.expander(title, expanded=expanded, icon=":material/menu_book:"):
                words(rule)


def words(rule: Rule) -> None:
    """What a rule says."""
    wording = rule.wording
    about = f" · {' or '.join(wording.labels)}" if wording.labels else ""
    st.caption(show.plain(f"{wording.question}{about}"))
    st.text(wording.text)
    if wording.answer:
        st.text(f"Right answer: {wording.answer}")


def entry(chosen: Selection, rule: Rule, effect: Effect | None) -> dict[str, Any]:
    """A rule as a row of a table."""
    wording = rule.wording
    row: dict[str, Any] = {
        "rule": wording.title,
        "question": wording.question,
        "between": ", ".join(wording.labels) or "any answers",
        "right_answer": wording.answer,
        "since": f"{rule.since:%Y-%m-%d}",
        "state": "retired" if rule.retired else "in force",
        "settled": rule.settled,
    }
    if effect is not None:
        found = effect.found
        row |= {"before": _e(found.before), "after": _e(found.after), "pattern": found.verdict, "p": found.p}
    return row


def _e(estimate: Estimate) -> Mapping[str, Any]:
    return asdict(estimate)


def stopped(effect: Effect) -> None:
    """Whether the conflicts that a rule is about have become rarer, in sentences."""
    found = effect.found
    show.sentence("Before the rule", _e(found.before), "percent")
    show.sentence("Since the rule", _e(found.after), "percent")
    if found.fall.value is not None:
        tested = "" if found.p is None else f"; Fisher's exact test: p = {max(found.p, 0.0001):.4f}"
        show.sentence("So much rarer", _e(found.fall), "points")
        st.text(f"The pattern is {found.verdict}{tested}." if found.verdict != "too little data" else _LITTLE)
    left_out = [
        f"{several(n, 'item')} {why}"
        for n, why in ((effect.between, "answered partly before, partly since"), (effect.untimed, "without times"))
        if n
    ]
    st.caption(
        show.plain(
            "Share of items with such a conflict among those that two people answered and at least one gave a label of "
            "the rule. Items count as independent. " + (f"Left out: {', '.join(left_out)}." if left_out else "")
        )
    )


_LITTLE = "Too little data to say whether the pattern has stopped: ten items before and ten since are the least."


def written(chosen: Selection, form: str, start: Wording, labels: Sequence[str], questions: Sequence[str]) -> Wording:
    """The fields of a rule; `form` tells one form from another."""
    title = st.text_input("Title", start.title, key=f"{form}-title", max_chars=rulebook.LONGEST_TITLE)
    text = st.text_area("What to do, and why", start.text, key=f"{form}-text", max_chars=rulebook.LONGEST_TEXT)
    left, middle, right = st.columns(3)
    known = list(dict.fromkeys([*start.labels, *labels]))
    asked = list(dict.fromkeys([*([start.question] if start.question else []), *questions]))
    question = left.selectbox("Question", asked, key=f"{form}-question")
    between = middle.multiselect(
        "Between these answers", known, list(start.labels), key=f"{form}-labels", placeholder="Any",
        accept_new_options=True,
    )  # fmt: skip
    answer = right.text_input("Right answer, if always the same", start.answer or "", key=f"{form}-answer")
    examples = st.multiselect(
        "Examples (items)", list(start.examples), list(start.examples), key=f"{form}-examples",
        accept_new_options=True, placeholder="Ids of items",
    )  # fmt: skip
    return Wording(title, text, question or "", tuple(between), answer or None, tuple(examples))


def save(chosen: Selection, wording: Wording, reason: str, rule: Rule | None = None) -> str | None:
    """Write a rule; returns its id, or says why not."""
    try:
        which, seen = (rule.id, rule.revision) if rule else (None, None)
        return rulebook.write(data.workspace(), chosen.project, wording, reason, data.actor(), which, seen)
    except QcError as error:
        show.failed(error)
        return None


def link() -> None:
    """To the page of all rules."""
    st.page_link(page("rulebook"), label="Rulebook", icon=":material/menu_book:")
