"""What people decide about alerts and review levels; each is one press, and an error is one sentence on the page.

seen: the revision of what was shown when the press was offered; what others have changed since is left as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime, timedelta
from typing import Final

import streamlit as st

from dashboard import data, show
from dashboard.data import Selection
from qc.model import ConflictError, QcError
from qc.workspace import check, levels, recheck

_ERROR: Final = "decision-error"
_DONE: Final = "decision-done"


def outcome() -> None:
    """Say what became of the last press."""
    if error := st.session_state.pop(_ERROR, None):
        show.failed(error)
    if done := st.session_state.pop(_DONE, None):
        st.toast(show.plain(done), icon=":material/check:")


@contextmanager
def _pressed(done: str) -> Iterator[None]:
    try:
        yield
        st.session_state[_DONE] = done
    except QcError as error:
        st.session_state[_ERROR] = error


def run_check(chosen: Selection) -> None:
    """Evaluate the rules now."""
    with _pressed("Checked: alerts and review levels are up to date."):
        check.run(data.workspace(), chosen.project, actor=data.actor())


def acknowledge(chosen: Selection, alert_id: str, seen: int) -> None:
    """Somebody has seen it, and says what is done about it."""
    with _pressed("Acknowledged."):
        said = _typed(f"comment-{alert_id}")
        check.acknowledge(data.workspace(), chosen.project, alert_id, data.actor(), said, seen)


def resolve(chosen: Selection, alert_id: str, seen: int) -> None:
    """Close an alert by hand."""
    with _pressed("Resolved: it stays quiet for the cool-down of the policy."):
        check.resolve(data.workspace(), chosen.project, alert_id, data.actor(), _typed(f"resolve-{alert_id}"), seen)


def snooze(chosen: Selection, alert_id: str, seen: int) -> None:
    """Let an alert sleep for some days."""
    days = int(st.session_state[f"snooze-{alert_id}"])
    until = datetime.now(UTC) + timedelta(days=days)
    with _pressed(f"It sleeps until {until:%Y-%m-%d %H:%M} UTC."):
        check.snooze(data.workspace(), chosen.project, alert_id, until, data.actor(), expected=seen)


def wake(chosen: Selection, alert_id: str, seen: int) -> None:
    """End its sleep."""
    with _pressed("It is awake again."):
        check.wake(data.workspace(), chosen.project, alert_id, data.actor(), seen)


def assign(chosen: Selection, alert_id: str, seen: int) -> None:
    """Say who looks after it."""
    owner = _typed(f"owner-{alert_id}")
    with _pressed(f"{owner} looks after it." if owner else "Nobody looks after it."):
        check.assign(data.workspace(), chosen.project, alert_id, owner, data.actor(), seen)


def comment(chosen: Selection, alert_id: str) -> None:
    """Add to what was said."""
    with _pressed("Written down."):
        check.comment(data.workspace(), chosen.project, alert_id, _typed(f"say-{alert_id}"), data.actor())
        st.session_state[f"say-{alert_id}"] = ""


def approve(
    chosen: Selection, kind: str, key: str, proposed: str, seen: int, alert: tuple[str, int] | None = None
) -> None:
    """Put the proposed level in force; the alert that asked for it (its id and revision) is then acknowledged."""
    with _pressed(f"Review of {key} is {proposed} from the next sample on."):
        levels.approve(data.workspace(), chosen.project, kind, key, data.actor(), proposed, seen)
        # What somebody has done about the alert meanwhile stands.
        with suppress(ConflictError):
            if alert is not None:
                said = f"Approved: review is {proposed}."
                check.acknowledge(data.workspace(), chosen.project, alert[0], data.actor(), said, alert[1])


def override(chosen: Selection, kind: str, place: str, seen: Mapping[str, int]) -> None:
    """Set a level by hand, with a reason; what was chosen stands in the boxes of `place`. seen: by key."""
    state = st.session_state
    key, level, why = state[f"{place}-who"], state[f"{place}-to"], state[f"{place}-why"]
    with _pressed(f"Review of {key} is {level} from the next sample on."):
        levels.override(data.workspace(), chosen.project, key, level, why, data.actor(), kind, seen[key])


def undo(chosen: Selection, kind: str, key: str, place: str, seen: int) -> None:
    """Take back the latest change of a level, with a reason."""
    with _pressed(f"The latest change of {key} is undone."):
        levels.undo(data.workspace(), chosen.project, kind, key, _typed(f"{place}-undo"), data.actor(), seen)


def look_again(chosen: Selection, who: str, since: date | None) -> None:
    """Queue what somebody answered since a day and nobody looked at."""
    with _pressed("Queued: it waits on the page Review."):
        recheck.draw_again(data.workspace(), chosen.project, who, since, data.actor())


def _typed(key: str) -> str:
    return str(st.session_state.get(key) or "").strip()
