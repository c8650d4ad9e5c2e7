"""Who is what: roles and expertise granted, revoked and listed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from qc import access
from qc.access import allowed
from qc.model import InputError, NotFoundError
from qc.store import escalations
from qc.store import people as record
from qc.workspace.opening import Workspace
from qc.workspace.queue.places import SUBJECTS


@dataclass(frozen=True, slots=True)
class Seen:
    """How far the record of roles and of expertise went when somebody looked at it."""

    roles: int
    experts: int


@allowed("people")
def seen(ws: Workspace, project: str) -> Seen:
    """What to hand to the changes below, so that nothing is changed that others have changed since."""
    return Seen(record.latest(ws.store), escalations.latest(ws.store))


@allowed("people")
def roles(ws: Workspace, project: str | None = None) -> list[dict[str, Any]]:
    """person, role, project, annotator, actor, reason, at of the roles in force, of a project or of all."""
    rows = [row for row in record.grants(ws.store) if project is None or row["project"] in (None, project)]
    columns = ("person", "role", "project", "annotator", "actor", "reason", "at")
    return [{name: row[name] for name in columns} for row in rows]


@allowed("people")
def grant(
    ws: Workspace,
    project: str | None,
    name: str,
    role: str,
    reason: str = "",
    annotator: str | None = None,
    expected: Seen | None = None,
) -> str:
    """Give somebody a role in a project, or everywhere where none is named; returns the sentence that says so.

    expected: what the actor saw; ConflictError where this role of the person was changed since.
    """
    saw = _role_seen(ws, project, name, role, expected)
    access.grant(ws.store, name, role, project, ws.actor.name, reason, annotator, saw)
    called = f", called {annotator} in the exports" if annotator else ""
    return f"{access.person(name)} is now {role} {_where(project)}{called}."


@allowed("people")
def revoke(
    ws: Workspace, project: str | None, name: str, role: str, reason: str = "", expected: Seen | None = None
) -> str:
    """Take a role; it ends with the person's next click. Returns the sentence that says so.

    expected: as in `grant`.
    """
    access.revoke(ws.store, name, role, project, ws.actor.name, reason, _role_seen(ws, project, name, role, expected))
    return f"{access.person(name)} is no longer {role} {_where(project)}."


@allowed("people")
def experts(ws: Workspace, project: str) -> list[dict[str, Any]]:
    """person, kind (of SUBJECTS), key, actor, reason, at of the expertise in force."""
    return escalations.expertise(ws.store, project)


@allowed("people")
def name_expert(
    ws: Workspace, project: str, name: str, kind: str, key: str, reason: str = "", expected: Seen | None = None
) -> str:
    """Make somebody an expert of a question, label, batch or site: what it names is offered to its experts and leads.

    Returns the sentence that says so. `expected` as in `grant`.
    """
    if kind not in SUBJECTS or not key.strip():
        raise InputError(f"Name what somebody is an expert of: a {', '.join(SUBJECTS[:-1])} or {SUBJECTS[-1]}.")
    person = access.person(name)
    _set(ws, project, person, kind, key.strip(), reason, expected, granted=True)
    return f"{person} is now an expert of the {kind} {key.strip()}."


@allowed("people")
def end_expertise(
    ws: Workspace, project: str, name: str, kind: str, key: str, reason: str = "", expected: Seen | None = None
) -> str:
    """End an expertise; NotFoundError where there is none. Returns the sentence that says so.

    expected: as in `grant`.
    """
    person = access.person(name)
    held = any((row["person"], row["kind"], row["key"]) == (person, kind, key) for row in experts(ws, project))
    if not held and expected is None:
        raise NotFoundError(f"{person} is no expert of the {kind} {key}; the page People shows who is.")
    _set(ws, project, person, kind, key, reason, expected, granted=False)
    return f"{person} is no longer an expert of the {kind} {key}."


def _role_seen(ws: Workspace, project: str | None, name: str, role: str, expected: Seen | None) -> int | None:
    if expected is None:
        return None
    return record.as_seen(ws.store, access.person(name), project, role, expected.roles)


def _set(
    ws: Workspace, project: str, person: str, kind: str, key: str, reason: str, expected: Seen | None, *, granted: bool
) -> None:
    saw = None if expected is None else escalations.as_seen(ws.store, project, person, kind, key, expected.experts)
    escalations.set_expertise(
        ws.store,
        project,
        person,
        kind,
        key,
        granted=granted,
        actor=ws.actor.name,
        reason=reason.strip(),
        expected=saw,
    )


def _where(project: str | None) -> str:
    return f"in {project}" if project else "in all projects"
