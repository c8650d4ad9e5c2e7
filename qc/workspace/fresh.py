"""How fresh the data are that a reader sees, and whether there are newer ones; cheap enough to ask often."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from qc.access import allowed
from qc.store.imports import last_read
from qc.workspace.opening import Workspace


@dataclass(frozen=True, slots=True)
class Fresh:
    """The state of a project: `version` of its figures, `mark` that any change moves, and when data were last read."""

    version: str
    mark: str
    read_at: datetime | None
    changed_at: datetime | None

    def since(self, now: datetime) -> str:
        """How long ago data were read, in words.

        >>> from datetime import UTC, timedelta
        >>> then = datetime(2026, 3, 1, tzinfo=UTC)
        >>> Fresh("1/1", "1/1/0", then, then).since(then + timedelta(minutes=3, seconds=20))
        '3 minutes ago'
        """
        return "never" if self.read_at is None else ago((now - self.read_at).total_seconds())


def ago(seconds: float) -> str:
    """A time in the past as people say it.

    >>> ago(5), ago(60), ago(7200), ago(86_400 * 3)
    ('just now', '1 minute ago', '2 hours ago', '3 days ago')
    """
    for length, word in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= length:
            n = int(seconds // length)
            return f"{n:,} {word} ago" if n == 1 else f"{n:,} {word}s ago"
    return "just now"


@allowed("team")
def fresh(ws: Workspace, project: str) -> Fresh:
    """The state of a project now; NotFoundError where it is gone."""
    version = ws.data_version(project)
    alerts = ws.store.revisions(project)["alerts"]
    return Fresh(version, f"{version}/{alerts}", last_read(ws.store, project), ws.store.as_of(project))
