"""From every change of a subject's level to the one in force, and from when on judgements count."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

# Where a change of level came from.
POLICY, APPROVED, OVERRIDE, UNDO = "policy", "approved", "override", "undo"
ORIGINS: Final = (POLICY, APPROVED, OVERRIDE, UNDO)


@dataclass(frozen=True, slots=True)
class InForce:
    """A subject's level: who set it when, where that came from and why.

    Judgements after `counts_from` count towards the next change, all of them where it is None. `undoable` is False
    for what everybody begins with. `revision` counts the changes.
    """

    level: str = "normal"
    since: datetime | None = None
    counts_from: datetime | None = None
    actor: str | None = None
    origin: str | None = None
    reason: str | None = None
    undoable: bool = False
    revision: int = 0


def in_force(changes: Sequence[Mapping[str, Any]]) -> InForce:
    """What holds after the changes of one subject, oldest first (level, origin, actor, reason, at).

    An undo takes back the latest change that still stood, and restores the level before it. Where a person had
    overridden the level, judgements count again as before that; where the evidence had changed it, they count from
    the undo on, because the same evidence would ask for the same change again.
    """
    standing: list[tuple[str, datetime | None, str]] = [("normal", None, POLICY)]
    last: Mapping[str, Any] | None = None
    for change in changes:
        last = change
        if change["origin"] != UNDO:
            standing.append((change["level"], change["at"], change["origin"]))
            continue
        _, _, undone = standing.pop() if len(standing) > 1 else standing[0]
        if undone != OVERRIDE:
            level, _, origin = standing.pop()
            standing.append((level, change["at"], origin))
    if last is None:
        return InForce()
    level, counts_from, _ = standing[-1]
    return InForce(
        level,
        last["at"],
        counts_from,
        last["actor"],
        last["origin"],
        last["reason"],
        undoable=len(standing) > 1,
        revision=len(changes),
    )


def level_before(changes: Iterable[Mapping[str, Any]]) -> str | None:
    """The level that an undo would restore; None where nothing is left to undo."""
    standing = ["normal"]
    for change in changes:
        if change["origin"] != UNDO:
            standing.append(change["level"])
        elif len(standing) > 1:
            standing.pop()
    return standing[-2] if len(standing) > 1 else None
