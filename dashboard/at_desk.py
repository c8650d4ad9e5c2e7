"""What the review desk asks for: the queue, what this window holds of it, and the cases to decide."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import uuid4

import streamlit as st

from dashboard.data import Selection, in_hands, read, read_here, workspace, workspace_path
from qc.access import authorize
from qc.workspace import Workspace, desk
from qc.workspace import queue as the_queue
from qc.workspace.desk import Case, Revealed
from qc.workspace.queue import Place, Standing

T = TypeVar("T")


@dataclass(frozen=True)
class Window:
    """One browser tab, as the queue knows it: what it holds is let go when it is closed."""

    ws: Workspace
    name: str = field(default_factory=lambda: uuid4().hex)
    projects: set[str] = field(default_factory=set)

    def leave(self) -> None:
        """Let go of everything."""
        for project in sorted(self.projects):
            the_queue.leave(self.ws, project, self.name)
        self.projects.clear()


@st.cache_resource(scope="session", show_spinner=False, on_release=Window.leave)
def _window(path: str) -> Window:
    return Window(in_hands(path, ("reviewer",)))


def leave_desk() -> None:
    """Let go of what the reader has before them, because they look at something else."""
    _window(workspace_path()).leave()


def queue(chosen: Selection) -> list[Place]:
    """What waits for the reader's verdict, in the order in which it is offered.

    Read from the record each time: the next answer comes from here and from nowhere else.
    """
    return the_queue.waiting(workspace(), chosen.project)


def claimed(chosen: Selection, wanted: list[Place]) -> tuple[str, str] | None:
    """The first of some answers that nobody else has before them, kept for this window."""
    window = _window(workspace_path())
    window.projects.add(chosen.project)
    return the_queue.claim(workspace(), chosen.project, window.name, wanted)


def hold(chosen: Selection, item_id: str) -> bool:
    """Whether an item is still this window's."""
    return the_queue.hold(workspace(), chosen.project, _window(workspace_path()).name, item_id)


def standing(chosen: Selection, waiting: list[Place]) -> Standing:
    """How the queue stands for the reader, for whom so much waits."""
    window = _window(workspace_path())
    return the_queue.standing(workspace(), chosen.project, waiting, datetime.now(UTC), window.name)


def before_people(chosen: Selection) -> list[dict[str, Any]]:
    """Which items somebody has before them now."""
    return the_queue.before_people(workspace(), chosen.project, datetime.now(UTC))


def times(chosen: Selection) -> list[dict[str, Any]]:
    """How long answers take on their way through the queue."""
    return read_here(chosen, the_queue.times)


def _for_reviewers(chosen: Selection, use_case: Callable[..., T], *asked: Any) -> T:
    """What the desk shows, which no verdict changes: asking after each would make the desk wait."""
    opened = workspace()
    authorize(opened.actor, "review", chosen.project)
    return read(chosen.project, opened.facts_version(chosen.project), use_case, *asked)


def cases(chosen: Selection, keys: tuple[tuple[str, str], ...]) -> dict[tuple[str, str], Case]:
    """The answers with these ids and questions, and their items, as reviewers see them."""
    return _for_reviewers(chosen, desk.cases, keys)


def revealed(chosen: Selection, keys: tuple[tuple[str, str], ...]) -> dict[tuple[str, str], Revealed]:
    """Who gave these answers, and what is known to be right: for who has decided."""
    return _for_reviewers(chosen, desk.revealed, keys)
