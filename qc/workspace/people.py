"""Who is what: roles and expertise granted, revoked and listed."""

from __future__ import annotations

from typing import Any

from qc import access
from qc.access import allowed
from qc.model import InputError, NotFoundError
from qc.store.escalations import expertise, set_expertise
from qc.store.people import grants
from qc.workspace.opening import Workspace
from qc.workspace.queue.places import SUBJECTS


@allowed("people")
def roles(ws: Workspace, project: str | None = None) -> list[dict[str, Any]]:
    """person, role, project, annotator, actor, reason, at of the roles in force, of a project or of all."""
    rows = [row for row in grants(ws.store) if project is None or row["project"] in (None, project)]
    columns = ("person", "role", "project", "annotator", "actor", "reason", "at")
    return [{name: row[name] for name in columns} for row in rows]


@allowed("people")
def grant(
    ws: Workspace, project: str | None, name: str, role: str, reason: str = "", annotator: str | None = None
) -> str:
    """Give somebody a role in a project, or everywhere where none is named; returns the sentence that says so."""
    access.grant(ws.store, name, role, project, ws.actor.name, reason, annotator)
    called = f", called {annotator} in the exports" if annotator else ""
    return f"{access.person(name)} is now {role} {_where(project)}{called}."


@allowed("people")
def revoke(ws: Workspace, project: str | None, name: str, role: str, reason: str = "") -> str:
    """Take a role; it ends with the person's next click. Returns the sentence that says so."""
    access.revoke(ws.store, name, role, project, ws.actor.name, reason)
    return f"{access.person(name)} is no longer {role} {_where(project)}."


@allowed("people")
def experts(ws: Workspace, project: str) -> list[dict[str, Any]]:
    """person, kind (of SUBJECTS), key, actor, reason, at of the expertise in force."""
    return expertise(ws.store, project)


@allowed("people")
def name_expert(ws: Workspace, project: str, name: str, kind: str, key: str, reason: str = "") -> str:
    """Make somebody an expert of a question, label, batch or site: what it names is offered to its experts and leads.

    Returns the sentence that says so.
    """
    if kind not in SUBJECTS or not key.strip():
        raise InputError(f"Name what somebody is an expert of: a {', '.join(SUBJECTS[:-1])} or {SUBJECTS[-1]}.")
    person = access.person(name)
    set_expertise(
        ws.store, project, person, kind, key.strip(), granted=True, actor=ws.actor.name, reason=reason.strip()
    )
    return f"{person} is now an expert of the {kind} {key.strip()}."


@allowed("people")
def end_expertise(ws: Workspace, project: str, name: str, kind: str, key: str, reason: str = "") -> str:
    """End an expertise; NotFoundError where there is none. Returns the sentence that says so."""
    person = access.person(name)
    if not any((row["person"], row["kind"], row["key"]) == (person, kind, key) for row in expertise(ws.store, project)):
        raise NotFoundError(f"{person} is no expert of the {kind} {key}; the page People shows who is.")
    set_expertise(ws.store, project, person, kind, key, granted=False, actor=ws.actor.name, reason=reason.strip())
    return f"{person} is no longer an expert of the {kind} {key}."


def _where(project: str | None) -> str:
    return f"in {project}" if project else "in all projects"
