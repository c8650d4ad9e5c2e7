"""The queue as the desk shows it: how far it is, what remains, and why an answer is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import streamlit as st

from dashboard import show
from dashboard.desk_state import Desk
from qc.figures import duration, several
from qc.model import TIERS
from qc.workspace.queue import Place, Standing

MOST_LISTED: Final = 200
OUTSIDE: Final = "What another reviewer has before them is passed over at the desk."
OTHERS: Final = "An item is before one person; it is let go when they leave, or when its time is over."
OTHERS_HAVE_IT: Final = "They come back when their reviewers leave, or do nothing for {}."


def standing(session: Desk, now: Standing) -> None:
    """What is done and waits, and how long that takes at the present pace."""
    st.title("Review", anchor=False)
    left = f"{now.hours:.1f} hours" if now.hours >= 1 else several(max(round(now.hours * 60), 1), "minute")
    pace = f"{now.seconds:.0f} s each"
    pace = f"at your pace: {pace}, the middle of your latest {now.timed}" if now.timed else f"at {pace}"
    text = f"{session.done:,} recorded in this session, {now.waiting:,} waiting"
    done = session.done / max(session.done + now.waiting, 1)
    st.progress(done, f"{text}, about {left} {pace}" if now.waiting else text)
    if told := _parts(now):
        st.caption(" · ".join(told))


def _parts(now: Standing) -> list[str]:
    parts = (
        (now.went_up, f"{now.went_up:,} went up, to be judged first"),
        (now.expert, f"{now.expert:,} for your expertise"),
        (now.overdue, f"{now.overdue:,} waiting for more than {several(now.due_days, 'day')}"),
        (now.held, f"{several(now.held, 'item')} before others now"),
    )
    return [words for number, words in parts if number]


def nothing(waiting: int, minutes: float) -> None:
    """Why there is nothing to judge."""
    if waiting:
        show.nothing(
            f"Others have what waits before them: {several(waiting, 'answer')}.",
            OTHERS_HAVE_IT.format(several(round(minutes), "minute")),
        )
        return
    show.nothing("Nothing waits for review.", "Draw a sample on the page Spot checks.")


def why(place: Place) -> None:
    """Why an answer is not just the next one of its draw; what others found is told after the verdict."""
    if place.went_up:
        up = place.tier != TIERS[0]
        words = f"This answer went up: a {place.tier} decides." if up else "Somebody asks for a look at this answer."
        st.info(show.plain(words), icon=":material/arrow_upward:" if up else ":material/flag:")
    elif place.tier != TIERS[0]:
        st.info(show.plain(f"The project leaves answers like this one to a {place.tier}."), icon=":material/shield:")


def listed(waiting: Sequence[Place], held: Sequence[Mapping[str, Any]], reader: str) -> None:
    """What comes next at the reader's desk, and what others have before them; nothing tells who gave an answer."""
    rows = [
        {
            "place": number,
            "item": place.item_id,
            "question": place.question,
            "because": _because(place, reader),
            "for a": place.tier,
            "drawn": place.drawn_at,
        }
        for number, place in enumerate(waiting[:MOST_LISTED], 1)
    ]
    if rows:
        note = f"The first {MOST_LISTED} of {len(waiting):,}." if len(waiting) > MOST_LISTED else ""
        show.table("Next at your desk", rows, key="queue-next", note=f"{note} {OUTSIDE}".strip())
    if held:
        show.table("Before people now", held, key="queue-held", note=OTHERS)


def _because(place: Place, reader: str) -> str:
    if place.went_up:
        return "it went up" if place.tier != TIERS[0] else "somebody doubts it"
    return "your expertise" if reader in place.experts else "it was drawn"


def times(rows: list[dict[str, Any]]) -> None:
    """How long answers take on their way."""
    show.table(
        "From submission to resolution",
        [
            {
                "step": row["step"],
                "time": None if row["seconds"]["value"] is None else duration(row["seconds"]["value"]),
                "between": _between(row["seconds"]),
                "answers": row["seconds"]["n"],
                "hours": _in_hours(row["seconds"]["value"]),
            }
            for row in rows
        ],
        key="queue-times",
        note="The middle answer of all that took both steps, with an interval from 95 % ranks. Resolved is an answer "
        "with the final call on its item, or with every opinion that its draw wants.",
    )


def _between(e: Mapping[str, Any]) -> str | None:
    if e["low"] is None or e["high"] is None:
        return None
    return f"{duration(e['low'])} to {duration(e['high'])}"


def _in_hours(seconds: float | None) -> float | None:
    return None if seconds is None else seconds / 3600
