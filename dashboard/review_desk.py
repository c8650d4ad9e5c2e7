"""The desk: the item with the answer, what the reviewer says of it, and the keys for both.

All of it is a fragment: a key reruns the desk alone, not the page around it.
"""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path
from typing import Final

import streamlit as st

from dashboard import at_desk, case_view, data, desk_form, desk_state, out_of_sight, queue_parts, rulebook_parts, show
from dashboard.data import Selection
from dashboard.desk_form import Form
from dashboard.desk_state import Desk, Verdict
from qc.figures import several
from qc.model import TIERS, QcError, ReviewPolicy
from qc.workspace import desk as use_case
from qc.workspace import queue as use_queue
from qc.workspace import verdict
from qc.workspace.desk import AT_ONCE, Case, Reference
from qc.workspace.differing import Difference, against, objects
from qc.workspace.media import Picture
from qc.workspace.queue import Place

VERDICTS: Final = (
    ("Accept", "accept", "a", ":material/check:"),
    ("Minor", "minor", "m", ":material/edit:"),
    ("Reject", "reject", "x", ":material/close:"),
)

BLIND: Final = (
    "Who gave the answer, what a model said and what is known to be right are told after the verdict, so that they "
    "cannot sway it. Corrections never change the answer: they stand beside it."
)
HIDDEN: Final = "desk-hidden"
TOLD: Final = "What is known to be right is shown at once, as the policy of the project says."


@st.fragment(key="desk")
def review(chosen: Selection) -> None:
    """The answer that waits next, or the last one judged where the reviewer looks back."""
    try:
        _review(chosen)
    except QcError as error:
        show.failed(error)


def _review(chosen: Selection) -> None:
    session = desk_state.desk(chosen.project)
    policy = data.current_policy(chosen)
    offered = at_desk.queue(chosen)
    places = {place.key: place for place in offered}
    queue_parts.standing(session, at_desk.standing(chosen, offered))
    if session.refused:
        st.error(show.plain(session.refused), icon=":material/error:")
        session.refused = None
    case = _case(chosen, session, [places[key] for key in session.ordered(list(places))])
    if case is None:
        queue_parts.nothing(len(places), policy.queue.claim_minutes)
        with st.container(horizontal=True):
            _undo_keys(chosen, session)
        return
    key = (case.annotation_id, case.question)
    session.show(key, time.monotonic(), policy.review.idle_seconds)
    if (place := places.get(key)) is not None:
        queue_parts.why(place)
    earlier = session.last.said if session.back and session.last else None
    form = Form(case, policy.review.error_types, earlier, session.write, session.letter)
    _decide(chosen, session, form, policy.review)
    shown, judgement = st.columns([4, 3])
    with judgement, st.container(border=True, key="desk-form"):
        form.show()
        rulebook_parts.beside(chosen, case)
    with shown:
        _item(chosen, session, case, form, policy.review)
    if session.last is not None:
        st.text(_told(chosen, session.last))
    st.caption(BLIND if policy.review.blind else TOLD)
    out_of_sight.listen(HIDDEN, partial(_seen_again, session, policy.review.idle_seconds))
    if session.writing:
        desk_form.write(form, session.written)


def _seen_again(session: Desk, idle: float) -> None:
    """The clock stood still while the tab was hidden."""
    session.clock = session.clock.now(time.monotonic(), idle, out_of_sight.seconds(HIDDEN))


def _case(chosen: Selection, session: Desk, waiting: list[Place]) -> Case | None:
    """The answer to show, which nobody else has before them; those that an import has taken away are passed over."""
    if session.back and session.last:
        return at_desk.cases(chosen, session.last.block).get(session.last.key)
    while waiting and (key := at_desk.claimed(chosen, waiting)) is not None:
        keys = [place.key for place in waiting]
        if key not in session.block:
            at = keys.index(key)
            session.block = tuple(keys[at : at + AT_ONCE])
        if (case := at_desk.cases(chosen, session.block).get(key)) is not None:
            return case
        waiting = [place for place in waiting if place.key != key]
    return None


def _item(chosen: Selection, session: Desk, case: Case, form: Form, policy: ReviewPolicy) -> None:
    with st.container(border=True, key="desk-item"):
        st.caption(f"Item {show.plain(case.item_id)} · question {show.plain(case.question)}")
        picture, recording = _seen(chosen, session, case)
        case_view.item(case, recording)
        compared = _compared(chosen, session, case, form, policy)
        st.caption("The answer given" if not compared else "The answer given, and what is different")
        title = _which(list(compared), form.key("compare"))
        key = form.key(f"view-{title}")
        case_view.answer(case, compared.get(title), title, picture, key)
    if title in compared:
        case_view.listed(compared[title], title, form.key(f"listed-{title}"))


def _seen(chosen: Selection, session: Desk, case: Case) -> tuple[Picture | None, Path | None]:
    key = (case.annotation_id, case.question)
    if session.media is None or session.media[0] != key:
        session.media = (key, *use_case.seen(data.workspace(), chosen.project, case))
    return session.media[1], session.media[2]


def _compared(chosen: Selection, session: Desk, case: Case, form: Form, policy: ReviewPolicy) -> dict[str, Difference]:
    """The correction, and what is known to be right for who has decided, each held against the answer."""
    found: dict[str, Difference] = {}
    correction = form.difference
    if correction is not None:
        found["Correction"] = correction
    if session.back or not policy.blind:
        for number, reference in enumerate(_references(chosen, session, case), 1):
            name = reference.source.capitalize()
            found[name if name not in found else f"{name} {number}"] = against(case, reference.given)
    return found


