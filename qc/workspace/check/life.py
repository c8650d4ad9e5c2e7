"""What people do with alerts and levels: acknowledge, resolve, let sleep, hand over, talk about, decide."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from qc.access import allowed
from qc.model import LEVELS, InputError, NotFoundError
from qc.store import alerts as record
from qc.workspace import assess
from qc.workspace.levels import override
from qc.workspace.opening import Workspace

LONGEST_COMMENT = 2_000


@allowed("acknowledge")
def acknowledge(
    ws: Workspace, project: str, alert_id: str, actor: str, comment: str | None = None, expected: int | None = None
) -> None:
    """Somebody has seen it and deals with it: it no longer fails a check.

    expected: the `revision` of the alert that the actor saw; ConflictError where somebody has changed it since.
    """
    record.move_alert(ws.store, project, alert_id, "acknowledged", actor, _said(comment), expected)


@allowed("acknowledge")
def resolve(
    ws: Workspace, project: str, alert_id: str, actor: str, comment: str | None = None, expected: int | None = None
) -> None:
    """Close an alert by hand; it stays quiet for the cool-down of the policy. `expected` as in `acknowledge`."""
    record.move_alert(ws.store, project, alert_id, "resolved", actor, _said(comment), expected)


@allowed("acknowledge")
def snooze(
    ws: Workspace,
    project: str,
    alert_id: str,
    until: datetime,
    actor: str,
    comment: str | None = None,
    expected: int | None = None,
) -> None:
    """Let an alert sleep: until then it fails no check and is sent nowhere, though its rule goes on.

    expected: as in `acknowledge`.
    """
    if until.tzinfo is None or until <= datetime.now(UTC):
        raise InputError("An alert sleeps until a time in the future, with its time zone; choose a later one.")
    record.snooze_alert(ws.store, project, alert_id, until, actor, _said(comment), expected)


@allowed("acknowledge")
def wake(ws: Workspace, project: str, alert_id: str, actor: str, expected: int | None = None) -> None:
    """End the sleep of an alert. `expected` as in `acknowledge`."""
    record.snooze_alert(ws.store, project, alert_id, None, actor, None, expected)


@allowed("acknowledge")
def assign(
    ws: Workspace, project: str, alert_id: str, owner: str | None, actor: str, expected: int | None = None
) -> None:
    """Say who looks after an alert; None for nobody. `expected` as in `acknowledge`."""
    name = (owner or "").strip()
    if len(name) > 254 or not name.isprintable():
        raise InputError("An owner is a name or an e-mail address of at most 254 characters.")
    record.assign_alert(ws.store, project, alert_id, name or None, actor, expected)


@allowed("acknowledge")
def comment(ws: Workspace, project: str, alert_id: str, text: str, actor: str) -> None:
    """Say something about an alert; it stays on the record."""
    said = _said(text)
    if said is None:
        raise InputError("Write what there is to say; the comment stays on the record.")
    record.comment_alert(ws.store, project, alert_id, said, actor)


@allowed("individuals")
def comments(ws: Workspace, project: str, alert_id: str) -> list[dict[str, Any]]:
    """What was said about an alert, oldest first: seq, actor, at, text."""
    return record.comments(ws.store, project, alert_id)


@allowed("levels")
def set_level(ws: Workspace, project: str, annotator: str, level: str, reason: str, actor: str) -> None:
    """A lead's own decision on a level; it needs a reason."""
    if level not in LEVELS:
        raise InputError(f"There is no level {level!r}; use one of {', '.join(LEVELS)}.")
    if not reason.strip():
        raise InputError("Say why the level changes; the reason stays on the record.")
    if annotator not in {row["annotator"] for row in assess.section(ws, project, "annotators")}:
        raise NotFoundError(f"There is no annotator {annotator!r} in this project.")
    override(ws, project, annotator, level, reason.strip(), actor)


def _said(text: str | None) -> str | None:
    said = (text or "").strip()
    if len(said) > LONGEST_COMMENT:
        raise InputError(f"A comment has at most {LONGEST_COMMENT:,} characters; say it more briefly.")
    return said or None
