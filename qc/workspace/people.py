"""Who is what: roles granted, revoked and listed."""

from __future__ import annotations

from typing import Any

from qc import access
from qc.access import allowed
from qc.store.people import grants
from qc.workspace.opening import Workspace


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


def _where(project: str | None) -> str:
    return f"in {project}" if project else "in all projects"