def _references(chosen: Selection, session: Desk, case: Case) -> tuple[Reference, ...]:
    block = session.last.block if session.back and session.last else session.block
    known = at_desk.revealed(chosen, block)[(case.annotation_id, case.question)]
    return (*use_case.beside(data.workspace(), chosen.project, case).settled, *known.references)


def _which(titles: list[str], key: str) -> str:
    if len(titles) < 2:
        return titles[0] if titles else ""
    return show.pick("Compare the answer with", titles, key)


def _decide(chosen: Selection, session: Desk, form: Form, policy: ReviewPolicy) -> None:
    """The verdicts; the one that is changed is marked."""
    now = form.earlier["verdict"] if form.earlier else "accept"
    if form.earlier:
        st.info(
            f"You look back at your last verdict: {now}. Another one takes its place; both stay on the record.",
            icon=":material/history:",
        )
    with st.container(horizontal=True, key="desk-verdicts"):
        for label, decision, letter, icon in VERDICTS:
            st.button(
                label,
                key=f"review-{decision}",
                icon=icon,
                shortcut=session.letter(letter),
                type="primary" if decision == now else "secondary",
                on_click=_record,
                args=(chosen, form, decision, policy.idle_seconds),
            )
        st.button(
            "Back to the queue" if form.earlier else "Next",
            key="review-next",
            icon=":material/skip_next:",
            shortcut=session.letter("n"),
            on_click=_next,
            args=(chosen, form),
        )
        if not form.earlier and data.workspace().actor.tier(chosen.project) != TIERS[-1]:
            st.button(
                "Send up",
                key="review-up",
                icon=":material/arrow_upward:",
                shortcut=session.letter("e"),
                help="Leave it to a senior or a lead; say why in the comment.",
                on_click=_send_up,
                args=(chosen, form),
            )
        _undo_keys(chosen, session)


def _send_up(chosen: Selection, form: Form) -> None:
    """Leave this answer to the tier above."""
    session = desk_state.desk(chosen.project)
    try:
        said = use_queue.send_up(
            data.workspace(),
            chosen.project,
            form.case.annotation_id,
            form.case.question,
            form.state("comment") or "",
        )
        st.toast(show.plain(said))
    except QcError as error:
        session.refused = str(error)


def _record(chosen: Selection, form: Form, decision: str, idle: float) -> None:
    """Record the verdict on the answer on the screen, or another one in place of the last."""
    session = desk_state.desk(chosen.project)
    session.clock = session.clock.now(time.monotonic(), idle)
    said = form.said(decision, round(session.clock.worked, 1))
    try:
        if form.earlier is not None and session.last is not None:
            last = session.last
            revision = verdict.revise(
                data.workspace(), chosen.project, last.review_id, said, data.actor(), last.revision
            )
            session.revised(revision, said)
            return
        if not at_desk.hold(chosen, form.case.item_id):
            session.refused = "This item was yours for too long, and somebody else has taken it: nothing was recorded."
            return
        outcome = verdict.record(data.workspace(), chosen.project, [said], data.actor())
    except QcError as error:
        session.refused = str(error)
        return
    if outcome.refused:
        session.refused = f"The verdict was not recorded: {outcome.refused[0][1]}."
        return
    key = (form.case.annotation_id, form.case.question)
    session.recorded(Verdict(outcome.ids[0], 1, key, said, session.block))


def _next(chosen: Selection, form: Form) -> None:
    """Leave this answer for later, or return from the last one."""
    session = desk_state.desk(chosen.project)
    if session.back:
        session.back = False
    else:
        session.skip((form.case.annotation_id, form.case.question))


def _undo(chosen: Selection) -> None:
    """Take the last verdict back; its answer waits again."""
    session = desk_state.desk(chosen.project)
    if session.last is None:
        return
    try:
        verdict.undo(data.workspace(), chosen.project, session.last.review_id, data.actor())
    except QcError as error:
        session.refused = str(error)
        return
    session.undone()


def _look_back(chosen: Selection) -> None:
    """Show the last answer judged, with all that is known of it."""
    session = desk_state.desk(chosen.project)
    session.back = session.last is not None


def _undo_keys(chosen: Selection, session: Desk) -> None:
    """What can be done about the last verdict."""
    if session.last is None:
        return
    for words, name, letter, icon, act in (
        ("Undo", "undo", "u", ":material/undo:", _undo),
        ("Look back", "back", "b", ":material/history:", _look_back),
    ):
        if not (session.back and act is _look_back):
            st.button(
                words, key=f"review-{name}", icon=icon, shortcut=session.letter(letter), on_click=act, args=(chosen,)
            )


def _told(chosen: Selection, last: Verdict) -> str:
    """A short line about the answer that was judged last."""
    case = at_desk.cases(chosen, last.block)[last.key]
    known = at_desk.revealed(chosen, last.block)[last.key]
    others = use_case.beside(data.workspace(), chosen.project, case)
    given = f" in {known.seconds:.0f} s" if known.seconds is not None else ""
    references = (*others.settled, *known.references)
    sure = f" ({known.score:.2f} sure)" if known.score is not None else ""
    parts = [
        f"Last: {last.said['verdict']} on {case.item_id}",
        f"by {known.annotator}{given}",
        f"{known.model} said {known.predicted}{sure}" if known.model and known.predicted else "",
        "; ".join(f"{reference.source} {_short(reference)}" for reference in references),
        "; ".join(f"{who} found {found}" for who, found in others.verdicts),
    ]
    return " · ".join(filter(None, parts))


def _short(reference: Reference) -> str:
    """What is known to be right, in a word or a number of objects."""
    given = reference.given
    return several(len(objects(given.regions)), "object") if given.regions else str(given.label)
