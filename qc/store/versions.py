"""Optimistic versions: who edits what somebody else has changed in the meantime is told so, and nothing is lost."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from qc.model import ConflictError

_STEPS: Final = ((86_400, "a day", "days"), (3_600, "an hour", "hours"), (60, "a minute", "minutes"))


def unchanged(what: str, expected: int | None, current: Mapping[Any, Any] | None, now: datetime) -> None:
    """ConflictError where the row in force is not the revision that its editor saw.

    expected: 0 where nothing stood there, None where the editor did not look; current: `revision`, `actor` and `at` of
    what is in force.
    """
    revision = current["revision"] if current is not None else 0
    if expected is None or expected == revision:
        return
    if current is None:
        raise ConflictError(f"{what} was taken back in the meantime: look again.")
    raise ConflictError(f"{what} was changed by {current['actor']} {ago(now - current['at'])}: look again.")


def ago(past: timedelta) -> str:
    """How long ago something was, roughly.

    >>> ago(timedelta(seconds=20)), ago(timedelta(hours=5))
    ('a minute ago', '5 hours ago')
    """
    for size, one, several in _STEPS:
        if n := int(past.total_seconds() // size):
            return f"{n} {several} ago" if n > 1 else f"{one} ago"
    return "a minute ago"
