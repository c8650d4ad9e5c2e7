"""Which part of a project a figure speaks of."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True)
class Scope:
    """A filter on answers; an empty tuple or None filters nothing.

    `since` is inclusive and `until` exclusive, both on the day of `submitted_at` in the project's time zone.
    """

    question: str | None = None
    since: date | None = None
    until: date | None = None
    batches: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    annotators: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As the assessment shows it."""
        data = asdict(self)
        data["since"] = self.since.isoformat() if self.since else None
        data["until"] = self.until.isoformat() if self.until else None
        return {key: list(value) if isinstance(value, tuple) else value for key, value in data.items()}


EVERYTHING = Scope()
