"""What a reviewer has before them: the answer on the screen, what they skipped, their last verdict and their time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import streamlit as st

from qc.workspace.media import Picture

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Clock:
    """Seconds at work on one answer, as of a moment of the process's own clock."""

    at: float
    worked: float = 0.0

    def now(self, at: float, idle: float, hidden: float = 0.0) -> Clock:
        """The clock later on, without the time out of sight; a pause of more than `idle` seconds counts as so long."""
        return Clock(at, self.worked + min(max(at - self.at - hidden, 0.0), idle))


@dataclass(frozen=True, slots=True)
class Verdict:
    """A verdict that was recorded from here: its id and revision, its answer, what it said.

    block: the answers that were looked up together with its own.
    """

    review_id: str
    revision: int
    key: Key
    said: dict[str, Any]
    block: tuple[Key, ...]


@dataclass
class Desk:
    """The session of one reviewer in one project."""

    done: int = 0
    skipped: list[Key] = field(default_factory=list)
    block: tuple[Key, ...] = ()
    shown: Key | None = None
    first: Key | None = None
    clock: Clock = Clock(0.0)
    last: Verdict | None = None
    back: bool = False
    writing: bool = False
    refused: str | None = None
    media: tuple[Key, Picture | None, Path | None] | None = None

    def ordered(self, waiting: Sequence[Key]) -> list[Key]:
        """What waits: what is on the screen stays there, then its order, what was skipped at the end."""
        later = [key for key in self.skipped if key in set(waiting)]
        ordered = [key for key in waiting if key not in set(later)] + later
        return sorted(ordered, key=lambda key: key != self.first)

    def letter(self, key: str) -> str | None:
        """The key of a button; none while a comment is written, whose letters are no keys."""
        return None if self.writing else key

    def write(self) -> None:
        """Begin a comment."""
        self.writing = True

    def written(self) -> None:
        """End it."""
        self.writing = False

    def show(self, key: Key, at: float, idle: float) -> None:
        """Put an answer on the screen, or leave it there: its clock starts, or goes on."""
        self.clock = self.clock.now(at, idle) if self.shown == key else Clock(at)
        self.shown = self.first = key

    def skip(self, key: Key) -> None:
        """Leave an answer for later."""
        self.skipped = [*(other for other in self.skipped if other != key), key]
        self.first = None

    def recorded(self, verdict: Verdict) -> None:
        """A new verdict is on the record."""
        self.done += 1
        self.last = verdict

    def revised(self, revision: int, said: dict[str, Any]) -> None:
        """The last verdict was changed."""
        if self.last is not None:
            self.last = replace(self.last, revision=revision, said=said)
        self.back = False

    def undone(self) -> None:
        """The last verdict was taken back; its answer is shown again."""
        self.first = self.last.key if self.last else None
        self.done, self.last, self.back = max(self.done - 1, 0), None, False


def desk(project: str) -> Desk:
    """The reviewer's session in a project; a reload of the page begins a new one."""
    found: Desk = st.session_state.setdefault(f"desk:{project}", Desk())
    return found
